//! Trainable subsampling on tensors: y = coefficient · (sum of each window) + bias, by channel.

use crate::kernels::subsampling::{self as kernel, Subsampling};
use crate::{Float, Pool2dGeometry, Tensor};

/// The output and the sum of each window, both in x's layout.
pub fn forward<T: Float>(
    g: &Pool2dGeometry,
    x: &Tensor<T>,
    coefficient: &Tensor<T>,
    bias: &Tensor<T>,
) -> [Tensor<T>; 2] {
    let [mut y, mut sums] = [(); 2].map(|()| Tensor::stale_in(g.output_shape(), x.layout()));
    let pass = Subsampling { geometry: g, layout: x.layout() };
    let (coefficient, bias) = (coefficient.as_slice(), bias.as_slice());
    kernel::forward(pass, x.stored(), coefficient, bias, sums.stored_mut(), y.stored_mut());
    [y, sums]
}

/// The gradients of the input, the coefficients and the biases; dy in the layout of `sums`.
pub fn backward<T: Float>(
    g: &Pool2dGeometry,
    dy: &Tensor<T>,
    sums: &Tensor<T>,
    coefficient: &Tensor<T>,
) -> [Tensor<T>; 3] {
    let mut dx = Tensor::stale_in(g.input_shape(), dy.layout());
    let [mut dc, mut db] = [(); 2].map(|()| Tensor::stale([g.channels()]));
    let pass = Subsampling { geometry: g, layout: dy.layout() };
    kernel::backward(
        pass,
        dy.stored(),
        sums.stored(),
        coefficient.as_slice(),
        dx.stored_mut(),
        dc.as_mut_slice(),
        db.as_mut_slice(),
    );
    [dx, dc, db]
}
