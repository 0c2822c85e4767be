//! The gradient of the weight.

use super::filter::{Adjoint, KERNEL};
use super::points::FREQUENCIES;
use super::product::Product;
use super::tiles::strip_len;
use super::tiling::Pass;
use crate::Conv2dGeometry;
use crate::kernels::isa::Isa;
use crate::kernels::lanes::LANES;
use crate::kernels::vector::{Kernel, Vector, dispatch};

/// Most blocks of sixteen channels of a piece, on each side: its sums stay in the second-level
/// cache.
const BLOCKS: usize = 4;

/// Pieces that suffice for the threads of a small machine; what is shared between pieces is
/// computed for each, so there are no more than needed.
const PIECES: usize = 8;

/// The gradient of a group's weight, and how it is cut into pieces: each for some channels of the input
/// and of the output, and where those are few for a part of the batch. The parts are added in
/// their order.
#[derive(Clone, Copy, Debug)]
pub struct WeightGradient {
    pass: Pass,
    /// Pieces across the output channels and the input channels, and parts of the batch.
    pieces: [usize; 3],
    /// Blocks of sixteen channels of a piece, of the output and of the input.
    blocks: [usize; 2],
}

impl WeightGradient {
    /// How the gradient of the weight of a group of this convolution is computed.
    ///
    /// # Panics
    /// As [`Pass::forward`].
    pub fn new(g: &Conv2dGeometry, group: usize) -> Self {
        let pass = Pass::forward(g, group);
        let all = [pass.output.blocks(), pass.source.blocks()];
        let blocks = all.map(|all| all.div_ceil(all.div_ceil(BLOCKS)));
        let [outputs, inputs] = [0, 1].map(|i| all[i].div_ceil(blocks[i]));
        let parts = (PIECES / (outputs * inputs)).clamp(1, pass.chunks().max(1));
        WeightGradient { pass, pieces: [outputs, inputs, parts], blocks }
    }

    /// Pieces that can be computed independently of each other.
    pub fn pieces(&self) -> usize {
        self.pieces.iter().product()
    }

    /// Numbers of a piece.
    pub fn piece_len(&self) -> usize {
        self.blocks[0] * self.blocks[1] * LANES * LANES * KERNEL
    }

    /// Numbers of scratch memory for [`WeightGradient::compute`].
    pub fn scratch_len(&self) -> usize {
        let [outputs, inputs] = self.blocks;
        let steps = self.pass.step(outputs) + self.pass.step(inputs) + self.step();
        FREQUENCIES * steps + strip_len(self.pass.segment)
    }

    /// Numbers from one product of the sums to the next; an odd number of cache lines.
    fn step(&self) -> usize {
        (self.blocks[0] * self.blocks[1] * LANES + 1) * LANES
    }

    /// The first block of channels and the number of blocks, of the output and of the input, and
    /// the part of the batch.
    fn piece(&self, piece: usize) -> ([[usize; 2]; 2], usize) {
        let [_, inputs, parts] = self.pieces;
        let at = [piece / parts / inputs, piece / parts % inputs];
        let all = [self.pass.output.blocks(), self.pass.source.blocks()];
        let blocks = [0, 1].map(|i| {
            let first = at[i] * self.blocks[i];
            [first, self.blocks[i].min(all[i] - first)]
        });
        (blocks, piece % parts)
    }

    /// Computes a piece from the whole input x and the whole gradient dy of the output.
    ///
    /// # Panics
    /// Where there is no such piece, or a slice does not have the length it should.
    pub fn compute(
        &self,
        isa: Isa,
        x: &[f32],
        dy: &[f32],
        piece: usize,
        to: &mut [f32],
        scratch: &mut [f32],
    ) {
        let Pass { images, source, output, .. } = self.pass;
        assert_eq!(x.len(), images * source.len(), "the input");
        assert_eq!(dy.len(), images * output.len(), "the output");
        assert_eq!(to.len(), self.piece_len(), "a piece of the gradient");
        assert!(scratch.len() >= self.scratch_len(), "the scratch memory");
        assert!(piece < self.pieces(), "a piece of the gradient");
        // SAFETY: the lengths are as asserted.
        unsafe { dispatch(isa, Compute { gradient: self, x, dy, piece, to, scratch }) };
    }

