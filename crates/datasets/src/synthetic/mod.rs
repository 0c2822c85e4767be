//! Small data sets that are computed, not read: for perceptrons, for pictures of decision regions,
//! and for tests.
//!
//! | | classes | inputs |
//! |---|---|---|
//! | [`TruthTable`] | 2 | the rows of AND, OR, XOR or a function of your own |
//! | [`TwoMoons`] | 2 | two interlocking half circles in the plane |
//! | [`Spirals`] | any | arms that wind round each other inside the unit circle |
//! | [`Blobs`] | any | normal distributions with centres on the unit circle |
//!
//! `generate(seed)` makes an [`ArrayDataset`] with class labels; a perceptron's ±1 are
//! [`label_values(&[-1.0, 1.0])`](ArrayDataset::label_values) of it. Sample `i` is a function of
//! `(seed, i)` and of the generator's settings alone. Without noise all coordinates are bounded as
//! each type says; noise adds to every coordinate a normal random number of mean 0.

mod blobs;
mod spirals;
mod truth_table;
mod two_moons;

pub use blobs::Blobs;
pub use spirals::Spirals;
pub use truth_table::TruthTable;
pub use two_moons::TwoMoons;

use crate::{ArrayDataset, Error, Result};
use ndarray::Array2;
use std::ops::Range;
use tensor::random::Stream;

/// Points of the plane in `classes` classes, all of one class after all of another; `point` says
/// where the sample of a class is, by its number among the `count` of that class.
fn plane(
    generator: &'static str,
    (samples, classes): (usize, usize),
    noise: f64,
    seed: u64,
    point: impl Fn(usize, usize, usize) -> [f64; 2],
) -> Result<ArrayDataset> {
    check_noise(generator, noise)?;
    if classes == 0 {
        return Err(Error::argument(generator, "classes", 0, "at least 1"));
    }
    if samples < classes {
        return Err(Error::argument(generator, "samples", samples, "at least one for each class"));
    }
    let (mut inputs, mut labels) = (Vec::new(), Vec::new());
    for class in 0..classes {
        let range = share(samples, classes, class);
        for number in 0..range.len() {
            labels.push(class as u32);
            inputs.extend(point(class, number, range.len()));
        }
    }
    let mut inputs = Array2::from_shape_vec((samples, 2), inputs).expect("two per sample");
    add_noise(&mut inputs, noise, seed, generator);
    ArrayDataset::with_classes(inputs.mapv(|x| x as f32), labels, classes)
}

/// The samples of `class` when `samples` are dealt out as evenly as can be.
fn share(samples: usize, classes: usize, class: usize) -> Range<usize> {
    let start = |class: usize| (samples as u128 * class as u128 / classes as u128) as usize;
    start(class)..start(class + 1)
}

/// Adds N(0, `noise`²) to every coordinate, each sample from a stream of its own.
fn add_noise(inputs: &mut Array2<f64>, noise: f64, seed: u64, purpose: &str) {
    if noise == 0.0 {
        return;
    }
    for (index, mut row) in inputs.rows_mut().into_iter().enumerate() {
        let mut stream = Stream::new(seed, purpose, 0, index as u64);
        row.mapv_inplace(|x| x + noise * stream.normal());
    }
}

fn check_noise(generator: &'static str, noise: f64) -> Result<()> {
    if noise >= 0.0 && noise.is_finite() {
        Ok(())
    } else {
        Err(Error::argument(
            generator,
            "noise",
            noise,
            "a standard deviation: finite, and 0 or more",
        ))
    }
}
