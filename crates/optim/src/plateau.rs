//! [`Plateau`]: when a score has stopped getting better.

use crate::check::not_negative;
use tensor::{Error, Result};

/// Tells, score by score, when to reduce the learning rate because the score has stopped getting
/// better: MindSpore's `ReduceLROnPlateau` and PyTorch's, without their loops.
///
/// A score is better if it beats the best one by more than [`min_delta`](Plateau::min_delta). The
/// rate is reduced at the last of [`patience`](Plateau::patience) scores in a row that are no
/// better, as in MindSpore; PyTorch waits for one more, and its threshold is relative.
///
/// ```
/// use optim::{Momentum, Optimizer, Plateau};
/// let mut optimizer = Momentum::new(0.1, 0.9)?;
/// let mut plateau = Plateau::new(0.1)?.patience(2);
/// for loss in [1.0, 0.8, 0.9, 0.9] {
///     if plateau.reduces(loss) {
///         optimizer.scale_learning_rate(plateau.factor())?;
///     }
/// }
/// assert_eq!(optimizer.learning_rate(), 0.1 * 0.1);
/// # Ok::<(), optim::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Plateau {
    factor: f64,
    patience: u64,
    min_delta: f64,
    cooldown: u64,
    larger_is_better: bool,
    state: PlateauState,
}

/// What a [`Plateau`] remembers from score to score, to be kept with a checkpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PlateauState {
    /// The best score.
    pub best: Option<f64>,
    /// How many scores in a row were no better.
    pub waited: u64,
    /// How many scores more do not count as no better, after a reduction.
    pub cooling: u64,
}

impl Plateau {
    /// With patience 10, min_delta 0.0001, no cooldown, and smaller scores being better.
    ///
    /// # Errors
    /// [`Error::Argument`] where the factor, by which the rate is to be multiplied, is not from 0
    /// to below 1.
    pub fn new(factor: f64) -> Result<Self> {
        if !(0.0..1.0).contains(&factor) {
            let expected = "a number from 0 up to, but not including, 1";
            return Err(Error::argument("plateau", "factor", factor, expected));
        }
        let (patience, min_delta, cooldown, larger_is_better) = (10, 1e-4, 0, false);
        let state = PlateauState::default();
        Ok(Plateau { factor, patience, min_delta, cooldown, larger_is_better, state })
    }

    /// How many scores in a row that are no better reduce the rate; 0 is as 1.
    #[must_use]
    pub fn patience(mut self, scores: u64) -> Self {
        self.patience = scores;
        self
    }

    /// By how much a score must beat the best one to be better.
    ///
    /// # Errors
    /// [`Error::Argument`] where it is negative or not finite.
    pub fn min_delta(mut self, delta: f64) -> Result<Self> {
        not_negative("plateau", "min_delta", delta)?;
        self.min_delta = delta;
        Ok(self)
    }

    /// For how many scores after a reduction none counts as no better.
    #[must_use]
    pub fn cooldown(mut self, scores: u64) -> Self {
        self.cooldown = scores;
        self
    }

    /// Whether larger scores are better, as of an accuracy.
    #[must_use]
    pub fn larger_is_better(mut self, larger: bool) -> Self {
        self.larger_is_better = larger;
        self
    }

    /// What to multiply the rate by.
    pub fn factor(&self) -> f64 {
        self.factor
    }

    /// What must be kept to go on after an interruption.
    pub fn state(&self) -> PlateauState {
        self.state
    }

    /// Goes on from a kept state, or anew from the default one.
    pub fn resume(&mut self, state: PlateauState) {
        self.state = state;
    }

    /// Takes the next score, and says whether the rate is to be reduced now. A NaN is never
    /// better.
    pub fn reduces(&mut self, score: f64) -> bool {
        self.state.cooling = self.state.cooling.saturating_sub(1);
        let better = match self.state.best {
            None => !score.is_nan(),
            Some(best) if self.larger_is_better => score > best + self.min_delta,
            Some(best) => score < best - self.min_delta,
        };
        if better {
            (self.state.best, self.state.waited) = (Some(score), 0);
            return false;
        }
        if self.state.cooling > 0 {
            self.state.waited = 0;
            return false;
        }
        self.state.waited += 1;
        if self.state.waited < self.patience {
            return false;
        }
        (self.state.waited, self.state.cooling) = (0, self.cooldown);
        true
    }
}
