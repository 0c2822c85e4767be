//! Vectors of f32, so that each kernel is written once for every instruction set.

#[cfg(any(test, not(target_arch = "x86_64")))]
mod array;
#[cfg(target_arch = "x86_64")]
mod x86;

use crate::kernels::isa::Isa;
use crate::kernels::lanes::LANES;

#[cfg(not(target_arch = "x86_64"))]
use array::Array as Baseline;
#[cfg(target_arch = "x86_64")]
use x86::{Avx2, Avx512, Sse2 as Baseline};

/// Numbers of a cache line.
pub(super) const LINE: usize = 16;

/// A vector register of f32.
///
/// # Safety
/// Every method may be called only where the processor has the instruction set that the type is
/// named after, and only from functions that are inlined into one compiled for that set. The
/// methods that take a pointer read or write [`Vector::LEN`] elements there, at any alignment.
pub(super) trait Vector: Copy {
    /// Numbers in a vector; divides [`LANES`].
    const LEN: usize;
    /// Vector registers of the processor.
    const REGISTERS: usize;
    /// What [`Vector::splat`] from memory costs, where [`Vector::load`] costs 1.
    const SPLAT: usize;
    /// The outcome of a comparison in each lane.
    type Mask: Copy;

    /// Runs a kernel as a function of its own, compiled for this instruction set.
    unsafe fn call(kernel: impl Kernel);

    unsafe fn splat(value: f32) -> Self;
    unsafe fn load(from: *const f32) -> Self;
    unsafe fn store(self, to: *mut f32);
    /// Loads the first `count` numbers, at most `LEN`, and fills the rest with zeros.
    #[inline(always)]
    unsafe fn load_first(from: *const f32, count: usize) -> Self {
        let mut all = [0.0; LANES];
        // SAFETY: the first numbers are there, and `all` holds a whole vector.
        unsafe {
            for (i, value) in all[..count.min(Self::LEN)].iter_mut().enumerate() {
                *value = *from.add(i);
            }
            Self::load(all.as_ptr())
        }
    }
    /// Stores the first `count` numbers, at most `LEN`, only.
    #[inline(always)]
    unsafe fn store_first(self, to: *mut f32, count: usize) {
        let mut all = [0.0; LANES];
        // SAFETY: `all` holds a whole vector, and `to` the first numbers of it.
        unsafe {
            self.store(all.as_mut_ptr());
            for (i, &value) in all[..count.min(Self::LEN)].iter().enumerate() {
                *to.add(i) = value;
            }
        }
    }

    /// Asks for the cache line at an address that will soon be written; any address will do.
    #[inline(always)]
    fn prefetch(_to: *const f32) {}

    /// Asks for the cache line at an address that will be read before long, not at once; any address
    /// will do.
    #[inline(always)]
    fn prefetch_far(_from: *const f32) {}

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

    /// Numbers 0, 2, 4 … of two vectors, one after the other.
    unsafe fn evens(self, next: Self) -> Self;

    /// Transposes the square of the first `LEN` rows; the others mean nothing, before and after.
    unsafe fn transpose(rows: [Self; LANES]) -> [Self; LANES];
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
            _ => Baseline::call(kernel),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPECIAL: [f32; 16] = [
        1.5,
        -2.0,
        0.0,
        -0.0,
        f32::NAN,
        f32::INFINITY,
        f32::NEG_INFINITY,
        3.25,
        -1e-40,
        1e-40,
        7.0,
        -7.5,
        255.0,
        0.1,
        -0.3,
        1e30,
    ];

