//! Softmax and its logarithm.
//!
//! A tensor is seen as `[outer, classes, inner]`: softmax runs along the middle. The row's
//! maximum is subtracted first, so logits of any finite size are safe.

use super::isa::multiversion;
use crate::Float;

/// Whole rows are treated together, about so many elements at a time: the exponentials of ten
/// classes alone would fill no vector, and those of a whole tensor would leave the cache.
const BLOCK: usize = 1024;

/// How many elements are treated together, of rows in units of this size.
#[inline(always)]
fn block(unit: usize) -> usize {
    (BLOCK / unit).max(1) * unit
}

/// Calls `$along` with the numbers of classes and of rows beside each other. The usual one is
/// written out, so that its loops are compiled for elements that follow each other.
macro_rules! along {
    ($sizes:ident, $len:expr, $along:ident($($arg:expr),+)) => {
        let [outer, classes, inner] = $sizes;
        assert_eq!(outer * classes * inner, $len);
        match inner {
            _ if $len == 0 => {}
            1 => $along(classes, 1, $($arg),+),
            inner => $along(classes, inner, $($arg),+),
        }
    };
}

multiversion! {
    /// x := softmax(x) along the middle of `sizes`: e^(x_k) / Σ_j e^(x_j).
    pub fn softmax<T: Float>(sizes: [usize; 3], x: &mut [T]) {
        along!(sizes, x.len(), softmax_along(x));
    }
}

#[inline(always)]
fn softmax_along<T: Float>(classes: usize, inner: usize, x: &mut [T]) {
    for x in x.chunks_mut(block(classes * inner)) {
        less_max(classes, inner, x);
        for x in x.iter_mut() {
            *x = x.exp();
        }
        for rows in x.chunks_exact_mut(classes * inner) {
            for row in 0..inner {
                let sum: T = (0..classes).map(|k| rows[k * inner + row]).sum();
                for k in 0..classes {
                    rows[k * inner + row] = rows[k * inner + row] / sum;
                }
            }
        }
    }
}

multiversion! {
    /// dy := y (dy - Σ_j dy_j y_j), for y = softmax(x).
    pub fn softmax_backward<T: Float>(sizes: [usize; 3], dy: &mut [T], y: &[T]) {
        assert_eq!(dy.len(), y.len());
        along!(sizes, dy.len(), softmax_backward_along(dy, y));
    }
}

#[inline(always)]
fn softmax_backward_along<T: Float>(classes: usize, inner: usize, dy: &mut [T], y: &[T]) {
    let unit = classes * inner;
    for (dy, y) in dy.chunks_exact_mut(unit).zip(y.chunks_exact(unit)) {
        for row in 0..inner {
            let dot: T = (0..classes).map(|k| dy[k * inner + row] * y[k * inner + row]).sum();
            for k in 0..classes {
                dy[k * inner + row] = y[k * inner + row] * (dy[k * inner + row] - dot);
            }
        }
    }
}

multiversion! {
    /// x := log softmax(x) along the middle of `sizes`: x_k - ln Σ_j e^(x_j); `powers`, which
    /// has the same length, is written over.
    ///
    /// The maximum and the logarithm are subtracted one after the other: that keeps digits which
    /// their sum would round away.
    pub fn log_softmax<T: Float>(sizes: [usize; 3], x: &mut [T], powers: &mut [T]) {
        assert_eq!(x.len(), powers.len());
        along!(sizes, x.len(), log_softmax_along(x, powers));
    }
}

#[inline(always)]
fn log_softmax_along<T: Float>(classes: usize, inner: usize, x: &mut [T], powers: &mut [T]) {
    let unit = classes * inner;
    for (x, powers) in x.chunks_mut(block(unit)).zip(powers.chunks_mut(block(unit))) {
        less_max(classes, inner, x);
        for (power, x) in powers.iter_mut().zip(&*x) {
            *power = x.exp();
        }
        for (x, powers) in x.chunks_exact_mut(unit).zip(powers.chunks_exact(unit)) {
            for row in 0..inner {
                let log_sum = (0..classes).map(|k| powers[k * inner + row]).sum::<T>().ln();
                for k in 0..classes {
                    x[k * inner + row] -= log_sum;
                }
            }
        }
    }
}

multiversion! {
    /// dy := dy - softmax(x) Σ_j dy_j, for y = log softmax(x); `powers`, which has the same
    /// length, is written over.
    pub fn log_softmax_backward<T: Float>(
        sizes: [usize; 3],
        dy: &mut [T],
        y: &[T],
        powers: &mut [T],
    ) {
        assert!(dy.len() == y.len() && dy.len() == powers.len());
        for (power, y) in powers.iter_mut().zip(y) {
            *power = y.exp();
        }
        along!(sizes, dy.len(), log_softmax_backward_along(dy, powers));
    }
}

#[inline(always)]
fn log_softmax_backward_along<T: Float>(classes: usize, inner: usize, dy: &mut [T], p: &[T]) {
    let unit = classes * inner;
    for (dy, p) in dy.chunks_exact_mut(unit).zip(p.chunks_exact(unit)) {
        for row in 0..inner {
            let sum: T = (0..classes).map(|k| dy[k * inner + row]).sum();
            for k in 0..classes {
                dy[k * inner + row] -= p[k * inner + row] * sum;
            }
        }
    }
}

/// x := x - the largest of its row.
#[inline(always)]
fn less_max<T: Float>(classes: usize, inner: usize, x: &mut [T]) {
    for rows in x.chunks_exact_mut(classes * inner) {
        for row in 0..inner {
            let max = (0..classes).fold(-T::INFINITY, |max, k| larger(max, rows[k * inner + row]));
            for k in 0..classes {
                rows[k * inner + row] -= max;
            }
        }
    }
}

/// The larger of the two. Whether it keeps a NaN does not matter: the sum keeps it.
#[inline(always)]
fn larger<T: Float>(a: T, b: T) -> T {
    if a > b { a } else { b }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logits_of_ten_thousand_are_safe() {
        for scale in [1.0_f32, 1e4] {
            let mut p = [-scale, 0.0, scale];
            let mut l = p;
            softmax([1, 3, 1], &mut p);
            log_softmax([1, 3, 1], &mut l, &mut [f32::NAN; 3]);
            assert!((p.iter().sum::<f32>() - 1.0).abs() < 1e-6);
            assert!(l.iter().all(|l| l.is_finite()), "{l:?}");
            assert!((l[0] + 2.0 * scale).abs() <= 0.5, "{l:?}");
        }
    }

    #[test]
    fn the_middle_axis_is_normalised() {
        let sizes = [2, 3, 4];
        let mut x: Vec<f64> = (0..24).map(|i| (f64::from(i) * 0.7).sin()).collect();
        let plain = x.clone();
        softmax(sizes, &mut x);
        for outer in 0..2 {
            for inner in 0..4 {
                let at = |k: usize| (outer * 3 + k) * 4 + inner;
                let sum: f64 = (0..3).map(|k| plain[at(k)].exp()).sum();
                for k in 0..3 {
                    assert!((x[at(k)] - plain[at(k)].exp() / sum).abs() < 1e-15);
                }
            }
        }
        let mut logs = plain;
        log_softmax(sizes, &mut logs, &mut [f64::NAN; 24]);
        assert!(logs.iter().zip(&x).all(|(l, p)| (l - p.ln()).abs() < 1e-14));
    }

    #[test]
    fn nan_is_not_lost() {
        let mut x = [f64::NAN, 1.0, 2.0];
        softmax([1, 3, 1], &mut x);
        assert!(x.iter().all(|x| x.is_nan()));
    }
}
