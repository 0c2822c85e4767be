//! [`Counts`]: how often each class was taken for each.

use super::classes::each_class;
use crate::state::wrong_state;
use crate::{Outcome, Result, State};

/// How often each true class was predicted as each class.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    pub(super) classes: usize,
    /// `[truth, prediction]`; empty before the first sample.
    cells: Vec<u64>,
}

impl Counts {
    /// Takes in the samples of `outcome`; binary scores are compared with 0, as logits are.
    pub(super) fn add(&mut self, op: &'static str, outcome: Outcome<'_>) -> Result<()> {
        let columns = outcome.prediction.shape().get(1).copied().unwrap_or(0).max(2);
        if self.cells.is_empty() {
            (self.classes, self.cells) = (columns, vec![0; columns * columns]);
        }
        if columns != self.classes {
            let expected = format!("{}, as of the samples before", self.classes);
            return Err(tensor::Error::argument(op, "number of classes", columns, expected).into());
        }
        let (classes, cells) = (self.classes, &mut self.cells);
        each_class(op, outcome, 0.0, |found, truth| cells[truth * classes + found] += 1)?;
        Ok(())
    }

    pub(super) fn clear(&mut self) {
        *self = Counts::default();
    }

    /// The cells as one text, since their number is not fixed.
    pub(super) fn state(&self) -> State {
        let cells: Vec<_> = self.cells.iter().map(u64::to_string).collect();
        let mut state = State::default().with("classes", self.classes as f64);
        state.texts.insert("cells".to_owned(), cells.join(" "));
        state
    }

    /// What `owner` has kept.
    pub(super) fn of_state(owner: &str, state: &State) -> Result<Self> {
        let classes = state.count(owner, "classes")? as usize;
        let text = state.texts.get("cells").map_or("", String::as_str);
        let cells: Option<Vec<u64>> =
            text.split_whitespace().map(|cell| cell.parse().ok()).collect();
        match cells {
            Some(cells) if classes.checked_mul(classes) == Some(cells.len()) => {
                Ok(Counts { classes, cells })
            }
            _ => Err(wrong_state(
                owner,
                format!("has not a whole number for each pair of {classes} classes"),
            )),
        }
    }

    /// How often `truth` was predicted as `found`.
    pub(super) fn cell(&self, truth: usize, found: usize) -> f64 {
        self.cells[truth * self.classes + found] as f64
    }

    /// How many samples are of a class.
    pub(super) fn actual(&self, class: usize) -> f64 {
        (0..self.classes).map(|found| self.cell(class, found)).sum()
    }

    /// For how many samples a class was predicted.
    pub(super) fn predicted(&self, class: usize) -> f64 {
        (0..self.classes).map(|truth| self.cell(truth, class)).sum()
    }

    pub(super) fn total(&self) -> f64 {
        self.cells.iter().sum::<u64>() as f64
    }
}
