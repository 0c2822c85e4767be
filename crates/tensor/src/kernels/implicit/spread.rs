//! From strips, in which rows of outputs have gaps, to the pixels of an image.

use crate::kernels::isa::Isa;
use crate::kernels::lanes::layout::block_starts;
use crate::kernels::vector::{Kernel, Vector, dispatch};

/// One of the strips that make up some rows of an image, whose pixels are every so many from
/// `first` on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Strip<'a> {
    pub(super) numbers: &'a [f32],
    /// From one row to the next, and from one channel to the next.
    pub(super) len: usize,
    pub(super) pitch: usize,
    pub(super) first: usize,
}

/// The rows of an image that strips are written to.
#[derive(Debug)]
pub(super) struct Rows<'a> {
    /// All channels that are computed.
    pub(super) image: &'a mut [f32],
    /// Numbers of a channel, and of a row.
    pub(super) area: usize,
    pub(super) width: usize,
    /// The first row, from one row to the next, and their number.
    pub(super) first: usize,
    pub(super) step: usize,
    pub(super) count: usize,
}

/// Writes rows whose pixels are in one strip, plus a number for each channel.
pub(super) fn collect(isa: Isa, rows: Rows<'_>, strip: Strip<'_>, bias: Option<&[f32]>) {
    // SAFETY: the kernel works on slices.
    unsafe { dispatch(isa, Collect { rows, strip, bias }) };
}

/// Writes rows whose pixels alternate between two strips.
pub(super) fn interleave(isa: Isa, rows: Rows<'_>, strips: [Strip<'_>; 2]) {
    // SAFETY: the kernel works on slices.
    unsafe { dispatch(isa, Interleave { rows, strips }) };
}

/// Writes every `step`-th pixel of rows from a strip.
pub(super) fn scatter(rows: &mut Rows<'_>, strip: Strip<'_>, step: usize) {
    rows.for_each(|channel, line, row| {
        let row = row.iter_mut().skip(strip.first).step_by(step);
        row.zip(strip.row(channel, line)).for_each(|(to, &from)| *to = from);
    });
}

impl<'a> Strip<'a> {
    /// A row, with what follows it.
    #[inline(always)]
    fn row(&self, channel: usize, line: usize) -> &'a [f32] {
        &self.numbers[channel * self.pitch + line * self.len..]
    }
}

impl Rows<'_> {
    /// Calls `write` with each row, by channel and number.
    #[inline(always)]
    fn for_each(&mut self, mut write: impl FnMut(usize, usize, &mut [f32])) {
        for (c, channel) in self.image.chunks_exact_mut(self.area).enumerate() {
            for line in 0..self.count {
                let start = (self.first + line * self.step) * self.width;
                write(c, line, &mut channel[start..][..self.width]);
            }
        }
    }
}

struct Collect<'a> {
    rows: Rows<'a>,
    strip: Strip<'a>,
    bias: Option<&'a [f32]>,
}

impl Kernel for Collect<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(mut self) {
        self.rows.for_each(|channel, line, row| {
            let bias = self.bias.map_or(0.0, |bias| bias[channel]);
            let pixels = &self.strip.row(channel, line)[..row.len()];
            if row.len() < V::LEN {
                row.iter_mut().zip(pixels).for_each(|(to, from)| *to = from + bias);
                return;
            }
            for at in block_starts(row.len(), V::LEN) {
                // SAFETY: both have `at + LEN` numbers.
                unsafe {
                    let sum = V::load(pixels.as_ptr().add(at)).add(V::splat(bias));
                    sum.store(row.as_mut_ptr().add(at));
                }
            }
        });
    }
}

struct Interleave<'a> {
    rows: Rows<'a>,
    strips: [Strip<'a>; 2],
}

impl Kernel for Interleave<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(mut self) {
        self.strips.sort_by_key(|strip| strip.first);
        self.rows.for_each(|channel, line, row| {
            let [even, odd] = self.strips.map(|strip| strip.row(channel, line));
            let (pairs, last) = row.as_chunks_mut::<2>();
            for ((to, &even), &odd) in pairs.iter_mut().zip(even).zip(odd) {
                *to = [even, odd];
            }
            if let [last] = last {
                *last = even[pairs.len()];
            }
        });
    }
}
