//! The laboratory's images: few to train on, some held out, the test set.

use super::Args;
use anyhow::{Result, ensure};
use datasets::{Dataset, Draw, ImageDataset, Mnist, MnistFiles, Subset, TargetKind, TargetMut};
use std::sync::Arc;
use tensor::random::Stream;

/// Images to choose by, which no network trains on: early stopping watches them.
pub(super) const HELD_OUT: usize = 1000;

/// Some of a data set's images.
pub(super) type Images = Subset<Arc<ImageDataset>>;

/// All images, and how many of them are used.
pub(super) struct Laboratory {
    train: Arc<ImageDataset>,
    test: Images,
    samples: usize,
    wrong_labels: f64,
}

/// What one seed's networks see.
pub(super) struct Slice {
    pub(super) train: WrongLabels<Images>,
    pub(super) held_out: Images,
    pub(super) test: Images,
}

impl Laboratory {
    pub(super) fn load(args: &Args) -> Result<Self> {
        let mnist = Mnist::load_files(&MnistFiles::find(args.data_dir.as_deref())?)?;
        let images = |images| -> Result<Arc<ImageDataset>> {
            let images = ImageDataset::new(images).rescale(1.0 / 255.0, 0.0)?;
            Ok(Arc::new(images.normalize(0.1307, 0.3081)?))
        };
        let (train, test) = (images(mnist.train)?, images(mnist.test)?);
        let all = train.len();
        ensure!(
            args.samples.saturating_add(HELD_OUT) <= all,
            "--samples: {} training images were asked for; there are {all}, and {HELD_OUT} of them \
             are held out to choose by",
            args.samples,
        );
        let tested = args.test_samples.unwrap_or(test.len());
        let (samples, wrong_labels) = (args.samples, args.wrong_labels);
        Ok(Laboratory { train, test: test.take(tested), samples, wrong_labels })
    }

    /// The images of a seed, as many of each digit as in the whole set. Those held out and the
    /// test set keep their labels.
    pub(super) fn slice(&self, seed: u64) -> Result<Slice> {
        let (chosen, _) = self.train.clone().split(self.samples + HELD_OUT, seed)?;
        let images: Vec<usize> = chosen.indices().to_vec();
        let (train, held_out) = chosen.split(self.samples, seed)?;
        let original = |part: &[usize]| part.iter().map(|&i| images[i]).collect::<Vec<_>>();
        let train = self.train.clone().select(original(train.indices()))?;
        let held_out = self.train.clone().select(original(held_out.indices()))?;
        let train = WrongLabels { dataset: train, share: self.wrong_labels, seed };
        Ok(Slice { train, held_out, test: self.test.clone() })
    }
}

/// A dataset of which a share of the samples has a wrong label: another class, each as likely. It
/// is the same one whenever the sample is drawn.
#[derive(Clone, Debug)]
pub(super) struct WrongLabels<D> {
    dataset: D,
    share: f64,
    seed: u64,
}

impl<D: Dataset> Dataset for WrongLabels<D> {
    fn len(&self) -> usize {
        self.dataset.len()
    }

    fn input_shape(&self) -> &[usize] {
        self.dataset.input_shape()
    }

    fn target(&self) -> TargetKind<'_> {
        self.dataset.target()
    }

    fn fetch(
        &self,
        draw: Draw,
        indices: &[usize],
        input: &mut [f32],
        mut target: TargetMut<'_>,
    ) -> datasets::Result<()> {
        let again = match &mut target {
            TargetMut::Class(labels) => TargetMut::Class(labels),
            TargetMut::Values(values) => TargetMut::Values(values),
        };
        self.dataset.fetch(draw, indices, input, again)?;
        let (TargetKind::Class { classes }, TargetMut::Class(labels)) = (self.target(), target)
        else {
            return Ok(());
        };
        for (label, &index) in labels.iter_mut().zip(indices) {
            let mut random = Stream::new(self.seed, "wrong labels", 0, index as u64);
            if random.uniform() < self.share {
                let others = classes as f64 - 1.0;
                *label = (*label + 1 + (random.uniform() * others) as u32) % classes as u32;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use datasets::synthetic::Blobs;

    fn labels(share: f64) -> Vec<u32> {
        let dataset = Blobs::new(1000, 10).generate(1).unwrap();
        let data = WrongLabels { dataset, share, seed: 1 };
        let (mut input, mut labels) = (vec![0.0; 2000], vec![0; 1000]);
        let indices: Vec<usize> = (0..1000).collect();
        data.fetch(Draw::default(), &indices, &mut input, TargetMut::Class(&mut labels)).unwrap();
        labels
    }

    #[test]
    fn so_many_labels_are_wrong_and_always_the_same() {
        let right = labels(0.0);
        let wrong = |share| labels(share).iter().zip(&right).filter(|(a, b)| a != b).count();
        assert_eq!(wrong(1.0), 1000);
        assert!((70..130).contains(&wrong(0.1)), "{}", wrong(0.1));
        assert_eq!(labels(0.1), labels(0.1));
        assert!(labels(1.0).iter().all(|&label| label < 10));
    }
}
