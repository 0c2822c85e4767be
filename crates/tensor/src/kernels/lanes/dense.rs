//! The fully connected layer in the lanes layout.
//!
//! Shapes: x, dx `[⌈N/16⌉, K, 16]`; y, dy `[⌈N/16⌉, O, 16]`; weights plain: w, dw `[O, K]`,
//! b, db `[O]`. MindSpore `nn.Dense`, PyTorch `nn.functional.linear`.

use super::layout::deinterleave;
use super::vector::{Kernel, Vector, dispatch};
use super::{LANES, blocks, padded_len};
use crate::kernels::isa::Isa;

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
    // SAFETY: the lengths are as asserted.
    unsafe { dispatch(isa, Forward { layer, x, w, bias, relu, y }) };
}

/// dx := dy w.
///
/// # Panics
/// Where a slice does not have the length that the sizes give.
pub fn backward_input(isa: Isa, layer: Dense, w: &[f32], dy: &[f32], dx: &mut [f32]) {
    layer.assert_lengths(dx.len(), w.len(), dy.len());
    // SAFETY: the lengths are as asserted.
    unsafe { dispatch(isa, BackwardInput { layer, w, dy, dx }) };
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

/// Outputs in a block of the forward pass.
const MOST_OUTPUTS: usize = 8;

struct Forward<'a> {
    layer: Dense,
    x: &'a [f32],
    w: &'a [f32],
    bias: Option<&'a [f32]>,
    relu: bool,
    y: &'a mut [f32],
}

impl Kernel for Forward<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let Forward { layer, x, w, bias, relu, y } = self;
        let Dense { batch, inputs, outputs } = layer;
        for group in 0..batch.div_ceil(LANES) {
            let mut lane = 0;
            while lane < LANES {
                for (output, count) in blocks(outputs, MOST_OUTPUTS) {
                    // SAFETY: the block lies inside the matrices.
                    unsafe {
                        let x = x.as_ptr().add(group * inputs * LANES + lane);
                        let w = w.as_ptr().wrapping_add(output * inputs);
                        let bias = bias.map(|bias| bias.as_ptr().add(output));
                        let y = y.as_mut_ptr().add((group * outputs + output) * LANES + lane);
                        match count {
                            1 => forward_block::<V, 1>(inputs, x, w, bias, relu, y),
                            2 => forward_block::<V, 2>(inputs, x, w, bias, relu, y),
                            3 => forward_block::<V, 3>(inputs, x, w, bias, relu, y),
                            4 => forward_block::<V, 4>(inputs, x, w, bias, relu, y),
                            5 => forward_block::<V, 5>(inputs, x, w, bias, relu, y),
                            6 => forward_block::<V, 6>(inputs, x, w, bias, relu, y),
                            7 => forward_block::<V, 7>(inputs, x, w, bias, relu, y),
                            8 => forward_block::<V, 8>(inputs, x, w, bias, relu, y),
                            _ => unreachable!("blocks are at most {MOST_OUTPUTS} outputs"),
                        }
                    }
                }
                lane += V::LEN;
            }
        }
    }
}

#[inline(always)]
unsafe fn forward_block<V: Vector, const O: usize>(
    inputs: usize,
    x: *const f32,
    w: *const f32,
    bias: Option<*const f32>,
    relu: bool,
    y: *mut f32,
) {
    // SAFETY: `O` rows of `inputs` weights, `inputs` vectors of x, `O` of y.
    unsafe {
        let mut sums = [V::splat(0.0); O];
        if let Some(bias) = bias {
            for o in 0..O {
                sums[o] = V::splat(*bias.add(o));
            }
        }
        for k in 0..inputs {
            let x = V::load(x.add(k * LANES));
            for o in 0..O {
                sums[o] = V::splat(*w.add(o * inputs + k)).mul_add(x, sums[o]);
            }
        }
        for o in 0..O {
            let mut sum = sums[o];
            if relu {
                sum = V::select(sum.above_zero(), sum, V::splat(0.0));
            }
            sum.store(y.add(o * LANES));
        }
    }
}

