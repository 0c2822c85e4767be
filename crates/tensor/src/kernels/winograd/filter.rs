//! Kernels to transformed kernels, and the gradients of those back to gradients of kernels.

use super::points::{self, FREQUENCIES, POINTS, TAPS};
use crate::kernels::lanes::LANES;
use crate::kernels::vector::{Kernel, Vector};

/// Taps of a kernel.
pub(super) const KERNEL: usize = TAPS * TAPS;

/// How a convolution reads the weight `[O, C, 3, 3]`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Filters {
    /// Channels that it writes, and numbers from one to the next.
    pub(super) outputs: [usize; 2],
    /// Channels that it reads, and numbers from one to the next.
    pub(super) inputs: [usize; 2],
    /// Whether each kernel is turned by 180°.
    pub(super) turned: bool,
}

/// Transforms the kernels of sixteen output channels, `G g Gᵀ`, to `[36, inputs, 16]`; channels
/// that do not exist come out as zero.
pub(super) struct Transform<'a> {
    pub(super) filters: Filters,
    pub(super) weight: &'a [f32],
    /// The first output channel.
    pub(super) first: usize,
    pub(super) to: *mut f32,
}

impl Kernel for Transform<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let Transform { filters, weight, first, to } = self;
        let Filters { outputs: [outputs, output_step], inputs: [inputs, input_step], turned } =
            filters;
        let channels = LANES.min(outputs - first);
        for input in 0..inputs {
            let mut taps = [[0.0; LANES]; KERNEL];
            for lane in 0..channels {
                let at = (first + lane) * output_step + input * input_step;
                for (tap, &value) in weight[at..at + KERNEL].iter().enumerate() {
                    taps[if turned { KERNEL - 1 - tap } else { tap }][lane] = value;
                }
            }
            for lane in (0..LANES).step_by(V::LEN) {
                // SAFETY: each number of sixteen channels is `inputs` vectors after the one
                // before, and the taps are sixteen numbers each.
                unsafe {
                    let mut half = [[V::splat(0.0); POINTS]; TAPS];
                    for column in 0..TAPS {
                        let mut line = [V::splat(0.0); TAPS];
                        for row in 0..TAPS {
                            line[row] = V::load(taps[row * TAPS + column].as_ptr().add(lane));
                        }
                        half[column] = points::filter(line);
                    }
                    for row in 0..POINTS {
                        let line = points::filter([half[0][row], half[1][row], half[2][row]]);
                        for column in 0..POINTS {
                            let at = (row * POINTS + column) * inputs + input;
                            line[column].store(to.add(at * LANES + lane));
                        }
                    }
                }
            }
        }
    }
}

/// Turns the gradients of transformed kernels, `[36, .., rows, 16]`, into those of the kernels,
/// `Gᵀ u G`: `[rows, 9, 16]`.
pub(super) struct Adjoint {
    pub(super) from: *const f32,
    /// Numbers from one of the 36 to the next.
    pub(super) step: usize,
    pub(super) rows: usize,
    pub(super) to: *mut f32,
}

impl Kernel for Adjoint {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let Adjoint { from, step, rows, to } = self;
        for at in 0..rows {
            for lane in (0..LANES).step_by(V::LEN) {
                // SAFETY: the row's 36 vectors are there, and room for its nine.
                unsafe {
                    let from = from.add(at * LANES + lane);
                    let mut half = [[V::splat(0.0); TAPS]; POINTS];
                    for column in 0..POINTS {
                        let mut line = [V::splat(0.0); POINTS];
                        for row in 0..POINTS {
                            line[row] = V::load(from.add((row * POINTS + column) * step));
                        }
                        half[column] = points::filter_adjoint(line);
                    }
                    let to = to.add(at * KERNEL * LANES + lane);
                    for row in 0..TAPS {
                        let mut line = [V::splat(0.0); POINTS];
                        for column in 0..POINTS {
                            line[column] = half[column][row];
                        }
                        let line = points::filter_adjoint(line);
                        for column in 0..TAPS {
                            line[column].store(to.add((row * TAPS + column) * LANES));
                        }
                    }
                }
            }
        }
    }
}

/// Numbers of the transformed kernels of sixteen output channels.
pub(super) const fn transformed_len(inputs: usize) -> usize {
    FREQUENCIES * inputs * LANES
}
