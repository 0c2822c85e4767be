//! Mean errors of predicted numbers: [`MeanAbsoluteError`], [`MeanSquaredError`],
//! [`RootMeanSquaredError`].

use super::check::{no_nan, no_samples, unfit};
use crate::{Metric, Mode, Outcome, Result, State, Value};
use layers::Target;

/// A sum over all elements of f(prediction - target), and their number.
#[derive(Clone, Debug, Default)]
struct Sum {
    sum: f64,
    elements: u64,
}

impl Sum {
    fn add(&mut self, op: &'static str, outcome: Outcome<'_>, f: fn(f64) -> f64) -> Result<()> {
        let prediction = outcome.prediction;
        let values = match outcome.target {
            Target::Values(values) if values.shape() == prediction.shape() => values.as_slice(),
            _ => {
                let detail = "predictions and targets need the same shape";
                return Err(unfit(op, detail, outcome));
            }
        };
        no_nan(op, prediction)?;
        for (x, t) in prediction.as_slice().iter().zip(values) {
            self.sum += f(f64::from(*x) - f64::from(*t));
        }
        self.elements += values.len() as u64;
        Ok(())
    }

    fn mean(&self, op: &'static str) -> Result<f64> {
        if self.elements == 0 {
            return Err(no_samples(op));
        }
        Ok(self.sum / self.elements as f64)
    }
}

macro_rules! mean_error {
    ($(#[$doc:meta])* $type:ident, $name:literal, $error:expr, $finish:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default)]
        pub struct $type(Sum);

        impl $type {
            /// Nothing gathered yet.
            pub fn new() -> Self {
                $type::default()
            }
        }

        impl Metric for $type {
            fn name(&self) -> &str {
                $name
            }

            fn mode(&self) -> Mode {
                Mode::Min
            }

            fn clear(&mut self) {
                self.0 = Sum::default();
            }

            fn update(&mut self, outcome: Outcome<'_>) -> Result<()> {
                self.0.add($name, outcome, $error)
            }

            fn state(&self) -> Result<State> {
                Ok(State::default()
                    .with("sum", self.0.sum)
                    .with("elements", self.0.elements as f64))
            }

            fn load_state(&mut self, state: &State) -> Result<()> {
                let (sum, elements) =
                    (state.required($name, "sum")?, state.count($name, "elements")?);
                self.0 = Sum { sum, elements };
                Ok(())
            }

            fn eval(&self) -> Result<Value> {
                let finish: fn(f64) -> f64 = $finish;
                Ok(finish(self.0.mean($name)?).into())
            }
        }
    };
}

mean_error! {
    /// The mean of |prediction - target| over all elements, under the name `mae`.
    ///
    /// Predictions and targets have the same shape. MindSpore's `MAE`, which divides by the number
    /// of samples even where each has several elements.
    MeanAbsoluteError, "mae", f64::abs, |mean| mean
}

mean_error! {
    /// The mean of (prediction - target)² over all elements, under the name `mse`.
    ///
    /// Predictions and targets have the same shape. MindSpore's `MSE`, which divides by the number
    /// of samples even where each has several elements.
    MeanSquaredError, "mse", |error| error * error, |mean| mean
}

mean_error! {
    /// The square root of [`MeanSquaredError`], under the name `rmse`.
    RootMeanSquaredError, "rmse", |error| error * error, f64::sqrt
}
