//! The register block of a matrix product.

use crate::kernels::vector::{Kernel, LINE, Vector};

/// Most rows in a register block: with two vectors of columns each, 28 sums of 32 registers, or
/// 12 of 16. Two registers hold a row of b, one a number of a, and one stays free: without it
/// LLVM spills.
pub(in crate::kernels) const fn most_rows<V: Vector>() -> usize {
    if V::REGISTERS >= 32 { 14 } else { 6 }
}

/// Columns of a register block.
pub(in crate::kernels) const fn width<V: Vector>() -> usize {
    2 * V::LEN
}

/// From one term to the next where the rows of a register block lie beside each other.
pub(super) const fn beside<V: Vector>() -> usize {
    most_rows::<V>().next_multiple_of(V::LEN)
}

/// c := a · b, or c + a · b where `add` is set, for a few rows and one or two vectors of columns.
///
/// Number (i, l) of `a` is at `a[i · a_row + l · a_step]`; row l of `b` is at `b[l · b_step]`,
/// whole vectors of it, and row i of `c` at `c[i · c_row]`. Every sum runs from the first term to
/// the last, so a result depends on neither the block nor its place in it.
#[derive(Clone, Copy)]
pub(in crate::kernels) struct Tile {
    pub(in crate::kernels) depth: usize,
    pub(in crate::kernels) a: *const f32,
    pub(in crate::kernels) a_row: usize,
    pub(in crate::kernels) a_step: usize,
    pub(in crate::kernels) b: *const f32,
    pub(in crate::kernels) b_step: usize,
    pub(in crate::kernels) c: *mut f32,
    pub(in crate::kernels) c_row: usize,
    pub(in crate::kernels) add: bool,
    /// What will be copied next: a cache line for each term, the first distance apart, but every
    /// [`LINE`]-th the second. Any address will do; where both distances are 0, nothing.
    pub(in crate::kernels) ahead: (*const f32, [usize; 2]),
}

impl Tile {
    /// Computes `rows` rows, at most [`most_rows`], of `columns` columns, at most [`width`].
    ///
    /// # Safety
    /// As [`Vector`]. The numbers of `a` and `c` that the sizes reach lie inside their slices, and
    /// so do those of `b` when `columns` is rounded up to whole vectors. No one else uses those
    /// of `c`.
    #[inline(always)]
    pub(in crate::kernels) unsafe fn run<V: Vector>(self, rows: usize, columns: usize) {
        // SAFETY: passed on.
        unsafe {
            if columns > V::LEN {
                self.run_rows::<V, 2>(rows, columns - V::LEN);
            } else {
                self.run_rows::<V, 1>(rows, columns);
            }
        }
    }

    /// # Safety
    /// As [`Tile::run`]; `last` columns are in the last of `C` vectors.
    #[inline(always)]
    unsafe fn run_rows<V: Vector, const C: usize>(self, rows: usize, last: usize) {
        macro_rules! blocks {
            ($($rows:literal)*) => {
                match rows {
                    $($rows => V::call(Block::<$rows, C> { tile: self, last }),)*
                    _ => unreachable!("a register block of {rows} rows"),
                }
            };
        }
        // SAFETY: passed on.
        unsafe {
            if most_rows::<V>() == 14 {
                blocks!(1 2 3 4 5 6 7 8 9 10 11 12 13 14);
            } else {
                blocks!(1 2 3 4 5 6);
            }
        }
    }
}

/// `R` rows and `C` vectors of columns.
struct Block<const R: usize, const C: usize> {
    tile: Tile,
    last: usize,
}

impl<const R: usize, const C: usize> Kernel for Block<R, C> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let Tile { a_row, a_step, c, c_row, add, .. } = self.tile;
        // SAFETY: the sizes are those that the caller of `Tile::run` vouches for.
        unsafe {
            for r in 0..R {
                V::prefetch(c.wrapping_add(r * c_row));
                V::prefetch(c.wrapping_add(r * c_row + (C - 1) * V::LEN));
            }
            // Distances that are known when this is compiled need no instructions of their own.
            let sums = if [a_row, a_step] == [1, beside::<V>()] {
                self.sums::<V>([1, beside::<V>()])
            } else {
                self.sums::<V>([a_row, a_step])
            };
            for r in 0..R {
                for v in 0..C {
                    let to = c.add(r * c_row + v * V::LEN);
                    let mut sum = sums[r][v];
                    if v + 1 < C || self.last == V::LEN {
                        if add {
                            sum = V::load(to).add(sum);
                        }
                        sum.store(to);
                    } else {
                        if add {
                            sum = V::load_first(to, self.last).add(sum);
                        }
                        sum.store_first(to, self.last);
                    }
                }
            }
        }
    }
}

/// Terms that are added between two jumps back. What a jump takes besides is no multiply-add, and
/// a processor that runs a second thread on the same core has none to give away.
pub(in crate::kernels) const UNROLLED: usize = 4;

impl<const R: usize, const C: usize> Block<R, C> {
    /// a · b, with the distances from one row and one term of a to the next.
    ///
    /// # Safety
    /// As [`Tile::run`].
    #[inline(always)]
    unsafe fn sums<V: Vector>(&self, [a_row, a_step]: [usize; 2]) -> [[V; C]; R] {
        let Tile { depth, b_step, ahead: (mut ahead, [step, jump]), .. } = self.tile;
        let (mut a, mut b) = (self.tile.a, self.tile.b);
        let asks = [step, jump] != [0; 2];
        // SAFETY: the sizes are those that the caller of `Tile::run` vouches for.
        unsafe {
            let mut sums = [[V::splat(0.0); C]; R];
            let whole = depth / UNROLLED * UNROLLED;
            for l in (0..whole).step_by(UNROLLED) {
                if asks {
                    for u in 0..UNROLLED {
                        V::prefetch_far(ahead.wrapping_add(u * step));
                    }
                    let last = if (l + UNROLLED).is_multiple_of(LINE) { jump } else { step };
                    // One after the other: a jump may be back.
                    ahead = ahead.wrapping_add((UNROLLED - 1) * step).wrapping_add(last);
                }
                for u in 0..UNROLLED {
                    add_term(&mut sums, a.add(u * a_step), a_row, b.add(u * b_step));
                }
                // Not `add`: after the last term these may point outside.
                a = a.wrapping_add(UNROLLED * a_step);
                b = b.wrapping_add(UNROLLED * b_step);
            }
            for _ in whole..depth {
                add_term(&mut sums, a, a_row, b);
                a = a.wrapping_add(a_step);
                b = b.wrapping_add(b_step);
            }
            sums
        }
    }
}

/// Adds one term of every sum.
///
/// # Safety
/// As [`Tile::run`].
#[inline(always)]
unsafe fn add_term<V: Vector, const R: usize, const C: usize>(
    sums: &mut [[V; C]; R],
    a: *const f32,
    a_row: usize,
    b: *const f32,
) {
    // SAFETY: passed on.
    unsafe {
        let mut row = [V::splat(0.0); C];
        for v in 0..C {
            row[v] = V::load(b.add(v * V::LEN));
        }
        for r in 0..R {
            let factor = V::splat(*a.add(r * a_row));
            for v in 0..C {
                sums[r][v] = row[v].mul_add(factor, sums[r][v]);
            }
        }
    }
}
