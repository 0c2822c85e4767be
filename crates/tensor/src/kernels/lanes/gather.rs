//! The loops that convolution's forward pass and its input gradient share: every output is a sum
//! of source pixels times weights.
//!
//! Outputs that sum over the same taps form rectangles ([`Runs`] × [`Runs`]); a rectangle is
//! worked on in register blocks of several channels by several pixels, so that a source vector
//! serves every channel and a weight every pixel of the block. Nothing is multiplied by padding.

mod block;
mod pointwise;

use super::runs::{Direction, Run, Runs};
use super::{LANES, blocks, even_blocks};
use crate::WindowAxis;
use crate::kernels::vector::Vector;
use block::{Line, Steps, Taps, cost, most_pixels};
pub(super) use pointwise::Pointwise;

/// Most output channels in a block.
const MOST_CHANNELS: usize = 6;

/// One group of channels of sixteen images: which weight connects what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gather<'a> {
    pub(super) direction: Direction,
    pub(super) height: &'a WindowAxis,
    pub(super) width: &'a WindowAxis,
    /// Channels of the output and of the source.
    pub(super) outputs: usize,
    pub(super) sources: usize,
    /// Numbers of the weight from one output, or one source, channel to the next.
    pub(super) weight_output: usize,
    pub(super) weight_source: usize,
    /// Whether negative outputs become 0.
    pub(super) relu: bool,
}

impl<'a> Gather<'a> {
    /// The sum for a group of so many channels of the image and of its convolution.
    pub(super) fn new(
        direction: Direction,
        [inputs, outputs]: [usize; 2],
        height: &'a WindowAxis,
        width: &'a WindowAxis,
        relu: bool,
    ) -> Self {
        let taps = height.kernel * width.kernel;
        let forward = direction == Direction::Forward;
        Gather {
            direction,
            height,
            width,
            outputs: if forward { outputs } else { inputs },
            sources: if forward { inputs } else { outputs },
            weight_output: if forward { inputs * taps } else { taps },
            weight_source: if forward { taps } else { inputs * taps },
            relu,
        }
    }
}

impl Gather<'_> {
    /// Pixels of a channel of the output.
    pub(super) fn output_plane(&self) -> usize {
        match self.direction {
            Direction::Forward => self.height.output * self.width.output,
            Direction::Backward => self.height.input * self.width.input,
        }
    }

    /// Pixels of a channel of the source.
    pub(super) fn source_plane(&self) -> usize {
        match self.direction {
            Direction::Forward => self.height.input * self.width.input,
            Direction::Backward => self.height.output * self.width.output,
        }
    }

    /// Columns of the output and of the source.
    fn columns(&self) -> [usize; 2] {
        match self.direction {
            Direction::Forward => [self.width.output, self.width.input],
            Direction::Backward => [self.width.input, self.width.output],
        }
    }

    /// Runs the whole sum, in blocks of at most `most` channels: see [`most_channels`].
    ///
    /// # Safety
    /// As [`Vector`]. `source`, `weight`, `output` and, where given, `bias` point to as many
    /// numbers as the sizes say.
    pub(super) unsafe fn run<V: Vector>(
        &self,
        most: usize,
        source: *const f32,
        weight: *const f32,
        bias: Option<*const f32>,
        output: *mut f32,
    ) {
        for lane in (0..LANES).step_by(V::LEN) {
            for (channel, channels) in blocks(self.outputs, most) {
                // SAFETY: `channel` and `lane` lie inside what the caller vouches for.
                unsafe {
                    let block = Block {
                        gather: self,
                        source: source.add(lane),
                        weight: weight.add(channel * self.weight_output),
                        bias: bias.map(|bias| bias.add(channel)),
                        output: output.add(channel * self.output_plane() * LANES + lane),
                    };
                    match channels {
                        1 => block.run::<V, 1>(),
                        2 => block.run::<V, 2>(),
                        3 => block.run::<V, 3>(),
                        4 => block.run::<V, 4>(),
                        5 => block.run::<V, 5>(),
                        6 => block.run::<V, 6>(),
                        _ => unreachable!("blocks are at most {MOST_CHANNELS} channels"),
                    }
                }
            }
        }
    }
}

