//! Copying an operand into panels that lie in a cache.

use super::mat::Mat;
use crate::kernels::lanes::LANES;
use crate::kernels::vector::{LINE, Vector};

/// Copies a matrix in panels of `width` columns, `panel` numbers apart: number (i, j) of a panel
/// goes to `i · stride + j`. Rows are written in ascending order and filled up with zeros to
/// whole vectors; where `stride` has no room for that, the next row overwrites them.
///
/// # Safety
/// As [`Vector`]; `to` has room for all that.
#[inline(always)]
pub(in crate::kernels) unsafe fn copy<V: Vector>(
    part: Mat<'_, f32>,
    to: *mut f32,
    [width, panel, stride]: [usize; 3],
) {
    // SAFETY: passed on; panels cover the columns one after the other.
    unsafe {
        if part.is_transposed() {
            let [rows, columns] = part.size();
            for (p, j) in (0..columns).step_by(width).enumerate() {
                let panel = to.add(p * panel);
                let [_, line] = part.strides();
                let from = part.data.as_ptr().add(j * line);
                let size = [rows, width.min(columns - j)];
                transpose_panel::<V>(size, from, line, panel, stride);
            }
        } else {
            copy_panels::<V>(part, to, [width, panel, stride]);
        }
    }
}

/// Panels that are copied together: more of a row is read at once, and few places are written.
const TOGETHER: usize = 4;

/// Rows from which on what will be copied is asked for in advance: far apart, rows follow no
/// pattern that the processor sees.
const AHEAD: usize = 8;

/// # Safety
/// As [`copy`], for a row-major matrix.
#[inline(always)]
unsafe fn copy_panels<V: Vector>(
    part: Mat<'_, f32>,
    to: *mut f32,
    [width, panel, stride]: [usize; 3],
) {
    let ([rows, columns], [line, _]) = (part.size(), part.strides());
    let mut first = 0;
    while first < columns {
        let end = columns.min(first + TOGETHER * width);
        // SAFETY: as promised by the caller.
        unsafe {
            for i in 0..rows {
                let mut to = to.add(first / width * panel + i * stride);
                for j in (first..end).step_by(width) {
                    let from = part.data.as_ptr().add(i * line + j);
                    for j in (0..width).step_by(LINE) {
                        V::prefetch(from.wrapping_add(AHEAD * line + j));
                    }
                    copy_row::<V>(from, to, width.min(end - j));
                    to = to.wrapping_add(panel);
                }
            }
        }
        first = end;
    }
}

/// # Safety
/// As [`Vector`]; the source has `columns` stored rows of `rows` numbers, `line` apart.
#[inline(always)]
unsafe fn transpose_panel<V: Vector>(
    [rows, columns]: [usize; 2],
    from: *const f32,
    line: usize,
    to: *mut f32,
    stride: usize,
) {
    // SAFETY: as promised by the caller.
    unsafe {
        for j in (0..columns).step_by(V::LEN) {
            let lines = (columns - j).min(V::LEN);
            for i in (0..rows).step_by(V::LEN) {
                let here = (rows - i).min(V::LEN);
                let (from, to) = (from.add(j * line + i), to.add(i * stride + j));
                transpose::<V>([here, lines], from, line, to, stride);
            }
        }
    }
}

/// Copies `len` numbers, and zeros up to whole vectors.
///
/// # Safety
/// As [`Vector`]; the numbers are there, and room for whole vectors.
#[inline(always)]
unsafe fn copy_row<V: Vector>(from: *const f32, to: *mut f32, len: usize) {
    // SAFETY: passed on.
    unsafe {
        let mut j = 0;
        while j + V::LEN <= len {
            V::load(from.add(j)).store(to.add(j));
            j += V::LEN;
        }
        if j < len {
            V::load_first(from.add(j), len - j).store(to.add(j));
        }
    }
}

/// Writes number (j, i) of `lines` stored rows to `to[i · stride + j]` for `i < rows`, zeros for
/// the other `j` of a vector.
///
/// # Safety
/// As [`Vector`]; `rows` and `lines` are at most `V::LEN`.
#[inline(always)]
unsafe fn transpose<V: Vector>(
    [rows, lines]: [usize; 2],
    from: *const f32,
    line: usize,
    to: *mut f32,
    stride: usize,
) {
    // SAFETY: passed on.
    unsafe {
        let mut square = [V::splat(0.0); LANES];
        for j in 0..V::LEN {
            if j < lines {
                let from = from.add(j * line);
                square[j] = if rows == V::LEN { V::load(from) } else { V::load_first(from, rows) };
            }
        }
        square = V::transpose(square);
        for i in 0..V::LEN {
            if i < rows {
                square[i].store(to.add(i * stride));
            }
        }
    }
}
