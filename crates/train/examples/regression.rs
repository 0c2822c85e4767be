//! Predicts a number: regression with a multi-layer perceptron, stopped where it is best.
//!
//!     cargo run -p train --example regression
//!
//! The function is Friedman's (1991), a usual test: ten inputs in 0..1, of which the last five do
//! nothing, and noise of standard deviation 1, below which no root mean squared error can fall.

use datasets::{ArrayDataset, Dataset};
use layers::{Activation, Mlp, MseLoss};
use optim::Adam;
use std::f64::consts::PI;
use tensor::Tensor;
use tensor::random::Stream;
use train::{EarlyStopping, MeanAbsoluteError, Model, RootMeanSquaredError};

fn friedman(x: &[f64]) -> f64 {
    10.0 * (PI * x[0] * x[1]).sin() + 20.0 * (x[2] - 0.5).powi(2) + 10.0 * x[3] + 5.0 * x[4]
}

/// Samples `range` with their noisy values. Each is a function of its number alone.
fn samples(range: std::ops::Range<u64>) -> datasets::Result<ArrayDataset> {
    let sample = |index| {
        let mut random = Stream::new(1, "friedman", 0, index);
        let x: Vec<f64> = (0..10).map(|_| random.uniform()).collect();
        let y = friedman(&x) + random.normal();
        (x.iter().map(|&x| x as f32).collect::<Vec<_>>(), [y as f32])
    };
    ArrayDataset::collect_values(range.map(sample), &[10], &[1])
}

fn main() -> train::Result<()> {
    let train = samples(0..2000)?.batch(50)?;
    let validation = samples(2000..2500)?.batch(100)?;
    let test = samples(2500..3500)?.batch(100)?;

    let network =
        Mlp::new(10).hidden(32, Activation::Tanh).hidden(16, Activation::Tanh).output(1)?;
    let mut model = Model::new(network, MseLoss::new(), Adam::new(0.01)?)
        .metric(RootMeanSquaredError::new())
        .metric(MeanAbsoluteError::new());

    let mut stop = EarlyStopping::new("eval_loss").patience(20).restore_best_weights(true);
    let history = model.fit(200, &train, Some(&validation), &mut [&mut stop])?;
    let best = stop.best_epoch().unwrap_or(0);
    println!("{} epochs, of which number {best} was best", history.epochs.len());

    let scores = model.eval(&test)?;
    println!(
        "on new samples: root mean squared error {:.3}, mean absolute error {:.3}",
        scores.get("rmse")?,
        scores.get("mae")?
    );

    // One input changes, all others stay in the middle.
    println!("  x1   true  predicted");
    for x1 in [0.0, 0.25, 0.5, 0.75, 1.0] {
        let mut x = [0.5; 10];
        x[0] = x1;
        let input = Tensor::from_vec([1, 10], x.map(|x| x as f32))?;
        println!("{x1:4.2}  {:5.2}  {:9.2}", friedman(&x), model.predict(&input)?.item()?);
    }
    Ok(())
}
