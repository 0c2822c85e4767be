//! Algorithm 3.1: T iterations on mini-batches drawn uniformly without replacement.

use crate::common::{images, line};
use datasets::{Dataset, Draw, TargetKind, TargetMut};
use layers::{Dense, ModuleExt, MseLoss, SoftmaxCrossEntropyWithLogits};
use optim::Sgd;
use std::sync::Mutex;
use tensor::random::Stream;
use train::Model;

const SEED: u64 = 5;

fn weights(model: &Model<Dense>) -> Vec<f32> {
    let parameters = model.network().parameters();
    parameters.iter().flat_map(|(_, p)| p.value().unwrap().to_vec()).collect()
}

fn regression() -> Model<Dense> {
    Model::new(Dense::new(2, 1), MseLoss::new(), Sgd::new(0.1).unwrap()).seed(SEED).threads(1)
}

/// Lines (1) to (7) by hand in f64, for J^(i) = (w·x + b - y)²: eq. (3.11) with the mean gradient.
#[test]
fn iterations_are_the_algorithms_lines() {
    const T: u64 = 30;
    const B: usize = 7;
    let alpha = 0.1;
    let data = line(50);
    let (mut x, mut y) = (vec![0.0; 100], vec![0.0; 50]);
    let all: Vec<usize> = (0..50).collect();
    data.fetch(Draw::default(), &all, &mut x, TargetMut::Values(&mut y)).unwrap();

    let mut model = regression();
    assert!(model.train_iterations(0, B, &data).unwrap().is_empty());
    let [w0, w1, b] = weights(&model)[..] else { panic!("two weights and a bias") };
    let mut w = [f64::from(w0), f64::from(w1), f64::from(b)];
    let mut losses = Vec::new();
    for t in 1..=T {
        let batch = Stream::new(SEED, "mini-batch", t, 0).sample(50, B);
        let (mut gradient, mut loss) = ([0.0; 3], 0.0);
        for i in batch {
            let x = [f64::from(x[2 * i]), f64::from(x[2 * i + 1]), 1.0];
            let error = x.iter().zip(w).map(|(x, w)| x * w).sum::<f64>() - f64::from(y[i]);
            loss += error * error / B as f64;
            for (gradient, x) in gradient.iter_mut().zip(x) {
                *gradient += 2.0 * error * x;
            }
        }
        for (w, gradient) in w.iter_mut().zip(gradient) {
            *w -= alpha / B as f64 * gradient;
        }
        losses.push(loss);
    }

    let found = model.train_iterations(T as usize, B, &data).unwrap();
    for (found, expected) in found.iter().zip(&losses) {
        assert!((found - expected).abs() < 1e-5 * expected.max(1e-2), "{found} {expected}");
    }
    for (found, expected) in weights(&model).iter().zip(w) {
        assert!((f64::from(*found) - expected).abs() < 1e-5, "{found} {expected}");
    }
    assert!(losses[T as usize - 1] < losses[0] / 10.0, "and they learn");
}

#[test]
fn two_halves_are_one_whole_for_any_number_of_threads() {
    let data = images(60);
    let run = |parts: &[usize], threads: usize| {
        let loss = SoftmaxCrossEntropyWithLogits::new();
        let model = Model::new(crate::common::Small::new(), loss, Sgd::new(0.1).unwrap());
        let mut model = model.seed(SEED).threads(threads);
        let mut losses = Vec::new();
        for &iterations in parts {
            losses.extend(model.train_iterations(iterations, 40, &data).unwrap());
        }
        losses
    };
    let whole = run(&[6], 1);
    assert_eq!(run(&[2, 4], 1), whole);
    assert_eq!(run(&[6], 2), whole);
}

/// Notes which samples were asked for.
struct Spy {
    asked: Mutex<Vec<Vec<usize>>>,
}

impl Dataset for Spy {
    fn len(&self) -> usize {
        12
    }

    fn input_shape(&self) -> &[usize] {
        &[2]
    }

    fn target(&self) -> TargetKind<'_> {
        TargetKind::Values { shape: &[1] }
    }

    fn fetch(
        &self,
        _: Draw,
        indices: &[usize],
        input: &mut [f32],
        target: TargetMut<'_>,
    ) -> datasets::Result<()> {
        self.asked.lock().unwrap().push(indices.to_vec());
        input.fill(0.5);
        target.values()?.fill(1.0);
        Ok(())
    }
}

/// Each sample is in an iteration's mini-batch with probability b/n, and never twice. Twelve
/// counts of Binomial(3000, 5/12) that add up to 15000: (n-1)/n / (1 - b/n) times their chi-squared
/// statistic has 11 degrees of freedom, whose 99.99 % point is 37.4.
#[test]
fn mini_batches_are_drawn_uniformly_without_replacement() {
    const T: usize = 3000;
    let spy = Spy { asked: Mutex::default() };
    let mut model = regression();
    model.train_iterations(T, 5, &spy).unwrap();
    let mut seen = [0_u32; 12];
    let asked = spy.asked.into_inner().unwrap();
    assert_eq!(asked.len(), T);
    for mut batch in asked {
        batch.iter().for_each(|&i| seen[i] += 1);
        batch.sort_unstable();
        batch.dedup();
        assert_eq!(batch.len(), 5, "a sample came twice");
    }
    let expected = T as f64 * 5.0 / 12.0;
    let chi: f64 = seen.iter().map(|&n| (f64::from(n) - expected).powi(2) / expected).sum();
    let chi = chi * (11.0 / 12.0) / (1.0 - 5.0 / 12.0);
    assert!((1.0..37.4).contains(&chi), "chi-squared {chi}: {seen:?}");
}

#[test]
fn batches_that_cannot_be_drawn() {
    let data = line(10);
    for (size, found) in [(0, "0"), (11, "11")] {
        let error = regression().train_iterations(3, size, &data).unwrap_err();
        let expected = format!(
            "train_iterations: batch_size is {found}, expected 1 to 10, the number of samples to \
             draw from"
        );
        assert_eq!(error.to_string(), expected);
    }
}
