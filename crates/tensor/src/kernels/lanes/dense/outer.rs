//! The weight gradient of a fully connected layer: a sum of outer products.

use super::super::layout::deinterleave;
use super::super::{LANES, blocks};
use super::Dense;
use crate::kernels::vector::{Kernel, Vector};

/// dw and db by way of x and dy with the images as rows.
pub(super) struct BackwardWeight<'a> {
    pub(super) layer: Dense,
    pub(super) x: &'a [f32],
    pub(super) dy: &'a [f32],
    pub(super) dw: &'a mut [f32],
    pub(super) db: Option<&'a mut [f32]>,
    pub(super) scratch: &'a mut [f32],
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
        // The last vector of a row of x may reach past the features: what it reads there enters
        // only numbers that are not stored.
        let most = if V::REGISTERS >= 32 { [4, 5] } else { [3, 3] };
        // A stripe of x stays in the nearest cache while all outputs pass.
        for (vector, vectors) in blocks(inputs.div_ceil(V::LEN), most[1]) {
            for (output, count) in blocks(outputs, most[0]) {
                let input = vector * V::LEN;
                // SAFETY: the block lies inside the matrices.
                unsafe {
                    let block = Outer {
                        images,
                        inputs,
                        outputs,
                        pitch,
                        x: rows.as_ptr().add(input),
                        dy: gradients.as_ptr().add(output),
                        dw: dw.as_mut_ptr().add(output * inputs + input),
                        left: inputs - input,
                    };
                    match (count, vectors) {
                        (1, 1) if const { outer_fits::<V>(1, 1) } => {
                            V::call(OuterBlock::<1, 1>(block));
                        }
                        (1, 2) if const { outer_fits::<V>(1, 2) } => {
                            V::call(OuterBlock::<1, 2>(block));
                        }
                        (1, 3) if const { outer_fits::<V>(1, 3) } => {
                            V::call(OuterBlock::<1, 3>(block));
                        }
                        (1, 4) if const { outer_fits::<V>(1, 4) } => {
                            V::call(OuterBlock::<1, 4>(block));
                        }
                        (1, 5) if const { outer_fits::<V>(1, 5) } => {
                            V::call(OuterBlock::<1, 5>(block));
                        }
                        (2, 1) if const { outer_fits::<V>(2, 1) } => {
                            V::call(OuterBlock::<2, 1>(block));
                        }
                        (2, 2) if const { outer_fits::<V>(2, 2) } => {
                            V::call(OuterBlock::<2, 2>(block));
                        }
                        (2, 3) if const { outer_fits::<V>(2, 3) } => {
                            V::call(OuterBlock::<2, 3>(block));
                        }
                        (2, 4) if const { outer_fits::<V>(2, 4) } => {
                            V::call(OuterBlock::<2, 4>(block));
                        }
                        (2, 5) if const { outer_fits::<V>(2, 5) } => {
                            V::call(OuterBlock::<2, 5>(block));
                        }
                        (3, 1) if const { outer_fits::<V>(3, 1) } => {
                            V::call(OuterBlock::<3, 1>(block));
                        }
                        (3, 2) if const { outer_fits::<V>(3, 2) } => {
                            V::call(OuterBlock::<3, 2>(block));
                        }
                        (3, 3) if const { outer_fits::<V>(3, 3) } => {
                            V::call(OuterBlock::<3, 3>(block));
                        }
                        (3, 4) if const { outer_fits::<V>(3, 4) } => {
                            V::call(OuterBlock::<3, 4>(block));
                        }
                        (3, 5) if const { outer_fits::<V>(3, 5) } => {
                            V::call(OuterBlock::<3, 5>(block));
                        }
                        (4, 1) if const { outer_fits::<V>(4, 1) } => {
                            V::call(OuterBlock::<4, 1>(block));
                        }
                        (4, 2) if const { outer_fits::<V>(4, 2) } => {
                            V::call(OuterBlock::<4, 2>(block));
                        }
                        (4, 3) if const { outer_fits::<V>(4, 3) } => {
                            V::call(OuterBlock::<4, 3>(block));
                        }
                        (4, 4) if const { outer_fits::<V>(4, 4) } => {
                            V::call(OuterBlock::<4, 4>(block));
                        }
                        (4, 5) if const { outer_fits::<V>(4, 5) } => {
                            V::call(OuterBlock::<4, 5>(block));
                        }
                        _ => unreachable!("blocks are at most {most:?}"),
                    }
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

/// Whether a block of the weight gradient of that many outputs and vectors is ever asked for.
const fn outer_fits<V: Vector>(outputs: usize, vectors: usize) -> bool {
    V::REGISTERS >= 32 || (outputs <= 3 && vectors <= 3)
}

/// A block of the weight gradient as a sum of outer products over the images.
#[derive(Clone, Copy)]
struct Outer {
    images: usize,
    inputs: usize,
    outputs: usize,
    pitch: usize,
    x: *const f32,
    dy: *const f32,
    dw: *mut f32,
    /// Numbers of the row of dw from here on.
    left: usize,
}

/// A register block: `C` outputs by `P` vectors of inputs.
struct OuterBlock<const C: usize, const P: usize>(Outer);

impl<const C: usize, const P: usize> Kernel for OuterBlock<C, P> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let Outer { images, inputs, outputs, pitch, x, dy, dw, left } = self.0;
        // SAFETY: the block lies inside the matrices; rows of x are padded to whole vectors.
        unsafe {
            let mut sums = [[V::splat(0.0); P]; C];
            for image in 0..images {
                let mut vectors = [V::splat(0.0); P];
                for p in 0..P {
                    vectors[p] = V::load(x.add(image * pitch + p * V::LEN));
                }
                for c in 0..C {
                    let gradient = V::splat(*dy.add(image * outputs + c));
                    for p in 0..P {
                        sums[c][p] = vectors[p].mul_add(gradient, sums[c][p]);
                    }
                }
            }
            for c in 0..C {
                for p in 0..P {
                    let to = dw.add(c * inputs + p * V::LEN);
                    if p + 1 < P || left >= P * V::LEN {
                        sums[c][p].store(to);
                    } else {
                        sums[c][p].store_first(to, left - p * V::LEN);
                    }
                }
            }
        }
    }
}
