//! Sums of products of a weight's rows and what its taps see of an image.
//!
//! A tap sees all outputs as one line of a copied plane (`planes`), so a register block is that of
//! a matrix product whose second operand needs no copy: row `l` of it begins at the place of tap
//! `l`. Sums between the rows of outputs are computed and left behind.

// A register block is a small matrix.
#![expect(clippy::needless_range_loop)]

use super::planes::{Axis, Planes, offsets};
use crate::kernels::gemm::tile::{UNROLLED, most_rows};
use crate::kernels::isa::Isa;
use crate::kernels::lanes::{LANES, blocks};
use crate::kernels::vector::{Kernel, LINE, Vector, dispatch};
use std::ops::Range;

/// Taps whose places are listed at a time, and whose factors for a register block stay in the
/// first-level cache.
const DEPTH: usize = 256;

/// Taps from which on what they see is asked for in advance: planes are too far from each other
/// for the processor to see a pattern.
const AHEAD: usize = 6;

/// Numbers of a strip of outputs: they stay in the second-level cache.
const STRIP: usize = 64 * 1024;

/// Rows of a register block for a matrix of so many.
pub(super) fn height(isa: Isa, rows: usize) -> usize {
    struct Most<'a>(&'a mut usize);
    impl Kernel for Most<'_> {
        #[inline(always)]
        unsafe fn run<V: Vector>(self) {
            *self.0 = most_rows::<V>();
        }
    }
    let mut most = 1;
    // SAFETY: the kernel touches no other memory.
    unsafe { dispatch(isa, Most(&mut most)) };
    rows.div_ceil(rows.div_ceil(most).max(1)).max(1)
}

/// A matrix whose rows are stored in panels of [`height`] rows, one after the other: the numbers
/// of a panel's rows in one column are beside each other, so that a register block reads one run
/// of memory. Some of its columns.
#[derive(Clone, Copy, Debug)]
pub(super) struct Panels<'a> {
    pub(super) numbers: &'a [f32],
    pub(super) height: usize,
    /// Numbers of a whole row.
    pub(super) row: usize,
    /// The first column, and the number of columns.
    pub(super) first: usize,
    pub(super) columns: usize,
}

impl Panels<'_> {
    /// Where a row's number in a column is, the distance to the next column, and how many rows
    /// lie beside it from this one on.
    fn at(&self, row: usize, column: usize) -> (usize, usize, usize) {
        let start = row / self.height * self.height;
        let height = self.height.min(self.numbers.len() / self.row - start);
        let place = start * self.row + (self.first + column) * height + row - start;
        (place, height, start + height - row)
    }
}

/// Rows of outputs that are computed at a time, for so many channels, from one row of a plane to
/// the next.
pub(super) fn lines_at_once(channels: usize, lines: usize, len: usize) -> usize {
    let most = (STRIP / channels.max(1)).clamp(96, 2048) / len.max(1);
    lines.div_ceil(lines.div_ceil(most.max(1)).max(1))
}

/// Distance from one channel of a strip to the next: an odd number of cache lines, so that
/// channels do not displace each other.
pub(super) fn pitch(lines: usize, len: usize) -> usize {
    ((lines * len).div_ceil(LANES) | 1) * LANES
}

/// Computes some channels' outputs in a strip of lines: output `(line, x)` of channel `rows.start
/// + i` is written to `i · pitch + (line - lines.start) · len + x`.
///
/// # Panics
/// Where the strip is too short, or the weight has fewer rows or other columns than the planes
/// have taps.
pub(super) fn correlate(
    isa: Isa,
    window: [Axis; 2],
    planes: Planes<'_>,
    weight: Panels<'_>,
    rows: Range<usize>,
    lines: Range<usize>,
    strip: &mut [f32],
) {
    let pitch = pitch(lines.len(), window[1].len());
    assert!(strip.len() >= rows.len() * pitch, "the strip");
    assert!(rows.end * weight.row <= weight.numbers.len(), "the weight");
    assert!(weight.first + weight.columns <= weight.row, "the taps");
    assert!(planes.has(&window, weight.columns) && lines.end <= window[0].outputs(), "the image");
    let kernel = Correlate { window, planes, weight, rows, lines, pitch, strip };
    // SAFETY: the lengths were checked.
    unsafe { dispatch(isa, kernel) };
}

struct Correlate<'a> {
    window: [Axis; 2],
    planes: Planes<'a>,
    weight: Panels<'a>,
    rows: Range<usize>,
    lines: Range<usize>,
    pitch: usize,
    strip: &'a mut [f32],
}

impl Kernel for Correlate<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let [_, wide] = &self.window;
        let from = self.planes.numbers.as_ptr().wrapping_add(self.lines.start * wide.len());
        let vectors = ((self.lines.len() - 1) * wide.len() + wide.outputs()).div_ceil(V::LEN);
        let mut places = [0; DEPTH + AHEAD];
        for (l, depth) in blocks(self.weight.columns, DEPTH) {
            let places = &mut places[..depth + AHEAD];
            offsets(&self.window, l..l + depth, &mut places[..depth]);
            let mut row = self.rows.start;
            while row < self.rows.end {
                let (place, a_step, height) = self.weight.at(row, l);
                let height = height.min(self.rows.end - row);
                let first = (row - self.rows.start) * self.pitch;
                // SAFETY: vectors of a line end inside the strip's pitch, and behind the last
                // plane there is room for one to be read.
                unsafe {
                    let a = self.weight.numbers.as_ptr().add(place);
                    let to = self.strip.as_mut_ptr().add(first);
                    let (pitch, add) = (self.pitch, l > 0);
                    let line = Line { places, from, a, a_step, to, pitch, add };
                    line.run::<V>(height, vectors);
                }
                row += height;
            }
        }
    }
}

