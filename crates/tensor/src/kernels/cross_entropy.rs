//! Cross-entropy of log-probabilities, and its gradient with respect to the logits.
//!
//! Rows are samples, columns are classes. The target of a sample is a number for each class: from
//! labels these are never written down, from probabilities they are the caller's.

use super::isa::multiversion;
use crate::Float;

/// Labels, and what each makes of its sample's target.
#[derive(Clone, Copy, Debug)]
pub struct Labels<'a, T> {
    /// A class for each sample, below the number of classes unless it is ignored: the caller has
    /// checked that.
    pub labels: &'a [u32],
    /// Samples with this label have a target of 0 for every class.
    pub ignored: Option<u32>,
    /// The target of the label's own class, by class; 1 for all of them where this is empty.
    pub own: &'a [T],
    /// What is added to the target of every class; 0 where this is empty.
    pub every: &'a [T],
}

impl<T: Float> Labels<'_, T> {
    /// The class of a sample and its target, unless the sample is ignored.
    #[inline(always)]
    fn class(&self, sample: usize) -> Option<(usize, T)> {
        let label = self.labels[sample];
        let class = label as usize;
        let own = if self.own.is_empty() { T::ONE } else { *self.own.get(class)? };
        (self.ignored != Some(label)).then_some((class, own))
    }
}

/// target · log-probability: nothing where the target is 0, even where the other is -∞.
#[inline(always)]
fn product<T: Float>(target: T, log_probability: T) -> T {
    if target == T::ZERO { T::ZERO } else { target * log_probability }
}

multiversion! {
    /// losses_n := -Σ_k target_nk · log_probabilities_nk; exactly 0 for an ignored sample.
    pub fn of_labels<T: Float>(
        classes: usize,
        log_probabilities: &[T],
        labels: Labels<'_, T>,
        losses: &mut [T],
    ) {
        assert_eq!(labels.labels.len(), losses.len());
        assert_eq!(losses.len() * classes, log_probabilities.len());
        for (n, loss) in losses.iter_mut().enumerate() {
            let row = &log_probabilities[n * classes..(n + 1) * classes];
            let Some((class, own)) = labels.class(n) else {
                *loss = T::ZERO;
                continue;
            };
            let every: T = labels.every.iter().zip(row).map(|(&t, &l)| product(t, l)).sum();
            *loss = -(product(own, row[class]) + every);
        }
    }
}

multiversion! {
    /// y := dlosses_n · (e^y Σ_j target_nj - target_n), for log-probabilities y; exactly 0 for an
    /// ignored sample.
    pub fn of_labels_backward<T: Float>(
        classes: usize,
        y: &mut [T],
        labels: Labels<'_, T>,
        dlosses: &[T],
    ) {
        assert_eq!(labels.labels.len(), dlosses.len());
        assert_eq!(dlosses.len() * classes, y.len());
        let every: T = labels.every.iter().copied().sum();
        for (n, &dloss) in dlosses.iter().enumerate() {
            let row = &mut y[n * classes..(n + 1) * classes];
            let Some((class, own)) = labels.class(n) else {
                row.fill(T::ZERO);
                continue;
            };
            let mass = (own + every) * dloss;
            for y in row.iter_mut() {
                *y = y.exp() * mass;
            }
            row[class] -= own * dloss;
            for (y, &t) in row.iter_mut().zip(labels.every) {
                *y -= t * dloss;
            }
        }
    }
}

multiversion! {
    /// losses_n := -Σ_k targets_nk · log_probabilities_nk.
    pub fn of_targets<T: Float>(
        classes: usize,
        log_probabilities: &[T],
        targets: &[T],
        losses: &mut [T],
    ) {
        assert_eq!(targets.len(), log_probabilities.len());
        assert_eq!(losses.len() * classes, targets.len());
        for (n, loss) in losses.iter_mut().enumerate() {
            let row = n * classes..(n + 1) * classes;
            let pairs = targets[row.clone()].iter().zip(&log_probabilities[row]);
            *loss = -pairs.map(|(&t, &l)| product(t, l)).sum::<T>();
        }
    }
}

