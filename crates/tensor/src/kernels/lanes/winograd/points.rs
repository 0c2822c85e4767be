//! The one-dimensional transforms of F(M, R) and their constants.
//!
//! `M` outputs of a correlation with `R` taps are a product of two polynomials, evaluated at
//! `P = M + R - 1` points, multiplied there and interpolated: `y = Aᵀ ((G g) ⊙ (Bᵀ d))`. The points
//! are 0 where `P` is even, pairs ±a, and ∞, in this order. A pair shares its work: even and odd
//! powers are summed apart, and then added for a and subtracted for -a.
//!
//! The points decide the rounding error. Those below came out best of all sixteenths up to 2½: for
//! six points two thirds of the error of ±1 and ±2, for nine half of that of 0, ±½, ±1, ±1½ and 2.

use crate::kernels::vector::Vector;

/// Most pairs of points.
const MOST_PAIRS: usize = 4;
/// Most taps or outputs.
const MOST_POWERS: usize = 8;

/// What is known of `P` points.
pub(super) struct Points<const P: usize>;

/// Constants of a set of points.
struct Table {
    /// Each pair's powers, from 0.
    powers: [[f32; MOST_POWERS]; MOST_PAIRS],
    /// For each pair the coefficients of ∏ (x - b²) over the other pairs ±b.
    others: [[f32; MOST_PAIRS]; MOST_PAIRS],
    /// Those of the product over all pairs.
    all: [f32; MOST_PAIRS + 1],
    /// One over the distance of each pair's positive point, and of 0, from the other finite points.
    near: [f32; MOST_PAIRS],
    near_zero: f32,
}

impl<const P: usize> Points<P> {
    const PAIRS: usize = (P - 1) / 2;
    /// 1 where 0 is a point.
    const ZERO: usize = (P - 1) % 2;
    /// What the distance of -a is to that of a: the sign.
    const MIRRORED: f32 = if Self::ZERO == 1 { 1.0 } else { -1.0 };

    const POINTS: [f64; MOST_PAIRS] = match P {
        6 => [0.625, 1.5625, 0.0, 0.0],
        8 => [0.5, 0.9375, 2.125, 0.0],
        9 => [0.1875, 0.6875, 1.125, 2.3125],
        _ => panic!("points for this number are to be chosen first"),
    };

    const TABLE: Table = Self::table();

    /// The pair whose positive point this is.
    pub(super) fn pair(point: usize) -> Option<Pair<'static>> {
        let table = const { &Self::TABLE };
        let at = point.checked_sub(Self::ZERO).filter(|at| at % 2 == 0 && point + 1 < P)?;
        Some(Pair { powers: &table.powers[at / 2] })
    }

    const fn table() -> Table {
        let mut table = Table {
            powers: [[0.0; MOST_POWERS]; MOST_PAIRS],
            others: [[0.0; MOST_PAIRS]; MOST_PAIRS],
            all: [0.0; MOST_PAIRS + 1],
            near: [0.0; MOST_PAIRS],
            near_zero: 0.0,
        };
        let all = product(&Self::POINTS, Self::PAIRS, MOST_PAIRS);
        let mut near_zero = 1.0;
        let mut pair = 0;
        while pair < Self::PAIRS {
            let a = Self::POINTS[pair];
            let mut power = 1.0;
            let mut i = 0;
            while i < MOST_POWERS {
                table.powers[pair][i] = power as f32;
                power *= a;
                i += 1;
            }
            let others = product(&Self::POINTS, Self::PAIRS, pair);
            let mut distance = if Self::ZERO == 1 { 2.0 * a * a } else { 2.0 * a };
            i = 0;
            while i < Self::PAIRS {
                table.others[pair][i] = others[i] as f32;
                if i != pair {
                    distance *= a * a - Self::POINTS[i] * Self::POINTS[i];
                }
                i += 1;
            }
            table.near[pair] = (1.0 / distance) as f32;
            near_zero *= -1.0 / (a * a);
            table.all[pair] = all[pair] as f32;
            pair += 1;
        }
        table.all[Self::PAIRS] = all[Self::PAIRS] as f32;
        table.near_zero = near_zero as f32;
        table
    }
}

