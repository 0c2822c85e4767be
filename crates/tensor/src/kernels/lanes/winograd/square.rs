//! The sums down the columns at one point of the rows, where the columns are cut into tiles too.
//!
//! At each of the column's points what is left is a product of matrices: the channels of the output
//! by those of the image, for every tile.

mod correlation;

use super::super::LANES;
use super::super::blocks;
use super::super::gather::Pointwise;
use super::super::runs::Direction;
use super::filter;
use super::sizes::Sizes;
use super::tiles::Axis;
use crate::kernels::vector::{Kernel, Vector};
use correlation::Correlation;

/// Memory for one point of the rows: at each point of the columns the weight or its gradient, and the
/// channels of the image and of the output, `[channels, points, tiles, 16]`.
pub(super) struct Square<'a> {
    s: Sizes,
    /// Tiles of a column.
    down: usize,
    weight: &'a mut [f32],
    source: &'a mut [f32],
    output: &'a mut [f32],
}

impl<'a> Square<'a> {
    /// `None` where columns are not cut into tiles.
    pub(super) fn new(s: Sizes, scratch: &'a mut [f32]) -> Option<Self> {
        let down = s.down?;
        let (weight, rest) = scratch.split_at_mut(s.tile[1] * s.pairs());
        let (source, rest) = rest.split_at_mut(s.inputs * plane(&s, down));
        let output = &mut rest[..s.outputs * plane(&s, down)];
        Some(Square { s, down, weight, source, output })
    }

    /// Numbers of scratch memory.
    pub(super) fn scratch_len(s: &Sizes) -> usize {
        s.down.map_or(0, |down| s.tile[1] * s.pairs() + (s.inputs + s.outputs) * plane(s, down))
    }

    /// Channels of the blocks of a product.
    pub(super) fn most_channels<V: Vector>(&self, direction: Direction) -> usize {
        self.product(direction).most_channels::<V>()
    }

    /// The output's lines from the image's, in blocks of [`Square::most_channels`].
    ///
    /// # Safety
    /// As [`Vector`]; the pointers are to the lines at one point, and to the weight's columns there,
    /// `[taps, pairs of channels]`.
    #[inline(always)]
    pub(super) unsafe fn forward<V: Vector, const P: usize, const M: usize, const R: usize>(
        &mut self,
        most: usize,
        lines: *const f32,
        weight: *const f32,
        output: *mut f32,
    ) {
        // SAFETY: passed on; the memory has the lengths that the sizes say.
        unsafe {
            filter::down::<V, P, R>(self.s.pairs(), weight, self.weight.as_mut_ptr());
            self.image_to_points::<V, P, M>(lines);
            let s = &self.s;
            let product = self.product(Direction::Forward);
            let axis = self.axis(s.output[0]);
            let line = s.line.output * LANES;
            for (channel, channels) in blocks(s.outputs, most) {
                let weight = self.weight.as_ptr().add(channel * s.inputs);
                let sums = self.output.as_mut_ptr();
                product.run::<V>(channels, self.source.as_ptr(), weight, sums);
                let output = output.add(channel * line);
                for [at, points] in self.columns::<V>(channels, line) {
                    axis.points_to_output::<V, P, M>(sums.add(points), None, output.add(at));
                }
            }
        }
    }

    /// A dy down the columns.
    ///
    /// # Safety
    /// As [`Square::forward`].
    #[inline(always)]
    pub(super) unsafe fn output_to_points<V: Vector, const P: usize, const M: usize>(
        &mut self,
        lines: *const f32,
    ) {
        let s = &self.s;
        let (axis, to) = (self.axis(s.output[0]), self.output.as_mut_ptr());
        for [at, points] in self.columns::<V>(s.outputs, s.line.output * LANES) {
            // SAFETY: the channel's lines and its numbers at the points are there.
            unsafe { axis.output_to_points::<V, P, M>(lines.add(at), to.add(points), |_| ()) };
        }
    }

    /// Bᵀ x down the columns.
    #[inline(always)]
    unsafe fn image_to_points<V: Vector, const P: usize, const M: usize>(
        &mut self,
        lines: *const f32,
    ) {
        let s = &self.s;
        let (axis, to) = (self.axis(s.source_rows()), self.source.as_mut_ptr());
        for [at, points] in self.columns::<V>(s.inputs, s.line.input * LANES) {
            // SAFETY: the channel's lines and its numbers at the points are there.
            unsafe { axis.image_to_points::<V, P, M>(lines.add(at), to.add(points)) };
        }
    }

