//! Parameter updates: one pass over memory per step.

use super::isa::multiversion;
use super::stream::Store;
use crate::Float;

/// New weights are formed this many at a time, and then written.
const BLOCK: usize = 128;

multiversion! {
    /// g' = g + decay · w, then w := w - rate · g'.
    pub fn sgd<T: Float>(w: &mut [T], g: &[T], rate: T, decay: T, store: Store) {
        assert_eq!(w.len(), g.len());
        let new = |w: T, g: T| w - rate * (g + decay * w);
        if store == Store::Cached {
            for (w, &g) in w.iter_mut().zip(g) {
                *w = new(*w, g);
            }
            return;
        }
        let mut block = [T::ZERO; BLOCK];
        for (w, g) in w.chunks_mut(BLOCK).zip(g.chunks(BLOCK)) {
            for ((block, &w), &g) in block.iter_mut().zip(&*w).zip(g) {
                *block = new(w, g);
            }
            store.write(w, &block);
        }
        store.finish();
    }
}

multiversion! {
    /// g' = g + decay · w, v := momentum · v + g', w := w - rate · v.
    pub fn momentum<T: Float>(
        w: &mut [T], v: &mut [T], g: &[T], rate: T, momentum: T, decay: T, store: Store,
    ) {
        assert_eq!(w.len(), g.len());
        assert_eq!(w.len(), v.len());
        with_velocity(w, v, g, store, |w, v, g| {
            *v = momentum * *v + (g + decay * w);
            w - rate * *v
        });
    }
}

multiversion! {
    /// g' = g + decay · w, v := momentum · v + g', w := w - rate · (g' + momentum · v).
    pub fn nesterov<T: Float>(
        w: &mut [T], v: &mut [T], g: &[T], rate: T, momentum: T, decay: T, store: Store,
    ) {
        assert_eq!(w.len(), g.len());
        assert_eq!(w.len(), v.len());
        with_velocity(w, v, g, store, |w, v, g| {
            let g = g + decay * w;
            *v = momentum * *v + g;
            w - rate * (g + momentum * *v)
        });
    }
}

/// Replaces every weight by `new` of it, its velocity and its gradient.
#[inline(always)]
fn with_velocity<T: Float>(
    w: &mut [T],
    v: &mut [T],
    g: &[T],
    store: Store,
    new: impl Fn(T, &mut T, T) -> T,
) {
    if store == Store::Cached {
        // Without the way over a block, which is a third of the time.
        for ((w, v), &g) in w.iter_mut().zip(v).zip(g) {
            *w = new(*w, v, g);
        }
        return;
    }
    let mut block = [T::ZERO; BLOCK];
    for ((w, v), g) in w.chunks_mut(BLOCK).zip(v.chunks_mut(BLOCK)).zip(g.chunks(BLOCK)) {
        for (((block, &w), v), &g) in block.iter_mut().zip(&*w).zip(v).zip(g) {
            *block = new(w, v, g);
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

        let mut weight = [w];
        sgd(&mut weight, &[g], rate, decay, Store::Cached);
        assert_eq!(weight[0], w - rate * decayed);

        let (mut weight, mut speed) = ([w], [v]);
        momentum(&mut weight, &mut speed, &[g], rate, mu, decay, Store::Streaming);
        assert_eq!((weight[0], speed[0]), (w - rate * moved, moved));

        let (mut weight, mut speed) = ([w], [v]);
        nesterov(&mut weight, &mut speed, &[g], rate, mu, decay, Store::Streaming);
        assert_eq!((weight[0], speed[0]), (w - rate * (decayed + mu * moved), moved));
    }
}
