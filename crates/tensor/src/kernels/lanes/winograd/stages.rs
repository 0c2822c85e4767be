//! The stages of each pass, one group of the channels of sixteen images after another.

use super::super::LANES;
use super::super::conv2d_weight::{Correlate, WeightGradient};
use super::super::gather::{Gather, most_channels};
use super::super::runs::Direction;
use super::lines::{image_to_lines, lines_to_image, lines_to_output, output_to_lines};
use super::sizes::Sizes;
use super::{InputGradient, ParameterGradients, few, filter};
use crate::WindowAxis;
use crate::kernels::vector::{Kernel, Vector};

/// An axis with one window.
const POINT: WindowAxis = WindowAxis {
    input: 1,
    kernel: 1,
    stride: 1,
    dilation: 1,
    pad_before: 0,
    pad_after: 0,
    output: 1,
};

/// The sizes, and the memory between the stages.
pub(super) struct Stages<'a> {
    pub(super) sizes: Sizes,
    /// Groups of sixteen images, and of channels.
    pub(super) batch: usize,
    pub(super) groups: usize,
    /// At each point the image, the output, the weight and its gradient, and one more gradient.
    pub(super) source: &'a mut [f32],
    pub(super) output: &'a mut [f32],
    pub(super) weight: &'a mut [f32],
    pub(super) gradient: &'a mut [f32],
}

