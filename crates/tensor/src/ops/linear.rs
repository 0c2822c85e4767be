//! The fully connected layer's arithmetic on tensors: x `[.., K]`, w `[O, K]`, b `[O]`.

use super::matmul::product;
use super::{f32s, f32s_mut};
use crate::kernels::elementwise;
use crate::kernels::gemm::{Mat, Start};
use crate::kernels::{isa::isa, lanes::dense as lanes, rows::dense as rows};
use crate::{Float, Layout, Tensor};

/// The sizes, for the interleaved kernels.
fn sizes<T: Float>(batch: usize, w: &Tensor<T>) -> lanes::Dense {
    lanes::Dense { batch, inputs: w.shape()[1], outputs: w.shape()[0] }
}

/// Samples up to which packing the weight for a general matrix product does not pay.
const FEW: usize = 12;

/// The layer for the kernels that do not pack, where they are faster.
fn few<T: Float>(len: usize, w: &Tensor<T>) -> Option<lanes::Dense> {
    let layer = sizes(len / w.shape()[0], w);
    let f32s = T::f32s(&[]).is_some();
    (f32s && layer.batch <= FEW && rows::fits(layer)).then_some(layer)
}

/// The input in the layout that the other functions can take: interleaved only `[N, K]`.
pub fn arrange<T: Float>(x: Tensor<T>) -> Tensor<T> {
    if x.shape().rank() == 2 { x } else { x.into_plain() }
}

/// y = x wᵀ + b `[.., O]`, in x's layout.
pub fn forward<T: Float>(x: &Tensor<T>, w: &Tensor<T>, bias: Option<&Tensor<T>>) -> Tensor<T> {
    let [outputs, inputs] = [w.shape()[0], w.shape()[1]];
    let batch = &x.shape()[..x.shape().rank() - 1];
    let mut y = Tensor::stale_in([batch, &[outputs]].concat(), x.layout());
    match x.layout() {
        Layout::Plain if let Some(layer) = few(y.len(), w) => {
            rows::forward(isa(), layer, f32s(x), f32s(w), bias.map(f32s), f32s_mut(&mut y));
        }
        Layout::Plain => {
            let x = Mat::new(x.as_slice(), y.len() / outputs, inputs);
            let w = Mat::new(w.as_slice(), outputs, inputs);
            let start = match bias {
                Some(bias) => Start::Columns(bias.as_slice()),
                None => Start::Scaled(T::ZERO),
            };
            product(x, w.t(), start, y.as_mut_slice());
        }
        Layout::Lanes => {
            let (layer, bias) = (sizes(batch[0], w), bias.map(f32s));
            lanes::forward(isa(), layer, f32s(x), f32s(w), bias, false, f32s_mut(&mut y));
        }
    }
    y
}

/// The gradients of the weight and, where wanted, of the bias.
pub fn backward_parameters<T: Float>(
    x: &Tensor<T>,
    w: &Tensor<T>,
    dy: &Tensor<T>,
    wants_bias: bool,
) -> (Tensor<T>, Option<Tensor<T>>) {
    let [outputs, inputs] = [w.shape()[0], w.shape()[1]];
    let mut dw = Tensor::stale(w.shape());
    let mut db = wants_bias.then(|| Tensor::stale([outputs]));
    match x.layout() {
        Layout::Plain => {
            if let Some(layer) = few(dy.len(), w) {
                rows::backward_weight(isa(), layer, f32s(x), f32s(dy), f32s_mut(&mut dw));
            } else {
                let rows = dy.len() / outputs;
                let dy_rows = Mat::new(dy.as_slice(), rows, outputs);
                let x_rows = Mat::new(x.as_slice(), rows, inputs);
                product(dy_rows.t(), x_rows, Start::Scaled(T::ZERO), dw.as_mut_slice());
            }
            if let Some(db) = &mut db {
                elementwise::sum_rows(dy.as_slice(), db.as_mut_slice());
            }
        }
        Layout::Lanes => {
            let layer = sizes(x.shape()[0], w);
            let mut scratch = Tensor::stale([lanes::backward_weight_scratch_len(layer)]);
            let (dw, db) = (f32s_mut(&mut dw), db.as_mut().map(f32s_mut));
            let scratch = scratch.as_mut_slice();
            lanes::backward_weight(isa(), layer, f32s(x), f32s(dy), dw, db, scratch);
        }
    }
    (dw, db)
}

/// The gradient of the input `[.., K]`, in dy's layout.
pub fn backward_input<T: Float>(w: &Tensor<T>, dy: &Tensor<T>) -> Tensor<T> {
    let [outputs, inputs] = [w.shape()[0], w.shape()[1]];
    let batch = &dy.shape()[..dy.shape().rank() - 1];
    let mut dx = Tensor::stale_in([batch, &[inputs]].concat(), dy.layout());
    match dy.layout() {
        Layout::Plain if let Some(layer) = few(dy.len(), w) => {
            rows::backward_input(isa(), layer, f32s(w), f32s(dy), f32s_mut(&mut dx));
        }
        Layout::Plain => {
            let dy = Mat::new(dy.as_slice(), dy.len() / outputs, outputs);
            let w = Mat::new(w.as_slice(), outputs, inputs);
            product(dy, w, Start::Scaled(T::ZERO), dx.as_mut_slice());
        }
        Layout::Lanes => {
            let layer = sizes(batch[0], w);
            lanes::backward_input(isa(), layer, f32s(w), f32s(dy), f32s_mut(&mut dx));
        }
    }
    dx
}
