//! Pooling kernels against their definition, exhaustively on small sizes.

use crate::naive::{Axis, assert_close, dot, flat, numbers, stale};
use tensor::kernels::pool2d;
use tensor::{Float, PadMode, Pool2dGeometry, Pool2dOptions, Shape};

const MODES: [PadMode; 5] = [
    PadMode::Valid,
    PadMode::Same,
    PadMode::Pad([1, 1, 1, 1]),
    PadMode::Pad([0, 2, 1, 0]),
    PadMode::Pad([2, 1, 0, 2]),
];

/// A pooling by its definition.
#[derive(Debug)]
struct Pool {
    planes: [usize; 2],
    height: Axis,
    width: Axis,
    options: Pool2dOptions,
}

impl Pool {
    fn input(&self) -> [usize; 4] {
        [self.planes[0], self.planes[1], self.height.input, self.width.input]
    }

    fn output(&self) -> [usize; 4] {
        [self.planes[0], self.planes[1], self.height.output, self.width.output]
    }

    /// Calls `f(output, plane, pixels)` with every window's pixels as indices of their plane.
    fn each_window(&self, mut f: impl FnMut(usize, usize, Vec<usize>)) {
        for n in 0..self.planes[0] {
            for c in 0..self.planes[1] {
                for oy in 0..self.height.output {
                    for ox in 0..self.width.output {
                        let rows = (0..self.height.kernel).filter_map(|k| self.height.pixel(oy, k));
                        let pixels = rows.flat_map(|y| {
                            let columns =
                                (0..self.width.kernel).filter_map(|k| self.width.pixel(ox, k));
                            columns.map(move |x| y * self.width.input + x).collect::<Vec<_>>()
                        });
                        let plane = flat(self.input(), [n, c, 0, 0]);
                        f(flat(self.output(), [n, c, oy, ox]), plane, pixels.collect());
                    }
                }
            }
        }
    }

    fn divisor(&self, pixels: usize) -> f64 {
        let [rows, columns] = self.options.kernel;
        match self.options.pad_mode {
            PadMode::Pad(_) if self.options.count_include_pad => (rows * columns) as f64,
            _ => pixels as f64,
        }
    }
}

fn geometry(
    planes: [usize; 2],
    size: [usize; 2],
    options: Pool2dOptions,
) -> Option<(Pool, Pool2dGeometry)> {
    let Pool2dOptions { kernel, stride, pad_mode, .. } = options;
    let pads = match pad_mode {
        PadMode::Pad([top, bottom, left, right]) => [[top, bottom], [left, right]],
        _ => [[0; 2]; 2],
    };
    let axis = |i: usize| {
        let axis = Axis::new(size[i], kernel[i], stride[i], 1, pad_mode, pads[i])?;
        (axis.before.max(axis.after) < axis.kernel).then_some(axis)
    };
    let input = Shape::from([planes[0], planes[1], size[0], size[1]]);
    let checked = Pool2dGeometry::new("max_pool2d", &input, &options);
    let (Some(height), Some(width)) = (axis(0), axis(1)) else {
        assert!(checked.is_err(), "{input} {options:?}");
        return None;
    };
    let g = checked.unwrap();
    let pool = Pool { planes, height, width, options };
    assert_eq!(g.output_shape(), Shape::from(pool.output()), "{pool:?}");
    assert_eq!(g.input_shape(), input);
    Some((pool, g))
}

fn max_forward<T: Float>(g: &Pool2dGeometry, x: &[T]) -> (Vec<T>, Vec<u32>) {
    let len = g.output_shape().elements();
    let (mut y, mut argmax) = (stale(len), vec![u32::MAX; len]);
    pool2d::max_forward(g, x, &mut y, &mut argmax);
    (y, argmax)
}

fn compare<T: Float>(pool: &Pool, g: &Pool2dGeometry, tolerance: f64) {
    let [input, output] = [pool.input(), pool.output()].map(|shape| shape.iter().product());
    let x: Vec<T> = numbers(input, 1);
    let dy: Vec<T> = numbers(output, 2);

    let (y, argmax) = max_forward(g, &x);
    let mut dx = stale(input);
    pool2d::max_backward(g, &argmax, &dy, &mut dx);
    let mut expected = vec![T::ZERO; input];
    pool.each_window(|o, plane, pixels| {
        let best = pixels
            .iter()
            .copied()
            .reduce(|best, i| if x[plane + i] > x[plane + best] { i } else { best });
        let best = best.unwrap();
        assert_eq!((y[o], argmax[o] as usize), (x[plane + best], best), "{pool:?}");
        expected[plane + best] += dy[o];
    });
    assert_close(&dx, &expected, tolerance, || format!("maximum's dx of {pool:?}"));

    let (mut y, mut dx) = (stale(output), stale(input));
    pool2d::average_forward(g, &x, &mut y);
    pool2d::average_backward(g, &dy, &mut dx);
    let mut mean = vec![T::ZERO; output];
    let mut expected = vec![T::ZERO; input];
    pool.each_window(|o, plane, pixels| {
        let divisor = pool.divisor(pixels.len());
        let sum: f64 = pixels.iter().map(|i| x[plane + i].to_f64()).sum();
        mean[o] = T::from_f64(sum / divisor);
        for i in pixels {
            expected[plane + i] += T::from_f64(dy[o].to_f64() / divisor);
        }
    });
    assert_close(&y, &mean, tolerance, || format!("average of {pool:?}"));
    assert_close(&dx, &expected, tolerance, || format!("average's dx of {pool:?}"));
    let difference = (dot(&y, &dy) - dot(&x, &dx)).abs();
    assert!(difference < 100.0 * tolerance, "the average's gradient is its adjoint: {pool:?}");
}

