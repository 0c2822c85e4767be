//! Matrices as views of slices.

use std::marker::PhantomData;
use std::ops::Range;

/// A matrix that is read: a row-major slice, its transpose, or some rows or columns of either.
/// None of these costs anything.
///
/// ```
/// use tensor::kernels::gemm::Mat;
/// let a = Mat::new(&[1.0_f32, 2.0, 3.0, 4.0, 5.0, 6.0], 2, 3);
/// let last_two = a.t().rows(1..3); // [[2, 5], [3, 6]]
/// assert_eq!(last_two.size(), [2, 2]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Mat<'a, T> {
    /// From the first number of the matrix on.
    pub(super) data: &'a [T],
    rows: usize,
    cols: usize,
    /// Numbers from one stored row to the next.
    stride: usize,
    transposed: bool,
}

impl<'a, T: Copy> Mat<'a, T> {
    /// The `rows × cols` matrix stored row by row in `data`.
    ///
    /// # Panics
    /// Where `data` does not hold exactly `rows · cols` numbers.
    pub fn new(data: &'a [T], rows: usize, cols: usize) -> Self {
        assert_eq!(Some(data.len()), rows.checked_mul(cols), "a {rows} x {cols} matrix");
        Mat { data, rows, cols, stride: cols, transposed: false }
    }

    /// The number of rows and of columns.
    pub fn size(&self) -> [usize; 2] {
        [self.rows, self.cols]
    }

    /// The transpose: the same numbers with rows and columns exchanged.
    #[must_use]
    pub fn t(self) -> Self {
        Mat { rows: self.cols, cols: self.rows, transposed: !self.transposed, ..self }
    }

    /// Some of the rows.
    ///
    /// # Panics
    /// Where the range is not one of rows.
    #[must_use]
    pub fn rows(self, range: Range<usize>) -> Self {
        assert!(range.start <= range.end && range.end <= self.rows, "rows {range:?}");
        let step = if self.transposed { 1 } else { self.stride };
        let data = &self.data[(range.start * step).min(self.data.len())..];
        Mat { data, rows: range.len(), ..self }
    }

    /// Some of the columns.
    ///
    /// # Panics
    /// Where the range is not one of columns.
    #[must_use]
    pub fn columns(self, range: Range<usize>) -> Self {
        self.t().rows(range).t()
    }

    /// Whether the columns, not the rows, are contiguous in memory.
    pub(super) fn is_transposed(&self) -> bool {
        self.transposed
    }

    /// Numbers from one row to the next, and from one column to the next.
    pub(super) fn strides(&self) -> [usize; 2] {
        if self.transposed { [1, self.stride] } else { [self.stride, 1] }
    }

    /// The numbers, where the rows (or, of a transpose, the columns) follow each other without
    /// gaps.
    pub(super) fn contiguous(&self) -> Option<&'a [T]> {
        let (lines, line) =
            if self.transposed { (self.cols, self.rows) } else { (self.rows, self.cols) };
        (lines <= 1 || line == self.stride).then(|| &self.data[..lines * line])
    }
}

/// A matrix that is written: a row-major slice, or some rows or columns of it. It can be split
/// into parts that are written at the same time.
///
/// ```
/// use tensor::kernels::gemm::MatMut;
/// let mut data = [0.0_f32; 6];
/// let (left, right) = MatMut::new(&mut data, 2, 3).split_at_column(1);
/// assert_eq!((left.size(), right.size()), ([2, 1], [2, 2]));
/// ```
#[derive(Debug)]
pub struct MatMut<'a, T> {
    data: *mut T,
    rows: usize,
    cols: usize,
    stride: usize,
    slice: PhantomData<&'a mut [T]>,
}

// SAFETY: a `MatMut` is a mutable borrow of the numbers in its rows and columns, which no other
// part of the same slice has.
unsafe impl<T: Send> Send for MatMut<'_, T> {}

impl<'a, T: Copy> MatMut<'a, T> {
    /// The `rows × cols` matrix stored row by row in `data`.
    ///
    /// # Panics
    /// Where `data` does not hold exactly `rows · cols` numbers.
    pub fn new(data: &'a mut [T], rows: usize, cols: usize) -> Self {
        assert_eq!(Some(data.len()), rows.checked_mul(cols), "a {rows} x {cols} product");
        MatMut { data: data.as_mut_ptr(), rows, cols, stride: cols, slice: PhantomData }
    }

    /// The number of rows and of columns.
    pub fn size(&self) -> [usize; 2] {
        [self.rows, self.cols]
    }

    /// The rows before `row`, and those from it on.
    ///
    /// # Panics
    /// Where there are fewer rows.
    #[must_use]
    pub fn split_at_row(self, row: usize) -> (Self, Self) {
        assert!(row <= self.rows, "row {row} of {}", self.rows);
        // Never dereferenced where there are no rows behind it.
        let below = self.data.wrapping_add(row * self.stride);
        (MatMut { rows: row, ..self }, MatMut { data: below, rows: self.rows - row, ..self })
    }

    /// The columns before `column`, and those from it on.
    ///
    /// # Panics
    /// Where there are fewer columns.
    #[must_use]
    pub fn split_at_column(self, column: usize) -> (Self, Self) {
        assert!(column <= self.cols, "column {column} of {}", self.cols);
        let right = self.data.wrapping_add(column);
        (MatMut { cols: column, ..self }, MatMut { data: right, cols: self.cols - column, ..self })
    }

    /// Where the first number is, and numbers from one row to the next.
    pub(super) fn raw(&mut self) -> (*mut T, usize) {
        (self.data, self.stride)
    }

    /// One row.
    pub(super) fn row(&mut self, row: usize) -> &mut [T] {
        assert!(row < self.rows);
        // SAFETY: the row is one of the borrowed ones, `cols` numbers long.
        unsafe { std::slice::from_raw_parts_mut(self.data.add(row * self.stride), self.cols) }
    }

    /// The numbers, where the rows follow each other without gaps.
    pub(super) fn contiguous(&mut self) -> Option<&mut [T]> {
        let gapless = self.rows <= 1 || self.cols == self.stride;
        // SAFETY: all numbers from the first to the last are borrowed.
        gapless.then(|| unsafe { std::slice::from_raw_parts_mut(self.data, self.rows * self.cols) })
    }
}
