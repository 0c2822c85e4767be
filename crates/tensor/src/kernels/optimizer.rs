//! Parameter updates: one pass over memory per step.
//!
//! A rule is one closure: what a weight becomes, from itself, the numbers kept for it and its
//! gradient. Scaling, clipping and decay of the gradient happen in the same pass ([`Update`]).

mod adagrad;
mod adam;
mod momentum;
mod rms_prop;

pub use adagrad::adagrad;
pub use adam::{Adam, adam};
pub use momentum::{momentum, nesterov, sgd};
pub use rms_prop::{
    RmsProp, rms_prop, rms_prop_centered, rms_prop_momentum, rms_prop_momentum_centered,
};

use super::isa::multiversion;
use super::stream::Store;
use crate::Float;

/// New weights are formed this many at a time, and then written.
const BLOCK: usize = 128;

/// What all updates have in common: the rate, and what becomes of the gradient before its use.
///
/// g' = clamp(scale · g, -limit, limit) + l2 · w + l1 · sign(w)
#[derive(Clone, Copy, Debug)]
pub struct Update<T> {
    /// The learning rate.
    pub rate: T,
    /// A factor of the gradient.
    pub scale: T,
    /// The largest absolute gradient.
    pub limit: T,
    /// The factor of the sign of the weight.
    pub l1: T,
    /// The factor of the weight.
    pub l2: T,
    /// How weights are written.
    pub store: Store,
}

impl<T: Float> Update<T> {
    /// The gradient as it is.
    pub fn new(rate: T, store: Store) -> Self {
        Update { rate, scale: T::ONE, limit: T::INFINITY, l1: T::ZERO, l2: T::ZERO, store }
    }

    /// Whether g' is g + l2 · w.
    #[inline(always)]
    fn is_plain(&self) -> bool {
        self.scale == T::ONE && self.limit == T::INFINITY && self.l1 == T::ZERO
    }

    /// g'.
    #[inline(always)]
    pub fn gradient(&self, w: T, g: T) -> T {
        let g = self.scale * g;
        let g = if g > self.limit { self.limit } else { g };
        let g = if g < -self.limit { -self.limit } else { g };
        g + (self.l2 * w + self.l1 * sign(w))
    }
}

/// 1, -1, or 0 for 0.
#[inline(always)]
fn sign<T: Float>(w: T) -> T {
    let positive = if w > T::ZERO { T::ONE } else { T::ZERO };
    if w < T::ZERO { -T::ONE } else { positive }
}

multiversion! {
    /// The sum of the squares, in double precision.
    pub fn sum_of_squares<T: Float>(x: &[T]) -> f64 {
        // Sixteen sums side by side vectorise; their number does not depend on the registers, so
        // neither does the result.
        let mut sums = [0.0_f64; 16];
        let (chunks, rest) = x.as_chunks::<16>();
        for chunk in chunks {
            for (sum, &x) in sums.iter_mut().zip(chunk) {
                *sum += x.to_f64() * x.to_f64();
            }
        }
        for (sum, &x) in sums.iter_mut().zip(rest) {
            *sum += x.to_f64() * x.to_f64();
        }
        sums.iter().sum()
    }
}

/// Replaces every weight by `new` of it, what is kept for it, and g'.
#[inline(always)]
fn replace<T: Float, const N: usize>(
    w: &mut [T],
    kept: [&mut [T]; N],
    g: &[T],
    update: &Update<T>,
    new: impl Fn(T, &mut [T; N], T) -> T,
) {
    if update.is_plain() {
        let l2 = update.l2;
        sweep(w, kept, g, update.store, |w, kept, g| new(w, kept, g + l2 * w));
    } else {
        sweep(w, kept, g, update.store, |w, kept, g| new(w, kept, update.gradient(w, g)));
    }
}

