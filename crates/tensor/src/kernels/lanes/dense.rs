//! The fully connected layer in the lanes layout.
//!
//! Shapes: x, dx `[⌈N/16⌉, K, 16]`; y, dy `[⌈N/16⌉, O, 16]`; weights plain: w, dw `[O, K]`,
//! b, db `[O]`. MindSpore `nn.Dense`, PyTorch `nn.functional.linear`.

mod outer;
mod product;

use super::{LANES, padded_len};
use crate::kernels::isa::Isa;
use crate::kernels::vector::dispatch;
use outer::BackwardWeight;
use product::Product;

/// Sizes of a fully connected layer.
///
/// ```
/// use tensor::kernels::{isa::isa, lanes::{LANES, dense::{self, Dense}}};
/// let layer = Dense { batch: 2, inputs: 2, outputs: 1 };
/// let mut x = [0.0; 2 * LANES];
/// (x[0], x[LANES]) = (1.0, 2.0); // image 0
/// (x[1], x[LANES + 1]) = (3.0, 4.0); // image 1
/// let mut y = [f32::NAN; LANES];
/// dense::forward(isa(), layer, &x, &[10.0, 1.0], Some(&[0.5]), false, &mut y);
/// assert_eq!(y[..2], [12.5, 34.5]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dense {
    /// Samples, `N`.
    pub batch: usize,
    /// Features of a sample, `K`.
    pub inputs: usize,
    /// Features of its output, `O`.
    pub outputs: usize,
}

impl Dense {
    fn assert_lengths(&self, x: usize, w: usize, y: usize) {
        assert_eq!(x, padded_len(self.batch, self.inputs), "the input");
        assert_eq!(Some(w), self.inputs.checked_mul(self.outputs), "the weight");
        assert_eq!(y, padded_len(self.batch, self.outputs), "the output");
    }
}

/// y := x wᵀ + b, and where `relu` is set max(0, that); NaN stays NaN.
///
/// # Panics
/// Where a slice does not have the length that the sizes give.
pub fn forward(
    isa: Isa,
    layer: Dense,
    x: &[f32],
    w: &[f32],
    bias: Option<&[f32]>,
    relu: bool,
    y: &mut [f32],
) {
    layer.assert_lengths(x.len(), w.len(), y.len());
    assert!(bias.is_none_or(|bias| bias.len() == layer.outputs), "the bias");
    let kernel = Product {
        groups: layer.batch.div_ceil(LANES),
        outputs: layer.outputs,
        sums: layer.inputs,
        weight_output: layer.inputs,
        weight_sum: 1,
        source: x,
        weight: w,
        bias,
        relu,
        output: y,
    };
    // SAFETY: the lengths are as asserted.
    unsafe { dispatch(isa, kernel) };
}

/// dx := dy w.
///
/// # Panics
/// Where a slice does not have the length that the sizes give.
pub fn backward_input(isa: Isa, layer: Dense, w: &[f32], dy: &[f32], dx: &mut [f32]) {
    layer.assert_lengths(dx.len(), w.len(), dy.len());
    let kernel = Product {
        groups: layer.batch.div_ceil(LANES),
        outputs: layer.inputs,
        sums: layer.outputs,
        weight_output: 1,
        weight_sum: layer.inputs,
        source: dy,
        weight: w,
        bias: None,
        relu: false,
        output: dx,
    };
    // SAFETY: the lengths are as asserted.
    unsafe { dispatch(isa, kernel) };
}

/// Numbers of scratch memory that [`backward_weight`] needs: x and dy with the images as rows.
pub fn backward_weight_scratch_len(layer: Dense) -> usize {
    layer.batch.div_ceil(LANES) * LANES * (layer.inputs.next_multiple_of(LANES) + layer.outputs)
}

/// dw := dyᵀ x; db, where wanted, := the sum of dy over the batch. Both are 0 for an empty batch.
/// Unused lanes of dy must be 0, and those of x finite.
///
/// # Panics
/// Where a slice does not have the length that the sizes give, or `scratch` is shorter than
/// [`backward_weight_scratch_len`].
pub fn backward_weight(
    isa: Isa,
    layer: Dense,
    x: &[f32],
    dy: &[f32],
    dw: &mut [f32],
    db: Option<&mut [f32]>,
    scratch: &mut [f32],
) {
    layer.assert_lengths(x.len(), dw.len(), dy.len());
    assert!(db.as_ref().is_none_or(|db| db.len() == layer.outputs), "the bias");
    let scratch = &mut scratch[..backward_weight_scratch_len(layer)];
    // SAFETY: the lengths are as asserted.
    unsafe { dispatch(isa, BackwardWeight { layer, x, dy, dw, db, scratch }) };
}
