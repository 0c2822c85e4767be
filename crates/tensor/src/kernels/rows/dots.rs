//! The gradient of a convolution's weight as dot products of lines.

use super::super::lanes::blocks;
use super::super::vector::{Kernel, Vector};

/// Most taps in a register block, and most outputs with 32 registers and with 16.
const MOST_TAPS: usize = 5;
const MOST_OUTPUTS: usize = 4;
const MOST_OUTPUTS_OF_16: usize = 2;

/// `dw[o,c,a,b] = Σ_{n,p} dy[n,o,p] · x[n, c, p + a · steps[0] + b · steps[1]]`, with `p` from 0 to
/// `len`, a multiple of every vector's length.
pub(super) struct Dots<'a> {
    pub(super) samples: usize,
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    pub(super) kernel: [usize; 2],
    pub(super) steps: [usize; 2],
    pub(super) len: usize,
    pub(super) x: &'a [f32],
    /// From one sample, and from one plane, to the next.
    pub(super) x_steps: [usize; 2],
    pub(super) dy: &'a [f32],
    pub(super) dy_steps: [usize; 2],
    pub(super) dw: &'a mut [f32],
}

impl Kernel for Dots<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let most = if V::REGISTERS >= 32 { MOST_OUTPUTS } else { MOST_OUTPUTS_OF_16 };
        let [height, width] = self.kernel;
        for (o, outputs) in blocks(self.outputs, most) {
            for c in 0..self.inputs {
                for a in 0..height {
                    for (b, taps) in blocks(width, MOST_TAPS) {
                        let x = c * self.x_steps[1] + a * self.steps[0] + b * self.steps[1];
                        let dw = ((o * self.inputs + c) * height + a) * width + b;
                        // SAFETY: the block lies inside the slices.
                        unsafe {
                            let block = Block {
                                samples: self.samples,
                                len: self.len,
                                tap: self.steps[1],
                                x: self.x.as_ptr().add(x),
                                x_sample: self.x_steps[0],
                                dy: self.dy.as_ptr().add(o * self.dy_steps[1]),
                                dy_steps: self.dy_steps,
                                dw: self.dw.as_mut_ptr().add(dw),
                                dw_output: self.inputs * height * width,
                            };
                            macro_rules! call {
                                ($($o:literal)*; $($t:literal)*) => { call!(@ [$($o)*] $($t)*) };
                                (@ $o:tt $($t:literal)*) => { $(call!(@@ $t $o);)* };
                                (@@ $t:literal [$($o:literal)*]) => {
                                    $(if (outputs, taps) == ($o, $t) {
                                        V::call(Products::<$o, $t>(block));
                                    })*
                                };
                            }
                            call!(1 2 3 4; 1 2 3 4 5);
                        }
                    }
                }
            }
        }
    }
}

#[derive(Clone, Copy)]
struct Block {
    samples: usize,
    len: usize,
    tap: usize,
    x: *const f32,
    x_sample: usize,
    dy: *const f32,
    dy_steps: [usize; 2],
    dw: *mut f32,
    dw_output: usize,
}

/// A register block: `O` outputs of `T` neighbouring taps.
struct Products<const O: usize, const T: usize>(Block);

impl<const O: usize, const T: usize> Kernel for Products<O, T> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let block = self.0;
        // SAFETY: `O` outputs and `T` taps are there, and `len` numbers of each line.
        unsafe {
            let mut sums = [[V::splat(0.0); T]; O];
            for n in 0..block.samples {
                let x = block.x.add(n * block.x_sample);
                let dy = block.dy.add(n * block.dy_steps[0]);
                let mut p = 0;
                while p < block.len {
                    let mut factors = [V::splat(0.0); O];
                    for o in 0..O {
                        factors[o] = V::load(dy.add(o * block.dy_steps[1] + p));
                    }
                    for t in 0..T {
                        let term = V::load(x.add(t * block.tap + p));
                        for o in 0..O {
                            sums[o][t] = term.mul_add(factors[o], sums[o][t]);
                        }
                    }
                    p += V::LEN;
                }
            }
            for o in 0..O {
                for t in 0..T {
                    *block.dw.add(o * block.dw_output + t) = sums[o][t].sum();
                }
            }
        }
    }
}