struct BackwardInput<'a> {
    layer: Dense,
    w: &'a [f32],
    dy: &'a [f32],
    dx: &'a mut [f32],
}

impl Kernel for BackwardInput<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let BackwardInput { layer, w, dy, dx } = self;
        let Dense { batch, inputs, outputs } = layer;
        for group in 0..batch.div_ceil(LANES) {
            let mut lane = 0;
            while lane < LANES {
                let most = if V::REGISTERS >= 32 { 16 } else { 12 };
                let mut input = 0;
                while input < inputs {
                    // SAFETY: the block lies inside the matrices.
                    unsafe {
                        let w = w.as_ptr().wrapping_add(input);
                        let dy = dy.as_ptr().wrapping_add(group * outputs * LANES + lane);
                        let dx = dx.as_mut_ptr().add((group * inputs + input) * LANES + lane);
                        let left = inputs - input;
                        if left >= 16 && most >= 16 {
                            backward_input_block::<V, 16>(layer, w, dy, dx);
                            input += 16;
                        } else if left >= 12 {
                            backward_input_block::<V, 12>(layer, w, dy, dx);
                            input += 12;
                        } else if left >= 4 {
                            backward_input_block::<V, 4>(layer, w, dy, dx);
                            input += 4;
                        } else {
                            backward_input_block::<V, 1>(layer, w, dy, dx);
                            input += 1;
                        }
                    }
                }
                lane += V::LEN;
            }
        }
    }
}

#[inline(always)]
unsafe fn backward_input_block<V: Vector, const K: usize>(
    layer: Dense,
    w: *const f32,
    dy: *const f32,
    dx: *mut f32,
) {
    // SAFETY: `K` columns of the weight, all vectors of dy, `K` of dx.
    unsafe {
        let mut sums = [V::splat(0.0); K];
        for o in 0..layer.outputs {
            let dy = V::load(dy.add(o * LANES));
            for k in 0..K {
                sums[k] = V::splat(*w.add(o * layer.inputs + k)).mul_add(dy, sums[k]);
            }
        }
        for k in 0..K {
            sums[k].store(dx.add(k * LANES));
        }
    }
}

struct BackwardWeight<'a> {
    layer: Dense,
    x: &'a [f32],
    dy: &'a [f32],
    dw: &'a mut [f32],
    db: Option<&'a mut [f32]>,
    scratch: &'a mut [f32],
}

impl Kernel for BackwardWeight<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let BackwardWeight { layer, x, dy, dw, db, scratch } = self;
        let Dense { batch, inputs, outputs } = layer;
        let pitch = inputs.next_multiple_of(LANES);
        let images = batch.div_ceil(LANES) * LANES;
        let (rows, gradients) = scratch.split_at_mut(images * pitch);
        for group in 0..images / LANES {
            // SAFETY: sixteen rows of x and of dy.
            unsafe {
                let x = x.as_ptr().wrapping_add(group * inputs * LANES);
                let rows = rows.as_mut_ptr().wrapping_add(group * LANES * pitch);
                deinterleave::<V>(inputs, x, LANES, rows, pitch);
                let dy = dy.as_ptr().wrapping_add(group * outputs * LANES);
                let gradients = gradients.as_mut_ptr().wrapping_add(group * LANES * outputs);
                deinterleave::<V>(outputs, dy, LANES, gradients, outputs);
            }
        }
        // The last vector of a row may read past the features: into zeros.
        for row in rows.chunks_exact_mut(pitch.max(1)) {
            row[inputs..].fill(0.0);
        }
        let sizes = Outer { images, inputs, outputs, pitch };
        for (output, count) in blocks(outputs, 4) {
            // SAFETY: the block lies inside the matrices.
            unsafe {
                let gradients = gradients.as_ptr().wrapping_add(output);
                let dw = dw.as_mut_ptr().add(output * inputs);
                match count {
                    1 => sizes.rows::<V, 1>(rows.as_ptr(), gradients, dw),
                    2 => sizes.rows::<V, 2>(rows.as_ptr(), gradients, dw),
                    3 => sizes.rows::<V, 3>(rows.as_ptr(), gradients, dw),
                    4 => sizes.rows::<V, 4>(rows.as_ptr(), gradients, dw),
                    _ => unreachable!("blocks are at most 4 outputs"),
                }
            }
        }
        if let Some(db) = db {
            for (output, db) in db.iter_mut().enumerate() {
                // SAFETY: each output has a vector in each group.
                unsafe {
                    let mut sum = V::splat(0.0);
                    for group in 0..images / LANES {
                        let mut lane = 0;
                        while lane < LANES {
                            let at = (group * outputs + output) * LANES + lane;
                            sum = sum.add(V::load(dy.as_ptr().add(at)));
                            lane += V::LEN;
                        }
                    }
                    *db = sum.sum();
                }
            }
        }
    }
}

