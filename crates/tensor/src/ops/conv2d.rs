//! Two-dimensional convolution on tensors.

use super::{f32s, f32s_mut};
use crate::kernels::{conv2d as plain, isa::isa, lanes::conv2d as lanes};
use crate::{Conv2dGeometry, Float, Layout, Tensor};

/// The input in the layout in which the convolution is fastest; the other functions follow it.
pub fn arrange<T: Float>(g: &Conv2dGeometry, x: Tensor<T>) -> Tensor<T> {
    let layout = if x.layout() == Layout::Lanes || interleaving_pays(g) {
        Layout::Lanes
    } else {
        Layout::Plain
    };
    x.into_layout(layout)
}

/// A single image leaves fifteen of sixteen lanes empty.
fn interleaving_pays(g: &Conv2dGeometry) -> bool {
    g.batch() > 1
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
        Layout::Plain => {
            let mut scratch = Tensor::stale([g.scratch_len()]);
            let (w, dy) = (w.as_slice(), dy.as_slice());
            plain::backward_input(g, w, dy, dx.as_mut_slice(), scratch.as_mut_slice());
        }
        Layout::Lanes => lanes::backward_input(isa(), g, f32s(w), f32s(dy), f32s_mut(&mut dx)),
    }
    dx
}
