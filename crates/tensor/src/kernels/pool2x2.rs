//! Pooling by 2x2 tiles, the commonest kind: no window overlaps another, so the loops need no
//! branch and vectorise, and gradients are written rather than summed.
//!
//! A last odd row or column belongs to no window. All functions work on one plane. Rows of
//! these planes are short, so they are worked on in blocks of a fixed size, the last of which
//! overlaps the one before it: doing a tile twice is cheaper than a loop over the rest.

use super::pool2d::beats;
use crate::Float;

/// Runs `$body` with `$block` as the widest block that fits a row of `$len` tiles and `$at` as
/// the start of each block.
macro_rules! in_blocks {
    ($len:expr, |$at:ident, $block:ident| $body:expr) => {
        match $len {
            8.. => in_blocks!(8, $len, $at, $block, $body),
            4..8 => in_blocks!(4, $len, $at, $block, $body),
            _ => in_blocks!(1, $len, $at, $block, $body),
        }
    };
    ($size:literal, $len:expr, $at:ident, $block:ident, $body:expr) => {{
        const $block: usize = $size;
        for block in 0..$len.div_ceil($size) {
            let $at = (block * $size).min($len - $size);
            $body;
        }
    }};
}

/// The maximum of each tile and its index in the plane.
#[inline(always)]
pub(super) fn max_plane<T: Float>(
    width: usize,
    x: &[T],
    out_width: usize,
    y: &mut [T],
    argmax: &mut [u32],
) {
    let outputs = y.chunks_exact_mut(out_width).zip(argmax.chunks_exact_mut(out_width));
    for (row, (two_rows, (y, argmax))) in x.chunks_exact(2 * width).zip(outputs).enumerate() {
        let (top, bottom) = tiles(width, two_rows);
        let start = (2 * row * width) as u32;
        in_blocks!(out_width, |at, BLOCK| max_block::<T, BLOCK>(
            [start + 2 * at as u32, width as u32],
            block(&top[at..]),
            block(&bottom[at..]),
            block_mut(&mut y[at..]),
            block_mut(&mut argmax[at..]),
        ));
    }
}

/// `first` is the index of the block's first pixel, `below` the distance to the next row.
#[inline(always)]
fn max_block<T: Float, const BLOCK: usize>(
    [first, below]: [u32; 2],
    top: &[[T; 2]; BLOCK],
    bottom: &[[T; 2]; BLOCK],
    y: &mut [T; BLOCK],
    argmax: &mut [u32; BLOCK],
) {
    for i in 0..BLOCK {
        let corner = first + 2 * i as u32;
        let (mut best, mut at) = (top[i][0], corner);
        for (value, index) in [
            (top[i][1], corner + 1),
            (bottom[i][0], corner + below),
            (bottom[i][1], corner + below + 1),
        ] {
            let wins = beats(value, best);
            best = if wins { value } else { best };
            at = if wins { index } else { at };
        }
        y[i] = best;
        argmax[i] = at;
    }
}

/// dy at each tile's maximum, 0 elsewhere.
#[inline(always)]
pub(super) fn max_plane_backward<T: Float>(
    width: usize,
    argmax: &[u32],
    out_width: usize,
    dy: &[T],
    dx: &mut [T],
) {
    clear_uncovered(width, dx);
    let gradients = dy.chunks_exact(out_width).zip(argmax.chunks_exact(out_width));
    for (row, (two_rows, (dy, argmax))) in dx.chunks_exact_mut(2 * width).zip(gradients).enumerate()
    {
        let (top, bottom) = tiles_mut(width, two_rows);
        let start = (2 * row * width) as u32;
        in_blocks!(out_width, |at, BLOCK| max_block_backward::<T, BLOCK>(
            [start + 2 * at as u32, width as u32],
            block(&dy[at..]),
            block(&argmax[at..]),
            block_mut(&mut top[at..]),
            block_mut(&mut bottom[at..]),
        ));
    }
}

