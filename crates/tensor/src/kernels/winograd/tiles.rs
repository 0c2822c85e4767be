//! Images to transformed tiles, and transformed tiles to images.
//!
//! Sixteen channels of a strip of the image, one row of tiles high, are interleaved
//! `[rows, columns, 16]`; then a vector holds one pixel of sixteen channels, and a tile is
//! transformed in registers. Transformed tiles are stored `[36, channels / 16, tiles, 16]`.

use super::points::{self, FREQUENCIES, POINTS, TILE};
use crate::kernels::lanes::LANES;
use crate::kernels::lanes::layout::{deinterleave, interleave};
use crate::kernels::vector::{Kernel, Vector};

/// Sixteen channels of an image, or fewer: those that are left.
#[derive(Clone, Copy)]
pub(super) struct Planes<P> {
    /// The first pixel of the first channel.
    pub(super) first: P,
    pub(super) channels: usize,
    pub(super) rows: usize,
    pub(super) columns: usize,
}

/// Where a channel block of transformed tiles lies.
#[derive(Clone, Copy)]
pub(super) struct Tiles<P> {
    /// The first tile.
    pub(super) first: P,
    /// Numbers from one of the 36 products to the next.
    pub(super) step: usize,
    pub(super) count: usize,
}

/// Transforms a row of tiles that overlap by two pixels, `Bᵀ d B`, of the source of a
/// convolution; where `GRADIENT`, of tiles that do not, `A dy Aᵀ`, of the gradient of its output.
pub(super) struct Gather<const GRADIENT: bool> {
    pub(super) source: Planes<*const f32>,
    /// Row and column of the first tile's first pixel: outside the image is zero.
    pub(super) origin: [isize; 2],
    /// Room for [`strip_len`] numbers.
    pub(super) strip: *mut f32,
    pub(super) tiles: Tiles<*mut f32>,
}

/// Numbers of a strip of `tiles` tiles.
pub(super) const fn strip_len(tiles: usize) -> usize {
    POINTS * (tiles * TILE + POINTS - TILE) * LANES
}

impl<const GRADIENT: bool> Kernel for Gather<GRADIENT> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let Gather { source, origin, strip, tiles } = self;
        let side = if GRADIENT { TILE } else { POINTS };
        let pitch = tiles.count * TILE + side - TILE;
        // SAFETY: the strip has `side` rows of `pitch` pixels, of which those on the image are
        // read from it; a tile's 36 numbers of sixteen channels are `tiles.step` apart.
        unsafe {
            for row in 0..side {
                let row_strip = strip.add(row * pitch * LANES);
                interleave_row::<V>(
                    &source,
                    origin[0] + row.cast_signed(),
                    origin[1],
                    pitch,
                    row_strip,
                );
            }
            for tile in 0..tiles.count {
                for lane in (0..LANES).step_by(V::LEN) {
                    let from = strip.add(tile * TILE * LANES + lane);
                    let mut half = [[V::splat(0.0); POINTS]; POINTS];
                    for column in 0..side {
                        let from = from.add(column * LANES);
                        let mut pixels = [V::splat(0.0); POINTS];
                        for row in 0..side {
                            pixels[row] = V::load(from.add(row * pitch * LANES));
                        }
                        half[column] = transform::<V, GRADIENT>(pixels);
                    }
                    let to = tiles.first.add(tile * LANES + lane);
                    for row in 0..POINTS {
                        let mut line = [V::splat(0.0); POINTS];
                        for column in 0..side {
                            line[column] = half[column][row];
                        }
                        let line = transform::<V, GRADIENT>(line);
                        for column in 0..POINTS {
                            line[column].store(to.add((row * POINTS + column) * tiles.step));
                        }
                    }
                }
            }
        }
    }
}

/// Of the gradient of an output only the first four numbers count.
#[inline(always)]
unsafe fn transform<V: Vector, const GRADIENT: bool>(d: [V; POINTS]) -> [V; POINTS] {
    // SAFETY: register to register only.
    unsafe {
        if GRADIENT { points::output_adjoint([d[0], d[1], d[2], d[3]]) } else { points::source(d) }
    }
}

