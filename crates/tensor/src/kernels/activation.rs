//! Activations with a formula of their own, forwards and backwards, one pass over memory each.
//!
//! Those whose derivative is a function of the output work in place; the others read the input
//! again.

use super::isa::multiversion;
use super::math::keep_between;
use crate::Float;

/// 1 / (1 + e^-x).
#[inline(always)]
fn logistic<T: Float>(x: T) -> T {
    // e^-|x| cannot overflow, and neither branch loses small values.
    let small = (-x.abs()).exp();
    let numerator = if x >= T::ZERO { T::ONE } else { small };
    numerator / (T::ONE + small)
}

/// Where x e^x is 0, so that -∞ · 0 does not come up.
const FAR: f64 = 800.0;

/// x, but not so far below 0 that the functions here tell it from -∞.
#[inline(always)]
fn not_far<T: Float>(x: T) -> T {
    let far = T::from_f64(-FAR);
    if x < far { far } else { x }
}

multiversion! {
    /// x := 1 / (1 + e^-x).
    pub fn sigmoid<T: Float>(x: &mut [T]) {
        for x in x {
            *x = logistic(*x);
        }
    }
}

multiversion! {
    /// dy := dy · y (1 - y), for y = sigmoid(x): eq. (3.7).
    pub fn sigmoid_backward<T: Float>(dy: &mut [T], y: &[T]) {
        assert_eq!(dy.len(), y.len());
        for (dy, &y) in dy.iter_mut().zip(y) {
            *dy *= y * (T::ONE - y);
        }
    }
}

multiversion! {
    /// x := tanh x.
    pub fn tanh<T: Float>(x: &mut [T]) {
        for x in x {
            *x = x.tanh();
        }
    }
}

multiversion! {
    /// dy := dy · (1 - y²), for y = tanh(x).
    pub fn tanh_backward<T: Float>(dy: &mut [T], y: &[T]) {
        assert_eq!(dy.len(), y.len());
        for (dy, &y) in dy.iter_mut().zip(y) {
            *dy *= T::ONE - y * y;
        }
    }
}

multiversion! {
    /// x := x where x > 0, else slope · x.
    pub fn leaky_relu<T: Float>(x: &mut [T], slope: T) {
        for x in x {
            *x = if *x > T::ZERO { *x } else { slope * *x };
        }
    }
}

multiversion! {
    /// dy := dy where y > 0, else slope · dy, for y = leaky_relu(x) with a slope of at least 0.
    pub fn leaky_relu_backward<T: Float>(dy: &mut [T], y: &[T], slope: T) {
        assert_eq!(dy.len(), y.len());
        for (dy, &y) in dy.iter_mut().zip(y) {
            *dy = if y > T::ZERO { *dy } else { slope * *dy };
        }
    }
}

multiversion! {
    /// x := x where x > 0, else alpha (e^x - 1).
    pub fn elu<T: Float>(x: &mut [T], alpha: T) {
        for x in x {
            let curve = alpha * keep_between(T::from_f64(-FAR), *x, T::ZERO).exp_m1();
            *x = if *x > T::ZERO { *x } else { curve };
        }
    }
}

multiversion! {
    /// dy := dy where y > 0, else dy · (y + alpha), for y = elu(x) with an alpha of at least 0.
    pub fn elu_backward<T: Float>(dy: &mut [T], y: &[T], alpha: T) {
        assert_eq!(dy.len(), y.len());
        for (dy, &y) in dy.iter_mut().zip(y) {
            *dy *= if y > T::ZERO { T::ONE } else { y + alpha };
        }
    }
}

multiversion! {
    /// x := ln(1 + e^x).
    pub fn softplus<T: Float>(x: &mut [T]) {
        for x in x {
            let ramp = if *x <= T::ZERO { T::ZERO } else { *x };
            *x = ramp + (-x.abs()).exp().ln_1p();
        }
    }
}

multiversion! {
    /// dy := dy · (1 - e^-y), which is dy · sigmoid(x), for y = softplus(x).
    pub fn softplus_backward<T: Float>(dy: &mut [T], y: &[T]) {
        assert_eq!(dy.len(), y.len());
        for (dy, &y) in dy.iter_mut().zip(y) {
            *dy *= -(-y).exp_m1();
        }
    }
}