#[inline(always)]
fn max_block_backward<T: Float, const BLOCK: usize>(
    [first, below]: [u32; 2],
    dy: &[T; BLOCK],
    argmax: &[u32; BLOCK],
    top: &mut [[T; 2]; BLOCK],
    bottom: &mut [[T; 2]; BLOCK],
) {
    for (pairs, first) in [(top, first), (bottom, first + below)] {
        // Two selects over contiguous lanes, then the interleaving: all three vectorise.
        let (mut left, mut right) = (*dy, *dy);
        for i in 0..BLOCK {
            let corner = first + 2 * i as u32;
            left[i] = if argmax[i] == corner { left[i] } else { T::ZERO };
            right[i] = if argmax[i] == corner + 1 { right[i] } else { T::ZERO };
        }
        for i in 0..BLOCK {
            pairs[i] = [left[i], right[i]];
        }
    }
}

/// The mean of each tile.
#[inline(always)]
pub(super) fn average_plane<T: Float>(width: usize, x: &[T], out_width: usize, y: &mut [T]) {
    let quarter = T::from_f64(0.25);
    for (two_rows, y) in x.chunks_exact(2 * width).zip(y.chunks_exact_mut(out_width)) {
        let (top, bottom) = tiles(width, two_rows);
        in_blocks!(out_width, |at, BLOCK| {
            let top: &[_; BLOCK] = block(&top[at..]);
            let bottom: &[_; BLOCK] = block(&bottom[at..]);
            let y: &mut [_; BLOCK] = block_mut(&mut y[at..]);
            for i in 0..BLOCK {
                y[i] = (top[i][0] + top[i][1] + bottom[i][0] + bottom[i][1]) * quarter;
            }
        });
    }
}

/// A quarter of dy in each of a tile's pixels.
#[inline(always)]
pub(super) fn average_plane_backward<T: Float>(
    width: usize,
    out_width: usize,
    dy: &[T],
    dx: &mut [T],
) {
    let quarter = T::from_f64(0.25);
    clear_uncovered(width, dx);
    for (two_rows, dy) in dx.chunks_exact_mut(2 * width).zip(dy.chunks_exact(out_width)) {
        let (top, bottom) = tiles_mut(width, two_rows);
        in_blocks!(out_width, |at, BLOCK| {
            let share = block::<T, BLOCK>(&dy[at..]).map(|dy| dy * quarter);
            for pairs in [&mut *top, &mut *bottom] {
                let pairs: &mut [_; BLOCK] = block_mut(&mut pairs[at..]);
                for i in 0..BLOCK {
                    pairs[i] = [share[i]; 2];
                }
            }
        });
    }
}

/// The upper and lower pairs of the tiles in two rows.
#[inline(always)]
fn tiles<T>(width: usize, two_rows: &[T]) -> (&[[T; 2]], &[[T; 2]]) {
    let (top, bottom) = two_rows.split_at(width);
    (top.as_chunks().0, bottom.as_chunks().0)
}

#[inline(always)]
fn tiles_mut<T>(width: usize, two_rows: &mut [T]) -> (&mut [[T; 2]], &mut [[T; 2]]) {
    let (top, bottom) = two_rows.split_at_mut(width);
    (top.as_chunks_mut().0, bottom.as_chunks_mut().0)
}

/// Zeroes the last row and column where no tile covers them.
#[inline(always)]
fn clear_uncovered<T: Float>(width: usize, dx: &mut [T]) {
    if !width.is_multiple_of(2) {
        for last in dx.iter_mut().skip(width - 1).step_by(width) {
            *last = T::ZERO;
        }
    }
    dx.chunks_exact_mut(2 * width).into_remainder().fill(T::ZERO);
}

/// The first tiles of a row.
#[inline(always)]
fn block<T, const BLOCK: usize>(row: &[T]) -> &[T; BLOCK] {
    row.first_chunk().expect("a block lies inside its row")
}

#[inline(always)]
fn block_mut<T, const BLOCK: usize>(row: &mut [T]) -> &mut [T; BLOCK] {
    row.first_chunk_mut().expect("a block lies inside its row")
}
