//! How a convolution's rows are cut into tiles, and what that costs.

use super::super::LANES;
use crate::{Conv2dGeometry, WindowAxis};

/// Kernels of so many columns, and the outputs of a tile and the points that serve them.
const TILES: [[usize; 3]; 4] = [[3, 4, 6], [5, 4, 8], [5, 5, 9], [7, 3, 9]];

/// One group of the channels of sixteen images, and its tiles.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    /// Channels of a group.
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    /// Rows and columns of the image, and of the output.
    pub(super) image: [usize; 2],
    pub(super) output: [usize; 2],
    /// Padding above and to the left of the image.
    pub(super) pads: [usize; 2],
    /// Taps in a column of the kernel, and in a row.
    pub(super) taps: [usize; 2],
    /// Outputs of a tile, and products.
    pub(super) tile: [usize; 2],
    /// Tiles of a row.
    pub(super) tiles: usize,
    /// The sum down the columns at a point, for all tiles: a line of the tiles of all rows, whose
    /// taps are a row apart.
    pub(super) line: WindowAxis,
}

impl Sizes {
    /// `None` where rows of this kernel are not cut into tiles.
    pub(super) fn new(g: &Conv2dGeometry) -> Option<Self> {
        let (height, width) = (g.height(), g.width());
        if height.stride != 1 || width.stride != 1 || width.dilation != 1 {
            return None;
        }
        let fitting = TILES.into_iter().filter(|&[taps, ..]| taps == width.kernel);
        let products = |&[_, outputs, points]: &[usize; 3]| width.output.div_ceil(outputs) * points;
        let [_, outputs, points] = fitting.min_by_key(products)?;
        let tiles = width.output.div_ceil(outputs);
        let line = WindowAxis {
            input: (height.output + (height.kernel - 1) * height.dilation) * tiles,
            kernel: height.kernel,
            stride: 1,
            dilation: height.dilation * tiles,
            pad_before: 0,
            pad_after: 0,
            output: height.output * tiles,
        };
        Some(Sizes {
            inputs: g.in_channels() / g.groups(),
            outputs: g.out_channels() / g.groups(),
            image: [height.input, width.input],
            output: [height.output, width.output],
            pads: [height.pad_before, width.pad_before],
            taps: [height.kernel, width.kernel],
            tile: [outputs, points],
            tiles,
            line,
        })
    }

    /// Columns of the kernels: rows of the weight.
    pub(super) fn columns(&self) -> usize {
        self.outputs * self.inputs * self.taps[0]
    }

    /// Numbers of the weight's columns at one point.
    pub(super) fn weight_step(&self) -> usize {
        self.columns().next_multiple_of(LANES)
    }

    /// Numbers of the transformed image, and of the transformed output, at one point: an odd number
    /// of cache lines, so that the numbers of a tile are not all kept in the same few sets of the
    /// cache.
    pub(super) fn source_step(&self) -> usize {
        ((self.inputs * self.line.input) | 1) * LANES
    }

    pub(super) fn output_step(&self) -> usize {
        ((self.outputs * self.line.output) | 1) * LANES
    }
}
