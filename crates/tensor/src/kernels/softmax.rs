//! Softmax and its logarithm.
//!
//! A tensor is seen as `[outer, classes, inner]`: softmax runs along the middle. The row's
//! maximum is subtracted first, so logits of any finite size are safe.

use crate::Float;

/// Calls `visit` with the first position of each row; a row's elements lie `inner` apart.
fn for_each_row([outer, classes, inner]: [usize; 3], mut visit: impl FnMut(usize)) {
    for block in 0..outer {
        for offset in 0..inner {
            visit(block * classes * inner + offset);
        }
    }
}

/// x := softmax(x) along the middle of `sizes`: e^(x_k) / Σ_j e^(x_j).
pub fn softmax<T: Float>(sizes: [usize; 3], x: &mut [T]) {
    let [_, classes, inner] = check(sizes, x.len());
    for_each_row(sizes, |row| {
        let at = |k: usize| row + k * inner;
        let max = (0..classes).fold(-T::INFINITY, |max, k| larger(max, x[at(k)]));
        let mut sum = T::ZERO;
        for k in 0..classes {
            x[at(k)] = (x[at(k)] - max).exp();
            sum += x[at(k)];
        }
        for k in 0..classes {
            x[at(k)] = x[at(k)] / sum;
        }
    });
}

/// dy := y (dy - Σ_j dy_j y_j), for y = softmax(x).
pub fn softmax_backward<T: Float>(sizes: [usize; 3], dy: &mut [T], y: &[T]) {
    let [_, classes, inner] = check(sizes, dy.len());
    assert_eq!(dy.len(), y.len());
    for_each_row(sizes, |row| {
        let at = |k: usize| row + k * inner;
        let dot: T = (0..classes).map(|k| dy[at(k)] * y[at(k)]).sum();
        for k in 0..classes {
            dy[at(k)] = y[at(k)] * (dy[at(k)] - dot);
        }
    });
}

/// x := log softmax(x) along the middle of `sizes`: x_k - ln Σ_j e^(x_j).
pub fn log_softmax<T: Float>(sizes: [usize; 3], x: &mut [T]) {
    let [_, classes, inner] = check(sizes, x.len());
    for_each_row(sizes, |row| {
        let at = |k: usize| row + k * inner;
        let max = (0..classes).fold(-T::INFINITY, |max, k| larger(max, x[at(k)]));
        let log_sum = (0..classes).map(|k| (x[at(k)] - max).exp()).sum::<T>().ln();
        // Subtracting one after the other keeps digits that `max + log_sum` would round away.
        for k in 0..classes {
            x[at(k)] = x[at(k)] - max - log_sum;
        }
    });
}

/// dy := dy - softmax(x) Σ_j dy_j, for y = log softmax(x).
pub fn log_softmax_backward<T: Float>(sizes: [usize; 3], dy: &mut [T], y: &[T]) {
    let [_, classes, inner] = check(sizes, dy.len());
    assert_eq!(dy.len(), y.len());
    for_each_row(sizes, |row| {
        let at = |k: usize| row + k * inner;
        let sum: T = (0..classes).map(|k| dy[at(k)]).sum();
        for k in 0..classes {
            dy[at(k)] -= y[at(k)].exp() * sum;
        }
    });
}

fn check(sizes: [usize; 3], len: usize) -> [usize; 3] {
    assert_eq!(sizes.iter().product::<usize>(), len);
    sizes
}

/// The larger of the two. Whether it keeps a NaN does not matter: the sum keeps it.
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
            log_softmax([1, 3, 1], &mut l);
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
        log_softmax(sizes, &mut logs);
        assert!(logs.iter().zip(&x).all(|(l, p)| (l - p.ln()).abs() < 1e-14));
    }

    #[test]
    fn nan_is_not_lost() {
        let mut x = [f64::NAN, 1.0, 2.0];
        softmax([1, 3, 1], &mut x);
        assert!(x.iter().all(|x| x.is_nan()));
    }
}
