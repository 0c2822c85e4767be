//! [`Precision`].

use super::class_score::{ClassScore, class_score};

/// Of the samples that were taken for a class, the share that is of it: hits / predicted.
///
/// Predictions and targets are as for [`Accuracy`](crate::Accuracy). MindSpore's `Precision`, which
/// yields all classes unless told `average=True`, and scikit-learn's `precision_score`.
#[derive(Clone, Debug)]
pub struct Precision(ClassScore);

class_score!(Precision);

impl Precision {
    /// The mean over the classes.
    pub fn new() -> Self {
        Precision(ClassScore::new("precision", "precision".to_owned(), [0.0, 1.0]))
    }
}

impl Default for Precision {
    fn default() -> Self {
        Precision::new()
    }
}
