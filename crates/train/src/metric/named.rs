//! Metrics by MindSpore's names.

use super::{
    Accuracy, ConfusionMatrix, Fbeta, LossMetric, MeanAbsoluteError, MeanSquaredError, Metric,
    Precision, Recall, RocAuc, RootMeanSquaredError, TopKCategoricalAccuracy,
};
use crate::{Error, Result};

const NAMES: [&str; 12] = [
    "accuracy",
    "loss",
    "precision",
    "recall",
    "f1",
    "confusion_matrix",
    "top_1_accuracy",
    "top_5_accuracy",
    "mae",
    "mse",
    "rmse",
    "auc",
];

/// The metric of this name, with its defaults: MindSpore's `get_metric_fn`. Upper and lower case
/// are the same, and `acc` is `accuracy`.
///
/// # Errors
/// [`Error::Argument`], which lists the names that exist.
pub fn metric_by_name(name: &str) -> Result<Box<dyn Metric>> {
    Ok(match name.to_ascii_lowercase().as_str() {
        "accuracy" | "acc" => Box::new(Accuracy::new()),
        "loss" => Box::new(LossMetric::new()),
        "precision" => Box::new(Precision::new()),
        "recall" => Box::new(Recall::new()),
        "f1" => Box::new(Fbeta::f1()),
        "confusion_matrix" => Box::new(ConfusionMatrix::new()),
        "top_1_accuracy" => Box::new(TopKCategoricalAccuracy::new(1)?),
        "top_5_accuracy" => Box::new(TopKCategoricalAccuracy::new(5)?),
        "mae" => Box::new(MeanAbsoluteError::new()),
        "mse" => Box::new(MeanSquaredError::new()),
        "rmse" => Box::new(RootMeanSquaredError::new()),
        "auc" => Box::new(RocAuc::new()),
        _ => {
            return Err(Error::Argument {
                operation: "metrics",
                argument: "name",
                found: format!("`{name}`"),
                expected: format!("one of: {}", NAMES.join(", ")),
            });
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_that_is_listed_is_known() {
        for name in NAMES {
            assert_eq!(metric_by_name(name).unwrap().name(), name);
            assert_eq!(metric_by_name(&name.to_uppercase()).unwrap().name(), name);
        }
        let error = metric_by_name("accurate").err().unwrap().to_string();
        assert_eq!(
            error,
            "metrics: name is `accurate`, expected one of: accuracy, loss, precision, recall, f1, \
             confusion_matrix, top_1_accuracy, top_5_accuracy, mae, mse, rmse, auc"
        );
    }
}
