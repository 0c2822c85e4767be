//! `cargo xtask bench`: what this machine can do, and how much of it is reached.

mod files;
mod flops;
mod inference;
mod kernels;
mod large;
mod lenet;
mod machine;
mod measure;
mod peers;
mod pieces;
mod process;
mod report;
mod training;
mod whole;

use anyhow::{Result, ensure};
use lenet::Data;
use machine::Machine;
use peers::{Comparison, Peer};
use report::{Report, number};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use xtask::output::{counted, note, result};
use xtask::train_lenet::count;

/// Measure the kernels, training, inference and larger layers on this machine.
///
/// Everything is given as a share of what the machine can do at best, which is measured first:
/// multiply-adds per second, with the instruction set in use. Alternatives that are compared take
/// turns. Medians say what to expect, best times what is possible.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo xtask bench
  cargo xtask bench --quick --only lenet5_train_step,conv64
  cargo xtask bench --json bench.json --markdown README.md README.zh-CN.md
  cargo xtask bench --only soak --soak 10000
  cargo xtask bench --only peers --peers --python ~/torch/bin/python --python ~/jax/bin/python
  cargo xtask bench --only peers --peers torch,burn")]
pub(crate) struct Args {
    /// Measure only what has one of these in its name, such as conv1, gelu, train_step,
    /// conv64_56, steady; separated by commas. The names are those in the JSON file.
    #[arg(long, value_name = "PATTERN", value_delimiter = ',')]
    only: Vec<String>,
    /// Measure for a shorter time: half a minute in all, with less certain numbers.
    #[arg(long)]
    quick: bool,
    /// Compare one thread with this many [default: all processors].
    #[arg(long, value_name = "N", value_parser = count)]
    threads: Option<usize>,
    /// Also train for this many steps and check that memory does not grow.
    #[arg(long, value_name = "STEPS", value_parser = count)]
    soak: Option<usize>,
    /// Also run the same job in other systems, in turn with ours: all there are, or those named.
    /// The Rust ones are built first. One that is missing is named, with how to have it.
    #[arg(long, value_enum, value_name = "PEER", num_args = 0.., value_delimiter = ',')]
    peers: Option<Vec<Peer>>,
    /// A Python to look for the peers' packages in; may be given several times.
    #[arg(long, value_name = "PATH", default_value = "python3")]
    python: Vec<PathBuf>,
    /// The batch size at which the peers are compared.
    #[arg(long, value_name = "N", default_value = "32", value_parser = count)]
    batch: usize,
    /// The folder of MNIST's files [default: as for train-lenet].
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Write the machine and all results to this file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Print the main results as a Markdown table, or write it to these files: between their lines
    /// <!-- bench:begin --> and <!-- bench:end --> if they are there.
    #[arg(long, value_name = "FILE", num_args = 0..)]
    markdown: Option<Vec<PathBuf>>,
    /// Classify the image in this folder with the weights there, and exit: what a cold start is
    /// measured with.
    #[arg(long, value_name = "DIR", hide = true)]
    classify: Option<PathBuf>,
    /// Train, print the line that the peers print, and exit.
    #[arg(long, hide = true)]
    contestant: bool,
    /// How long to train for that line, in stretches that are timed.
    #[arg(long, hide = true, default_value = "1.5")]
    seconds: f64,
    /// Steps in each.
    #[arg(long, hide = true, default_value = "50", value_parser = count)]
    steps: usize,
}

/// How long to measure.
pub(crate) struct Plan {
    threads: usize,
    /// Time for a kernel.
    kernel: Duration,
    /// Time for a training step at one batch size and number of threads.
    step: Duration,
    /// Time for a pass of a larger layer at one number of threads.
    layer: Duration,
    /// Training steps of which page faults are counted.
    steady_steps: usize,
    /// How often alternatives that are compared take turns: what disturbs the machine for a while
    /// then disturbs them all.
    turns: u32,
    /// Cold starts.
    starts: usize,
    /// Runs of a whole command.
    runs: usize,
    /// Runs of each peer.
    rounds: usize,
    /// Time that a peer trains for in such a run, and steps of each stretch that is timed.
    training: Duration,
    stretch: usize,
}

