//! The weight and its gradient, between rows of taps and the points.

use super::super::LANES;
use super::points::{evaluate, interpolate, weigh};
use super::sizes::Sizes;
use crate::kernels::vector::Vector;

/// G g for every row of the kernels: the weight `[columns, taps]` to `[points, columns]`, where each
/// point's columns take [`Sizes::weight_step`] numbers.
///
/// # Safety
/// As [`Vector`]; the pointers are to as many numbers as the sizes say.
#[inline(always)]
pub(super) unsafe fn transform<V: Vector, const P: usize, const R: usize>(
    s: &Sizes,
    w: *const f32,
    to: *mut f32,
) {
    let (columns, step) = (s.columns(), s.weight_step());
    // SAFETY: the last vectors end within their step.
    unsafe {
        for at in (0..columns).step_by(V::LEN) {
            let mut taps = [[0.0; LANES]; R];
            for i in 0..V::LEN.min(columns - at) {
                for tap in 0..R {
                    taps[tap][i] = *w.add((at + i) * R + tap);
                }
            }
            let mut g = [V::splat(0.0); R];
            for tap in 0..R {
                g[tap] = V::load(taps[tap].as_ptr());
            }
            let u = weigh::<V, P>(evaluate(g));
            for p in 0..P {
                u[p].store(to.add(p * step + at));
            }
        }
    }
}

/// Gᵀ u: the adjoint of [`transform`].
///
/// # Safety
/// As [`transform`].
#[inline(always)]
pub(super) unsafe fn transform_back<V: Vector, const P: usize, const R: usize>(
    s: &Sizes,
    from: *const f32,
    dw: *mut f32,
) {
    let (columns, step) = (s.columns(), s.weight_step());
    // SAFETY: as above.
    unsafe {
        for at in (0..columns).step_by(V::LEN) {
            let mut u = [V::splat(0.0); P];
            for p in 0..P {
                u[p] = V::load(from.add(p * step + at));
            }
            let g = interpolate::<V, P, R>(weigh(u));
            let mut taps = [[0.0; LANES]; R];
            for tap in 0..R {
                g[tap].store(taps[tap].as_mut_ptr());
            }
            for i in 0..V::LEN.min(columns - at) {
                for tap in 0..R {
                    *dw.add((at + i) * R + tap) = taps[tap][i];
                }
            }
        }
    }
}
