//! The forward pass of layers with few taps for each output, such as a network's first: the sums at
//! all points of a tile are kept in registers until they are interpolated.
//!
//! Every multiply-add has a weight of its own, broadcast from memory, and so is bound by loads; but
//! nothing is stored between the stages, which with few terms would cost more.

mod gradient;

use super::super::{LANES, blocks};
use super::sizes::Sizes;
use super::tiles::store_tile;
use crate::kernels::vector::{Kernel, Vector};
pub(super) use gradient::{Gradient, fits as fits_gradient};

/// Most terms of a sum: inputs times taps in a column. Measured to pay up to 9, not from 24 on; at
/// most [`LANES`].
const MOST_TERMS: usize = 12;

/// Most output channels in a block.
const MOST_CHANNELS: usize = 3;

/// Whether the sums of a block at `points` points fit the registers, and are short enough: for the
/// forward pass.
pub(super) fn fits<V: Vector>(s: &Sizes, points: usize) -> bool {
    MOST_CHANNELS * points + 2 < V::REGISTERS && s.inputs * s.taps[0] <= MOST_TERMS
}

/// y := Aᵀ (u ⋆ lines) + b.
///
/// # Safety
/// As [`Vector`]; the pointers are to one group of the channels of sixteen images, to the lines and
/// the weight at `P` points, and to the channels' bias. `packed` has room for [`LANES`] numbers
/// for each channel and point.
#[inline(always)]
pub(super) unsafe fn forward<V: Vector, const P: usize, const M: usize>(
    sizes: Sizes,
    lines: *const f32,
    weight: *const f32,
    packed: *mut f32,
    bias: Option<*const f32>,
    y: *mut f32,
) {
    let terms = sizes.inputs * sizes.taps[0];
    let plane = sizes.output[0] * sizes.output[1] * LANES;
    for (first, channels) in blocks(sizes.outputs, MOST_CHANNELS) {
        // SAFETY: the block's channels are there, and the numbers of its weight.
        unsafe {
            for term in 0..terms {
                for i in 0..P * channels {
                    let (p, c) = (i / channels, i % channels);
                    let from = p * sizes.weight_step() + (first + c) * terms + term;
                    *packed.add(term * P * channels + i) = *weight.add(from);
                }
            }
            let (weight, bias) = (packed.cast_const(), bias.map(|bias| bias.add(first)));
            let block = Block { sizes, lines, weight, bias, y: y.add(first * plane) };
            match channels {
                1 => V::call(Sum::<P, M, 1>(block)),
                2 => V::call(Sum::<P, M, 2>(block)),
                3 => V::call(Sum::<P, M, 3>(block)),
                _ => unreachable!("blocks are at most {MOST_CHANNELS} channels"),
            }
        }
    }
}

/// Some channels of the output.
struct Block {
    sizes: Sizes,
    lines: *const f32,
    /// For each term and point the weights of all channels.
    weight: *const f32,
    bias: Option<*const f32>,
    y: *mut f32,
}

/// A block of `C` channels, tile by tile.
struct Sum<const P: usize, const M: usize, const C: usize>(Block);

impl<const P: usize, const M: usize, const C: usize> Kernel for Sum<P, M, C> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let Block { sizes: s, lines, y, .. } = self.0;
        let [rows, columns] = s.output;
        for lane in (0..LANES).step_by(V::LEN) {
            for row in 0..rows {
                let lines = lines.wrapping_add(row * s.tiles * LANES + lane);
                let y = y.wrapping_add(row * columns * LANES + lane);
                for tile in 0..s.tiles {
                    // SAFETY: all terms of the tile are on the lines, and its outputs on the row.
                    unsafe { self.tile::<V>(lines, y, tile) };
                }
            }
        }
    }
}

impl<const P: usize, const M: usize, const C: usize> Sum<P, M, C> {
    /// One tile of a row.
    #[inline(always)]
    unsafe fn tile<V: Vector>(&self, lines: *const f32, y: *mut f32, tile: usize) {
        let Block { sizes: s, mut weight, bias, .. } = self.0;
        let [rows, columns] = s.output;
        let (step, down) = (s.source_step(), s.line.dilation * LANES);
        // SAFETY: passed on.
        unsafe {
            let mut sums = [[V::splat(0.0); P]; C];
            for channel in 0..s.inputs {
                let mut from = lines.add((channel * s.line.input + tile) * LANES);
                for _ in 0..s.taps[0] {
                    for p in 0..P {
                        let v = V::load(from.add(p * step));
                        for c in 0..C {
                            let u = V::splat(*weight.add(p * C + c));
                            sums[c][p] = v.mul_add(u, sums[c][p]);
                        }
                    }
                    // Not `add`: after the last tap this may point outside.
                    from = from.wrapping_add(down);
                    weight = weight.add(P * C);
                }
            }
            for c in 0..C {
                let bias = V::splat(bias.map_or(0.0, |bias| *bias.add(c)));
                let to = y.add((c * rows * columns + tile * M) * LANES);
                store_tile::<V, P, M>(sums[c], Some(bias), to, LANES, columns - tile * M);
            }
        }
    }
}
