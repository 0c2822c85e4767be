//! Two-dimensional convolution on tensors.

mod row_major;

use super::{f32s, f32s_mut};
use crate::kernels::lanes::{LANES, conv2d as lanes};
use crate::kernels::{conv2d as plain, isa::isa};
use crate::{Conv2dGeometry, Float, Layout, Tensor};

/// The input in the layout in which the convolution is fastest; the other functions follow it.
pub fn arrange<T: Float>(g: &Conv2dGeometry, x: Tensor<T>) -> Tensor<T> {
    x.into_layout(if interleaving_pays(g) { Layout::Lanes } else { Layout::Plain })
}

/// Bytes of sixteen interleaved images, or of one group of their channels, beyond which the
/// second-level cache no longer holds them.
const CACHED: usize = 2_500_000;

/// Whether the interleaved kernels are faster, all three passes together.
///
/// A rough model of what was measured on Zen 4, as shares of the processor's peak. The interleaved
/// kernels reach 0.95 of it, 0.4 where the images outgrow the cache, and waste the lanes that are
/// not used. The row-major ones are bound by how often a copied patch is used.
fn interleaving_pays(g: &Conv2dGeometry) -> bool {
    let samples = g.batch();
    let used = samples as f64 / samples.next_multiple_of(LANES).max(1) as f64;
    let [inputs, outputs] = [g.in_channels(), g.out_channels()].map(|all| all / g.groups());
    let image = inputs * g.height().input * g.width().input;
    let cached = image.saturating_mul(LANES * size_of::<f32>()) <= CACHED;
    let interleaved = used * if cached { 0.95 } else { 0.4 };
    let row_major = 3.0 / (2.0 / row_major_share(outputs) + 1.0 / row_major_share(inputs));
    samples > 1 && interleaved > row_major
}

/// The share of the peak that implicit products reach: by the channels of the output in the
/// forward pass and for the weight, by those of the input for the gradient of the input. Measured
/// for 1, 4, 16, 32, 64 and 128: 0.04, 0.17, 0.54, 0.68, 0.8, 0.87.
fn row_major_share(channels: usize) -> f64 {
    let channels = channels as f64;
    0.85 * (channels / 25.0).min(channels / (channels + 9.0))
}

/// y = x ⋆ w + b, in x's layout.
pub fn forward<T: Float>(
    g: &Conv2dGeometry,
    x: &Tensor<T>,
    w: &Tensor<T>,
    bias: Option<&Tensor<T>>,
) -> Tensor<T> {
    let mut y = Tensor::stale_in(g.output_shape(), x.layout());
    match x.layout() {
        Layout::Plain if T::f32s(x.as_slice()).is_some() => {
            row_major::forward(g, f32s(x), f32s(w), bias.map(f32s), f32s_mut(&mut y));
        }
        Layout::Plain => {
            let mut scratch = Tensor::stale([g.scratch_len()]);
            let bias = bias.map(Tensor::as_slice);
            let (x, w) = (x.as_slice(), w.as_slice());
            plain::forward(g, x, w, bias, y.as_mut_slice(), scratch.as_mut_slice());
        }
        Layout::Lanes => {
            lanes::forward(isa(), g, f32s(x), f32s(w), bias.map(f32s), false, f32s_mut(&mut y));
        }
    }
    y
}

/// The gradients of the weight and, where wanted, of the bias.
pub fn backward_parameters<T: Float>(
    g: &Conv2dGeometry,
    x: &Tensor<T>,
    dy: &Tensor<T>,
    wants_bias: bool,
) -> (Tensor<T>, Option<Tensor<T>>) {
    let mut dw = Tensor::stale(g.weight_shape());
    let mut db = wants_bias.then(|| Tensor::stale([g.out_channels()]));
    match x.layout() {
        Layout::Plain if T::f32s(x.as_slice()).is_some() => {
            row_major::backward_weight(g, f32s(x), f32s(dy), f32s_mut(&mut dw));
            if let Some(db) = &mut db {
                plain::backward_bias(g, dy.as_slice(), db.as_mut_slice());
            }
        }
        Layout::Plain => {
            let mut scratch = Tensor::stale([g.scratch_len()]);
            let (x, dy) = (x.as_slice(), dy.as_slice());
            plain::backward_weight(g, x, dy, dw.as_mut_slice(), scratch.as_mut_slice());
            if let Some(db) = &mut db {
                plain::backward_bias(g, dy, db.as_mut_slice());
            }
        }
        Layout::Lanes => {
            let mut scratch = Tensor::stale([lanes::backward_weight_scratch_len(g)]);
            let (dw, db) = (f32s_mut(&mut dw), db.as_mut().map(f32s_mut));
            lanes::backward_weight(isa(), g, f32s(x), f32s(dy), dw, db, scratch.as_mut_slice());
        }
    }
    (dw, db)
}

/// The gradient of the input, in dy's layout.
pub fn backward_input<T: Float>(g: &Conv2dGeometry, w: &Tensor<T>, dy: &Tensor<T>) -> Tensor<T> {
    let mut dx = Tensor::stale_in(g.input_shape(), dy.layout());
    match dy.layout() {
        Layout::Plain if T::f32s(w.as_slice()).is_some() => {
            row_major::backward_input(g, f32s(w), f32s(dy), f32s_mut(&mut dx));
        }
        Layout::Plain => {
            let mut scratch = Tensor::stale([g.scratch_len()]);
            let (w, dy) = (w.as_slice(), dy.as_slice());
            plain::backward_input(g, w, dy, dx.as_mut_slice(), scratch.as_mut_slice());
        }
        Layout::Lanes => lanes::backward_input(isa(), g, f32s(w), f32s(dy), f32s_mut(&mut dx)),
    }
    dx
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Conv2dOptions, Shape};

    #[test]
    fn images_are_interleaved_where_it_was_measured_to_pay() {
        let pays = |[samples, inputs, outputs, side, kernel]: [usize; 5], groups: usize| {
            let image = Shape::from([samples, inputs, side, side]);
            let weight = Shape::from([outputs, inputs / groups, kernel, kernel]);
            let options = Conv2dOptions::default().groups(groups);
            interleaving_pays(&Conv2dGeometry::new(&image, &weight, &options).unwrap())
        };
        // Samples, channels in and out, side of the image, side of the kernel; whether it pays.
        let cases = [
            // LeNet-5's two, in whole and in small shards, and for one image.
            ([16, 1, 6, 32, 5], true),
            ([16, 6, 16, 14, 5], true),
            ([3, 1, 6, 32, 5], true),
            ([8, 6, 16, 14, 5], true),
            ([2, 6, 16, 14, 5], false),
            ([1, 1, 6, 32, 5], false),
            // Middling and large layers.
            ([16, 32, 32, 28, 3], true),
            ([8, 32, 32, 28, 3], false),
            ([16, 64, 64, 56, 3], false),
            ([0, 1, 6, 32, 5], false),
        ];
        for (sizes, expected) in cases {
            assert_eq!(pays(sizes, 1), expected, "{sizes:?}");
        }
        for (groups, expected) in [(4, false), (32, true), (128, true)] {
            assert_eq!(pays([8, 128, 128, 28, 3], groups), expected, "{groups} groups");
        }
    }
}
