//! What the laboratory found, as a table, as Markdown and as JSON.

use super::Args;
use super::data::HELD_OUT;
use super::remedy::Remedy;
use super::run::Run;
use anyhow::Result;
use serde_json::json;
use xtask::output::{counted, thousands};

/// A remedy's results, averaged over the seeds.
pub(super) struct Row {
    pub(super) remedy: Remedy,
    pub(super) runs: Vec<Run>,
    pub(super) train: f64,
    pub(super) test: f64,
    /// By how much its test accuracy is above the baseline's, seed by seed on the same images.
    pub(super) gain: Spread,
}

/// A mean and its standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spread {
    pub(super) mean: f64,
    pub(super) error: f64,
    /// Whether all values have one sign.
    pub(super) agree: bool,
}

impl Spread {
    fn of(values: &[f64]) -> Self {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>();
        let error = if values.len() > 1 { (squares / (n - 1.0) / n).sqrt() } else { f64::NAN };
        let agree = values.iter().all(|v| *v > 0.0) || values.iter().all(|v| *v < 0.0);
        Spread { mean, error, agree }
    }

    /// Helped or harmed, if all seeds say so and by more than twice the standard error. One seed
    /// alone cannot say.
    pub(super) fn verdict(self) -> &'static str {
        match self {
            _ if self.error.is_nan() => "one seed: unknown",
            _ if !self.agree || self.mean.abs() <= 2.0 * self.error => "within the noise",
            _ if self.mean > 0.0 => "helps",
            _ => "harms",
        }
    }
}

pub(super) struct Report<'a> {
    args: &'a Args,
    pub(super) rows: Vec<Row>,
}

impl<'a> Report<'a> {
    /// The first trial is the baseline.
    pub(super) fn new(args: &'a Args, trials: Vec<(Remedy, Vec<Run>)>) -> Self {
        let baseline: Vec<f64> = trials[0].1.iter().map(|run| run.test).collect();
        let mean = |runs: &[Run], value: fn(&Run) -> f64| {
            runs.iter().map(value).sum::<f64>() / runs.len() as f64
        };
        let row = |(remedy, runs): (Remedy, Vec<Run>)| {
            let gains: Vec<f64> =
                runs.iter().zip(&baseline).map(|(run, baseline)| run.test - baseline).collect();
            Row {
                train: mean(&runs, |run| run.train),
                test: mean(&runs, |run| run.test),
                gain: Spread::of(&gains),
                remedy,
                runs,
            }
        };
        Report { args, rows: trials.into_iter().map(row).collect() }
    }

    /// What was done, in a sentence or two.
    pub(super) fn conditions(&self) -> Vec<String> {
        let args = self.args;
        let wrong = format!("{} % of them with a wrong label", round(100.0 * args.wrong_labels));
        vec![
            format!(
                "{} training images ({wrong}), {}, means of {}.",
                thousands(args.samples),
                counted(args.epochs, "epoch"),
                counted(args.seeds, "seed"),
            ),
            format!(
                "Early stopping watches {} other images; no network has seen the test images.",
                thousands(HELD_OUT)
            ),
        ]
    }

    fn cells(&self) -> Vec<[String; 7]> {
        let percent = |share: f64| format!("{:.1} %", 100.0 * share);
        let cells = self.rows.iter().enumerate().map(|(i, row)| {
            let Spread { mean, error, .. } = row.gain;
            let margin =
                if error.is_nan() { String::new() } else { format!(" ± {:.1}", 100.0 * error) };
            // Adding 0 makes a rounded -0 a 0.
            let points = (1000.0 * mean).round() / 10.0 + 0.0;
            let gain = format!("{points:+.1}{margin}");
            let (gain, verdict) =
                if i == 0 { (String::new(), "") } else { (gain, row.gain.verdict()) };
            [
                row.remedy.name.to_owned(),
                row.remedy.change.clone(),
                percent(row.train),
                percent(row.test),
                format!("{:.1}", 100.0 * (row.train - row.test)),
                gain,
                verdict.to_owned(),
            ]
        });
        cells.collect()
    }

    const TITLES: [&'static str; 7] =
        ["remedy", "how", "train", "test", "gap", "against baseline", "verdict"];
    /// Which columns are numbers.
    const RIGHT: [bool; 7] = [false, false, true, true, true, true, false];

    /// For a terminal.
    pub(super) fn table(&self) -> String {
        let mut lines = vec![Self::TITLES.map(str::to_owned)];
        lines.extend(self.cells());
        let widths: [usize; 7] = std::array::from_fn(|i| {
            lines.iter().map(|line| line[i].chars().count()).max().unwrap_or(0)
        });
        let shown = lines.iter().map(|line| {
            let cells = line.iter().enumerate().map(|(i, cell)| match Self::RIGHT[i] {
                true => format!("{cell:>width$}", width = widths[i]),
                false => format!("{cell:<width$}", width = widths[i]),
            });
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        });
        let table = shown.collect::<Vec<_>>().join("\n");
        format!("{table}\n\n{}\n{}", self.conditions().join("\n"), Self::NOTE)
    }

    const NOTE: &'static str = "Gap: train less test, in points. Against baseline: points of test \
        accuracy ± standard error.\nA remedy helps if it does with every seed, by more than twice \
        that error.";

    /// For a document.
    pub(super) fn markdown(&self) -> String {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let rule = Self::RIGHT.map(|right| if right { "---:" } else { "---" }.to_owned());
        let body: String = self.cells().iter().map(|cells| line(cells)).collect();
        let conditions = self.conditions().join(" ");
        let note = Self::NOTE.replace('\n', " ");
        format!(
            "{}{}{body}\n{conditions} {note}\n",
            line(&Self::TITLES.map(str::to_owned)),
            line(&rule)
        )
    }

    /// For a program: everything, each seed and epoch.
    pub(super) fn json(&self) -> Result<String> {
        let rows = self.rows.iter().enumerate().map(|(i, row)| {
            let gain = (i > 0).then(|| {
                json!({
                    "mean": row.gain.mean,
                    "standard_error": Some(row.gain.error).filter(|error| !error.is_nan()),
                    "verdict": row.gain.verdict(),
                })
            });
            json!({
                "remedy": row.remedy,
                "train_accuracy": row.train,
                "test_accuracy": row.test,
                "against_baseline": gain,
                "runs": row.runs,
            })
        });
        let document = json!({
            "samples": self.args.samples,
            "wrong_labels": self.args.wrong_labels,
            "epochs": self.args.epochs,
            "seed": self.args.seed,
            "seeds": self.args.seeds,
            "remedies": rows.collect::<Vec<_>>(),
        });
        Ok(serde_json::to_string_pretty(&document)? + "\n")
    }
}

/// `10`, `12.5`: at most one decimal.
fn round(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_needs_all_seeds_and_more_than_the_noise() {
        let verdict = |values: &[f64]| Spread::of(values).verdict();
        assert_eq!(verdict(&[0.02, 0.03, 0.025]), "helps");
        assert_eq!(verdict(&[-0.02, -0.03, -0.025]), "harms");
        assert_eq!(verdict(&[0.02, 0.03, -0.001]), "within the noise");
        assert_eq!(verdict(&[0.001, 0.1, 0.002]), "within the noise");
        assert_eq!(verdict(&[0.02]), "one seed: unknown");
    }
}
