//! How many floating-point operations a piece of work is.
//!
//! Multiplications are counted where the operations are, in `tensor` and `autodiff`, and a
//! network's by `layers::summary`; here they become operations and passes. Counted is what the textbook formula needs, from shapes alone: a multiplication with its
//! addition is two operations, taps that fall into padding count like the others, and bias,
//! activation, pooling, loss and optimizer count nothing. An algorithm that needs fewer
//! operations (Winograd's) can so come out above 100 % of the processor's peak.

use layers::Summary;
use tensor::Conv2dGeometry;

/// One pass of a convolution: the forward pass, or either gradient.
pub(crate) fn conv2d(g: &Conv2dGeometry) -> f64 {
    2.0 * g.multiply_adds() as f64
}

/// A product of `[m, k]` and `[k, n]`; also one pass of a dense layer.
pub(crate) fn matmul([m, k, n]: [usize; 3]) -> f64 {
    2.0 * m as f64 * k as f64 * n as f64
}

/// A forward pass of a batch through each layer that multiplies.
pub(crate) fn passes(network: &Summary, batch: usize) -> Vec<f64> {
    let layers = network.rows.iter().map(|row| 2.0 * row.multiply_adds as f64 * batch as f64);
    layers.filter(|&flops| flops > 0.0).collect()
}

/// Forward through a network whose layers are these passes.
pub(crate) fn inference(passes: &[f64]) -> f64 {
    passes.iter().sum()
}

/// A training step: each layer's forward pass and two gradients, but no gradient of the input of
/// the first.
pub(crate) fn training(passes: &[f64]) -> f64 {
    3.0 * inference(passes) - passes.first().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::lenet;
    use super::*;

    #[test]
    fn a_step_of_lenet5_is_what_was_counted_by_hand() {
        // 2·32·6·28·28·25, 2·32·16·10·10·150, 2·32·(400·120, 120·84, 84·10)
        let passes = lenet::passes(32).unwrap();
        assert_eq!(passes, [7_526_400.0, 15_360_000.0, 3_072_000.0, 645_120.0, 53_760.0]);
        assert_eq!(training(&passes), 72_445_440.0);
        assert_eq!(inference(&passes), 26_657_280.0);
    }
}
