//! Training steps through [`Model::fit`]: drawing images, forward, backward, update, metrics.

use super::lenet::{self, Data};
use super::measure::Samples;
use super::process::Process;
use super::report::{Job, Quantity, Report};
use super::{Plan, flops};
use anyhow::{Result, ensure};
use datasets::{Batches, Dataset, ImageDataset};
use layers::LeNet5;
use std::time::{Duration, Instant};
use tensor::fresh_buffers;
use train::{Callback, Model, RunContext};
use xtask::output::note;

/// More epochs than any measurement lasts: the most that a run can have.
const ENDLESS: usize = u32::MAX as usize;

/// Steps at the start of a stretch that are not counted: caches and threads warm up.
const WARM: usize = 3;

pub(crate) const BATCHES: [usize; 6] = [1, 8, 32, 64, 256, 1024];

const NAME: &str = "lenet5_train_step";

/// Steps at each batch size, at one thread and at all in turn.
pub(crate) fn steps(report: &mut Report, plan: &Plan, data: &Data) -> Result<()> {
    if !report.wants(NAME) {
        return Ok(());
    }
    report.heading("LeNet-5 training step: images drawn, forward, backward, update, metrics");
    for batch in BATCHES {
        let data = data.train.clone().batch(batch)?.drop_remainder(true);
        let mut contenders = Vec::new();
        for threads in plan.thread_counts() {
            contenders.push((threads, lenet::model(threads)?, Samples::default()));
        }
        for _ in 0..plan.turns {
            for (_, model, samples) in &mut contenders {
                samples.extend(stretch(model, &data, plan.step / plan.turns)?);
            }
        }
        for (threads, _, samples) in &contenders {
            let job = Job {
                name: NAME,
                label: &format!("batch {batch}, {}", super::threads_text(*threads)),
                batch,
                threads: *threads,
                flops: Some(flops::training(&lenet::passes(batch)?)),
                images: Some(batch),
            };
            report.time(&job, samples);
        }
    }
    Ok(())
}

/// How much faster all threads are than one, by batch size.
pub(crate) fn scaling(report: &mut Report, threads: usize) {
    let mut titled = false;
    for batch in BATCHES {
        let time = |threads| report.find(NAME, batch, threads).map(|time| time.us_median);
        let (Some(one), Some(all)) = (time(1), time(threads)) else { continue };
        if threads == 1 {
            continue;
        }
        if !titled {
            xtask::output::result(format_args!(
                "\nScaling: a step on 1 thread takes so many times as long as on {threads}"
            ));
            titled = true;
        }
        let name = "lenet5_train_scaling".to_owned();
        let quantity = Quantity { name, batch, threads, value: one / all, unit: "times" };
        report.quantity(&format!("batch {batch}"), quantity);
    }
}

/// Page faults and fresh buffers of a step once training runs.
pub(crate) fn steady_state(report: &mut Report, plan: &Plan, data: &Data) -> Result<()> {
    if !report.wants("steady") {
        return Ok(());
    }
    xtask::output::result(format_args!("\nA step in steady state, batch 32"));
    for threads in plan.thread_counts() {
        let change = steady(data, threads, plan.steady_steps)?;
        let steps = (plan.steady_steps - plan.steady_steps / 4) as f64;
        let mut say = |label: &str, name: &str, count: Option<u64>| {
            let Some(count) = count else { return };
            let (name, value) = (format!("steady_{name}_per_step"), count as f64 / steps);
            let quantity = Quantity { name, batch: 32, threads, value, unit: "" };
            report.quantity(&format!("{label}, {}", super::threads_text(threads)), quantity);
        };
        say("buffers taken from the allocator", "fresh_buffers", Some(change.buffers));
        say("page faults", "page_faults", change.faults);
    }
    Ok(())
}

/// Trains for `steps` steps and says whether memory grew after the first quarter.
pub(crate) fn soak(report: &mut Report, data: &Data, threads: usize, steps: usize) -> Result<()> {
    note(format_args!("training for {steps} steps at batch 32"));
    let change = steady(data, threads, steps)?;
    xtask::output::result(format_args!("\nSoak: {steps} steps, batch 32, after the first quarter"));
    let mut say = |label: &str, name: &str, value: f64, unit| {
        let name = format!("soak_{name}");
        report.quantity(label, Quantity { name, batch: 32, threads, value, unit });
    };
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    say("buffers taken from the allocator", "fresh_buffers", change.buffers as f64, "");
    if let Some(faults) = change.faults {
        say("page faults", "page_faults", faults as f64, "");
    }
    if let Some([from, to]) = change.memory {
        say("resident memory then", "memory_start", megabytes(from), "MB");
        say("resident memory at the end", "memory_end", megabytes(to), "MB");
        let growth = to.saturating_sub(from);
        ensure!(growth < 1 << 20, "memory grew by {} kB: not flat", growth / 1024);
    }
    // A thread may come to hold a few more at a time than ever before, but not time after time.
    let most = 16 * threads as u64;
    ensure!(change.buffers <= most, "{} fresh buffers: memory is not recycled", change.buffers);
    xtask::output::result(format_args!("verdict: flat"));
    Ok(())
}