    /// Adds the parts of all pieces: the group's dw `[O, C, 3, 3]`.
    ///
    /// # Panics
    /// Where a slice does not have the length it should.
    pub fn collect(&self, pieces: &[f32], dw: &mut [f32]) {
        let [outputs, inputs] = [self.pass.output, self.pass.source].map(|image| image.channels);
        assert_eq!(pieces.len(), self.pieces() * self.piece_len(), "the pieces");
        assert_eq!(dw.len(), outputs * inputs * KERNEL, "the gradient");
        let parts = self.pieces[2];
        for (i, group) in pieces.chunks_exact(parts * self.piece_len()).enumerate() {
            let ([[top, rows], [left, blocks]], _) = self.piece(i * parts);
            let row = KERNEL * LANES;
            for block in 0..blocks {
                for o in 0..(rows * LANES).min(outputs - top * LANES) {
                    let mut sums = [0.0; KERNEL * LANES];
                    for part in group.chunks_exact(self.piece_len()) {
                        let part = &part[(block * rows * LANES + o) * row..][..row];
                        for (sum, value) in sums.iter_mut().zip(part) {
                            *sum += value;
                        }
                    }
                    let first = (left + block) * LANES;
                    let dw = &mut dw[((top * LANES + o) * inputs + first) * KERNEL..];
                    let kernels = dw.chunks_exact_mut(KERNEL).take(LANES.min(inputs - first));
                    for (lane, kernel) in kernels.enumerate() {
                        for (tap, value) in kernel.iter_mut().enumerate() {
                            *value = sums[tap * LANES + lane];
                        }
                    }
                }
            }
        }
    }
}

struct Compute<'a> {
    gradient: &'a WeightGradient,
    x: &'a [f32],
    dy: &'a [f32],
    piece: usize,
    to: &'a mut [f32],
    scratch: &'a mut [f32],
}

impl Kernel for Compute<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let Compute { gradient, x, dy, piece, to, scratch } = self;
        let pass = gradient.pass;
        let (blocks, part) = gradient.piece(piece);
        let [outputs, inputs] = blocks;
        let steps = [pass.step(outputs[1]), pass.step(inputs[1]), gradient.step()];
        let (left, rest) = scratch.split_at_mut(FREQUENCIES * steps[0]);
        let (right, rest) = rest.split_at_mut(FREQUENCIES * steps[1]);
        let (sums, strip) = rest.split_at_mut(FREQUENCIES * steps[2]);
        let (strip, width) = (strip.as_mut_ptr(), pass.capacity() * LANES);
        let rows = outputs[1] * LANES;

        let (chunks, parts) = (pass.chunks(), gradient.pieces[2]);
        let chunks = chunks * part / parts..chunks * (part + 1) / parts;
        if chunks.is_empty() {
            to.fill(0.0);
            return;
        }
        for chunk in chunks.clone() {
            // SAFETY: the caller vouches for the lengths of the slices.
            unsafe {
                pass.gather::<V, true>(chunk, dy, outputs, strip, left.as_mut_ptr());
                let count = pass.gather::<V, false>(chunk, x, inputs, strip, right.as_mut_ptr());
                for frequency in 0..FREQUENCIES {
                    let product = Product {
                        left: left.as_ptr().add(frequency * steps[0]),
                        left_step: width,
                        right: right.as_ptr().add(frequency * steps[1]),
                        right_step: width,
                        out: sums.as_mut_ptr().add(frequency * steps[2]),
                        out_step: rows * LANES,
                        rows,
                        depth: count,
                        columns: inputs[1] * LANES,
                        add: chunk > chunks.start,
                    };
                    product.run::<V, true>();
                }
            }
        }
        let len = rows * inputs[1];
        to[len * KERNEL * LANES..].fill(0.0);
        let (from, to) = (sums.as_ptr(), to.as_mut_ptr());
        // SAFETY: the sums are `[36, inputs / 16, outputs, 16]`, and `to` has room for nine of 36.
        unsafe { V::call(Adjoint { from, step: steps[2], rows: len, to }) };
    }
}
