//! SSE2: four numbers in each of 16 registers, multiplied and added one after the other.

use super::super::{Kernel, LANES, Vector};
use std::arch::x86_64::*;

#[derive(Clone, Copy)]
#[repr(transparent)]
pub(in super::super) struct Sse2(__m128);

// SAFETY of every block below: every x86-64 has SSE2; the trait's contract gives `LEN` elements
// behind each pointer; the instructions used allow any alignment.
#[expect(clippy::undocumented_unsafe_blocks, reason = "one reason for all, above")]
impl Vector for Sse2 {
    const LEN: usize = 4;
    const REGISTERS: usize = 16;
    const SPLAT: usize = 2;
    type Mask = __m128;

    #[inline(never)]
    unsafe fn call(kernel: impl Kernel) {
        unsafe { kernel.run::<Self>() };
    }

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        Sse2(unsafe { _mm_set1_ps(value) })
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        Sse2(unsafe { _mm_loadu_ps(from) })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        unsafe { _mm_storeu_ps(to, self.0) };
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        Sse2(unsafe { _mm_add_ps(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn div(self, other: Self) -> Self {
        Sse2(unsafe { _mm_div_ps(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn mul_add(self, factor: Self, sum: Self) -> Self {
        Sse2(unsafe { _mm_add_ps(_mm_mul_ps(self.0, factor.0), sum.0) })
    }

    #[inline(always)]
    unsafe fn sum(self) -> f32 {
        unsafe {
            let two = _mm_add_ps(self.0, _mm_movehl_ps(self.0, self.0));
            _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps::<1>(two, two)))
        }
    }

    #[inline(always)]
    unsafe fn above_zero(self) -> __m128 {
        unsafe { _mm_cmpnle_ps(self.0, _mm_setzero_ps()) }
    }

    #[inline(always)]
    unsafe fn beats(self, best: Self) -> __m128 {
        unsafe { _mm_or_ps(_mm_cmpgt_ps(self.0, best.0), _mm_cmpunord_ps(self.0, self.0)) }
    }

    #[inline(always)]
    unsafe fn equals(self, other: Self) -> __m128 {
        unsafe { _mm_cmpeq_ps(self.0, other.0) }
    }

    #[inline(always)]
    unsafe fn select(mask: __m128, yes: Self, no: Self) -> Self {
        unsafe { Sse2(_mm_or_ps(_mm_and_ps(mask, yes.0), _mm_andnot_ps(mask, no.0))) }
    }

    #[inline(always)]
    unsafe fn load_u8(from: *const u8) -> Self {
        unsafe {
            let zero = _mm_setzero_si128();
            let bytes = _mm_cvtsi32_si128(from.cast::<i32>().read_unaligned());
            let shorts = _mm_unpacklo_epi8(bytes, zero);
            Sse2(_mm_cvtepi32_ps(_mm_unpacklo_epi16(shorts, zero)))
        }
    }

    #[inline(always)]
    unsafe fn store_u8(self, to: *mut u8) {
        unsafe {
            let words = _mm_cvttps_epi32(self.0);
            let shorts = _mm_packs_epi32(words, words);
            let bytes = _mm_cvtsi128_si32(_mm_packus_epi16(shorts, shorts));
            to.cast::<i32>().write_unaligned(bytes);
        }
    }

    #[inline(always)]
    unsafe fn evens(self, next: Self) -> Self {
        Sse2(unsafe { _mm_shuffle_ps::<0x88>(self.0, next.0) })
    }

    #[inline(always)]
    unsafe fn transpose(mut rows: [Self; LANES]) -> [Self; LANES] {
        unsafe {
            let [a, b, c, d] = [rows[0].0, rows[1].0, rows[2].0, rows[3].0];
            let (low, high) = (_mm_unpacklo_ps(a, b), _mm_unpacklo_ps(c, d));
            rows[0] = Sse2(_mm_movelh_ps(low, high));
            rows[1] = Sse2(_mm_movehl_ps(high, low));
            let (low, high) = (_mm_unpackhi_ps(a, b), _mm_unpackhi_ps(c, d));
            rows[2] = Sse2(_mm_movelh_ps(low, high));
            rows[3] = Sse2(_mm_movehl_ps(high, low));
            rows
        }
    }
}
