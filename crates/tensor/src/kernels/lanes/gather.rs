//! The loops that convolution's forward pass and its input gradient share: every output is a sum
//! of source pixels times weights.
//!
//! Outputs that sum over the same taps form rectangles ([`Runs`] × [`Runs`]); a rectangle is
//! worked on in register blocks of several channels by several pixels, so that a source vector
//! serves every channel and a weight every pixel of the block. Nothing is multiplied by padding.

use super::runs::{Direction, Run, Runs};
use super::vector::{Kernel, Vector};
use super::{LANES, blocks};
use crate::WindowAxis;

/// Most output channels in a block.
const MOST_CHANNELS: usize = 6;

/// Most pixels in a block.
const MOST_PIXELS: usize = 8;

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

    /// Runs the whole sum.
    ///
    /// # Safety
    /// As [`Vector`]. `source`, `weight`, `output` and, where given, `bias` point to as many
    /// numbers as the sizes say.
    pub(super) unsafe fn run<V: Vector>(
        &self,
        source: *const f32,
        weight: *const f32,
        bias: Option<*const f32>,
        output: *mut f32,
    ) {
        let most = most_channels::<V>(self.outputs, self.columns()[0]);
        let mut lane = 0;
        while lane < LANES {
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
            lane += V::LEN;
        }
    }
}

/// Pixels of a block of that many channels: accumulators, the smaller of the two operands and
/// one vector of the other fit the registers.
const fn most_pixels<V: Vector>(channels: usize) -> usize {
    let mut pixels = MOST_PIXELS;
    while pixels > 1 {
        let operand = if channels < pixels { channels } else { pixels };
        if channels * pixels + operand < V::REGISTERS {
            break;
        }
        pixels -= 1;
    }
    pixels
}

/// Channels of a block that cost least for the rows at hand.
fn most_channels<V: Vector>(outputs: usize, columns: usize) -> usize {
    let cost = |most: usize| -> usize {
        let block = |channels: usize, pixels: usize| {
            // A block cannot be faster than its loads, nor than the latency of its sums.
            let cycles = (channels * pixels).max(channels + pixels).max(V::REGISTERS / 4);
            4 * cycles + channels + pixels
        };
        blocks(outputs, most)
            .flat_map(|(_, channels)| {
                blocks(columns, most_pixels::<V>(channels))
                    .map(move |(_, pixels)| block(channels, pixels))
            })
            .sum()
    };
    (1..=MOST_CHANNELS).rev().min_by_key(|&most| cost(most)).unwrap_or(1)
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
                let (inner, outer) =
                    if columns.count > 1 || rows.count == 1 { (along, down) } else { (down, along) };
                let taps = Taps::new(self.gather, &rows, &columns);
                let source = rows.source * source_columns + columns.source;
                let output = rows.first * output_columns + columns.first;
                for line in 0..outer.count {
                    // SAFETY: the runs lie inside the planes.
                    unsafe {
                        let source = self.source.add(source * LANES + line * outer.source);
                        let output = self.output.add(output * LANES + line * outer.output);
                        self.line::<V, C>(&inner, &taps, source, output);
                    }
                }
            }
        }
    }

    /// A row or a column of pixels that share their taps.
    unsafe fn line<V: Vector, const C: usize>(
        &self,
        steps: &Steps,
        taps: &Taps,
        source: *const f32,
        output: *mut f32,
    ) {
        for (pixel, pixels) in blocks(steps.count, most_pixels::<V>(C)) {
            // SAFETY: the pixels lie on the line.
            unsafe {
                let source = source.add(pixel * steps.source);
                let output = output.add(pixel * steps.output);
                match pixels {
                    1 => self.pixels::<V, C, 1>(steps, taps, source, output),
                    2 if const { fits::<V>(C, 2) } => {
                        self.pixels::<V, C, 2>(steps, taps, source, output);
                    }
                    3 if const { fits::<V>(C, 3) } => {
                        self.pixels::<V, C, 3>(steps, taps, source, output);
                    }
                    4 if const { fits::<V>(C, 4) } => {
                        self.pixels::<V, C, 4>(steps, taps, source, output);
                    }
                    5 if const { fits::<V>(C, 5) } => {
                        self.pixels::<V, C, 5>(steps, taps, source, output);
                    }
                    6 if const { fits::<V>(C, 6) } => {
                        self.pixels::<V, C, 6>(steps, taps, source, output);
                    }
                    7 if const { fits::<V>(C, 7) } => {
                        self.pixels::<V, C, 7>(steps, taps, source, output);
                    }
                    8 if const { fits::<V>(C, 8) } => {
                        self.pixels::<V, C, 8>(steps, taps, source, output);
                    }
                    _ => unreachable!("blocks are at most {MOST_PIXELS} pixels"),
                }
            }
        }
    }

    /// A register block.
    unsafe fn pixels<V: Vector, const C: usize, const P: usize>(
        &self,
        steps: &Steps,
        taps: &Taps,
        source: *const f32,
        output: *mut f32,
    ) {
        let at = Place { block: *self, taps, steps: *steps, source, output };
        // SAFETY: `C` channels and `P` pixels are there, and all taps lie on the source.
        unsafe {
            if steps.source == LANES {
                V::call(Sum::<'_, C, P, true>(at));
            } else {
                V::call(Sum::<'_, C, P, false>(at));
            }
        }
    }
}

const fn fits<V: Vector>(channels: usize, pixels: usize) -> bool {
    pixels <= most_pixels::<V>(channels)
}

/// A run of pixels in memory: numbers from one to the next.
#[derive(Clone, Copy)]
struct Steps {
    count: usize,
    source: usize,
    output: usize,
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

/// The taps of a rectangle of outputs.
#[derive(Clone, Copy)]
struct Taps {
    channels: usize,
    rows: usize,
    columns: usize,
    /// Numbers of the source from one channel, tap row or tap column to the next.
    source: [isize; 3],
    /// The same of the weight, and the place of the first tap.
    weight: [usize; 3],
    first: usize,
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
            first: rows.tap * kernel + columns.tap,
        }
    }
}

