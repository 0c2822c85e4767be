//! What a forward pass found out and a training step shall store: running statistics.

use crate::{Key, Tape};
use tensor::{Float, Tensor};

impl<T: Float> Tape<T> {
    /// Leaves a new value for the parameter with this key, which no gradient changes, such as batch
    /// normalisation's running mean. A forward pass only reads its network; the training step
    /// stores the values if it succeeds. Of several for one parameter the last counts.
    pub fn update(&self, key: Key, value: Tensor<f32>) {
        self.updates.borrow_mut().push((key, value));
    }

    /// The value that [`Tape::update`] left last for the parameter with this key.
    pub fn updated(&self, key: Key) -> Option<Tensor<f32>> {
        let updates = self.updates.borrow();
        updates.iter().rev().find(|(other, _)| *other == key).map(|(_, value)| value.clone())
    }

    /// The values that were left, in order; none are left then.
    pub fn take_updates(&self) -> Vec<(Key, Tensor<f32>)> {
        self.updates.take()
    }
}
