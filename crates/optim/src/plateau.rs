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
    best: Option<f64>,
    waited: u64,
    cooling: u64,
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
        let (best, waited, cooling) = (None, 0, 0);
        let (patience, min_delta, cooldown, larger_is_better) = (10, 1e-4, 0, false);
        let options = Plateau {
            factor,
            patience,
            min_delta,
            cooldown,
            larger_is_better,
            best,
            waited,
            cooling,
        };
        Ok(options)
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

    /// Takes the next score, and says whether the rate is to be reduced now. A NaN is never
    /// better.
    pub fn reduces(&mut self, score: f64) -> bool {
        self.cooling = self.cooling.saturating_sub(1);
        let better = match self.best {
            None => !score.is_nan(),
            Some(best) if self.larger_is_better => score > best + self.min_delta,
            Some(best) => score < best - self.min_delta,
        };
        if better {
            (self.best, self.waited) = (Some(score), 0);
            return false;
        }
        if self.cooling > 0 {
            self.waited = 0;
            return false;
        }
        self.waited += 1;
        if self.waited < self.patience {
            return false;
        }
        (self.waited, self.cooling) = (0, self.cooldown);
        true
    }
}
