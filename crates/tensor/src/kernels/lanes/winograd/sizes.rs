//! How a convolution's rows are cut into tiles, and what that costs.

use super::super::LANES;
use crate::{Conv2dGeometry, WindowAxis};

/// Kernels of so many columns, and the outputs of a tile and the points that serve them.
const TILES: [[usize; 3]; 4] = [[3, 4, 6], [5, 4, 8], [5, 5, 9], [7, 3, 9]];

/// Multiply-adds that must be saved for each vector of the image and the output at the points of the
/// columns for it to pay to cut them. Measured on Zen 4 for kernels of 3, 5 and 7 taps: not at 4,
/// by a quarter at 6 and 8.
const TRANSFORM: usize = 5;

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
    /// Tiles of a column, where the columns are cut as the rows are.
    pub(super) down: Option<usize>,
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
        let [_, tile, points] = fitting.min_by_key(products)?;
        let tiles = width.output.div_ceil(tile);
        let line = WindowAxis {
            input: (height.output + (height.kernel - 1) * height.dilation) * tiles,
            kernel: height.kernel,
            stride: 1,
            dilation: height.dilation * tiles,
            pad_before: 0,
            pad_after: 0,
            output: height.output * tiles,
        };
        let [inputs, outputs] = [g.in_channels(), g.out_channels()].map(|all| all / g.groups());
        let sizes = Sizes {
            inputs,
            outputs,
            image: [height.input, width.input],
            output: [height.output, width.output],
            pads: [height.pad_before, width.pad_before],
            taps: [height.kernel, width.kernel],
            tile: [tile, points],
            tiles,
            down: None,
            line,
        };
        let square = Sizes { down: Some(height.output.div_ceil(tile)), ..sizes };
        let fits = height.kernel == width.kernel && height.dilation == 1;
        let pays = sizes.products() > square.products() + TRANSFORM * square.square_vectors();
        Some(if fits && pays { square } else { sizes })
    }

    /// The same for the forward pass, whose rounding decides which way ReLU and max-pooling go: at
    /// more than six points in both directions its error would be 1e-5 of the largest output, so that
    /// one of a few hundred images goes another way than in exact arithmetic.
    pub(super) fn forward(self) -> Self {
        let down = self.down.filter(|_| self.tile[1] <= 6);
        Sizes { down, ..self }
    }

    /// Vector multiply-adds at a point of the rows.
    pub(super) fn products(&self) -> usize {
        match self.down {
            Some(down) => self.outputs * self.inputs * self.tiles * down * self.tile[1],
            None => self.columns() * self.line.output,
        }
    }

    /// Vectors of the image and the output at the points of the columns, for one of the rows.
    pub(super) fn square_vectors(&self) -> usize {
        let down = self.down.unwrap_or(0);
        (self.inputs + self.outputs) * self.tiles * down * self.tile[1]
    }

    /// Columns of the kernels: rows of the weight.
    pub(super) fn columns(&self) -> usize {
        self.outputs * self.inputs * self.taps[0]
    }

    /// Rows of the image, and its padding, that the outputs see.
    pub(super) fn source_rows(&self) -> usize {
        self.line.input / self.tiles
    }

    /// Pairs of channels of the output and the image, in whole vectors.
    pub(super) fn pairs(&self) -> usize {
        (self.outputs * self.inputs).next_multiple_of(LANES)
    }

    /// Numbers of the weight's columns at one point.
    pub(super) fn weight_step(&self) -> usize {
        match self.down {
            Some(_) => self.taps[0] * self.pairs(),
            None => self.columns().next_multiple_of(LANES),
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Conv2dOptions, PadMode, Shape};

    /// Tiles of a column, of layers of so many channels, rows and columns.
    fn down(
        [inputs, outputs, rows, columns]: [usize; 4],
        [down, along]: [usize; 2],
        options: &Conv2dOptions,
    ) -> Option<usize> {
        let x = Shape::from([16, inputs, rows, columns]);
        let w = Shape::from([outputs, inputs, down, along]);
        Sizes::new(&Conv2dGeometry::new(&x, &w, options).unwrap()).unwrap().down
    }

    #[test]
    fn columns_are_cut_where_that_was_measured_to_pay() {
        let (valid, same) =
            (Conv2dOptions::default(), Conv2dOptions::default().pad_mode(PadMode::Same));
        assert_eq!(down([6, 16, 14, 14], [5, 5], &valid), Some(2));
        assert_eq!(down([16, 16, 7, 7], [3, 3], &same), Some(2));
        assert_eq!(down([16, 16, 27, 7], [7, 7], &same), Some(9));
        for (layer, taps) in [
            ([1, 6, 32, 32], [5, 5]),
            ([8, 8, 28, 28], [3, 3]),
            ([3, 16, 32, 32], [3, 3]),
            ([4, 8, 28, 28], [7, 7]),
        ] {
            assert_eq!(down(layer, taps, &same), None, "{layer:?}");
        }
        // Kernels that are not square, and taps that are not neighbours.
        assert_eq!(down([16, 16, 14, 14], [3, 5], &valid), None);
        assert_eq!(down([16, 16, 14, 14], [5, 5], &same.dilation([2, 1])), None);
    }
}
