//! Vectors of f32, so that each kernel is written once for every instruction set.

mod portable;
#[cfg(target_arch = "x86_64")]
mod x86;

pub(super) use portable::Portable;
#[cfg(target_arch = "x86_64")]
pub(super) use x86::{Avx2, Avx512};

/// A vector register of f32.
///
/// # Safety
/// Every method may be called only where the processor has the instruction set that the type is
/// named after, and only from functions that are inlined into one compiled for that set. The
/// methods that take a pointer read or write [`Vector::LEN`] elements there, at any alignment.
pub(super) trait Vector: Copy {
    /// Numbers in a vector; divides [`LANES`](super::LANES).
    const LEN: usize;
    /// Vector registers of the processor.
    const REGISTERS: usize;
    /// The outcome of a comparison in each lane.
    type Mask: Copy;

    unsafe fn splat(value: f32) -> Self;
    unsafe fn load(from: *const f32) -> Self;
    unsafe fn store(self, to: *mut f32);
    unsafe fn add(self, other: Self) -> Self;
    unsafe fn div(self, other: Self) -> Self;
    /// `self · factor + sum`, rounded once where the processor can.
    unsafe fn mul_add(self, factor: Self, sum: Self) -> Self;
    /// The sum of the lanes, pairwise.
    unsafe fn sum(self) -> f32;

    /// Where `self` is not `<= 0`: positive or NaN.
    unsafe fn above_zero(self) -> Self::Mask;
    /// Where `self` replaces `best` as a maximum: larger, or NaN.
    unsafe fn beats(self, best: Self) -> Self::Mask;
    unsafe fn equals(self, other: Self) -> Self::Mask;
    unsafe fn select(mask: Self::Mask, yes: Self, no: Self) -> Self;

    /// Small whole numbers from bytes.
    unsafe fn load_u8(from: *const u8) -> Self;
    /// Whole numbers from 0 to 255 as bytes.
    unsafe fn store_u8(self, to: *mut u8);

    /// Transposes a tile of `LEN` rows of `LEN` numbers; the first `rows` rows are read and the
    /// others taken to be 0, the first `columns` rows of the result are written.
    unsafe fn transpose(from: Tile<*const f32>, rows: usize, to: Tile<*mut f32>, columns: usize);
    /// As [`Vector::transpose`] of `scale · byte + shift`; rows that are not read stay 0.
    unsafe fn transpose_u8(
        from: Tile<*const u8>,
        rows: usize,
        to: Tile<*mut f32>,
        scale: f32,
        shift: f32,
    );
}

/// Where a tile of a matrix starts and how many elements lie from one row to the next.
#[derive(Clone, Copy)]
pub(super) struct Tile<P> {
    pub(super) start: P,
    pub(super) stride: usize,
}

/// Defines a public kernel around a body that is generic over [`Vector`]: the body is compiled
/// once per instruction set, and `isa` picks.
macro_rules! per_isa {
    ($isa:expr, $body:ident($($arg:ident: $ty:ty),* $(,)?)) => {{
        #[cfg(target_arch = "x86_64")]
        {
            #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")]
            fn avx512($($arg: $ty),*) {
                // SAFETY: this function is compiled for the vector's instruction set, and its
                // caller has asserted the lengths that the body relies on.
                unsafe { $body::<$crate::kernels::lanes::vector::Avx512>($($arg),*) }
            }
            #[target_feature(enable = "avx2,fma")]
            fn avx2($($arg: $ty),*) {
                // SAFETY: as above.
                unsafe { $body::<$crate::kernels::lanes::vector::Avx2>($($arg),*) }
            }
            match $crate::kernels::isa::Isa::available($isa) {
                // SAFETY: `available` returns a set only where the processor has it.
                $crate::kernels::isa::Isa::Avx512 => return unsafe { avx512($($arg),*) },
                // SAFETY: as above.
                $crate::kernels::isa::Isa::Avx2 => return unsafe { avx2($($arg),*) },
                $crate::kernels::isa::Isa::Portable => {}
            }
        }
        // SAFETY: the portable vector needs no instruction set; lengths as above.
        unsafe { $body::<$crate::kernels::lanes::vector::Portable>($($arg),*) }
    }};
}

pub(super) use per_isa;
