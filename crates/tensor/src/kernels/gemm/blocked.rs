//! The loops around the register block (Goto and van de Geijn 2008: "Anatomy of high-performance
//! matrix multiplication").
//!
//! A block of b, [`DEPTH`] rows of at most [`COLUMNS`] columns, is copied into panels as wide as a
//! register block; it stays in the second-level cache. The rows of a few register blocks of a are
//! copied at a time, and each block is multiplied by all panels: it stays in the first-level cache.
//! Where an operand is used too seldom for a copy to pay, it is read where it is.

use super::mat::{Mat, MatMut};
use super::panels::copy;
use super::tile::{Tile, beside, most_rows, width};
use crate::kernels::lanes::blocks;
use crate::kernels::vector::{Kernel, LINE, Vector};

/// Rows of a block of b: terms of a sum that are added at a time.
const DEPTH: usize = 256;

/// Columns of a block of b.
const COLUMNS: usize = 512;

/// Most numbers of a vector; no register block has more rows.
const MOST_LANES: usize = 16;

/// Register blocks of rows that are copied together: of a row of a's transpose there would be less
/// than a cache line for one, and patches are listed once for all.
const TOGETHER: usize = 4;

/// Numbers that the copied rows of a take.
fn rows_len(depth: usize) -> usize {
    TOGETHER * depth * MOST_LANES + MOST_LANES
}

/// Numbers of scratch memory that a product needs.
pub(super) fn scratch_len([_, k, n]: [usize; 3]) -> usize {
    let depth = k.min(DEPTH);
    rows_len(depth) + depth * n.min(COLUMNS).next_multiple_of(2 * MOST_LANES) + MOST_LANES
}

/// c := a · b, or c + a · b where `add` is set.
pub(super) struct Product<'a> {
    /// m, k and n: a is `[m, k]`, b `[k, n]`, c `[m, n]`.
    pub(super) sizes: [usize; 3],
    pub(super) a: Mat<'a, f32>,
    pub(super) b: Mat<'a, f32>,
    pub(super) add: bool,
    pub(super) c: MatMut<'a, f32>,
    /// At least [`scratch_len`].
    pub(super) scratch: &'a mut [f32],
}

