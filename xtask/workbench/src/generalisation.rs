//! `cargo xtask generalisation`: the chapter's remedies against over-fitting (§3.3), measured.

mod data;
mod network;
mod picture;
mod remedy;
mod report;
mod run;

use anyhow::Result;
use remedy::remedies;
use report::Report;
use run::Run;
use std::io::Write;
use std::path::PathBuf;
use xtask::output::{counted, note, result, thousands};
use xtask::workspace;

/// Over-fit a network on a few MNIST images, and measure what helps against it.
///
/// A multi-layer perceptron with far more weights than the task needs learns a few images by heart,
/// a tenth of them with a wrong label: too little data, noisy data, too complex a model,
/// trained for too long. Each remedy of the chapter is then tried alone, and some together, on the
/// same images, with several seeds; a remedy helps if it helps with every seed, by more than
/// twice the standard error.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo xtask generalisation
  cargo xtask generalisation --samples 200 --epochs 100
  cargo xtask generalisation --wrong-labels 0 --seeds 5")]
pub(crate) struct Args {
    /// The folder for curves.svg, scores.svg, results.md and results.json [default: target/generalisation].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// The first seed: it draws the images, the wrong labels, the weights and the order.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many seeds each remedy is tried with.
    #[arg(long, value_name = "N", default_value = "3", value_parser = xtask::train_lenet::count)]
    seeds: usize,
    /// Training images.
    #[arg(long, value_name = "N", default_value = "500", value_parser = xtask::train_lenet::count)]
    samples: usize,
    /// The share of training images whose label is replaced by a wrong one, 0 to 1.
    #[arg(long, value_name = "SHARE", default_value_t = 0.1, value_parser = share)]
    wrong_labels: f64,
    /// Passes over the training images.
    #[arg(long, value_name = "N", default_value = "60", value_parser = xtask::train_lenet::count)]
    epochs: usize,
    /// The folder of MNIST's four IDX files, as for train-lenet.
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Only this many of the 10,000 test images.
    #[arg(long, value_name = "N", hide = true)]
    test_samples: Option<usize>,
    /// Only so many units in each hidden layer.
    #[arg(long, value_name = "N", hide = true)]
    width: Option<usize>,
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("expected a number from 0 to 1".to_owned()),
    }
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let laboratory = data::Laboratory::load(args)?;
    let out = match &args.out {
        Some(out) => out.clone(),
        None => workspace::root()?.join("target").join("generalisation"),
    };
    let out = workspace::run_folder(Some(&out), "")?;

    let remedies = remedies(args.width.unwrap_or(remedy::WIDTH));
    note(format_args!(
        "{}, each with {} on {} training images",
        counted(remedies.len(), "network"),
        counted(args.seeds, "seed"),
        thousands(args.samples),
    ));
    let mut trials = Vec::new();
    for remedy in remedies {
        let mut runs = Vec::new();
        for seed in (args.seed..).take(args.seeds) {
            runs.push(Run::of(&remedy.setup, &laboratory.slice(seed)?, args.epochs, seed)?);
        }
        let mean = runs.iter().map(|run| run.test).sum::<f64>() / runs.len() as f64;
        note(format_args!("  {:<28} test accuracy {:.1} %", remedy.name, 100.0 * mean));
        trials.push((remedy, runs));
    }
    let report = Report::new(args, trials);
    result(format_args!("{}", report.table()));
    for (name, text) in [
        ("curves.svg", picture::curves(&report).to_svg()),
        ("scores.svg", picture::scores(&report).to_svg()),
        ("results.md", report.markdown()),
        ("results.json", report.json()?),
    ] {
        let path = out.join(name);
        datasets::files::atomic_write(&path, |file| file.write_all(text.as_bytes()))?;
        note(format_args!("{}", workspace::shown(&path)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use std::path::Path;

    #[derive(Debug, Parser)]
    struct Cli {
        #[command(flatten)]
        args: Args,
    }

    fn args(words: &str) -> Result<Args, clap::Error> {
        let words = ["generalisation"].into_iter().chain(words.split_whitespace());
        Ok(Cli::try_parse_from(words)?.args)
    }

    fn files(folder: &Path) -> Vec<String> {
        let read = |name| std::fs::read_to_string(folder.join(name)).unwrap();
        ["curves.svg", "results.md", "results.json", "scores.svg"].map(read).to_vec()
    }

    /// All remedies on a few images, twice.
    #[test]
    fn a_second_run_writes_the_same_bytes() {
        let written = [(); 2].map(|()| {
            let out = tempfile::tempdir().unwrap();
            let tiny = "--samples 40 --epochs 2 --seeds 2 --test-samples 50 --width 8 --out";
            run(&args(&format!("{tiny} {}", out.path().display())).unwrap()).unwrap();
            files(out.path())
        });
        assert_eq!(written[0], written[1]);
        let [svg, markdown, json, scores] = &written[0][..] else { panic!("four files") };
        assert!(svg.starts_with("<svg ") && scores.starts_with("<svg "));
        assert!(markdown.contains("| baseline |"), "{markdown}");
        let json: serde_json::Value = serde_json::from_str(json).unwrap();
        let count = remedies(8).len();
        assert_eq!(json["remedies"].as_array().unwrap().len(), count);
        assert_eq!(svg.matches("class=\"panel-title\"").count(), count);
    }

    #[test]
    fn more_images_than_there_are_are_refused() {
        let error = run(&args("--samples 60001").unwrap()).unwrap_err().to_string();
        assert_eq!(
            error,
            "--samples: 60001 training images were asked for; there are 60000, and 1000 of them \
             are held out to choose by"
        );
    }

    #[test]
    fn a_share_is_a_share() {
        for wrong in ["1.5", "-0.1", "NaN", "half"] {
            let error = args(&format!("--wrong-labels={wrong}")).unwrap_err().to_string();
            assert!(error.contains("expected a number from 0 to 1"), "{error}");
        }
    }
}