impl Stages<'_> {
    /// Numbers of one group of channels of sixteen images, and of their outputs.
    fn images(&self) -> [usize; 2] {
        let Sizes { inputs, outputs, image, output, .. } = self.sizes;
        [inputs * image[0] * image[1] * LANES, outputs * output[0] * output[1] * LANES]
    }

    /// y := x ⋆ w + b.
    ///
    /// # Safety
    /// As [`Vector`]; the slices, and those between the stages, have the lengths that the sizes say.
    #[inline(always)]
    pub(super) unsafe fn forward<V: Vector, const P: usize, const M: usize, const R: usize>(
        &mut self,
        x: &[f32],
        w: &[f32],
        bias: Option<&[f32]>,
        y: &mut [f32],
    ) {
        let s = self.sizes;
        let [image, output] = self.images();
        for group in 0..self.groups {
            // SAFETY: passed on.
            unsafe { self.weight::<V, P, R>(group, w) };
            let bias = bias.map(|bias| bias[group * s.outputs..][..s.outputs].as_ptr());
            for part in 0..self.batch {
                let at = part * self.groups + group;
                let (x, y) = (&x[at * image..][..image], &mut y[at * output..][..output]);
                // SAFETY: the slices have the lengths that the sizes say.
                unsafe {
                    image_to_lines::<V, P, M>(&s, x.as_ptr(), self.source.as_mut_ptr());
                    if few::fits::<V>(&s, P) {
                        let (lines, weight) = (self.source.as_ptr(), self.weight.as_ptr());
                        // The lines of the output are not used, and larger: a term of a channel
                        // is a number, a pixel of it a vector.
                        let packed = self.output.as_mut_ptr();
                        few::forward::<V, P, M>(s, lines, weight, packed, bias, y.as_mut_ptr());
                    } else {
                        self.sums::<V, P>(Direction::Forward);
                        let lines = self.output.as_ptr();
                        lines_to_output::<V, P, M>(&s, lines, bias, y.as_mut_ptr());
                    }
                }
            }
        }
    }

    /// The gradients that are wanted.
    ///
    /// # Safety
    /// As [`Stages::forward`].
    #[inline(always)]
    pub(super) unsafe fn backward<V: Vector, const P: usize, const M: usize, const R: usize>(
        &mut self,
        dy: &[f32],
        mut input: Option<InputGradient<'_>>,
        mut parameters: Option<ParameterGradients<'_>>,
    ) {
        let s = self.sizes;
        let [image, output] = self.images();
        for group in 0..self.groups {
            if let Some(InputGradient { w, .. }) = &input {
                // SAFETY: passed on.
                unsafe { self.weight::<V, P, R>(group, w) };
            }
            for part in 0..self.batch {
                let at = part * self.groups + group;
                let outputs = group * s.outputs..(group + 1) * s.outputs;
                let db = parameters.as_mut().and_then(|found| found.db.as_mut());
                let db = db.map(|db| db[outputs].as_mut_ptr());
                let dy = &dy[at * output..][..output];
                // SAFETY: the slices have the lengths that the sizes say.
                unsafe {
                    let lines = self.output.as_mut_ptr();
                    output_to_lines::<V, P, M>(&s, dy.as_ptr(), lines, db);
                    if let Some(ParameterGradients { x, .. }) = &parameters {
                        let x = &x[at * image..][..image];
                        image_to_lines::<V, P, M>(&s, x.as_ptr(), self.source.as_mut_ptr());
                        self.weight_gradient::<V, P>(part == 0);
                    }
                    if let Some(InputGradient { dx, .. }) = &mut input {
                        self.sums::<V, P>(Direction::Backward);
                        let dx = dx[at * image..][..image].as_mut_ptr();
                        lines_to_image::<V, P, M>(&s, self.source.as_ptr(), dx);
                    }
                }
            }
            if let Some(ParameterGradients { dw, .. }) = &mut parameters {
                let len = s.columns() * R;
                let dw = dw[group * len..][..len].as_mut_ptr();
                // SAFETY: as above.
                unsafe { filter::transform_back::<V, P, R>(&s, self.gradient.as_ptr(), dw) };
            }
        }
    }

    /// At each point the gradient of the weight, added to what it is unless it is the first.
    #[inline(always)]
    unsafe fn weight_gradient<V: Vector, const P: usize>(&mut self, first: bool) {
        let s = &self.sizes;
        let (columns, step) = (s.columns(), s.weight_step());
        let (totals, sum) = self.gradient.split_at_mut(P * step);
        for p in 0..P {
            let total = &mut totals[p * step..][..columns];
            let kernel = WeightGradient {
                sizes: Correlate::line(&POINT, &s.line, [s.inputs, s.outputs]),
                x: &self.source[p * s.source_step()..],
                dy: &self.output[p * s.output_step()..],
                dw: if first { &mut *total } else { &mut sum[..columns] },
                db: None,
            };
            // SAFETY: the lines have the lengths that the sizes say.
            unsafe { kernel.run::<V>() };
            if !first {
                for (total, &sum) in total.iter_mut().zip(&*sum) {
                    *total += sum;
                }
            }
        }
    }

    /// The weight of a group at each point.
    #[inline(always)]
    unsafe fn weight<V: Vector, const P: usize, const R: usize>(
        &mut self,
        group: usize,
        w: &[f32],
    ) {
        let len = self.sizes.columns() * R;
        let w = &w[group * len..][..len];
        // SAFETY: the slices have the lengths that the sizes say.
        unsafe {
            filter::transform::<V, P, R>(&self.sizes, w.as_ptr(), self.weight.as_mut_ptr());
        }
    }

    /// At each point the output's lines from the image's, or the other way round.
    #[inline(always)]
    unsafe fn sums<V: Vector, const P: usize>(&mut self, direction: Direction) {
        let s = &self.sizes;
        let forward = direction == Direction::Forward;
        let channels = [s.inputs, s.outputs];
        let gather = Gather::new(direction, channels, &POINT, &s.line, false);
        let most = most_channels::<V>(&gather);
        for p in 0..P {
            let source = &mut self.source[p * s.source_step()..];
            let output = &mut self.output[p * s.output_step()..];
            let weight = &self.weight[p * s.weight_step()..];
            let (from, to) = if forward { (source, output) } else { (output, source) };
            // SAFETY: the lines have the lengths that the sizes say.
            unsafe {
                gather.run::<V>(most, from.as_ptr(), weight.as_ptr(), None, to.as_mut_ptr());
            }
        }
    }
}
