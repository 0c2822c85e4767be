//! RMSProp's mean square, with and without the mean, with and without a velocity.

use super::{Update, replace};
use crate::Float;
use crate::kernels::isa::multiversion;

/// The numbers of one step of RMSProp.
///
/// d(s) = √(s + inside) + outside, where one of the two is 0.
#[derive(Clone, Copy, Debug)]
pub struct RmsProp<T> {
    /// The share of the means that is kept.
    pub kept: T,
    /// The share of the new ones: 1 - `kept`, subtracted before it is rounded.
    pub new: T,
    /// Added below the root.
    pub inside: T,
    /// Added to the root.
    pub outside: T,
    /// The share of the velocity that is kept.
    pub momentum: T,
    /// The rate at which gradients enter the velocity; the update's rate is that at which the
    /// velocity moves the weight.
    pub into_velocity: T,
}

impl<T: Float> RmsProp<T> {
    /// g / d(s).
    #[inline(always)]
    fn normed(&self, s: &mut T, g: T) -> T {
        *s = self.kept * *s + self.new * (g * g);
        g / ((*s + self.inside).sqrt() + self.outside)
    }

    /// g / d(s - m²), where rounding must not make the variance negative.
    #[inline(always)]
    fn normed_centered(&self, s: &mut T, m: &mut T, g: T) -> T {
        *s = self.kept * *s + self.new * (g * g);
        *m = self.kept * *m + self.new * g;
        let variance = *s - *m * *m;
        let variance = if variance < T::ZERO { T::ZERO } else { variance };
        g / ((variance + self.inside).sqrt() + self.outside)
    }

    #[inline(always)]
    fn moved(&self, velocity: &mut T, normed: T) -> T {
        *velocity = self.momentum * *velocity + self.into_velocity * normed;
        *velocity
    }
}

multiversion! {
    /// s := kept · s + new · g'², w := w - rate · g' / d(s).
    pub fn rms_prop<T: Float>(
        w: &mut [T], s: &mut [T], g: &[T], numbers: RmsProp<T>, update: Update<T>,
    ) {
        replace(w, [s], g, &update, |w, [s], g| w - update.rate * numbers.normed(s, g));
    }
}

multiversion! {
    /// As [`rms_prop`], with m := kept · m + new · g' and d(s - m²).
    pub fn rms_prop_centered<T: Float>(
        w: &mut [T], s: &mut [T], m: &mut [T], g: &[T], numbers: RmsProp<T>, update: Update<T>,
    ) {
        replace(w, [s, m], g, &update, |w, [s, m], g| {
            w - update.rate * numbers.normed_centered(s, m, g)
        });
    }
}

multiversion! {
    /// As [`rms_prop`], with v := momentum · v + into_velocity · g' / d(s), w := w - rate · v.
    pub fn rms_prop_momentum<T: Float>(
        w: &mut [T], s: &mut [T], v: &mut [T], g: &[T], numbers: RmsProp<T>, update: Update<T>,
    ) {
        replace(w, [s, v], g, &update, |w, [s, v], g| {
            let normed = numbers.normed(s, g);
            w - update.rate * numbers.moved(v, normed)
        });
    }
}

multiversion! {
    /// Both [`rms_prop_momentum`] and [`rms_prop_centered`].
    pub fn rms_prop_momentum_centered<T: Float>(
        w: &mut [T], s: &mut [T], v: &mut [T], m: &mut [T], g: &[T],
        numbers: RmsProp<T>, update: Update<T>,
    ) {
        replace(w, [s, v, m], g, &update, |w, [s, v, m], g| {
            let normed = numbers.normed_centered(s, m, g);
            w - update.rate * numbers.moved(v, normed)
        });
    }
}
