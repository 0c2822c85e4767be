//! Matrix times vector: what a general matrix product does badly, because it packs the matrix
//! into blocks that are then read only once.

use super::isa::multiversion;
use crate::Float;

/// Partial sums per row; also the number of f32 in the widest vector register.
const LANES: usize = 16;

/// Rows worked on together, to hide the latency of the additions and to reuse the vector.
const ROWS: usize = 4;

multiversion! {
    /// c := M · v + beta · c, for M `[c.len(), v.len()]` stored row by row.
    ///
    /// Each dot product is formed in sixteen partial sums, whatever the instruction set, so it
    /// depends on nothing but the row and the vector. With `beta` 0 the old `c` is not read.
    ///
    /// # Panics
    /// Where `matrix` does not hold `c.len() · v.len()` numbers.
    pub fn dot_rows<T: Float>(matrix: &[T], v: &[T], beta: T, c: &mut [T]) {
        assert_eq!(Some(matrix.len()), c.len().checked_mul(v.len()));
        if v.is_empty() {
            return scale(beta, c);
        }
        let mut blocks = matrix.chunks_exact(ROWS * v.len());
        let mut outputs = c.chunks_exact_mut(ROWS);
        for (block, c) in blocks.by_ref().zip(outputs.by_ref()) {
            let (low, high) = block.split_at(2 * v.len());
            let ((r0, r1), (r2, r3)) = (low.split_at(v.len()), high.split_at(v.len()));
            store(dots([r0, r1, r2, r3], v), beta, c);
        }
        let rest = blocks.remainder().chunks_exact(v.len());
        for (row, c) in rest.zip(outputs.into_remainder()) {
            store(dots([row], v), beta, std::slice::from_mut(c));
        }
    }
}

multiversion! {
    /// c := Mᵀ · v + beta · c, for M `[v.len(), c.len()]` stored row by row: the sum of M's rows
    /// with the weights v. With `beta` 0 the old `c` is not read.
    ///
    /// # Panics
    /// Where `matrix` does not hold `v.len() · c.len()` numbers.
    pub fn combine_rows<T: Float>(matrix: &[T], v: &[T], beta: T, c: &mut [T]) {
        assert_eq!(Some(matrix.len()), c.len().checked_mul(v.len()));
        scale(beta, c);
        if c.is_empty() {
            return;
        }
        let n = c.len();
        let mut blocks = matrix.chunks_exact(ROWS * n);
        let (weights, rest) = v.as_chunks::<ROWS>();
        for (block, &[v0, v1, v2, v3]) in blocks.by_ref().zip(weights) {
            let (low, high) = block.split_at(2 * n);
            let ((r0, r1), (r2, r3)) = (low.split_at(n), high.split_at(n));
            let rows = r0.iter().zip(r1).zip(r2.iter().zip(r3));
            for (c, ((&m0, &m1), (&m2, &m3))) in c.iter_mut().zip(rows) {
                *c += (v0 * m0 + v1 * m1) + (v2 * m2 + v3 * m3);
            }
        }
        for (row, &v) in blocks.remainder().chunks_exact(n).zip(rest) {
            for (c, &m) in c.iter_mut().zip(row) {
                *c += v * m;
            }
        }
    }
}

/// c := beta · c; with `beta` 0 this clears NaN too.
#[inline(always)]
fn scale<T: Float>(beta: T, c: &mut [T]) {
    if beta == T::ZERO {
        c.fill(T::ZERO);
    } else if beta != T::ONE {
        for c in c {
            *c *= beta;
        }
    }
}

#[inline(always)]
fn store<T: Float, const R: usize>(sums: [T; R], beta: T, c: &mut [T]) {
    for (c, sum) in c.iter_mut().zip(sums) {
        *c = if beta == T::ZERO { sum } else { sum + beta * *c };
    }
}

/// The dot product of each row with `v`.
#[inline(always)]
fn dots<T: Float, const R: usize>(rows: [&[T]; R], v: &[T]) -> [T; R] {
    let (chunks, rest) = v.as_chunks::<LANES>();
    // Slices of the vector's very length, so that the loop below needs no bounds checks.
    let rows = rows.map(|row| {
        let (row, rest) = row.as_chunks::<LANES>();
        (&row[..chunks.len()], rest)
    });
    let mut sums = [[T::ZERO; LANES]; R];
    for (i, &v) in chunks.iter().enumerate() {
        for r in 0..R {
            // By value: lanes in an array of their own stay in registers.
            let (row, mut lanes) = (rows[r].0[i], sums[r]);
            for lane in 0..LANES {
                lanes[lane] += row[lane] * v[lane];
            }
            sums[r] = lanes;
        }
    }
    let mut products = [T::ZERO; R];
    for r in 0..R {
        let tail = rows[r].1.iter().zip(rest).fold(T::ZERO, |sum, (&m, &v)| sum + m * v);
        products[r] = fold(sums[r]) + tail;
    }
    products
}

/// The sum of the lanes, pairwise.
#[inline(always)]
pub(crate) fn fold<T: Float>(mut lanes: [T; LANES]) -> T {
    for half in [8, 4, 2, 1] {
        for lane in 0..half {
            lanes[lane] += lanes[lane + half];
        }
    }
    lanes[0]
}

/// The sum of a slice in sixteen partial sums: a fixed order that vectorises.
#[inline(always)]
pub(crate) fn sum<T: Float>(x: &[T]) -> T {
    let (chunks, rest) = x.as_chunks::<LANES>();
    let mut sums = [T::ZERO; LANES];
    for chunk in chunks {
        for lane in 0..LANES {
            sums[lane] += chunk[lane];
        }
    }
    fold(sums) + rest.iter().fold(T::ZERO, |sum, &x| sum + x)
}
