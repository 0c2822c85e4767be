//! Adam's two running means.

use super::{Update, replace, sign};
use crate::Float;
use crate::kernels::isa::multiversion;

/// The numbers of one step of [`adam`], besides the rate, which is already corrected for the bias.
#[derive(Clone, Copy, Debug)]
pub struct Adam<T> {
    /// The shares of the mean gradient and of the mean square that are kept.
    pub kept: [T; 2],
    /// The shares of the new ones: 1 - `kept`, subtracted before it is rounded.
    pub new: [T; 2],
    /// Added to the root of the mean square.
    pub eps: T,
    /// Decay past the means: rate · l1 and rate · l2.
    pub decoupled: [T; 2],
}

multiversion! {
    /// m := kept₀ · m + new₀ · g', v := kept₁ · v + new₁ · g'²,
    /// w := w - rate · m / (√v + eps) - decoupled₀ · sign(w) - decoupled₁ · w.
    pub fn adam<T: Float>(
        w: &mut [T], m: &mut [T], v: &mut [T], g: &[T], adam: Adam<T>, update: Update<T>,
    ) {
        let Adam { kept, new, eps, decoupled } = adam;
        let step = |w: T, [m, v]: &mut [T; 2], g: T| {
            *m = kept[0] * *m + new[0] * g;
            *v = kept[1] * *v + new[1] * (g * g);
            w - update.rate * (*m / (v.sqrt() + eps))
        };
        if decoupled == [T::ZERO; 2] {
            replace(w, [m, v], g, &update, step);
        } else {
            replace(w, [m, v], g, &update, |w, kept, g| {
                step(w, kept, g) - (decoupled[1] * w + decoupled[0] * sign(w))
            });
        }
    }
}
