//! Into the lanes layout and out of it.

use super::vector::{Kernel, Tile, Vector, dispatch};
use super::{LANES, padded_len};
use crate::kernels::isa::Isa;

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
    unsafe { dispatch(isa, Pack { sample, plain, lanes }) };
}

/// Interleaves a plain `[batch, sample]` matrix of bytes as `scale · byte + shift`; unused lanes
/// are 0, whatever the shift.
///
/// # Panics
/// Where the lengths do not fit `batch` or each other.
pub fn pack_u8(isa: Isa, batch: usize, plain: &[u8], scale: f32, shift: f32, lanes: &mut [f32]) {
    let sample = sample_len(batch, plain.len(), lanes.len());
    // SAFETY: the lengths are as asserted.
    unsafe { dispatch(isa, PackU8 { sample, plain, scale, shift, lanes }) };
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

struct Pack<'a> {
    sample: usize,
    plain: &'a [f32],
    lanes: &'a mut [f32],
}

impl Kernel for Pack<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let Pack { sample, plain, lanes } = self;
        if sample == 0 {
            return;
        }
        let groups = lanes.chunks_exact_mut(sample * LANES);
        for (plain, lanes) in plain.chunks(LANES * sample).zip(groups) {
            let rows = plain.len() / sample;
            let whole = sample / V::LEN * V::LEN;
            let mut at = 0;
            while at < whole {
                let mut lane = 0;
                while lane < LANES {
                    let rows = rows.saturating_sub(lane).min(V::LEN);
                    // SAFETY: `rows` samples of at least `at + V::LEN` numbers start at `lane`; where
                    // there is none, nothing is read.
                    unsafe {
                        let from = plain.as_ptr().wrapping_add(lane * sample + at);
                        let to = lanes.as_mut_ptr().add(at * LANES + lane);
                        let from = Tile { start: from, stride: sample };
                        V::transpose(from, rows, Tile { start: to, stride: LANES }, V::LEN);
                    }
                    lane += V::LEN;
                }
                at += V::LEN;
            }
            for at in whole..sample {
                for (lane, value) in lanes[at * LANES..][..LANES].iter_mut().enumerate() {
                    *value = if lane < rows { plain[lane * sample + at] } else { 0.0 };
                }
            }
        }
    }
}

struct PackU8<'a> {
    sample: usize,
    plain: &'a [u8],
    scale: f32,
    shift: f32,
    lanes: &'a mut [f32],
}

impl Kernel for PackU8<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let PackU8 { sample, plain, scale, shift, lanes } = self;
        if sample == 0 {
            return;
        }
        let groups = lanes.chunks_exact_mut(sample * LANES);
        for (plain, lanes) in plain.chunks(LANES * sample).zip(groups) {
            let rows = plain.len() / sample;
            let whole = sample / V::LEN * V::LEN;
            let mut at = 0;
            while at < whole {
                let mut lane = 0;
                while lane < LANES {
                    let rows = rows.saturating_sub(lane).min(V::LEN);
                    // SAFETY: as in `pack_body`.
                    unsafe {
                        let from = plain.as_ptr().wrapping_add(lane * sample + at);
                        let to = lanes.as_mut_ptr().add(at * LANES + lane);
                        let from = Tile { start: from, stride: sample };
                        V::transpose_u8(from, rows, Tile { start: to, stride: LANES }, scale, shift);
                    }
                    lane += V::LEN;
                }
                at += V::LEN;
            }
            for at in whole..sample {
                for (lane, value) in lanes[at * LANES..][..LANES].iter_mut().enumerate() {
                    let byte = |lane: usize| f32::from(plain[lane * sample + at]);
                    *value = if lane < rows { byte(lane) * scale + shift } else { 0.0 };
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
            let rows = plain.len() / sample;
            // SAFETY: `rows` samples of `sample` numbers, from as many pixels.
            unsafe { deinterleave::<V>(sample, lanes.as_ptr(), rows, plain.as_mut_ptr(), sample) };
        }
    }
}

/// Writes the first `rows` samples of a group, each `stride` numbers after the one before.
///
/// # Safety
/// As [`Vector`]; `lanes` points to `sample` pixels of sixteen lanes, `plain` to the samples.
#[inline(always)]
pub(super) unsafe fn deinterleave<V: Vector>(
    sample: usize,
    lanes: *const f32,
    rows: usize,
    plain: *mut f32,
    stride: usize,
) {
    let whole = sample / V::LEN * V::LEN;
    let mut at = 0;
    while at < whole {
        let mut lane = 0;
        while lane < rows {
            // SAFETY: the tile lies inside both; rows past the last are not written.
            unsafe {
                let from = Tile { start: lanes.add(at * LANES + lane), stride: LANES };
                let to = Tile { start: plain.add(lane * stride + at), stride };
                V::transpose(from, V::LEN, to, rows - lane);
            }
            lane += V::LEN;
        }
        at += V::LEN;
    }
    for lane in 0..rows {
        for at in whole..sample {
            // SAFETY: as above.
            unsafe { *plain.add(lane * stride + at) = *lanes.add(at * LANES + lane) };
        }
    }
}
