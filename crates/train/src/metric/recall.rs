//! [`Recall`].

use super::class_score::{ClassScore, class_score};

/// Of the samples of a class, the share that was taken for it: hits / actual.
///
/// Predictions and targets are as for [`Accuracy`](crate::Accuracy). MindSpore's `Recall`, which
/// yields all classes unless told `average=True`, and scikit-learn's `recall_score`.
#[derive(Clone, Debug)]
pub struct Recall(ClassScore);

class_score!(Recall);

impl Recall {
    /// The mean over the classes.
    pub fn new() -> Self {
        Recall(ClassScore::new("recall", "recall".to_owned(), [1.0, 0.0]))
    }
}

impl Default for Recall {
    fn default() -> Self {
        Recall::new()
    }
}
