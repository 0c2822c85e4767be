//! Products of matrices, one for each of several points.

use super::super::LANES;
use super::block::{Line, Steps, Taps};
use super::{MOST_CHANNELS, cheapest};
use crate::kernels::vector::Vector;

/// Sums over channels `[points, pixels, 16]`, each point with a weight of its own.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Pointwise {
    pub(in super::super) sources: usize,
    pub(in super::super) outputs: usize,
    pub(in super::super) points: usize,
    pub(in super::super) pixels: usize,
    /// Numbers of the weight from one output, source and point to the next.
    pub(in super::super) weight: [usize; 3],
}

impl Pointwise {
    /// Channels of a block that cost least, at most [`MOST_CHANNELS`].
    pub(in super::super) fn most_channels<V: Vector>(&self) -> usize {
        cheapest::<V>(self.outputs, self.pixels, 0)
    }

    /// Some of the outputs, at all points.
    ///
    /// # Safety
    /// As [`Vector`]; `source` is the first channel, `weight` that of the first of the `channels`, and
    /// `output` their place.
    pub(in super::super) unsafe fn run<V: Vector>(
        &self,
        channels: usize,
        source: *const f32,
        weight: *const f32,
        output: *mut f32,
    ) {
        let plane = self.points * self.pixels * LANES;
        let taps = Taps {
            channels: 1,
            rows: 1,
            columns: self.sources,
            source: [0, 0, plane.cast_signed()],
            weight: [0, 0, self.weight[1]],
        };
        for lane in (0..LANES).step_by(V::LEN) {
            // SAFETY: passed on.
            unsafe {
                let line = Line {
                    taps: &taps,
                    steps: Steps { count: self.pixels, source: LANES, output: LANES },
                    source: source.add(lane),
                    weight,
                    weight_step: self.weight[0],
                    weight_next: self.weight[2],
                    plane,
                    bias: None,
                    relu: false,
                    output: output.add(lane),
                    times: 0,
                };
                match channels {
                    1 => line.points::<V, 1>(self.points),
                    2 => line.points::<V, 2>(self.points),
                    3 => line.points::<V, 3>(self.points),
                    4 => line.points::<V, 4>(self.points),
                    5 => line.points::<V, 5>(self.points),
                    6 => line.points::<V, 6>(self.points),
                    _ => unreachable!("blocks are at most {MOST_CHANNELS} channels"),
                }
            }
        }
    }
}
