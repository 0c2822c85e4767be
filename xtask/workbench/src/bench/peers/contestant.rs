//! A program that trains LeNet-5 and prints a line about it, which is what all contestants do.

use crate::bench::lenet::{self, Data};
use crate::bench::measure::Samples;
use crate::bench::process::Process;
use crate::bench::{Plan, training};
use anyhow::{Context, Result, ensure};
use datasets::Dataset;
use serde::{Deserialize, Serialize};
use std::process::Command;
use std::time::{Duration, Instant};
use xtask::output::result;

/// The line that a contestant prints.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Line {
    peer: String,
    version: String,
    threads: usize,
    batch: usize,
    us_per_step_median: f64,
    us_per_step_min: f64,
    inference_images_per_s: f64,
    test_accuracy: f64,
    peak_rss_mb: f64,
}

/// A program and what it printed so far.
pub(crate) struct Contestant {
    pub(crate) name: &'static str,
    command: Command,
    lines: Vec<Line>,
    /// Why it runs no more.
    pub(crate) failure: Option<String>,
}

/// How a contestant did over its rounds, and in the best: some wait for their threads by spinning,
/// and take ten times as long while anything else runs.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Standing {
    name: &'static str,
    pub(crate) peer: &'static str,
    pub(crate) version: String,
    pub(crate) batch: usize,
    pub(crate) threads: usize,
    /// The median of the rounds, each of which is the median of its stretches.
    pub(crate) us_median: f64,
    /// The best round.
    us_best_round: f64,
    /// The best stretch.
    us_min: f64,
    pub(crate) seconds_per_epoch: f64,
    pub(crate) inference_images_per_second: f64,
    pub(crate) peak_memory_mb: f64,
    /// How many times as long as ours its step takes.
    pub(crate) times_our_step: f64,
    /// The same of the best rounds.
    pub(crate) times_our_best_round: f64,
    /// How many times as many images a second we classify.
    pub(crate) times_our_inference: f64,
}

impl Contestant {
    pub(crate) fn new(name: &'static str, command: Command) -> Self {
        Contestant { name, command, lines: Vec::new(), failure: None }
    }

    /// Runs the program once, unless it failed before: µs a step.
    pub(crate) fn run(&mut self, threads: usize, plan: &Plan) -> Result<f64> {
        ensure!(self.failure.is_none(), "as before");
        let line = self.once(threads, plan);
        let line = line.inspect_err(|error| self.failure = Some(format!("{error:#}")))?;
        let us = line.us_per_step_median;
        self.lines.push(line);
        Ok(us)
    }

    fn once(&self, threads: usize, plan: &Plan) -> Result<Line> {
        let mut command = pinned(&self.command, threads);
        let (seconds, steps) = (plan.training.as_secs_f64().to_string(), plan.stretch.to_string());
        command.args(["--threads", &threads.to_string(), "--seconds", &seconds, "--steps", &steps]);
        command.env("RAYON_NUM_THREADS", threads.to_string());
        let output = command.output().context("the program cannot be run")?;
        let [text, errors] = [&output.stdout, &output.stderr].map(|b| String::from_utf8_lossy(b));
        ensure!(
            output.status.success(),
            "{}: {}",
            output.status,
            errors.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default()
        );
        let line =
            text.lines().rfind(|line| line.starts_with('{')).context("it printed no line")?;
        serde_json::from_str(line).with_context(|| format!("it printed {line}"))
    }

    /// Its runs on this many threads together.
    pub(crate) fn standing(&self, threads: usize, batch: usize) -> Option<Standing> {
        let lines = || self.lines.iter().filter(|line| line.threads == threads);
        let all = |of: fn(&Line) -> f64| lines().map(of).collect::<Samples>();
        let steps = all(|line| line.us_per_step_median);
        let us_median = steps.median();
        Some(Standing {
            name: "peer_train_step",
            peer: self.name,
            version: lines().next()?.version.clone(),
            batch,
            threads,
            us_median,
            us_best_round: steps.min(),
            us_min: all(|line| line.us_per_step_min).min(),
            seconds_per_epoch: us_median * (60_000 / batch) as f64 / 1e6,
            inference_images_per_second: all(|line| line.inference_images_per_s).median(),
            peak_memory_mb: all(|line| line.peak_rss_mb).median(),
            times_our_step: 1.0,
            times_our_best_round: 1.0,
            times_our_inference: 1.0,
        })
    }
}

impl Standing {
    /// With the ratios to ours.
    pub(crate) fn against(self, ours: &Standing) -> Self {
        let rate = ours.inference_images_per_second;
        Standing {
            times_our_step: self.us_median / ours.us_median,
            times_our_best_round: self.us_best_round / ours.us_best_round,
            times_our_inference: rate / self.inference_images_per_second,
            ..self
        }
    }
}

/// The command on the first so many processors that this program may use, where the system has
/// `taskset`: some peers take all that there are, whatever they are told.
fn pinned(command: &Command, threads: usize) -> Command {
    let processors: Vec<String> =
        Process::this().processors().into_iter().take(threads).map(|p| p.to_string()).collect();
    let able = Command::new("taskset").arg("--version").output().is_ok();
    let mut pinned = if able && processors.len() == threads {
        let mut pinned = Command::new("taskset");
        pinned.args(["-c", &processors.join(",")]).arg(command.get_program());
        pinned
    } else {
        Command::new(command.get_program())
    };
    pinned.args(command.get_args());
    pinned
}

/// Ours: trains and prints its line.
pub(crate) fn enter(
    data: &Data,
    threads: usize,
    batch: usize,
    (seconds, steps): (f64, usize),
) -> Result<()> {
    let time = Duration::try_from_secs_f64(seconds).context("--seconds")?;
    let mut model = lenet::model(threads)?;
    let batches = data.train.clone().batch(batch)?.drop_remainder(true);
    let us = training::stretches(&mut model, &batches, time, steps)?;
    let test = data.test.clone().batch(1000)?;
    model.eval(&test)?;
    let start = Instant::now();
    let accuracy = model.eval(&test)?.get("accuracy")?;
    let line = Line {
        peer: "sporelet".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        threads,
        batch,
        us_per_step_median: us.median() * 1e6,
        us_per_step_min: us.min() * 1e6,
        inference_images_per_s: data.test.len() as f64 / start.elapsed().as_secs_f64(),
        test_accuracy: accuracy,
        peak_rss_mb: Process::this().peak_memory().map_or(f64::NAN, |bytes| bytes as f64 / 1e6),
    };
    result(format_args!("{}", serde_json::to_string(&line)?));
    Ok(())
}
