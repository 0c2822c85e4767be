//! Which samples go to which part of a split.

use crate::scan::scan;
use crate::{Dataset, Error, Result, Subset, TargetKind};
use std::sync::Arc;
use tensor::random::Stream;

/// The size of the first part of a [split](Dataset::split): a number of samples (from a `usize`)
/// or a fraction of them (from an `f64`, in 0..=1; rounded to the nearest number of samples).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Share {
    /// So many samples.
    Samples(usize),
    /// Such a part of all samples.
    Fraction(f64),
}

impl From<usize> for Share {
    fn from(samples: usize) -> Self {
        Share::Samples(samples)
    }
}

impl From<f64> for Share {
    fn from(fraction: f64) -> Self {
        Share::Fraction(fraction)
    }
}

/// The two parts of a split, which share their dataset.
pub type Parts<D> = (Subset<Arc<D>>, Subset<Arc<D>>);

pub(crate) fn split<D: Dataset>(dataset: D, share: Share, seed: u64) -> Result<Parts<D>> {
    let samples = first_part(share, dataset.len())?;
    let classes = by_class(&dataset)?;
    let (mut first, mut second) = (Vec::new(), Vec::new());
    let quotas = quotas(&classes, samples, dataset.len());
    for (class, (mut indices, quota)) in classes.into_iter().zip(quotas).enumerate() {
        Stream::new(seed, "split", 0, class as u64).shuffle(&mut indices);
        second.extend(indices.split_off(quota));
        first.extend(indices);
    }
    // In the order of the dataset, so that no part begins with all samples of one class.
    first.sort_unstable();
    second.sort_unstable();
    let dataset = Arc::new(dataset);
    Ok((Subset::new(dataset.clone(), first)?, Subset::new(dataset, second)?))
}

fn first_part(share: Share, len: usize) -> Result<usize> {
    let (found, expected) = match share {
        Share::Samples(samples) if samples <= len => return Ok(samples),
        Share::Samples(samples) => {
            (format!("{samples} samples of {len}"), "no more samples than the dataset has")
        }
        Share::Fraction(fraction) if (0.0..=1.0).contains(&fraction) => {
            return Ok((fraction * len as f64).round() as usize);
        }
        Share::Fraction(fraction) => (fraction.to_string(), "a fraction in 0..=1"),
    };
    Err(Error::argument("split", "share", found, expected))
}

/// The samples of each class, or all together where targets are not classes.
fn by_class<D: Dataset>(dataset: &D) -> Result<Vec<Vec<usize>>> {
    let TargetKind::Class { classes } = dataset.target() else {
        return Ok(vec![(0..dataset.len()).collect()]);
    };
    let mut members = vec![Vec::new(); classes];
    scan(dataset, |indices, _, labels| {
        for (&index, &label) in indices.iter().zip(labels) {
            let members = members.get_mut(label as usize);
            members.ok_or(Error::Label { position: index, label, classes })?.push(index);
        }
        Ok(())
    })?;
    Ok(members)
}

/// How many of each class go to the first part: its share, rounded down, and one more for those
/// that lose most by that, until there are `samples`.
fn quotas(classes: &[Vec<usize>], samples: usize, len: usize) -> Vec<usize> {
    let product = |class: &Vec<usize>| class.len() as u128 * samples as u128;
    let len = len.max(1) as u128;
    let mut quotas: Vec<usize> =
        classes.iter().map(|class| (product(class) / len) as usize).collect();
    let mut order: Vec<usize> = (0..classes.len()).collect();
    order.sort_by_key(|&class| std::cmp::Reverse(product(&classes[class]) % len));
    let missing = samples - quotas.iter().sum::<usize>();
    for &class in &order[..missing] {
        quotas[class] += 1;
    }
    quotas
}
