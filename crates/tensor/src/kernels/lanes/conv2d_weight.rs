//! The loops of convolution's weight gradient: a correlation of the image with the gradient of
//! the output, summed over pixels and images.
//!
//! A register block holds several output channels by several taps, one sum per lane, while the
//! pixels run past; the lanes are added up at the end. The gradient of the bias is one more sum
//! per channel, taken along by the first taps' pass.

use super::{LANES, blocks};
use crate::kernels::vector::{Kernel, Vector};
use crate::{Conv2dGeometry, WindowAxis};

/// Most output channels in a block.
const MOST_CHANNELS: usize = 6;

/// Most taps in a block.
const MOST_TAPS: usize = 8;

/// Sizes of a weight gradient; padding is already part of the image.
#[derive(Clone, Copy, Debug)]
pub(super) struct Correlate<'a> {
    height: &'a WindowAxis,
    width: &'a WindowAxis,
    /// Groups of sixteen images, and of channels.
    batch: usize,
    groups: usize,
    /// Channels of one group.
    inputs: usize,
    outputs: usize,
    /// Rows and columns of the image, padding included.
    size: [usize; 2],
}

impl<'a> Correlate<'a> {
    pub(super) fn new(g: &'a Conv2dGeometry, size: [usize; 2]) -> Self {
        Correlate {
            height: g.height(),
            width: g.width(),
            batch: g.batch().div_ceil(LANES),
            groups: g.groups(),
            inputs: g.in_channels() / g.groups(),
            outputs: g.out_channels() / g.groups(),
            size,
        }
    }

    /// One line of sixteen images.
    pub(super) fn line(
        height: &'a WindowAxis,
        width: &'a WindowAxis,
        [inputs, outputs]: [usize; 2],
    ) -> Self {
        Correlate { height, width, batch: 1, groups: 1, inputs, outputs, size: [1, width.input] }
    }

    fn input_plane(&self) -> usize {
        self.size[0] * self.size[1] * LANES
    }

    fn output_plane(&self) -> usize {
        self.height.output * self.width.output * LANES
    }

    /// The taps in lines along which they are worked on together: along the kernel's rows, or
    /// across the channels where a row has one tap only.
    fn lines(&self) -> Lines {
        let taps = self.height.kernel * self.width.kernel;
        if self.width.kernel == 1 {
            Lines { count: self.inputs, image: self.input_plane(), weight: taps, outer: 1 }
        } else {
            let image = self.width.dilation * LANES;
            Lines { count: self.width.kernel, image, weight: 1, outer: self.inputs }
        }
    }
}

/// Taps worked on together, and the numbers from one to the next.
#[derive(Clone, Copy)]
struct Lines {
    count: usize,
    image: usize,
    weight: usize,
    /// Channels that have lines of their own.
    outer: usize,
}

/// dw and db for all images and groups.
pub(super) struct WeightGradient<'a> {
    pub(super) sizes: Correlate<'a>,
    pub(super) x: &'a [f32],
    pub(super) dy: &'a [f32],
    pub(super) dw: &'a mut [f32],
    pub(super) db: Option<&'a mut [f32]>,
}

impl Kernel for WeightGradient<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let WeightGradient { sizes: s, x, dy, dw, db } = self;
        let (lines, taps) = (s.lines(), s.height.kernel * s.width.kernel);
        let most_taps = most_taps::<V>(lines.count);
        let db = db.map(<[f32]>::as_mut_ptr);
        for group in 0..s.groups {
            for (output, outputs) in blocks(s.outputs, most_channels::<V>(most_taps)) {
                let output = group * s.outputs + output;
                // The first block of taps takes the bias along.
                let mut db = db.map(|db| db.wrapping_add(output));
                for line in 0..lines.outer * s.height.kernel {
                    let (input, row) = (line / s.height.kernel, line % s.height.kernel);
                    for (tap, count) in blocks(lines.count, most_taps) {
                        let place = tap * lines.image
                            + row * s.height.dilation * s.size[1] * LANES
                            + (group * s.inputs + input) * s.input_plane();
                        let weight = (output * s.inputs + input) * taps
                            + row * s.width.kernel
                            + tap * lines.weight;
                        // SAFETY: the places above lie inside the slices.
                        unsafe {
                            let block = Block {
                                sizes: &s,
                                lines,
                                x: x.as_ptr().add(place),
                                dy: dy.as_ptr().wrapping_add(output * s.output_plane()),
                                dw: dw.as_mut_ptr().add(weight),
                                db: db.take(),
                            };
                            block.run::<V>(outputs, count);
                        }
                    }
                }
            }
        }
    }
}

/// Taps in a block: few enough that two channels or more fit.
fn most_taps<V: Vector>(count: usize) -> usize {
    let most = if V::REGISTERS >= 32 { 7 } else { 5 };
    blocks(count, most).map(|(_, taps)| taps).max().unwrap_or(1)
}

