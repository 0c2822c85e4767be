//! [`LambdaCallback`].

use crate::{Callback, Result, RunContext};

type Hook = Box<dyn FnMut(&mut RunContext<'_>) -> Result<()> + Send>;

/// Closures as hooks: MindSpore's `LambdaCallback`.
///
/// ```
/// # use datasets::{ArrayDataset, Dataset};
/// # use layers::{Dense, MseLoss};
/// # use ndarray::array;
/// # use optim::Sgd;
/// use train::{LambdaCallback, Model, Validation};
/// # let data = ArrayDataset::with_values(array![[0.], [1.], [2.]], array![[1.], [3.], [5.]])?.batch(3)?;
/// # let mut model = Model::new(Dense::new(1, 1), MseLoss::new(), Sgd::new(0.1)?);
///
/// let mut stop = LambdaCallback::new().on_train_step_end(|run| {
///     if run.loss < 1.0 {
///         run.request_stop();
///     }
///     Ok(())
/// });
/// let history = model.fit(1000, &data, Validation::none(), &mut [&mut stop])?;
/// assert!(history.epochs.len() < 1000);
/// # Ok::<(), train::Error>(())
/// ```
#[derive(Default)]
pub struct LambdaCallback {
    train_begin: Option<Hook>,
    train_epoch_begin: Option<Hook>,
    train_step_begin: Option<Hook>,
    train_step_end: Option<Hook>,
    train_epoch_end: Option<Hook>,
    train_end: Option<Hook>,
}

impl LambdaCallback {
    /// No hooks.
    pub fn new() -> Self {
        LambdaCallback::default()
    }
}

macro_rules! hooks {
    ($($method:ident $field:ident $when:literal),* $(,)?) => {
        impl LambdaCallback {$(
            #[doc = $when]
            #[must_use]
            pub fn $method(
                mut self,
                hook: impl FnMut(&mut RunContext<'_>) -> Result<()> + Send + 'static,
            ) -> Self {
                self.$field = Some(Box::new(hook));
                self
            }
        )*}

        impl Callback for LambdaCallback {$(
            fn $method(&mut self, run: &mut RunContext<'_>) -> Result<()> {
                self.$field.as_mut().map_or(Ok(()), |hook| hook(run))
            }
        )*}
    };
}

hooks! {
    on_train_begin train_begin "Before anything.",
    on_train_epoch_begin train_epoch_begin "Before an epoch's first step.",
    on_train_step_begin train_step_begin "Before a step.",
    on_train_step_end train_step_end "After a step.",
    on_train_epoch_end train_epoch_end "After an epoch and the validation that follows it.",
    on_train_end train_end "After everything.",
}

impl std::fmt::Debug for LambdaCallback {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LambdaCallback").finish_non_exhaustive()
    }
}
