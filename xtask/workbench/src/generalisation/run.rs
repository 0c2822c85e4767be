//! One network, trained and tested.

use super::data::Slice;
use super::network::Network;
use super::remedy::Setup;
use anyhow::Result;
use datasets::Dataset;
use layers::SoftmaxCrossEntropyWithLogits;
use optim::Momentum;
use serde::Serialize;
use train::{Accuracy, Callback, EarlyStopping, Model};

const BATCH: usize = 32;
const LEARNING_RATE: f64 = 0.02;
const PATIENCE: usize = 10;

/// What came of a network.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Run {
    pub(super) seed: u64,
    /// Accuracy on the images and labels it was trained on, as they are stored.
    pub(super) train: f64,
    /// Accuracy on the test set.
    pub(super) test: f64,
    /// The epoch whose weights were kept.
    pub(super) epoch: usize,
    /// Accuracy in each epoch while training: on changed images, where they are changed, and
    /// without the dropped units.
    pub(super) train_curve: Vec<f64>,
    /// Accuracy on the held-out images after each epoch.
    pub(super) held_out_curve: Vec<f64>,
}

impl Run {
    pub(super) fn of(setup: &Setup, slice: &Slice, epochs: usize, seed: u64) -> Result<Self> {
        let train = slice.train.clone().map(setup.transform())?.batch(BATCH)?;
        let held_out = slice.held_out.clone().batch(500)?;
        let optimizer = Momentum::new(LEARNING_RATE, 0.9)?;
        let optimizer = optimizer.l1_decay(setup.l1)?.weight_decay(setup.l2)?;
        let loss = SoftmaxCrossEntropyWithLogits::new();
        let mut model =
            Model::new(Network::new(setup), loss, optimizer).metric(Accuracy::new()).seed(seed);

        let mut stop =
            EarlyStopping::new("eval_loss").patience(PATIENCE).restore_best_weights(true);
        let mut callbacks: Vec<&mut dyn Callback> = Vec::new();
        if setup.early_stopping {
            callbacks.push(&mut stop);
        }
        let history = model.fit(epochs, &train, Some(&held_out), &mut callbacks)?;
        let curve = |name| -> Result<Vec<f64>> {
            Ok(history.series(name)?.into_iter().map(|(_, value)| value).collect())
        };
        let (train_curve, held_out_curve) = (curve("accuracy")?, curve("eval_accuracy")?);
        Ok(Run {
            seed,
            train: model.eval(&slice.train.clone().batch(500)?)?.get("accuracy")?,
            test: model.eval(&slice.test.clone().batch(500)?)?.get("accuracy")?,
            epoch: stop.best_epoch().unwrap_or(train_curve.len()),
            train_curve,
            held_out_curve,
        })
    }
}
