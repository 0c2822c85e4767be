//! Winograd's minimal filtering for 3×3 convolutions with stride 1: a quarter of the
//! multiplications.
//!
//! Four by four outputs depend on six by six inputs. Transformed (see `points`), their
//! convolution is 36 products instead of 144 per pair of channels, and those of all tiles are 36
//! matrix products. A chunk of tiles at a time is transformed, multiplied and transformed back,
//! so that the intermediate values stay in the cache. The gradient of the input is the same
//! computation with the kernels turned and their channels exchanged; the gradient of the weight
//! multiplies the tiles of the input with those of the output's gradient, and is the adjoint of
//! the forward pass, transform for transform.
//!
//! The results are rounded differently from sums of products: relative to the largest output,
//! the error is about 2e-6, several times that of the direct kernels. See `tests/all/winograd.rs`.
//!
//! S. Winograd, *Arithmetic Complexity of Computations*, 1980; A. Lavin and S. Gray, *Fast
//! Algorithms for Convolutional Neural Networks*, 2015.

// A transform is a small matrix.
#![expect(clippy::needless_range_loop)]

mod filter;
mod gradient;
mod points;
mod product;
mod tiles;
mod tiling;

pub use gradient::WeightGradient;
pub use tiling::Pass;

use super::isa::Isa;
use super::lanes::LANES;
use super::vector::{Kernel, Vector, dispatch};
use filter::Transform;
use points::FREQUENCIES;
use product::Product;
use std::marker::PhantomData;
use tiles::{Clear, Gather, Planes, Scatter, Tiles, strip_len};
use tiling::{Image, Segment};

impl Pass {
    /// Numbers of the transformed weight, for sixteen output channels; it consists of
    /// [`Pass::filter_blocks`] such pieces.
    pub fn filter_len(&self) -> usize {
        filter::transformed_len(self.source.channels)
    }

    /// Pieces of the transformed weight.
    pub fn filter_blocks(&self) -> usize {
        self.output.blocks()
    }

    /// Numbers of scratch memory for [`Band::convolve`].
    pub fn scratch_len(&self) -> usize {
        let steps = self.step(self.source.blocks()) + self.step(self.output.blocks());
        FREQUENCIES * steps + strip_len(self.segment)
    }

    /// Transforms a piece of the group's weight `[O, C, 3, 3]`.
    ///
    /// # Panics
    /// Where there is no such piece, or a slice does not have the length it should.
    pub fn transform_filter(&self, isa: Isa, weight: &[f32], piece: usize, to: &mut [f32]) {
        let kernels = self.filters.outputs[0] * self.filters.inputs[0];
        assert_eq!(weight.len(), kernels * filter::KERNEL, "the weight");
        assert_eq!(to.len(), self.filter_len(), "a piece of the transformed weight");
        assert!(piece < self.filter_blocks(), "a piece of the transformed weight");
        let (filters, first) = (self.filters, piece * LANES);
        // SAFETY: `to` holds 36 numbers of sixteen kernels for each channel that is read.
        unsafe { dispatch(isa, Transform { filters, weight, first, to: to.as_mut_ptr() }) };
    }

    /// Cuts the output into bands, each of at most `chunks` chunks of tiles: which outputs those
    /// are depends on the sizes alone.
    ///
    /// # Panics
    /// Where the output does not have the length it should, or `chunks` is 0.
    pub fn bands<'a>(
        &self,
        chunks: usize,
        output: &'a mut [f32],
    ) -> impl ExactSizeIterator<Item = Band<'a>> + use<'a> {
        assert_eq!(output.len(), self.images * self.output.len(), "the output");
        let (pass, all, output) = (*self, self.chunks(), output.as_mut_ptr());
        (0..all.div_ceil(chunks)).map(move |i| {
            let chunks = [i * chunks, all.min((i + 1) * chunks)];
            Band { pass, chunks, output, lifetime: PhantomData }
        })
    }

    /// Transforms the tiles of a chunk, sixteen channels after the other, and returns how many
    /// there are, filled up with zeros to an even number.
    ///
    /// # Safety
    /// `image` is the batch of sources or, for the `GRADIENT` of the output, of outputs; the
    /// channel blocks `first..first + blocks` exist; `to` has room for 36 steps, and `strip` for
    /// a strip.
    unsafe fn gather<V: Vector, const GRADIENT: bool>(
        &self,
        chunk: usize,
        images: &[f32],
        [first, blocks]: [usize; 2],
        strip: *mut f32,
        to: *mut f32,
    ) -> usize {
        let image = if GRADIENT { self.output } else { self.source };
        let offset = if GRADIENT { [0; 2] } else { self.origin };
        let (step, mut done) = (self.step(blocks), 0);
        for Segment { image: n, at, tiles: count } in self.segments_of(chunk) {
            let origin = [0, 1].map(|axis| at[axis].cast_signed() + offset[axis]);
            for block in 0..blocks {
                let channel = (first + block) * LANES;
                let start = image.start(n, channel);
                // SAFETY: the channels are there, and the segment's tiles fit in the chunk.
                unsafe {
                    let source = image.planes(images.as_ptr().add(start), channel);
                    let first = to.add((block * self.capacity() + done) * LANES);
                    let tiles = Tiles { first, step, count };
                    V::call(Gather::<GRADIENT> { source, origin, strip, tiles });
                }
            }
            done += count;
        }
        if !done.is_multiple_of(2) {
            for block in 0..blocks {
                // SAFETY: the capacity of a chunk is even.
                unsafe {
                    let first = to.add((block * self.capacity() + done) * LANES);
                    V::call(Clear(Tiles { first, step, count: 1 }));
                }
            }
            done += 1;
        }
        done
    }
}

