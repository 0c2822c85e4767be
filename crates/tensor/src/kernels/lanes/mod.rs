//! Kernels for sixteen images side by side.
//!
//! In the *lanes* layout a batch of `N` images `[C, H, W]` is stored as
//! `[⌈N / 16⌉, C, H, W, 16]`: groups of [`LANES`] images whose numbers are interleaved, the last
//! group filled up with zeros. One pixel of sixteen images is one AVX-512 register (two of AVX2,
//! four of SSE2 or NEON), so every kernel vectorises over images, whatever the sizes, strides and
//! channels: no im2col, no remainders.
//!
//! A kernel is serial, allocates nothing, overwrites all of its outputs and reads none of their
//! old contents; sums are formed in an order that depends on the sizes and the instruction set
//! alone. The numbers in unused lanes come out as the kernel's arithmetic has them and influence
//! no used lane; kernels that sum over the batch need zeros there in the gradient `dy`.

// A register block is a small matrix: its rows and columns are channels and pixels, or taps.
#![expect(clippy::needless_range_loop)]

pub mod conv2d;
mod conv2d_weight;
pub mod dense;
mod gather;
pub mod layout;
pub mod pool2d;
mod runs;
pub mod winograd;

use std::iter;

/// Images that are interleaved.
pub const LANES: usize = 16;

/// Numbers of f32 that a batch of `batch` samples of `sample` numbers takes in the lanes layout.
///
/// ```
/// # use tensor::kernels::lanes::padded_len;
/// assert_eq!(padded_len(17, 10), 2 * 10 * 16);
/// ```
pub fn padded_len(batch: usize, sample: usize) -> usize {
    batch.div_ceil(LANES) * sample * LANES
}

/// Splits `len` into as few blocks of at most `most` as possible, of nearly equal sizes: the
/// start and the size of each.
pub(super) fn blocks(len: usize, most: usize) -> impl Iterator<Item = (usize, usize)> {
    let mut start = 0;
    let sizes = even_blocks(len, most).into_iter();
    sizes.flat_map(|(size, count)| iter::repeat_n(size, count)).map(move |size| {
        start += size;
        (start - size, size)
    })
}

/// Sizes of the same blocks, the larger first, and how many there are of each.
pub(super) const fn even_blocks(len: usize, most: usize) -> [(usize, usize); 2] {
    let count = len.div_ceil(most);
    if count == 0 {
        return [(0, 0); 2];
    }
    let (size, larger) = (len / count, len % count);
    [(size + 1, larger), (size, count - larger)]
}
