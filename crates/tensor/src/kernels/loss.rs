//! Losses of one element each, forwards and backwards, one pass over memory each.

use super::isa::multiversion;
use super::math::keep_between;
use crate::Float;

multiversion! {
    /// dy := dy · sign(x), which is 0 at 0, for y = |x|.
    pub fn abs_backward<T: Float>(dy: &mut [T], x: &[T]) {
        assert_eq!(dy.len(), x.len());
        for (dy, &x) in dy.iter_mut().zip(x) {
            let negative_or_nought = if x < T::ZERO { -T::ONE } else { x };
            // x itself where it is 0 or NaN.
            *dy *= if x > T::ZERO { T::ONE } else { negative_or_nought };
        }
    }
}

multiversion! {
    /// y := x² / 2 where |x| <= delta, else delta (|x| - delta / 2): Huber's function.
    pub fn huber<T: Float>(x: &[T], y: &mut [T], delta: T) {
        assert_eq!(x.len(), y.len());
        let half = T::from_f64(0.5);
        for (y, &x) in y.iter_mut().zip(x) {
            let size = x.abs();
            // With c = min(|x|, delta) both cases are c (|x| - c / 2). NaN stays.
            let c = if size > delta { delta } else { size };
            *y = c * (size - half * c);
        }
    }
}

multiversion! {
    /// dy := dy · x where |x| <= delta, else dy · delta sign(x).
    pub fn huber_backward<T: Float>(dy: &mut [T], x: &[T], delta: T) {
        assert_eq!(dy.len(), x.len());
        for (dy, &x) in dy.iter_mut().zip(x) {
            *dy *= keep_between(-delta, x, delta);
        }
    }
}

/// How much the two terms of a binary cross-entropy count: target 0, and target 1.
pub type Counts<T> = [T; 2];

/// ln(1 + e^x) and ln(1 + e^-x): neither overflows or loses small values.
#[inline(always)]
fn softplus_of_both_signs<T: Float>(x: T) -> [T; 2] {
    let small = (-x.abs()).exp().ln_1p();
    let ramp = |x: T| if x <= T::ZERO { T::ZERO } else { x };
    [ramp(x) + small, ramp(-x) + small]
}

/// 1 / (1 + e^-x) and 1 / (1 + e^x).
#[inline(always)]
fn sigmoid_of_both_signs<T: Float>(x: T) -> [T; 2] {
    let small = (-x.abs()).exp();
    let [large, small] = [T::ONE / (T::ONE + small), small / (T::ONE + small)];
    if x >= T::ZERO { [large, small] } else { [small, large] }
}

/// Calls `$element` with each triple of elements and its counts, which repeat from row to row.
macro_rules! with_counts {
    ($counts:ident, $out:ident, $x:ident, $t:ident, $element:expr) => {
        assert!($out.len() == $x.len() && $x.len() == $t.len());
        if let [counts] = *$counts {
            // One loop over everything: a row of a single output would leave the vectors empty.
            for ((out, &x), &t) in $out.iter_mut().zip($x).zip($t) {
                *out = $element(*out, x, t, counts);
            }
        } else {
            let width = $counts.len();
            assert!(width > 0 && $out.len().is_multiple_of(width));
            let rows = $out.chunks_exact_mut(width).zip($x.chunks_exact(width));
            for ((out, x), t) in rows.zip($t.chunks_exact(width)) {
                for (((out, &x), &t), &counts) in out.iter_mut().zip(x).zip(t).zip($counts) {
                    *out = $element(*out, x, t, counts);
                }
            }
        }
    };
}

multiversion! {
    /// losses := n (1 - t) ln(1 + e^x) + p t ln(1 + e^-x), for logits x, targets t and the counts
    /// \[n, p\] of each element of a row, or of all elements.
    pub fn binary_cross_entropy<T: Float>(x: &[T], t: &[T], counts: &[Counts<T>], losses: &mut [T]) {
        let element = |_: T, x: T, t: T, [n, p]: Counts<T>| {
            let [softplus, softplus_of_minus] = softplus_of_both_signs(x);
            n * (T::ONE - t) * softplus + p * t * softplus_of_minus
        };
        with_counts!(counts, losses, x, t, element);
    }
}

