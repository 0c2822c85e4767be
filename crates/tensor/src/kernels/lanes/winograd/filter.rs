//! The weight and its gradient, between taps and the points.

use super::super::LANES;
use super::points::{evaluate, interpolate, weigh};
use super::tiles::{load_each, store_each};
use crate::kernels::vector::Vector;

/// Rows of taps in the weight, whose values at one point are neighbours.
#[derive(Clone, Copy)]
pub(super) struct Rows {
    pub(super) count: usize,
    /// Numbers of the weight from one row to the next.
    pub(super) step: usize,
    /// Numbers from one point to the next.
    pub(super) point_step: usize,
}

/// G g for every row.
///
/// # Safety
/// As [`Vector`]; `w` is the first row and `to` its value at the first point. Values are stored in whole
/// vectors.
#[inline(always)]
pub(super) unsafe fn transform<V: Vector, const P: usize, const R: usize>(
    rows: Rows,
    w: *const f32,
    to: *mut f32,
) {
    // SAFETY: passed on.
    unsafe {
        for at in (0..rows.count).step_by(V::LEN) {
            let mut taps = [[0.0; LANES]; R];
            for i in 0..V::LEN.min(rows.count - at) {
                for tap in 0..R {
                    taps[tap][i] = *w.add((at + i) * rows.step + tap);
                }
            }
            let mut g = [V::splat(0.0); R];
            for tap in 0..R {
                g[tap] = V::load(taps[tap].as_ptr());
            }
            store_each(weigh::<V, P>(evaluate(g)), to.add(at), rows.point_step);
        }
    }
}

/// Gᵀ u: the adjoint of [`transform`].
///
/// # Safety
/// As [`transform`].
#[inline(always)]
pub(super) unsafe fn transform_back<V: Vector, const P: usize, const R: usize>(
    rows: Rows,
    from: *const f32,
    dw: *mut f32,
) {
    // SAFETY: as above.
    unsafe {
        for at in (0..rows.count).step_by(V::LEN) {
            let u = load_each::<V, P>(from.add(at), rows.point_step);
            let g = interpolate::<V, P, R>(weigh(u));
            let mut taps = [[0.0; LANES]; R];
            for tap in 0..R {
                g[tap].store(taps[tap].as_mut_ptr());
            }
            for i in 0..V::LEN.min(rows.count - at) {
                for tap in 0..R {
                    *dw.add((at + i) * rows.step + tap) = taps[tap][i];
                }
            }
        }
    }
}

/// G g for columns of taps that lie side by side: `[taps, len]` to `[points, len]`.
///
/// # Safety
/// As [`Vector`], which divide `len`; the pointers are to that many numbers.
#[inline(always)]
pub(super) unsafe fn down<V: Vector, const P: usize, const R: usize>(
    len: usize,
    from: *const f32,
    to: *mut f32,
) {
    // SAFETY: passed on.
    unsafe {
        for at in (0..len).step_by(V::LEN) {
            let g = load_each::<V, R>(from.add(at), len);
            store_each(weigh::<V, P>(evaluate(g)), to.add(at), len);
        }
    }
}

/// Gᵀ u, the adjoint of [`down`]; added to what is there unless it is the `first`.
///
/// # Safety
/// As [`down`].
#[inline(always)]
pub(super) unsafe fn up<V: Vector, const P: usize, const R: usize>(
    len: usize,
    from: *const f32,
    to: *mut f32,
    first: bool,
) {
    // SAFETY: passed on.
    unsafe {
        for at in (0..len).step_by(V::LEN) {
            let u = load_each::<V, P>(from.add(at), len);
            let g = interpolate::<V, P, R>(weigh(u));
            for tap in 0..R {
                let to = to.add(tap * len + at);
                let sum = if first { g[tap] } else { g[tap].add(V::load(to)) };
                sum.store(to);
            }
        }
    }
}