/// Channels of a block that cost least for the rows at hand, at most [`MOST_CHANNELS`].
pub(super) fn most_channels<V: Vector>(gather: &Gather<'_>) -> usize {
    // Backward, the pixels at the border have taps of their own, and some stand alone.
    let (columns, single) = match gather.direction {
        Direction::Forward => (gather.width.output, 0),
        Direction::Backward => (gather.width.input, gather.width.kernel / 2),
    };
    cheapest::<V>(gather.outputs, columns, single)
}

/// The same for so many outputs, neighbouring pixels and pixels that stand alone.
fn cheapest<V: Vector>(outputs: usize, columns: usize, single: usize) -> usize {
    let total = |most: usize| -> usize {
        let row = |channels: usize| {
            let pixels = even_blocks(columns, most_pixels::<V>(channels));
            let whole = pixels.map(|(pixels, count)| count * cost::<V>(channels, pixels));
            whole[0] + whole[1] + single * cost::<V>(channels, 1)
        };
        let [first, second] = even_blocks(outputs, most);
        first.1 * row(first.0) + second.1 * row(second.0)
    };
    (1..=MOST_CHANNELS).rev().min_by_key(|&most| total(most)).unwrap_or(1)
}

/// A block of channels over the whole plane.
#[derive(Clone, Copy)]
struct Block<'a> {
    gather: &'a Gather<'a>,
    source: *const f32,
    weight: *const f32,
    bias: Option<*const f32>,
    output: *mut f32,
}

impl Block<'_> {
    unsafe fn run<V: Vector, const C: usize>(&self) {
        let Gather { height, width, direction, .. } = *self.gather;
        let [output_columns, source_columns] = self.gather.columns();
        for rows in Runs::new(height, direction) {
            for columns in Runs::new(width, direction) {
                let along = Steps::new(&columns, 1, 1);
                let down = Steps::new(&rows, output_columns, source_columns);
                // Blocks run along the rows, unless the rectangle is a narrow column.
                let (inner, outer) = if columns.count > 1 || rows.count == 1 {
                    (along, down)
                } else {
                    (down, along)
                };
                let taps = Taps::new(self.gather, &rows, &columns);
                let source = rows.source * source_columns + columns.source;
                let output = rows.first * output_columns + columns.first;
                let first = rows.tap * width.kernel + columns.tap;
                for line in 0..outer.count {
                    // SAFETY: the runs lie inside the planes.
                    unsafe {
                        let line = Line {
                            taps: &taps,
                            steps: inner,
                            // Not `add`: without taps there need be no such place.
                            source: self.source.wrapping_add(source * LANES + line * outer.source),
                            weight: self.weight.wrapping_add(first),
                            weight_next: 0,
                            weight_step: self.gather.weight_output,
                            plane: self.gather.output_plane() * LANES,
                            bias: self.bias,
                            relu: self.gather.relu,
                            output: self.output.add(output * LANES + line * outer.output),
                            times: 0,
                        };
                        line.run::<V, C>();
                    }
                }
            }
        }
    }
}

impl Steps {
    fn new(run: &Run, output_pitch: usize, source_pitch: usize) -> Self {
        Steps {
            count: run.count,
            source: run.source_step * source_pitch * LANES,
            output: run.step * output_pitch * LANES,
        }
    }
}

impl Taps {
    fn new(gather: &Gather<'_>, rows: &Run, columns: &Run) -> Self {
        let [_, pitch] = gather.columns();
        let lanes = LANES.cast_signed();
        let kernel = gather.width.kernel;
        Taps {
            channels: gather.sources,
            rows: rows.taps,
            columns: columns.taps,
            source: [
                (gather.source_plane() * LANES).cast_signed(),
                rows.source_tap_step * pitch.cast_signed() * lanes,
                columns.source_tap_step * lanes,
            ],
            weight: [gather.weight_source, rows.tap_step * kernel, columns.tap_step],
        }
    }
}
