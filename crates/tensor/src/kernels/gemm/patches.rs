//! The matrix of patches of an image (im2col) that nobody writes: its parts are copied straight
//! from the image to where a product wants them.
//!
//! The image is first copied once, with its padding, and for stride s with its pixels sorted by
//! their place modulo s into *phases*. What a tap sees at the outputs of a row is then always a
//! contiguous row of one phase, and needs no test for the border.

use super::blocked::DEPTH;
use crate::kernels::isa::Isa;
use crate::kernels::vector::{Kernel, Vector, dispatch};
use std::ops::Range;

/// Numbers behind the last plane that a vector may read.
const SLACK: usize = 16;

/// The sliding window along one axis: output `o` and tap `t` meet the pixel
/// `origin + o · stride + t · dilation`.
#[derive(Clone, Copy, Debug)]
pub(in crate::kernels) struct Axis {
    input: usize,
    taps: usize,
    stride: usize,
    dilation: usize,
    outputs: usize,
    origin: isize,
    /// Places modulo the stride that taps see; tap `t` sees the one numbered `t` modulo this.
    phases: usize,
    /// Pixels of a phase.
    len: usize,
}

impl Axis {
    /// `origin` is negative in the padding.
    pub(in crate::kernels) fn new(
        [input, outputs, taps]: [usize; 3],
        stride: usize,
        dilation: usize,
        origin: isize,
    ) -> Self {
        let phases = (stride / gcd(stride, dilation)).min(taps);
        let len = outputs + (taps - 1) * dilation / stride;
        Axis { input, taps, stride, dilation, outputs, origin, phases, len }
    }

    /// The pixels of a phase that are on the image, and the place of the first of them.
    fn on_image(&self, phase: usize) -> (Range<usize>, usize) {
        let first = self.origin + (phase * self.dilation % self.stride) as isize;
        let place = |q: usize| first + (q * self.stride) as isize;
        let input = self.input as isize;
        let start = (0..self.len).find(|&q| place(q) >= 0).unwrap_or(self.len);
        let end = (start..self.len).find(|&q| place(q) >= input).unwrap_or(self.len);
        if start == end { (0..0, 0) } else { (start..end, place(start) as usize) }
    }
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// A tap on its way along an axis: its phase, and its distance from the phase's first pixel.
#[derive(Clone, Copy)]
struct Tap {
    tap: usize,
    phase: usize,
    shift: usize,
    rest: usize,
}

impl Tap {
    fn at(axis: &Axis, tap: usize) -> Self {
        let place = tap * axis.dilation;
        let (shift, rest) = (place / axis.stride, place % axis.stride);
        Tap { tap, phase: tap % axis.phases, shift, rest }
    }

    /// On to the next tap, without a division; from the last one to the first. Returns whether
    /// it was the last.
    #[inline(always)]
    fn step(&mut self, axis: &Axis) -> bool {
        self.tap += 1;
        if self.tap == axis.taps {
            *self = Tap { tap: 0, phase: 0, shift: 0, rest: 0 };
            return true;
        }
        self.phase = if self.phase + 1 == axis.phases { 0 } else { self.phase + 1 };
        self.rest += axis.dilation;
        while self.rest >= axis.stride {
            self.rest -= axis.stride;
            self.shift += 1;
        }
        false
    }
}

/// The matrix of patches of some channels: a row for each (channel, tap along the height, tap
/// along the width), a column for each output.
#[derive(Clone, Copy, Debug)]
pub(in crate::kernels) struct Patches<'a> {
    window: [Axis; 2],
    /// [`Patches::scratch_len`] numbers.
    planes: &'a [f32],
    /// Rows that are left out at the start.
    skipped: usize,
}

impl<'a> Patches<'a> {
    /// Numbers of memory that the copied image takes.
    pub(in crate::kernels) fn scratch_len(window: [Axis; 2], channels: usize) -> usize {
        channels * plane(&window) + SLACK
    }

    /// Copies the image `[channels, H, W]` into `planes`, [`Patches::scratch_len`] numbers.
    pub(in crate::kernels) fn new(
        isa: Isa,
        window: [Axis; 2],
        image: &[f32],
        planes: &'a mut [f32],
    ) -> Self {
        let channels = image.len() / (window[0].input * window[1].input);
        assert_eq!(planes.len(), Self::scratch_len(window, channels), "the copied image");
        // SAFETY: the kernel works on slices.
        unsafe { dispatch(isa, Split { window, image, planes }) };
        Patches { window, planes, skipped: 0 }
    }

