//! `cargo xtask find-lr`: which learning rate LeNet-5 should begin with.

use crate::chart::{Axis, Color, Figure, Line, Panel};
use crate::output::{note, result};
use crate::train_lenet::{batches, count, positive};
use crate::workspace;
use anyhow::{Context, Result};
use datasets::{Mnist, MnistFiles};
use layers::{LeNet5, SoftmaxCrossEntropyWithLogits};
use optim::Momentum;
use serde_json::{Value, json};
use std::io::Write;
use std::path::PathBuf;
use train::{LearningRateFinder, LearningRatePoint, LearningRateSearch, Model};

/// Find a learning rate for LeNet-5 on MNIST by a range test.
///
/// Trains for a few hundred steps while the rate rises by a constant factor, until the loss is four
/// times its lowest. Where it falls fastest against the logarithm of the rate is a good rate to
/// train with; where it is lowest, the rate is already too large.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo xtask find-lr
  cargo xtask find-lr --momentum 0      # without momentum, rates are about ten times as large
  cargo xtask find-lr --batch-size 256 --steps 200 --out big-batches.svg")]
pub struct Args {
    /// The first rate.
    #[arg(long, value_name = "RATE", default_value = "0.00001", value_parser = positive)]
    from: f64,
    /// The last rate.
    #[arg(long, value_name = "RATE", default_value = "10", value_parser = positive)]
    to: f64,
    /// Steps from the first rate to the last.
    #[arg(long, value_name = "N", default_value = "400", value_parser = count)]
    steps: usize,
    /// Images in a mini-batch.
    #[arg(long, value_name = "N", default_value = "32", value_parser = count)]
    batch_size: usize,
    /// The share of the last step's velocity that is kept, 0 to 1.
    #[arg(long, value_name = "SHARE", default_value = "0.9")]
    momentum: f64,
    /// The seed of everything random: first weights and the order of the images.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The folder of MNIST's four IDX files, as for train-lenet.
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Print the rate and all points as JSON.
    #[arg(long)]
    json: bool,
    /// The file for the plot [default: target/find-lr.svg].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    let finder = LearningRateFinder::new().range(args.from, args.to)?.steps(args.steps as u64)?;
    let optimizer = Momentum::new(args.from, args.momentum)?;
    let mnist = Mnist::load_files(&MnistFiles::find(args.data_dir.as_deref())?)?;
    let data = batches(mnist.train, args.batch_size)?;
    let loss = SoftmaxCrossEntropyWithLogits::new();
    let mut model = Model::new(LeNet5::new(), loss, optimizer).seed(args.seed);
    let found = finder.run(&mut model, &data)?;

    let suggestion = found.suggestion().context(
        "the loss never fell: begin with a smaller rate (--from) or take more steps (--steps)",
    )?;
    let out = match &args.out {
        Some(out) => out.clone(),
        None => workspace::root()?.join("target").join("find-lr.svg"),
    };
    if let Some(folder) = out.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("--out {}: the folder cannot be made", out.display()))?;
    }
    let svg = figure(args, &found, suggestion).to_svg();
    datasets::files::atomic_write(&out, |file| file.write_all(svg.as_bytes()))?;
    note(format_args!("{}", ended(&found)));
    if let Some(lowest) = found.lowest() {
        note(format_args!("the loss is lowest at {}: rates must stay below", shown(lowest)));
    }
    if args.json {
        result(format_args!("{:#}", document(&found, suggestion)));
    } else {
        result(format_args!("suggested learning rate: {}", shown(suggestion)));
    }
    note(format_args!("plot  {}", workspace::shown(&out)));
    Ok(())
}

fn document(found: &LearningRateSearch, suggestion: f64) -> Value {
    let points = found.points.iter().map(|point| {
        let LearningRatePoint { learning_rate, loss, smoothed, .. } = point;
        json!({ "learning_rate": learning_rate, "loss": loss, "smoothed": smoothed })
    });
    json!({
        "learning_rate": suggestion,
        "lowest": found.lowest(),
        "diverged": found.diverged,
        "points": points.collect::<Vec<_>>(),
    })
}

/// How the test ended.
fn ended(found: &LearningRateSearch) -> String {
    let (steps, last) = (found.points.len(), found.points.last());
    let rate = shown(last.map_or(f64::NAN, |point| point.learning_rate));
    match found.diverged {
        true => format!("the loss diverged after {steps} steps, at a learning rate of {rate}"),
        false => format!("the loss had not diverged after {steps} steps, at a rate of {rate}"),
    }
}

/// A rate to two digits.
fn shown(rate: f64) -> String {
    let digits = (1.0 - rate.log10().floor()).max(0.0) as usize;
    format!("{rate:.digits$}")
}

fn figure(args: &Args, found: &LearningRateSearch, suggestion: f64) -> Figure {
    let points = |loss: fn(&train::LearningRatePoint) -> f64| {
        found.points.iter().map(move |point| (point.learning_rate, loss(point)))
    };
    // What comes after the divergence would squeeze everything else together.
    let first = found.points.first().map_or(1.0, |point| point.loss);
    let highest = found.points.iter().map(|point| point.smoothed).fold(first, f64::max);
    let panel = Panel::new(format!("Momentum {}, batches of {}", args.momentum, args.batch_size))
        .x(Axis::new("learning rate").log())
        .y(Axis::new("cross-entropy").range(0.0, 1.15 * highest.min(1.5 * first)))
        .line(Line::new("loss of a step", points(|point| point.loss)).color(Color::Gray).faint())
        .line(Line::new("smoothed", points(|point| point.smoothed)))
        .vertical(suggestion, format!("steepest, {}", shown(suggestion)));
    Figure::new("Learning-rate range test of LeNet-5 on MNIST")
        .panel(panel)
        .panel_size(520.0, 300.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_have_two_digits() {
        let rates = [0.000012345, 0.00999, 0.1, 2.71, 31.4].map(shown);
        assert_eq!(rates, ["0.000012", "0.0100", "0.10", "2.7", "31"]);
    }
}
