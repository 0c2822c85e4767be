//! The passes by Winograd's algorithm, split over threads.

use crate::kernels::isa::isa;
use crate::kernels::winograd::{Band, Pass, WeightGradient};
use crate::parallel::for_each_piece;
use crate::{Conv2dGeometry, Tensor};

/// Bands that an output is cut into, at most.
const BANDS: usize = 32;

/// y = x ⋆ w + b.
pub(super) fn forward(
    g: &Conv2dGeometry,
    x: &[f32],
    w: &[f32],
    bias: Option<&[f32]>,
    y: &mut [f32],
) {
    for group in 0..g.groups() {
        let outputs = g.out_channels() / g.groups();
        let bias = bias.map(|bias| &bias[group * outputs..][..outputs]);
        convolve(g, &Pass::forward(g, group), x, weight_of(g, group, w), bias, y);
    }
}

/// The gradient of the input.
pub(super) fn backward_input(g: &Conv2dGeometry, w: &[f32], dy: &[f32], dx: &mut [f32]) {
    for group in 0..g.groups() {
        convolve(g, &Pass::backward(g, group), dy, weight_of(g, group, w), None, dx);
    }
}

fn convolve(
    g: &Conv2dGeometry,
    pass: &Pass,
    source: &[f32],
    w: &[f32],
    bias: Option<&[f32]>,
    output: &mut [f32],
) {
    let flops = flops(g);
    let mut weight = Tensor::<f32>::stale([pass.filter_blocks(), pass.filter_len()]);
    for_each_piece(weight.as_mut_slice(), pass.filter_len(), flops / 16.0, |i, piece| {
        pass.transform_filter(isa(), w, i, piece);
    });
    let mut bands: Vec<Band<'_>> =
        pass.bands(pass.chunks().div_ceil(BANDS).max(1), output).collect();
    for_each_piece(&mut bands, 1, flops, |_, bands| {
        let mut scratch = Tensor::stale([pass.scratch_len()]);
        for band in bands {
            band.convolve(isa(), source, weight.as_slice(), bias, scratch.as_mut_slice());
        }
    });
}

/// The gradient of the weight.
pub(super) fn backward_weight(g: &Conv2dGeometry, x: &[f32], dy: &[f32], dw: &mut [f32]) {
    let len = dw.len() / g.groups();
    for (group, dw) in dw.chunks_exact_mut(len).enumerate() {
        let gradient = WeightGradient::new(g, group);
        let mut pieces = Tensor::<f32>::stale([gradient.pieces(), gradient.piece_len()]);
        for_each_piece(pieces.as_mut_slice(), gradient.piece_len(), flops(g), |i, piece| {
            let mut scratch = Tensor::stale([gradient.scratch_len()]);
            gradient.compute(isa(), x, dy, i, piece, scratch.as_mut_slice());
        });
        gradient.collect(pieces.as_slice(), dw);
    }
}

/// The weight of a group.
fn weight_of<'a>(g: &Conv2dGeometry, group: usize, w: &'a [f32]) -> &'a [f32] {
    let len = w.len() / g.groups();
    &w[group * len..][..len]
}

/// Floating-point operations of a pass of one group, a quarter of the definition's.
fn flops(g: &Conv2dGeometry) -> f64 {
    g.multiply_adds() as f64 / 2.0 / g.groups() as f64
}
