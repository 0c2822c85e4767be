//! What several tests build on.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part")]

use datasets::{ArrayDataset, Batches, Dataset};
use layers::{Conv2d, Dense, Flatten, Layer, MaxPool2d, Tanh, Var, module};
use ndarray::{Array2, Array4};
use tensor::random::Stream;

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
