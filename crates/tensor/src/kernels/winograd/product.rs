//! The products between the transforms: many small matrices, in register blocks.
//!
//! All three matrices consist of columns of [`LANES`] numbers: `[columns / 16, rows, 16]`. So the
//! distances inside a block are constants, and no operand needs to be packed.

use super::super::lanes::LANES;
use crate::kernels::vector::{Kernel, Vector};

/// `out[i, j] (+)= Σ_k left(i, k) · right[k, j]` for every row `i` of the left matrix and every
/// column `j` of the right one.
#[derive(Clone, Copy)]
pub(super) struct Product {
    /// `[depth / 16, rows, 16]`, or where it is transposed `[rows / 16, depth, 16]`.
    pub(super) left: *const f32,
    /// Numbers from one 16 columns of `left` to the next.
    pub(super) left_step: usize,
    /// `[columns / 16, depth, 16]`.
    pub(super) right: *const f32,
    pub(super) right_step: usize,
    /// `[columns / 16, rows, 16]`.
    pub(super) out: *mut f32,
    pub(super) out_step: usize,
    /// An even number; where `left` is transposed, a multiple of 16.
    pub(super) rows: usize,
    pub(super) depth: usize,
    /// A multiple of 16.
    pub(super) columns: usize,
    /// Whether the product is added to what `out` holds.
    pub(super) add: bool,
}

/// Most rows of a block: with two columns of vectors, two vectors of the right matrix and one
/// number of the left, they fill the registers.
const fn most_rows<V: Vector>() -> usize {
    if V::REGISTERS >= 32 { 14 } else { 6 }
}

impl Product {
    /// # Safety
    /// As [`Vector`]; the matrices are there, and `out` overlaps neither of the others.
    pub(super) unsafe fn run<V: Vector, const TRANSPOSED: bool>(self) {
        let vectors = self.columns / V::LEN;
        // Rows of a transposed matrix are reached from the start of their column of 16.
        let height = if TRANSPOSED { LANES } else { self.rows };
        let most = most_rows::<V>() / 2;
        for vector in (0..vectors).step_by(2) {
            for top in (0..self.rows).step_by(height) {
                let mut row = 0;
                while row < height {
                    // What is left is shared evenly by the blocks that are left.
                    let pairs = (height - row) / 2;
                    let size = pairs.div_ceil(pairs.div_ceil(most)) * 2;
                    // SAFETY: the block lies inside the matrices.
                    unsafe { self.block::<V, TRANSPOSED>(vector, vectors, top, row, size) };
                    row += size;
                }
            }
        }
    }

    unsafe fn block<V: Vector, const TRANSPOSED: bool>(
        &self,
        vector: usize,
        vectors: usize,
        top: usize,
        row: usize,
        rows: usize,
    ) {
        // SAFETY: passed on.
        unsafe {
            let at = |step: usize, vector: usize| {
                let column = vector * V::LEN;
                column / LANES * step + column % LANES
            };
            let left = if TRANSPOSED {
                self.left.add(top / LANES * self.left_step + row)
            } else {
                self.left.add(row * LANES)
            };
            // Only where a vector holds 16 numbers can their number be odd.
            let second = if vector + 1 < vectors { vector + 1 } else { vector };
            let out = (top + row) * LANES;
            let block = Block {
                left,
                left_step: self.left_step,
                right: [vector, second].map(|v| self.right.wrapping_add(at(self.right_step, v))),
                out: [vector, second].map(|v| self.out.wrapping_add(at(self.out_step, v) + out)),
                depth: self.depth,
                add: self.add,
            };
            if const { V::LEN == LANES } && second == vector {
                block.rows::<V, 1, TRANSPOSED>(rows);
            } else {
                block.rows::<V, 2, TRANSPOSED>(rows);
            }
        }
    }
}

/// A register block: some rows of one or two columns of vectors.
#[derive(Clone, Copy)]
struct Block {
    left: *const f32,
    left_step: usize,
    right: [*const f32; 2],
    out: [*mut f32; 2],
    depth: usize,
    add: bool,
}

impl Block {
    unsafe fn rows<V: Vector, const C: usize, const T: bool>(self, rows: usize) {
        // SAFETY: passed on.
        unsafe {
            match rows {
                2 if !T => V::call(Sums::<2, C, T>(self)),
                4 => V::call(Sums::<4, C, T>(self)),
                6 => V::call(Sums::<6, C, T>(self)),
                8 if const { most_rows::<V>() >= 8 } => V::call(Sums::<8, C, T>(self)),
                10 if !T && const { most_rows::<V>() >= 10 } => V::call(Sums::<10, C, T>(self)),
                12 if !T && const { most_rows::<V>() >= 12 } => V::call(Sums::<12, C, T>(self)),
                14 if !T && const { most_rows::<V>() >= 14 } => V::call(Sums::<14, C, T>(self)),
                _ => unreachable!("a block has an even number of rows that fit the registers"),
            }
        }
    }
}

/// `R` rows of `C` columns of vectors, for a left matrix that is transposed or not.
struct Sums<const R: usize, const C: usize, const TRANSPOSED: bool>(Block);

impl<const R: usize, const C: usize, const TRANSPOSED: bool> Kernel for Sums<R, C, TRANSPOSED> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let Block { mut left, left_step, mut right, out, depth, add } = self.0;
        let (row_step, depth_step) = if TRANSPOSED { (1, LANES) } else { (LANES, 1) };
        // SAFETY: the caller vouches for the matrices; only pointers past the last number that
        // is read are formed without one behind them.
        unsafe {
            let mut sums = [[V::splat(0.0); C]; R];
            if add {
                for r in 0..R {
                    for c in 0..C {
                        sums[r][c] = V::load(out[c].add(r * LANES));
                    }
                }
            }
            let mut rest = depth;
            while rest > 0 {
                let run = if TRANSPOSED { rest } else { rest.min(LANES) };
                let mut factor = left;
                for _ in 0..run {
                    let mut vectors = [V::splat(0.0); C];
                    for c in 0..C {
                        vectors[c] = V::load(right[c]);
                        right[c] = right[c].wrapping_add(LANES);
                    }
                    for r in 0..R {
                        let factor = V::splat(*factor.add(r * row_step));
                        for c in 0..C {
                            sums[r][c] = vectors[c].mul_add(factor, sums[r][c]);
                        }
                    }
                    factor = factor.wrapping_add(depth_step);
                }
                left = left.wrapping_add(left_step);
                rest -= run;
            }
            for r in 0..R {
                for c in 0..C {
                    sums[r][c].store(out[c].add(r * LANES));
                }
            }
        }
    }
}
