//! Row-major convolution in f32, on several threads where it is large.

use super::flops;
use crate::kernels::implicit;
use crate::kernels::isa::{Isa, isa};
use crate::parallel::{for_each_piece, threads};
use crate::{Conv2dGeometry, Tensor};
use std::ops::Range;

/// Channels of all images that a thread computes at a time: whole images where there are enough,
/// because an image is copied once for each part of its channels, and whole panels of channels.
fn channels_at_once(g: &Conv2dGeometry, channels: usize, panel: usize) -> usize {
    let (batch, threads) = (g.batch().max(1), threads(flops(g)));
    if threads == 1 {
        batch * channels
    } else if batch >= 2 * threads {
        batch / (2 * threads) * channels
    } else {
        channels.div_ceil(threads.div_ceil(batch)).next_multiple_of(panel).min(channels)
    }
}

/// The weight as a pass reads it, where it does not take it as it is, rearranged by `rearrange` for
/// one panel of channels at a time.
fn rearranged(
    g: &Conv2dGeometry,
    w: &[f32],
    panel: usize,
    channels: usize,
    rearrange: impl Fn(Isa, &Conv2dGeometry, &[f32], Range<usize>, &mut [f32]) + Sync,
) -> Option<Tensor> {
    if g.is_pointwise() {
        return None;
    }
    let mut to = Tensor::stale([w.len()]);
    let row = w.len() / channels;
    // Numbers are gathered one by one: some ten times slower than arithmetic.
    for_each_piece(to.as_mut_slice(), panel * row, 10.0 * w.len() as f64, |piece, to| {
        let first = piece * panel;
        rearrange(isa(), g, w, first..first + to.len() / row, to);
    });
    Some(to)
}

/// y := x ⋆ w + b.
pub(super) fn forward(
    g: &Conv2dGeometry,
    x: &[f32],
    w: &[f32],
    bias: Option<&[f32]>,
    y: &mut [f32],
) {
    let pixels = g.height().output * g.width().output;
    let panel = implicit::output_panel(isa(), g);
    let packed = rearranged(g, w, panel, g.out_channels(), implicit::pack);
    let w = packed.as_ref().map_or(w, Tensor::as_slice);
    let channels = channels_at_once(g, g.out_channels(), panel);
    for_each_piece(y, channels * pixels, flops(g), |piece, y| {
        let mut scratch = Tensor::stale([implicit::forward_scratch_len(g)]);
        let range = piece * channels..piece * channels + y.len() / pixels;
        implicit::forward(isa(), g, x, w, bias, range, y, scratch.as_mut_slice());
    });
}

/// dw := the gradient of the weight.
pub(super) fn backward_weight(g: &Conv2dGeometry, x: &[f32], dy: &[f32], dw: &mut [f32]) {
    let columns = g.out_channels() / g.groups();
    let rows = dw.len() / columns;
    // Each part brings all of dy into the product's order: as few parts as there are threads.
    let rows_at_once = rows.div_ceil(threads(flops(g)));
    let mut transposed = Tensor::stale([dw.len()]);
    for_each_piece(transposed.as_mut_slice(), rows_at_once * columns, flops(g), |piece, dw| {
        let mut scratch = Tensor::stale([implicit::backward_weight_scratch_len(g)]);
        let range = piece * rows_at_once..piece * rows_at_once + dw.len() / columns;
        implicit::backward_weight(isa(), g, x, dy, range, dw, scratch.as_mut_slice());
    });
    implicit::untranspose(g, transposed.as_slice(), dw);
}

/// dx := the gradient of the input.
pub(super) fn backward_input(g: &Conv2dGeometry, w: &[f32], dy: &[f32], dx: &mut [f32]) {
    let panel = implicit::input_panel(isa(), g);
    let flipped = rearranged(g, w, panel, g.in_channels(), implicit::flip);
    let w = flipped.as_ref().map_or(w, Tensor::as_slice);
    let pixels = g.height().input * g.width().input;
    let channels = channels_at_once(g, g.in_channels(), panel);
    for_each_piece(dx, channels * pixels, flops(g), |piece, dx| {
        let mut scratch = Tensor::stale([implicit::backward_input_scratch_len(g)]);
        let range = piece * channels..piece * channels + dx.len() / pixels;
        implicit::backward_input(isa(), g, w, dy, range, dx, scratch.as_mut_slice());
    });
}