/// Coefficients of ∏ (x - b²) over the first `pairs` but one.
const fn product(
    points: &[f64; MOST_PAIRS],
    pairs: usize,
    without: usize,
) -> [f64; MOST_PAIRS + 1] {
    let mut found = [0.0; MOST_PAIRS + 1];
    found[0] = 1.0;
    let mut pair = 0;
    while pair < pairs {
        if pair != without {
            let mut i = MOST_PAIRS;
            while i > 0 {
                found[i] = found[i - 1] - points[pair] * points[pair] * found[i];
                i -= 1;
            }
            found[0] *= -points[pair] * points[pair];
        }
        pair += 1;
    }
    found
}

/// Bᵀ d.
///
/// # Safety
/// As [`Vector`]; so for the other transforms.
#[inline(always)]
pub(super) unsafe fn source<V: Vector, const P: usize>(d: [V; P]) -> [V; P] {
    let (pairs, zero) = (Points::<P>::PAIRS, Points::<P>::ZERO);
    let table = const { &Points::<P>::TABLE };
    let top = 2 * (pairs - 1) + zero;
    // SAFETY: register to register only.
    unsafe {
        let mut v = d;
        for pair in 0..pairs {
            let (mut even, mut odd) = (d[top], d[top + 1]);
            for i in 0..pairs - 1 {
                let factor = V::splat(table.others[pair][i]);
                even = d[2 * i + zero].mul_add(factor, even);
                odd = d[2 * i + zero + 1].mul_add(factor, odd);
            }
            let a = table.powers[pair][1];
            v[zero + 2 * pair] = even.mul_add(V::splat(a), odd);
            v[zero + 2 * pair + 1] = even.mul_add(V::splat(-a), odd);
        }
        let (mut first, mut last) = (d[2 * pairs], d[P - 1]);
        for i in 0..pairs {
            let factor = V::splat(table.all[i]);
            first = d[2 * i].mul_add(factor, first);
            last = d[2 * i + zero].mul_add(factor, last);
        }
        if zero == 1 {
            v[0] = first;
        }
        v[P - 1] = last;
        v
    }
}

/// B v: the adjoint of [`source`].
#[inline(always)]
pub(super) unsafe fn source_adjoint<V: Vector, const P: usize>(v: [V; P]) -> [V; P] {
    let (pairs, zero) = (Points::<P>::PAIRS, Points::<P>::ZERO);
    let table = const { &Points::<P>::TABLE };
    let top = 2 * (pairs - 1) + zero;
    // SAFETY: register to register only.
    unsafe {
        let mut d = [V::splat(0.0); P];
        d[P - 1] = v[P - 1];
        for i in 0..pairs {
            d[2 * i + zero] = v[P - 1].mul_add(V::splat(table.all[i]), d[2 * i + zero]);
        }
        if zero == 1 {
            for i in 0..pairs {
                d[2 * i] = v[0].mul_add(V::splat(table.all[i]), d[2 * i]);
            }
            d[2 * pairs] = d[2 * pairs].add(v[0]);
        }
        for pair in 0..pairs {
            let [plus, minus] = [v[zero + 2 * pair], v[zero + 2 * pair + 1]];
            let odd = plus.add(minus);
            let even = difference(plus, minus);
            let even = even.mul_add(V::splat(table.powers[pair][1]), V::splat(0.0));
            for i in 0..pairs - 1 {
                let factor = V::splat(table.others[pair][i]);
                d[2 * i + zero] = even.mul_add(factor, d[2 * i + zero]);
                d[2 * i + zero + 1] = odd.mul_add(factor, d[2 * i + zero + 1]);
            }
            d[top] = d[top].add(even);
            d[top + 1] = d[top + 1].add(odd);
        }
        d
    }
}

