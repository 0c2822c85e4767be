//! [`Fbeta`].

use super::class_score::{ClassScore, class_score};
use crate::{Error, Result};

/// The harmonic mean of precision and recall, where recall counts β times as much:
/// (1 + β²) · hits / (β² · actual + predicted).
///
/// Predictions and targets are as for [`Accuracy`](crate::Accuracy). MindSpore's `Fbeta` and `F1`,
/// which yield all classes unless told `average=True`, and scikit-learn's `fbeta_score`: the mean
/// is that of the classes' scores.
#[derive(Clone, Debug)]
pub struct Fbeta(ClassScore);

class_score!(Fbeta);

impl Fbeta {
    /// The mean over the classes, under the name `f2` for a beta of 2.
    ///
    /// # Errors
    /// [`Error::Argument`] where beta is not a finite number above 0.
    pub fn new(beta: f64) -> Result<Self> {
        if !beta.is_finite() || beta <= 0.0 {
            return Err(Error::Argument {
                operation: "Fbeta",
                argument: "beta",
                found: beta.to_string(),
                expected: "a finite number above 0".to_owned(),
            });
        }
        Ok(Fbeta::of(beta))
    }

    /// As much of precision as of recall: MindSpore's `F1`.
    pub fn f1() -> Self {
        Fbeta::of(1.0)
    }

    fn of(beta: f64) -> Self {
        Fbeta(ClassScore::new("fbeta", format!("f{beta}"), [beta * beta, 1.0]))
    }
}
