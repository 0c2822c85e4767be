//! [`Randomness`]: what random layers such as dropout draw from.

use crate::Tape;
use std::cell::RefCell;
use tensor::Float;

/// Names the random streams of a training step's tape.
///
/// A step may be split over several tapes: they have one seed and one step, and each has its own
/// first sample. What a sample's layers draw then does not depend on the split.
///
/// ```
/// use autodiff::{Randomness, Tape};
/// use tensor::Tensor;
/// let step = Randomness { seed: 1, step: 0, first_sample: 0 };
/// let tape = Tape::<f32>::new().with_randomness(step);
/// let y = tape.constant(Tensor::full([2, 64], 1.0)).dropout(0.25, "dropout")?;
/// let whole = y.into_value();
/// assert!(whole.as_slice().iter().all(|&y| y == 0.0 || y == 4.0 / 3.0));
///
/// // The second sample alone.
/// let tape = Tape::<f32>::new().with_randomness(Randomness { first_sample: 1, ..step });
/// let y = tape.constant(Tensor::full([1, 64], 1.0)).dropout(0.25, "dropout")?;
/// assert_eq!(y.into_value(), whole.rows(1, 2)?);
/// # Ok::<(), autodiff::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Randomness {
    /// The seed of the whole training.
    pub seed: u64,
    /// The number of the step; another step draws anew.
    pub step: u64,
    /// The place, among the step's samples, of the first one on this tape.
    pub first_sample: u64,
}

/// What a tape draws from, and how often each name has drawn.
#[derive(Debug, Default)]
pub(crate) struct Draws {
    randomness: Option<Randomness>,
    counts: RefCell<Vec<(String, u64)>>,
}

impl<T: Float> Tape<T> {
    /// The tape with something to draw from, for networks with dropout in training.
    #[must_use]
    pub fn with_randomness(mut self, randomness: Randomness) -> Self {
        self.draws.randomness = Some(randomness);
        self
    }

    /// What random layers draw from; `None` where the tape was given nothing.
    pub fn randomness(&self) -> Option<Randomness> {
        self.draws.randomness
    }

    /// How often `name` has drawn before, so that a layer used twice draws anew.
    pub(crate) fn count_draw(&self, name: &str) -> u64 {
        let mut counts = self.draws.counts.borrow_mut();
        match counts.iter_mut().find(|(known, _)| known == name) {
            Some((_, count)) => {
                *count += 1;
                *count
            }
            None => {
                counts.push((name.to_owned(), 0));
                0
            }
        }
    }
}