multiversion! {
    /// y := dlosses_n · (e^y · Σ_j targets_nj - targets), for log-probabilities y.
    pub fn of_targets_backward<T: Float>(
        classes: usize,
        y: &mut [T],
        targets: &[T],
        dlosses: &[T],
    ) {
        assert_eq!(targets.len(), y.len());
        assert_eq!(dlosses.len() * classes, y.len());
        for (n, &dloss) in dlosses.iter().enumerate() {
            let targets = &targets[n * classes..(n + 1) * classes];
            let mass: T = targets.iter().copied().sum();
            for (y, &t) in y[n * classes..(n + 1) * classes].iter_mut().zip(targets) {
                *y = (y.exp() * mass - t) * dloss;
            }
        }
    }
}

multiversion! {
    /// targets_nk := own_k · targets_nk + every_k: weighted and smoothed. Empty `own` are ones and
    /// empty `every` zeros, as in [`Labels`].
    pub fn smooth_targets<T: Float>(targets: &mut [T], own: &[T], every: &[T]) {
        if !own.is_empty() {
            for row in targets.chunks_exact_mut(own.len()) {
                for (t, &own) in row.iter_mut().zip(own) {
                    *t *= own;
                }
            }
        }
        if !every.is_empty() {
            for row in targets.chunks_exact_mut(every.len()) {
                for (t, &every) in row.iter_mut().zip(every) {
                    *t += every;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Labels give what the targets that they stand for give, for rows of every length around the
    /// vector widths.
    #[test]
    fn labels_are_targets_that_are_not_written_down() {
        for classes in 1..=35 {
            let samples = 4;
            let at = |i: usize, f: f64| (i as f64 * f).sin();
            let y: Vec<f64> = (0..samples * classes).map(|i| at(i, 0.7) - 2.0).collect();
            let own: Vec<f64> = (0..classes).map(|k| at(k, 0.3).abs()).collect();
            let every: Vec<f64> = (0..classes).map(|k| 0.1 * at(k, 0.9).abs()).collect();
            let last = classes as u32 - 1;
            let plain =
                Labels { labels: &[0, last, 7777, 0], ignored: Some(7777), own: &[], every: &[] };
            for labels in
                [plain, Labels { own: &own, ..plain }, Labels { own: &own, every: &every, ..plain }]
            {
                let mut targets = vec![0.0; samples * classes];
                for (n, &label) in labels.labels.iter().enumerate() {
                    let row = &mut targets[n * classes..(n + 1) * classes];
                    if label != 7777 {
                        row[label as usize] = 1.0;
                        smooth_targets(row, labels.own, labels.every);
                    }
                }
                let (mut found, mut expected) = ([f64::NAN; 4], [f64::NAN; 4]);
                of_labels(classes, &y, labels, &mut found);
                of_targets(classes, &y, &targets, &mut expected);
                let close = |a: &f64, b: &f64| (a - b).abs() < 1e-14 * (1.0 + b.abs());
                assert!(found.iter().zip(&expected).all(|(a, b)| close(a, b)), "{classes}");
                assert_eq!(found[2], 0.0);

                let dlosses = [1.0, -0.5, 3.0, 0.25];
                let (mut found, mut expected) = (y.clone(), y.clone());
                of_labels_backward(classes, &mut found, labels, &dlosses);
                of_targets_backward(classes, &mut expected, &targets, &dlosses);
                assert!(found.iter().zip(&expected).all(|(a, b)| close(a, b)), "{classes}");
                assert!(found[2 * classes..3 * classes].iter().all(|&dx| dx == 0.0));
            }
        }
    }

    /// An ignored sample says nothing, whatever its logits are.
    #[test]
    fn nan_does_not_leave_an_ignored_sample() {
        let labels = Labels { labels: &[9], ignored: Some(9), own: &[], every: &[] };
        let (mut y, mut loss) = ([f32::NAN; 3], [f32::NAN]);
        of_labels(3, &y, labels, &mut loss);
        of_labels_backward(3, &mut y, labels, &[1.0]);
        assert_eq!((loss, y), ([0.0], [0.0; 3]));
    }
}