impl Kernel for Product<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(mut self) {
        let [m, k, n] = self.sizes;
        assert!(self.scratch.len() >= scratch_len(self.sizes), "the scratch memory");
        let width = width::<V>();
        let (rows_copy, panels) = self.scratch.split_at_mut(rows_len(k.min(DEPTH)));
        let panels = panels.as_mut_ptr();
        let mut rows_of_a = Rows::new(self.a, n, rows_copy.as_mut_ptr());
        let b_as_is = block_as_is::<V>(self.b, self.sizes);
        let (c, c_row) = self.c.raw();
        for (panel, count) in blocks(n.div_ceil(width), COLUMNS / width) {
            let first = panel * width;
            let columns = (count * width).min(n - first);
            // Where b is read as it is, its last columns may be no whole vector.
            let in_place = match b_as_is {
                Some(_) if columns.is_multiple_of(V::LEN) => columns,
                Some(_) => columns / width * width,
                None => 0,
            };
            for (l, depth) in blocks(k, DEPTH) {
                let add = self.add || l > 0;
                // SAFETY: ranges of rows and columns lie inside the operands; copies fit into
                // the scratch memory, whose size was computed for that.
                unsafe {
                    if in_place < columns {
                        let part = first + in_place..first + columns;
                        let to = panels.add(in_place * depth);
                        let part = self.b.rows(l..l + depth).columns(part);
                        copy::<V>(part, to, [width, depth * width, width]);
                    }
                    // The last blocks of registers ask for what will be copied next.
                    let next = match (l + depth < k, first + columns < n) {
                        _ if in_place > 0 => None,
                        (true, _) => Some([l + depth, first]),
                        (false, true) => Some([0, first + columns]),
                        (false, false) => None,
                    };
                    let mut left = tiles::<V>(m) * columns.div_ceil(width);
                    for (i, rows) in blocks(m, TOGETHER * most_rows::<V>()) {
                        let height = rows.div_ceil(rows.div_ceil(most_rows::<V>()));
                        rows_of_a.copy_together::<V>(i, rows, height, l, depth);
                        for r in (0..rows).step_by(height) {
                            let height = height.min(rows - r);
                            let (a, a_row, a_step) = rows_of_a.block::<V>(i, r, l, depth);
                            for j in (0..columns).step_by(width) {
                                let (b, b_step) = match b_as_is {
                                    Some((b, line)) if j < in_place => {
                                        (b.add(l * line + first + j), line)
                                    }
                                    _ => (panels.add(j * depth).cast_const(), width),
                                };
                                let c = c.add((i + r) * c_row + first + j);
                                left -= 1;
                                let ahead =
                                    next.map_or((a, [0; 2]), |next| ahead(self.b, next, left));
                                let tile = Tile {
                                    depth,
                                    a,
                                    a_row,
                                    a_step,
                                    b,
                                    b_step,
                                    c,
                                    c_row,
                                    add,
                                    ahead,
                                };
                                tile.run::<V>(height, width.min(columns - j));
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Register blocks, one below the other, that the rows of a are split into.
fn tiles<V: Vector>(m: usize) -> usize {
    let together = blocks(m, TOGETHER * most_rows::<V>());
    together.map(|(_, rows)| rows.div_ceil(most_rows::<V>())).sum()
}

/// The cache lines of the block of b from `row` and `column` on that the register block asks for
/// which is the last but `left`, as [`Tile::ahead`].
fn ahead(b: Mat<'_, f32>, [row, column]: [usize; 2], left: usize) -> (*const f32, [usize; 2]) {
    let [row_stride, column_stride] = b.strides();
    let from = b.data.as_ptr().wrapping_add(row * row_stride + column * column_stride);
    let some = left < COLUMNS / LINE;
    match b.is_transposed() {
        // 256 rows of sixteen columns.
        true => {
            let jump = column_stride.wrapping_sub(DEPTH - LINE);
            let steps = if some { [LINE, jump] } else { [0; 2] };
            (from.wrapping_add(left * LINE * column_stride), steps)
        }
        // Sixteen columns of all rows.
        false => (from.wrapping_add(left * LINE), [if some { row_stride } else { 0 }; 2]),
    }
}

/// How the rows of a reach the register blocks.
enum Rows<'a> {
    /// As they are.
    AsIs(Mat<'a, f32>),
    /// Copied in panels of this many rows, which lie [`beside`] each other.
    Copied(Mat<'a, f32>, *mut f32, usize),
}

impl<'a> Rows<'a> {
    fn new(a: Mat<'a, f32>, n: usize, copy: *mut f32) -> Self {
        if rows_as_is(a, n) { Rows::AsIs(a) } else { Rows::Copied(a, copy, 0) }
    }

    /// Prepares `rows` rows from row `i`, for terms `l .. l + depth`, in blocks of `height`.
    ///
    /// # Safety
    /// As [`Vector`]; the rows and the terms exist and the copy has room for them.
    #[inline(always)]
    unsafe fn copy_together<V: Vector>(
        &mut self,
        i: usize,
        rows: usize,
        height: usize,
        l: usize,
        depth: usize,
    ) {
        if let Rows::Copied(a, to, block) = self {
            *block = height;
            let part = a.rows(i..i + rows).columns(l..l + depth);
            let step = beside::<V>();
            // SAFETY: as promised by the caller.
            unsafe { copy::<V>(part.t(), *to, [height, depth * step, step]) };
        }
    }

    /// The first number of a block of rows, and from one row and one term to the next; the block
    /// is the one `r` rows after row `i`, which [`Rows::copy_together`] was called with.
    ///
    /// # Safety
    /// As [`Rows::copy_together`].
    #[inline(always)]
    unsafe fn block<V: Vector>(
        &self,
        i: usize,
        r: usize,
        l: usize,
        depth: usize,
    ) -> (*const f32, usize, usize) {
        // SAFETY: as promised by the caller.
        unsafe {
            match *self {
                Rows::AsIs(a) => {
                    let [row, step] = a.strides();
                    (a.data.as_ptr().add((i + r) * row + l * step), row, step)
                }
                Rows::Copied(_, copy, block) => {
                    let step = beside::<V>();
                    (copy.add(r / block * depth * step).cast_const(), 1, step)
                }
            }
        }
    }
}

/// Whether a copy of a's rows would not pay: it is used for few columns, and rows at this distance
/// do not displace each other from the first-level cache.
fn rows_as_is(a: Mat<'_, f32>, n: usize) -> bool {
    let [row, step] = a.strides();
    n <= 256 && !row.max(step).is_multiple_of(1024)
}

/// Where the rows of b are read as they are: the first number, and from one row to the next. A
/// copy would be used for few rows of a, or b stays in the second-level cache anyway.
fn block_as_is<V: Vector>(b: Mat<'_, f32>, [m, k, n]: [usize; 3]) -> Option<(*const f32, usize)> {
    let [line, _] = b.strides();
    let few = m <= 3 * most_rows::<V>();
    let cached = k * n <= 128 * 1024 && !line.is_multiple_of(512);
    (!b.is_transposed() && (few || cached)).then_some((b.data.as_ptr(), line))
}
