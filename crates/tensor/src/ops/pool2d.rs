//! Two-dimensional pooling on tensors.

use super::{f32s, f32s_mut};
use crate::kernels::{isa::isa, lanes::pool2d as lanes, pool2d as plain};
use crate::{Float, Layout, Pool2dGeometry, Tensor};

/// Where the maximum of each window was.
#[derive(Clone, Debug)]
pub enum Argmax {
    /// The pixel's position in its plane.
    Plain(Tensor<u32>),
    /// The pixel's position in its window, interleaved like the values.
    Lanes(Tensor<u8>),
}

impl Argmax {
    /// The layout of the values, and so of the gradient that the backward pass needs.
    pub fn layout(&self) -> Layout {
        match self {
            Argmax::Plain(_) => Layout::Plain,
            Argmax::Lanes(_) => Layout::Lanes,
        }
    }
}

/// Whether [`max_forward`] can apply a ReLU to interleaved values on the way.
pub fn takes_relu(g: &Pool2dGeometry) -> bool {
    lanes::max_fits(g)
}

/// The maximum of each window, in x's layout where there is a kernel for it. With `relu` it is
/// that of max(0, x), and x must be interleaved.
///
/// # Panics
/// Where `relu` is wanted of x row-major, or of a window that [`takes_relu`] refuses.
pub fn max_forward<T: Float>(g: &Pool2dGeometry, x: Tensor<T>, relu: bool) -> (Tensor<T>, Argmax) {
    if x.layout() == Layout::Lanes && lanes::max_fits(g) {
        let mut y = Tensor::stale_in(g.output_shape(), Layout::Lanes);
        let mut argmax = Tensor::stale([y.stored().len()]);
        let places = argmax.as_mut_slice();
        lanes::max_forward(isa(), g, f32s(&x), relu, f32s_mut(&mut y), places);
        return (y, Argmax::Lanes(argmax));
    }
    assert!(!relu, "only interleaved values are pooled with a ReLU");
    let x = x.into_plain();
    let mut y = Tensor::stale(g.output_shape());
    let mut argmax = Tensor::stale(g.output_shape());
    plain::max_forward(g, x.as_slice(), y.as_mut_slice(), argmax.as_mut_slice());
    (y, Argmax::Plain(argmax))
}

/// The gradient of the input.
pub fn max_backward<T: Float>(g: &Pool2dGeometry, argmax: &Argmax, dy: Tensor<T>) -> Tensor<T> {
    let mut dx = Tensor::stale_in(g.input_shape(), argmax.layout());
    let dy = dy.into_layout(argmax.layout());
    match argmax {
        Argmax::Plain(argmax) => {
            plain::max_backward(g, argmax.as_slice(), dy.as_slice(), dx.as_mut_slice());
        }
        Argmax::Lanes(argmax) => {
            lanes::max_backward(isa(), g, argmax.as_slice(), f32s(&dy), f32s_mut(&mut dx));
        }
    }
    dx
}

/// The mean of each window, in x's layout.
pub fn average_forward<T: Float>(g: &Pool2dGeometry, x: &Tensor<T>) -> Tensor<T> {
    let mut y = Tensor::stale_in(g.output_shape(), x.layout());
    match x.layout() {
        Layout::Plain => plain::average_forward(g, x.as_slice(), y.as_mut_slice()),
        Layout::Lanes => lanes::average_forward(isa(), g, f32s(x), f32s_mut(&mut y)),
    }
    y
}

/// The gradient of the input, in dy's layout.
pub fn average_backward<T: Float>(g: &Pool2dGeometry, dy: &Tensor<T>) -> Tensor<T> {
    let mut dx = Tensor::stale_in(g.input_shape(), dy.layout());
    match dy.layout() {
        Layout::Plain => plain::average_backward(g, dy.as_slice(), dx.as_mut_slice()),
        Layout::Lanes => lanes::average_backward(isa(), g, f32s(dy), f32s_mut(&mut dx)),
    }
    dx
}
