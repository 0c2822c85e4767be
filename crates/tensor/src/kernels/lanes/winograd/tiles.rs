//! The tiles of one row of an image, or of one column of lines.

use super::super::LANES;
use super::points::{evaluate, interpolate, source, source_adjoint};
use super::sizes::Sizes;
use crate::kernels::vector::Vector;

/// Pixels along one direction, and the tiles they are cut into. Steps are in numbers.
#[derive(Clone, Copy)]
pub(super) struct Axis {
    /// Pixels there are, of the image or of the output, and from one to the next.
    pub(super) pixels: usize,
    pub(super) pixel_step: usize,
    /// Zeros before the image's first pixel.
    pub(super) pad: usize,
    pub(super) tiles: usize,
    pub(super) tile_step: usize,
    /// From a tile's number at one point to that at the next.
    pub(super) point_step: usize,
}

impl Axis {
    /// A row of so many pixels, of the image or of the output.
    #[inline(always)]
    pub(super) fn row(s: &Sizes, pixels: usize, point_step: usize) -> Self {
        let (pixel_step, tile_step) = (LANES, LANES);
        Axis { pixels, pixel_step, pad: s.pads[1], tiles: s.tiles, tile_step, point_step }
    }

    /// Bᵀ x: the image as it is seen by the tiles, padding included.
    ///
    /// # Safety
    /// As [`Vector`]; `image` is its first pixel, and `points` the first tile's number at the first
    /// point. So for the other directions.
    #[inline(always)]
    pub(super) unsafe fn image_to_points<V: Vector, const P: usize, const M: usize>(
        &self,
        image: *const f32,
        points: *mut f32,
    ) {
        for tile in 0..self.tiles {
            // SAFETY: passed on.
            unsafe {
                let v = source::<V, P>(self.load(image, tile * M, self.pad));
                store_each(v, points.add(tile * self.tile_step), self.point_step);
            }
        }
    }

    /// A y. Each tile's pixels are shown to `seen`.
    ///
    /// # Safety
    /// As [`Axis::image_to_points`].
    #[inline(always)]
    pub(super) unsafe fn output_to_points<V: Vector, const P: usize, const M: usize>(
        &self,
        output: *const f32,
        points: *mut f32,
        mut seen: impl FnMut([V; M]),
    ) {
        for tile in 0..self.tiles {
            // SAFETY: passed on.
            unsafe {
                let y = self.load::<V, M>(output, tile * M, 0);
                seen(y);
                let to = points.add(tile * self.tile_step);
                store_each(evaluate::<V, P, M>(y), to, self.point_step);
            }
        }
    }

    /// Aᵀ m, plus the bias.
    ///
    /// # Safety
    /// As [`Axis::image_to_points`].
    #[inline(always)]
    pub(super) unsafe fn points_to_output<V: Vector, const P: usize, const M: usize>(
        &self,
        points: *const f32,
        bias: Option<V>,
        output: *mut f32,
    ) {
        for tile in 0..self.tiles {
            // SAFETY: passed on.
            unsafe {
                let m = load_each::<V, P>(points.add(tile * self.tile_step), self.point_step);
                let to = output.add(tile * M * self.pixel_step);
                store_tile::<V, P, M>(m, bias, to, self.pixel_step, self.pixels - tile * M);
            }
        }
    }

    /// B v, where tiles overlap their sum; what lies outside of the image is left out.
    ///
    /// # Safety
    /// As [`Axis::image_to_points`].
    #[inline(always)]
    pub(super) unsafe fn points_to_image<V: Vector, const P: usize, const M: usize>(
        &self,
        points: *const f32,
        image: *mut f32,
    ) {
        // SAFETY: passed on; only pixels that are there are written.
        unsafe {
            let store = |value: V, pixel: usize| {
                let pixel = pixel.wrapping_sub(self.pad);
                if pixel < self.pixels {
                    value.store(image.add(pixel * self.pixel_step));
                }
            };
            // What the tiles so far add to the pixels of the next.
            let mut sums = [V::splat(0.0); P];
            for tile in 0..self.tiles {
                let v = load_each::<V, P>(points.add(tile * self.tile_step), self.point_step);
                let d = source_adjoint::<V, P>(v);
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
                store(sums[i], self.tiles * M + i);
            }
        }
    }

    /// Pixels from `start - pad` on, and 0 where there are none.
    ///
    /// # Safety
    /// As [`Axis::image_to_points`].
    #[inline(always)]
    pub(super) unsafe fn load<V: Vector, const N: usize>(
        &self,
        from: *const f32,
        start: usize,
        pad: usize,
    ) -> [V; N] {
        // SAFETY: among the pixels.
        unsafe {
            let mut values = [V::splat(0.0); N];
            if start >= pad && start - pad + N <= self.pixels {
                for i in 0..N {
                    values[i] = V::load(from.add((start - pad + i) * self.pixel_step));
                }
            } else {
                for i in 0..N {
                    let pixel = (start + i).wrapping_sub(pad);
                    if pixel < self.pixels {
                        values[i] = V::load(from.add(pixel * self.pixel_step));
                    }
                }
            }
            values
        }
    }
}

/// Vectors `step` numbers apart, such as a tile's at all points.
///
/// # Safety
/// As [`Vector`].
#[inline(always)]
pub(super) unsafe fn load_each<V: Vector, const N: usize>(from: *const f32, step: usize) -> [V; N] {
    // SAFETY: passed on.
    unsafe {
        let mut values = [V::splat(0.0); N];
        for i in 0..N {
            values[i] = V::load(from.add(i * step));
        }
        values
    }
}

/// The reverse of [`load_each`].
///
/// # Safety
/// As [`Vector`].
#[inline(always)]
pub(super) unsafe fn store_each<V: Vector, const N: usize>(
    values: [V; N],
    to: *mut f32,
    step: usize,
) {
    // SAFETY: passed on.
    unsafe {
        for i in 0..N {
            values[i].store(to.add(i * step));
        }
    }
}

/// Aᵀ m + b to the pixels of a tile that are there.
///
/// # Safety
/// As [`Vector`]; `to` is the first pixel of the tile, `step` numbers before the next, and `there`
/// pixels are left.
#[inline(always)]
pub(super) unsafe fn store_tile<V: Vector, const P: usize, const M: usize>(
    m: [V; P],
    bias: Option<V>,
    to: *mut f32,
    step: usize,
    there: usize,
) {
    // SAFETY: passed on.
    unsafe {
        let y = interpolate::<V, P, M>(m);
        for i in 0..M {
            if i < there {
                bias.map_or(y[i], |bias| y[i].add(bias)).store(to.add(i * step));
            }
        }
    }
}
