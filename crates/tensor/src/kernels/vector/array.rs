//! Four numbers in plain Rust, which the compiler turns into one register where it has those.

use super::{Kernel, LANES, Vector};

#[derive(Clone, Copy)]
#[repr(transparent)]
pub(super) struct Array([f32; 4]);

/// One expression per lane.
macro_rules! lanes {
    (|$i:ident| $value:expr) => {{
        let mut lanes = [Default::default(); 4];
        let mut $i = 0;
        while $i < 4 {
            lanes[$i] = $value;
            $i += 1;
        }
        lanes
    }};
}

impl Vector for Array {
    const LEN: usize = 4;
    const REGISTERS: usize = if cfg!(target_arch = "aarch64") { 32 } else { 16 };
    const SPLAT: usize = 1;
    type Mask = [bool; 4];

    #[inline(never)]
    unsafe fn call(kernel: impl Kernel) {
        // SAFETY: passed on; this vector needs no instruction set.
        unsafe { kernel.run::<Self>() };
    }

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        Array([value; 4])
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller vouches for four elements; an array of f32 may be unaligned here.
        Array(unsafe { from.cast::<[f32; 4]>().read_unaligned() })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: as in `load`.
        unsafe { to.cast::<[f32; 4]>().write_unaligned(self.0) };
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        Array(lanes!(|i| self.0[i] + other.0[i]))
    }

    #[inline(always)]
    unsafe fn div(self, other: Self) -> Self {
        Array(lanes!(|i| self.0[i] / other.0[i]))
    }

    #[inline(always)]
    unsafe fn mul_add(self, factor: Self, sum: Self) -> Self {
        Array(lanes!(|i| self.0[i] * factor.0[i] + sum.0[i]))
    }

    #[inline(always)]
    unsafe fn sum(self) -> f32 {
        (self.0[0] + self.0[2]) + (self.0[1] + self.0[3])
    }

    #[inline(always)]
    unsafe fn above_zero(self) -> [bool; 4] {
        // Not `> 0.0`, which is false for NaN.
        #[expect(clippy::neg_cmp_op_on_partial_ord)]
        let mask = lanes!(|i| !(self.0[i] <= 0.0));
        mask
    }

    #[inline(always)]
    unsafe fn beats(self, best: Self) -> [bool; 4] {
        lanes!(|i| (self.0[i] > best.0[i]) | self.0[i].is_nan())
    }

    #[inline(always)]
    unsafe fn equals(self, other: Self) -> [bool; 4] {
        lanes!(|i| self.0[i] == other.0[i])
    }

    #[inline(always)]
    unsafe fn select(mask: [bool; 4], yes: Self, no: Self) -> Self {
        Array(lanes!(|i| if mask[i] { yes.0[i] } else { no.0[i] }))
    }

    #[inline(always)]
    unsafe fn load_u8(from: *const u8) -> Self {
        // SAFETY: the caller vouches for four bytes.
        let bytes = unsafe { from.cast::<[u8; 4]>().read() };
        Array(lanes!(|i| f32::from(bytes[i])))
    }

    #[inline(always)]
    unsafe fn store_u8(self, to: *mut u8) {
        let bytes: [u8; 4] = lanes!(|i| self.0[i] as u8);
        // SAFETY: the caller vouches for four bytes.
        unsafe { to.cast::<[u8; 4]>().write(bytes) };
    }

    #[inline(always)]
    unsafe fn evens(self, next: Self) -> Self {
        Array([self.0[0], self.0[2], next.0[0], next.0[2]])
    }

    #[inline(always)]
    unsafe fn transpose(mut rows: [Self; LANES]) -> [Self; LANES] {
        let square = rows;
        for (j, row) in rows.iter_mut().enumerate().take(4) {
            *row = Array(lanes!(|i| square[i].0[j]));
        }
        rows
    }
}
