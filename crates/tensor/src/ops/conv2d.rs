//! Two-dimensional convolution on tensors; [`algorithm`] says how a geometry is computed.

mod plan;
mod row_major;
mod winograd;

use super::{f32s, f32s_mut};
use crate::kernels::lanes::conv2d as lanes;
use crate::kernels::lanes::winograd::{self as lanes_winograd, InputGradient, ParameterGradients};
use crate::kernels::rows::conv2d as rows;
use crate::kernels::{conv2d as direct, elementwise, isa::isa};
use crate::parallel::for_each_piece;
use crate::{Conv2dAlgorithm, Conv2dGeometry, Float, Layout, Tensor};

pub use plan::algorithm;

/// The input in the layout that the algorithm takes; the other functions follow it.
pub fn arrange<T: Float>(g: &Conv2dGeometry, x: Tensor<T>) -> Tensor<T> {
    use Conv2dAlgorithm::{Lanes, LanesWinograd};
    let interleaved = matches!(algorithm::<T>(g), Lanes | LanesWinograd);
    x.into_layout(if interleaved { Layout::Lanes } else { Layout::Plain })
}

/// y = x ⋆ w + b, in x's layout.
pub fn forward<T: Float>(
    g: &Conv2dGeometry,
    x: &Tensor<T>,
    w: &Tensor<T>,
    bias: Option<&Tensor<T>>,
) -> Tensor<T> {
    let mut y = Tensor::stale_in(g.output_shape(), x.layout());
    match (x.layout(), algorithm::<T>(g)) {
        (Layout::Plain, Conv2dAlgorithm::Winograd) => {
            winograd::forward(g, f32s(x), f32s(w), bias.map(f32s), f32s_mut(&mut y));
        }
        (Layout::Plain, Conv2dAlgorithm::Rows) => {
            let ((x, w, bias), [input, output]) = ((f32s(x), f32s(w), bias.map(f32s)), images(g));
            for_each_piece(f32s_mut(&mut y), output, flops(g), |i, y| {
                let mut scratch = Tensor::<f32>::stale([rows::scratch_len(g)]);
                let x = &x[i * input..][..input];
                rows::forward(isa(), g, x, w, bias, y, scratch.as_mut_slice());
            });
        }
        (Layout::Plain, _) if T::f32s(x.as_slice()).is_some() => {
            row_major::forward(g, f32s(x), f32s(w), bias.map(f32s), f32s_mut(&mut y));
        }
        (Layout::Plain, _) => {
            let mut scratch = Tensor::stale([g.scratch_len()]);
            let bias = bias.map(Tensor::as_slice);
            let (x, w) = (x.as_slice(), w.as_slice());
            direct::forward(g, x, w, bias, y.as_mut_slice(), scratch.as_mut_slice());
        }
        (Layout::Lanes, Conv2dAlgorithm::LanesWinograd) => {
            let mut scratch = Tensor::<f32>::stale([lanes_winograd::scratch_len(g)]);
            let (y, scratch) = (f32s_mut(&mut y), scratch.as_mut_slice());
            lanes_winograd::forward(isa(), g, f32s(x), f32s(w), bias.map(f32s), y, scratch);
        }
        (Layout::Lanes, _) => {
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
    match (x.layout(), algorithm::<T>(g)) {
        (Layout::Plain, Conv2dAlgorithm::Winograd) => {
            winograd::backward_weight(g, f32s(x), f32s(dy), f32s_mut(&mut dw));
        }
        (Layout::Plain, Conv2dAlgorithm::Rows) => {
            let mut scratch = Tensor::<f32>::stale([rows::scratch_len(g)]);
            let (dw, scratch) = (f32s_mut(&mut dw), scratch.as_mut_slice());
            rows::backward_weight(isa(), g, f32s(x), f32s(dy), dw, scratch);
        }
        (Layout::Plain, _) if T::f32s(x.as_slice()).is_some() => {
            row_major::backward_weight(g, f32s(x), f32s(dy), f32s_mut(&mut dw));
        }
        (Layout::Plain, _) => {
            let mut scratch = Tensor::stale([g.scratch_len()]);
            let (x, dy) = (x.as_slice(), dy.as_slice());
            direct::backward_weight(g, x, dy, dw.as_mut_slice(), scratch.as_mut_slice());
        }
        (Layout::Lanes, Conv2dAlgorithm::LanesWinograd) => {
            let (dw, db) = (f32s_mut(&mut dw), db.as_mut().map(f32s_mut));
            let parameters = ParameterGradients { x: f32s(x), dw, db };
            lanes_winograd_backward(g, f32s(dy), None, Some(parameters));
        }
        (Layout::Lanes, _) => {
            let mut scratch = Tensor::stale([lanes::backward_weight_scratch_len(g)]);
            let (dw, db) = (f32s_mut(&mut dw), db.as_mut().map(f32s_mut));
            lanes::backward_weight(isa(), g, f32s(x), f32s(dy), dw, db, scratch.as_mut_slice());
        }
    }
    if let (Layout::Plain, Some(db)) = (x.layout(), &mut db) {
        backward_bias(g, dy.as_slice(), db.as_mut_slice());
    }
    (dw, db)
}

/// The gradient of the input, in dy's layout.
pub fn backward_input<T: Float>(g: &Conv2dGeometry, w: &Tensor<T>, dy: &Tensor<T>) -> Tensor<T> {
    let mut dx = Tensor::stale_in(g.input_shape(), dy.layout());
    match (dy.layout(), algorithm::<T>(g)) {
        (Layout::Plain, Conv2dAlgorithm::Winograd) => {
            winograd::backward_input(g, f32s(w), f32s(dy), f32s_mut(&mut dx));
        }
        (Layout::Plain, Conv2dAlgorithm::Rows) => {
            let (w, dy, [input, output]) = (f32s(w), f32s(dy), images(g));
            for_each_piece(f32s_mut(&mut dx), input, flops(g), |i, dx| {
                let mut scratch = Tensor::<f32>::stale([rows::scratch_len(g)]);
                let dy = &dy[i * output..][..output];
                rows::backward_input(isa(), g, w, dy, dx, scratch.as_mut_slice());
            });
        }
        (Layout::Plain, _) if T::f32s(w.as_slice()).is_some() => {
            row_major::backward_input(g, f32s(w), f32s(dy), f32s_mut(&mut dx));
        }
        (Layout::Plain, _) => {
            let mut scratch = Tensor::stale([g.scratch_len()]);
            let (w, dy) = (w.as_slice(), dy.as_slice());
            direct::backward_input(g, w, dy, dx.as_mut_slice(), scratch.as_mut_slice());
        }
        (Layout::Lanes, Conv2dAlgorithm::LanesWinograd) => {
            let input = InputGradient { w: f32s(w), dx: f32s_mut(&mut dx) };
            lanes_winograd_backward(g, f32s(dy), Some(input), None);
        }
        (Layout::Lanes, _) => lanes::backward_input(isa(), g, f32s(w), f32s(dy), f32s_mut(&mut dx)),
    }
    dx
}

/// The gradients of the input, the weight and the bias that are wanted: what [`backward_input`] and
/// [`backward_parameters`] give, with the same bits, in one pass where they share work.
pub fn backward<T: Float>(
    g: &Conv2dGeometry,
    x: &Tensor<T>,
    w: &Tensor<T>,
    dy: &Tensor<T>,
    wants: [bool; 3],
) -> [Option<Tensor<T>>; 3] {
    let [wants_input, wants_weight, wants_bias] = wants;
    let wants_parameters = wants_weight || wants_bias;
    let tiled = (dy.layout(), algorithm::<T>(g)) == (Layout::Lanes, Conv2dAlgorithm::LanesWinograd);
    if tiled && wants_input && wants_parameters {
        let mut dx = Tensor::stale_in(g.input_shape(), dy.layout());
        let mut dw = Tensor::stale(g.weight_shape());
        let mut db = wants_bias.then(|| Tensor::stale([g.out_channels()]));
        let input = InputGradient { w: f32s(w), dx: f32s_mut(&mut dx) };
        let wanted = db.as_mut().map(f32s_mut);
        let parameters = ParameterGradients { x: f32s(x), dw: f32s_mut(&mut dw), db: wanted };
        lanes_winograd_backward(g, f32s(dy), Some(input), Some(parameters));
        return [Some(dx), Some(dw), db];
    }
    let (dw, db) = wants_parameters.then(|| backward_parameters(g, x, dy, wants_bias)).unzip();
    [wants_input.then(|| backward_input(g, w, dy)), dw, db.flatten()]
}

/// Winograd's algorithm along the rows, with memory to work in.
fn lanes_winograd_backward(
    g: &Conv2dGeometry,
    dy: &[f32],
    input: Option<InputGradient<'_>>,
    parameters: Option<ParameterGradients<'_>>,
) {
    let mut scratch = Tensor::<f32>::stale([lanes_winograd::scratch_len(g)]);
    lanes_winograd::backward(isa(), g, dy, input, parameters, scratch.as_mut_slice());
}

/// Numbers of one image of the input, and of the output.
fn images(g: &Conv2dGeometry) -> [usize; 2] {
    [g.input_shape(), g.output_shape()].map(|shape| shape[1..].iter().product())
}

/// Floating-point operations of each pass, by the definition.
fn flops(g: &Conv2dGeometry) -> f64 {
    2.0 * g.multiply_adds() as f64
}

/// db, from the sums of each image's planes.
fn backward_bias<T: Float>(g: &Conv2dGeometry, dy: &[T], db: &mut [T]) {
    let mut sums = Tensor::<T>::stale([g.batch(), g.out_channels()]);
    let image = dy.len().checked_div(g.batch()).unwrap_or(0);
    // The sums are read from memory: that is some four times slower than arithmetic.
    for_each_piece(sums.as_mut_slice(), g.out_channels(), dy.len() as f64 * 4.0, |i, sums| {
        direct::plane_sums(&dy[i * image..][..image], sums);
    });
    elementwise::sum_rows(sums.as_slice(), db);
}
