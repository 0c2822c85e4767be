//! The larger layers against PyTorch.

use crate::bench::measure::Samples;
use crate::bench::report::Outcome;
use crate::bench::{Plan, large};
use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use xtask::output::note;

/// A layer in both: medians of the rounds' medians.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct LayerStanding {
    name: &'static str,
    pub(crate) layer: String,
    pub(crate) threads: usize,
    pub(crate) us_median: f64,
    pub(crate) peer: &'static str,
    pub(crate) version: String,
    pub(crate) peer_us_median: f64,
    /// How many times as long as ours PyTorch's takes.
    pub(crate) times_ours: f64,
}

/// The line that PyTorch's program prints for each layer and pass.
#[derive(Deserialize)]
struct Line {
    name: String,
    us_median: f64,
    threads: usize,
    version: String,
}

/// Ours and PyTorch's in turn, on one thread and on all.
pub(crate) fn compare(plan: &Plan, python: &Path, script: &Path) -> Result<Vec<Outcome>> {
    let mut order = Vec::new();
    let mut times: BTreeMap<(String, usize), [Samples; 2]> = BTreeMap::new();
    let mut version = String::new();
    for round in 1..=plan.rounds {
        note(format_args!("round {round} of {}: larger layers, ours and PyTorch's", plan.rounds));
        large::measure(plan, &|_| true, &mut |job, samples| {
            let key = (job.name.to_owned(), job.threads);
            if !order.contains(&key) {
                order.push(key.clone());
            }
            times.entry(key).or_default()[0].push(samples.median());
        })?;
        for threads in plan.thread_counts() {
            for line in torch(plan, python, script, threads)? {
                let samples = times.entry((line.name, line.threads)).or_default();
                samples[1].push(line.us_median / 1e6);
                version = line.version;
            }
        }
    }
    let standing = |(layer, threads): (String, usize)| {
        let [ours, peer] = times[&(layer.clone(), threads)].each_ref().map(Samples::median);
        Outcome::Layer(LayerStanding {
            name: "peer_layer",
            layer,
            threads,
            us_median: ours * 1e6,
            peer: "PyTorch",
            version: version.clone(),
            peer_us_median: peer * 1e6,
            times_ours: peer / ours,
        })
    };
    Ok(order.into_iter().map(standing).collect())
}

fn torch(plan: &Plan, python: &Path, script: &Path, threads: usize) -> Result<Vec<Line>> {
    let seconds = (plan.training / 2).as_secs_f64().to_string();
    let output = Command::new(python)
        .arg(script)
        .args(["--threads", &threads.to_string(), "--seconds", &seconds])
        .output()
        .context("PyTorch's program cannot be run")?;
    ensure!(output.status.success(), "PyTorch's program failed: {}", output.status);
    let text = String::from_utf8_lossy(&output.stdout);
    let lines = text.lines().filter(|line| line.starts_with('{'));
    lines.map(|line| serde_json::from_str(line).with_context(|| line.to_owned())).collect()
}