impl Image {
    /// Sixteen channels from `channel` on, or as many as are left.
    fn planes<P>(&self, first: P, channel: usize) -> Planes<P> {
        let channels = LANES.min(self.channels - channel);
        Planes { first, channels, rows: self.rows, columns: self.columns }
    }
}

/// Some of the outputs of a [`Pass`], which no other band has.
#[derive(Debug)]
pub struct Band<'a> {
    pass: Pass,
    /// From this chunk to before that one.
    chunks: [usize; 2],
    output: *mut f32,
    lifetime: PhantomData<&'a mut [f32]>,
}

// SAFETY: a band stands for an exclusive reference to its outputs, which no other band has:
// chunks have no tile in common, and no two tiles have an output in common.
unsafe impl Send for Band<'_> {}

impl Band<'_> {
    /// Computes the band's outputs from the whole `source`, and from the transformed `weight` and
    /// the `bias` of the group.
    /// The scratch memory is best aligned to cache lines.
    ///
    /// # Panics
    /// Where a slice does not have the length it should.
    pub fn convolve(
        &mut self,
        isa: Isa,
        source: &[f32],
        weight: &[f32],
        bias: Option<&[f32]>,
        scratch: &mut [f32],
    ) {
        let pass = self.pass;
        assert_eq!(source.len(), pass.images * pass.source.len(), "the source");
        assert_eq!(weight.len(), pass.filter_len() * pass.filter_blocks(), "the weight");
        assert!(bias.is_none_or(|bias| bias.len() == pass.output.channels), "the bias");
        assert!(scratch.len() >= pass.scratch_len(), "the scratch memory");
        let (chunks, output) = (self.chunks, self.output);
        // SAFETY: the lengths are as asserted, and `bands` checked the output's.
        unsafe { dispatch(isa, Convolve { pass, chunks, source, weight, bias, output, scratch }) };
    }
}

struct Convolve<'a> {
    pass: Pass,
    chunks: [usize; 2],
    source: &'a [f32],
    weight: &'a [f32],
    bias: Option<&'a [f32]>,
    output: *mut f32,
    scratch: &'a mut [f32],
}

impl Kernel for Convolve<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let Convolve { pass, chunks, source, weight, bias, output, scratch } = self;
        let Pass { source: sources, output: outputs, .. } = pass;
        let steps = [sources, outputs].map(|image| pass.step(image.blocks()));
        let (tiles, rest) = scratch.split_at_mut(FREQUENCIES * steps[0]);
        let (products, strip) = rest.split_at_mut(FREQUENCIES * steps[1]);
        let (strip, width) = (strip.as_mut_ptr(), pass.capacity() * LANES);
        for chunk in chunks[0]..chunks[1] {
            let channels = [0, sources.blocks()];
            // SAFETY: the caller vouches for the lengths of the slices.
            unsafe {
                let count =
                    pass.gather::<V, false>(chunk, source, channels, strip, tiles.as_mut_ptr());
                for frequency in 0..FREQUENCIES {
                    let product = Product {
                        left: tiles.as_ptr().add(frequency * steps[0]),
                        left_step: width,
                        right: weight.as_ptr().add(frequency * sources.channels * LANES),
                        right_step: pass.filter_len(),
                        out: products.as_mut_ptr().add(frequency * steps[1]),
                        out_step: width,
                        rows: count,
                        depth: sources.channels,
                        columns: outputs.blocks() * LANES,
                        add: false,
                    };
                    product.run::<V, false>();
                }
                let mut done = 0;
                for Segment { image, at: origin, tiles: count } in pass.segments_of(chunk) {
                    for channel in (0..outputs.channels).step_by(LANES) {
                        let first = products.as_ptr().add(channel * pass.capacity() + done * LANES);
                        let start = outputs.start(image, channel);
                        let mut block = [0.0; LANES];
                        if let Some(bias) = bias {
                            let bias = &bias[channel..];
                            let count = bias.len().min(LANES);
                            block[..count].copy_from_slice(&bias[..count]);
                        }
                        V::call(Scatter {
                            tiles: Tiles { first, step: steps[1], count },
                            bias: block,
                            strip,
                            output: outputs.planes(output.add(start), channel),
                            origin,
                        });
                    }
                    done += count;
                }
            }
        }
    }
}
