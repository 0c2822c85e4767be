//! The operations: one file each, holding the forward method of [`Var`](crate::Var), what it
//! saves, and its derivative rule.

mod activation;
mod affine;
mod arithmetic;
mod avg_pool2d;
mod batch_norm;
mod conv2d;
mod cross_entropy;
mod dropout;
mod elu;
mod exp_ln;
mod gelu;
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
use tensor::{Error, Result};

/// Checks a parameter that must be finite and not negative.
fn at_least_0(op: &'static str, argument: &'static str, value: f64) -> Result<()> {
    if value.is_finite() && value >= 0.0 {
        return Ok(());
    }
    Err(Error::argument(op, argument, value, "a finite number, at least 0"))
}
