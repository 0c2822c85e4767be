//! Images as lines: their rows copied to other distances from each other.

use super::super::lanes::LANES;
use super::super::vector::{Kernel, Vector};

/// Rows of one width, at a constant distance, in planes at a constant distance.
#[derive(Clone, Copy)]
pub(super) struct Rows {
    /// Where the first row of the first plane starts.
    pub(super) start: usize,
    pub(super) row: usize,
    pub(super) plane: usize,
}

/// Copies `planes` of `height` rows of `width` numbers. With `zeros`, everything in `to` that is
/// not a row becomes 0; without, `to` has nothing but rows, one after the other.
pub(super) struct Copy<'a> {
    pub(super) planes: usize,
    pub(super) height: usize,
    pub(super) width: usize,
    pub(super) from: &'a [f32],
    pub(super) from_rows: Rows,
    pub(super) to: &'a mut [f32],
    pub(super) to_rows: Rows,
    pub(super) zeros: bool,
}

impl Kernel for Copy<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        // What is zero so far; only rows that follow lie beyond it.
        let mut done = 0;
        for plane in 0..self.planes {
            for row in 0..self.height {
                let place = |rows: Rows| rows.start + plane * rows.plane + row * rows.row;
                let (from, to) = (&self.from[place(self.from_rows)..], place(self.to_rows));
                // SAFETY: both check what room there is.
                unsafe {
                    if self.zeros {
                        zero::<V>(&mut self.to[done..], to - done);
                    }
                    copy::<V>(from, &mut self.to[to..], self.width);
                }
                done = to + self.width;
            }
        }
        if self.zeros {
            self.to[done..].fill(0.0);
        }
    }
}

/// Copies the first `count` numbers, and whatever follows as far as a whole vector reaches.
///
/// # Safety
/// As [`Vector`].
#[inline(always)]
unsafe fn copy<V: Vector>(from: &[f32], to: &mut [f32], count: usize) {
    let (whole, vectors) = (from.len().min(to.len()), count.next_multiple_of(V::LEN));
    if vectors <= whole {
        for at in (0..count).step_by(V::LEN) {
            // SAFETY: a whole vector fits in both.
            unsafe { V::load(from.as_ptr().add(at)).store(to.as_mut_ptr().add(at)) };
        }
    } else {
        to[..count].copy_from_slice(&from[..count]);
    }
}

/// Zeroes the first `count` numbers, and whatever follows as far as a whole vector reaches.
///
/// # Safety
/// As [`Vector`].
#[inline(always)]
unsafe fn zero<V: Vector>(to: &mut [f32], count: usize) {
    if count.next_multiple_of(V::LEN) <= to.len() {
        for at in (0..count).step_by(V::LEN) {
            // SAFETY: a whole vector fits.
            unsafe { V::splat(0.0).store(to.as_mut_ptr().add(at)) };
        }
    } else {
        to[..count].fill(0.0);
    }
}

/// The length of a line that ends `len` numbers after its start, in whole vectors of any set.
pub(super) fn whole_vectors(len: usize) -> usize {
    len.next_multiple_of(LANES)
}