/// Interleaves `pixels` pixels of a row, which may lie outside the image.
#[inline(always)]
unsafe fn interleave_row<V: Vector>(
    source: &Planes<*const f32>,
    row: isize,
    column: isize,
    pixels: usize,
    to: *mut f32,
) {
    let Planes { first, channels, rows, columns } = *source;
    let all = pixels.cast_signed();
    // The pixels of the strip that lie on the image.
    let (start, end) = if row < 0 || row >= rows.cast_signed() {
        (all, all)
    } else {
        ((-column).clamp(0, all), (columns.cast_signed() - column).clamp(0, all))
    };
    let end = end.max(start);
    // SAFETY: pixels `start..end` of the row are there, and `to` has room for `all`.
    unsafe {
        let zero = V::splat(0.0);
        for pixel in (0..start).chain(end..all) {
            for lane in (0..LANES).step_by(V::LEN) {
                zero.store(to.add(pixel.cast_unsigned() * LANES + lane));
            }
        }
        if start < end {
            let len = (end - start).cast_unsigned();
            let at = row.cast_unsigned() * columns + (column + start).cast_unsigned();
            let to = to.add(start.cast_unsigned() * LANES);
            interleave::<f32, V>(len, first.add(at), channels, rows * columns, 1.0, 0.0, to);
        }
    }
}

/// Makes tiles zero: those that fill up a block.
pub(super) struct Clear(pub(super) Tiles<*mut f32>);

impl Kernel for Clear {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let Clear(tiles) = self;
        // SAFETY: a tile's 36 numbers of sixteen channels are `tiles.step` apart.
        unsafe {
            for frequency in 0..FREQUENCIES {
                for at in (0..tiles.count * LANES).step_by(V::LEN) {
                    V::splat(0.0).store(tiles.first.add(frequency * tiles.step + at));
                }
            }
        }
    }
}

/// Writes a row of outputs, `Aᵀ m A` and the bias.
pub(super) struct Scatter {
    pub(super) tiles: Tiles<*const f32>,
    pub(super) bias: [f32; LANES],
    /// Room for [`strip_len`] numbers.
    pub(super) strip: *mut f32,
    pub(super) output: Planes<*mut f32>,
    /// Row and column of the first output, on the image.
    pub(super) origin: [usize; 2],
}

impl Kernel for Scatter {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let Scatter { tiles, bias, strip, output, origin } = self;
        let pitch = tiles.count * TILE;
        // SAFETY: the strip has 4 rows of `pitch` pixels, of which those on the image are copied
        // there; a tile's 36 numbers of sixteen channels are `tiles.step` apart.
        unsafe {
            for tile in 0..tiles.count {
                for lane in (0..LANES).step_by(V::LEN) {
                    let from = tiles.first.add(tile * LANES + lane);
                    let bias = V::load(bias.as_ptr().add(lane));
                    let mut half = [[V::splat(0.0); TILE]; POINTS];
                    for column in 0..POINTS {
                        let mut products = [V::splat(0.0); POINTS];
                        for row in 0..POINTS {
                            products[row] = V::load(from.add((row * POINTS + column) * tiles.step));
                        }
                        half[column] = points::output(products);
                    }
                    let to = strip.add(tile * TILE * LANES + lane);
                    for row in 0..TILE {
                        let mut line = [V::splat(0.0); POINTS];
                        for column in 0..POINTS {
                            line[column] = half[column][row];
                        }
                        let line = points::output(line);
                        for column in 0..TILE {
                            let at = (row * pitch + column) * LANES;
                            line[column].add(bias).store(to.add(at));
                        }
                    }
                }
            }
            let Planes { first, channels, rows, columns } = output;
            let width = pitch.min(columns - origin[1]);
            for row in 0..TILE.min(rows - origin[0]) {
                let to = first.add((origin[0] + row) * columns + origin[1]);
                let from = strip.add(row * pitch * LANES);
                deinterleave::<V>(width, from, channels, to, rows * columns);
            }
        }
    }
}
