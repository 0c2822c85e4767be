//! Fully connected layers on a few samples: x, dx `[N, K]`, w, dw `[O, K]`, b `[O]`, y, dy
//! `[N, O]`.
//!
//! A general matrix product packs the weight into blocks before it reads it, which so few samples
//! do not repay: these read or write it once, at the speed of the cache.

use super::super::isa::Isa;
pub use super::super::lanes::dense::Dense;
use super::super::lanes::{LANES, blocks};
use super::super::matvec::combine_rows;
use super::super::vector::{Kernel, Vector, dispatch};
use super::correlation::{Block, MOST_OUTPUTS, MOST_VECTORS, WeightSteps, combine};

/// Whether these kernels can do it: a row of the weight fills a vector.
pub fn fits(layer: Dense) -> bool {
    layer.inputs >= LANES
}

/// y := x wᵀ + b.
///
/// ```
/// use tensor::kernels::{isa::isa, rows::dense::{self, Dense}};
/// let layer = Dense { batch: 1, inputs: 16, outputs: 1 };
/// let mut y = [0.0];
/// dense::forward(isa(), layer, &[2.0; 16], &[0.25; 16], Some(&[1.0]), &mut y);
/// assert_eq!(y, [9.0]);
/// ```
///
/// # Panics
/// Where a slice does not have the length that the layer gives, or [`fits`] is false.
pub fn forward(isa: Isa, layer: Dense, x: &[f32], w: &[f32], bias: Option<&[f32]>, y: &mut [f32]) {
    check(layer, x.len(), w.len(), y.len());
    assert!(bias.is_none_or(|bias| bias.len() == layer.outputs), "the bias");
    // SAFETY: the lengths are as asserted.
    unsafe { dispatch(isa, Forward { layer, x, w, bias, y }) };
}

/// dx := dy w.
///
/// # Panics
/// Where a slice does not have the length that the layer gives, or [`fits`] is false.
pub fn backward_input(isa: Isa, layer: Dense, w: &[f32], dy: &[f32], dx: &mut [f32]) {
    check(layer, dx.len(), w.len(), dy.len());
    if layer.batch == 1 {
        // Sums in memory: in registers, the few of one sample would wait for each other.
        return combine_rows(w, dy, 0.0, dx);
    }
    let combination = Combination {
        len: layer.inputs,
        rows: layer.batch,
        terms: layer.outputs,
        factors: dy,
        factor_steps: [layer.outputs, 1],
        matrix: w,
        output: dx,
    };
    // SAFETY: the lengths are as asserted.
    unsafe { dispatch(isa, combination) };
}

/// dw := dyᵀ x; 0 for an empty batch.
///
/// # Panics
/// Where a slice does not have the length that the layer gives, or [`fits`] is false.
pub fn backward_weight(isa: Isa, layer: Dense, x: &[f32], dy: &[f32], dw: &mut [f32]) {
    check(layer, x.len(), dw.len(), dy.len());
    if layer.batch == 1 {
        // SAFETY: the lengths are as asserted.
        return unsafe { dispatch(isa, Outer { x, dy, dw }) };
    }
    let combination = Combination {
        len: layer.inputs,
        rows: layer.outputs,
        terms: layer.batch,
        factors: dy,
        factor_steps: [1, layer.outputs],
        matrix: x,
        output: dw,
    };
    // SAFETY: the lengths are as asserted.
    unsafe { dispatch(isa, combination) };
}

fn check(layer: Dense, x: usize, w: usize, y: usize) {
    assert!(fits(layer), "a row fills a vector");
    assert_eq!(x, layer.batch * layer.inputs, "the input");
    assert_eq!(w, layer.outputs * layer.inputs, "the weight");
    assert_eq!(y, layer.batch * layer.outputs, "the output");
}

/// `output[r, :] = Σ_t factors[r, t] · matrix[t, :]`, rows of `len` numbers.
struct Combination<'a> {
    len: usize,
    rows: usize,
    terms: usize,
    factors: &'a [f32],
    /// From one row, and from one term, to the next.
    factor_steps: [usize; 2],
    matrix: &'a [f32],
    output: &'a mut [f32],
}

impl Kernel for Combination<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let most = MOST_VECTORS.min(self.len / V::LEN);
        for (row, rows) in blocks(self.rows, MOST_OUTPUTS) {
            for (vector, vectors) in blocks(self.len.div_ceil(V::LEN), most) {
                // The last block ends with the row and overlaps the one before it.
                let at = (vector * V::LEN).min(self.len - vectors * V::LEN);
                // SAFETY: the block lies inside the slices.
                unsafe {
                    let block = Block {
                        sources: self.terms,
                        taps: [1, 1],
                        steps: [0, 0],
                        source: self.matrix.as_ptr().wrapping_add(at),
                        source_plane: self.len,
                        weight: self.factors.as_ptr().wrapping_add(row * self.factor_steps[0]),
                        weight_steps: WeightSteps {
                            start: 0,
                            source: self.factor_steps[1],
                            output: self.factor_steps[0],
                            taps: [0, 0],
                        },
                        bias: None,
                        output: self.output.as_mut_ptr().add(row * self.len + at),
                        output_plane: self.len,
                    };
                    combine::<V>([rows, vectors], block);
                }
            }
        }
    }
}