/// Replaces every weight by `new` of it, what is kept for it, and its gradient.
#[inline(always)]
fn sweep<T: Float, const N: usize>(
    w: &mut [T],
    mut kept: [&mut [T]; N],
    g: &[T],
    store: Store,
    new: impl Fn(T, &mut [T; N], T) -> T,
) {
    assert_eq!(g.len(), w.len());
    for kept in &kept {
        assert_eq!(kept.len(), w.len());
    }
    if store == Store::Cached && N < 2 {
        // Without the way over a block, which is a third of the time.
        for (i, w) in w.iter_mut().enumerate() {
            let mut numbers = [T::ZERO; N];
            for (number, kept) in numbers.iter_mut().zip(&kept) {
                *number = kept[i];
            }
            *w = new(*w, &mut numbers, g[i]);
            for (kept, number) in kept.iter_mut().zip(numbers) {
                kept[i] = number;
            }
        }
        return;
    }
    // Of a block of their own the compiler sees that it overlaps nothing. Of four slices it would
    // have to find out as it goes, and gives up making vectors.
    let (mut block, mut numbers) = ([T::ZERO; BLOCK], [[T::ZERO; BLOCK]; N]);
    for start in (0..w.len()).step_by(BLOCK) {
        let len = (w.len() - start).min(BLOCK);
        let (w, g) = (&mut w[start..start + len], &g[start..start + len]);
        for (numbers, kept) in numbers.iter_mut().zip(&kept) {
            numbers[..len].copy_from_slice(&kept[start..start + len]);
        }
        for i in 0..len {
            let mut each = [T::ZERO; N];
            for (each, numbers) in each.iter_mut().zip(&numbers) {
                *each = numbers[i];
            }
            block[i] = new(w[i], &mut each, g[i]);
            for (numbers, each) in numbers.iter_mut().zip(each) {
                numbers[i] = each;
            }
        }
        for (numbers, kept) in numbers.iter().zip(&mut kept) {
            kept[start..start + len].copy_from_slice(&numbers[..len]);
        }
        store.write(w, &block);
    }
    store.finish();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn updates_follow_their_formulas() {
        let (w, v, g, rate, mu, decay) = (1.0_f64, 0.5, 0.25, 0.1, 0.9, 0.01);
        let decayed = g + decay * w;
        let moved = mu * v + decayed;
        let update = |store| Update { l2: decay, ..Update::new(rate, store) };

        let mut weight = [w];
        sgd(&mut weight, &[g], update(Store::Cached));
        assert_eq!(weight[0], w - rate * decayed);

        let (mut weight, mut speed) = ([w], [v]);
        momentum(&mut weight, &mut speed, &[g], mu, 1.0, update(Store::Streaming));
        assert_eq!((weight[0], speed[0]), (w - rate * moved, moved));

        let (mut weight, mut speed) = ([w], [v]);
        momentum(&mut weight, &mut speed, &[g], mu, 0.5, update(Store::Cached));
        let damped = mu * v + 0.5 * decayed;
        assert_eq!((weight[0], speed[0]), (w - rate * damped, damped));

        let (mut weight, mut speed) = ([w], [v]);
        nesterov(&mut weight, &mut speed, &[g], mu, update(Store::Streaming));
        assert_eq!((weight[0], speed[0]), (w - rate * (decayed + mu * moved), moved));
    }

    #[test]
    fn gradients_are_scaled_then_clipped_then_decayed() {
        let update = Update {
            scale: 0.5,
            limit: 2.0,
            l1: 0.25,
            l2: 0.125,
            ..Update::new(1.0, Store::Cached)
        };
        let mut w = [4.0_f64, 4.0, -4.0, 0.0];
        sgd(&mut w, &[2.0, 100.0, -100.0, 2.0], update);
        let expected = [4.0 - (1.0 + 0.5 + 0.25), 4.0 - (2.0 + 0.75), -4.0 + (2.0 + 0.75), -1.0];
        assert_eq!(w, expected);
        let mut w = [0.0_f32];
        sgd(&mut w, &[f32::NAN], Update { limit: 1.0, ..Update::new(1.0, Store::Cached) });
        assert!(w[0].is_nan(), "clipping must not hide a NaN");
    }

    #[test]
    fn squares_are_summed_at_every_length() {
        for len in 0..70 {
            let x: Vec<f32> = (0..len).map(|i| i as f32 - 20.0).collect();
            let expected: f64 = x.iter().map(|&x| f64::from(x) * f64::from(x)).sum();
            assert_eq!(sum_of_squares(&x), expected);
        }
        assert_eq!(sum_of_squares(&[f32::MAX]), f64::from(f32::MAX) * f64::from(f32::MAX));
    }

    #[test]
    fn adaptive_updates_follow_their_formulas() {
        let (w, g, rate) = (1.0_f64, 0.5, 0.1);
        let update = Update::new(rate, Store::Cached);

        let numbers =
            Adam { kept: [0.9, 0.75], new: [0.1, 0.25], eps: 0.01, decoupled: [0.02, 0.03] };
        let (mut weight, mut m, mut v) = ([w], [0.3], [0.2]);
        adam(&mut weight, &mut m, &mut v, &[g], numbers, update);
        assert_eq!((m[0], v[0]), (0.9 * 0.3 + 0.1 * g, 0.75 * 0.2 + 0.25 * g * g));
        let step = rate * (m[0] / (v[0].sqrt() + 0.01));
        assert_eq!(weight[0], w - step - (0.03 * w + 0.02));

        let (mut weight, mut a) = ([w], [0.25]);
        adagrad(&mut weight, &mut a, &[g], 0.01, update);
        assert_eq!((weight[0], a[0]), (w - rate * (g / (0.5_f64.sqrt() + 0.01)), 0.5));

        let numbers = RmsProp {
            kept: 0.75,
            new: 0.25,
            inside: 0.01,
            outside: 0.02,
            momentum: 0.9,
            into_velocity: 0.5,
        };
        let (mut weight, mut s, mut v, mut m) = ([w], [0.5], [0.2], [0.1]);
        rms_prop_momentum_centered(&mut weight, &mut s, &mut v, &mut m, &[g], numbers, update);
        let (square, mean) = (0.75 * 0.5 + 0.25 * g * g, 0.75 * 0.1 + 0.25 * g);
        let velocity = 0.9 * 0.2 + 0.5 * (g / ((square - mean * mean + 0.01).sqrt() + 0.02));
        assert_eq!((s[0], m[0], v[0], weight[0]), (square, mean, velocity, w - rate * velocity));

        // A variance that rounding would make negative is 0.
        let numbers = RmsProp { inside: 0.0, outside: 0.5, ..numbers };
        let (mut weight, mut s, mut m) = ([w], [0.0], [0.4]);
        rms_prop_centered(&mut weight, &mut s, &mut m, &[g], numbers, update);
        assert_eq!(weight[0], w - rate * (g / 0.5));
    }

    #[test]
    fn streaming_changes_no_bit() {
        let numbers = |salt: usize| -> Vec<f32> {
            (0..3 * BLOCK + 5).map(|i| ((i * 37 + salt) % 101) as f32 / 101.0 - 0.5).collect()
        };
        let g = numbers(3);
        let run = |store: Store, scale: f32| {
            let (mut w, mut v) = (numbers(1), numbers(2));
            let update = Update { l2: 0.01, scale, ..Update::new(0.1, store) };
            sgd(&mut w, &g, update);
            momentum(&mut w, &mut v, &g, 0.9, 0.7, update);
            nesterov(&mut w, &mut v, &g, 0.9, update);
            let (mut m, mut s) = (numbers(4), vec![0.5; v.len()]);
            let decoupled = [0.01, 0.02];
            let adams = Adam { kept: [0.9, 0.99], new: [0.1, 0.01], eps: 1e-8, decoupled };
            adam(&mut w, &mut m, &mut s, &g, adams, update);
            adagrad(&mut w, &mut s, &g, 1e-8, update);
            let (kept, new, inside, outside) = (0.9, 0.1, 1e-3, 0.0);
            let rms = RmsProp { kept, new, inside, outside, momentum: 0.9, into_velocity: 1.0 };
            rms_prop(&mut w, &mut s, &g, rms, update);
            rms_prop_momentum(&mut w, &mut s, &mut v, &g, rms, update);
            rms_prop_centered(&mut w, &mut s, &mut m, &g, rms, update);
            rms_prop_momentum_centered(&mut w, &mut s, &mut v, &mut m, &g, rms, update);
            assert!(w.iter().all(|w| w.is_finite()));
            (w, v, m, s)
        };
        for scale in [1.0, 0.3] {
            assert_eq!(run(Store::Cached, scale), run(Store::Streaming, scale));
        }
    }
}
