//! Matrix products: the only file that names a gemm crate.

use super::matvec::{combine_rows, dot_rows};
use crate::Float;

/// A matrix that is read: all of a row-major slice, or its transpose, which costs nothing.
#[derive(Clone, Copy, Debug)]
pub struct Mat<'a, T> {
    data: &'a [T],
    rows: usize,
    cols: usize,
    transposed: bool,
}

impl<'a, T: Float> Mat<'a, T> {
    /// The `rows × cols` matrix stored row by row in `data`.
    ///
    /// # Panics
    /// Where `data` does not hold exactly `rows · cols` numbers.
    pub fn new(data: &'a [T], rows: usize, cols: usize) -> Self {
        assert_eq!(Some(data.len()), rows.checked_mul(cols), "a {rows} x {cols} matrix");
        Mat { data, rows, cols, transposed: false }
    }

    /// The transpose: the same numbers with rows and columns exchanged.
    #[must_use]
    pub fn t(self) -> Self {
        Mat { rows: self.cols, cols: self.rows, transposed: !self.transposed, ..self }
    }

    /// Distance from one row to the next, and from one column to the next.
    fn strides(&self) -> [isize; 2] {
        let row = |len: usize| isize::try_from(len).expect("a row is no longer than its slice");
        match (self.data.is_empty(), self.transposed) {
            (true, _) => [0, 0],
            (false, false) => [row(self.cols), 1],
            (false, true) => [1, row(self.rows)],
        }
    }
}

/// c := a · b + beta · c, with `a` `[m, k]`, `b` `[k, n]` and `c` `[m, n]`, row-major.
///
/// With `beta` 0 the old contents of `c` are not read: they may be stale or NaN. With `k` 0 the
/// product is 0. Where `m` or `n` is 1 the sums are formed by matrix-vector kernels, whose
/// rounding differs from the general case; the order of summation depends on the sizes alone.
///
/// ```
/// use tensor::kernels::gemm::{Mat, gemm};
/// let x = [1.0_f32, 2.0, 3.0, 4.0]; // [2, 2]
/// let w = [1.0, 0.0, 0.0, 1.0, 1.0, 1.0]; // [3, 2]
/// let mut y = [f32::NAN; 6];
/// gemm(Mat::new(&x, 2, 2), Mat::new(&w, 3, 2).t(), 0.0, &mut y);
/// assert_eq!(y, [1.0, 2.0, 3.0, 3.0, 4.0, 7.0]);
/// ```
///
/// # Panics
/// Where the matrices do not fit: shapes were checked before.
pub fn gemm<T: Float>(a: Mat<'_, T>, b: Mat<'_, T>, beta: T, c: &mut [T]) {
    let [m, k, n] = [a.rows, a.cols, b.cols];
    assert_eq!(k, b.rows, "the inner sizes of a product");
    assert_eq!(Some(c.len()), m.checked_mul(n), "a {m} x {n} product");
    if m == 0 || n == 0 {
        return;
    }
    if n == 1 {
        return matvec(a, b.data, beta, c);
    }
    if m == 1 {
        return matvec(b.t(), a.data, beta, c);
    }
    let row = isize::try_from(n).expect("a row is no longer than its slice");
    // SAFETY: each slice holds exactly as many numbers as its matrix (asserted for `a` and `b`
    // when they were made, for `c` above), and the strides are those of the row-major matrix or
    // its transpose, so every element lies inside. `c` is borrowed mutably: it overlaps neither.
    unsafe {
        T::raw_gemm(
            [m, k, n],
            T::ONE,
            (a.data.as_ptr(), a.strides()),
            (b.data.as_ptr(), b.strides()),
            beta,
            (c.as_mut_ptr(), [row, 1]),
        );
    }
}

/// c := a · v + beta · c for a vector `v`.
fn matvec<T: Float>(a: Mat<'_, T>, v: &[T], beta: T, c: &mut [T]) {
    if a.transposed { combine_rows(a.data, v, beta, c) } else { dot_rows(a.data, v, beta, c) }
}

/// `c := alpha * a * b + beta * c` in f32.
///
/// # Safety
/// As [`Float::raw_gemm`](crate::Float).
pub(crate) unsafe fn sgemm(
    [m, k, n]: [usize; 3],
    alpha: f32,
    (a, [rsa, csa]): (*const f32, [isize; 2]),
    (b, [rsb, csb]): (*const f32, [isize; 2]),
    beta: f32,
    (c, [rsc, csc]): (*mut f32, [isize; 2]),
) {
    // SAFETY: the caller vouches for the bounds and for `c` being apart from `a` and `b`.
    unsafe {
        matrixmultiply::sgemm(m, k, n, alpha, a, rsa, csa, b, rsb, csb, beta, c, rsc, csc);
    }
}

/// `c := alpha * a * b + beta * c` in f64.
///
/// # Safety
/// As [`Float::raw_gemm`](crate::Float).
pub(crate) unsafe fn dgemm(
    [m, k, n]: [usize; 3],
    alpha: f64,
    (a, [rsa, csa]): (*const f64, [isize; 2]),
    (b, [rsb, csb]): (*const f64, [isize; 2]),
    beta: f64,
    (c, [rsc, csc]): (*mut f64, [isize; 2]),
) {
    // SAFETY: the caller vouches for the bounds and for `c` being apart from `a` and `b`.
    unsafe {
        matrixmultiply::dgemm(m, k, n, alpha, a, rsa, csa, b, rsb, csb, beta, c, rsc, csc);
    }
}