/// A few channels' outputs along a line.
#[derive(Clone, Copy)]
struct Line<'a> {
    /// Where each tap sees the first output, from `from` on, and after that [`AHEAD`] more.
    places: &'a [usize],
    from: *const f32,
    /// The factors of a tap for each channel, `a_step` from those of the next tap.
    a: *const f32,
    a_step: usize,
    to: *mut f32,
    /// From one channel of the output to the next.
    pitch: usize,
    add: bool,
}

impl Line<'_> {
    /// # Safety
    /// As [`Vector`]; the places and `vectors` vectors behind each are inside the planes, and
    /// `rows` channels' outputs inside the strip.
    #[inline(always)]
    unsafe fn run<V: Vector>(self, rows: usize, vectors: usize) {
        macro_rules! blocks {
            ($($rows:literal by $columns:literal),*) => {
                match rows {
                    $($rows => {
                        let whole = vectors / $columns;
                        V::call(Block::<$rows, $columns> { line: self, count: whole });
                        let done = whole * $columns;
                        let rest = Line {
                            from: self.from.wrapping_add(done * V::LEN),
                            to: self.to.wrapping_add(done * V::LEN),
                            ..self
                        };
                        V::call(Block::<$rows, 1> { line: rest, count: vectors - done });
                    })*
                    _ => unreachable!("a register block of {rows} rows"),
                }
            };
        }
        // Sums, and beside them the factors or the vectors of a tap, fill the registers.
        // SAFETY: passed on.
        unsafe {
            if most_rows::<V>() == 14 {
                blocks!(
                    1 by 8, 2 by 8, 3 by 8, 4 by 6, 5 by 4, 6 by 4, 7 by 3, 8 by 3, 9 by 2, 10 by 2, 11 by 2,
                    12 by 2, 13 by 2, 14 by 2
                );
            } else {
                blocks!(1 by 8, 2 by 4, 3 by 3, 4 by 2, 5 by 2, 6 by 2);
            }
        }
    }
}

/// `count` times `R` channels and `C` vectors of outputs.
struct Block<'a, const R: usize, const C: usize> {
    line: Line<'a>,
    count: usize,
}

impl<const R: usize, const C: usize> Kernel for Block<'_, R, C> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let Line { places, mut from, a_step, mut to, pitch, add, .. } = self.line;
        // SAFETY: the caller of `Line::run` vouches for the sizes.
        unsafe {
            for _ in 0..self.count {
                let mut sums = [[V::splat(0.0); C]; R];
                let mut a = self.line.a;
                let ahead = &places[AHEAD..];
                let (groups, _) = places[..ahead.len()].as_chunks::<UNROLLED>();
                for (group, ahead) in groups.iter().zip(ahead.as_chunks::<UNROLLED>().0) {
                    for u in 0..UNROLLED {
                        ask::<V, C>(from.wrapping_add(ahead[u]));
                        add_tap(&mut sums, from.add(group[u]), a.add(u * a_step));
                    }
                    // Not `add`: after the last tap this may point outside.
                    a = a.wrapping_add(UNROLLED * a_step);
                }
                for &place in &places[groups.len() * UNROLLED..ahead.len()] {
                    add_tap(&mut sums, from.add(place), a);
                    a = a.wrapping_add(a_step);
                }
                for r in 0..R {
                    for v in 0..C {
                        let to = to.add(r * pitch + v * V::LEN);
                        let mut sum = sums[r][v];
                        if add {
                            sum = V::load(to).add(sum);
                        }
                        sum.store(to);
                    }
                }
                from = from.wrapping_add(C * V::LEN);
                to = to.wrapping_add(C * V::LEN);
            }
        }
    }
}

/// Asks for what a tap will see of `C` vectors of outputs. Lines that end before these do were
/// read for the outputs before.
#[inline(always)]
fn ask<V: Vector, const C: usize>(from: *const f32) {
    for end in (LINE..=C * V::LEN).step_by(LINE) {
        V::prefetch(from.wrapping_add(end - 1));
    }
}

/// Adds a tap to sums of `R` channels and `C` vectors of outputs.
///
/// # Safety
/// As [`Vector`]; the vectors are there, and the channels' factors.
#[inline(always)]
unsafe fn add_tap<V: Vector, const R: usize, const C: usize>(
    sums: &mut [[V; C]; R],
    from: *const f32,
    a: *const f32,
) {
    // SAFETY: passed on.
    unsafe {
        if R < C {
            let mut factors = [V::splat(0.0); R];
            for r in 0..R {
                factors[r] = V::splat(*a.add(r));
            }
            for v in 0..C {
                let pixels = V::load(from.add(v * V::LEN));
                for r in 0..R {
                    sums[r][v] = pixels.mul_add(factors[r], sums[r][v]);
                }
            }
        } else {
            let mut pixels = [V::splat(0.0); C];
            for v in 0..C {
                pixels[v] = V::load(from.add(v * V::LEN));
            }
            for r in 0..R {
                let factor = V::splat(*a.add(r));
                for v in 0..C {
                    sums[r][v] = pixels[v].mul_add(factor, sums[r][v]);
                }
            }
        }
    }
}
