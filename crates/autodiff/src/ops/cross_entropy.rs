//! Softmax cross-entropy, fused: its gradient with respect to the logits is
//! softmax(logits) - target, without the cancellation that separate steps suffer.

use crate::{Backward, Sink, Var};
use tensor::kernels::{cross_entropy as kernel, softmax};
use tensor::{Error, Float, Result, Shape, Tensor};

/// How classes and samples count in [`Var::cross_entropy`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CrossEntropyOptions {
    /// How much each class counts; 1 where there is no list.
    pub weight: Option<Vec<f64>>,
    /// Samples with this label have a loss of 0 and no gradient. It need not be a class.
    pub ignore_index: Option<u32>,
    /// The part ε of the target that is spread evenly over all classes: target_k becomes
    /// (1 - ε) target_k + ε / classes (Szegedy et al. 2016).
    pub label_smoothing: f64,
}

/// loss_n = -Σ_k target_nk ln softmax(x_n)_k, for the targets that labels stand for.
#[derive(Debug)]
struct SparseCrossEntropy<T: Float> {
    classes: usize,
    log_probabilities: Tensor<T>,
    labels: Tensor<u32>,
    targets: Targets<T>,
}

/// What options make of targets, as [`kernel::Labels`] has it.
#[derive(Debug, Default)]
struct Targets<T> {
    ignored: Option<u32>,
    own: Vec<T>,
    every: Vec<T>,
}

impl<T: Float> Targets<T> {
    fn new(options: &CrossEntropyOptions, classes: usize) -> Result<Self> {
        let &CrossEntropyOptions { ref weight, ignore_index, label_smoothing } = options;
        if !(0.0..=1.0).contains(&label_smoothing) {
            let (argument, expected) = ("label_smoothing", "a number in 0..=1");
            return Err(Error::argument(OP, argument, label_smoothing, expected));
        }
        if let Some(weight) = weight {
            super::check_weights(OP, "weight", weight)?;
            if weight.len() != classes {
                let expected = format!("{classes}, one for each class");
                let found = super::numbers(weight.len());
                return Err(Error::argument(OP, "weight", found, expected)
                    .hint("classes are the last axis of the logits"));
            }
        }
        let weights = |factor: f64| -> Vec<T> {
            let weight = |k: usize| weight.as_ref().map_or(1.0, |weight| weight[k]);
            (0..classes).map(|k| T::from_f64(factor * weight(k))).collect()
        };
        let smooth = label_smoothing > 0.0;
        Ok(Targets {
            ignored: ignore_index,
            own: if smooth || weight.is_some() { weights(1.0 - label_smoothing) } else { vec![] },
            every: if smooth { weights(label_smoothing / classes as f64) } else { vec![] },
        })
    }

    fn of<'a>(&'a self, labels: &'a Tensor<u32>) -> kernel::Labels<'a, T> {
        let Targets { ignored, own, every } = self;
        kernel::Labels { labels: labels.as_slice(), ignored: *ignored, own, every }
    }
}

impl<T: Float> SparseCrossEntropy<T> {
    /// Whether the target is 1 for the label and 0 for all other classes.
    fn is_plain(&self) -> bool {
        let Targets { ignored, own, every } = &self.targets;
        ignored.is_none() && own.is_empty() && every.is_empty()
    }
}

impl<T: Float> Backward<T> for SparseCrossEntropy<T> {
    fn name(&self) -> &'static str {
        OP
    }

    fn backward(self: Box<Self>, dy: Tensor<T>, sink: &mut Sink<'_, T>) {
        let mut dx = self.log_probabilities;
        let labels = self.targets.of(&self.labels);
        kernel::of_labels_backward(self.classes, dx.as_mut_slice(), labels, dy.as_slice());
        sink.give(0, dx);
    }

    fn formula(&self, x: &[&str]) -> String {
        if self.is_plain() { format!("-ln softmax({})_label", x[0]) } else { dense_formula(x[0]) }
    }

    fn derivative(&self, _: usize, y: &str, x: &[&str]) -> Option<String> {
        Some(if self.is_plain() {
            format!("∂{y}/∂{0}_k = softmax({0})_k - [k = label]", x[0])
        } else {
            dense_derivative(y, x[0])
        })
    }
}

/// loss_n = -Σ_k target_nk ln softmax(x_n)_k.
#[derive(Debug)]
struct DenseCrossEntropy<T: Float> {
    classes: usize,
    log_probabilities: Tensor<T>,
    targets: Tensor<T>,
}

impl<T: Float> Backward<T> for DenseCrossEntropy<T> {
    fn name(&self) -> &'static str {
        OP
    }

    fn backward(self: Box<Self>, dy: Tensor<T>, sink: &mut Sink<'_, T>) {
        let mut dx = self.log_probabilities;
        let (targets, dy) = (self.targets.as_slice(), dy.as_slice());
        kernel::of_targets_backward(self.classes, dx.as_mut_slice(), targets, dy);
        sink.give(0, dx);
    }

    fn formula(&self, x: &[&str]) -> String {
        dense_formula(x[0])
    }

    fn derivative(&self, _: usize, y: &str, x: &[&str]) -> Option<String> {
        Some(dense_derivative(y, x[0]))
    }
}

fn dense_formula(x: &str) -> String {
    format!("-Σ_k target_k ln softmax({x})_k")
}

fn dense_derivative(y: &str, x: &str) -> String {
    format!("∂{y}/∂{x}_k = softmax({x})_k Σ_j target_j - target_k")
}

