//! AVX2 with FMA: eight numbers in each of 16 registers.

use super::super::{Kernel, LANES, Vector};
use std::arch::x86_64::*;

#[derive(Clone, Copy)]
#[repr(transparent)]
pub(in super::super) struct Avx2(pub(super) __m256);

// SAFETY of every block below: the trait's contract gives the instruction set and, where there is
// a pointer, `LEN` elements behind it; the instructions used allow any alignment.
#[expect(clippy::undocumented_unsafe_blocks, reason = "one reason for all, above")]
impl Vector for Avx2 {
    const LEN: usize = 8;
    const REGISTERS: usize = 16;
    const SPLAT: usize = 1;
    type Mask = __m256;

    #[inline(never)]
    #[target_feature(enable = "avx2,fma")]
    unsafe fn call(kernel: impl Kernel) {
        unsafe { kernel.run::<Self>() };
    }

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        Avx2(unsafe { _mm256_set1_ps(value) })
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        Avx2(unsafe { _mm256_loadu_ps(from) })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        unsafe { _mm256_storeu_ps(to, self.0) };
    }

    #[inline(always)]
    unsafe fn load_first(from: *const f32, count: usize) -> Self {
        unsafe {
            let lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
            let count = _mm256_set1_epi32(count.min(8) as i32);
            Avx2(_mm256_maskload_ps(from, _mm256_cmpgt_epi32(count, lane)))
        }
    }

    #[inline(always)]
    unsafe fn store_first(self, to: *mut f32, count: usize) {
        unsafe {
            let lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
            let count = _mm256_set1_epi32(count.min(8) as i32);
            _mm256_maskstore_ps(to, _mm256_cmpgt_epi32(count, lane), self.0);
        }
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
        Avx2(unsafe { _mm256_add_ps(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn div(self, other: Self) -> Self {
        Avx2(unsafe { _mm256_div_ps(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn mul_add(self, factor: Self, sum: Self) -> Self {
        Avx2(unsafe { _mm256_fmadd_ps(self.0, factor.0, sum.0) })
    }

    #[inline(always)]
    unsafe fn sum(self) -> f32 {
        unsafe {
            let (low, high) = (_mm256_castps256_ps128(self.0), _mm256_extractf128_ps::<1>(self.0));
            let four = _mm_add_ps(low, high);
            let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
            _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)))
        }
    }

    #[inline(always)]
    unsafe fn above_zero(self) -> __m256 {
        unsafe { _mm256_cmp_ps::<_CMP_NLE_UQ>(self.0, _mm256_setzero_ps()) }
    }

    #[inline(always)]
    unsafe fn beats(self, best: Self) -> __m256 {
        unsafe {
            let larger = _mm256_cmp_ps::<_CMP_GT_OQ>(self.0, best.0);
            _mm256_or_ps(larger, _mm256_cmp_ps::<_CMP_UNORD_Q>(self.0, self.0))
        }
    }

    #[inline(always)]
    unsafe fn equals(self, other: Self) -> __m256 {
        unsafe { _mm256_cmp_ps::<_CMP_EQ_OQ>(self.0, other.0) }
    }

    #[inline(always)]
    unsafe fn select(mask: __m256, yes: Self, no: Self) -> Self {
        Avx2(unsafe { _mm256_blendv_ps(no.0, yes.0, mask) })
    }

    #[inline(always)]
    unsafe fn load_u8(from: *const u8) -> Self {
        unsafe {
            let bytes = _mm_loadl_epi64(from.cast());
            Avx2(_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(bytes)))
        }
    }

    #[inline(always)]
    unsafe fn store_u8(self, to: *mut u8) {
        unsafe {
            let words = _mm256_cvttps_epi32(self.0);
            let (low, high) = (_mm256_castsi256_si128(words), _mm256_extracti128_si256::<1>(words));
            let shorts = _mm_packus_epi32(low, high);
            _mm_storel_epi64(to.cast(), _mm_packus_epi16(shorts, shorts));
        }
    }

    #[inline(always)]
    unsafe fn evens(self, next: Self) -> Self {
        unsafe {
            // Pairs of both, in turn: 0, 2 of `self`, 0, 2 of `next`, 4, 6 of `self`, ...
            let pairs = _mm256_castps_pd(_mm256_shuffle_ps::<0x88>(self.0, next.0));
            Avx2(_mm256_castpd_ps(_mm256_permute4x64_pd::<0xd8>(pairs)))
        }
    }

    #[inline(always)]
    unsafe fn transpose(rows: [Self; LANES]) -> [Self; LANES] {
        unsafe { transpose8(rows) }
    }
}

/// Transposes 8 rows of 8 numbers: within blocks of 4x4, then the blocks.
///
/// # Safety
/// The processor has AVX.
#[inline(always)]
unsafe fn transpose8(rows: [Avx2; LANES]) -> [Avx2; LANES] {
    // SAFETY: register to register only.
    unsafe {
        let mut r = [rows[0].0; LANES];
        let mut i = 0;
        while i < LANES {
            r[i] = rows[i].0;
            i += 1;
        }
        let mut i = 0;
        while i < 8 {
            let (a, b) = (_mm256_unpacklo_ps(r[i], r[i + 1]), _mm256_unpackhi_ps(r[i], r[i + 1]));
            let (c, d) =
                (_mm256_unpacklo_ps(r[i + 2], r[i + 3]), _mm256_unpackhi_ps(r[i + 2], r[i + 3]));
            r[i] = _mm256_shuffle_ps::<0x44>(a, c);
            r[i + 1] = _mm256_shuffle_ps::<0xee>(a, c);
            r[i + 2] = _mm256_shuffle_ps::<0x44>(b, d);
            r[i + 3] = _mm256_shuffle_ps::<0xee>(b, d);
            i += 4;
        }
        let mut out = rows;
        let mut j = 0;
        while j < 4 {
            out[j] = Avx2(_mm256_permute2f128_ps::<0x20>(r[j], r[j + 4]));
            out[j + 4] = Avx2(_mm256_permute2f128_ps::<0x31>(r[j], r[j + 4]));
            j += 1;
        }
        out
    }
}
