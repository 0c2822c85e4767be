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
        // Nothing is kept from step to step; a list of nothings takes no memory.
        let mut kept = vec![(); w.len()];
        replace(w, &mut kept, g, store, |w, (), g| w - rate * (g + decay * w));
    }
}

multiversion! {
    /// g' = g + decay · w, v := momentum · v + g', w := w - rate · v.
    pub fn momentum<T: Float>(
        w: &mut [T], v: &mut [T], g: &[T], rate: T, momentum: T, decay: T, store: Store,
    ) {
        assert_eq!(w.len(), g.len());
        assert_eq!(w.len(), v.len());
        replace(w, v, g, store, |w, v, g| {
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
        replace(w, v, g, store, |w, v, g| {
            let g = g + decay * w;
            *v = momentum * *v + g;
            w - rate * (g + momentum * *v)
        });
    }
}

/// Replaces every weight by `new` of it, what is kept for it, and its gradient.
#[inline(always)]
fn replace<T: Float, S>(
    w: &mut [T],
    kept: &mut [S],
    g: &[T],
    store: Store,
    new: impl Fn(T, &mut S, T) -> T,
) {
    if store == Store::Cached {
        // Without the way over a block, which is a third of the time.
        for ((w, kept), &g) in w.iter_mut().zip(kept).zip(g) {
            *w = new(*w, kept, g);
        }
        return;
    }
    let mut block = [T::ZERO; BLOCK];
    for ((w, kept), g) in w.chunks_mut(BLOCK).zip(kept.chunks_mut(BLOCK)).zip(g.chunks(BLOCK)) {
        for (((block, &w), kept), &g) in block.iter_mut().zip(&*w).zip(kept).zip(g) {
            *block = new(w, kept, g);
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

    #[test]
    fn streaming_changes_no_bit() {
        let numbers = |salt: usize| -> Vec<f32> {
            (0..3 * BLOCK + 5).map(|i| ((i * 37 + salt) % 101) as f32 / 101.0 - 0.5).collect()
        };
        let g = numbers(3);
        let run = |store: Store| {
            let (mut w, mut v) = (numbers(1), numbers(2));
            sgd(&mut w, &g, 0.1, 0.01, store);
            momentum(&mut w, &mut v, &g, 0.1, 0.9, 0.01, store);
            nesterov(&mut w, &mut v, &g, 0.1, 0.9, 0.01, store);
            (w, v)
        };
        assert_eq!(run(Store::Cached), run(Store::Streaming));
    }
}
