//! Vectors of f32, so that each kernel is written once for every instruction set.

mod portable;
#[cfg(target_arch = "x86_64")]
mod x86;

use crate::kernels::isa::Isa;

use portable::Portable;
#[cfg(target_arch = "x86_64")]
use x86::{Avx2, Avx512};

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

    /// Runs a kernel as a function of its own, compiled for this instruction set.
    unsafe fn call(kernel: impl Kernel);

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

/// A kernel's body with its arguments, written once for every vector.
pub(super) trait Kernel {
    /// # Safety
    /// As [`Vector`]; and the arguments are such that every access lies inside its slice.
    unsafe fn run<V: Vector>(self);
}

/// Runs a kernel with the best vectors that `isa` allows and the processor has.
///
/// # Safety
/// The arguments are such that every access lies inside its slice.
pub(super) unsafe fn dispatch(isa: Isa, kernel: impl Kernel) {
    // SAFETY: `available` returns a set only where the processor has it; the rest is passed on.
    unsafe {
        match isa.available() {
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => Avx512::call(kernel),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => Avx2::call(kernel),
            _ => Portable::call(kernel),
        }
    }
}
