//! Between images and what is summed at each point.
//!
//! The rows of a plane are cut into tiles; the transformed numbers of all tiles of a plane at one
//! point are a line `[rows · tiles, 16]`. The lines of all channels at one point are neighbours, and
//! `step` numbers from those of the next point.

use super::super::LANES;
use super::points::{evaluate, interpolate, source, source_adjoint};
use super::sizes::Sizes;
use crate::kernels::vector::Vector;

/// Bᵀ x: the image as it is seen by the tiles, padding included.
///
/// # Safety
/// As [`Vector`]; the pointers are to the channels of one group of sixteen images, and to the lines
/// of `P` points.
#[inline(always)]
pub(super) unsafe fn image_to_lines<V: Vector, const P: usize, const M: usize>(
    s: &Sizes,
    x: *const f32,
    lines: *mut f32,
) {
    let [rows, columns] = s.image;
    let step = s.source_step();
    for lane in (0..LANES).step_by(V::LEN) {
        for line in 0..s.inputs * (s.line.input / s.tiles) {
            let (channel, row) = (line / (s.line.input / s.tiles), line % (s.line.input / s.tiles));
            // SAFETY: every place read is on the image, and those written are on the channel's lines.
            unsafe {
                let to = lines.add(line * s.tiles * LANES + lane);
                let row = row.wrapping_sub(s.pads[0]);
                if row >= rows {
                    for i in 0..s.tiles * P {
                        V::splat(0.0).store(to.add(i / P * LANES + i % P * step));
                    }
                    continue;
                }
                let from = x.add((channel * rows + row) * columns * LANES + lane);
                for tile in 0..s.tiles {
                    let v = source::<V, P>(load(from, columns, tile * M, s.pads[1]));
                    store_points(v, to.add(tile * LANES), step);
                }
            }
        }
    }
}

/// A row's numbers from column `start - pad`, and 0 outside of it.
#[inline(always)]
unsafe fn load<V: Vector, const N: usize>(
    row: *const f32,
    columns: usize,
    start: usize,
    pad: usize,
) -> [V; N] {
    // SAFETY: within the row.
    unsafe {
        let mut values = [V::splat(0.0); N];
        if start >= pad && start - pad + N <= columns {
            for i in 0..N {
                values[i] = V::load(row.add((start - pad + i) * LANES));
            }
        } else {
            for i in 0..N {
                let column = (start + i).wrapping_sub(pad);
                if column < columns {
                    values[i] = V::load(row.add(column * LANES));
                }
            }
        }
        values
    }
}

/// A tile's numbers at all points, from their lines.
///
/// # Safety
/// As [`Vector`]; `from` is the tile's place on the first point's line, and `step` numbers on, on the next.
#[inline(always)]
unsafe fn load_points<V: Vector, const P: usize>(from: *const f32, step: usize) -> [V; P] {
    // SAFETY: passed on.
    unsafe {
        let mut values = [V::splat(0.0); P];
        for p in 0..P {
            values[p] = V::load(from.add(p * step));
        }
        values
    }
}

/// The reverse of [`load_points`].
///
/// # Safety
/// As [`load_points`].
#[inline(always)]
unsafe fn store_points<V: Vector, const P: usize>(values: [V; P], to: *mut f32, step: usize) {
    // SAFETY: passed on.
    unsafe {
        for p in 0..P {
            values[p].store(to.add(p * step));
        }
    }
}

/// y := Aᵀ m + b.
///
/// # Safety
/// As [`image_to_lines`].
#[inline(always)]
pub(super) unsafe fn lines_to_output<V: Vector, const P: usize, const M: usize>(
    s: &Sizes,
    lines: *const f32,
    bias: Option<*const f32>,
    y: *mut f32,
) {
    let [rows, columns] = s.output;
    let step = s.output_step();
    for lane in (0..LANES).step_by(V::LEN) {
        for line in 0..s.outputs * rows {
            // SAFETY: the channel's lines, its bias and the row of its output are there.
            unsafe {
                let bias = V::splat(bias.map_or(0.0, |bias| *bias.add(line / rows)));
                let from = lines.add(line * s.tiles * LANES + lane);
                let to = y.add(line * columns * LANES + lane);
                for tile in 0..s.tiles {
                    let m = load_points(from.add(tile * LANES), step);
                    let to = to.add(tile * M * LANES);
                    store_tile::<V, P, M>(m, bias, to, columns - tile * M);
                }
            }
        }
    }
}

