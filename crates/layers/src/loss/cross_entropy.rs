//! Cross-entropy with weights of the classes, an ignored label and smoothing.

use crate::{Loss, Reduction, Target};
use autodiff::{Var, ops::CrossEntropyOptions};
use tensor::{Float, Result};

/// loss_n = -Σ_k w_k ((1 - ε) target_nk + ε / classes) ln softmax(logits_n)_k, where the target of a
/// label is 1 for its class and 0 for the others; for labels the first weight is that of the label.
///
/// Logits are `[N, classes]`; targets are labels `[N]` or probabilities `[N, classes]`, told apart by
/// the [`Target`]. The mean divides by **the sum of the labels' weights**, without the ignored
/// samples; for probabilities it divides by N. As MindSpore's and PyTorch's `CrossEntropyLoss`, but
/// for this:
///
/// - A batch of which every sample is ignored (or has weight 0) has the loss 0 and no gradient. Theirs
///   is NaN. A training step then changes nothing but by weight decay and momentum.
/// - A weight of 0 with label smoothing is an error for labels: such a sample would have a loss
///   without a part in the divisor.
/// - No label is ignored unless asked for, since labels are not negative; theirs is -100.
///
/// ```
/// use layers::{CrossEntropyLoss, Loss, Tape, Target};
/// use tensor::Tensor;
///
/// // Class 1 is rare; 255 marks samples that nobody has labelled.
/// let loss = CrossEntropyLoss::new().weight([1.0, 4.0]).ignore_index(255).label_smoothing(0.1);
/// let tape = Tape::<f32>::new();
/// let logits = tape.leaf(Tensor::from_vec([3, 2], [2.0, 0.0, 0.0, 1.0, 3.0, 3.0])?);
/// let labels = Target::Class(Tensor::from_vec([3], [0, 1, 255])?);
/// let gradients = loss.forward(logits.clone(), &labels)?.backward()?;
/// assert_eq!(gradients.of(&logits).unwrap().as_slice()[4..], [0.0, 0.0]);
/// # Ok::<(), layers::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct CrossEntropyLoss {
    options: CrossEntropyOptions,
    reduction: Reduction,
}

impl CrossEntropyLoss {
    /// The loss, averaged over the batch: all classes and samples count, nothing is smoothed.
    pub fn new() -> Self {
        Self::default()
    }

    /// How much each class counts: finite numbers of at least 0, one for each class.
    #[must_use]
    pub fn weight(mut self, weight: impl Into<Vec<f64>>) -> Self {
        self.options.weight = Some(weight.into());
        self
    }

    /// Samples with this label do not count. It may be a class or none. With targets that are
    /// probabilities it is an error, since there are no labels.
    #[must_use]
    pub fn ignore_index(mut self, label: u32) -> Self {
        self.options.ignore_index = Some(label);
        self
    }

    /// The part of the target that is spread evenly over all classes, in 0..=1 (Szegedy et al.,
    /// "Rethinking the Inception Architecture for Computer Vision", 2016).
    #[must_use]
    pub fn label_smoothing(mut self, part: f64) -> Self {
        self.options.label_smoothing = part;
        self
    }

    /// How the losses of a batch become one.
    #[must_use]
    pub fn reduction(self, reduction: Reduction) -> Self {
        CrossEntropyLoss { reduction, ..self }
    }

    /// How much a sample with this label counts.
    fn weight_of_label(&self, label: u32) -> f64 {
        let CrossEntropyOptions { weight, ignore_index, .. } = &self.options;
        if *ignore_index == Some(label) {
            return 0.0;
        }
        // `forward` finds the labels that name no class.
        weight.as_ref().map_or(1.0, |w| w.get(label as usize).copied().unwrap_or(0.0))
    }

    /// What the mean divides by.
    fn divisor(&self, target: &Target) -> f64 {
        match target {
            Target::Class(labels) => {
                labels.as_slice().iter().map(|&l| self.weight_of_label(l)).sum()
            }
            Target::Values(_) => target.samples() as f64,
        }
    }
}

impl<T: Float> Loss<T> for CrossEntropyLoss {
    fn forward<'t>(&self, logits: Var<'t, T>, target: &Target) -> Result<Var<'t, T>> {
        let losses = match target {
            Target::Class(labels) => logits.cross_entropy(labels, &self.options),
            Target::Values(values) => {
                logits.cross_entropy_dense(&T::cast_from_f32(values), &self.options)
            }
        };
        let losses = losses.map_err(|e| e.at("loss"))?;
        Ok(match self.reduction {
            Reduction::Mean => {
                let divisor = self.divisor(target);
                losses.sum().scale(T::from_f64(if divisor == 0.0 { 0.0 } else { 1.0 / divisor }))
            }
            other => other.apply(losses),
        })
    }

    fn reduced_by(&self) -> Reduction {
        self.reduction
    }

    fn weight_of(&self, target: &Target) -> f64 {
        self.divisor(target)
    }
}
