//! One output element from the elements at the same place; in place where that saves a buffer.

use super::isa::multiversion;
use crate::Float;

/// Asserts that kernel operands have one length: shapes were checked before.
macro_rules! same_length {
    ($first:ident, $($other:ident),+) => { $(assert_eq!($first.len(), $other.len());)+ };
}

multiversion! {
    /// x := max(x, 0); NaN stays NaN.
    pub fn relu<T: Float>(x: &mut [T]) {
        for x in x {
            *x = if *x <= T::ZERO { T::ZERO } else { *x };
        }
    }
}

multiversion! {
    /// dy := dy where y > 0, else 0, for y = max(x, 0): the derivative at 0 is 0.
    pub fn relu_backward<T: Float>(dy: &mut [T], y: &[T]) {
        same_length!(dy, y);
        for (dy, &y) in dy.iter_mut().zip(y) {
            *dy = if y <= T::ZERO { T::ZERO } else { *dy };
        }
    }
}

multiversion! {
    /// x := 1 where x > 0, else 0; NaN stays NaN.
    pub fn step<T: Float>(x: &mut [T]) {
        for x in x {
            let zero_or_nan = if *x <= T::ZERO { T::ZERO } else { *x };
            *x = if *x > T::ZERO { T::ONE } else { zero_or_nan };
        }
    }
}

multiversion! {
    /// x := e^x.
    pub fn exp<T: Float>(x: &mut [T]) {
        for x in x {
            *x = x.exp();
        }
    }
}

multiversion! {
    /// x := ln x.
    pub fn ln<T: Float>(x: &mut [T]) {
        for x in x {
            *x = x.ln();
        }
    }
}

multiversion! {
    /// x := factor · x + offset.
    pub fn affine<T: Float>(x: &mut [T], factor: T, offset: T) {
        for x in x {
            *x = factor * *x + offset;
        }
    }
}

multiversion! {
    /// x := factor · pixels + offset.
    ///
    /// ```
    /// let mut x = [f32::NAN; 2];
    /// tensor::kernels::elementwise::affine_bytes(&mut x, &[0, 255], 0.5, 1.0);
    /// assert_eq!(x, [1.0, 128.5]);
    /// ```
    pub fn affine_bytes<T: Float>(x: &mut [T], pixels: &[u8], factor: T, offset: T) {
        same_length!(x, pixels);
        for (x, &pixel) in x.iter_mut().zip(pixels) {
            *x = T::from(pixel) * factor + offset;
        }
    }
}

multiversion! {
    /// a := a + b.
    pub fn add<T: Float>(a: &mut [T], b: &[T]) {
        same_length!(a, b);
        for (a, &b) in a.iter_mut().zip(b) {
            *a += b;
        }
    }
}

multiversion! {
    /// a := a - b.
    pub fn sub<T: Float>(a: &mut [T], b: &[T]) {
        same_length!(a, b);
        for (a, &b) in a.iter_mut().zip(b) {
            *a -= b;
        }
    }
}

multiversion! {
    /// a := a · b.
    pub fn mul<T: Float>(a: &mut [T], b: &[T]) {
        same_length!(a, b);
        for (a, &b) in a.iter_mut().zip(b) {
            *a *= b;
        }
    }
}

multiversion! {
    /// a := a / b.
    pub fn div<T: Float>(a: &mut [T], b: &[T]) {
        same_length!(a, b);
        for (a, &b) in a.iter_mut().zip(b) {
            *a = *a / b;
        }
    }
}

multiversion! {
    /// Adds the vector `bias` to every row of `y`, whose rows have the bias' length.
    pub fn add_to_rows<T: Float>(y: &mut [T], bias: &[T]) {
        if bias.is_empty() {
            return;
        }
        assert_eq!(y.len() % bias.len(), 0);
        for row in y.chunks_exact_mut(bias.len()) {
            for (y, &b) in row.iter_mut().zip(bias) {
                *y += b;
            }
        }
    }
}

multiversion! {
    /// Sums the rows of `dy` into `sum`, whose length is a row's; overwrites `sum`.
    pub fn sum_rows<T: Float>(dy: &[T], sum: &mut [T]) {
        sum.fill(T::ZERO);
        if sum.is_empty() {
            return;
        }
        assert_eq!(dy.len() % sum.len(), 0);
        for row in dy.chunks_exact(sum.len()) {
            for (sum, &dy) in sum.iter_mut().zip(row) {
                *sum += dy;
            }
        }
    }
}

multiversion! {
    /// Whether every element is finite.
    pub fn all_finite<T: Float>(x: &[T]) -> bool {
        // x * 0 is 0 only for a finite x; no early exit within a chunk lets the loop vectorise.
        x.chunks(1024).all(|chunk| {
            chunk.iter().fold(true, |finite, &x| finite & (x * T::ZERO == T::ZERO))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_finite_finds_every_position() {
        assert!(all_finite::<f32>(&[]));
        for len in [1, 17, 1024, 2050] {
            let mut x = vec![f32::MAX; len];
            assert!(all_finite(&x));
            for place in [0, len / 2, len - 1] {
                for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                    x[place] = bad;
                    assert!(!all_finite(&x), "{bad} at {place} of {len}");
                    x[place] = 0.0;
                }
            }
        }
    }

    #[test]
    fn relu_keeps_nan_and_has_derivative_0_at_0() {
        let mut x = [-1.0, -0.0, 0.0, 2.0, f64::NAN, f64::NEG_INFINITY];
        relu(&mut x);
        assert_eq!(x[..4], [0.0, 0.0, 0.0, 2.0]);
        assert!(x[4].is_nan() && x[5] == 0.0);
        let mut dy = [1.0; 6];
        relu_backward(&mut dy, &x);
        assert_eq!(dy[..4], [0.0, 0.0, 0.0, 1.0]);
    }

    #[test]
    fn step_is_0_at_0() {
        let mut x = [-1.0, -0.0, 0.0, 1e-30, f64::INFINITY, f64::NAN];
        step(&mut x);
        assert_eq!(x[..5], [0.0, 0.0, 0.0, 1.0, 1.0]);
        assert!(x[5].is_nan());
    }

    /// Every length around the vector widths, against the same loop left to the compiler.
    #[test]
    fn every_version_gives_the_same_bits() {
        for len in 0..=70 {
            let a: Vec<f32> = (0..len).map(|i| (i as f32 * 0.37).sin() * 3.0).collect();
            let b: Vec<f32> = (0..len).map(|i| (i as f32 * 0.73).cos() + 1.5).collect();
            let zip = |f: fn(f32, f32) -> f32| -> Vec<f32> {
                a.iter().zip(&b).map(|(&a, &b)| f(a, b)).collect()
            };
            let run = |kernel: fn(&mut [f32], &[f32])| {
                let mut out = a.clone();
                kernel(&mut out, &b);
                out
            };
            assert_eq!(run(add), zip(|a, b| a + b));
            assert_eq!(run(sub), zip(|a, b| a - b));
            assert_eq!(run(mul), zip(|a, b| a * b));
            assert_eq!(run(div), zip(|a, b| a / b));
            assert_eq!(run(relu_backward), zip(|a, b| if b > 0.0 { a } else { 0.0 }));
            let mut scaled = a.clone();
            affine(&mut scaled, 2.5, -1.0);
            assert_eq!(scaled, zip(|a, _| 2.5 * a - 1.0));
        }
    }
}
