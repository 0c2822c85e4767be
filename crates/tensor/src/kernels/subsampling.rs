//! Trainable subsampling: y = coefficient · (sum of each window) + bias, by channel.

use super::isa::multiversion;
use super::lanes::LANES;
use crate::{Float, Layout, Pool2dGeometry, WindowAxis};

/// What a pass works on: images row-major, or sixteen of them interleaved.
#[derive(Clone, Copy, Debug)]
pub struct Subsampling<'a> {
    /// The windows.
    pub geometry: &'a Pool2dGeometry,
    /// How images, and everything of their shape or of the output's, lie in memory.
    pub layout: Layout,
}

multiversion! {
    /// sums := the sum of each window, where padding counts 0; y := coefficient · sums + bias.
    ///
    /// # Panics
    /// Where a slice does not have the length that the geometry and the layout give.
    pub fn forward<T: Float>(
        pass: Subsampling<'_>,
        x: &[T],
        coefficient: &[T],
        bias: &[T],
        sums: &mut [T],
        y: &mut [T],
    ) {
        match pass.layout {
            Layout::Plain => forward_of::<T, 1>(pass, x, coefficient, bias, sums, y),
            Layout::Lanes => forward_of::<T, LANES>(pass, x, coefficient, bias, sums, y),
        }
    }
}

multiversion! {
    /// From dy and the sums of the forward pass: dx := coefficient · dy spread over each window;
    /// dc := the gradient of the coefficients, db := that of the biases. Unused lanes of dy must
    /// be 0.
    ///
    /// # Panics
    /// Where a slice does not have the length that the geometry and the layout give.
    pub fn backward<T: Float>(
        pass: Subsampling<'_>,
        dy: &[T],
        sums: &[T],
        coefficient: &[T],
        dx: &mut [T],
        dc: &mut [T],
        db: &mut [T],
    ) {
        match pass.layout {
            Layout::Plain => backward_of::<T, 1>(pass, dy, sums, coefficient, dx, dc, db),
            Layout::Lanes => backward_of::<T, LANES>(pass, dy, sums, coefficient, dx, dc, db),
        }
    }
}

/// Numbers in a plane of the input and of the output, after checking all lengths.
fn planes<const W: usize>(g: &Pool2dGeometry, [x, y, sums, channels]: [usize; 4]) -> [usize; 2] {
    let all = g.batch().div_ceil(W) * g.channels();
    let input = g.height().input * g.width().input * W;
    let output = g.height().output * g.width().output * W;
    assert_eq!([x, y, sums], [all * input, all * output, all * output], "images and outputs");
    assert_eq!(channels, g.channels(), "the channels");
    [input, output]
}

#[inline(always)]
fn forward_of<T: Float, const W: usize>(
    pass: Subsampling<'_>,
    x: &[T],
    coefficient: &[T],
    bias: &[T],
    sums: &mut [T],
    y: &mut [T],
) {
    let g = pass.geometry;
    let [input, output] = planes::<W>(g, [x.len(), y.len(), sums.len(), coefficient.len()]);
    assert_eq!(bias.len(), coefficient.len(), "the biases");
    let planes = x.chunks_exact(input).zip(sums.chunks_exact_mut(output));
    for (plane, ((x, sums), y)) in planes.zip(y.chunks_exact_mut(output)).enumerate() {
        let channel = plane % g.channels();
        let (coefficient, bias) = (coefficient[channel], bias[channel]);
        let ([sums, y], [x]) = ([sums, y].map(vectors_mut::<T, W>), [x].map(vectors::<T, W>));
        each_window(g, |at, row, columns| {
            let mut sum = [T::ZERO; W];
            for row in row {
                for x in &x[row * g.width().input..][columns.clone()] {
                    for i in 0..W {
                        sum[i] += x[i];
                    }
                }
            }
            sums[at] = sum;
            for i in 0..W {
                y[at][i] = coefficient * sum[i] + bias;
            }
        });
    }
}

#[inline(always)]
fn backward_of<T: Float, const W: usize>(
    pass: Subsampling<'_>,
    dy: &[T],
    sums: &[T],
    coefficient: &[T],
    dx: &mut [T],
    dc: &mut [T],
    db: &mut [T],
) {
    let g = pass.geometry;
    let [input, output] = planes::<W>(g, [dx.len(), dy.len(), sums.len(), coefficient.len()]);
    assert_eq!([dc.len(), db.len()], [coefficient.len(); 2], "the gradients of the parameters");
    dc.fill(T::ZERO);
    db.fill(T::ZERO);
    // Windows that do not meet need not be added up, and may leave no pixel to clear.
    let apart = [g.height(), g.width()].iter().all(|axis| axis.stride >= axis.kernel);
    if !(apart && [g.height(), g.width()].into_iter().all(covers)) {
        dx.fill(T::ZERO);
    }
    let planes = dx.chunks_exact_mut(input).zip(sums.chunks_exact(output));
    for (plane, ((dx, sums), dy)) in planes.zip(dy.chunks_exact(output)).enumerate() {
        let channel = plane % g.channels();
        let ([dx], [dy, sums]) = ([dx].map(vectors_mut::<T, W>), [dy, sums].map(vectors::<T, W>));
        let (mut by_sum, mut total) = ([T::ZERO; W], [T::ZERO; W]);
        each_window(g, |at, rows, columns| {
            let mut share = [T::ZERO; W];
            for i in 0..W {
                by_sum[i] += dy[at][i] * sums[at][i];
                total[i] += dy[at][i];
                share[i] = coefficient[channel] * dy[at][i];
            }
            for row in rows {
                for dx in &mut dx[row * g.width().input..][columns.clone()] {
                    for i in 0..W {
                        dx[i] = if apart { share[i] } else { dx[i] + share[i] };
                    }
                }
            }
        });
        dc[channel] += by_sum.into_iter().sum();
        db[channel] += total.into_iter().sum();
    }
}

