//! [`Optimizer`]: what turns gradients into new parameters.

use crate::OptimizerState;
use autodiff::Gradients;
use layers::Module;
use tensor::Result;

/// Turns gradients into new parameters, one step at a time.
///
/// All optimizers of this crate are [`Descent`](crate::Descent) by a [`Rule`](crate::Rule); to
/// write one of your own, write a rule.
pub trait Optimizer: Send {
    /// Changes every trainable parameter that has a gradient. Where gradients are accumulated,
    /// only every k-th call does.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) where a learning rate of this step is not a
    /// finite number of at least 0, [`Error::State`](crate::Error::State) where a parameter has no
    /// value, the gradients are those of another network, or a parameter group does not fit the
    /// network, [`Error::Shape`](crate::Error::Shape) where a gradient does not have its
    /// parameter's shape. No parameter has changed then.
    fn step(&mut self, module: &mut dyn Module, gradients: &Gradients) -> Result<()>;

    /// The learning rate of the next step, of parameters that are in no group.
    fn learning_rate(&self) -> f64;

    /// From now on this rate instead of the schedule, and no factor. Parameter groups with a rate
    /// of their own keep it.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) where it is negative or not finite.
    fn set_learning_rate(&mut self, rate: f64) -> Result<()>;

    /// From now on every rate, those of schedules and of groups included, times `factor`; factors
    /// multiply.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) where it is negative or not finite.
    fn scale_learning_rate(&mut self, factor: f64) -> Result<()>;

    /// The number of steps taken: of updates, where gradients are accumulated.
    fn steps(&self) -> u64;

    /// All that must be kept so that training goes on with the same bits.
    fn state(&self) -> OptimizerState;

    /// Goes on from a kept state; the options and the schedule must be those of the optimizer
    /// that it came from.
    ///
    /// # Errors
    /// [`Error::State`](crate::Error::State) where the state is that of another optimizer or
    /// network. Nothing has changed then.
    fn load_state(&mut self, module: &dyn Module, state: &OptimizerState) -> Result<()>;
}
