//! Between images and what is summed at each point of their rows.
//!
//! The rows of a plane are cut into tiles; the transformed numbers of all tiles of a plane at one
//! point are a line `[rows · tiles, 16]`. The lines of all channels at one point are neighbours, and
//! `step` numbers from those of the next point.

use super::super::LANES;
use super::sizes::Sizes;
use super::tiles::Axis;
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
    let axis = Axis::row(s, columns, s.source_step());
    for lane in (0..LANES).step_by(V::LEN) {
        for line in 0..s.inputs * s.source_rows() {
            let (channel, row) = (line / s.source_rows(), line % s.source_rows());
            // SAFETY: the rows read are on the image, and those written on the channel's lines.
            unsafe {
                let to = lines.add(line * s.tiles * LANES + lane);
                let row = row.wrapping_sub(s.pads[0]);
                if row < rows {
                    let from = x.add((channel * rows + row) * columns * LANES + lane);
                    axis.image_to_points::<V, P, M>(from, to);
                } else {
                    for i in 0..s.tiles * P {
                        V::splat(0.0).store(to.add(i / P * LANES + i % P * axis.point_step));
                    }
                }
            }
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
    let axis = Axis::row(s, columns, s.output_step());
    for lane in (0..LANES).step_by(V::LEN) {
        for line in 0..s.outputs * rows {
            // SAFETY: the channel's lines, its bias and the row of its output are there.
            unsafe {
                let bias = V::splat(bias.map_or(0.0, |bias| *bias.add(line / rows)));
                let from = lines.add(line * s.tiles * LANES + lane);
                let to = y.add(line * columns * LANES + lane);
                axis.points_to_output::<V, P, M>(from, Some(bias), to);
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
    let axis = Axis::row(s, columns, s.output_step());
    for lane in (0..LANES).step_by(V::LEN) {
        for channel in 0..s.outputs {
            // SAFETY: the channel's lines, its bias and the rows of its output are there.
            unsafe {
                let mut sums = [V::splat(0.0); M];
                for line in channel * rows..(channel + 1) * rows {
                    let from = dy.add(line * columns * LANES + lane);
                    let to = lines.add(line * s.tiles * LANES + lane);
                    axis.output_to_points::<V, P, M>(from, to, |dy| {
                        for i in 0..M {
                            sums[i] = sums[i].add(dy[i]);
                        }
                    });
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
    let axis = Axis::row(s, columns, s.source_step());
    for lane in (0..LANES).step_by(V::LEN) {
        for line in 0..s.inputs * rows {
            let (channel, row) = (line / rows, line % rows);
            // SAFETY: the channel's lines and its row are there.
            unsafe {
                let from = channel * s.line.input + (row + s.pads[0]) * s.tiles;
                let from = lines.add(from * LANES + lane);
                axis.points_to_image::<V, P, M>(from, dx.add(line * columns * LANES + lane));
            }
        }
    }
}
