//! [`Accuracy`].

use crate::{Error, Metric, Mode, Outcome, Result};
use layers::Target;
use tensor::Shape;

/// The share of samples whose largest logit is the target's class, in 0..=1.
///
/// Predictions are `[N, classes]`; targets are labels `[N]`, or `[N, classes]` whose largest
/// element names the class. The first of equal elements counts as the largest.
#[derive(Clone, Debug, Default)]
pub struct Accuracy {
    correct: u64,
    samples: u64,
}

impl Accuracy {
    /// Nothing gathered yet.
    pub fn new() -> Self {
        Accuracy::default()
    }
}

impl Metric for Accuracy {
    fn name(&self) -> &str {
        "accuracy"
    }

    fn mode(&self) -> Mode {
        Mode::Max
    }

    fn clear(&mut self) {
        *self = Accuracy::default();
    }

    fn update(&mut self, outcome: Outcome<'_>) -> Result<()> {
        let Outcome { prediction, target, .. } = outcome;
        let (samples, classes) = match prediction.shape()[..] {
            [samples, classes] if classes > 0 => (samples, classes),
            _ => return Err(unfit(prediction.shape(), target)),
        };
        let rows = prediction.as_slice().chunks_exact(classes).map(largest);
        let correct = match target {
            Target::Class(labels) if labels.shape()[..] == [samples] => rows
                .zip(labels.as_slice())
                .filter(|&(found, &label)| found == label as usize)
                .count(),
            Target::Values(values) if values.shape() == prediction.shape() => {
                let wanted = values.as_slice().chunks_exact(classes).map(largest);
                rows.zip(wanted).filter(|(found, wanted)| found == wanted).count()
            }
            _ => return Err(unfit(prediction.shape(), target)),
        };
        self.correct += correct as u64;
        self.samples += samples as u64;
        Ok(())
    }

    fn eval(&self) -> f64 {
        self.correct as f64 / self.samples as f64
    }
}

/// The position of the first largest element.
fn largest(row: &[f32]) -> usize {
    row.iter().enumerate().fold(0, |best, (k, x)| if *x > row[best] { k } else { best })
}

fn unfit(prediction: &Shape, target: &Target) -> Error {
    let shape = match target {
        Target::Class(labels) => labels.shape(),
        Target::Values(values) => values.shape(),
    };
    let detail = "predictions need the shape [samples, classes], targets [samples] or the same";
    tensor::Error::shape("accuracy", detail)
        .operand("prediction", prediction)
        .operand("target", shape)
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tensor::Tensor;

    #[test]
    fn the_first_largest_counts() {
        let prediction = Tensor::from_vec([3, 2], [0.5, 0.5, -1.0, 2.0, 0.0, -0.5]).unwrap();
        let labels = Target::Class(Tensor::from_vec([3], [0, 1, 1]).unwrap());
        let mut accuracy = Accuracy::new();
        let outcome = Outcome { prediction: &prediction, target: &labels, loss: 0.0, weight: 3.0 };
        accuracy.update(outcome).unwrap();
        assert_eq!(accuracy.eval(), 2.0 / 3.0);
        let one_hot = Target::Values(Tensor::from_vec([3, 2], [1., 0., 0., 1., 1., 0.]).unwrap());
        accuracy.update(Outcome { target: &one_hot, ..outcome }).unwrap();
        assert_eq!(accuracy.eval(), 5.0 / 6.0);
        accuracy.clear();
        assert!(accuracy.eval().is_nan());
    }

    #[test]
    fn wrong_shapes_are_named() {
        let prediction = Tensor::zeros([3, 2]);
        let labels = Target::Class(Tensor::zeros([4]));
        let outcome = Outcome { prediction: &prediction, target: &labels, loss: 0.0, weight: 3.0 };
        assert_eq!(
            Accuracy::new().update(outcome).unwrap_err().to_string(),
            "accuracy: predictions need the shape [samples, classes], targets [samples] or the \
             same (prediction [3, 2], target [4])"
        );
    }
}
