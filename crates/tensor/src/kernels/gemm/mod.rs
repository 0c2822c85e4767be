//! Matrix products: the only module that names a gemm crate.
//!
//! In f32, where the processor has AVX2 or AVX-512, the product is our own: loops over blocks for
//! the caches (`blocked`) around a block of registers (`tile`). In f64 and on other processors it
//! is matrixmultiply's.

// A register block is a small matrix.
#![expect(clippy::needless_range_loop)]

mod blocked;
mod mat;
mod panels;
pub(super) mod tile;

use super::isa::{Isa, isa};
use super::matvec::{combine_rows, dot_rows};
use super::vector::dispatch;
use crate::Float;
use blocked::Product;
pub use mat::{Mat, MatMut};
pub(super) use panels::copy;

/// What a product is added to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Start<'a, T> {
    /// This multiple of the old contents. With 0 they are not read: they may be stale or NaN.
    Scaled(T),
    /// A number for each row.
    Rows(&'a [T]),
    /// A number for each column.
    Columns(&'a [T]),
}

/// Numbers of scratch memory that a product needs, for `a` `[m, k]` and `b` `[k, n]`.
pub fn scratch_len([m, k, n]: [usize; 3]) -> usize {
    if m == 0 || n == 0 { 0 } else { blocked::scratch_len([m, k, n]) }
}

/// c := a · b + start, with `a` `[m, k]`, `b` `[k, n]` and `c` `[m, n]`.
///
/// Every sum runs from the first term to the last, in parts whose length depends on `k` alone, so
/// that rows or columns computed on their own have the same bits. The exceptions are products
/// with one row or one column, which are formed by matrix-vector kernels, and the products of
/// matrixmultiply.
///
/// ```
/// use tensor::kernels::{gemm::{self, Mat, MatMut, Start}, isa::isa};
/// let x = [1.0_f32, 2.0, 3.0, 4.0]; // [2, 2]
/// let w = [1.0, 0.0, 0.0, 1.0, 1.0, 1.0]; // [3, 2]
/// let (mut y, mut scratch) = ([f32::NAN; 6], vec![0.0; gemm::scratch_len([2, 2, 3])]);
/// let start = Start::Columns(&[0.0, 0.0, 0.5]);
/// let (a, b) = (Mat::new(&x, 2, 2), Mat::new(&w, 3, 2).t());
/// gemm::product(isa(), a, b, start, MatMut::new(&mut y, 2, 3), &mut scratch);
/// assert_eq!(y, [1.0, 2.0, 3.5, 3.0, 4.0, 7.5]);
/// ```
///
/// # Panics
/// Where the matrices do not fit: shapes were checked before. Where `scratch` is shorter than
/// [`scratch_len`].
pub fn product<T: Float>(
    isa: Isa,
    a: Mat<'_, T>,
    b: Mat<'_, T>,
    start: Start<'_, T>,
    mut c: MatMut<'_, T>,
    scratch: &mut [T],
) {
    let ([m, k], [inner, n]) = (a.size(), b.size());
    assert_eq!(k, inner, "the inner sizes of a product");
    assert_eq!([m, n], c.size(), "a {m} x {n} product");
    if m == 0 || n == 0 {
        return;
    }
    let beta = begin(start, &mut c);
    if k == 0 {
        return scale(beta, &mut c);
    }
    if n == 1 || m == 1 {
        // A vector times a matrix is the transpose times the vector.
        let (matrix, vector) = if n == 1 { (a, b) } else { (b.t(), a) };
        let operands = (matrix.contiguous(), vector.contiguous(), c.contiguous());
        if let (Some(data), Some(vector), Some(c)) = operands {
            return match matrix.is_transposed() {
                true => combine_rows(data, vector, beta, c),
                false => dot_rows(data, vector, beta, c),
            };
        }
    }
    T::product(isa, a, b, beta, c, scratch);
}

/// c := a · b + beta · c, with all of `c` a slice; see [`product`].
///
/// ```
/// use tensor::kernels::gemm::{Mat, gemm, scratch_len};
/// let x = [1.0_f32, 2.0, 3.0, 4.0]; // [2, 2]
/// let w = [1.0, 0.0, 0.0, 1.0, 1.0, 1.0]; // [3, 2]
/// let (mut y, mut scratch) = ([f32::NAN; 6], vec![0.0; scratch_len([2, 2, 3])]);
/// gemm(Mat::new(&x, 2, 2), Mat::new(&w, 3, 2).t(), 0.0, &mut y, &mut scratch);
/// assert_eq!(y, [1.0, 2.0, 3.0, 3.0, 4.0, 7.0]);
/// ```
///
/// # Panics
/// As [`product`].
pub fn gemm<T: Float>(a: Mat<'_, T>, b: Mat<'_, T>, beta: T, c: &mut [T], scratch: &mut [T]) {
    let c = MatMut::new(c, a.size()[0], b.size()[1]);
    product(isa(), a, b, Start::Scaled(beta), c, scratch);
}

/// Writes what the product is added to into `c`, where that is not a multiple of it, and returns
/// the factor of `c`.
fn begin<T: Float>(start: Start<'_, T>, c: &mut MatMut<'_, T>) -> T {
    let [rows, columns] = c.size();
    match start {
        Start::Scaled(beta) => return beta,
        Start::Rows(bias) => {
            assert_eq!(bias.len(), rows, "a number for each row");
            for (i, &value) in bias.iter().enumerate() {
                c.row(i).fill(value);
            }
        }
        Start::Columns(bias) => {
            assert_eq!(bias.len(), columns, "a number for each column");
            for i in 0..rows {
                c.row(i).copy_from_slice(bias);
            }
        }
    }
    T::ONE
}

/// c := beta · c; with `beta` 0 this clears NaN too.
fn scale<T: Float>(beta: T, c: &mut MatMut<'_, T>) {
    for i in 0..c.size()[0] {
        let row = c.row(i);
        if beta == T::ZERO {
            row.fill(T::ZERO);
        } else if beta != T::ONE {
            row.iter_mut().for_each(|value| *value *= beta);
        }
    }
}

/// [`product`] in f32, where nothing is empty.
pub(crate) fn product_f32(
    isa: Isa,
    a: Mat<'_, f32>,
    b: Mat<'_, f32>,
    beta: f32,
    mut c: MatMut<'_, f32>,
    scratch: &mut [f32],
) {
    let ([m, k], [_, n]) = (a.size(), b.size());
    if isa.available() == Isa::Portable {
        let ([rsa, csa], [rsb, csb]) = (signed(a), signed(b));
        let (to, rsc) = c.raw();
        // SAFETY: a `Mat` and a `MatMut` hold all numbers that their sizes and strides reach, and
        // what is borrowed mutably overlaps nothing else.
        unsafe {
            let (a, b) = (a.data.as_ptr(), b.data.as_ptr());
            let rsc = rsc as isize;
            matrixmultiply::sgemm(m, k, n, 1.0, a, rsa, csa, b, rsb, csb, beta, to, rsc, 1);
        }
        return;
    }
    blocked_product(isa, a, b, Start::Scaled(beta), c, scratch);
}

/// [`product`] by this module's own kernels, on every processor; `k` is not 0.
pub(super) fn blocked_product(
    isa: Isa,
    a: Mat<'_, f32>,
    b: Mat<'_, f32>,
    start: Start<'_, f32>,
    mut c: MatMut<'_, f32>,
    scratch: &mut [f32],
) {
    let ([m, k], [_, n]) = (a.size(), b.size());
    let beta = begin(start, &mut c);
    if beta != 0.0 && beta != 1.0 {
        scale(beta, &mut c);
    }
    let kernel = Product { sizes: [m, k, n], a, b, add: beta != 0.0, c, scratch };
    // SAFETY: the sizes are those of the operands.
    unsafe { dispatch(isa, kernel) };
}

/// [`product`] in f64, where nothing is empty.
pub(crate) fn product_f64(a: Mat<'_, f64>, b: Mat<'_, f64>, beta: f64, mut c: MatMut<'_, f64>) {
    let ([m, k], [_, n]) = (a.size(), b.size());
    let ([rsa, csa], [rsb, csb]) = (signed(a), signed(b));
    let (to, rsc) = c.raw();
    // SAFETY: as in `product_f32`.
    unsafe {
        let (a, b) = (a.data.as_ptr(), b.data.as_ptr());
        let rsc = rsc as isize;
        matrixmultiply::dgemm(m, k, n, 1.0, a, rsa, csa, b, rsb, csb, beta, to, rsc, 1);
    }
}

/// The strides as matrixmultiply wants them.
fn signed<T: Copy>(mat: Mat<'_, T>) -> [isize; 2] {
    // No slice is longer than `isize::MAX`, and so is no stride.
    mat.strides().map(|stride| stride as isize)
}