/// `dw[o, :] = dy[o] · x`.
struct Outer<'a> {
    x: &'a [f32],
    dy: &'a [f32],
    dw: &'a mut [f32],
}

impl Kernel for Outer<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let last = self.x.len() - V::LEN;
        for (dw, &dy) in self.dw.chunks_exact_mut(self.x.len()).zip(self.dy) {
            // SAFETY: a row is at least a vector long, and the last vector ends with it.
            unsafe {
                let (factor, zero) = (V::splat(dy), V::splat(0.0));
                let product = |at: usize| V::load(self.x.as_ptr().add(at)).mul_add(factor, zero);
                for at in (0..last).step_by(V::LEN) {
                    product(at).store(dw.as_mut_ptr().add(at));
                }
                product(last).store(dw.as_mut_ptr().add(last));
            }
        }
    }
}

struct Forward<'a> {
    layer: Dense,
    x: &'a [f32],
    w: &'a [f32],
    bias: Option<&'a [f32]>,
    y: &'a mut [f32],
}

/// Most samples in a register block, and its outputs.
const MOST_SAMPLES: usize = 4;
const OUTPUTS: usize = 4;
const OUTPUTS_OF_16: usize = 2;

impl Kernel for Forward<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let Dense { batch, inputs, outputs } = self.layer;
        let most = if V::REGISTERS >= 32 { OUTPUTS } else { OUTPUTS_OF_16 };
        for (n, samples) in blocks(batch, MOST_SAMPLES) {
            let x = &self.x[n * inputs..][..samples * inputs];
            // The last vector of a row overlaps the one before it, and what was there already
            // counts 0.
            let (mut ends, left) = ([[0.0; LANES]; MOST_SAMPLES], inputs % V::LEN);
            for (end, x) in ends.iter_mut().zip(x.chunks_exact(inputs)) {
                end[V::LEN - left..V::LEN].copy_from_slice(&x[inputs - left..]);
            }
            for (o, count) in blocks(outputs, most) {
                // SAFETY: the block lies inside the slices.
                unsafe {
                    let block = DotBlock {
                        inputs,
                        x: x.as_ptr(),
                        ends: ends.as_ptr().cast(),
                        w: self.w.as_ptr().add(o * inputs),
                        bias: self.bias.map(|bias| bias.as_ptr().add(o)),
                        y: self.y.as_mut_ptr().add(n * outputs + o),
                        y_sample: outputs,
                    };
                    match (count, samples) {
                        (1, 1) => V::call(Dots::<1, 1>(block)),
                        (1, 2) => V::call(Dots::<1, 2>(block)),
                        (1, 3) => V::call(Dots::<1, 3>(block)),
                        (1, 4) => V::call(Dots::<1, 4>(block)),
                        (2, 1) => V::call(Dots::<2, 1>(block)),
                        (2, 2) => V::call(Dots::<2, 2>(block)),
                        (2, 3) => V::call(Dots::<2, 3>(block)),
                        (2, 4) => V::call(Dots::<2, 4>(block)),
                        (3, 1) => V::call(Dots::<3, 1>(block)),
                        (3, 2) => V::call(Dots::<3, 2>(block)),
                        (3, 3) => V::call(Dots::<3, 3>(block)),
                        (3, 4) => V::call(Dots::<3, 4>(block)),
                        (4, 1) => V::call(Dots::<4, 1>(block)),
                        (4, 2) => V::call(Dots::<4, 2>(block)),
                        (4, 3) => V::call(Dots::<4, 3>(block)),
                        (4, 4) => V::call(Dots::<4, 4>(block)),
                        _ => unreachable!("blocks of {most} outputs and {MOST_SAMPLES} samples"),
                    }
                }
            }
        }
    }
}

#[derive(Clone, Copy)]
struct DotBlock {
    inputs: usize,
    x: *const f32,
    ends: *const f32,
    w: *const f32,
    bias: Option<*const f32>,
    y: *mut f32,
    y_sample: usize,
}

/// A register block: `O` outputs of `N` samples.
struct Dots<const O: usize, const N: usize>(DotBlock);

impl<const O: usize, const N: usize> Kernel for Dots<O, N> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let DotBlock { inputs, x, ends, w, bias, y, y_sample } = self.0;
        // SAFETY: `O` rows of the weight and `N` samples are there.
        unsafe {
            let mut sums = [[V::splat(0.0); N]; O];
            let mut k = 0;
            while k + V::LEN <= inputs {
                let mut terms = [V::splat(0.0); N];
                for n in 0..N {
                    terms[n] = V::load(x.add(n * inputs + k));
                }
                for o in 0..O {
                    let factor = V::load(w.add(o * inputs + k));
                    for n in 0..N {
                        sums[o][n] = terms[n].mul_add(factor, sums[o][n]);
                    }
                }
                k += V::LEN;
            }
            if k < inputs {
                for o in 0..O {
                    let factor = V::load(w.add((o + 1) * inputs - V::LEN));
                    for n in 0..N {
                        let term = V::load(ends.add(n * LANES));
                        sums[o][n] = term.mul_add(factor, sums[o][n]);
                    }
                }
            }
            for o in 0..O {
                let bias = bias.map_or(0.0, |bias| *bias.add(o));
                for n in 0..N {
                    *y.add(n * y_sample + o) = sums[o][n].sum() + bias;
                }
            }
        }
    }
}
