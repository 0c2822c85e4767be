//! What was measured: a line on standard output each, and all together for the files.

use super::machine::Machine;
use super::measure::Samples;
use super::peers::{LayerStanding, Standing};
use serde::Serialize;
use xtask::output::{result, thousands};

/// Something measured.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Outcome {
    Time(Time),
    Quantity(Quantity),
    Peer(Standing),
    Layer(LayerStanding),
}

/// How long something takes.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Time {
    pub(crate) name: String,
    pub(crate) batch: usize,
    pub(crate) threads: usize,
    pub(crate) us_median: f64,
    pub(crate) us_min: f64,
    pub(crate) samples: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) images_per_second: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) gflops: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) percent_of_peak: Option<f64>,
}

/// A number that is not a time.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Quantity {
    pub(crate) name: String,
    pub(crate) batch: usize,
    pub(crate) threads: usize,
    pub(crate) value: f64,
    pub(crate) unit: &'static str,
}

/// What is timed.
pub(crate) struct Job<'a> {
    /// As it stands in the JSON file.
    pub(crate) name: &'a str,
    /// As it stands in the table.
    pub(crate) label: &'a str,
    pub(crate) batch: usize,
    pub(crate) threads: usize,
    /// Floating-point operations of one call, where they are the point.
    pub(crate) flops: Option<f64>,
    /// Images of one call, where they are the point.
    pub(crate) images: Option<usize>,
}

/// Patterns of the names to measure; none means all.
#[derive(Clone, Debug)]
pub(crate) struct Wanted(Vec<String>);

impl Wanted {
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|pattern| name.contains(pattern.as_str()))
    }
}

/// The run's outcomes so far.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) machine: Machine,
    only: Wanted,
    pub(crate) outcomes: Vec<Outcome>,
}

impl Report {
    /// `only` are the patterns of the names to measure; none means all.
    pub(crate) fn new(machine: Machine, only: &[String]) -> Self {
        Report { machine, only: Wanted(only.to_vec()), outcomes: Vec::new() }
    }

    /// Whether what has this name is to be measured.
    pub(crate) fn wants(&self, name: &str) -> bool {
        self.only.has(name)
    }

    /// The patterns alone.
    pub(crate) fn wanted(&self) -> Wanted {
        self.only.clone()
    }

    /// The headings of a table of times.
    pub(crate) fn heading(&self, title: &str) {
        result(format_args!("\n{title}"));
        result(format_args!(
            "{:38} {:>11} {:>11} {:>10} {:>9} {:>9}",
            "", "median", "best", "images/s", "GFLOP/s", "% of peak"
        ));
    }

    pub(crate) fn time(&mut self, job: &Job<'_>, samples: &Samples) {
        let (median, best) = (samples.median(), samples.min());
        let gflops = job.flops.map(|flops| flops / median / 1e9);
        let time = Time {
            name: job.name.to_owned(),
            batch: job.batch,
            threads: job.threads,
            us_median: median * 1e6,
            us_min: best * 1e6,
            samples: samples.len(),
            images_per_second: job.images.map(|images| images as f64 / median),
            gflops,
            percent_of_peak: gflops
                .map(|gflops| 100.0 * gflops / self.machine.peak_gflops(job.threads)),
        };
        let line = format!(
            "{:38} {:>11} {:>11} {:>10} {:>9} {:>9}",
            job.label,
            duration(time.us_median),
            duration(time.us_min),
            time.images_per_second.map_or(String::new(), |rate| thousands(rate as usize)),
            time.gflops.map_or(String::new(), |gflops| format!("{gflops:.1}")),
            time.percent_of_peak.map_or(String::new(), |percent| format!("{percent:.0}")),
        );
        result(format_args!("{}", line.trim_end()));
        self.outcomes.push(Outcome::Time(time));
    }

    pub(crate) fn quantity(&mut self, label: &str, quantity: Quantity) {
        let Quantity { value, unit, .. } = &quantity;
        let line = format!("{label:62} {:>11} {unit}", number(*value));
        result(format_args!("{}", line.trim_end()));
        self.outcomes.push(Outcome::Quantity(quantity));
    }

    /// The time under this name.
    pub(crate) fn find(&self, name: &str, batch: usize, threads: usize) -> Option<&Time> {
        self.outcomes.iter().find_map(|outcome| match outcome {
            Outcome::Time(time) => Some(time).filter(|time| {
                (time.name.as_str(), time.batch, time.threads) == (name, batch, threads)
            }),
            _ => None,
        })
    }

    /// The number under this name that is no time.
    pub(crate) fn value(&self, name: &str) -> Option<f64> {
        self.outcomes.iter().find_map(|outcome| match outcome {
            Outcome::Quantity(quantity) if quantity.name == name => Some(quantity.value),
            _ => None,
        })
    }
}

/// `12.3 µs`, `1.23 ms`, `1.23 s`, from µs.
pub(crate) fn duration(us: f64) -> String {
    match us {
        us if us < 1e3 => format!("{} µs", number(us)),
        us if us < 1e6 => format!("{} ms", number(us / 1e3)),
        us => format!("{} s", number(us / 1e6)),
    }
}

/// Three digits or more: `0.123`, `12.3`, `1,234`.
pub(crate) fn number(value: f64) -> String {
    match value {
        value if !value.is_finite() => value.to_string(),
        value if value >= 999.95 => thousands(value.round() as usize),
        value if value >= 9.995 => format!("{value:.1}"),
        0.0 => "0".to_owned(),
        value if value >= 0.9995 => format!("{value:.2}"),
        value => format!("{value:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_fitting_unit() {
        let texts = [12.34, 1234.0, 2_500_000.0].map(duration);
        assert_eq!(texts, ["12.3 µs", "1.23 ms", "2.50 s"]);
    }

    #[test]
    fn numbers_keep_three_digits() {
        let numbers = [
            (0.0, "0"),
            (0.0514, "0.051"),
            (1.0, "1.00"),
            (9.994, "9.99"),
            (9.996, "10.0"),
            (99.96, "100.0"),
            (999.96, "1,000"),
            (1_234_567.8, "1,234,568"),
            (f64::NAN, "NaN"),
        ];
        for (value, expected) in numbers {
            assert_eq!(number(value), expected);
        }
    }
}
