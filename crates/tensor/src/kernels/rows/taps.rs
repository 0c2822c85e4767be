//! The gradient of a convolution's weight with the output channels side by side: sixteen
//! channels of one pixel are one vector, as sixteen images are in
//! [`lanes`](crate::kernels::lanes). No pixel is wasted between the rows and no sum over lanes is
//! needed, so it is the faster one where the output channels fill the lanes.

use super::super::lanes::{LANES, blocks};
use super::super::vector::{Kernel, Vector};

/// Most taps of a row in a register block.
const MOST_TAPS: usize = 5;

/// `dw[g,k,:] = Σ_{n,oy,ox} dy[n, g, oy · out_width + ox, :] · x[n, c, oy · row + ox + tap]`, where
/// `k` runs over the channels `c` and the taps, and `:` over sixteen lanes.
pub(super) struct Taps<'a> {
    pub(super) samples: usize,
    pub(super) inputs: usize,
    /// Groups of sixteen output channels.
    pub(super) groups: usize,
    pub(super) kernel: [usize; 2],
    pub(super) steps: [usize; 2],
    /// Height and width of the output.
    pub(super) out_size: [usize; 2],
    /// The width of x, and its distances from one sample and one plane to the next.
    pub(super) row: usize,
    pub(super) x: &'a [f32],
    pub(super) x_steps: [usize; 2],
    pub(super) dy: &'a [f32],
    pub(super) dw: &'a mut [f32],
}

impl Kernel for Taps<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let [height, width] = self.kernel;
        let pixels = self.out_size[0] * self.out_size[1];
        let group = self.inputs * height * width * LANES;
        for g in 0..self.groups {
            for c in 0..self.inputs {
                let mut a = 0;
                while a < height {
                    // Rows of the kernel in a register block.
                    let rows = match height - a {
                        5.. if V::LEN == LANES => 5,
                        3..5 if V::LEN == LANES => 3,
                        _ => 1,
                    };
                    for (b, taps) in blocks(width, MOST_TAPS) {
                        let x = c * self.x_steps[1] + a * self.steps[0] + b * self.steps[1];
                        let dw = g * group + ((c * height + a) * width + b) * LANES;
                        // SAFETY: the block lies inside the slices.
                        unsafe {
                            let block = Block {
                                samples: self.samples,
                                out_size: self.out_size,
                                steps: self.steps,
                                row: self.row,
                                x: self.x.as_ptr().add(x),
                                x_sample: self.x_steps[0],
                                dy: self.dy.as_ptr().add(g * pixels * LANES),
                                dy_sample: self.groups * pixels * LANES,
                                dw: self.dw.as_mut_ptr().add(dw),
                                dw_row: width * LANES,
                            };
                            match (rows, taps) {
                                (1, 1) => V::call(Sums::<1, 1>(block)),
                                (1, 2) => V::call(Sums::<1, 2>(block)),
                                (1, 3) => V::call(Sums::<1, 3>(block)),
                                (1, 4) => V::call(Sums::<1, 4>(block)),
                                (1, 5) => V::call(Sums::<1, 5>(block)),
                                (3, 1) => V::call(Sums::<3, 1>(block)),
                                (3, 2) => V::call(Sums::<3, 2>(block)),
                                (3, 3) => V::call(Sums::<3, 3>(block)),
                                (3, 4) => V::call(Sums::<3, 4>(block)),
                                (3, 5) => V::call(Sums::<3, 5>(block)),
                                (5, 1) => V::call(Sums::<5, 1>(block)),
                                (5, 2) => V::call(Sums::<5, 2>(block)),
                                (5, 3) => V::call(Sums::<5, 3>(block)),
                                (5, 4) => V::call(Sums::<5, 4>(block)),
                                (5, 5) => V::call(Sums::<5, 5>(block)),
                                _ => unreachable!("{rows} rows of {taps} taps"),
                            }
                        }
                    }
                    a += rows;
                }
            }
        }
    }
}

#[derive(Clone, Copy)]
struct Block {
    samples: usize,
    out_size: [usize; 2],
    steps: [usize; 2],
    row: usize,
    x: *const f32,
    x_sample: usize,
    dy: *const f32,
    dy_sample: usize,
    dw: *mut f32,
    dw_row: usize,
}

/// A register block: `R` rows of `T` neighbouring taps, for all lanes.
struct Sums<const R: usize, const T: usize>(Block);

impl<const R: usize, const T: usize> Sums<R, T> {
    /// `U` vectors of lanes from `lane` on.
    ///
    /// # Safety
    /// As [`Kernel::run`].
    #[inline(always)]
    unsafe fn lanes<V: Vector, const U: usize>(&self, lane: usize) {
        let block = self.0;
        // SAFETY: all taps, rows and pixels are there.
        unsafe {
            let mut sums = [[[V::splat(0.0); U]; T]; R];
            for n in 0..block.samples {
                let mut dy = block.dy.add(n * block.dy_sample + lane);
                for oy in 0..block.out_size[0] {
                    let x = block.x.add(n * block.x_sample + oy * block.row);
                    for ox in 0..block.out_size[1] {
                        let mut terms = [V::splat(0.0); U];
                        for u in 0..U {
                            terms[u] = V::load(dy.add(u * V::LEN));
                        }
                        for r in 0..R {
                            for t in 0..T {
                                let pixel = x.add(ox + r * block.steps[0] + t * block.steps[1]);
                                let factor = V::splat(*pixel);
                                for u in 0..U {
                                    sums[r][t][u] = terms[u].mul_add(factor, sums[r][t][u]);
                                }
                            }
                        }
                        dy = dy.wrapping_add(LANES);
                    }
                }
            }
            for r in 0..R {
                for t in 0..T {
                    for u in 0..U {
                        let to = r * block.dw_row + t * LANES + lane + u * V::LEN;
                        sums[r][t][u].store(block.dw.add(to));
                    }
                }
            }
        }
    }
}

impl<const R: usize, const T: usize> Kernel for Sums<R, T> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        // SAFETY: passed on.
        unsafe {
            if V::LEN == LANES {
                self.lanes::<V, 1>(0);
            } else {
                // A factor serves two vectors.
                for lane in (0..LANES).step_by(2 * V::LEN) {
                    self.lanes::<V, 2>(lane);
                }
            }
        }
    }
}
