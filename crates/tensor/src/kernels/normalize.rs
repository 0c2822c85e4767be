//! Normalisation of channels (over the batch) and of rows (over the features): moments, forward
//! and backward.
//!
//! Images are `[N, C, S]` with all pixels of a plane in S; features `[N, C]` have planes of one.

use super::isa::multiversion;
use crate::Float;

/// Sums that are formed at once, so that loops vectorise; their order is the same everywhere.
const WIDE: usize = 16;

/// Σ term(i) over `0..len`, in sixteen sums that are then added up in pairs.
#[inline(always)]
fn sum<T: Float>(len: usize, term: impl Fn(usize) -> T) -> T {
    let mut sums = [T::ZERO; WIDE];
    let whole = len / WIDE * WIDE;
    for start in (0..whole).step_by(WIDE) {
        for (i, sum) in sums.iter_mut().enumerate() {
            *sum += term(start + i);
        }
    }
    for i in whole..len {
        sums[i - whole] += term(i);
    }
    let mut width = WIDE / 2;
    while width > 0 {
        for i in 0..width {
            let other = sums[i + width];
            sums[i] += other;
        }
        width /= 2;
    }
    sums[0]
}

/// The mean of some numbers and the sum of squared distances from it.
#[inline(always)]
fn spread<T: Float>(x: &[T]) -> (T, T) {
    let mean = sum(x.len(), |i| x[i]) / T::from_f64(x.len() as f64);
    (mean, sum(x.len(), |i| (x[i] - mean) * (x[i] - mean)))
}

multiversion! {
    /// The mean and the biased variance of each channel of `x` `[N, C, plane]`.
    ///
    /// Planes are read once, and their moments combined (Chan et al. 1979), so that a large mean
    /// costs no digits.
    pub fn channel_moments<T: Float>(
        x: &[T],
        plane: usize,
        mean: &mut [T],
        variance: &mut [T],
    ) {
        assert_eq!(mean.len(), variance.len());
        mean.fill(T::ZERO);
        variance.fill(T::ZERO);
        let channels = mean.len();
        for (n, sample) in x.chunks_exact(channels * plane).enumerate() {
            // The share of the n + 1 planes so far that the newest is.
            let share = T::from_f64(1.0 / (n + 1) as f64);
            let weight = T::from_f64(plane as f64 * n as f64 / (n + 1) as f64);
            if plane == 1 {
                for ((mean, variance), &x) in mean.iter_mut().zip(&mut *variance).zip(sample) {
                    let step = x - *mean;
                    *mean += step * share;
                    *variance += weight * step * step;
                }
                continue;
            }
            for (c, x) in sample.chunks_exact(plane).enumerate() {
                let (own, squares) = spread(x);
                let step = own - mean[c];
                mean[c] += step * share;
                variance[c] += squares + weight * step * step;
            }
        }
        let count = T::from_f64((x.len() / channels) as f64);
        for variance in variance {
            *variance = *variance / count;
        }
    }
}

multiversion! {
    /// y := (x - mean) · scale + shift, by channel.
    pub fn normalize_channels<T: Float>(
        x: &[T],
        plane: usize,
        mean: &[T],
        scale: &[T],
        shift: &[T],
        y: &mut [T],
    ) {
        assert!(x.len() == y.len() && mean.len() == scale.len() && mean.len() == shift.len());
        let sample = mean.len() * plane;
        for (x, y) in x.chunks_exact(sample).zip(y.chunks_exact_mut(sample)) {
            if plane == 1 {
                for c in 0..sample {
                    y[c] = (x[c] - mean[c]) * scale[c] + shift[c];
                }
                continue;
            }
            for (c, (x, y)) in x.chunks_exact(plane).zip(y.chunks_exact_mut(plane)).enumerate() {
                for (x, y) in x.iter().zip(y) {
                    *y = (*x - mean[c]) * scale[c] + shift[c];
                }
            }
        }
    }
}

multiversion! {
    /// total := Σ dy, moment := Σ dy · (x - mean), by channel: what the backward pass needs to know
    /// of the whole batch.
    pub fn channel_sums<T: Float>(
        dy: &[T],
        x: &[T],
        plane: usize,
        mean: &[T],
        total: &mut [T],
        moment: &mut [T],
    ) {
        assert!(dy.len() == x.len() && mean.len() == total.len() && mean.len() == moment.len());
        total.fill(T::ZERO);
        moment.fill(T::ZERO);
        let sample = mean.len() * plane;
        for (dy, x) in dy.chunks_exact(sample).zip(x.chunks_exact(sample)) {
            if plane == 1 {
                for c in 0..sample {
                    total[c] += dy[c];
                    moment[c] += dy[c] * (x[c] - mean[c]);
                }
                continue;
            }
            for (c, (dy, x)) in dy.chunks_exact(plane).zip(x.chunks_exact(plane)).enumerate() {
                total[c] += sum(plane, |i| dy[i]);
                moment[c] += sum(plane, |i| dy[i] * (x[i] - mean[c]));
            }
        }
    }
}

