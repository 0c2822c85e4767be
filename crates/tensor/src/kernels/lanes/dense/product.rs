//! Sums of a fully connected layer: its outputs, or the gradient of its inputs.

use super::super::{LANES, blocks};
use crate::kernels::vector::{Kernel, Vector};

/// Most outputs in a register block: with two vectors of lanes each, and with one.
const MOST_WIDE: usize = 6;
const MOST_NARROW: usize = 12;

/// Sums over features: of the input for the forward pass, of the output for the input's gradient.
pub(super) struct Product<'a> {
    /// Groups of sixteen samples.
    pub(super) groups: usize,
    pub(super) outputs: usize,
    pub(super) sums: usize,
    /// Numbers of the weight from one output, or one term of a sum, to the next.
    pub(super) weight_output: usize,
    pub(super) weight_sum: usize,
    pub(super) source: &'a [f32],
    pub(super) weight: &'a [f32],
    pub(super) bias: Option<&'a [f32]>,
    pub(super) relu: bool,
    pub(super) output: &'a mut [f32],
}

impl Kernel for Product<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        // A weight serves two vectors where sixteen lanes are more than one.
        let parts = if V::LEN < LANES { 2 } else { 1 };
        let most = if parts == 2 { MOST_WIDE } else { MOST_NARROW };
        for group in 0..self.groups {
            for lane in (0..LANES).step_by(parts * V::LEN) {
                for (output, count) in blocks(self.outputs, most) {
                    let place = (group * self.outputs + output) * LANES + lane;
                    // SAFETY: the block lies inside the slices.
                    unsafe {
                        let block = ProductBlock {
                            sums: self.sums,
                            weight_output: self.weight_output,
                            weight_sum: self.weight_sum,
                            source: self.source.as_ptr().add(group * self.sums * LANES + lane),
                            weight: self.weight.as_ptr().add(output * self.weight_output),
                            bias: self.bias.map(|bias| bias.as_ptr().add(output)),
                            relu: self.relu,
                            output: self.output.as_mut_ptr().add(place),
                        };
                        match (parts, count) {
                            (2, 1) => V::call(Sums::<1, 2>(block)),
                            (2, 2) => V::call(Sums::<2, 2>(block)),
                            (2, 3) => V::call(Sums::<3, 2>(block)),
                            (2, 4) => V::call(Sums::<4, 2>(block)),
                            (2, 5) => V::call(Sums::<5, 2>(block)),
                            (2, 6) => V::call(Sums::<6, 2>(block)),
                            (1, 1) => V::call(Sums::<1, 1>(block)),
                            (1, 2) => V::call(Sums::<2, 1>(block)),
                            (1, 3) => V::call(Sums::<3, 1>(block)),
                            (1, 4) => V::call(Sums::<4, 1>(block)),
                            (1, 5) => V::call(Sums::<5, 1>(block)),
                            (1, 6) => V::call(Sums::<6, 1>(block)),
                            (1, 7) => V::call(Sums::<7, 1>(block)),
                            (1, 8) => V::call(Sums::<8, 1>(block)),
                            (1, 9) => V::call(Sums::<9, 1>(block)),
                            (1, 10) => V::call(Sums::<10, 1>(block)),
                            (1, 11) => V::call(Sums::<11, 1>(block)),
                            (1, 12) => V::call(Sums::<12, 1>(block)),
                            _ => unreachable!("blocks are at most {most} outputs"),
                        }
                    }
                }
            }
        }
    }
}

#[derive(Clone, Copy)]
struct ProductBlock {
    sums: usize,
    weight_output: usize,
    weight_sum: usize,
    source: *const f32,
    weight: *const f32,
    bias: Option<*const f32>,
    relu: bool,
    output: *mut f32,
}

/// A register block: `C` outputs of `P` vectors of lanes.
struct Sums<const C: usize, const P: usize>(ProductBlock);

impl<const C: usize, const P: usize> Kernel for Sums<C, P> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let ProductBlock { sums: count, weight_output, weight_sum, bias, relu, output, .. } =
            self.0;
        let (mut source, mut weight) = (self.0.source, self.0.weight);
        // SAFETY: `C` outputs and `P` vectors are there, `count` vectors of the source, and as
        // many weights of each output.
        unsafe {
            let mut sums = [[V::splat(0.0); P]; C];
            if let Some(bias) = bias {
                for c in 0..C {
                    sums[c] = [V::splat(*bias.add(c)); P];
                }
            }
            for _ in 0..count {
                let mut terms = [V::splat(0.0); P];
                for p in 0..P {
                    terms[p] = V::load(source.add(p * V::LEN));
                }
                for c in 0..C {
                    let factor = V::splat(*weight.add(c * weight_output));
                    for p in 0..P {
                        sums[c][p] = terms[p].mul_add(factor, sums[c][p]);
                    }
                }
                // Not `add`: after the last term these may point outside.
                source = source.wrapping_add(LANES);
                weight = weight.wrapping_add(weight_sum);
            }
            for c in 0..C {
                for p in 0..P {
                    let mut sum = sums[c][p];
                    if relu {
                        sum = V::select(sum.above_zero(), sum, V::splat(0.0));
                    }
                    sum.store(output.add(c * LANES + p * V::LEN));
                }
            }
        }
    }
}
