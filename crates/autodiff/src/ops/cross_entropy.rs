//! Softmax cross-entropy, fused: its gradient with respect to the logits is
//! softmax(logits) - target, without the cancellation that separate steps suffer.

use crate::{Backward, Sink, Var};
use tensor::{Error, Float, Result, Shape, Tensor, kernels::softmax as kernel};

/// loss_n = -ln softmax(x_n)\[label_n\].
#[derive(Debug)]
struct SparseCrossEntropy<T: Float> {
    classes: usize,
    log_probabilities: Tensor<T>,
    labels: Tensor<u32>,
}

impl<T: Float> Backward<T> for SparseCrossEntropy<T> {
    fn name(&self) -> &'static str {
        "softmax_cross_entropy"
    }

    fn backward(self: Box<Self>, dy: Tensor<T>, sink: &mut Sink<'_, T>) {
        let mut dx = self.log_probabilities;
        let (labels, dy) = (self.labels.as_slice(), dy.as_slice());
        kernel::negative_log_likelihood_backward(self.classes, dx.as_mut_slice(), labels, dy);
        sink.give(0, dx);
    }

    fn formula(&self, x: &[&str]) -> String {
        format!("-ln softmax({})_label", x[0])
    }

    fn derivative(&self, _: usize, y: &str, x: &[&str]) -> Option<String> {
        Some(format!("∂{y}/∂{0}_k = softmax({0})_k - [k = label]", x[0]))
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
        "softmax_cross_entropy"
    }

    fn backward(self: Box<Self>, dy: Tensor<T>, sink: &mut Sink<'_, T>) {
        let mut dx = self.log_probabilities;
        let (targets, dy) = (self.targets.as_slice(), dy.as_slice());
        kernel::cross_entropy_backward(self.classes, dx.as_mut_slice(), targets, dy);
        sink.give(0, dx);
    }

    fn formula(&self, x: &[&str]) -> String {
        format!("-Σ_k target_k ln softmax({})_k", x[0])
    }

    fn derivative(&self, _: usize, y: &str, x: &[&str]) -> Option<String> {
        Some(format!("∂{y}/∂{0}_k = softmax({0})_k Σ_j target_j - target_k", x[0]))
    }
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
        let [samples, classes] = matrix(self.shape())?;
        if labels.shape()[..] != [samples] {
            let found = labels.shape();
            let detail =
                format!("labels have shape {found}, expected [{samples}], one for each sample");
            return Err(Error::shape(OP, detail)
                .operand("logits", self.shape())
                .operand("labels", found));
        }
        if let Some(position) = labels.as_slice().iter().position(|&l| l as usize >= classes) {
            let label = labels.as_slice()[position];
            return Err(Error::Label { op: OP, position, label, classes });
        }
        let (tape, input, mut x) = self.into_parts();
        kernel::log_softmax([samples, classes, 1], x.as_mut_slice());
        let mut losses = Tensor::stale([samples]);
        let out = losses.as_mut_slice();
        kernel::negative_log_likelihood(classes, x.as_slice(), labels.as_slice(), out);
        let labels = labels.clone();
        let rule = |_: &_| SparseCrossEntropy { classes, log_probabilities: x, labels };
        Ok(tape.operation([input], losses, rule))
    }

    /// Per-sample loss -Σ_k target_k ln softmax(logits)_k: logits and targets `[N, classes]`,
    /// losses `[N]`. Targets are usually probabilities, but need not be.
    ///
    /// # Errors
    /// [`Error::Shape`] where the logits are not `[N, classes]` or the targets' shape differs.
    pub fn softmax_cross_entropy_dense(self, targets: &Tensor<T>) -> Result<Self> {
        let [samples, classes] = matrix(self.shape())?;
        if targets.shape() != self.shape() {
            return Err(Error::shape(OP, "dense targets need the logits' shape")
                .operand("logits", self.shape())
                .operand("targets", targets.shape()));
        }
        let (tape, input, mut x) = self.into_parts();
        kernel::log_softmax([samples, classes, 1], x.as_mut_slice());
        let mut losses = Tensor::stale([samples]);
        kernel::cross_entropy(classes, x.as_slice(), targets.as_slice(), losses.as_mut_slice());
        let targets = targets.clone();
        let rule = |_: &_| DenseCrossEntropy { classes, log_probabilities: x, targets };
        Ok(tape.operation([input], losses, rule))
    }
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