    /// The gradient of the weight's columns, set or added to what is there, from the image's lines and
    /// what [`Square::output_to_points`] has left.
    ///
    /// # Safety
    /// As [`Square::forward`].
    #[inline(always)]
    pub(super) unsafe fn weight_gradient<
        V: Vector,
        const P: usize,
        const M: usize,
        const R: usize,
    >(
        &mut self,
        lines: *const f32,
        gradient: *mut f32,
        first: bool,
    ) {
        // SAFETY: passed on; the memory has the lengths that the sizes say.
        unsafe {
            self.image_to_points::<V, P, M>(lines);
            let s = &self.s;
            let correlation = Correlation {
                inputs: s.inputs,
                outputs: s.outputs,
                points: P,
                tiles: self.down * s.tiles,
                step: s.pairs(),
                x: self.source.as_ptr(),
                dy: self.output.as_ptr(),
                dw: self.weight.as_mut_ptr(),
            };
            correlation.run::<V>();
            filter::up::<V, P, R>(s.pairs(), self.weight.as_ptr(), gradient, first);
        }
    }

    /// The lines of the image's gradient from what [`Square::output_to_points`] has left.
    ///
    /// # Safety
    /// As [`Square::forward`].
    #[inline(always)]
    pub(super) unsafe fn input_gradient<
        V: Vector,
        const P: usize,
        const M: usize,
        const R: usize,
    >(
        &mut self,
        most: usize,
        weight: *const f32,
        lines: *mut f32,
    ) {
        // SAFETY: passed on; the memory has the lengths that the sizes say.
        unsafe {
            filter::down::<V, P, R>(self.s.pairs(), weight, self.weight.as_mut_ptr());
            let s = &self.s;
            let product = self.product(Direction::Backward);
            let axis = self.axis(s.source_rows());
            let line = s.line.input * LANES;
            for (channel, channels) in blocks(s.inputs, most) {
                let weight = self.weight.as_ptr().add(channel);
                let sums = self.source.as_mut_ptr();
                product.run::<V>(channels, self.output.as_ptr(), weight, sums);
                let lines = lines.add(channel * line);
                for [at, points] in self.columns::<V>(channels, line) {
                    axis.points_to_image::<V, P, M>(sums.add(points), lines.add(at));
                }
            }
        }
    }

    /// Sums over the channels of the image for those of the output, or the other way round.
    fn product(&self, direction: Direction) -> Pointwise {
        let Sizes { inputs, outputs, .. } = self.s;
        let (sources, outputs, weight) = match direction {
            Direction::Forward => (inputs, outputs, [inputs, 1, self.s.pairs()]),
            Direction::Backward => (outputs, inputs, [1, inputs, self.s.pairs()]),
        };
        let (points, pixels) = (self.s.tile[1], self.down * self.s.tiles);
        Pointwise { sources, outputs, points, pixels, weight }
    }

    /// Every column of the lines of so many channels, which are `line` numbers long: the places of
    /// its first number, for each vector of lanes, on the lines and at the points.
    #[inline(always)]
    fn columns<V: Vector>(
        &self,
        channels: usize,
        line: usize,
    ) -> impl Iterator<Item = [usize; 2]> + use<V> {
        let (tiles, points) = (self.s.tiles, plane(&self.s, self.down));
        (0..channels).flat_map(move |channel| {
            let at = move |i: usize| [channel * line + i, channel * points + i];
            (0..tiles * LANES).step_by(V::LEN).map(at)
        })
    }

    /// A column of lines.
    #[inline(always)]
    fn axis(&self, pixels: usize) -> Axis {
        let step = self.s.tiles * LANES;
        Axis {
            pixels,
            pixel_step: step,
            pad: 0,
            tiles: self.down,
            tile_step: step,
            point_step: self.down * step,
        }
    }
}

/// Numbers of a channel at all points of the columns.
fn plane(s: &Sizes, down: usize) -> usize {
    s.tile[1] * down * s.tiles * LANES
}
