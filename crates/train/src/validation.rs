//! [`Validation`]: the data that `fit` evaluates the network on, and when.

use crate::{Error, Result};
use datasets::{Batches, Dataset};

/// The data that [`Model::fit`](crate::Model::fit) evaluates the network on after an epoch, and
/// after which epochs: MindSpore's `valid_dataset` and `valid_frequency`.
///
/// `Some(&batches)`, or `&batches`, is evaluated after every epoch.
///
/// ```
/// # use datasets::{ArrayDataset, Dataset};
/// # use layers::{Dense, MseLoss};
/// # use ndarray::array;
/// # use optim::Sgd;
/// use train::{Model, Validation};
/// # let data = ArrayDataset::with_values(array![[0.], [1.], [2.]], array![[1.], [3.], [5.]])?.batch(3)?;
/// # let mut model = Model::new(Dense::new(1, 1), MseLoss::new(), Sgd::new(0.1)?);
///
/// let history = model.fit(10, &data, Validation::new(&data).frequency(5)?, &mut [])?;
/// let evaluated = |epoch: usize| history.epochs[epoch - 1].evaluation.is_some();
/// assert!(evaluated(5) && evaluated(10) && !evaluated(9));
/// model.fit(10, &data, Validation::none(), &mut [])?;
/// # Ok::<(), train::Error>(())
/// ```
#[derive(Clone)]
pub struct Validation<'a> {
    data: Option<(&'a dyn Dataset, usize)>,
    when: When,
}

#[derive(Clone, Debug)]
enum When {
    Every(usize),
    After(Vec<usize>),
}

impl<'a> Validation<'a> {
    /// Evaluates on `data` after every epoch.
    pub fn new<D: Dataset>(data: &'a Batches<D>) -> Self {
        Validation::from(Some(data))
    }

    /// No validation.
    pub fn none() -> Self {
        Validation { data: None, when: When::Every(1) }
    }

    /// Evaluates after every epoch whose number is a multiple of `epochs`.
    ///
    /// # Errors
    /// [`Error::Argument`] where it is 0.
    pub fn frequency(mut self, epochs: usize) -> Result<Self> {
        if epochs == 0 {
            return Err(Error::Argument {
                operation: "Validation",
                argument: "frequency",
                found: "0".to_owned(),
                expected: "at least 1 epoch".to_owned(),
            });
        }
        self.when = When::Every(epochs);
        Ok(self)
    }

    /// Evaluates after the epochs of these numbers only; the first is 1.
    #[must_use]
    pub fn after_epochs(mut self, epochs: impl IntoIterator<Item = usize>) -> Self {
        self.when = When::After(epochs.into_iter().collect());
        self
    }

    /// Whether there is data at all.
    pub(crate) fn exists(&self) -> bool {
        self.data.is_some()
    }

    /// The data and its batch size, if they are to be evaluated after this epoch.
    pub(crate) fn after(&self, epoch: usize) -> Option<(&'a dyn Dataset, usize)> {
        let due = match &self.when {
            When::Every(epochs) => epoch.is_multiple_of(*epochs),
            When::After(epochs) => epochs.contains(&epoch),
        };
        self.data.filter(|_| due)
    }
}

impl<'a, D: Dataset> From<Option<&'a Batches<D>>> for Validation<'a> {
    fn from(data: Option<&'a Batches<D>>) -> Self {
        let data = data.map(|data| (data.dataset() as &dyn Dataset, data.batch_size()));
        Validation { data, when: When::Every(1) }
    }
}

impl<'a, D: Dataset> From<&'a Batches<D>> for Validation<'a> {
    fn from(data: &'a Batches<D>) -> Self {
        Validation::new(data)
    }
}

impl std::fmt::Debug for Validation<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let samples = self.data.map(|(data, _)| data.len());
        let mut text = f.debug_struct("Validation");
        text.field("samples", &samples).field("when", &self.when).finish()
    }
}
