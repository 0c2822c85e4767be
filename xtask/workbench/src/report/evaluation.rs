//! What the trained network says of every test image.

use anyhow::Result;
use datasets::{Dataset, ImageDataset};
use layers::{Layer, Tape};
use xtask::reader::samples;

/// Images that are read at a time.
const BATCH: usize = 500;

/// The probabilities of all classes for every test image.
#[derive(Clone, Debug)]
pub(super) struct Evaluation {
    classes: usize,
    truths: Vec<usize>,
    /// Image by image.
    probabilities: Vec<f32>,
}

/// How well a class is read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct ClassScores {
    /// Images of the class.
    pub(super) images: usize,
    /// The share of the images read as this class that are of it; NaN where none is.
    pub(super) precision: f64,
    /// The share of its images that are read as this class; NaN where there is none.
    pub(super) recall: f64,
    /// The harmonic mean of the two.
    pub(super) f1: f64,
}

/// An image that is read wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Mistake {
    /// Its place among the test images.
    pub(super) image: usize,
    pub(super) truth: usize,
    pub(super) read: usize,
    /// The probability that the network gives to what it reads.
    pub(super) probability: f32,
}

impl Evaluation {
    /// Reads every image.
    pub(super) fn of(network: &dyn Layer, data: &ImageDataset) -> Result<Self> {
        let all: Vec<usize> = (0..data.len()).collect();
        let mut probabilities = Vec::new();
        for part in all.chunks(BATCH) {
            let tape = Tape::inference();
            let logits = network.forward(tape.constant(samples(data, part)?))?;
            probabilities.extend_from_slice(logits.softmax(1)?.value().as_slice());
        }
        let truths = data.images().labels().iter().map(|&label| usize::from(label)).collect();
        Ok(Evaluation { classes: data.images().classes(), truths, probabilities })
    }

    /// The number of images.
    pub(super) fn images(&self) -> usize {
        self.truths.len()
    }

    /// The probabilities of an image's classes.
    pub(super) fn probabilities(&self, image: usize) -> &[f32] {
        &self.probabilities[image * self.classes..][..self.classes]
    }

    /// What an image is read as.
    pub(super) fn read(&self, image: usize) -> usize {
        let classes = self.probabilities(image).iter().enumerate();
        // Of several that are as likely, the first, as `Accuracy` takes it.
        classes.rev().max_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |(class, _)| class)
    }

    /// The share of images that are read right.
    pub(super) fn accuracy(&self) -> f64 {
        let right = (0..self.images()).filter(|&image| self.read(image) == self.truths[image]);
        right.count() as f64 / self.images() as f64
    }

    /// How often each class (row) was read as each (column).
    pub(super) fn confusion(&self) -> Vec<Vec<usize>> {
        let mut counts = vec![vec![0; self.classes]; self.classes];
        for (image, &truth) in self.truths.iter().enumerate() {
            counts[truth][self.read(image)] += 1;
        }
        counts
    }

    /// The mistakes, the most confident first.
    pub(super) fn mistakes(&self) -> Vec<Mistake> {
        let all = self.truths.iter().enumerate().map(|(image, &truth)| {
            let read = self.read(image);
            Mistake { image, truth, read, probability: self.probabilities(image)[read] }
        });
        let mut wrong: Vec<_> = all.filter(|mistake| mistake.read != mistake.truth).collect();
        wrong.sort_by(|a, b| b.probability.total_cmp(&a.probability));
        wrong
    }
}

/// How well each class is read, by the confusion matrix.
pub(super) fn class_scores(confusion: &[Vec<usize>]) -> Vec<ClassScores> {
    let of_class = |class: usize| {
        let right = confusion[class][class] as f64;
        let images: usize = confusion[class].iter().sum();
        let read: usize = confusion.iter().map(|row| row[class]).sum();
        let (precision, recall) = (right / read as f64, right / images as f64);
        ClassScores { images, precision, recall, f1: 2.0 * right / (images + read) as f64 }
    };
    (0..confusion.len()).map(of_class).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Four images of three classes: right, wrong by 0.6, right, wrong by 0.9.
    fn evaluation() -> Evaluation {
        let probabilities = vec![0.5, 0.3, 0.2, 0.6, 0.4, 0.0, 0.1, 0.8, 0.1, 0.05, 0.05, 0.9];
        Evaluation { classes: 3, truths: vec![0, 1, 1, 1], probabilities }
    }

    #[test]
    fn mistakes_are_sorted_by_how_sure_the_network_was() {
        let wrong = |image, read, probability| Mistake { image, truth: 1, read, probability };
        assert_eq!(evaluation().mistakes(), [wrong(3, 2, 0.9), wrong(1, 0, 0.6)]);
        assert_eq!(evaluation().accuracy(), 0.5);
    }

    #[test]
    fn classes_are_scored_by_the_confusion_matrix() {
        let confusion = evaluation().confusion();
        assert_eq!(confusion, [[1, 0, 0], [1, 1, 1], [0, 0, 0]]);
        let scores = class_scores(&confusion);
        let shown: Vec<_> = scores.iter().map(|s| (s.images, s.precision, s.recall)).collect();
        assert_eq!(shown[..2], [(1, 0.5, 1.0), (3, 1.0, 1.0 / 3.0)]);
        assert_eq!(scores[1].f1, 0.5);
        assert!(scores[2].recall.is_nan() && scores[2].precision == 0.0);
    }

    #[test]
    fn of_equals_the_first_is_read() {
        let even = Evaluation { classes: 3, truths: vec![1], probabilities: vec![0.2, 0.4, 0.4] };
        assert_eq!(even.read(0), 1);
    }
}
