//! Dropout (Srivastava et al. 2014).

use crate::{Backward, Sink, Var};
use tensor::random::Stream;
use tensor::{Error, Float, Result, Tensor, kernels};

/// y = factor · x, with factors of 0 and 1 / (1 - p).
#[derive(Debug)]
struct Dropout<T: Float> {
    factors: Tensor<T>,
    /// Only so that it can be explained.
    p: f64,
}

impl<T: Float> Backward<T> for Dropout<T> {
    fn name(&self) -> &'static str {
        "dropout"
    }

    fn any_layout(&self) -> bool {
        true
    }

    fn backward(self: Box<Self>, dy: Tensor<T>, sink: &mut Sink<'_, T>) {
        let mut dy = dy.into_layout(self.factors.layout());
        kernels::elementwise::mul(dy.stored_mut(), self.factors.stored());
        sink.give(0, dy);
    }

    fn formula(&self, x: &[&str]) -> String {
        let p = self.p;
        format!(
            "{}, each element kept with the probability {} and then divided by it, else 0",
            x[0],
            1.0 - p
        )
    }

    fn derivative(&self, _: usize, y: &str, x: &[&str]) -> Option<String> {
        Some(format!("∂{y}/∂{0} = 1 / {1} where {0} was kept, else 0", x[0], 1.0 - self.p))
    }
}

impl<T: Float> Var<'_, T> {
    /// In training, y = self / (1 - p) for each element that is kept, and 0 for each that is
    /// dropped, which has the probability `p`; so the mean stays. In evaluation, y = self.
    ///
    /// Which elements are dropped is a pure function of the tape's
    /// [`Randomness`](crate::Randomness), of `name`, of how often the tape has seen that name
    /// before, and of the element's place; samples lie along axis 0. So it does not depend on how
    /// a step's samples are split over tapes.
    ///
    /// # Errors
    /// [`Error::Argument`] where p is not at least 0 and below 1, [`Error::State`] on a training
    /// tape without randomness.
    pub fn dropout(self, p: f64, name: &str) -> Result<Self> {
        const OP: &str = "dropout";
        if !(0.0..1.0).contains(&p) {
            let expected = "a probability of at least 0 and less than 1";
            return Err(Error::argument(OP, "p", p, expected));
        }
        if !self.tape().is_training() || p == 0.0 {
            return Ok(self);
        }
        let Some(randomness) = self.tape().randomness() else {
            let detail = "the training tape has no randomness to draw from";
            return Err(Error::state(OP, detail).hint(
                "make it by Tape::new().with_randomness(..) with the number of the step, or \
                 evaluate on Tape::inference()",
            ));
        };
        let purpose = format!("dropout/{name}/{}", self.tape().count_draw(name));
        let (tape, input, mut y) = self.into_stored_parts();
        let mut factors = Tensor::stale(y.shape());
        let samples = y.shape().first().copied().unwrap_or(1);
        let (dropped, kept) = ((p * 2.0_f64.powi(32)) as u32, T::from_f64(1.0 / (1.0 - p)));
        let size = (factors.len() / samples.max(1)).max(1);
        for (sample, factors) in factors.as_mut_slice().chunks_mut(size).enumerate() {
            let index = randomness.first_sample + sample as u64;
            let mut stream = Stream::new(randomness.seed, &purpose, randomness.step, index);
            kernels::dropout::factors(&mut stream, dropped, kept, factors);
        }
        let factors = factors.into_layout(y.layout());
        kernels::elementwise::mul(y.stored_mut(), factors.stored());
        Ok(tape.operation([input], y, |_| Dropout { factors, p }))
    }
}
