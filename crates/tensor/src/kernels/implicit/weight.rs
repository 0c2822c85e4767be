//! The gradient of the weight.

use super::planes::{Axis, Planes, offsets};
use super::{Sizes, runs, window};
use crate::Conv2dGeometry;
use crate::kernels::gemm::tile::{Tile, most_rows, width};
use crate::kernels::gemm::{self, Mat, MatMut, Start};
use crate::kernels::isa::Isa;
use crate::kernels::lanes::{LANES, blocks};
use crate::kernels::vector::{Kernel, Vector, dispatch};
use std::ops::Range;

/// Pixels of the output that are summed at a time: what a register block's taps see there stays in
/// the first-level cache.
const PIXELS: usize = 256;

/// Most rows of a register block.
const MOST_ROWS: usize = 14;

/// Rows of pixels that are summed at a time.
fn lines_at_once(g: &Conv2dGeometry) -> usize {
    let lines = g.height().output;
    lines.div_ceil(lines.div_ceil((PIXELS / g.width().output.max(1)).max(1)).max(1))
}

/// Distance from what one tap sees to what the next does: an odd number of cache lines, so that
/// they do not displace each other.
fn row_stride(pixels: usize) -> usize {
    (pixels.div_ceil(LANES) | 1) * LANES
}

/// Numbers of scratch memory that [`backward_weight`] needs: for planes or the product, and for
/// what a register block's taps see of some rows of pixels, and what dy has there.
fn scratch_lens(g: &Conv2dGeometry) -> [usize; 2] {
    let s = Sizes::of(g);
    if g.is_pointwise() {
        return [gemm::scratch_len([s.inputs, s.pixels, s.outputs]), 0];
    }
    let pixels = lines_at_once(g) * g.width().output;
    let channels = s.outputs.next_multiple_of(2 * LANES);
    let rows = MOST_ROWS * row_stride(pixels) + LANES;
    [Planes::scratch_len(window(g), s.inputs), rows + pixels * channels + LANES]
}

/// Numbers of scratch memory that [`backward_weight`] needs.
pub fn backward_weight_scratch_len(g: &Conv2dGeometry) -> usize {
    scratch_lens(g).iter().sum()
}

/// The gradient of the weight, transposed within each group: `[groups · C/g · KH · KW, O/g]`, of
/// which `dw` holds the rows `range`; 0 for an empty batch. [`untranspose`] brings it into the
/// weight's order. Sums run over the images from the first to the last.
///
/// # Panics
/// Where a slice does not have the length that the geometry gives.
pub fn backward_weight(
    isa: Isa,
    g: &Conv2dGeometry,
    x: &[f32],
    dy: &[f32],
    range: Range<usize>,
    dw: &mut [f32],
    scratch: &mut [f32],
) {
    let s = Sizes::of(g);
    assert_eq!(x.len(), g.batch() * g.in_channels() * s.image, "the input");
    assert_eq!(dy.len(), g.batch() * g.out_channels() * s.pixels, "the output");
    assert_eq!(dw.len(), range.len() * s.outputs, "the rows of the weight's transpose");
    let [planes_len, packed_len] = scratch_lens(g);
    let (planes, packed) = scratch.split_at_mut(planes_len);
    let packed = &mut packed[..packed_len];
    dw.fill(0.0);
    let mut rest = dw;
    for (_, rows) in runs(range, usize::MAX, s.patch()) {
        let dw;
        (dw, rest) = rest.split_at_mut(rows.len() * s.outputs);
        let group = rows.start / s.patch();
        // The channels that these rows read, and the rows among those of the channels.
        let channels = rows.start / s.taps..rows.end.div_ceil(s.taps);
        let rows = rows.start - channels.start * s.taps..rows.end - channels.start * s.taps;
        for image in 0..g.batch() {
            let x = &x[(image * g.in_channels() + channels.start) * s.image..];
            let x = &x[..channels.len() * s.image];
            let dy = &dy[(image * g.out_channels() + group * s.outputs) * s.pixels..];
            let dy = Mat::new(&dy[..s.outputs * s.pixels], s.outputs, s.pixels).t();
            if g.is_pointwise() {
                let x = Mat::new(x, channels.len(), s.image);
                let dw = MatMut::new(&mut *dw, channels.len(), s.outputs);
                gemm::blocked_product(isa, x, dy, Start::Scaled(1.0), dw, planes);
                continue;
            }
            let window = window(g);
            let planes = &mut planes[..Planes::scratch_len(window, channels.len())];
            let planes = Planes::new(isa, window, x, planes);
            let at_once = lines_at_once(g);
            for first in (0..g.height().output).step_by(at_once) {
                let lines = first..g.height().output.min(first + at_once);
                let (rows, dw, packed) = (rows.clone(), &mut *dw, &mut *packed);
                let sums = Sums { window, planes, dy, rows, lines, dw, packed };
                // SAFETY: the lengths were checked, and `packed` has room for the rows of dy.
                unsafe { dispatch(isa, sums) };
            }
        }
    }
}