/// What changed over the last three quarters of some training steps.
struct Change {
    buffers: u64,
    faults: Option<u64>,
    memory: Option<[u64; 2]>,
}

fn steady(data: &Data, threads: usize, steps: usize) -> Result<Change> {
    let data = data.train.clone().batch(32)?.drop_remainder(true);
    let mut model = lenet::model(threads)?;
    let mut watch = Watch { left: steps, from: steps - steps / 4, states: Vec::new() };
    watch.states.reserve(2);
    model.fit(ENDLESS, &data, None::<&Batches<ImageDataset>>, &mut [&mut watch])?;
    let [before, after] = [&watch.states[0], &watch.states[1]];
    Ok(Change {
        buffers: after.buffers - before.buffers,
        faults: after.faults.zip(before.faults).map(|(after, before)| after - before),
        memory: before.memory.zip(after.memory).map(|(before, after)| [before, after]),
    })
}

struct State {
    buffers: u64,
    faults: Option<u64>,
    memory: Option<u64>,
}

/// Notes the process's state when `from` steps are left and when none is, and ends the run.
struct Watch {
    left: usize,
    from: usize,
    states: Vec<State>,
}

impl Callback for Watch {
    fn on_train_step_end(&mut self, run: &mut RunContext<'_>) -> train::Result<()> {
        self.left -= 1;
        if self.left == self.from || self.left == 0 {
            let this = Process::this();
            let (faults, memory) = (this.page_faults(), this.memory());
            self.states.push(State { buffers: fresh_buffers(), faults, memory });
        }
        if self.left == 0 {
            run.request_stop();
        }
        Ok(())
    }
}

/// Steps for as long as `budget`.
fn stretch(
    model: &mut Model<LeNet5>,
    data: &Batches<ImageDataset>,
    budget: Duration,
) -> Result<Samples> {
    let now = Instant::now();
    let mut clock = Clock { end: now + budget, last: now, steps: 0, samples: Samples::default() };
    model.fit(ENDLESS, data, None::<&Batches<ImageDataset>>, &mut [&mut clock])?;
    Ok(clock.samples)
}

/// Trains in stretches of so many steps, three at least, after a short warm-up: seconds a step.
pub(crate) fn stretches(
    model: &mut Model<LeNet5>,
    data: &Batches<ImageDataset>,
    time: Duration,
    steps: usize,
) -> Result<Samples> {
    let (left, samples) = (5, Samples::default());
    let mut clock = Stretches { time, steps, left, warm: None, start: Instant::now(), samples };
    model.fit(ENDLESS, data, None::<&Batches<ImageDataset>>, &mut [&mut clock])?;
    Ok(clock.samples)
}

/// The time of every so many steps, but for the first few.
struct Stretches {
    time: Duration,
    steps: usize,
    /// Steps of this stretch that are still to come.
    left: usize,
    /// When the warm-up had ended.
    warm: Option<Instant>,
    start: Instant,
    samples: Samples,
}

impl Callback for Stretches {
    fn on_train_step_end(&mut self, run: &mut RunContext<'_>) -> train::Result<()> {
        self.left -= 1;
        if self.left > 0 {
            return Ok(());
        }
        let now = Instant::now();
        match self.warm {
            None => self.warm = Some(now),
            Some(warm) => {
                self.samples.push((now - self.start).as_secs_f64() / self.steps as f64);
                if self.samples.len() >= 3 && now - warm >= self.time {
                    run.request_stop();
                }
            }
        }
        (self.left, self.start) = (self.steps, now);
        Ok(())
    }
}

/// The time from the end of each step to the end of the next.
struct Clock {
    end: Instant,
    last: Instant,
    steps: usize,
    samples: Samples,
}

impl Callback for Clock {
    fn on_train_step_begin(&mut self, run: &mut RunContext<'_>) -> train::Result<()> {
        // Drawing an epoch's order is not a part of its first step.
        if run.step == 1 {
            self.last = Instant::now();
        }
        Ok(())
    }

    fn on_train_step_end(&mut self, run: &mut RunContext<'_>) -> train::Result<()> {
        let now = Instant::now();
        self.steps += 1;
        if self.steps > WARM {
            self.samples.push((now - self.last).as_secs_f64());
        }
        if now >= self.end && self.samples.len() >= 3 {
            run.request_stop();
        }
        self.last = now;
        Ok(())
    }
}
