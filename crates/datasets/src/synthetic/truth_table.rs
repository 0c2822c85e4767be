//! Logic gates.

use super::{add_noise, check_noise};
use crate::{ArrayDataset, Error, Result};
use ndarray::Array2;

/// The rows of a truth table: bits (0 or 1) as inputs, false and true as classes 0 and 1.
///
/// The rows count upwards with the first input as the highest bit: (0, 0), (0, 1), (1, 0), (1, 1).
/// A perceptron learns [`and`](TruthTable::and) and [`or`](TruthTable::or); it cannot learn
/// [`xor`](TruthTable::xor), whose classes no straight line parts.
///
/// ```
/// use datasets::synthetic::TruthTable;
///
/// let xor = TruthTable::xor().generate(1)?;
/// assert_eq!(xor.labels(), Some(&[0, 1, 1, 0][..]));
/// let majority = TruthTable::new(3, |bits| bits.iter().filter(|&&bit| bit).count() >= 2);
/// assert_eq!(majority.generate(1)?.labels(), Some(&[0, 0, 0, 1, 0, 1, 1, 1][..]));
/// # Ok::<(), datasets::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct TruthTable {
    bits: usize,
    function: fn(&[bool]) -> bool,
    copies: usize,
    noise: f64,
}

impl TruthTable {
    /// The table of a function of `bits` inputs, which has 2^`bits` rows.
    pub fn new(bits: usize, function: fn(&[bool]) -> bool) -> Self {
        TruthTable { bits, function, copies: 1, noise: 0.0 }
    }

    /// True where both inputs are.
    pub fn and() -> Self {
        TruthTable::new(2, |bits| bits[0] & bits[1])
    }

    /// True where at least one input is.
    pub fn or() -> Self {
        TruthTable::new(2, |bits| bits[0] | bits[1])
    }

    /// True where exactly one input is.
    pub fn xor() -> Self {
        TruthTable::new(2, |bits| bits[0] ^ bits[1])
    }

    /// How often the whole table is repeated; 1 unless set. More make sense with noise.
    #[must_use]
    pub fn copies(mut self, copies: usize) -> Self {
        self.copies = copies;
        self
    }

    /// The standard deviation of the noise on each input; 0 unless set.
    #[must_use]
    pub fn noise(mut self, noise: f64) -> Self {
        self.noise = noise;
        self
    }

    /// The rows, `[copies · 2^bits, bits]`, in 0..=1 but for the noise.
    ///
    /// # Errors
    /// [`Error::Argument`] if `bits` is outside 1..=16, `copies` is 0 or more than can be addressed, or
    /// the noise is negative, infinite or NaN.
    pub fn generate(&self, seed: u64) -> Result<ArrayDataset> {
        let &TruthTable { bits, function, copies, noise } = self;
        check_noise("TruthTable", noise)?;
        if !(1..=16).contains(&bits) {
            return Err(Error::argument("TruthTable", "bits", bits, "1..=16"));
        }
        if copies == 0 {
            return Err(Error::argument("TruthTable", "copies", 0, "at least 1"));
        }
        let most = isize::MAX as usize / size_of::<f64>() / (bits << bits);
        if copies > most {
            return Err(Error::argument("TruthTable", "copies", copies, format!("at most {most}")));
        }
        let row = |index: usize| index % (1 << bits);
        let bit = |index: usize, column: usize| row(index) >> (bits - 1 - column) & 1 == 1;
        let samples = copies << bits;
        let labels = (0..samples).map(|index| {
            let bits: Vec<bool> = (0..bits).map(|column| bit(index, column)).collect();
            u32::from(function(&bits))
        });
        let labels = labels.collect();
        let value = |(index, column)| if bit(index, column) { 1.0 } else { 0.0 };
        let mut inputs = Array2::from_shape_fn((samples, bits), value);
        add_noise(&mut inputs, noise, seed, "TruthTable");
        ArrayDataset::with_classes(inputs.mapv(|x| x as f32), labels, 2)
    }
}