/// A y, and G g but for [`weigh`]: the values at the points of the polynomial with these
/// coefficients.
#[inline(always)]
pub(super) unsafe fn evaluate<V: Vector, const P: usize, const N: usize>(y: [V; N]) -> [V; P] {
    let (pairs, zero) = (Points::<P>::PAIRS, Points::<P>::ZERO);
    let table = const { &Points::<P>::TABLE };
    // SAFETY: register to register only.
    unsafe {
        let mut m = [V::splat(0.0); P];
        if zero == 1 {
            m[0] = y[0];
        }
        m[P - 1] = y[N - 1];
        for pair in 0..pairs {
            let [plus, minus] = Pair { powers: &table.powers[pair] }.evaluate(y);
            m[zero + 2 * pair] = plus;
            m[zero + 2 * pair + 1] = minus;
        }
        m
    }
}

/// Two points that differ in their sign.
#[derive(Clone, Copy)]
pub(super) struct Pair<'a> {
    powers: &'a [f32; MOST_POWERS],
}

impl Pair<'_> {
    /// For what has no use of one.
    pub(super) const NONE: Pair<'static> = Pair { powers: &[0.0; MOST_POWERS] };

    /// The values of the polynomial with these coefficients.
    ///
    /// # Safety
    /// As [`Vector`].
    #[inline(always)]
    pub(super) unsafe fn evaluate<V: Vector, const N: usize>(self, y: [V; N]) -> [V; 2] {
        // SAFETY: register to register only.
        unsafe {
            let (mut even, mut odd) = (y[0], V::splat(0.0));
            for i in 1..N {
                let sum = if i % 2 == 0 { &mut even } else { &mut odd };
                *sum = y[i].mul_add(V::splat(self.powers[i]), *sum);
            }
            [even.add(odd), difference(even, odd)]
        }
    }
}

/// Aᵀ m, and Gᵀ u after [`weigh`]: the adjoint of [`evaluate`].
#[inline(always)]
pub(super) unsafe fn interpolate<V: Vector, const P: usize, const N: usize>(m: [V; P]) -> [V; N] {
    let (pairs, zero) = (Points::<P>::PAIRS, Points::<P>::ZERO);
    let table = const { &Points::<P>::TABLE };
    // SAFETY: register to register only.
    unsafe {
        let mut y = [V::splat(0.0); N];
        if zero == 1 {
            y[0] = m[0];
        }
        y[N - 1] = y[N - 1].add(m[P - 1]);
        for pair in 0..pairs {
            let [plus, minus] = [m[zero + 2 * pair], m[zero + 2 * pair + 1]];
            let (even, odd) = (plus.add(minus), difference(plus, minus));
            y[0] = y[0].add(even);
            for i in 1..N {
                let term = if i % 2 == 0 { even } else { odd };
                y[i] = term.mul_add(V::splat(table.powers[pair][i]), y[i]);
            }
        }
        y
    }
}

/// Divides each point's number by the point's distance from the other finite points.
#[inline(always)]
pub(super) unsafe fn weigh<V: Vector, const P: usize>(mut u: [V; P]) -> [V; P] {
    let (pairs, zero) = (Points::<P>::PAIRS, Points::<P>::ZERO);
    let table = const { &Points::<P>::TABLE };
    // SAFETY: register to register only.
    unsafe {
        let none = V::splat(0.0);
        if zero == 1 {
            u[0] = u[0].mul_add(V::splat(table.near_zero), none);
        }
        for pair in 0..pairs {
            let (plus, minus) = (zero + 2 * pair, zero + 2 * pair + 1);
            u[plus] = u[plus].mul_add(V::splat(table.near[pair]), none);
            u[minus] = u[minus].mul_add(V::splat(table.near[pair] * Points::<P>::MIRRORED), none);
        }
        u
    }
}

#[inline(always)]
unsafe fn difference<V: Vector>(a: V, b: V) -> V {
    // SAFETY: register to register only.
    unsafe { b.mul_add(V::splat(-1.0), a) }
}
