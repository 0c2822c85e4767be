//! The operations: one file each, holding the forward method of [`Var`](crate::Var), what it
//! saves, and its derivative rule.

mod abs;
mod activation;
mod affine;
mod arithmetic;
mod avg_pool2d;
mod batch_norm;
mod bce_with_logits;
mod conv2d;
mod cross_entropy;
mod dropout;
mod elu;
mod exp_ln;
mod gelu;
mod huber;
mod layer_norm;
mod leaky_relu;
mod linear;
mod matmul;
mod max_pool2d;
mod permute;
mod reduce;
mod reshape;
mod scaled_tanh;
mod scatter_rows;
mod silu;
mod softmax;
mod softplus;
mod square;
mod step;
mod subsampling;

pub use batch_norm::BatchMoments;
pub use bce_with_logits::BceOptions;
pub use cross_entropy::CrossEntropyOptions;

use tensor::{Error, Result};

/// Checks a parameter that must be finite and not negative.
fn at_least_0(op: &'static str, argument: &'static str, value: f64) -> Result<()> {
    if value.is_finite() && value >= 0.0 {
        return Ok(());
    }
    Err(Error::argument(op, argument, value, "a finite number, at least 0"))
}

/// Checks weights of classes or outputs, which must be finite and not negative.
fn check_weights(op: &'static str, argument: &'static str, weights: &[f64]) -> Result<()> {
    match weights.iter().position(|w| !(w.is_finite() && *w >= 0.0)) {
        None => Ok(()),
        Some(position) => {
            let found = format!("{} at position {position}", weights[position]);
            Err(Error::argument(op, argument, found, "finite numbers, at least 0"))
        }
    }
}

/// `1 number`, `3 numbers`.
fn numbers(count: usize) -> String {
    format!("{count} number{}", if count == 1 { "" } else { "s" })
}
