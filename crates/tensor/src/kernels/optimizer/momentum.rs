//! Plain gradient descent, and with a velocity.

use super::{Update, replace};
use crate::Float;
use crate::kernels::isa::multiversion;

multiversion! {
    /// w := w - rate · g'.
    pub fn sgd<T: Float>(w: &mut [T], g: &[T], update: Update<T>) {
        replace(w, [], g, &update, |w, [], g| w - update.rate * g);
    }
}

multiversion! {
    /// v := momentum · v + share · g', w := w - rate · v.
    pub fn momentum<T: Float>(
        w: &mut [T], v: &mut [T], g: &[T], momentum: T, share: T, update: Update<T>,
    ) {
        replace(w, [v], g, &update, |w, [v], g| {
            *v = momentum * *v + share * g;
            w - update.rate * *v
        });
    }
}

multiversion! {
    /// v := momentum · v + g', w := w - rate · (g' + momentum · v).
    pub fn nesterov<T: Float>(
        w: &mut [T], v: &mut [T], g: &[T], momentum: T, update: Update<T>,
    ) {
        replace(w, [v], g, &update, |w, [v], g| {
            *v = momentum * *v + g;
            w - update.rate * (g + momentum * *v)
        });
    }
}
