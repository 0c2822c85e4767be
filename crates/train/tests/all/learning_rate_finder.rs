//! The range test on a small problem.

use datasets::{ArrayDataset, Batches, Dataset};
use layers::{Dense, MseLoss};
use ndarray::Array2;
use optim::{Momentum, Sgd};
use train::{Error, LearningRateFinder, Model};

/// y = 3 a - b
fn data() -> Batches<ArrayDataset> {
    let x = Array2::from_shape_fn((256, 2), |(i, j)| ((i * 37 + j * 61) % 64) as f32 / 64.0);
    let y = Array2::from_shape_fn((256, 1), |(i, _)| 3.0 * x[[i, 0]] - x[[i, 1]]);
    ArrayDataset::with_values(x, y).unwrap().batch(8).unwrap()
}

fn model(momentum: f64) -> Model<Dense> {
    let optimizer = Momentum::new(0.1, momentum).unwrap();
    Model::new(Dense::new(2, 1), MseLoss::new(), optimizer).threads(1)
}

/// The suggested rate trains; twenty times the rate of the lowest loss does not.
#[test]
fn the_suggestion_trains_and_rates_beyond_the_lowest_loss_do_not() {
    let (data, finder) = (data(), LearningRateFinder::new());
    let found = finder.run(&mut model(0.9), &data).unwrap();
    assert!(found.diverged);
    let (rate, lowest) = (found.suggestion().unwrap(), found.lowest().unwrap());
    assert!(rate < lowest, "{rate} {lowest}");
    let loss_at = |rate: f64| {
        let optimizer = Momentum::new(rate, 0.9).unwrap();
        let mut model = Model::new(Dense::new(2, 1), MseLoss::new(), optimizer).threads(1);
        match model.train(20, &data) {
            Ok(history) => history.epochs[19].train.get("loss").unwrap(),
            Err(Error::NonFinite { .. }) => f64::INFINITY,
            Err(error) => panic!("{error}"),
        }
    };
    let first = found.points[0].loss;
    assert!(loss_at(rate) < 0.5 * first, "{} of {first} at {rate}", loss_at(rate));
    let beyond = loss_at(20.0 * lowest);
    assert!(beyond.is_nan() || beyond > first, "{beyond} of {first} at {}", 20.0 * lowest);
}

/// Momentum makes the same gradient move ten times as far, so rates are lower.
#[test]
fn momentum_lowers_the_suggestion() {
    let finder = LearningRateFinder::new();
    let with = finder.run(&mut model(0.9), &data()).unwrap();
    let without = finder.run(&mut model(0.0), &data()).unwrap();
    assert!(with.suggestion().unwrap() < without.suggestion().unwrap());
}

#[test]
fn every_step_has_its_rate_over_several_epochs_and_the_same_bits_each_time() {
    let finder = LearningRateFinder::new().range(1e-4, 1e-2).unwrap().steps(101).unwrap();
    let found = finder.run(&mut model(0.0), &data()).unwrap();
    assert!(!found.diverged);
    assert_eq!(found.points.len(), 101);
    for (step, rate) in [(0, 1e-4), (50, 1e-3), (100, 1e-2)] {
        let found = found.points[step].learning_rate;
        assert!((found / rate - 1.0).abs() < 1e-9, "{found} {rate}");
    }
    assert_eq!(found, finder.run(&mut model(0.0), &data()).unwrap());
}

/// A loss that turns infinite ends the test; anything else that is wrong is told.
#[test]
fn a_loss_that_is_no_longer_finite_ends_the_test() {
    let optimizer = Sgd::new(1.0).unwrap();
    let mut wild = Model::new(Dense::new(2, 1), MseLoss::new(), optimizer).threads(1);
    let finder = LearningRateFinder::new().range(1e29, 1e30).unwrap().steps(50).unwrap();
    let found = finder.run(&mut wild, &data()).unwrap();
    assert!(found.diverged && found.points.len() < 10, "{}", found.points.len());

    let optimizer = Sgd::new(1.0).unwrap();
    let mut wrong = Model::new(Dense::new(3, 1), MseLoss::new(), optimizer).threads(1);
    assert!(matches!(LearningRateFinder::new().run(&mut wrong, &data()), Err(Error::Tensor(_))));
}