/// Adds what some rows of pixels contribute.
struct Sums<'a> {
    window: [Axis; 2],
    planes: Planes<'a>,
    /// `[pixels, channels]`.
    dy: Mat<'a, f32>,
    /// Taps, counted over the planes' channels.
    rows: Range<usize>,
    lines: Range<usize>,
    /// `[rows, channels]`.
    dw: &'a mut [f32],
    /// For copies of both.
    packed: &'a mut [f32],
}

impl Kernel for Sums<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let [_, wide] = &self.window;
        let (outputs, len) = (wide.outputs(), wide.len());
        let [_, channels] = self.dy.size();
        let width = width::<V>();
        let pixels = self.lines.start * outputs..self.lines.end * outputs;
        let (depth, a_row) = (pixels.len(), row_stride(pixels.len()));
        let (seen, packed) = self.packed.split_at_mut(MOST_ROWS * a_row + LANES);
        let (seen, packed) = (seen.as_mut_ptr(), packed.as_mut_ptr());
        let planes = self.planes.numbers.as_ptr().wrapping_add(self.lines.start * len);
        // SAFETY: the copies have room, the taps see pixels inside the planes, behind which there
        // is room for a vector, and the block is inside the gradient.
        unsafe {
            gemm::copy::<V>(self.dy.rows(pixels), packed, [width, depth * width, width]);
            for (i, count) in blocks(self.rows.len(), most_rows::<V>()) {
                let mut places = [0; MOST_ROWS];
                let row = self.rows.start + i;
                offsets(&self.window, row..row + count, &mut places[..count]);
                for (r, &place) in places[..count].iter().enumerate() {
                    for line in 0..self.lines.len() {
                        let from = planes.add(place + line * len);
                        let to = seen.add(r * a_row + line * outputs);
                        // What is copied too much, the next line or row overwrites.
                        for x in (0..outputs).step_by(V::LEN) {
                            V::load(from.add(x)).store(to.add(x));
                        }
                    }
                }
                for first in (0..channels).step_by(width) {
                    let tile = Tile {
                        depth,
                        a: seen,
                        a_row,
                        a_step: 1,
                        b: packed.add(first * depth),
                        b_step: width,
                        c: self.dw.as_mut_ptr().add(i * channels + first),
                        c_row: channels,
                        add: true,
                        ahead: (packed, [0; 2]),
                    };
                    tile.run::<V>(count, width.min(channels - first));
                }
            }
        }
    }
}

/// Brings what [`backward_weight`] computes into the order of the weight, `[O, C/g, KH, KW]`.
///
/// # Panics
/// Where a slice does not have the length that the geometry gives.
pub fn untranspose(g: &Conv2dGeometry, transposed: &[f32], dw: &mut [f32]) {
    /// Numbers along the side of a square that is transposed in the first-level cache.
    const SIDE: usize = 16;
    let s = Sizes::of(g);
    assert_eq!([transposed.len(), dw.len()], [g.out_channels() * s.patch(); 2], "the weight");
    let group = s.outputs * s.patch();
    for (from, to) in transposed.chunks_exact(group).zip(dw.chunks_exact_mut(group)) {
        for first in (0..s.patch()).step_by(SIDE) {
            let rows = first..s.patch().min(first + SIDE);
            for (o, to) in to.chunks_exact_mut(s.patch()).enumerate() {
                for (row, to) in rows.clone().zip(&mut to[rows.clone()]) {
                    *to = from[row * s.outputs + o];
                }
            }
        }
    }
}