/// Aᵀ m + b to the pixels of a tile that are there.
///
/// # Safety
/// As [`Vector`]; `to` is the first pixel of the tile, and `there` pixels of the row are left.
#[inline(always)]
pub(super) unsafe fn store_tile<V: Vector, const P: usize, const M: usize>(
    m: [V; P],
    bias: V,
    to: *mut f32,
    there: usize,
) {
    // SAFETY: passed on.
    unsafe {
        let y = interpolate::<V, P, M>(m);
        for i in 0..M {
            if i < there {
                y[i].add(bias).store(to.add(i * LANES));
            }
        }
    }
}

/// A dy, and where wanted db, the sums of dy.
///
/// # Safety
/// As [`image_to_lines`].
#[inline(always)]
pub(super) unsafe fn output_to_lines<V: Vector, const P: usize, const M: usize>(
    s: &Sizes,
    dy: *const f32,
    lines: *mut f32,
    db: Option<*mut f32>,
) {
    let [rows, columns] = s.output;
    let step = s.output_step();
    for lane in (0..LANES).step_by(V::LEN) {
        for channel in 0..s.outputs {
            // SAFETY: the channel's lines, its bias and the rows of its output are there.
            unsafe {
                let mut sums = [V::splat(0.0); M];
                for line in channel * rows..(channel + 1) * rows {
                    let from = dy.add(line * columns * LANES + lane);
                    let to = lines.add(line * s.tiles * LANES + lane);
                    for tile in 0..s.tiles {
                        let dy = load::<V, M>(from, columns, tile * M, 0);
                        for i in 0..M {
                            sums[i] = sums[i].add(dy[i]);
                        }
                        store_points(evaluate::<V, P, M>(dy), to.add(tile * LANES), step);
                    }
                }
                if let Some(db) = db {
                    let mut sum = sums[0];
                    for i in 1..M {
                        sum = sum.add(sums[i]);
                    }
                    *db.add(channel) += sum.sum();
                }
            }
        }
    }
}

/// dx := B v, where tiles overlap their sum.
///
/// # Safety
/// As [`image_to_lines`].
#[inline(always)]
pub(super) unsafe fn lines_to_image<V: Vector, const P: usize, const M: usize>(
    s: &Sizes,
    lines: *const f32,
    dx: *mut f32,
) {
    let [rows, columns] = s.image;
    let step = s.source_step();
    for lane in (0..LANES).step_by(V::LEN) {
        for line in 0..s.inputs * rows {
            let (channel, row) = (line / rows, line % rows);
            // SAFETY: the channel's lines and its row are there; columns outside are left out.
            unsafe {
                let from = channel * s.line.input + (row + s.pads[0]) * s.tiles;
                let from = lines.add(from * LANES + lane);
                let to = dx.add(line * columns * LANES + lane);
                let store = |value: V, column: usize| {
                    let column = column.wrapping_sub(s.pads[1]);
                    if column < columns {
                        value.store(to.add(column * LANES));
                    }
                };
                // What the tiles so far add to the columns of the next.
                let mut sums = [V::splat(0.0); P];
                for tile in 0..s.tiles {
                    let d = source_adjoint::<V, P>(load_points(from.add(tile * LANES), step));
                    for i in 0..P - M {
                        sums[i] = sums[i].add(d[i]);
                    }
                    sums[P - M..].copy_from_slice(&d[P - M..]);
                    for i in 0..M {
                        store(sums[i], tile * M + i);
                    }
                    for i in 0..P - M {
                        sums[i] = sums[i + M];
                    }
                }
                for i in 0..P - M {
                    store(sums[i], s.tiles * M + i);
                }
            }
        }
    }
}
