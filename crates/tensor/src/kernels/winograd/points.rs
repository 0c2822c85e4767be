//! The one-dimensional transforms of F(4, 3) and their constants.
//!
//! Four outputs of a three-tap correlation are a product of two polynomials, evaluated at six
//! points (0, ±a, ±b and ∞), multiplied there and interpolated: `y = Aᵀ ((G g) ⊙ (Bᵀ d))`. In two
//! dimensions each matrix is applied to the columns and then to the rows.
//!
//! The points decide the rounding error. Of those whose squares and products are short binary
//! fractions ±11/16 and ±11/8 came out best: a quarter of the error of the textbook's ±1 and ±2,
//! for the outputs and for the gradient of the weight.

use crate::kernels::vector::Vector;

/// Points, and so products per dimension.
pub(super) const POINTS: usize = 6;
/// Products of a tile.
pub(super) const FREQUENCIES: usize = POINTS * POINTS;
/// Outputs of a tile, per dimension.
pub(super) const TILE: usize = 4;
/// Taps of the kernel, per dimension.
pub(super) const TAPS: usize = 3;

const A: f32 = 11.0 / 16.0;
const B: f32 = 11.0 / 8.0;
const A2: f32 = A * A;
const B2: f32 = B * B;
/// Each point's factor in the interpolation: one over its distances from the other finite points.
const NEAR_0: f32 = 1.0 / (A2 * B2);
const NEAR_A: f32 = 1.0 / (2.0 * A2 * (A2 - B2));
const NEAR_B: f32 = 1.0 / (2.0 * B2 * (B2 - A2));

/// Bᵀ d.
///
/// # Safety
/// As [`Vector`]; so for the other transforms.
#[inline(always)]
pub(super) unsafe fn source<V: Vector>(d: [V; POINTS]) -> [V; POINTS] {
    // SAFETY: register to register only.
    unsafe {
        let (product, sum) = (V::splat(A2 * B2), V::splat(-A2 - B2));
        let even_a = d[2].mul_add(V::splat(-B2), d[4]);
        let odd_a = d[1].mul_add(V::splat(-B2), d[3]);
        let even_b = d[2].mul_add(V::splat(-A2), d[4]);
        let odd_b = d[1].mul_add(V::splat(-A2), d[3]);
        [
            d[0].mul_add(product, d[2].mul_add(sum, d[4])),
            odd_a.mul_add(V::splat(A), even_a),
            odd_a.mul_add(V::splat(-A), even_a),
            odd_b.mul_add(V::splat(B), even_b),
            odd_b.mul_add(V::splat(-B), even_b),
            d[1].mul_add(product, d[3].mul_add(sum, d[5])),
        ]
    }
}

/// Aᵀ m.
#[inline(always)]
pub(super) unsafe fn output<V: Vector>(m: [V; POINTS]) -> [V; TILE] {
    // SAFETY: register to register only.
    unsafe {
        let (zero, minus) = (V::splat(0.0), V::splat(-1.0));
        let (even_a, odd_a) = (m[1].add(m[2]), m[2].mul_add(minus, m[1]));
        let (even_b, odd_b) = (m[3].add(m[4]), m[4].mul_add(minus, m[3]));
        [
            m[0].add(even_a).add(even_b),
            odd_b.mul_add(V::splat(B), odd_a.mul_add(V::splat(A), zero)),
            even_b.mul_add(V::splat(B2), even_a.mul_add(V::splat(A2), zero)),
            odd_b.mul_add(V::splat(B * B2), odd_a.mul_add(V::splat(A * A2), m[5])),
        ]
    }
}

/// A dy: the adjoint of [`output`].
#[inline(always)]
pub(super) unsafe fn output_adjoint<V: Vector>(y: [V; TILE]) -> [V; POINTS] {
    // SAFETY: register to register only.
    unsafe {
        let even_a = y[2].mul_add(V::splat(A2), y[0]);
        let odd_a = y[3].mul_add(V::splat(A2), y[1]);
        let even_b = y[2].mul_add(V::splat(B2), y[0]);
        let odd_b = y[3].mul_add(V::splat(B2), y[1]);
        [
            y[0],
            odd_a.mul_add(V::splat(A), even_a),
            odd_a.mul_add(V::splat(-A), even_a),
            odd_b.mul_add(V::splat(B), even_b),
            odd_b.mul_add(V::splat(-B), even_b),
            y[3],
        ]
    }
}

/// G g.
#[inline(always)]
pub(super) unsafe fn filter<V: Vector>(g: [V; TAPS]) -> [V; POINTS] {
    // SAFETY: register to register only.
    unsafe {
        let zero = V::splat(0.0);
        let even_a = g[2].mul_add(V::splat(A2 * NEAR_A), g[0].mul_add(V::splat(NEAR_A), zero));
        let even_b = g[2].mul_add(V::splat(B2 * NEAR_B), g[0].mul_add(V::splat(NEAR_B), zero));
        [
            g[0].mul_add(V::splat(NEAR_0), zero),
            g[1].mul_add(V::splat(A * NEAR_A), even_a),
            g[1].mul_add(V::splat(-A * NEAR_A), even_a),
            g[1].mul_add(V::splat(B * NEAR_B), even_b),
            g[1].mul_add(V::splat(-B * NEAR_B), even_b),
            g[2],
        ]
    }
}

/// Gᵀ u: the adjoint of [`filter`].
#[inline(always)]
pub(super) unsafe fn filter_adjoint<V: Vector>(u: [V; POINTS]) -> [V; TAPS] {
    // SAFETY: register to register only.
    unsafe {
        let (zero, minus) = (V::splat(0.0), V::splat(-1.0));
        let (even_a, odd_a) = (u[1].add(u[2]), u[2].mul_add(minus, u[1]));
        let (even_b, odd_b) = (u[3].add(u[4]), u[4].mul_add(minus, u[3]));
        let near_0 = u[0].mul_add(V::splat(NEAR_0), zero);
        let one = odd_a.mul_add(V::splat(A * NEAR_A), zero);
        let two = even_a.mul_add(V::splat(A2 * NEAR_A), u[5]);
        [
            even_b.mul_add(V::splat(NEAR_B), even_a.mul_add(V::splat(NEAR_A), near_0)),
            odd_b.mul_add(V::splat(B * NEAR_B), one),
            even_b.mul_add(V::splat(B2 * NEAR_B), two),
        ]
    }
}
