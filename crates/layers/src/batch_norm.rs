//! Batch normalisation.

use crate::{
    Description, Initializer, Layer, Module, ModuleExt, Parameter, Scope, Visitor, VisitorMut,
};
use autodiff::{Tape, Var};
use std::fmt;
use tensor::{Error, Float, Result, Tensor};

macro_rules! batch_norm {
    ($(#[$doc:meta])* $name:ident, $axes:literal, $rank:literal) => {
        $(#[$doc])*
        ///
        /// In training, mean and variance are those of the batch, and the layer makes its samples
        /// depend on each other: a step is not split into shards. Every training step that
        /// succeeds moves `moving_mean` and `moving_variance` towards the batch's; evaluation
        /// normalises with them.
        ///
        /// As in MindSpore, `momentum` is the share of the moving statistics that is kept (PyTorch
        /// means the other share: its 0.1 is 0.9 here); as in both, the batch is normalised with
        /// the biased variance and the unbiased one is stored.
        #[derive(Clone, Debug)]
        pub struct $name {
            scope: Scope,
            /// `[features]`, ones at first: PyTorch's `weight`.
            pub gamma: Parameter,
            /// `[features]`, zeros at first: PyTorch's `bias`.
            pub beta: Parameter,
            /// `[features]`, zeros at first, not trained: PyTorch's `running_mean`.
            pub moving_mean: Parameter,
            /// `[features]`, ones at first, not trained: PyTorch's `running_var`.
            pub moving_variance: Parameter,
            epsilon: f64,
            momentum: f64,
        }

        impl Module for $name {
            fn visit<'a>(&'a self, visitor: &mut Visitor<'_, 'a>) {
                visitor.couples_batch();
                visitor.field("scope", &self.scope);
                visitor.field("gamma", &self.gamma);
                visitor.field("beta", &self.beta);
                visitor.field("moving_mean", &self.moving_mean);
                visitor.field("moving_variance", &self.moving_variance);
            }

            fn visit_mut<'a>(&'a mut self, visitor: &mut VisitorMut<'_, 'a>) {
                visitor.field("scope", &mut self.scope);
                visitor.field("gamma", &mut self.gamma);
                visitor.field("beta", &mut self.beta);
                visitor.field("moving_mean", &mut self.moving_mean);
                visitor.field("moving_variance", &mut self.moving_variance);
            }

            fn describe(&self) -> Option<Description> {
                let $name { gamma, epsilon, momentum, .. } = self;
                let features = gamma.shape()[0];
                let arguments =
                    format!("num_features={features}, eps={epsilon:?}, momentum={momentum:?}");
                Some(Description::of::<Self>().arguments(arguments))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.describe_all())
            }
        }

        impl $name {
            /// Over `features` channels, with epsilon 1e-5 and momentum 0.9.
            pub fn new(features: usize) -> Self {
                let trained = |initializer| Parameter::new([features], initializer);
                let moving = |initializer| {
                    let mut parameter = Parameter::new([features], initializer);
                    parameter.set_trainable(false);
                    parameter
                };
                $name {
                    scope: Scope::default(),
                    gamma: trained(Initializer::ONE),
                    beta: trained(Initializer::ZERO),
                    moving_mean: moving(Initializer::ZERO),
                    moving_variance: moving(Initializer::ONE),
                    epsilon: 1e-5,
                    momentum: 0.9,
                }
            }

            /// What is added to the variance, above 0: MindSpore's and PyTorch's `eps`.
            #[must_use]
            pub fn epsilon(mut self, epsilon: f64) -> Self {
                self.epsilon = epsilon;
                self
            }

            /// The share of the moving statistics that a step keeps, 0 to 1.
            #[must_use]
            pub fn momentum(mut self, momentum: f64) -> Self {
                self.momentum = momentum;
                self
            }

            /// Leaves `moving` · momentum + `batch` · factor · (1 - momentum) on the tape. Where the
            /// layer is used several times, each use goes on from the one before.
            fn move_towards<T: Float>(
                &self,
                moving: &Parameter,
                batch: &Tensor<T>,
                factor: f64,
                tape: &Tape<T>,
            ) -> Result<()> {
                let value = match tape.updated(moving.key()) {
                    Some(value) => T::cast_from_f32(&value),
                    None => moving.on(tape)?.into_value(),
                };
                let moved = Tensor::from_fn(batch.shape(), |c| {
                    let [kept, new] = [&value, batch].map(|values| values.as_slice()[c].to_f64());
                    (self.momentum * kept + (1.0 - self.momentum) * factor * new) as f32
                });
                tape.update(moving.key(), moved);
                Ok(())
            }
        }

        impl<T: Float> Layer<T> for $name {
            fn forward<'t>(&self, input: Var<'t, T>) -> Result<Var<'t, T>> {
                self.scope.run(stringify!($name), input, |x| {
                    let features = self.gamma.shape()[0];
                    if features == 0 {
                        return Err(Error::argument(OP, "features", 0, "at least 1"));
                    }
                    if !(0.0..=1.0).contains(&self.momentum) {
                        let expected = "a share from 0 to 1";
                        return Err(Error::argument(OP, "momentum", self.momentum, expected));
                    }
                    if x.shape().rank() != $rank {
                        let detail = concat!("input needs axes ", $axes);
                        return Err(Error::shape(OP, detail).operand("input", x.shape()));
                    }
                    let tape = x.tape();
                    let (gamma, beta) = (self.gamma.on(tape)?, self.beta.on(tape)?);
                    if !tape.is_training() {
                        let moving = [&self.moving_mean, &self.moving_variance];
                        let [mean, variance] = moving.map(|moving| moving.on(tape));
                        let (mean, variance) = (mean?, variance?);
                        return x.batch_norm_with(&gamma, &beta, [&mean, &variance], self.epsilon);
                    }
                    let (y, batch) = x.batch_norm(&gamma, &beta, self.epsilon)?;
                    let unbiased = batch.count as f64 / (batch.count - 1) as f64;
                    self.move_towards(&self.moving_mean, &batch.mean, 1.0, tape)?;
                    self.move_towards(&self.moving_variance, &batch.variance, unbiased, tape)?;
                    Ok(y)
                })
            }
        }
    };
}

const OP: &str = "batch_norm";

batch_norm! {
    /// y = (x - mean) / √(variance + epsilon) · gamma + beta, by feature: x and y `[N, features]`.
    /// Ioffe and Szegedy (2015).
    ///
    /// ```
    /// use layers::{BatchNorm1d, ModuleExt};
    /// let norm = BatchNorm1d::new(84).momentum(0.99);
    /// assert_eq!(norm.parameter_count(), 2 * 84);
    /// ```
    BatchNorm1d, "[batch, features]", 2
}
batch_norm! {
    /// y = (x - mean) / √(variance + epsilon) · gamma + beta, by channel over all pixels of the
    /// batch: x and y `[N, features, H, W]`. Ioffe and Szegedy (2015).
    BatchNorm2d, "[batch, features, height, width]", 4
}
