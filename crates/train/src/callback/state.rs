//! [`CallbackState`]: what a callback remembers.

use std::collections::BTreeMap;
use tensor::Tensor;

/// What a callback remembers from epoch to epoch, as data by name, to be kept with a checkpoint:
/// see [`Callback::state`](crate::Callback::state).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CallbackState {
    /// Numbers. Integers are exact up to 2⁵³.
    pub numbers: BTreeMap<String, f64>,
    /// Texts.
    pub texts: BTreeMap<String, String>,
    /// Tensors, such as the best weights.
    pub tensors: BTreeMap<String, Tensor>,
}

impl CallbackState {
    /// Whether there is nothing to keep.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty() && self.texts.is_empty() && self.tensors.is_empty()
    }

    /// Sets a number, or leaves it out.
    pub(super) fn set_number(&mut self, name: &str, number: Option<f64>) {
        self.numbers.extend(number.map(|number| (name.to_owned(), number)));
    }

    /// The number of this name.
    pub(super) fn number(&self, name: &str) -> Option<f64> {
        self.numbers.get(name).copied()
    }
}