/// Whether the windows leave no pixel of the axis out.
fn covers(axis: &WindowAxis) -> bool {
    let end = axis.covered(axis.output - 1).end;
    axis.stride <= axis.kernel && end == axis.input
}

/// Calls `each` with the number of every window, the rows and the columns of the image under it.
#[inline(always)]
fn each_window(
    g: &Pool2dGeometry,
    mut each: impl FnMut(usize, std::ops::Range<usize>, std::ops::Range<usize>),
) {
    for row in 0..g.height().output {
        for column in 0..g.width().output {
            let at = row * g.width().output + column;
            each(at, g.height().covered(row), g.width().covered(column));
        }
    }
}

#[inline(always)]
fn vectors<T, const W: usize>(plane: &[T]) -> &[[T; W]] {
    plane.as_chunks().0
}

#[inline(always)]
fn vectors_mut<T, const W: usize>(plane: &mut [T]) -> &mut [[T; W]] {
    plane.as_chunks_mut().0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PadMode, Pool2dOptions, Shape, Tensor};

    /// Against the definition, for windows that meet, overlap and leave gaps, in both layouts, with
    /// every output NaN before.
    #[test]
    fn passes_agree_with_the_definition() {
        let modes = [PadMode::Valid, PadMode::Same, PadMode::Pad([1, 0, 2, 1])];
        for (kernel, stride) in [([2, 2], [2, 2]), ([3, 3], [1, 2]), ([1, 2], [2, 3])] {
            for (pad_mode, batch) in modes.into_iter().zip([1, 5, 17]) {
                if pad_mode != PadMode::Valid && kernel != [3, 3] {
                    continue;
                }
                let options = Pool2dOptions { kernel, stride, pad_mode, ..Default::default() };
                let input = Shape::from([batch, 3, 7, 8]);
                let g = Pool2dGeometry::new("test", &input, &options).unwrap();
                for layout in [Layout::Plain, Layout::Lanes] {
                    check(&g, layout);
                }
            }
        }
    }

    /// Small whole numbers, so that sums are exact in any order.
    fn numbers(shape: Shape, seed: usize) -> Tensor {
        Tensor::from_fn(shape, |i| ((i * 37 + seed * 11) % 13) as f32 - 6.0)
    }

    fn check(g: &Pool2dGeometry, layout: Layout) {
        let pass = Subsampling { geometry: g, layout };
        let (x, dy) = (numbers(g.input_shape(), 1), numbers(g.output_shape(), 2));
        let (coefficient, bias) = ([2.0, -3.0, 0.0], [1.0, 5.0, -2.0]);
        let nan = |shape: Shape| {
            let mut nan = Tensor::stale_in(shape, layout);
            nan.stored_mut().fill(f32::NAN);
            nan
        };
        let [mut y, mut sums] = [nan(g.output_shape()), nan(g.output_shape())];
        let mut dx = nan(g.input_shape());
        let [mut dc, mut db] = [[f32::NAN; 3]; 2];
        let (from, back) = (x.clone().into_layout(layout), dy.clone().into_layout(layout));
        let (into, into_sums) = (y.stored_mut(), sums.stored_mut());
        forward(pass, from.stored(), &coefficient, &bias, into_sums, into);
        let into = dx.stored_mut();
        backward(pass, back.stored(), sums.stored(), &coefficient, into, &mut dc, &mut db);

        let [rows, columns] = [g.height(), g.width()];
        let [mut y_expected, mut dx_expected] =
            [g.output_shape(), g.input_shape()].map(Tensor::<f32>::zeros);
        let [mut dc_expected, mut db_expected] = [[0.0; 3]; 2];
        let (mut window, dx_all) = (0, dx_expected.as_mut_slice());
        for plane in 0..g.batch() * 3 {
            let start = plane * rows.input * columns.input;
            for row in 0..rows.output {
                for column in 0..columns.output {
                    let mut sum = 0.0;
                    for y in rows.covered(row) {
                        for x_at in columns.covered(column) {
                            let at = start + y * columns.input + x_at;
                            sum += x.as_slice()[at];
                            dx_all[at] += coefficient[plane % 3] * dy.as_slice()[window];
                        }
                    }
                    y_expected.as_mut_slice()[window] =
                        coefficient[plane % 3] * sum + bias[plane % 3];
                    dc_expected[plane % 3] += dy.as_slice()[window] * sum;
                    db_expected[plane % 3] += dy.as_slice()[window];
                    window += 1;
                }
            }
        }
        assert!(dx.stored().iter().all(|x| x.is_finite()), "{g:?}");
        assert_eq!(y.into_plain(), y_expected, "{g:?}, {layout:?}");
        assert_eq!(dx.into_plain(), dx_expected, "{g:?}, {layout:?}");
        assert_eq!((dc, db), (dc_expected, db_expected), "{g:?}, {layout:?}");
    }
}
