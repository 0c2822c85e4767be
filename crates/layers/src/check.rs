//! [`check_layer_gradients`]: a layer of one's own against central differences.

use crate::{Layer, ModuleExt};
use autodiff::{GradientCheckError, check_gradients};
use tensor::random::Stream;
use tensor::{Shape, Tensor};

/// Checks a layer's gradients with respect to a random input of this shape and to every trainable
/// parameter at its present value, in `f64`, as [`check_gradients`] does: the backward pass must
/// agree with central differences within a relative 1e-6, element by element.
///
/// The input is drawn from U(-1, 1) by the stream (`seed`, "gradient check", 0, 1), so that it
/// meets no kink (ReLU at 0, ties in max-pooling) but by bad luck. The layer works as in training.
///
/// # Errors
/// [`GradientCheckError`], which names the parameter as [`ModuleExt::parameters`] does, or
/// `the input`, and the element; among them the layer's own errors, such as parameters that have
/// no values yet.
///
/// ```
/// use layers::{Dense, ModuleExt, check_layer_gradients};
/// let mut layer = Dense::new(4, 3);
/// layer.initialize(1)?;
/// check_layer_gradients(&layer, [2, 4], 1)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn check_layer_gradients(
    layer: &(impl Layer<f64> + ?Sized),
    input_shape: impl Into<Shape>,
    seed: u64,
) -> Result<(), GradientCheckError> {
    let mut stream = Stream::new(seed, "gradient check", 0, 1);
    let mut names = vec!["the input".to_owned()];
    let mut values = vec![Tensor::from_fn(input_shape, |_| stream.uniform_in(-1.0, 1.0))];
    let mut keys = Vec::new();
    for (name, parameter) in layer.parameters() {
        // One without a value is left to the layer, whose error says how to mend it.
        if let Some(value) = parameter.value().filter(|_| parameter.is_trainable()) {
            names.push(format!("parameter {name}"));
            values.push(value.cast());
            keys.push(parameter.key());
        }
    }
    let checked = check_gradients(&values, |tape, values| {
        for (&key, value) in keys.iter().zip(&values[1..]) {
            tape.bind(key, value)?;
        }
        layer.forward(values[0].clone())
    });
    checked.map_err(|error| error.with_names(&names))
}
