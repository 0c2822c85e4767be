//! The machine: what it is, and what it can do at best.

use super::measure::{Samples, repeat};
use anyhow::{Context, Result};
use rayon::ThreadPool;
use serde::Serialize;
use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant, SystemTime};
use tensor::kernels::ceiling::{STATE, multiply_adds, sum};
use tensor::kernels::isa::isa;
use xtask::host::{cpu, date};

/// What a run's numbers depend on.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Machine {
    pub(crate) cpu: String,
    pub(crate) processors: usize,
    pub(crate) threads: usize,
    pub(crate) isa: String,
    pub(crate) rustc: String,
    pub(crate) version: &'static str,
    pub(crate) date: String,
    /// How many programs wanted to run in the minute before: above 0 means a disturbed run.
    pub(crate) load: Option<f64>,
    pub(crate) one: Ceilings,
    pub(crate) all: Ceilings,
}

/// What some threads together can do at best.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Ceilings {
    pub(crate) threads: usize,
    /// Multiply-adds of f32 with the instruction set in use, 10⁹ floating-point operations a
    /// second.
    pub(crate) peak_gflops: f64,
    /// Reading from memory, 10⁹ bytes a second.
    pub(crate) read_gb_per_s: f64,
    /// Copying from memory to memory, 10⁹ bytes read and as many written a second count once.
    pub(crate) copy_gb_per_s: f64,
}

impl Machine {
    pub(crate) fn measure(threads: usize, quick: bool) -> Result<Self> {
        let load = std::fs::read_to_string("/proc/loadavg").ok();
        let one = Ceilings::measure(1, quick)?;
        let all = if threads == 1 { one.clone() } else { Ceilings::measure(threads, quick)? };
        Ok(Machine {
            cpu: cpu(),
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            threads,
            isa: isa().to_string(),
            rustc: first_line("rustc", &["--version"]).unwrap_or_else(|| "unknown".to_owned()),
            version: env!("CARGO_PKG_VERSION"),
            date: date(SystemTime::now()),
            load: load.and_then(|load| load.split(' ').next()?.parse().ok()),
            one,
            all,
        })
    }

    /// The measured peak of this many threads, one or all.
    pub(crate) fn peak_gflops(&self, threads: usize) -> f64 {
        if threads == 1 { self.one.peak_gflops } else { self.all.peak_gflops }
    }
}

impl Ceilings {
    fn measure(threads: usize, quick: bool) -> Result<Self> {
        let pool = pool(threads)?;
        // Larger than any cache.
        let numbers = if quick { 16 << 20 } else { 64 << 20 };
        let budget = Duration::from_millis(if quick { 100 } else { 600 });
        let from: Vec<f32> = vec![1.0; numbers];
        let mut to: Vec<f32> = vec![2.0; numbers];
        let bytes = size_of_val(&*from) as f64;
        let share = numbers.div_ceil(threads);
        let read = repeat(budget, &mut || {
            pool.scope(|scope| {
                for part in from.chunks(share) {
                    scope.spawn(|_| {
                        black_box(sum(isa(), part));
                    });
                }
            });
            Ok(())
        })?;
        let copy = repeat(budget, &mut || {
            pool.scope(|scope| {
                for (from, to) in from.chunks(share).zip(to.chunks_mut(share)) {
                    scope.spawn(|_| to.copy_from_slice(from));
                }
            });
            Ok(())
        })?;
        Ok(Ceilings {
            threads,
            peak_gflops: peak(&pool, budget),
            read_gb_per_s: bytes / read.min() / 1e9,
            copy_gb_per_s: bytes / copy.min() / 1e9,
        })
    }
}

/// The sum over the threads of the pool, in the best of many short stretches of time.
fn peak(pool: &ThreadPool, budget: Duration) -> f64 {
    const ROUNDS: usize = 100_000;
    let start = Instant::now();
    let mut best = 0.0_f64;
    while start.elapsed() < budget {
        let seconds = pool.broadcast(|_| {
            let mut state = [6.0; STATE];
            let turns: Samples = (0..10)
                .map(|_| {
                    let turn = Instant::now();
                    multiply_adds(isa(), ROUNDS, black_box(&mut state));
                    turn.elapsed().as_secs_f64()
                })
                .collect();
            turns.min()
        });
        let flops = 2.0 * STATE as f64 * ROUNDS as f64;
        best = best.max(seconds.iter().map(|seconds| flops / seconds / 1e9).sum());
    }
    best
}

/// A pool to run work in.
pub(crate) fn pool(threads: usize) -> Result<ThreadPool> {
    let builder = rayon::ThreadPoolBuilder::new().num_threads(threads);
    builder.build().with_context(|| format!("{threads} threads cannot be started"))
}

/// The first line that a program prints.
pub(crate) fn first_line(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok().filter(|_| output.status.success())?;
    text.lines().next().map(str::to_owned)
}
