//! Adagrad's sum of squares.

use super::{Update, replace};
use crate::Float;
use crate::kernels::isa::multiversion;

multiversion! {
    /// a := a + g'², w := w - rate · g' / (√a + eps).
    pub fn adagrad<T: Float>(w: &mut [T], a: &mut [T], g: &[T], eps: T, update: Update<T>) {
        replace(w, [a], g, &update, |w, [a], g| {
            *a += g * g;
            w - update.rate * (g / (a.sqrt() + eps))
        });
    }
}
