//! The weight's gradient of layers with few taps for each output.
//!
//! dy is evaluated where it is used and never stored, which for a first layer would be more than
//! the cache holds: for each pair of points again, since the sums at all points do not fit the registers.

use super::super::super::{LANES, blocks};
use super::super::points::{Pair, Points};
use super::super::sizes::Sizes;
use super::super::tiles::Axis;
use crate::kernels::vector::{Kernel, Vector};
use std::array;

/// Most channels of the output and terms of a column in a block, at two points.
const MOST: [usize; 2] = [2, 5];

/// Whether the sums of a block fit the registers, and one block has all terms: dy is then evaluated
/// once for every pair of points. Measured: for 5 terms 22 µs instead of 25, for 9 116 instead of 102.
pub(in super::super) fn fits<V: Vector>(s: &Sizes) -> bool {
    able::<V>() && s.inputs * s.taps[0] <= MOST[1]
}

const fn able<V: Vector>() -> bool {
    V::REGISTERS >= 32
}

/// Where the gradients go.
#[derive(Clone, Copy)]
pub(in super::super) struct Gradient {
    pub(in super::super) sizes: Sizes,
    /// The image's lines.
    pub(in super::super) lines: *const f32,
    pub(in super::super) dy: *const f32,
    /// At each point that of the weight's columns; set, or added to what is there.
    pub(in super::super) dw: *mut f32,
    pub(in super::super) first: bool,
    /// Where wanted that of the bias, to which the sums of dy are added.
    pub(in super::super) db: Option<*mut f32>,
}

impl Gradient {
    /// # Safety
    /// As [`Vector`]; the pointers are to one group of the channels of sixteen images, and to the
    /// lines and the gradient at `P` points.
    #[inline(always)]
    pub(in super::super) unsafe fn run<V: Vector, const P: usize, const M: usize>(self) {
        for (channel, channels) in blocks(self.sizes.outputs, MOST[0]) {
            let block = Block { all: self, channel, point: 0 };
            // SAFETY: the block's channels are there.
            unsafe {
                match channels {
                    1 if const { able::<V>() } => block.channels::<V, P, M, 1>(),
                    2 if const { able::<V>() } => block.channels::<V, P, M, 2>(),
                    _ => unreachable!("blocks are at most {MOST:?}"),
                }
            }
        }
    }
}

/// Some channels of the output, from a point on.
#[derive(Clone, Copy)]
struct Block {
    all: Gradient,
    channel: usize,
    point: usize,
}

impl Block {
    #[inline(always)]
    unsafe fn channels<V: Vector, const P: usize, const M: usize, const C: usize>(self) {
        // SAFETY: passed on.
        unsafe {
            match self.all.sizes.inputs * self.all.sizes.taps[0] {
                1 => self.points::<V, P, M, C, 1>(),
                2 => self.points::<V, P, M, C, 2>(),
                3 => self.points::<V, P, M, C, 3>(),
                4 => self.points::<V, P, M, C, 4>(),
                5 => self.points::<V, P, M, C, 5>(),
                _ => unreachable!("blocks are at most {MOST:?}"),
            }
        }
    }

    #[inline(always)]
    unsafe fn points<V: Vector, const P: usize, const M: usize, const C: usize, const T: usize>(
        mut self,
    ) {
        // SAFETY: passed on.
        unsafe {
            while self.point < P {
                if let Some(pair) = Points::<P>::pair(self.point) {
                    V::call(Sum::<P, M, C, T, 2>(self, pair));
                    self.point += 2;
                } else {
                    V::call(Sum::<P, M, C, T, 1>(self, Pair::NONE));
                    self.point += 1;
                }
            }
        }
    }
}

/// A register block: `C` channels by all `T` terms at `Q` points, a pair or one by itself.
struct Sum<const P: usize, const M: usize, const C: usize, const T: usize, const Q: usize>(
    Block,
    Pair<'static>,
);

impl<const P: usize, const M: usize, const C: usize, const T: usize, const Q: usize> Kernel
    for Sum<P, M, C, T, Q>
{
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let Sum(Block { all, channel, point }, pair) = self;
        let Gradient { sizes: s, lines, dy, dw, first, db } = all;
        let [rows, columns] = s.output;
        let plane = rows * columns * LANES;
        let axis = Axis::row(&s, columns, 0);
        let mut taps = [0; T];
        for t in 0..T {
            let (input, tap) = (t / s.taps[0], t % s.taps[0]);
            taps[t] = (input * s.line.input + tap * s.line.dilation) * LANES;
        }
        // SAFETY: all terms of a tile are on the lines, and its outputs on the row.
        unsafe {
            let (lines, dy) = (lines.add(point * s.source_step()), dy.add(channel * plane));
            let mut sums = [[[V::splat(0.0); Q]; T]; C];
            let mut bias = [V::splat(0.0); C];
            for lane in (0..LANES).step_by(V::LEN) {
                for row in 0..rows {
                    let mut x = lines.add(row * s.tiles * LANES + lane);
                    let dy = dy.add(row * columns * LANES + lane);
                    for tile in 0..s.tiles {
                        let mut m = [[V::splat(0.0); Q]; C];
                        for c in 0..C {
                            let y = axis.load::<V, M>(dy.add(c * plane), tile * M, 0);
                            if Q == 2 {
                                let values = pair.evaluate(y);
                                m[c] = array::from_fn(|q| values[q]);
                            } else {
                                m[c][0] = if point == 0 { y[0] } else { y[M - 1] };
                                let mut sum = y[0];
                                for i in 1..M {
                                    sum = sum.add(y[i]);
                                }
                                bias[c] = bias[c].add(sum);
                            }
                        }
                        for t in 0..T {
                            for q in 0..Q {
                                let v = V::load(x.add(taps[t] + q * s.source_step()));
                                for c in 0..C {
                                    sums[c][t][q] = v.mul_add(m[c][q], sums[c][t][q]);
                                }
                            }
                        }
                        // Not `add`: after the last tile this may point outside.
                        x = x.wrapping_add(LANES);
                    }
                }
            }
            for c in 0..C {
                for t in 0..T {
                    for q in 0..Q {
                        let at = (channel + c) * T + t;
                        let to = dw.add((point + q) * s.weight_step() + at);
                        *to = if first { 0.0 } else { *to } + sums[c][t][q].sum();
                    }
                }
                if let Some(db) = db
                    && point == P - 1
                {
                    *db.add(channel + c) += bias[c].sum();
                }
            }
        }
    }
}
