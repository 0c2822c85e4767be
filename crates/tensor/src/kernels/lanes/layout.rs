//! Into the lanes layout and out of it.

use super::{LANES, padded_len};
use crate::kernels::isa::Isa;
use crate::kernels::vector::{Kernel, Vector, dispatch};

/// Interleaves a plain `[batch, sample]` matrix: `lanes` is `[⌈batch/16⌉, sample, 16]`, unused
/// lanes 0.
///
/// ```
/// use tensor::kernels::{isa::isa, lanes::{LANES, layout}};
/// let (plain, mut lanes) = ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [f32::NAN; 3 * LANES]);
/// layout::pack(isa(), 2, &plain, &mut lanes);
/// assert_eq!(lanes[..3], [1.0, 4.0, 0.0]);
/// assert_eq!(lanes[LANES..][..3], [2.0, 5.0, 0.0]);
/// ```
///
/// # Panics
/// Where the lengths do not fit `batch` or each other.
pub fn pack(isa: Isa, batch: usize, plain: &[f32], lanes: &mut [f32]) {
    let sample = sample_len(batch, plain.len(), lanes.len());
    // SAFETY: the lengths are as asserted.
    unsafe { dispatch(isa, Pack { sample, plain, scale: 1.0, shift: 0.0, lanes }) };
}

/// Interleaves a plain `[batch, sample]` matrix of bytes as `scale · byte + shift`; unused lanes
/// are 0, whatever the shift.
///
/// # Panics
/// Where the lengths do not fit `batch` or each other.
pub fn pack_u8(isa: Isa, batch: usize, plain: &[u8], scale: f32, shift: f32, lanes: &mut [f32]) {
    let sample = sample_len(batch, plain.len(), lanes.len());
    // SAFETY: the lengths are as asserted.
    unsafe { dispatch(isa, Pack { sample, plain, scale, shift, lanes }) };
}

/// The inverse of [`pack`].
///
/// # Panics
/// Where the lengths do not fit `batch` or each other.
pub fn unpack(isa: Isa, batch: usize, lanes: &[f32], plain: &mut [f32]) {
    let sample = sample_len(batch, plain.len(), lanes.len());
    // SAFETY: the lengths are as asserted.
    unsafe { dispatch(isa, Unpack { sample, lanes, plain }) };
}

fn sample_len(batch: usize, plain: usize, lanes: usize) -> usize {
    let sample = plain.checked_div(batch).unwrap_or(0);
    assert_eq!(plain, batch * sample, "the plain samples");
    assert_eq!(lanes, padded_len(batch, sample), "the interleaved samples");
    sample
}

/// A number in plain storage.
pub(in crate::kernels) trait Sample: Copy {
    /// `scale · self + shift`.
    fn affine(self, scale: f32, shift: f32) -> f32;

    /// A whole vector of such numbers.
    ///
    /// # Safety
    /// As [`Vector`].
    unsafe fn load<V: Vector>(from: *const Self, scale: V, shift: V) -> V;
}

impl Sample for f32 {
    fn affine(self, _: f32, _: f32) -> f32 {
        self
    }

    #[inline(always)]
    unsafe fn load<V: Vector>(from: *const Self, _: V, _: V) -> V {
        // SAFETY: passed on.
        unsafe { V::load(from) }
    }
}

impl Sample for u8 {
    fn affine(self, scale: f32, shift: f32) -> f32 {
        f32::from(self) * scale + shift
    }

    #[inline(always)]
    unsafe fn load<V: Vector>(from: *const Self, scale: V, shift: V) -> V {
        // SAFETY: passed on.
        unsafe { V::load_u8(from).mul_add(scale, shift) }
    }
}

struct Pack<'a, T> {
    sample: usize,
    plain: &'a [T],
    scale: f32,
    shift: f32,
    lanes: &'a mut [f32],
}

