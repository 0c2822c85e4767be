//! The weight's gradient at the points of square tiles.

use super::super::super::{LANES, blocks};
use crate::kernels::vector::{Kernel, Vector};

/// Most channels of the output and of the image in a block.
const MOST: [usize; 2] = [4, 6];

/// At each point the products of every channel of dy and every channel of x, summed over tiles and
/// lanes.
#[derive(Clone, Copy)]
pub(super) struct Correlation {
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    pub(super) points: usize,
    pub(super) tiles: usize,
    /// Numbers of dw from one point to the next.
    pub(super) step: usize,
    /// Channels `[points, tiles, 16]`.
    pub(super) x: *const f32,
    pub(super) dy: *const f32,
    /// `[points, outputs, inputs]`.
    pub(super) dw: *mut f32,
}

/// Channels of a block: sums, the vectors of one operand and one vector of the other fit the
/// registers.
const fn most<V: Vector>() -> [usize; 2] {
    if V::REGISTERS >= 32 { MOST } else { [3, 3] }
}

const fn fits<V: Vector>(outputs: usize, inputs: usize) -> bool {
    outputs <= most::<V>()[0] && inputs <= most::<V>()[1]
}

impl Kernel for Correlation {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let plane = self.points * self.tiles * LANES;
        let [most_outputs, most_inputs] = most::<V>();
        for (output, outputs) in blocks(self.outputs, most_outputs) {
            for (input, inputs) in blocks(self.inputs, most_inputs) {
                // SAFETY: the channels are there.
                unsafe {
                    let block = Correlation {
                        x: self.x.add(input * plane),
                        dy: self.dy.add(output * plane),
                        dw: self.dw.add(output * self.inputs + input),
                        ..self
                    };
                    match outputs {
                        1 => block.outputs::<V, 1>(inputs),
                        2 => block.outputs::<V, 2>(inputs),
                        3 => block.outputs::<V, 3>(inputs),
                        4 if const { fits::<V>(4, 1) } => block.outputs::<V, 4>(inputs),
                        _ => unreachable!("blocks are at most {most_outputs} channels"),
                    }
                }
            }
        }
    }
}

impl Correlation {
    unsafe fn outputs<V: Vector, const C: usize>(self, inputs: usize) {
        // SAFETY: passed on.
        unsafe {
            match inputs {
                1 => V::call(Block::<C, 1>(self)),
                2 => V::call(Block::<C, 2>(self)),
                3 => V::call(Block::<C, 3>(self)),
                4 if const { fits::<V>(1, 4) } => V::call(Block::<C, 4>(self)),
                5 if const { fits::<V>(1, 5) } => V::call(Block::<C, 5>(self)),
                6 if const { fits::<V>(1, 6) } => V::call(Block::<C, 6>(self)),
                _ => unreachable!("blocks are at most {MOST:?} channels"),
            }
        }
    }
}

/// A register block: `C` channels of dy by `T` of x.
struct Block<const C: usize, const T: usize>(Correlation);

impl<const C: usize, const T: usize> Kernel for Block<C, T> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let Correlation { inputs, points, tiles, step, mut x, mut dy, mut dw, .. } = self.0;
        let plane = points * tiles * LANES;
        // SAFETY: the block's channels are there at all points.
        unsafe {
            for _ in 0..points {
                let mut sums = [[V::splat(0.0); T]; C];
                for _ in 0..tiles * (LANES / V::LEN) {
                    let mut gradients = [V::splat(0.0); C];
                    for c in 0..C {
                        gradients[c] = V::load(dy.add(c * plane));
                    }
                    for t in 0..T {
                        let pixel = V::load(x.add(t * plane));
                        for c in 0..C {
                            sums[c][t] = pixel.mul_add(gradients[c], sums[c][t]);
                        }
                    }
                    // Not `add`: after the last tile these may point outside.
                    x = x.wrapping_add(V::LEN);
                    dy = dy.wrapping_add(V::LEN);
                }
                for c in 0..C {
                    for t in 0..T {
                        *dw.add(c * inputs + t) = sums[c][t].sum();
                    }
                }
                dw = dw.wrapping_add(step);
            }
        }
    }
}