    /// The matrix without its first rows.
    pub(in crate::kernels) fn skip_rows(self, row: usize) -> Self {
        Patches { skipped: self.skipped + row, ..self }
    }

    /// [`Source::copy`](super::source::Source::copy).
    ///
    /// # Safety
    /// As there.
    #[inline(always)]
    pub(super) unsafe fn copy<V: Vector>(
        &self,
        rows: Range<usize>,
        columns: Range<usize>,
        to: *mut f32,
        [width, panel, stride]: [usize; 3],
    ) {
        let mut offsets = [0; DEPTH];
        let offsets = &mut offsets[..rows.len()];
        self.offsets(rows, offsets);
        let mut moves = [[0; 2]; DEPTH];
        for (p, start) in columns.clone().step_by(width).enumerate() {
            let count = width.min(columns.end - start);
            let moves = self.moves::<V>(start..start + count, &mut moves);
            let mut to = to.wrapping_add(p * panel);
            for &offset in &*offsets {
                // SAFETY: what a tap sees of these outputs lies inside the plane, and vectors that
                // reach beyond it inside the slack.
                unsafe {
                    let from = self.planes.as_ptr().add(offset);
                    if !count.is_multiple_of(V::LEN) {
                        V::splat(0.0).store(to.add(count / V::LEN * V::LEN));
                    }
                    for &[source, target] in moves {
                        V::load(from.add(source)).store(to.add(target));
                    }
                }
                to = to.wrapping_add(stride);
            }
        }
    }

    /// Where each row's tap sees the first output.
    #[inline(always)]
    fn offsets(&self, rows: Range<usize>, offsets: &mut [usize]) {
        let [high, wide] = &self.window;
        let (area, plane) = (high.len * wide.len, plane(&self.window));
        let taps = high.taps * wide.taps;
        let first = rows.start + self.skipped;
        let mut channel = first / taps * plane;
        let mut y = Tap::at(high, first % taps / wide.taps);
        let mut x = Tap::at(wide, first % wide.taps);
        for offset in offsets {
            let phase = y.phase * wide.phases + x.phase;
            *offset = channel + phase * area + y.shift * wide.len + x.shift;
            if x.step(wide) && y.step(high) {
                channel += plane;
            }
        }
    }

    /// How some outputs' pixels, as a tap sees them, are copied beside each other: from where to
    /// where a vector of them goes, each overwriting what the one before it copied too much.
    #[inline(always)]
    fn moves<'m, V: Vector>(
        &self,
        outputs: Range<usize>,
        moves: &'m mut [[usize; 2]; DEPTH],
    ) -> &'m [[usize; 2]] {
        let wide = &self.window[1];
        let (mut line, mut at) = (outputs.start / wide.outputs, outputs.start % wide.outputs);
        let (mut count, mut done) = (0, 0);
        while done < outputs.len() {
            let len = (wide.outputs - at).min(outputs.len() - done);
            for i in (0..len).step_by(V::LEN) {
                moves[count] = [line * wide.len + at + i, done + i];
                count += 1;
            }
            done += len;
            (line, at) = (line + 1, 0);
        }
        &moves[..count]
    }
}

/// Numbers of one channel.
fn plane([high, wide]: &[Axis; 2]) -> usize {
    high.phases * wide.phases * high.len * wide.len
}

/// Copies an image with its padding, sorted into phases.
struct Split<'a> {
    window: [Axis; 2],
    image: &'a [f32],
    planes: &'a mut [f32],
}

impl Kernel for Split<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let [high, wide] = &self.window;
        let mut lines = self.planes.chunks_exact_mut(wide.len);
        for channel in self.image.chunks_exact(high.input * wide.input) {
            for (rows, y) in (0..high.phases).map(|phase| high.on_image(phase)) {
                for (columns, x) in (0..wide.phases).map(|phase| wide.on_image(phase)) {
                    for q in 0..high.len {
                        let Some(line) = lines.next() else { return };
                        if !rows.contains(&q) || columns.is_empty() {
                            line.fill(0.0);
                            continue;
                        }
                        let start = (y + (q - rows.start) * high.stride) * wide.input + x;
                        line[..columns.start].fill(0.0);
                        line[columns.end..].fill(0.0);
                        let line = &mut line[columns.clone()];
                        match wide.stride {
                            1 => line.copy_from_slice(&channel[start..][..line.len()]),
                            stride => {
                                let pixels = channel[start..].iter().step_by(stride);
                                line.iter_mut().zip(pixels).for_each(|(to, &from)| *to = from);
                            }
                        }
                    }
                }
            }
        }
        let slack = self.planes.len() - SLACK;
        self.planes[slack..].fill(0.0);
    }
}
