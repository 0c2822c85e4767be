//! What several tests build on.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part")]

use datasets::{ArrayDataset, Batches, Dataset};
use layers::{Conv2d, Dense, Flatten, Layer, MaxPool2d, Tanh, Var, module};
use ndarray::{Array2, Array4};
use std::io::Write;
use std::sync::{Arc, Mutex};
use tensor::random::Stream;
use train::{Metric, Mode, Outcome, Value};

/// A small convolutional network: `[N, 1, 8, 8]` to `[N, 3]`.
pub struct Small {
    pub conv: Conv2d,
    pub tanh: Tanh,
    pub pool: MaxPool2d,
    pub flatten: Flatten,
    pub fc: Dense,
}

module!(Small { conv, tanh, pool, flatten, fc });

impl Small {
    pub fn new() -> Self {
        Small {
            conv: Conv2d::new(1, 4, 3),
            tanh: Tanh::new(),
            pool: MaxPool2d::new(2),
            flatten: Flatten::new(),
            fc: Dense::new(4 * 3 * 3, 3),
        }
    }
}

impl Layer for Small {
    fn forward<'t>(&self, x: Var<'t>) -> layers::Result<Var<'t>> {
        let x = self.pool.forward(self.tanh.forward(self.conv.forward(x)?)?)?;
        self.fc.forward(self.flatten.forward(x)?)
    }
}

/// Images with a bright row, column or neither: three classes.
pub fn images(samples: usize) -> ArrayDataset {
    let mut stream = Stream::new(9, "test images", 0, 0);
    let mut x = Array4::from_shape_simple_fn((samples, 1, 8, 8), || stream.uniform() as f32);
    let labels: Vec<u32> = (0..samples as u32).map(|i| i % 3).collect();
    for (mut image, &label) in x.outer_iter_mut().zip(&labels) {
        let place = stream.below(8);
        for along in 0..8 {
            match label {
                0 => image[[0, place, along]] += 1.0,
                1 => image[[0, along, place]] += 1.0,
                _ => {}
            }
        }
    }
    ArrayDataset::with_classes(x, labels, 3).unwrap()
}

pub fn batches(samples: usize, size: usize) -> Batches<ArrayDataset> {
    images(samples).batch(size).unwrap()
}

/// Points of a line: `y = 2 x₀ - x₁ + 0.5`.
pub fn line(samples: usize) -> ArrayDataset {
    let mut stream = Stream::new(9, "test line", 0, 0);
    let x = Array2::from_shape_simple_fn((samples, 2), || stream.normal() as f32);
    let y = x.map_axis(ndarray::Axis(1), |x| 2.0 * x[0] - x[1] + 0.5);
    ArrayDataset::with_values(x, y.insert_axis(ndarray::Axis(1))).unwrap()
}

/// A place to print to that the test can read.
#[derive(Clone, Default)]
pub struct Shared(Arc<Mutex<Vec<u8>>>);

impl Shared {
    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A metric whose value is given: the n-th that is evaluated after a `clear` is the n-th of these.
/// `fit` clears before each epoch and before each validation.
pub struct Scripted {
    values: Vec<f64>,
    mode: Mode,
    clears: usize,
}

impl Scripted {
    /// For a fit with validation after every epoch: these are the validation's values.
    pub fn validation(mode: Mode, values: &[f64]) -> Self {
        let values = values.iter().flat_map(|&value| [f64::NAN, value]).collect();
        Scripted { values, mode, clears: 0 }
    }

    pub fn values(mut self, values: &[f64]) -> Self {
        self.values = values.to_vec();
        self
    }
}

impl Metric for Scripted {
    fn name(&self) -> &str {
        "scripted"
    }
    fn mode(&self) -> Mode {
        self.mode
    }
    fn clear(&mut self) {
        self.clears += 1;
    }
    fn update(&mut self, _: Outcome<'_>) -> train::Result<()> {
        Ok(())
    }
    fn eval(&self) -> train::Result<Value> {
        Ok(self.values[self.clears - 1].into())
    }
}
