//! [`State`]: what a callback or a metric remembers.

use crate::{Error, Result};
use std::collections::BTreeMap;
use tensor::Tensor;

/// Up to here every whole number is an `f64`: 2⁵³.
const MOST: f64 = 9_007_199_254_740_992.0;

/// What a callback remembers from epoch to epoch, or a metric within one, as data by name, to be
/// kept with a checkpoint: see [`Callback::state`](crate::Callback::state) and
/// [`Metric::state`](crate::Metric::state).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// Numbers. Integers are exact up to 2⁵³.
    pub numbers: BTreeMap<String, f64>,
    /// Texts.
    pub texts: BTreeMap<String, String>,
    /// Tensors, such as the best weights.
    pub tensors: BTreeMap<String, Tensor>,
}

impl State {
    /// Whether there is nothing to keep.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty() && self.texts.is_empty() && self.tensors.is_empty()
    }

    /// Adds a number.
    #[must_use]
    pub fn with(mut self, name: &str, number: f64) -> Self {
        self.numbers.insert(name.to_owned(), number);
        self
    }

    /// Sets a number, or leaves it out.
    pub(crate) fn set_number(&mut self, name: &str, number: Option<f64>) {
        self.numbers.extend(number.map(|number| (name.to_owned(), number)));
    }

    /// The number of this name.
    pub(crate) fn number(&self, name: &str) -> Option<f64> {
        self.numbers.get(name).copied()
    }

    /// The number of this name, which `owner` has kept.
    ///
    /// # Errors
    /// [`Error::State`] where there is none.
    pub fn required(&self, owner: &str, name: &str) -> Result<f64> {
        self.number(name).ok_or_else(|| wrong_state(owner, format!("has no {name}")))
    }

    /// The number of this name, which `owner` has kept and which counts something.
    ///
    /// # Errors
    /// [`Error::State`] where there is none, or it is not a whole number from 0 to 2⁵³.
    pub fn count(&self, owner: &str, name: &str) -> Result<u64> {
        let number = self.required(owner, name)?;
        if number.fract() == 0.0 && (0.0..=MOST).contains(&number) {
            return Ok(number as u64);
        }
        Err(wrong_state(
            owner,
            format!("has {number:?} as {name}, expected a whole number from 0 to {MOST}"),
        ))
    }
}

/// A state that is not one of `owner`'s.
pub(crate) fn wrong_state(owner: &str, detail: String) -> Error {
    Error::State { owner: owner.to_owned(), detail }
}
