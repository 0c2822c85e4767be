//! The matrix product with scratch memory, on several threads where it is large.

use crate::kernels::gemm::{self, Mat, MatMut, Start};
use crate::kernels::isa::isa;
use crate::parallel::{self, for_each_task};
use crate::{Float, Tensor};

/// Columns and rows below which a part is not split further: a block of b is copied by each part
/// of the rows, and rows of a by each part of the columns.
const COLUMNS: usize = 256;
const ROWS: usize = 64;

/// Where rows and columns are many, parts are as wide as a whole block of b.
const MANY_ROWS: usize = 512;
const MANY_COLUMNS: usize = 1024;

/// c := a · b + start; see [`gemm::product`].
///
/// ```
/// use tensor::{kernels::gemm::{Mat, Start}, ops::matmul};
/// let a = [1.0_f32, 2.0, 3.0, 4.0];
/// let mut c = [f32::NAN; 4];
/// matmul::product(Mat::new(&a, 2, 2), Mat::new(&a, 2, 2), Start::Scaled(0.0), &mut c);
/// assert_eq!(c, [7.0, 10.0, 15.0, 22.0]);
/// ```
///
/// # Panics
/// Where the matrices do not fit: shapes were checked before.
pub fn product<T: Float>(a: Mat<'_, T>, b: Mat<'_, T>, start: Start<'_, T>, c: &mut [T]) {
    let ([m, k], [_, n]) = (a.size(), b.size());
    let c = MatMut::new(c, m, n);
    let flops = 2.0 * m as f64 * k as f64 * n as f64;
    let threads = if m > 1 && n > 1 { parallel::threads(flops) } else { 1 };
    // Two parts for each thread, so that one that is late costs less.
    let parts = if threads > 1 { 2 * threads } else { 1 };
    let wide = if m >= MANY_ROWS && n >= MANY_COLUMNS { 2 * COLUMNS } else { COLUMNS };
    let across = (n / wide).clamp(1, parts);
    let down = (m / ROWS).clamp(1, parts.div_ceil(across));
    // No part is a single row or column, which a whole product would not compute as a vector.
    let row = |part: usize| m * part / down;
    let column = |part: usize| (n * part / across).next_multiple_of(32).min(n);

    let mut tasks = Vec::with_capacity(across * down);
    let mut below = c;
    for i in 0..down {
        let (mut right, rest) = below.split_at_row(row(i + 1) - row(i));
        below = rest;
        for j in 0..across {
            let (part, rest) = right.split_at_column(column(j + 1) - column(j));
            right = rest;
            tasks.push((row(i), column(j), part));
        }
    }
    for_each_task(tasks, flops, |(row, column, c)| {
        let [rows, columns] = c.size();
        let (a, b) = (a.rows(row..row + rows), b.columns(column..column + columns));
        let start = match start {
            Start::Scaled(beta) => Start::Scaled(beta),
            Start::Rows(bias) => Start::Rows(&bias[row..row + rows]),
            Start::Columns(bias) => Start::Columns(&bias[column..column + columns]),
        };
        let mut scratch = Tensor::stale([gemm::scratch_len([rows, k, columns])]);
        gemm::product(isa(), a, b, start, c, scratch.as_mut_slice());
    });
}