/// Sizes of the weight gradient as a sum of outer products over the images.
#[derive(Clone, Copy)]
struct Outer {
    images: usize,
    inputs: usize,
    outputs: usize,
    pitch: usize,
}

impl Outer {
    /// `O` rows of the weight gradient.
    #[inline(always)]
    unsafe fn rows<V: Vector, const O: usize>(&self, x: *const f32, dy: *const f32, dw: *mut f32) {
        let wide = if V::REGISTERS >= 32 { 5 } else { 3 };
        let mut input = 0;
        while input < self.inputs {
            let vectors = (self.inputs - input).div_ceil(V::LEN);
            // SAFETY: the block lies inside the matrices; `store` writes features only.
            unsafe {
                let x = x.add(input);
                let dw = dw.add(input);
                let left = self.inputs - input;
                if vectors >= 5 && wide >= 5 {
                    self.block::<V, O, 5>(x, dy, dw, left);
                    input += 5 * V::LEN;
                } else if vectors >= 3 {
                    self.block::<V, O, 3>(x, dy, dw, left);
                    input += 3 * V::LEN;
                } else if vectors >= 2 {
                    self.block::<V, O, 2>(x, dy, dw, left);
                    input += 2 * V::LEN;
                } else {
                    self.block::<V, O, 1>(x, dy, dw, left);
                    input += V::LEN;
                }
            }
        }
    }

    /// `O` rows by `P` vectors, of which `left` numbers exist.
    #[inline(always)]
    unsafe fn block<V: Vector, const O: usize, const P: usize>(
        &self,
        x: *const f32,
        dy: *const f32,
        dw: *mut f32,
        left: usize,
    ) {
        // SAFETY: passed on; rows of x are padded to whole vectors.
        unsafe {
            let mut sums = [[V::splat(0.0); P]; O];
            for image in 0..self.images {
                let mut vectors = [V::splat(0.0); P];
                for p in 0..P {
                    vectors[p] = V::load(x.add(image * self.pitch + p * V::LEN));
                }
                for o in 0..O {
                    let gradient = V::splat(*dy.add(image * self.outputs + o));
                    for p in 0..P {
                        sums[o][p] = vectors[p].mul_add(gradient, sums[o][p]);
                    }
                }
            }
            for o in 0..O {
                for p in 0..P {
                    let to = dw.add(o * self.inputs + p * V::LEN);
                    let left = left.saturating_sub(p * V::LEN).min(V::LEN);
                    if left == V::LEN {
                        sums[o][p].store(to);
                    } else {
                        let mut rest = [0.0; LANES];
                        sums[o][p].store(rest.as_mut_ptr());
                        std::ptr::copy_nonoverlapping(rest.as_ptr(), to, left);
                    }
                }
            }
        }
    }
}
