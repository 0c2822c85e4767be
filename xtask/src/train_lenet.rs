//! `cargo xtask train-lenet`: the chapter's main experiment (§3.4).

mod configuration;
mod data;
mod experiment;
mod history;
mod lines;
mod options;
mod run_folder;
mod signals;
mod training;

use crate::output::{counted, note, result};
use crate::workspace;
use anyhow::Result;
use options::Options;
use std::path::{Path, PathBuf};
use training::Training;

pub use configuration::{RunConfiguration, Schedule};
pub use data::{Data, batches};
pub use experiment::Experiment;
pub use run_folder::RunFolder;
pub use signals::Interrupted;

/// Train LeNet-5 on MNIST, test it, and save its weights and history.
///
/// The chapter's listing prints a learning rate of 0.1. With it, Momentum 0.9 and batches of 32
/// the network collapses: it settles on answering one digit, about 10 % accuracy, whatever the
/// seed. The default here is 0.02 falling to 0 along a cosine, which reaches about 99 % on every
/// seed. To see the printed rate collapse: --learning-rate 0.1 --schedule constant
///
/// Ctrl-C (or SIGTERM) saves the run after the step under way and says how to go on with it; a
/// second one ends it at once. A run that was killed goes on from its last checkpoint, and ends
/// with the very weights that it would have had.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo xtask train-lenet
  cargo xtask train-lenet --report               # a page of curves, mistakes and filters
  cargo xtask train-lenet --epochs 5 --seed 7 --out my-run
  cargo xtask train-lenet --epochs 50 --checkpoint-every 500 --out long-run
  cargo xtask train-lenet --resume long-run      # goes on where it was interrupted
  cargo xtask train-lenet --network classic      # LeNet-5 as published in 1998
  cargo xtask train-lenet --data-dir /usr/share/datasets/fashion-mnist --epochs 10
  cargo xtask train-lenet --learning-rate 0.1 --schedule constant   # the printed rate collapses")]
pub struct Args {
    #[command(flatten)]
    options: Options,
    /// Threads that compute; the result is the same for any number [default: all processors].
    #[arg(long, value_name = "N", value_parser = count)]
    threads: Option<usize>,
    /// The folder of the four IDX files, plain or .gz [default: the folder that
    /// SPORELET_DATA_DIR names, else data/mnist of the workspace].
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// The folder for run.json, weights.safetensors, history.json and checkpoints [default: a
    /// new one under target/runs].
    #[arg(long, value_name = "DIR", conflicts_with = "resume")]
    out: Option<PathBuf>,
    /// Keep a checkpoint after every so many steps; the last two stay.
    #[arg(long, value_name = "STEPS", value_parser = count)]
    checkpoint_every: Option<usize>,
    /// Write a report of the run: report.html, and its pictures as files.
    #[arg(long)]
    report: bool,
    /// Print the results as JSON instead of MindSpore's lines.
    #[arg(long)]
    json: bool,
    /// Finish the run in this folder, as it was begun, from its last checkpoint on.
    #[arg(long, value_name = "DIR")]
    resume: Option<PathBuf>,
}

pub fn count(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err("expected a whole number, at least 1".to_owned()),
    }
}

pub fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if rate > 0.0 && rate.is_finite() => Ok(rate),
        _ => Err("expected a finite number above 0".to_owned()),
    }
}

/// Writes the report of the run in a folder, whose data are in another; returns where it is.
pub type Reporter<'a> = &'a dyn Fn(&Path, Option<&Path>) -> Result<PathBuf>;

pub fn run(args: &Args, report: Reporter<'_>) -> Result<()> {
    match &args.resume {
        Some(folder) => resume(args, folder, report),
        None => start(args, report),
    }
}

fn start(args: &Args, report: Reporter<'_>) -> Result<()> {
    let data = Data::load(args.data_dir.as_deref(), args.options.batch_size())?;
    let run = args.options.configuration(&data, args.checkpoint_every);
    let experiment = Experiment::new(run.clone(), data, args.threads)?;
    // The last thing before training: whatever is wrong with the arguments has come up by now.
    let folder = RunFolder::start(args.out.as_deref(), &run)?;
    Training::new(experiment, args.json).run(&folder, None, run.checkpoint_every)?;
    conclude(args, &folder, report)
}

fn resume(args: &Args, path: &Path, report: Reporter<'_>) -> Result<()> {
    let run = RunConfiguration::read(path)?;
    args.options.check(&run, path)?;
    let folder = RunFolder::open(path)?;
    if let Some(finished) = folder.finished(&run) {
        let (path, epochs) = (workspace::shown(path), counted(run.epochs, "epoch"));
        note(format_args!("the run in {path} is finished, after {epochs}; nothing is left to do"));
        result(format_args!("test accuracy: {:.4}", finished.test_accuracy));
        return if args.report { conclude(args, &folder, report) } else { Ok(()) };
    }
    let data = Data::of_run(&run, path, args.data_dir.as_deref())?;
    let checkpoint = folder.newest_checkpoint(&run)?;
    let every = args.checkpoint_every.or(run.checkpoint_every);
    let experiment = Experiment::new(run, data, args.threads)?;
    Training::new(experiment, args.json).run(&folder, checkpoint.as_ref(), every)?;
    conclude(args, &folder, report)
}

/// Writes the report where one is wanted, and says what to do next.
fn conclude(args: &Args, folder: &RunFolder, report: Reporter<'_>) -> Result<()> {
    let run = workspace::argument(folder.path());
    if args.report {
        let page = report(folder.path(), args.data_dir.as_deref())?;
        note(format_args!("report   {}", workspace::shown(&page)));
        note(format_args!("next     cargo xtask playground --open"));
    } else {
        note(format_args!("next     cargo xtask report {run}"));
    }
    Ok(())
}