impl Plan {
    fn new(threads: usize, quick: bool) -> Self {
        let time = |quick_ms, ms| Duration::from_millis(if quick { quick_ms } else { ms });
        let times = |quickly, usually| if quick { quickly } else { usually };
        Plan {
            threads,
            kernel: time(30, 300),
            step: time(300, 3000),
            layer: time(50, 2000),
            turns: times(2, 5) as u32,
            steady_steps: times(400, 4000),
            starts: times(5, 30),
            runs: times(1, 3),
            rounds: times(1, 5),
            training: time(100, 1500),
            stretch: times(30, 50),
        }
    }

    /// One, and all.
    fn thread_counts(&self) -> Vec<usize> {
        if self.threads == 1 { vec![1] } else { vec![1, self.threads] }
    }
}

fn threads_text(threads: usize) -> String {
    counted(threads, "thread")
}

pub(crate) fn run(args: &Args) -> Result<()> {
    if let Some(folder) = &args.classify {
        return whole::classify(folder);
    }
    ensure!(
        args.soak.is_none_or(|steps| steps >= 100),
        "--soak: expected at least 100 steps, of which the first quarter is not counted"
    );
    let files = files::Files::new(args.json.as_deref(), args.markdown.as_deref())?;
    let start = Instant::now();
    if cfg!(debug_assertions) {
        note(format_args!("this is a debug build: its numbers mean little"));
    }
    let all = std::thread::available_parallelism().map_or(1, usize::from);
    let plan = Plan::new(args.threads.unwrap_or(all), args.quick);
    let data = Data::load(args.data_dir.as_deref())?;
    if args.contestant {
        return peers::enter(&data, plan.threads, args.batch, (args.seconds, args.steps));
    }
    note(format_args!("measuring what this machine can do"));
    let machine = Machine::measure(plan.threads, args.quick)?;
    introduce(&machine);
    let mut report = Report::new(machine, &args.only);

    for batch in [lenet::SHARD, 1] {
        kernels::run(&mut report, &plan, &data, batch)?;
    }
    pieces::run(&mut report, &plan)?;
    training::steps(&mut report, &plan, &data)?;
    training::scaling(&mut report, plan.threads);
    inference::run(&mut report, &plan, &data)?;
    large::run(&mut report, &plan)?;
    training::steady_state(&mut report, &plan, &data)?;
    let verdict = match args.soak {
        Some(steps) => training::soak(&mut report, &data, plan.threads, steps),
        None => Ok(()),
    };
    drop(data);
    whole::run(&mut report, &plan, args.data_dir.as_deref())?;

    if let Some(peers) = &args.peers {
        let (pythons, data) = (&args.python, args.data_dir.as_deref());
        Comparison { peers, pythons, batch: args.batch, data }.run(&mut report, &plan)?;
    }
    ensure!(
        !report.outcomes.is_empty(),
        "--only {}: nothing has such a name; the names stand in the file that --json writes",
        args.only.join(",")
    );
    files.write(&report)?;
    note(format_args!("\nmeasured in {:.0} s", start.elapsed().as_secs_f64()));
    verdict
}

fn introduce(machine: &Machine) {
    let Machine { cpu, processors, isa, rustc, date, version, .. } = machine;
    result(format_args!(
        "{cpu}, {}, {isa}; Sporelet {version}, {rustc}; {date}",
        counted(*processors, "processor"),
    ));
    let mut ceilings = vec![&machine.one];
    if machine.threads > 1 {
        ceilings.push(&machine.all);
    }
    for ceilings in ceilings {
        result(format_args!(
            "at best, {:10} {:>7} GFLOP/s, reads {:>5} GB/s, copies {:>5} GB/s",
            format!("{}:", threads_text(ceilings.threads)),
            number(ceilings.peak_gflops),
            number(ceilings.read_gb_per_s),
            number(ceilings.copy_gb_per_s),
        ));
    }
    if let Some(load) = machine.load.filter(|&load| load > 0.5) {
        note(format_args!("other programs are running (load {load}): the numbers will suffer"));
    }
}
