//! Pooling by 2x2 tiles, the commonest kind: no window overlaps another, so the loops need no
//! branch and vectorise, and gradients are written rather than summed.
//!
//! A last odd row or column belongs to no window. All functions work on one plane.

use super::pool2d::beats;
use crate::Float;

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
        let below = width as u32;
        let outputs = y.iter_mut().zip(argmax);
        for (column, ((y, argmax), (&[a, b], &[c, d]))) in
            outputs.zip(top.iter().zip(bottom)).enumerate()
        {
            let corner = start + 2 * column as u32;
            let (mut best, mut at) = (a, corner);
            for (value, index) in [(b, corner + 1), (c, corner + below), (d, corner + below + 1)] {
                let wins = beats(value, best);
                best = if wins { value } else { best };
                at = if wins { index } else { at };
            }
            *y = best;
            *argmax = at;
        }
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
    let below = width as u32;
    let tiles = dy.chunks_exact(out_width).zip(argmax.chunks_exact(out_width));
    spread(width, dx, tiles, |row, (dy, argmax), top, bottom| {
        let start = 2 * row as u32 * below;
        let cells = top.iter_mut().zip(bottom);
        for (column, ((&dy, &at), (top, bottom))) in dy.iter().zip(argmax).zip(cells).enumerate() {
            let corner = start + 2 * column as u32;
            let there = |index: u32| if at == index { dy } else { T::ZERO };
            *top = [there(corner), there(corner + 1)];
            *bottom = [there(corner + below), there(corner + below + 1)];
        }
    });
}

/// The mean of each tile.
#[inline(always)]
pub(super) fn average_plane<T: Float>(width: usize, x: &[T], out_width: usize, y: &mut [T]) {
    let quarter = T::from_f64(0.25);
    for (two_rows, y) in x.chunks_exact(2 * width).zip(y.chunks_exact_mut(out_width)) {
        let (top, bottom) = tiles(width, two_rows);
        for (y, (&[a, b], &[c, d])) in y.iter_mut().zip(top.iter().zip(bottom)) {
            *y = (a + b + c + d) * quarter;
        }
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
    spread(width, dx, dy.chunks_exact(out_width), |_, dy, top, bottom| {
        for (&dy, (top, bottom)) in dy.iter().zip(top.iter_mut().zip(bottom)) {
            *top = [dy * quarter; 2];
            *bottom = [dy * quarter; 2];
        }
    });
}

/// The upper and lower pairs of the tiles in two rows.
#[inline(always)]
fn tiles<T>(width: usize, two_rows: &[T]) -> (&[[T; 2]], &[[T; 2]]) {
    let (top, bottom) = two_rows.split_at(width);
    (top.as_chunks().0, bottom.as_chunks().0)
}

/// Calls `write` with each row of tiles, and zeroes the row and column that no tile covers.
#[inline(always)]
fn spread<T: Float, G>(
    width: usize,
    dx: &mut [T],
    gradients: impl Iterator<Item = G>,
    write: impl Fn(usize, G, &mut [[T; 2]], &mut [[T; 2]]),
) {
    let mut pairs = dx.chunks_exact_mut(2 * width);
    for (row, (two_rows, gradient)) in pairs.by_ref().zip(gradients).enumerate() {
        let (top, bottom) = two_rows.split_at_mut(width);
        let ((top, odd_top), (bottom, odd_bottom)) = (top.as_chunks_mut(), bottom.as_chunks_mut());
        odd_top.fill(T::ZERO);
        odd_bottom.fill(T::ZERO);
        write(row, gradient, top, bottom);
    }
    pairs.into_remainder().fill(T::ZERO);
}
