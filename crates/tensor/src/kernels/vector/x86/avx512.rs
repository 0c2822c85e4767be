//! AVX-512: sixteen numbers in each of 32 registers.

use super::super::{Kernel, LANES, Vector};
use super::Avx2;
use std::arch::x86_64::*;

#[derive(Clone, Copy)]
#[repr(transparent)]
pub(in super::super) struct Avx512(__m512);

// SAFETY of every block below: the trait's contract gives the instruction set and, where there is
// a pointer, `LEN` elements behind it; the instructions used allow any alignment.
#[expect(clippy::undocumented_unsafe_blocks, reason = "one reason for all, above")]
impl Vector for Avx512 {
    const LEN: usize = 16;
    const REGISTERS: usize = 32;
    const SPLAT: usize = 1;
    type Mask = __mmask16;

    #[inline(never)]
    #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")]
    unsafe fn call(kernel: impl Kernel) {
        unsafe { kernel.run::<Self>() };
    }

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        Avx512(unsafe { _mm512_set1_ps(value) })
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        Avx512(unsafe { _mm512_loadu_ps(from) })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        unsafe { _mm512_storeu_ps(to, self.0) };
    }

    #[inline(always)]
    unsafe fn load_first(from: *const f32, count: usize) -> Self {
        let mask = if count < 16 { (1 << count) - 1 } else { u16::MAX };
        Avx512(unsafe { _mm512_maskz_loadu_ps(mask, from) })
    }

    #[inline(always)]
    unsafe fn store_first(self, to: *mut f32, count: usize) {
        let mask = if count < 16 { (1 << count) - 1 } else { u16::MAX };
        unsafe { _mm512_mask_storeu_ps(to, mask, self.0) };
    }

    #[inline(always)]
    fn prefetch(to: *const f32) {
        unsafe { _mm_prefetch::<_MM_HINT_T0>(to.cast()) };
    }

    #[inline(always)]
    fn prefetch_far(from: *const f32) {
        unsafe { _mm_prefetch::<_MM_HINT_T1>(from.cast()) };
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        Avx512(unsafe { _mm512_add_ps(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn div(self, other: Self) -> Self {
        Avx512(unsafe { _mm512_div_ps(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn mul_add(self, factor: Self, sum: Self) -> Self {
        Avx512(unsafe { _mm512_fmadd_ps(self.0, factor.0, sum.0) })
    }

    #[inline(always)]
    unsafe fn sum(self) -> f32 {
        unsafe {
            let low = _mm512_castps512_ps256(self.0);
            let high = _mm512_extractf32x8_ps::<1>(self.0);
            Avx2(_mm256_add_ps(low, high)).sum()
        }
    }

    #[inline(always)]
    unsafe fn above_zero(self) -> __mmask16 {
        unsafe { _mm512_cmp_ps_mask::<_CMP_NLE_UQ>(self.0, _mm512_setzero_ps()) }
    }

    #[inline(always)]
    unsafe fn beats(self, best: Self) -> __mmask16 {
        unsafe {
            _mm512_cmp_ps_mask::<_CMP_GT_OQ>(self.0, best.0)
                | _mm512_cmp_ps_mask::<_CMP_UNORD_Q>(self.0, self.0)
        }
    }

    #[inline(always)]
    unsafe fn equals(self, other: Self) -> __mmask16 {
        unsafe { _mm512_cmp_ps_mask::<_CMP_EQ_OQ>(self.0, other.0) }
    }

    #[inline(always)]
    unsafe fn select(mask: __mmask16, yes: Self, no: Self) -> Self {
        Avx512(unsafe { _mm512_mask_blend_ps(mask, no.0, yes.0) })
    }

    #[inline(always)]
    unsafe fn load_u8(from: *const u8) -> Self {
        unsafe {
            let bytes = _mm_loadu_si128(from.cast());
            Avx512(_mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(bytes)))
        }
    }

    #[inline(always)]
    unsafe fn store_u8(self, to: *mut u8) {
        unsafe {
            let bytes = _mm512_cvtepi32_epi8(_mm512_cvttps_epi32(self.0));
            _mm_storeu_si128(to.cast(), bytes);
        }
    }

    #[inline(always)]
    unsafe fn evens(self, next: Self) -> Self {
        unsafe {
            let lane = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
            Avx512(_mm512_permutex2var_ps(self.0, lane, next.0))
        }
    }

    #[inline(always)]
    unsafe fn transpose(rows: [Self; LANES]) -> [Self; LANES] {
        unsafe { transpose16(rows) }
    }
}

/// Transposes 16 rows of 16 numbers: within blocks of 4x4, then the blocks.
///
/// # Safety
/// The processor has AVX-512 F.
#[inline(always)]
unsafe fn transpose16(rows: [Avx512; LANES]) -> [Avx512; LANES] {
    // SAFETY: register to register only.
    unsafe {
        let mut r = [rows[0].0; LANES];
        let mut i = 0;
        while i < LANES {
            r[i] = rows[i].0;
            i += 1;
        }
        let mut i = 0;
        while i < 16 {
            let (a, b) = (_mm512_unpacklo_ps(r[i], r[i + 1]), _mm512_unpackhi_ps(r[i], r[i + 1]));
            let (c, d) =
                (_mm512_unpacklo_ps(r[i + 2], r[i + 3]), _mm512_unpackhi_ps(r[i + 2], r[i + 3]));
            r[i] = _mm512_shuffle_ps::<0x44>(a, c);
            r[i + 1] = _mm512_shuffle_ps::<0xee>(a, c);
            r[i + 2] = _mm512_shuffle_ps::<0x44>(b, d);
            r[i + 3] = _mm512_shuffle_ps::<0xee>(b, d);
            i += 4;
        }
        // r[4 i + j] now holds columns j, j + 4, j + 8, j + 12 of rows 4 i .. 4 i + 4.
        let mut out = rows;
        let mut j = 0;
        while j < 4 {
            let low = _mm512_shuffle_f32x4::<0x88>(r[j], r[j + 4]);
            let high = _mm512_shuffle_f32x4::<0x88>(r[j + 8], r[j + 12]);
            out[j] = Avx512(_mm512_shuffle_f32x4::<0x88>(low, high));
            out[j + 8] = Avx512(_mm512_shuffle_f32x4::<0xdd>(low, high));
            let low = _mm512_shuffle_f32x4::<0xdd>(r[j], r[j + 4]);
            let high = _mm512_shuffle_f32x4::<0xdd>(r[j + 8], r[j + 12]);
            out[j + 4] = Avx512(_mm512_shuffle_f32x4::<0x88>(low, high));
            out[j + 12] = Avx512(_mm512_shuffle_f32x4::<0xdd>(low, high));
            j += 1;
        }
        out
    }
}
