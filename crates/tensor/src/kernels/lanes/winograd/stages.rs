//! The stages of each pass, one group of the channels of sixteen images after another.

use super::super::LANES;
use super::super::runs::Direction;
use super::filter::{self, Rows};
use super::lines::{image_to_lines, lines_to_image, lines_to_output, output_to_lines};
use super::sizes::Sizes;
use super::square::Square;
use super::{InputGradient, ParameterGradients, direct, few};
use crate::kernels::vector::Vector;

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
    /// Where columns are cut into tiles too.
    pub(super) square: Option<Square<'a>>,
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
                        self.output::<V, P, M, R>();
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
                    if let Some(ParameterGradients { x, .. }) = &parameters {
                        let x = &x[at * image..][..image];
                        image_to_lines::<V, P, M>(&s, x.as_ptr(), self.source.as_mut_ptr());
                    }
                    if input.is_none() && few::fits_gradient::<V>(&s) {
                        let (lines, dw) = (self.source.as_ptr(), self.gradient.as_mut_ptr());
                        let (dy, first) = (dy.as_ptr(), part == 0);
                        few::Gradient { sizes: s, lines, dy, dw, first, db }.run::<V, P, M>();
                        continue;
                    }
                    let lines = self.output.as_mut_ptr();
                    output_to_lines::<V, P, M>(&s, dy.as_ptr(), lines, db);
                    let gradient = parameters.is_some().then_some(part == 0);
                    self.gradients::<V, P, M, R>(gradient, input.is_some());
                    if let Some(InputGradient { dx, .. }) = &mut input {
                        let dx = dx[at * image..][..image].as_mut_ptr();
                        lines_to_image::<V, P, M>(&s, self.source.as_ptr(), dx);
                    }
                }
            }
            if let Some(ParameterGradients { dw, .. }) = &mut parameters {
                let len = s.columns() * R;
                let dw = &mut dw[group * len..][..len];
                for (rows, from, to) in rows_of_taps(&s) {
                    let from = &self.gradient[from..];
                    // SAFETY: as above.
                    unsafe {
                        let to = dw[to..].as_mut_ptr();
                        filter::transform_back::<V, P, R>(rows, from.as_ptr(), to);
                    }
                }
            }
        }
    }

    /// At each point the output's lines from the image's.
    #[inline(always)]
    unsafe fn output<V: Vector, const P: usize, const M: usize, const R: usize>(&mut self) {
        let most = self.most_channels::<V>(Direction::Forward);
        let s = &self.sizes;
        for p in 0..P {
            let lines = self.source[p * s.source_step()..].as_ptr();
            let weight = self.weight[p * s.weight_step()..].as_ptr();
            let output = self.output[p * s.output_step()..].as_mut_ptr();
            // SAFETY: the lines have the lengths that the sizes say.
            unsafe {
                if let Some(square) = &mut self.square {
                    square.forward::<V, P, M, R>(most, lines, weight, output);
                } else {
                    direct::sums::<V>(s, Direction::Forward, most, lines, weight, output);
                }
            }
        }
    }

    /// At each point the gradient of the weight, where wanted, which `gradient` says to be the first
    /// or to be added; and then, where the input's is wanted, its lines, where the image's were.
    #[inline(always)]
    unsafe fn gradients<V: Vector, const P: usize, const M: usize, const R: usize>(
        &mut self,
        gradient: Option<bool>,
        input: bool,
    ) {
        let most = self.most_channels::<V>(Direction::Backward);
        let s = &self.sizes;
        let (gradients, sum) = self.gradient.split_at_mut(P * s.weight_step());
        for p in 0..P {
            let dy = &self.output[p * s.output_step()..];
            let x = &mut self.source[p * s.source_step()..];
            let weight = self.weight[p * s.weight_step()..].as_ptr();
            let dw = &mut gradients[p * s.weight_step()..][..s.weight_step()];
            // SAFETY: the lines have the lengths that the sizes say.
            unsafe {
                if let Some(square) = &mut self.square {
                    square.output_to_points::<V, P, M>(dy.as_ptr());
                    if let Some(first) = gradient {
                        square.weight_gradient::<V, P, M, R>(x.as_ptr(), dw.as_mut_ptr(), first);
                    }
                    if input {
                        square.input_gradient::<V, P, M, R>(most, weight, x.as_mut_ptr());
                    }
                } else {
                    if let Some(first) = gradient {
                        let (dw, sum) = (&mut dw[..s.columns()], &mut sum[..s.columns()]);
                        direct::weight_gradient::<V>(s, x, dy, dw, sum, first);
                    }
                    if input {
                        let (dy, dx) = (dy.as_ptr(), x.as_mut_ptr());
                        direct::sums::<V>(s, Direction::Backward, most, dy, weight, dx);
                    }
                }
            }
        }
    }

    /// Channels of the blocks of the sums at a point: the same at all of them.
    fn most_channels<V: Vector>(&self, direction: Direction) -> usize {
        match &self.square {
            Some(square) => square.most_channels::<V>(direction),
            None => direct::most_channels::<V>(&self.sizes, direction),
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
        for (rows, to, from) in rows_of_taps(&self.sizes) {
            let to = &mut self.weight[to..];
            // SAFETY: the slices have the lengths that the sizes say.
            unsafe {
                filter::transform::<V, P, R>(rows, w[from..].as_ptr(), to.as_mut_ptr());
            }
        }
    }
}

/// Rows of taps that are transformed together: all of them, or where columns are cut too one row of
/// every kernel, so that the taps of a column come to lie side by side. With each the place of its
/// first value, and that of its first tap in the weight.
fn rows_of_taps(s: &Sizes) -> impl Iterator<Item = (Rows, usize, usize)> {
    let [down, along] = s.taps;
    let (times, count, step) = match s.down {
        Some(_) => (down, s.outputs * s.inputs, down * along),
        None => (1, s.columns(), along),
    };
    let (rows, pairs) = (Rows { count, step, point_step: s.weight_step() }, s.pairs());
    (0..times).map(move |row| (rows, row * pairs, row * along))
}
