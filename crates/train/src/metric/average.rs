//! [`Average`]: how one number is made of the classes' numbers.

use super::check::no_samples;
use super::counts::Counts;
use crate::{Result, Value};

/// How one number is made of the numbers of the classes: scikit-learn's `average`.
///
/// A class that occurs neither among the truths nor among the predictions is left out; one that
/// occurs in only one of them has the score 0 where the formula divides by 0. (MindSpore counts
/// classes that never occur as 0.)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Average {
    /// The mean over the classes.
    #[default]
    Macro,
    /// The formula on the sums over the classes. Where every sample has one class, that is
    /// the accuracy.
    Micro,
    /// The mean over the classes, weighted by their samples.
    Weighted,
    /// None: a number for each class, NaN for one that does not occur. (MindSpore's default.)
    PerClass,
}

impl Average {
    /// The metric's name with this average: `precision`, `precision_micro`.
    pub(super) fn name(self, metric: &str) -> String {
        match self {
            Average::Macro => metric.to_owned(),
            Average::Micro => format!("{metric}_micro"),
            Average::Weighted => format!("{metric}_weighted"),
            Average::PerClass => format!("{metric}_per_class"),
        }
    }

    /// Averages `score(hits, predicted, actual)` over the classes.
    pub(super) fn of(
        self,
        op: &'static str,
        counts: &Counts,
        score: impl Fn(f64, f64, f64) -> f64,
    ) -> Result<Value> {
        if counts.total() == 0.0 {
            return Err(no_samples(op));
        }
        let of = |class| (counts.cell(class, class), counts.predicted(class), counts.actual(class));
        let classes: Vec<_> = (0..counts.classes).map(of).collect();
        if self == Average::Micro {
            let sum = |(h, p, a), &(hits, predicted, actual)| (h + hits, p + predicted, a + actual);
            let (hits, predicted, actual) = classes.iter().fold((0.0, 0.0, 0.0), sum);
            return Ok(score(hits, predicted, actual).into());
        }
        let scores = classes.iter().map(|&(hits, predicted, actual)| {
            if predicted + actual == 0.0 { f64::NAN } else { score(hits, predicted, actual) }
        });
        if self == Average::PerClass {
            return Ok(Value::PerClass(scores.collect()));
        }
        let (mut sum, mut weights) = (0.0, 0.0);
        for (score, &(_, _, actual)) in scores.zip(&classes).filter(|(score, _)| !score.is_nan()) {
            let weight = if self == Average::Weighted { actual } else { 1.0 };
            sum += weight * score;
            weights += weight;
        }
        Ok((sum / weights).into())
    }
}

/// a / b, and 0 where b is.
pub(super) fn ratio(a: f64, b: f64) -> f64 {
    if b == 0.0 { 0.0 } else { a / b }
}
