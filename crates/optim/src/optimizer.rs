//! [`Optimizer`]: what turns gradients into new parameters.

use autodiff::Gradients;
use layers::{Module, ModuleExt, Parameter};
use tensor::{Error, Result, Tensor, kernels::stream::Store, parallel};

/// Turns gradients into new parameters, one step at a time.
pub trait Optimizer: Send {
    /// Changes every trainable parameter that has a gradient.
    ///
    /// # Errors
    /// [`Error::Argument`] where the learning rate of this step is not a finite number of at
    /// least 0, [`Error::State`] where a parameter has no value or the gradients are those of
    /// another network, [`Error::Shape`] where a gradient or the kept state does not have its
    /// parameter's shape. No parameter has changed then.
    fn step(&mut self, module: &mut dyn Module, gradients: &Gradients) -> Result<()>;

    /// The learning rate of the next step.
    fn learning_rate(&self) -> f64;

    /// The number of steps taken.
    fn steps(&self) -> u64;
}

/// Checks that a step can be taken, before anything is changed.
pub(crate) fn check_step(
    op: &'static str,
    rate: f64,
    module: &dyn Module,
    gradients: &Gradients,
) -> Result<()> {
    check_number(op, "learning rate", rate, 0.0, f64::INFINITY)?;
    let (mut result, mut found) = (Ok(()), 0);
    module.each_parameter(&mut |name, parameter| {
        found += usize::from(gradients.get(parameter.key()).is_some());
        if result.is_ok() {
            result = check_parameter(op, parameter, gradients).map_err(|error| error.at(name));
        }
    });
    // Some may belong to a part that another optimizer trains, but not all.
    if found == 0 && gradients.iter().next().is_some() {
        let detail = "none of the gradients belongs to a parameter of this network";
        return Err(Error::state(op, detail).hint(
            "step the network that the loss was computed with; a clone has parameters of its own",
        ));
    }
    result
}

fn check_parameter(op: &'static str, parameter: &Parameter, gradients: &Gradients) -> Result<()> {
    let Some(gradient) = gradients.get(parameter.key()) else { return Ok(()) };
    if parameter.value().is_none() {
        return Err(Error::state(op, "the parameter has no value yet")
            .hint("call initialize(seed) on the network, or load weights"));
    }
    if gradient.shape() != parameter.shape() {
        return Err(Error::shape(op, "the gradient does not have the parameter's shape")
            .operand("gradient", gradient.shape())
            .operand("parameter", parameter.shape()));
    }
    Ok(())
}

/// Where updated weights go: several passes were run on several threads, and the next ones will be.
pub(crate) fn store_for(gradients: &Gradients) -> Store {
    Store::shared_by(gradients.passes().min(parallel::team()))
}

/// Calls `update` with the place, value and gradient of every parameter to change.
pub(crate) fn for_each_update(
    module: &mut dyn Module,
    gradients: &Gradients,
    update: &mut dyn FnMut(usize, &mut Tensor, &Tensor),
) {
    let mut place = 0;
    module.each_parameter_mut(&mut |_, parameter| {
        let gradient = gradients.get(parameter.key());
        let trainable = parameter.is_trainable();
        if let (true, Some(gradient), Some(value)) = (trainable, gradient, parameter.value_mut()) {
            update(place, value, gradient);
        }
        place += 1;
    });
}

/// Checks a hyper-parameter: finite and within `least..=most`.
pub(crate) fn check_number(
    op: &'static str,
    argument: &'static str,
    value: f64,
    least: f64,
    most: f64,
) -> Result<()> {
    if value.is_finite() && value >= least && value <= most {
        return Ok(());
    }
    let expected = if most.is_finite() {
        format!("a number from {least} to {most}")
    } else {
        format!("a finite number, at least {least}")
    };
    Err(Error::argument(op, argument, value, expected))
}
