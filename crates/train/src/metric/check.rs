//! What metrics refuse.

use crate::{Error, Outcome};
use layers::Target;
use tensor::{Shape, Tensor};

/// Prediction and target are not of the shapes that `detail` describes.
pub(super) fn unfit(op: &'static str, detail: &str, outcome: Outcome<'_>) -> Error {
    tensor::Error::shape(op, detail)
        .operand("prediction", outcome.prediction.shape())
        .operand("target", target_shape(outcome.target))
        .into()
}

pub(super) fn target_shape(target: &Target) -> &Shape {
    match target {
        Target::Class(labels) => labels.shape(),
        Target::Values(values) => values.shape(),
    }
}

/// A NaN is larger and smaller than nothing, so it would silently count as some class or error.
pub(super) fn no_nan(op: &'static str, prediction: &Tensor) -> Result<(), Error> {
    if prediction.as_slice().iter().any(|x| x.is_nan()) {
        let expected = "a number everywhere";
        return Err(tensor::Error::argument(op, "prediction", "NaN", expected)
            .hint("the weights or the inputs hold NaN")
            .into());
    }
    Ok(())
}

/// There is nothing to evaluate.
pub(super) fn no_samples(op: &'static str) -> Error {
    tensor::Error::state(op, "no samples were given since the last clear")
        .hint("update it with predictions first")
        .into()
}