multiversion! {
    /// dy := by_dy · dy - by_x · (x - mean) - less, by channel: the gradient of the input.
    pub fn channel_gradient<T: Float>(
        dy: &mut [T],
        x: &[T],
        plane: usize,
        mean: &[T],
        by_dy: &[T],
        by_x: &[T],
        less: &[T],
    ) {
        assert_eq!(dy.len(), x.len());
        assert!([by_dy, by_x, less].iter().all(|each| each.len() == mean.len()));
        let sample = mean.len() * plane;
        for (dy, x) in dy.chunks_exact_mut(sample).zip(x.chunks_exact(sample)) {
            if plane == 1 {
                for c in 0..sample {
                    dy[c] = by_dy[c] * dy[c] - by_x[c] * (x[c] - mean[c]) - less[c];
                }
                continue;
            }
            for (c, (dy, x)) in dy.chunks_exact_mut(plane).zip(x.chunks_exact(plane)).enumerate() {
                for (dy, x) in dy.iter_mut().zip(x) {
                    *dy = by_dy[c] * *dy - by_x[c] * (*x - mean[c]) - less[c];
                }
            }
        }
    }
}

multiversion! {
    /// y := (x - mean) / √(variance + epsilon) · gamma + beta of each row of the length of gamma;
    /// means and inverse := 1 / √(variance + epsilon) are kept for the backward pass.
    pub fn normalize_rows<T: Float>(
        x: &[T],
        gamma: &[T],
        beta: &[T],
        epsilon: T,
        y: &mut [T],
        means: &mut [T],
        inverse: &mut [T],
    ) {
        let row = gamma.len();
        assert!(x.len() == y.len() && beta.len() == row && means.len() * row == x.len());
        assert_eq!(means.len(), inverse.len());
        for (r, (x, y)) in x.chunks_exact(row).zip(y.chunks_exact_mut(row)).enumerate() {
            let (mean, squares) = spread(x);
            let scale = T::ONE / (squares / T::from_f64(row as f64) + epsilon).sqrt();
            (means[r], inverse[r]) = (mean, scale);
            for i in 0..row {
                y[i] = (x[i] - mean) * scale * gamma[i] + beta[i];
            }
        }
    }
}

multiversion! {
    /// dy := the gradient of the input of [`normalize_rows`]; d_gamma and d_beta := those of gamma
    /// and beta.
    pub fn normalize_rows_backward<T: Float>(
        dy: &mut [T],
        x: &[T],
        gamma: &[T],
        means: &[T],
        inverse: &[T],
        d_gamma: &mut [T],
        d_beta: &mut [T],
    ) {
        let row = gamma.len();
        assert!(dy.len() == x.len() && means.len() * row == x.len());
        assert!(means.len() == inverse.len() && d_gamma.len() == row && d_beta.len() == row);
        d_gamma.fill(T::ZERO);
        d_beta.fill(T::ZERO);
        let share = T::ONE / T::from_f64(row as f64);
        for (r, (dy, x)) in dy.chunks_exact_mut(row).zip(x.chunks_exact(row)).enumerate() {
            let (mean, scale) = (means[r], inverse[r]);
            let total = sum(row, |i| dy[i] * gamma[i]) * share;
            let moment = sum(row, |i| dy[i] * gamma[i] * ((x[i] - mean) * scale)) * share;
            for i in 0..row {
                let normal = (x[i] - mean) * scale;
                d_gamma[i] += dy[i] * normal;
                d_beta[i] += dy[i];
                dy[i] = scale * (dy[i] * gamma[i] - total - normal * moment);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers far from 0, where Σx² - (Σx)²/n would have no digit left in f32.
    #[test]
    fn a_large_mean_costs_no_digits() {
        for plane in [1, 5, 16, 37] {
            let x: Vec<f32> = (0..6 * 3 * plane).map(|i| 1e4 + (i * 37 % 11) as f32).collect();
            let (mut mean, mut variance) = ([f32::NAN; 3], [f32::NAN; 3]);
            channel_moments(&x, plane, &mut mean, &mut variance);
            for c in 0..3 {
                let numbers =
                    |i: usize| f64::from(x[i / plane * 3 * plane + c * plane + i % plane]);
                let count = 6 * plane;
                let expected = (0..count).map(numbers).sum::<f64>() / count as f64;
                let squares = (0..count).map(|i| (numbers(i) - expected).powi(2)).sum::<f64>();
                assert!((f64::from(mean[c]) - expected).abs() < 2e-3, "{plane}: {mean:?}");
                let ratio = f64::from(variance[c]) / (squares / count as f64);
                assert!((ratio - 1.0).abs() < 1e-3, "{plane}: {variance:?}");
            }
        }
    }
}
