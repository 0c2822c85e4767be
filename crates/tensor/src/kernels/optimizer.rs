//! Parameter updates: one pass over memory per step.

use super::isa::multiversion;
use crate::Float;

multiversion! {
    /// g' = g + decay · w, then w := w - rate · g'.
    pub fn sgd<T: Float>(w: &mut [T], g: &[T], rate: T, decay: T) {
        assert_eq!(w.len(), g.len());
        for (w, &g) in w.iter_mut().zip(g) {
            *w -= rate * (g + decay * *w);
        }
    }
}

multiversion! {
    /// g' = g + decay · w, v := momentum · v + g', w := w - rate · v.
    pub fn momentum<T: Float>(w: &mut [T], v: &mut [T], g: &[T], rate: T, momentum: T, decay: T) {
        assert_eq!(w.len(), g.len());
        assert_eq!(w.len(), v.len());
        for ((w, v), &g) in w.iter_mut().zip(v).zip(g) {
            *v = momentum * *v + (g + decay * *w);
            *w -= rate * *v;
        }
    }
}

multiversion! {
    /// g' = g + decay · w, v := momentum · v + g', w := w - rate · (g' + momentum · v).
    pub fn nesterov<T: Float>(w: &mut [T], v: &mut [T], g: &[T], rate: T, momentum: T, decay: T) {
        assert_eq!(w.len(), g.len());
        assert_eq!(w.len(), v.len());
        for ((w, v), &g) in w.iter_mut().zip(v).zip(g) {
            let g = g + decay * *w;
            *v = momentum * *v + g;
            *w -= rate * (g + momentum * *v);
        }
    }
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
        sgd(&mut weight, &[g], rate, decay);
        assert_eq!(weight[0], w - rate * decayed);

        let (mut weight, mut speed) = ([w], [v]);
        momentum(&mut weight, &mut speed, &[g], rate, mu, decay);
        assert_eq!((weight[0], speed[0]), (w - rate * moved, moved));

        let (mut weight, mut speed) = ([w], [v]);
        nesterov(&mut weight, &mut speed, &[g], rate, mu, decay);
        assert_eq!((weight[0], speed[0]), (w - rate * (decayed + mu * moved), moved));
    }
}