multiversion! {
    /// dlosses := dlosses · (n (1 - t) sigmoid(x) - p t sigmoid(-x)).
    pub fn binary_cross_entropy_backward<T: Float>(
        dlosses: &mut [T],
        x: &[T],
        t: &[T],
        counts: &[Counts<T>],
    ) {
        let element = |dloss: T, x: T, t: T, [n, p]: Counts<T>| {
            let [sigmoid, sigmoid_of_minus] = sigmoid_of_both_signs(x);
            dloss * (n * (T::ONE - t) * sigmoid - p * t * sigmoid_of_minus)
        };
        with_counts!(counts, dlosses, x, t, element);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every length around the vector widths gives what one element at a time gives, to the bit.
    #[test]
    fn every_length_gives_the_same_bits() {
        for len in 0..=70 {
            let x: Vec<f32> = (0..len).map(|i| (i as f32 * 0.37).sin() * 6.0).collect();
            let t: Vec<f32> = (0..len).map(|i| (i as f32 * 0.73).cos().abs()).collect();
            let width = [1, 2, 5, 7].into_iter().filter(|w| len % w == 0).max().unwrap();
            let counts: Vec<_> = (0..width).map(|k| [1.0 + k as f32, 3.0 - k as f32]).collect();
            let [mut y, mut losses] = [vec![f32::NAN; len], vec![f32::NAN; len]];
            huber(&x, &mut y, 1.5);
            binary_cross_entropy(&x, &t, &counts, &mut losses);
            let [mut a, mut h, mut b] = [vec![0.7; len], vec![0.7; len], vec![0.7; len]];
            abs_backward(&mut a, &x);
            huber_backward(&mut h, &x, 1.5);
            binary_cross_entropy_backward(&mut b, &x, &t, &counts);
            for i in 0..len {
                let (x, t, counts) = (&x[i..=i], &t[i..=i], &counts[i % width..=i % width]);
                let mut one = [f32::NAN];
                huber(x, &mut one, 1.5);
                assert_eq!(one[0], y[i]);
                binary_cross_entropy(x, t, counts, &mut one);
                assert_eq!(one[0], losses[i]);
                one = [0.7];
                abs_backward(&mut one, x);
                assert_eq!(one[0], a[i]);
                one = [0.7];
                huber_backward(&mut one, x, 1.5);
                assert_eq!(one[0], h[i]);
                one = [0.7];
                binary_cross_entropy_backward(&mut one, x, t, counts);
                assert_eq!(one[0], b[i]);
            }
        }
    }

    #[test]
    fn far_out_they_are_their_asymptotes() {
        fn check<T: Float>() {
            let [far, one, zero] = [1e4, 1.0, 0.0].map(T::from_f64);
            let mut y = [T::from_f64(f64::NAN); 4];
            let (x, t) = ([far, far, -far, -far], [zero, one, zero, one]);
            binary_cross_entropy(&x, &t, &[[one, one]], &mut y);
            assert_eq!(y, [far, zero, zero, far]);
            let mut dy = [one; 4];
            binary_cross_entropy_backward(&mut dy, &x, &t, &[[one, one]]);
            assert_eq!(dy, [one, zero, zero, -one]);
            huber(&x, &mut y, one);
            assert_eq!(y, [far - T::from_f64(0.5); 4]);
            let mut dy = [one; 4];
            huber_backward(&mut dy, &x, one);
            assert_eq!(dy, [one, one, -one, -one]);
        }
        check::<f32>();
        check::<f64>();
    }

    #[test]
    fn nan_stays_nan() {
        let (nan, mut y) = ([f32::NAN], [0.0]);
        huber(&nan, &mut y, 1.0);
        assert!(y[0].is_nan());
        binary_cross_entropy(&nan, &[1.0], &[[1.0, 1.0]], &mut y);
        assert!(y[0].is_nan());
        for backward in [abs_backward, |dy: &mut [f32], x: &[f32]| huber_backward(dy, x, 1.0)] {
            let mut dy = [1.0];
            backward(&mut dy, &nan);
            assert!(dy[0].is_nan());
        }
    }
}