impl<T: Sample> Kernel for Pack<'_, T> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let Pack { sample, plain, scale, shift, lanes } = self;
        if sample == 0 {
            return;
        }
        let groups = lanes.chunks_exact_mut(sample * LANES);
        for (plain, lanes) in plain.chunks(LANES * sample).zip(groups) {
            let images = plain.len() / sample;
            let (from, to) = (plain.as_ptr(), lanes.as_mut_ptr());
            // SAFETY: `images` samples of `sample` numbers, and as many pixels of sixteen lanes.
            unsafe { interleave::<T, V>(sample, from, images, sample, scale, shift, to) };
        }
    }
}

/// Where blocks of `len` start that together cover `0..all`: the last may overlap the one before
/// it. None where `all` is less than a block.
#[inline(always)]
pub(in crate::kernels) fn block_starts(all: usize, len: usize) -> impl Iterator<Item = usize> {
    let last = all.checked_sub(len);
    (0..all / len * len).step_by(len).chain(last.filter(|_| !all.is_multiple_of(len)))
}

/// Reads the first `images` samples of a group, each `stride` numbers after the one before, as
/// pixels of sixteen lanes; the other lanes are 0.
///
/// # Safety
/// As [`Vector`]; `plain` points to the samples, `lanes` to as many pixels.
#[inline(always)]
pub(in crate::kernels) unsafe fn interleave<T: Sample, V: Vector>(
    sample: usize,
    plain: *const T,
    images: usize,
    stride: usize,
    scale: f32,
    shift: f32,
    lanes: *mut f32,
) {
    // SAFETY: only samples that exist are read; the squares lie inside `lanes`.
    unsafe {
        let factors = (V::splat(scale), V::splat(shift));
        for at in block_starts(sample, V::LEN) {
            for lane in (0..LANES).step_by(V::LEN) {
                let mut square = [V::splat(0.0); LANES];
                for i in 0..V::LEN {
                    if lane + i < images {
                        let from = plain.add((lane + i) * stride + at);
                        square[i] = T::load(from, factors.0, factors.1);
                    }
                }
                let square = V::transpose(square);
                for i in 0..V::LEN {
                    square[i].store(lanes.add((at + i) * LANES + lane));
                }
            }
        }
        if sample < V::LEN {
            for at in 0..sample {
                for lane in 0..LANES {
                    let exists = lane < images;
                    let value =
                        exists.then(|| (*plain.add(lane * stride + at)).affine(scale, shift));
                    *lanes.add(at * LANES + lane) = value.unwrap_or(0.0);
                }
            }
        }
    }
}

struct Unpack<'a> {
    sample: usize,
    lanes: &'a [f32],
    plain: &'a mut [f32],
}

impl Kernel for Unpack<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let Unpack { sample, lanes, plain } = self;
        if sample == 0 {
            return;
        }
        let groups = lanes.chunks_exact(sample * LANES);
        for (plain, lanes) in plain.chunks_mut(LANES * sample).zip(groups) {
            let images = plain.len() / sample;
            // SAFETY: `images` samples of `sample` numbers, from as many pixels.
            unsafe {
                deinterleave::<V>(sample, lanes.as_ptr(), images, plain.as_mut_ptr(), sample);
            };
        }
    }
}

/// Writes the first `images` samples of a group, each `stride` numbers after the one before.
///
/// # Safety
/// As [`Vector`]; `lanes` points to `sample` pixels of sixteen lanes, `plain` to the samples.
#[inline(always)]
pub(in crate::kernels) unsafe fn deinterleave<V: Vector>(
    sample: usize,
    lanes: *const f32,
    images: usize,
    plain: *mut f32,
    stride: usize,
) {
    // SAFETY: the squares lie inside `lanes`; only samples that exist are written.
    unsafe {
        for at in block_starts(sample, V::LEN) {
            for lane in (0..images).step_by(V::LEN) {
                let mut square = [V::splat(0.0); LANES];
                for i in 0..V::LEN {
                    square[i] = V::load(lanes.add((at + i) * LANES + lane));
                }
                let square = V::transpose(square);
                for i in 0..V::LEN {
                    if lane + i < images {
                        square[i].store(plain.add((lane + i) * stride + at));
                    }
                }
            }
        }
        if sample < V::LEN {
            for lane in 0..images {
                for at in 0..sample {
                    *plain.add(lane * stride + at) = *lanes.add(at * LANES + lane);
                }
            }
        }
    }
}
