//! An image as its taps read it.
//!
//! The image is copied once with its padding, and for stride s with its pixels sorted by
//! their place modulo s into *phases*. What a tap sees at the outputs of a row is then always a
//! contiguous row of one phase, and needs no test for the border. What it sees at all outputs is
//! one long line, in which the rows of outputs are `len` apart: between them lie pixels that no
//! output asks for.

use crate::kernels::isa::Isa;
use crate::kernels::lanes::layout::block_starts;
use crate::kernels::vector::{Kernel, Vector, dispatch};
use std::ops::Range;

/// Numbers behind the last plane that a vector may read.
const SLACK: usize = 16;

/// The sliding window along one axis: output `o` and tap `t` meet the pixel
/// `origin + o · stride + t · dilation`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
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
    /// Pixels of a phase before what the first tap sees at the first output.
    shift: usize,
}

impl Axis {
    /// `origin` is negative in the padding.
    pub(super) fn new(
        [input, outputs, taps]: [usize; 3],
        stride: usize,
        dilation: usize,
        origin: isize,
    ) -> Self {
        let phases = (stride / gcd(stride, dilation)).min(taps);
        let len = outputs + (taps - 1) * dilation / stride;
        Axis { input, taps, stride, dilation, outputs, origin, phases, len, shift: 0 }
    }

    /// Where the pixels that the window sees begin, and where they end.
    pub(super) fn extent(&self) -> [isize; 2] {
        [self.origin, self.origin + self.len as isize]
    }

    /// The same window with stride 1, on a copy of the image that has more pixels at its ends.
    pub(super) fn within(self, [start, end]: [isize; 2]) -> Self {
        let shift = (self.origin - start) as usize;
        Axis { origin: start, len: (end - start) as usize, shift, ..self }
    }

    /// Distance from one row of outputs to the next, along the width.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Outputs along this axis.
    pub(super) fn outputs(&self) -> usize {
        self.outputs
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
        let (shift, rest) = (axis.shift + place / axis.stride, place % axis.stride);
        Tap { tap, phase: tap % axis.phases, shift, rest }
    }

    /// On to the next tap, without a division; from the last one to the first. Returns whether
    /// it was the last.
    #[inline(always)]
    fn step(&mut self, axis: &Axis) -> bool {
        self.tap += 1;
        if self.tap == axis.taps {
            *self = Tap { tap: 0, phase: 0, shift: axis.shift, rest: 0 };
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

/// Some channels of an image, copied with their padding.
#[derive(Clone, Copy, Debug)]
pub(super) struct Planes<'a> {
    /// [`Planes::scratch_len`] numbers.
    pub(super) numbers: &'a [f32],
}

impl<'a> Planes<'a> {
    /// Numbers of memory that the copied image takes.
    pub(super) fn scratch_len(window: [Axis; 2], channels: usize) -> usize {
        channels * plane(&window) + SLACK
    }

    /// Copies the image `[channels, H, W]` into `numbers`, [`Planes::scratch_len`] of them.
    pub(super) fn new(isa: Isa, window: [Axis; 2], image: &[f32], numbers: &'a mut [f32]) -> Self {
        let channels = image.len() / (window[0].input * window[1].input);
        assert_eq!(numbers.len(), Self::scratch_len(window, channels), "the copied image");
        // SAFETY: the kernel works on slices.
        unsafe { dispatch(isa, Split { window, image, planes: &mut *numbers }) };
        Planes { numbers }
    }

    /// Whether these are as many planes of the window as so many taps see.
    pub(super) fn has(&self, window: &[Axis; 2], taps: usize) -> bool {
        let channels = taps.div_ceil(window[0].taps * window[1].taps);
        self.numbers.len() >= Self::scratch_len(*window, channels)
    }
}

/// Where the taps numbered `range`, counted over all channels, see the first output.
#[inline(always)]
pub(super) fn offsets([high, wide]: &[Axis; 2], range: Range<usize>, offsets: &mut [usize]) {
    let area = high.len * wide.len;
    let plane = plane(&[*high, *wide]);
    let taps = high.taps * wide.taps;
    let mut channel = range.start / taps * plane;
    let mut y = Tap::at(high, range.start % taps / wide.taps);
    let mut x = Tap::at(wide, range.start % wide.taps);
    for offset in offsets {
        let phase = y.phase * wide.phases + x.phase;
        *offset = channel + phase * area + y.shift * wide.len + x.shift;
        if x.step(wide) && y.step(high) {
            channel += plane;
        }
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
                        // SAFETY: passed on.
                        unsafe { self::line::<V>(&channel[start..], wide.stride, &columns, line) };
                    }
                }
            }
        }
        let slack = self.planes.len() - SLACK;
        self.planes[slack..].fill(0.0);
    }
}

/// Copies pixels that are `stride` apart to some columns of a line, and zeros to the others.
///
/// # Safety
/// As [`Vector`].
#[inline(always)]
unsafe fn line<V: Vector>(from: &[f32], stride: usize, columns: &Range<usize>, line: &mut [f32]) {
    let (before, rest) = line.split_at_mut(columns.start);
    let (to, after) = rest.split_at_mut(columns.len());
    before.fill(0.0);
    after.fill(0.0);
    let done = match stride {
        1 => {
            to.copy_from_slice(&from[..to.len()]);
            to.len()
        }
        // SAFETY: passed on.
        2 => unsafe { every_other::<V>(from, to) },
        _ => 0,
    };
    let pixels = from.iter().step_by(stride).skip(done);
    to[done..].iter_mut().zip(pixels).for_each(|(to, &from)| *to = from);
}

/// Copies every other number by the vector, and returns for how many there are whole ones.
///
/// # Safety
/// As [`Vector`].
#[inline(always)]
unsafe fn every_other<V: Vector>(from: &[f32], to: &mut [f32]) -> usize {
    let len = to.len().min(from.len() / 2);
    for at in block_starts(len, V::LEN) {
        // SAFETY: `at + LEN` is at most `len`, and there are as many pairs in `from`.
        unsafe {
            let from = from.as_ptr().add(2 * at);
            V::load(from).evens(V::load(from.add(V::LEN))).store(to.as_mut_ptr().add(at));
        }
    }
    if len < V::LEN { 0 } else { len }
}