/// The pixels of a register block.
#[derive(Clone, Copy)]
struct Place<'a> {
    block: Block<'a>,
    taps: &'a Taps,
    steps: Steps,
    source: *const f32,
    output: *mut f32,
}

/// A register block: `C` channels of `P` pixels. Where `DENSE` the pixels are neighbours in
/// memory, so that none needs an address of its own.
struct Sum<'a, const C: usize, const P: usize, const DENSE: bool>(Place<'a>);

impl<const C: usize, const P: usize, const DENSE: bool> Kernel for Sum<'_, C, P, DENSE> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let Place { block, taps, steps, source, output } = self.0;
        let Taps { channels, rows, columns, source: source_steps, weight: weight_steps, first } =
            *taps;
        let (gather, bias, weight) = (block.gather, block.bias, block.weight.wrapping_add(first));
        let weight_step = gather.weight_output;
        let source_step = if DENSE { LANES } else { steps.source };
        let plane = gather.output_plane() * LANES;
        // SAFETY: `C` channels and `P` pixels are there, and all taps lie on the source.
        unsafe {
            let mut sums = [[V::splat(0.0); P]; C];
            if let Some(bias) = bias {
                for c in 0..C {
                    sums[c] = [V::splat(*bias.add(c)); P];
                }
            }
            for channel in 0..channels {
                let source = source.offset(channel.cast_signed() * source_steps[0]);
                let weight = weight.add(channel * weight_steps[0]);
                for row in 0..rows {
                    let mut source = source.offset(row.cast_signed() * source_steps[1]);
                    let mut weight = weight.add(row * weight_steps[1]);
                    for _ in 0..columns {
                        if C < P {
                            let mut factors = [V::splat(0.0); C];
                            for c in 0..C {
                                factors[c] = V::splat(*weight.add(c * weight_step));
                            }
                            for p in 0..P {
                                let pixel = V::load(source.add(p * source_step));
                                for c in 0..C {
                                    sums[c][p] = pixel.mul_add(factors[c], sums[c][p]);
                                }
                            }
                        } else {
                            let mut pixels = [V::splat(0.0); P];
                            for p in 0..P {
                                pixels[p] = V::load(source.add(p * source_step));
                            }
                            for c in 0..C {
                                let factor = V::splat(*weight.add(c * weight_step));
                                for p in 0..P {
                                    sums[c][p] = pixels[p].mul_add(factor, sums[c][p]);
                                }
                            }
                        }
                        // Not `add`: after the last tap these may point outside.
                        source = source.wrapping_offset(source_steps[2]);
                        weight = weight.wrapping_add(weight_steps[2]);
                    }
                }
            }
            for c in 0..C {
                for p in 0..P {
                    let mut sum = sums[c][p];
                    if gather.relu {
                        sum = V::select(sum.above_zero(), sum, V::splat(0.0));
                    }
                    sum.store(output.add(c * plane + p * steps.output));
                }
            }
        }
    }
}