multiversion! {
    /// y := x · sigmoid(x).
    pub fn silu<T: Float>(x: &[T], y: &mut [T]) {
        assert_eq!(x.len(), y.len());
        for (y, &x) in y.iter_mut().zip(x) {
            *y = not_far(x) * logistic(x);
        }
    }
}

multiversion! {
    /// dy := dy · s (1 + x (1 - s)) with s = sigmoid(x).
    pub fn silu_backward<T: Float>(dy: &mut [T], x: &[T]) {
        assert_eq!(dy.len(), x.len());
        for (dy, &x) in dy.iter_mut().zip(x) {
            // 1 - s = sigmoid(-x) without cancellation; beyond FAR the product is 0.
            let near = keep_between(T::from_f64(-FAR), x, T::from_f64(FAR));
            *dy *= logistic(x) * (T::ONE + near * logistic(-near));
        }
    }
}

multiversion! {
    /// y := x Φ(x), where Φ is the standard normal distribution function.
    pub fn gelu<T: Float>(x: &[T], y: &mut [T]) {
        assert_eq!(x.len(), y.len());
        for (y, &x) in y.iter_mut().zip(x) {
            *y = not_far(x) * x.normal().0;
        }
    }
}

multiversion! {
    /// dy := dy · (Φ(x) + x φ(x)), where φ = Φ' = e^(-x²/2) / √(2π).
    pub fn gelu_backward<T: Float>(dy: &mut [T], x: &[T]) {
        assert_eq!(dy.len(), x.len());
        // 1 / √(2π)
        let density = T::from_f64(std::f64::consts::FRAC_2_SQRT_PI * std::f64::consts::FRAC_1_SQRT_2 / 2.0);
        for (dy, &x) in dy.iter_mut().zip(x) {
            let (distribution, bell) = x.normal();
            // `bell` stops falling before it is 0 in f64.
            let near = keep_between(T::from_f64(-39.0), x, T::from_f64(39.0));
            *dy *= distribution + near * (density * bell);
        }
    }
}

/// √(2/π) and 0.044715: GELU's approximation is x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2.
const GELU: [f64; 2] =
    [std::f64::consts::FRAC_2_SQRT_PI * std::f64::consts::FRAC_1_SQRT_2, 0.044715];

multiversion! {
    /// y := x · sigmoid(2u) with u = √(2/π) (x + 0.044715 x³), since (1 + tanh u) / 2 =
    /// sigmoid(2u).
    pub fn gelu_tanh<T: Float>(x: &[T], y: &mut [T]) {
        assert_eq!(x.len(), y.len());
        let [a, b] = GELU.map(T::from_f64);
        for (y, &x) in y.iter_mut().zip(x) {
            let u = a * (x + b * x * x * x);
            *y = not_far(x) * logistic(u + u);
        }
    }
}

