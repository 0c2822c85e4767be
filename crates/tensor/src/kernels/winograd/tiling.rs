//! How the outputs of a batch are cut into tiles, and the tiles into chunks that fit the cache.

use super::filter::Filters;
use super::points::{TAPS, TILE};
use crate::Conv2dGeometry;
use crate::kernels::lanes::LANES;

/// Tiles that are worked on at a time, roughly: enough that the transformed weight, which is read
/// once for each such chunk, costs little, and so few that the transformed tiles of 64 channels
/// stay in the second-level cache.
const CHUNK: usize = 28;

/// Channels, rows and columns of an image, or of one group of its channels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Image {
    pub(super) channels: usize,
    pub(super) rows: usize,
    pub(super) columns: usize,
    /// The group, and how many there are.
    group: [usize; 2],
}

impl Image {
    pub(super) fn plane(&self) -> usize {
        self.rows * self.columns
    }

    /// Numbers of an image, all groups together.
    pub(super) fn len(&self) -> usize {
        self.channels * self.group[1] * self.plane()
    }

    /// Where a channel of the group begins in the batch.
    pub(super) fn start(&self, image: usize, channel: usize) -> usize {
        image * self.len() + (self.group[0] * self.channels + channel) * self.plane()
    }

    /// Sixteens of channels.
    pub(super) fn blocks(&self) -> usize {
        self.channels.div_ceil(LANES)
    }
}

/// A convolution of one group of the channels of a batch, forward or of the gradient of its output
/// with the turned kernels, and how it is cut up.
#[derive(Clone, Copy, Debug)]
pub struct Pass {
    pub(super) images: usize,
    pub(super) source: Image,
    pub(super) output: Image,
    pub(super) filters: Filters,
    /// Row and column of the source's pixel under the first tap of the first output.
    pub(super) origin: [isize; 2],
    /// Tiles of a whole segment.
    pub(super) segment: usize,
    /// Segments of a chunk.
    pub(super) segments: usize,
}

/// Neighbouring tiles of one row of tiles.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    pub(super) image: usize,
    /// Row and column of the first output.
    pub(super) at: [usize; 2],
    pub(super) tiles: usize,
}

impl Pass {
    /// Whether these kernels compute this convolution: 3×3, stride 1, dilation 1.
    pub fn applies(g: &Conv2dGeometry) -> bool {
        [g.height(), g.width()]
            .iter()
            .all(|axis| axis.kernel == TAPS && axis.stride == 1 && axis.dilation == 1)
    }

    /// The forward pass of a group, from x to y.
    ///
    /// # Panics
    /// Unless [`Pass::applies`], and there is such a group.
    pub fn forward(g: &Conv2dGeometry, group: usize) -> Self {
        let (height, width) = (g.height(), g.width());
        let group = [group, g.groups()];
        let [inputs, outputs] = [g.in_channels(), g.out_channels()].map(|all| all / g.groups());
        let kernel = TAPS * TAPS;
        Pass::new(
            g,
            Image { channels: inputs, rows: height.input, columns: width.input, group },
            Image { channels: outputs, rows: height.output, columns: width.output, group },
            Filters {
                outputs: [outputs, inputs * kernel],
                inputs: [inputs, kernel],
                turned: false,
            },
            [height, width].map(|axis| -axis.pad_before.cast_signed()),
        )
    }

    /// The gradient of a group's input, from dy to dx.
    ///
    /// # Panics
    /// As [`Pass::forward`].
    pub fn backward(g: &Conv2dGeometry, group: usize) -> Self {
        let Pass { source, output, filters, origin, .. } = Pass::forward(g, group);
        let filters = Filters { outputs: filters.inputs, inputs: filters.outputs, turned: true };
        let last = TAPS.cast_signed() - 1;
        Pass::new(g, output, source, filters, origin.map(|first| -first - last))
    }

    fn new(
        g: &Conv2dGeometry,
        source: Image,
        output: Image,
        filters: Filters,
        origin: [isize; 2],
    ) -> Self {
        assert!(Pass::applies(g), "a 3x3 convolution with stride 1");
        assert!(source.group[0] < source.group[1], "the group");
        let across = output.columns.div_ceil(TILE);
        let segment = across.div_ceil(across.div_ceil(CHUNK));
        let segments = (CHUNK / segment).max(1);
        Pass { images: g.batch(), source, output, filters, origin, segment, segments }
    }

    /// Segments of a row of tiles, and of the whole batch.
    fn counts(&self) -> [usize; 2] {
        let across = self.output.columns.div_ceil(TILE).div_ceil(self.segment);
        [across, self.images * self.output.rows.div_ceil(TILE) * across]
    }

    /// Chunks of tiles of the whole batch.
    pub fn chunks(&self) -> usize {
        self.counts()[1].div_ceil(self.segments)
    }

    /// The segments of a chunk.
    pub(super) fn segments_of(&self, chunk: usize) -> impl Iterator<Item = Segment> + use<> {
        let pass = *self;
        let [across, all] = self.counts();
        let start = chunk * self.segments;
        (start..all.min(start + self.segments)).map(move |i| {
            let (row, column) = (i / across, i % across * pass.segment);
            let down = pass.output.rows.div_ceil(TILE);
            Segment {
                image: row / down,
                at: [row % down * TILE, column * TILE],
                tiles: pass.segment.min(pass.output.columns.div_ceil(TILE) - column),
            }
        })
    }

    /// Tiles of a chunk, filled up to an even number.
    pub(super) fn capacity(&self) -> usize {
        (self.segment * self.segments).next_multiple_of(2)
    }

    /// Numbers from one product of a chunk's tiles to the next. An odd number of cache lines, so
    /// that the 36 numbers of a tile are not all kept in the same few sets of the cache.
    pub(super) fn step(&self, blocks: usize) -> usize {
        ((blocks * self.capacity()) | 1) * LANES
    }
}
