//! [`Epochs`]: which epochs a call of `fit` trains.

use crate::{Error, Result};
use std::ops::Range;

/// Which epochs [`Model::fit`](crate::Model::fit) trains: a number, or a range that carries an
/// earlier run on.
///
/// `10` trains epochs 1 to 10. `3..10` trains epochs 4 to 10, after three that were trained
/// before: MindSpore's `fit(epoch=10, initial_epoch=3)`. In MindSpore that changes the numbering
/// only; here the order of the samples and all else that is random are also those of epochs 4 to
/// 10, so that with the same weights and optimizer the run goes on as if it had not been
/// interrupted.
#[doc(alias = "initial_epoch")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Epochs {
    pub(crate) range: Range<usize>,
    /// Whether the start was given.
    pub(crate) resumes: bool,
}

impl From<usize> for Epochs {
    fn from(epochs: usize) -> Self {
        Epochs { range: 0..epochs, resumes: false }
    }
}

impl From<Range<usize>> for Epochs {
    fn from(range: Range<usize>) -> Self {
        Epochs { range, resumes: true }
    }
}

impl Epochs {
    /// The most that a run can have: the random streams of more could not be told apart.
    pub(crate) const MOST: usize = u32::MAX as usize;

    pub(crate) fn check(&self) -> Result<()> {
        let found = match self.resumes {
            true => format!("{:?}", self.range),
            false => self.range.end.to_string(),
        };
        let expected = match self.range.is_empty() {
            true if self.resumes => {
                "an end beyond the start, which is the number of epochs trained before".to_owned()
            }
            true => "at least 1".to_owned(),
            false if self.range.end > Epochs::MOST => format!("at most {}", Epochs::MOST),
            false => return Ok(()),
        };
        Err(Error::Argument { operation: "train", argument: "epochs", found, expected })
    }
}