multiversion! {
    /// dy := dy · s (1 + x (1 - s) 2u') with s = sigmoid(2u), the derivative of `gelu_tanh`.
    pub fn gelu_tanh_backward<T: Float>(dy: &mut [T], x: &[T]) {
        assert_eq!(dy.len(), x.len());
        let [a, b] = GELU.map(T::from_f64);
        let three = T::from_f64(3.0);
        for (dy, &x) in dy.iter_mut().zip(x) {
            // Beyond 30 the derivative is 0 or 1.
            let x = keep_between(T::from_f64(-30.0), x, T::from_f64(30.0));
            let u = a * (x + b * x * x * x);
            let slope = a * (T::ONE + three * b * x * x);
            *dy *= logistic(u + u) * (T::ONE + x * logistic(-(u + u)) * (slope + slope));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply<T: Float, const N: usize>(kernel: fn(&[T], &mut [T]), x: [T; N]) -> [T; N] {
        let mut y = [T::from_f64(f64::NAN); N];
        kernel(&x, &mut y);
        y
    }

    fn slope<T: Float, const N: usize>(kernel: fn(&mut [T], &[T]), x: [T; N]) -> [T; N] {
        let mut dy = [T::ONE; N];
        kernel(&mut dy, &x);
        dy
    }

    #[test]
    fn sigmoid_is_stable_far_out() {
        let mut x = [-1e4_f32, -100.0, 0.0, 100.0, 1e4];
        sigmoid(&mut x);
        assert_eq!(x[0], 0.0);
        assert!(x[1] > 0.0 && x[1] < 1e-40, "a subnormal, not zero: {}", x[1]);
        assert_eq!(x[2..], [0.5, 1.0, 1.0]);
    }

    /// At both ends of the line each is one of its asymptotes, exactly, and so is its slope.
    #[test]
    fn far_out_they_are_0_or_x() {
        fn check<T: Float>() {
            let ends = [-f64::INFINITY, -1e30, -1e4, 1e4, 1e30, f64::INFINITY].map(T::from_f64);
            let ramp = ends.map(|x| if x > T::ZERO { x } else { T::ZERO });
            let unit = ends.map(|x| if x > T::ZERO { T::ONE } else { T::ZERO });
            for kernel in [silu, gelu, gelu_tanh] {
                assert_eq!(apply(kernel, ends), ramp);
            }
            for kernel in [silu_backward, gelu_backward, gelu_tanh_backward] {
                assert_eq!(slope(kernel, ends), unit);
            }
            let mut y = ends;
            softplus(&mut y);
            assert_eq!(y, ramp);
            assert_eq!(slope(softplus_backward, y), unit);
            let mut y = ends;
            elu(&mut y, T::ONE);
            assert_eq!(y[..3], [-T::ONE; 3]);
            assert_eq!(y[3..], ends[3..]);
            let mut dy = [T::ONE; 6];
            elu_backward(&mut dy, &y, T::ONE);
            assert_eq!(dy, unit);
        }
        check::<f32>();
        check::<f64>();
    }

    #[test]
    fn nan_stays_nan() {
        let nan = [f32::NAN];
        for kernel in [silu, gelu, gelu_tanh] {
            assert!(apply(kernel, nan)[0].is_nan());
        }
        for kernel in [silu_backward, gelu_backward, gelu_tanh_backward, softplus_backward] {
            assert!(slope(kernel, nan)[0].is_nan());
        }
        let in_place: [fn(&mut [f32]); 5] =
            [sigmoid, tanh, softplus, |x| leaky_relu(x, 0.1), |x| elu(x, 1.0)];
        for kernel in in_place {
            let mut x = nan;
            kernel(&mut x);
            assert!(x[0].is_nan());
        }
    }

    /// The tails keep their digits: f32 against f64 where the values are tiny.
    #[test]
    fn tails_keep_their_digits() {
        for kernels in
            [(silu as fn(&[f32], &mut [f32]), silu as fn(&[f64], &mut [f64])), (gelu, gelu)]
        {
            let x = [-12.5_f32, -9.0, -4.25, -1e-3, 1e-6];
            let (found, expected) = (apply(kernels.0, x), apply(kernels.1, x.map(f64::from)));
            for ((found, expected), x) in found.into_iter().zip(expected).zip(x) {
                assert!(
                    (f64::from(found) / expected - 1.0).abs() < 6e-7,
                    "{x}: {found:e} {expected:e}"
                );
            }
        }
    }

    /// Every length around the vector widths gives what one element at a time gives.
    #[test]
    fn every_length_gives_the_same_bits() {
        for len in 0..=70 {
            let x: Vec<f32> = (0..len).map(|i| (i as f32 * 0.37).sin() * 6.0).collect();
            for kernel in [silu, gelu, gelu_tanh] {
                let mut y = vec![f32::NAN; len];
                kernel(&x, &mut y);
                let single: Vec<f32> = x.iter().map(|&x| apply(kernel, [x])[0]).collect();
                assert_eq!(y, single);
            }
            for kernel in [silu_backward, gelu_backward, gelu_tanh_backward, softplus_backward] {
                let mut dy = vec![1.0; len];
                kernel(&mut dy, &x);
                let single: Vec<f32> = x.iter().map(|&x| slope(kernel, [x])[0]).collect();
                assert_eq!(dy, single);
            }
            for kernel in [sigmoid, tanh, softplus, |x: &mut [f32]| elu(x, 0.7)] {
                let mut y = x.clone();
                kernel(&mut y);
                let single: Vec<f32> = x
                    .iter()
                    .map(|&x| {
                        let mut y = [x];
                        kernel(&mut y);
                        y[0]
                    })
                    .collect();
                assert_eq!(y, single);
            }
        }
    }
}
