//! Vectors of AVX-512 and of AVX2 with FMA.

use super::{Kernel, Tile, Vector};
use std::arch::x86_64::*;

#[derive(Clone, Copy)]
#[repr(transparent)]
pub(super) struct Avx512(__m512);

// SAFETY of every block below: the trait's contract gives the instruction set and, where there is
// a pointer, `LEN` elements behind it; the instructions used allow any alignment.
#[expect(clippy::undocumented_unsafe_blocks, reason = "one reason for all, above")]
impl Vector for Avx512 {
    const LEN: usize = 16;
    const REGISTERS: usize = 32;
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
    unsafe fn transpose(from: Tile<*const f32>, rows: usize, to: Tile<*mut f32>, columns: usize) {
        unsafe {
            let mut tile = [_mm512_setzero_ps(); 16];
            let mut i = 0;
            while i < 16 {
                if i < rows {
                    tile[i] = _mm512_loadu_ps(from.start.add(i * from.stride));
                }
                i += 1;
            }
            let tile = transpose16(tile);
            let mut j = 0;
            while j < 16 {
                if j < columns {
                    _mm512_storeu_ps(to.start.add(j * to.stride), tile[j]);
                }
                j += 1;
            }
        }
    }

    #[inline(always)]
    unsafe fn transpose_u8(
        from: Tile<*const u8>,
        rows: usize,
        to: Tile<*mut f32>,
        scale: f32,
        shift: f32,
    ) {
        unsafe {
            let (scale, shift) = (Self::splat(scale), Self::splat(shift));
            let mut tile = [_mm512_setzero_ps(); 16];
            let mut i = 0;
            while i < 16 {
                if i < rows {
                    let row = Self::load_u8(from.start.add(i * from.stride));
                    tile[i] = row.mul_add(scale, shift).0;
                }
                i += 1;
            }
            let tile = transpose16(tile);
            let mut j = 0;
            while j < 16 {
                _mm512_storeu_ps(to.start.add(j * to.stride), tile[j]);
                j += 1;
            }
        }
    }
}

/// Transposes 16 rows of 16 numbers: within blocks of 4x4, then the blocks.
///
/// # Safety
/// The processor has AVX-512 F.
#[inline(always)]
unsafe fn transpose16(mut r: [__m512; 16]) -> [__m512; 16] {
    // SAFETY: register to register only.
    unsafe {
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
        let mut out = r;
        let mut j = 0;
        while j < 4 {
            let low = _mm512_shuffle_f32x4::<0x88>(r[j], r[j + 4]);
            let high = _mm512_shuffle_f32x4::<0x88>(r[j + 8], r[j + 12]);
            out[j] = _mm512_shuffle_f32x4::<0x88>(low, high);
            out[j + 8] = _mm512_shuffle_f32x4::<0xdd>(low, high);
            let low = _mm512_shuffle_f32x4::<0xdd>(r[j], r[j + 4]);
            let high = _mm512_shuffle_f32x4::<0xdd>(r[j + 8], r[j + 12]);
            out[j + 4] = _mm512_shuffle_f32x4::<0x88>(low, high);
            out[j + 12] = _mm512_shuffle_f32x4::<0xdd>(low, high);
            j += 1;
        }
        out
    }
}

#[derive(Clone, Copy)]
#[repr(transparent)]
pub(super) struct Avx2(__m256);

// SAFETY of every block below: as for `Avx512`.
#[expect(clippy::undocumented_unsafe_blocks, reason = "one reason for all, above")]
impl Vector for Avx2 {
    const LEN: usize = 8;
    const REGISTERS: usize = 16;
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
            let (low, high) =
                (_mm256_castsi256_si128(words), _mm256_extracti128_si256::<1>(words));
            let shorts = _mm_packus_epi32(low, high);
            _mm_storel_epi64(to.cast(), _mm_packus_epi16(shorts, shorts));
        }
    }

    #[inline(always)]
    unsafe fn transpose(from: Tile<*const f32>, rows: usize, to: Tile<*mut f32>, columns: usize) {
        unsafe {
            let mut tile = [_mm256_setzero_ps(); 8];
            let mut i = 0;
            while i < 8 {
                if i < rows {
                    tile[i] = _mm256_loadu_ps(from.start.add(i * from.stride));
                }
                i += 1;
            }
            let tile = transpose8(tile);
            let mut j = 0;
            while j < 8 {
                if j < columns {
                    _mm256_storeu_ps(to.start.add(j * to.stride), tile[j]);
                }
                j += 1;
            }
        }
    }

    #[inline(always)]
    unsafe fn transpose_u8(
        from: Tile<*const u8>,
        rows: usize,
        to: Tile<*mut f32>,
        scale: f32,
        shift: f32,
    ) {
        unsafe {
            let (scale, shift) = (Self::splat(scale), Self::splat(shift));
            let mut tile = [_mm256_setzero_ps(); 8];
            let mut i = 0;
            while i < 8 {
                if i < rows {
                    let row = Self::load_u8(from.start.add(i * from.stride));
                    tile[i] = row.mul_add(scale, shift).0;
                }
                i += 1;
            }
            let tile = transpose8(tile);
            let mut j = 0;
            while j < 8 {
                _mm256_storeu_ps(to.start.add(j * to.stride), tile[j]);
                j += 1;
            }
        }
    }
}

/// Transposes 8 rows of 8 numbers: within blocks of 4x4, then the blocks.
///
/// # Safety
/// The processor has AVX.
#[inline(always)]
unsafe fn transpose8(mut r: [__m256; 8]) -> [__m256; 8] {
    // SAFETY: register to register only.
    unsafe {
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
        let mut out = r;
        let mut j = 0;
        while j < 4 {
            out[j] = _mm256_permute2f128_ps::<0x20>(r[j], r[j + 4]);
            out[j + 4] = _mm256_permute2f128_ps::<0x31>(r[j], r[j + 4]);
            j += 1;
        }
        out
    }
}