/// Channels of a block of that many taps: sums, the channels' vectors, their sums for the bias
/// and one pixel fit the registers.
const fn most_channels<V: Vector>(taps: usize) -> usize {
    let mut channels = MOST_CHANNELS;
    while channels > 1 && channels * (taps + 2) >= V::REGISTERS {
        channels -= 1;
    }
    channels
}

const fn fits<V: Vector>(channels: usize, taps: usize) -> bool {
    taps <= MOST_TAPS && channels <= most_channels::<V>(taps)
}

#[derive(Clone, Copy)]
struct Block<'a> {
    sizes: &'a Correlate<'a>,
    lines: Lines,
    x: *const f32,
    dy: *const f32,
    dw: *mut f32,
    db: Option<*mut f32>,
}

impl Block<'_> {
    unsafe fn run<V: Vector>(&self, channels: usize, taps: usize) {
        // SAFETY: passed on.
        unsafe {
            match channels {
                1 => self.channels::<V, 1>(taps),
                2 => self.channels::<V, 2>(taps),
                3 => self.channels::<V, 3>(taps),
                4 => self.channels::<V, 4>(taps),
                5 => self.channels::<V, 5>(taps),
                6 => self.channels::<V, 6>(taps),
                _ => unreachable!("blocks are at most {MOST_CHANNELS} channels"),
            }
        }
    }

    unsafe fn channels<V: Vector, const C: usize>(&self, taps: usize) {
        // SAFETY: passed on.
        unsafe {
            match taps {
                1 if const { fits::<V>(C, 1) } => self.block::<V, C, 1>(),
                2 if const { fits::<V>(C, 2) } => self.block::<V, C, 2>(),
                3 if const { fits::<V>(C, 3) } => self.block::<V, C, 3>(),
                4 if const { fits::<V>(C, 4) } => self.block::<V, C, 4>(),
                5 if const { fits::<V>(C, 5) } => self.block::<V, C, 5>(),
                6 if const { fits::<V>(C, 6) } => self.block::<V, C, 6>(),
                7 if const { fits::<V>(C, 7) } => self.block::<V, C, 7>(),
                _ => unreachable!("blocks are at most {MOST_TAPS} taps"),
            }
        }
    }

    unsafe fn block<V: Vector, const C: usize, const T: usize>(&self) {
        // SAFETY: passed on.
        unsafe {
            match (self.db.is_some(), self.lines.image == LANES) {
                (true, true) => V::call(Sum::<'_, C, T, true, true>(*self)),
                (true, false) => V::call(Sum::<'_, C, T, true, false>(*self)),
                (false, true) => V::call(Sum::<'_, C, T, false, true>(*self)),
                (false, false) => V::call(Sum::<'_, C, T, false, false>(*self)),
            }
        }
    }
}

/// A register block over all pixels: `C` channels by `T` taps, with the gradient of the bias where
/// `BIAS`, and taps [`LANES`] numbers apart where `DENSE`.
struct Sum<'a, const C: usize, const T: usize, const BIAS: bool, const DENSE: bool>(Block<'a>);

impl<const C: usize, const T: usize, const BIAS: bool, const DENSE: bool> Kernel
    for Sum<'_, C, T, BIAS, DENSE>
{
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let Block { sizes: s, lines, x, dy, dw, db } = self.0;
        let tap_step = if DENSE { LANES } else { lines.image };
        let (plane, pixel_step) = (s.output_plane(), s.width.stride * LANES);
        let input_group = s.groups * s.inputs * s.input_plane();
        let output_group = s.groups * s.outputs * plane;
        // SAFETY: the pixels of every window lie on the padded image.
        unsafe {
            let mut sums = [[V::splat(0.0); T]; C];
            let mut bias = [V::splat(0.0); C];
            for image in 0..s.batch {
                for row in 0..s.height.output {
                    for lane in (0..LANES).step_by(V::LEN) {
                        let line = row * s.height.stride * s.size[1] * LANES;
                        let mut x = x.add(image * input_group + line + lane);
                        let line = row * s.width.output * LANES;
                        let mut dy = dy.add(image * output_group + line + lane);
                        for _ in 0..s.width.output {
                            let mut gradients = [V::splat(0.0); C];
                            for c in 0..C {
                                gradients[c] = V::load(dy.add(c * plane));
                                if BIAS {
                                    bias[c] = bias[c].add(gradients[c]);
                                }
                            }
                            for t in 0..T {
                                let pixel = V::load(x.add(t * tap_step));
                                for c in 0..C {
                                    sums[c][t] = pixel.mul_add(gradients[c], sums[c][t]);
                                }
                            }
                            // Not `add`: after the last pixel these may point outside.
                            x = x.wrapping_add(pixel_step);
                            dy = dy.wrapping_add(LANES);
                        }
                    }
                }
            }
            let weights = s.inputs * s.height.kernel * s.width.kernel;
            for c in 0..C {
                for t in 0..T {
                    *dw.add(c * weights + t * lines.weight) = sums[c][t].sum();
                }
            }
            if let Some(db) = db {
                for c in 0..C {
                    *db.add(c) = bias[c].sum();
                }
            }
        }
    }
}