    /// Every operation over sixteen lanes, a result after the other.
    struct Everything<'a>(&'a mut Vec<f32>);

    impl Kernel for Everything<'_> {
        #[inline(always)]
        unsafe fn run<V: Vector>(self) {
            let bytes: [u8; 16] = std::array::from_fn(|i| (i * 17) as u8);
            let other: [f32; 16] = std::array::from_fn(|i| SPECIAL[(i * 5 + 3) % 16]);
            let mut results = [[f32::NAN; 16]; 14];
            let mut back = [1_u8; 16];
            // SAFETY: every pointer is `at` numbers into an array of sixteen.
            unsafe {
                for at in (0..16).step_by(V::LEN) {
                    let a = V::load(SPECIAL.as_ptr().add(at));
                    let b = V::load(other.as_ptr().add(at));
                    let bytes = V::load_u8(bytes.as_ptr().add(at));
                    bytes.store_u8(back.as_mut_ptr().add(at));
                    let (yes, no) = (V::splat(1.0), V::splat(2.0));
                    let values = [
                        a.add(b),
                        a.div(b),
                        V::select(a.above_zero(), yes, no),
                        V::select(a.beats(b), yes, no),
                        V::select(a.equals(b), yes, no),
                        bytes,
                        bytes.mul_add(yes, no),
                        V::splat(bytes.sum()),
                    ];
                    for i in 0..values.len() {
                        values[i].store(results[i].as_mut_ptr().add(at));
                    }
                    bytes.evens(yes).store(results[13].as_mut_ptr().add(at));
                    bytes.store_first(results[8].as_mut_ptr().add(at), V::LEN - 1);
                    bytes.store_first(results[9].as_mut_ptr().add(at), 0);
                    bytes.store_first(results[10].as_mut_ptr().add(at), V::LEN);
                    let from = SPECIAL.as_ptr().add(at);
                    V::load_first(from, V::LEN - 1).store(results[11].as_mut_ptr().add(at));
                    V::load_first(from, V::LEN).store(results[12].as_mut_ptr().add(at));
                }
                let mut square = [V::splat(0.0); LANES];
                for (i, square) in square.iter_mut().enumerate().take(V::LEN) {
                    let row: [f32; 16] = std::array::from_fn(|j| (i * 100 + j) as f32);
                    *square = V::load(row.as_ptr());
                }
                let square = V::transpose(square);
                let mut rows = [[0.0; 16]; 16];
                for i in 0..V::LEN {
                    square[i].store(rows[i].as_mut_ptr());
                    for (j, &found) in rows[i].iter().enumerate().take(V::LEN) {
                        assert_eq!(found, (j * 100 + i) as f32);
                    }
                }
            }
            assert_eq!(back, bytes);
            let width = V::LEN;
            for i in 0..16 {
                let (a, b) = (SPECIAL[i], other[i]);
                let pick = |mask: bool| if mask { 1.0 } else { 2.0 };
                let byte = f32::from(bytes[i]);
                let start = i / width * width;
                let sum: f32 = bytes[start..][..width].iter().map(|&byte| f32::from(byte)).sum();
                let last = i % width == width - 1;
                let expected = [
                    a + b,
                    a / b,
                    pick(a > 0.0 || a.is_nan()),
                    pick(a > b || a.is_nan()),
                    pick(a == b),
                    byte,
                    byte + 2.0,
                    sum,
                    if last { f32::NAN } else { byte },
                    f32::NAN,
                    byte,
                    if last { 0.0 } else { a },
                    a,
                    bytes[start..][..width]
                        .get(2 * (i - start))
                        .map_or(1.0, |&byte| f32::from(byte)),
                ];
                for (k, expected) in expected.into_iter().enumerate() {
                    let found = results[k][i];
                    let same = found == expected || (found.is_nan() && expected.is_nan());
                    assert!(same, "operation {k} in lane {i}: {found}, expected {expected}");
                    self.0.push(found);
                }
            }
        }
    }

    #[test]
    fn every_vector_computes_what_scalars_do() {
        let mut results = Vec::new();
        for isa in [Isa::Portable, Isa::Avx2, Isa::Avx512] {
            // SAFETY: the kernel works on arrays of its own.
            unsafe { dispatch(isa, Everything(&mut results)) };
        }
        // SAFETY: as above.
        unsafe { array::Array::call(Everything(&mut results)) };
        assert_eq!(results.len(), 4 * 16 * 14);
    }
}