#[test]
fn every_window_agrees_with_the_definition() {
    let mut checked = 0;
    let sizes = |most: usize| (0..most * most).map(move |i| [i / most + 1, i % most + 1]);
    for size in sizes(5) {
        for kernel in sizes(3) {
            for stride in sizes(3) {
                for pad_mode in MODES {
                    for (planes, count_include_pad) in
                        [([1, 1], true), ([2, 3], false), ([0, 2], true)]
                    {
                        let options = Pool2dOptions { kernel, stride, pad_mode, count_include_pad };
                        let Some((pool, g)) = geometry(planes, size, options) else { continue };
                        compare::<f64>(&pool, &g, 1e-12);
                        compare::<f32>(&pool, &g, 1e-5);
                        checked += 1;
                    }
                }
            }
        }
    }
    assert!(checked > 9_000, "{checked}");
}

/// Planes wide enough for every vector width, and odd ones.
#[test]
fn halving_agrees_with_the_definition() {
    let options = Pool2dOptions { kernel: [2, 2], stride: [2, 2], ..Default::default() };
    for height in [2, 3, 8] {
        for width in 2..70 {
            let (pool, g) = geometry([1, 2], [height, width], options).unwrap();
            compare::<f64>(&pool, &g, 1e-12);
            compare::<f32>(&pool, &g, 1e-5);
        }
    }
}

const TILES: Pool2dOptions = Pool2dOptions {
    kernel: [2, 2],
    stride: [2, 2],
    pad_mode: PadMode::Valid,
    count_include_pad: true,
};
const OVERLAPPING: Pool2dOptions = Pool2dOptions { stride: [1, 1], ..TILES };

#[test]
fn the_first_of_equal_maxima_gets_the_gradient() {
    let x = [5.0_f32, 5.0, 1.0, 2.0, 5.0, 5.0, 2.0, 2.0];
    let (_, g) = geometry([1, 1], [2, 4], TILES).unwrap();
    let (y, argmax) = max_forward(&g, &x);
    assert_eq!((&y[..], &argmax[..]), (&[5.0, 2.0][..], &[0, 3][..]));
    let mut dx = stale(8);
    pool2d::max_backward(&g, &argmax, &[7.0, 9.0], &mut dx);
    assert_eq!(dx, [7.0, 0.0, 0.0, 9.0, 0.0, 0.0, 0.0, 0.0]);

    let (_, g) = geometry([1, 1], [2, 4], OVERLAPPING).unwrap();
    let (y, argmax) = max_forward(&g, &x);
    assert_eq!((&y[..], &argmax[..]), (&[5.0, 5.0, 2.0][..], &[0, 1, 3][..]));
    let mut dx = stale(8);
    pool2d::max_backward(&g, &argmax, &[1.0, 2.0, 4.0], &mut dx);
    assert_eq!(dx, [1.0, 2.0, 0.0, 4.0, 0.0, 0.0, 0.0, 0.0]);
}

#[test]
fn nan_wins_and_minus_infinity_is_a_value() {
    let (nan, low) = (f32::NAN, f32::NEG_INFINITY);
    let x = [1.0, nan, low, low, 9.0, nan, low, low];
    for (options, expected) in [(TILES, &[5, 2][..]), (OVERLAPPING, &[5, 5, 2][..])] {
        let (_, g) = geometry([1, 1], [2, 4], options).unwrap();
        let (y, argmax) = max_forward(&g, &x);
        assert_eq!(argmax, expected);
        assert!(y[0].is_nan());
        assert_eq!(*y.last().unwrap(), low);
    }
}

/// Were padding 0, it would beat these.
#[test]
fn padding_never_is_the_maximum() {
    let x = [-3.0_f64, -1.0, -2.0, -4.0];
    let options = Pool2dOptions { kernel: [3, 3], pad_mode: PadMode::Same, ..OVERLAPPING };
    let (_, g) = geometry([1, 1], [2, 2], options).unwrap();
    assert_eq!(max_forward(&g, &x), (vec![-1.0; 4], vec![1; 4]));
}

#[test]
fn an_average_counts_padding_only_under_pad() {
    let average = |options| {
        let (_, g) = geometry([1, 1], [1, 2], options).unwrap();
        let mut y = stale(g.output_shape().elements());
        pool2d::average_forward(&g, &[6.0_f64, 12.0], &mut y);
        y
    };
    let options = Pool2dOptions { kernel: [1, 2], stride: [1, 1], ..TILES };
    assert_eq!(average(options), [9.0]);
    assert_eq!(average(Pool2dOptions { pad_mode: PadMode::Same, ..options }), [9.0, 12.0]);
    let pad = Pool2dOptions { pad_mode: PadMode::Pad([0, 0, 0, 1]), ..options };
    assert_eq!(average(pad), [9.0, 6.0]);
    assert_eq!(average(Pool2dOptions { count_include_pad: false, ..pad }), [9.0, 12.0]);
}
