//! Sums over channels and taps: the output of a convolution, or the gradient of its input.

use super::super::lanes::blocks;
use super::super::vector::{Kernel, Vector};
use std::ops::Range;

/// Most output channels in a register block.
pub(super) const MOST_OUTPUTS: usize = 6;

/// Most vectors of the line in a register block. More would share a factor among more products,
/// but those are not bound by loads; and short lines leave out more taps that read zeros.
pub(super) const MOST_VECTORS: usize = 2;

/// Where the weight of a source, an output and a tap stands.
#[derive(Clone, Copy)]
pub(super) struct WeightSteps {
    /// The first tap's, for the first source and output.
    pub(super) start: usize,
    pub(super) source: usize,
    pub(super) output: usize,
    /// From one tap to the next along the height and the width.
    pub(super) taps: [isize; 2],
}

/// `output[o, p] = bias[o] + Σ_{s,a,b} w[o,s,a,b] · source[s, p + a · steps[0] + b · steps[1]]`
/// for `p` from 0 to `len`, rounded up to whole vectors.
pub(super) struct Correlation<'a> {
    pub(super) sources: usize,
    pub(super) outputs: usize,
    pub(super) len: usize,
    pub(super) kernel: [usize; 2],
    pub(super) steps: [usize; 2],
    pub(super) source: &'a [f32],
    pub(super) source_plane: usize,
    pub(super) weight: &'a [f32],
    pub(super) weight_steps: WeightSteps,
    pub(super) bias: Option<&'a [f32]>,
    pub(super) output: &'a mut [f32],
    pub(super) output_plane: usize,
    /// The width of a row, and how far into its row the line starts.
    pub(super) width: usize,
    pub(super) indent: usize,
    /// Rows from one tap to the next.
    pub(super) dilation: usize,
    /// The rows of the source that are not all zero, counted from the one that the first tap of
    /// the line's first row reads.
    pub(super) live: Range<isize>,
}

impl Correlation<'_> {
    /// The taps along the height that read a live row for some output in `line`.
    #[inline(always)]
    fn live_taps(&self, line: Range<usize>) -> Range<usize> {
        let row = |p: usize| ((p + self.indent) / self.width) as isize;
        let (first, last) = (row(line.start), row(line.end - 1));
        let ceil = |rows: isize| usize::try_from(rows).unwrap_or(0).div_ceil(self.dilation);
        let end = ceil(self.live.end - first).min(self.kernel[0]);
        ceil(self.live.start - last).min(end)..end
    }
}

impl Kernel for Correlation<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        for (vector, vectors) in blocks(self.len.div_ceil(V::LEN), MOST_VECTORS) {
            let line = vector * V::LEN..(vector + vectors) * V::LEN;
            let taps = self.live_taps(line.start..line.end.min(self.len));
            for (o, outputs) in blocks(self.outputs, MOST_OUTPUTS) {
                let weight = self.weight_steps.start + o * self.weight_steps.output;
                let first = self.weight_steps.taps[0] * taps.start as isize;
                // SAFETY: the block lies inside the slices.
                unsafe {
                    let source = self.source.as_ptr().add(line.start + taps.start * self.steps[0]);
                    let block = Block {
                        sources: self.sources,
                        taps: [taps.len(), self.kernel[1]],
                        steps: self.steps,
                        source,
                        source_plane: self.source_plane,
                        weight: self.weight.as_ptr().add(weight).offset(first),
                        weight_steps: self.weight_steps,
                        bias: self.bias.map(|bias| bias.as_ptr().add(o)),
                        output: self.output.as_mut_ptr().add(o * self.output_plane + line.start),
                        output_plane: self.output_plane,
                    };
                    combine::<V>([outputs, vectors], block);
                }
            }
        }
    }
}

/// What a register block works on.
#[derive(Clone, Copy)]
pub(super) struct Block {
    pub(super) sources: usize,
    pub(super) taps: [usize; 2],
    pub(super) steps: [usize; 2],
    pub(super) source: *const f32,
    pub(super) source_plane: usize,
    pub(super) weight: *const f32,
    pub(super) weight_steps: WeightSteps,
    pub(super) bias: Option<*const f32>,
    pub(super) output: *mut f32,
    pub(super) output_plane: usize,
}

/// Computes a block of `[outputs, vectors]`.
///
/// # Safety
/// As [`Kernel::run`].
#[inline(always)]
pub(super) unsafe fn combine<V: Vector>([outputs, vectors]: [usize; 2], block: Block) {
    // SAFETY: passed on.
    unsafe {
        match (outputs, vectors) {
            (1, 1) => V::call(Sums::<1, 1>(block)),
            (1, 2) => V::call(Sums::<1, 2>(block)),
            (2, 1) => V::call(Sums::<2, 1>(block)),
            (2, 2) => V::call(Sums::<2, 2>(block)),
            (3, 1) => V::call(Sums::<3, 1>(block)),
            (3, 2) => V::call(Sums::<3, 2>(block)),
            (4, 1) => V::call(Sums::<4, 1>(block)),
            (4, 2) => V::call(Sums::<4, 2>(block)),
            (5, 1) => V::call(Sums::<5, 1>(block)),
            (5, 2) => V::call(Sums::<5, 2>(block)),
            (6, 1) => V::call(Sums::<6, 1>(block)),
            (6, 2) => V::call(Sums::<6, 2>(block)),
            _ => unreachable!("a block of {outputs} outputs and {vectors} vectors"),
        }
    }
}

/// A register block: `O` outputs of `P` vectors.
struct Sums<const O: usize, const P: usize>(Block);

impl<const O: usize, const P: usize> Kernel for Sums<O, P> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let block = self.0;
        // SAFETY: `O` outputs and `P` vectors are there, and for each the sources and taps.
        unsafe {
            let mut sums = [[V::splat(0.0); P]; O];
            if let Some(bias) = block.bias {
                for o in 0..O {
                    sums[o] = [V::splat(*bias.add(o)); P];
                }
            }
            for s in 0..block.sources {
                for a in 0..block.taps[0] {
                    let mut source = block.source.add(s * block.source_plane + a * block.steps[0]);
                    let mut weight = block.weight.add(s * block.weight_steps.source);
                    weight = weight.offset(a as isize * block.weight_steps.taps[0]);
                    for _ in 0..block.taps[1] {
                        let mut terms = [V::splat(0.0); P];
                        for p in 0..P {
                            terms[p] = V::load(source.add(p * V::LEN));
                        }
                        for o in 0..O {
                            let factor = V::splat(*weight.add(o * block.weight_steps.output));
                            for p in 0..P {
                                sums[o][p] = terms[p].mul_add(factor, sums[o][p]);
                            }
                        }
                        // Not `add`: after the last tap these may point outside.
                        source = source.wrapping_add(block.steps[1]);
                        weight = weight.wrapping_offset(block.weight_steps.taps[1]);
                    }
                }
            }
            for o in 0..O {
                for p in 0..P {
                    sums[o][p].store(block.output.add(o * block.output_plane + p * V::LEN));
                }
            }
        }
    }
}