const OP: &str = "softmax_cross_entropy";

impl<T: Float> Var<'_, T> {
    /// Per-sample loss -ln softmax(logits)\[label\]: logits `[N, classes]`, labels `[N]`, losses
    /// `[N]`.
    ///
    /// # Errors
    /// [`Error::Shape`] where the logits are not `[N, classes]` or the labels not `[N]`,
    /// [`Error::Label`] for a label outside `0..classes`.
    pub fn softmax_cross_entropy(self, labels: &Tensor<u32>) -> Result<Self> {
        self.cross_entropy(labels, &CrossEntropyOptions::default())
    }

    /// As [`Var::softmax_cross_entropy`], with weights w of the classes, an ignored label and
    /// smoothing ε: -(1 - ε) w_label ln softmax(logits)_label - ε / classes · Σ_k w_k ln
    /// softmax(logits)_k.
    ///
    /// # Errors
    /// As there; and [`Error::Argument`] for weights that are negative, not finite, or not one for
    /// each class, for a smoothing outside 0..=1, and for smoothing with a weight of 0.
    pub fn cross_entropy(
        self,
        labels: &Tensor<u32>,
        options: &CrossEntropyOptions,
    ) -> Result<Self> {
        let [samples, classes] = matrix(self.shape())?;
        let targets = Targets::new(options, classes)?;
        // Their samples would have a loss, and no part in what a mean divides by.
        let zero = options.weight.iter().flatten().position(|&weight| weight == 0.0);
        if let (Some(position), true) = (zero, options.label_smoothing > 0.0) {
            let found = format!("0 at position {position}");
            return Err(Error::argument(OP, "weight", found, "above 0 where labels are smoothed")
                .hint("leave out the samples of that class with ignore_index, or do not smooth"));
        }
        if labels.shape()[..] != [samples] {
            let found = labels.shape();
            let detail =
                format!("labels have shape {found}, expected [{samples}], one for each sample");
            return Err(Error::shape(OP, detail)
                .operand("logits", self.shape())
                .operand("labels", found));
        }
        let wrong = |&l: &u32| l as usize >= classes && targets.ignored != Some(l);
        if let Some(position) = labels.as_slice().iter().position(wrong) {
            let label = labels.as_slice()[position];
            return Err(Error::Label { op: OP, position, label, classes });
        }
        let (tape, input, x) = self.into_parts();
        let x = log_softmax(x, [samples, classes]);
        let mut losses = Tensor::stale([samples]);
        kernel::of_labels(classes, x.as_slice(), targets.of(labels), losses.as_mut_slice());
        let labels = labels.clone();
        let rule = |_: &_| SparseCrossEntropy { classes, log_probabilities: x, labels, targets };
        Ok(tape.operation([input], losses, rule))
    }

    /// Per-sample loss -Σ_k target_k ln softmax(logits)_k: logits and targets `[N, classes]`,
    /// losses `[N]`. Targets are usually probabilities, but need not be.
    ///
    /// # Errors
    /// [`Error::Shape`] where the logits are not `[N, classes]` or the targets' shape differs.
    pub fn softmax_cross_entropy_dense(self, targets: &Tensor<T>) -> Result<Self> {
        self.cross_entropy_dense(targets, &CrossEntropyOptions::default())
    }

    /// As [`Var::softmax_cross_entropy_dense`], with weights w of the classes and smoothing ε:
    /// -Σ_k w_k ((1 - ε) target_k + ε / classes) ln softmax(logits)_k.
    ///
    /// # Errors
    /// As there; and [`Error::Argument`] as for [`Var::cross_entropy`], and for a label to
    /// ignore, since there are none.
    pub fn cross_entropy_dense(
        self,
        targets: &Tensor<T>,
        options: &CrossEntropyOptions,
    ) -> Result<Self> {
        let [samples, classes] = matrix(self.shape())?;
        let Targets { ignored, own, every } = Targets::new(options, classes)?;
        if let Some(label) = ignored {
            let expected = "none where targets are probabilities, which have no label";
            return Err(Error::argument(OP, "ignore_index", label, expected)
                .hint("a target of 0 for every class ignores a sample"));
        }
        if targets.shape() != self.shape() {
            return Err(Error::shape(OP, "dense targets need the logits' shape")
                .operand("logits", self.shape())
                .operand("targets", targets.shape()));
        }
        let mut targets = targets.clone();
        if !own.is_empty() {
            kernel::smooth_targets(targets.as_mut_slice(), &own, &every);
        }
        let (tape, input, x) = self.into_parts();
        let x = log_softmax(x, [samples, classes]);
        let mut losses = Tensor::stale([samples]);
        kernel::of_targets(classes, x.as_slice(), targets.as_slice(), losses.as_mut_slice());
        let rule = |_: &_| DenseCrossEntropy { classes, log_probabilities: x, targets };
        Ok(tape.operation([input], losses, rule))
    }
}

fn log_softmax<T: Float>(mut x: Tensor<T>, [samples, classes]: [usize; 2]) -> Tensor<T> {
    let mut powers = Tensor::stale([samples, classes]);
    softmax::log_softmax([samples, classes, 1], x.as_mut_slice(), powers.as_mut_slice());
    x
}

fn matrix(logits: &Shape) -> Result<[usize; 2]> {
    match logits[..] {
        [samples, classes] if classes > 0 => Ok([samples, classes]),
        _ => {
            Err(Error::shape(OP, "logits need two axes [batch, classes], with at least one class")
                .operand("logits", logits))
        }
    }
}
