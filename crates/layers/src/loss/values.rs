//! What the losses of numbers have in common: their targets.

use crate::Target;
use autodiff::Var;
use tensor::{Error, Float, Result, Tensor};

/// The target's numbers, which must have the prediction's shape.
pub(super) fn values<'a, T: Float>(
    op: &'static str,
    prediction: &Var<'_, T>,
    target: &'a Target,
) -> Result<&'a Tensor> {
    let Target::Values(values) = target else {
        return Err(Error::argument(op, "target", "a class", "numbers")
            .hint("use SoftmaxCrossEntropyWithLogits for classes, or one-hot targets"));
    };
    if prediction.shape() != values.shape() {
        return Err(Error::shape(op, "prediction and target differ in shape")
            .operand("prediction", prediction.shape())
            .operand("target", values.shape())
            .hint(
                "a sample's target has the shape of its prediction: reshape the targets, or change \
                 the network's outputs",
            ));
    }
    Ok(values)
}

/// prediction - target, element by element.
pub(super) fn difference<'t, T: Float>(
    op: &'static str,
    prediction: Var<'t, T>,
    target: &Target,
) -> Result<Var<'t, T>> {
    let values = T::cast_from_f32(values(op, &prediction, target)?);
    let values = prediction.tape().constant(values);
    prediction.sub(&values)
}
