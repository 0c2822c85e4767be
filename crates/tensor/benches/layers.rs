//! `cargo bench -p tensor --bench layers`: convolution, dense layers and pooling by direction, in
//! the layout that the operation chooses. Names tell the shapes: `b32` is LeNet-5's layer at batch
//! 32, `conv64_56` is 64 to 64 channels, 3×3 with padding 1 on 56×56, batch 8. The latter is large
//! enough to be split over all threads; `RAYON_NUM_THREADS=1` in the environment shows one.
//!
//! divan prints floating-point operations as items: 100 Gitem/s are 100 GFLOP/s.

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use tensor::ops::{conv2d, linear, pool2d};
use tensor::{
    Conv2dGeometry, Conv2dOptions, Layout, PadMode, Pool2dGeometry, Pool2dOptions, Shape, Tensor,
};

fn main() {
    divan::main();
}

/// Reproducible numbers between -1 and 1.
fn numbers(shape: impl Into<Shape>) -> Tensor {
    Tensor::from_fn(shape, |i| (i * 37 % 101) as f32 / 50.0 - 1.0)
}

/// A convolution with everything that its passes need.
struct Convolution {
    g: Conv2dGeometry,
    x: Tensor,
    w: Tensor,
    b: Tensor,
    dy: Tensor,
}

impl Convolution {
    fn new(input: [usize; 4], outputs: usize, kernel: usize, pad: usize) -> Self {
        let options = Conv2dOptions::default().pad_mode(PadMode::all_sides(pad));
        let weight = Shape::from([outputs, input[1], kernel, kernel]);
        let g = Conv2dGeometry::new(&Shape::from(input), &weight, &options).expect("a geometry");
        let x = conv2d::arrange(&g, numbers(input));
        let dy = numbers(g.output_shape()).into_layout(x.layout());
        Convolution { x, w: numbers(weight), b: numbers([outputs]), dy, g }
    }

    fn forward(&self, bencher: Bencher<'_, '_>) {
        let Convolution { g, x, w, b, .. } = self;
        bencher.counter(self.flops()).bench_local(|| conv2d::forward(g, black_box(x), w, Some(b)));
    }

    fn weight_gradient(&self, bencher: Bencher<'_, '_>) {
        let Convolution { g, x, dy, .. } = self;
        let pass = || conv2d::backward_parameters(g, black_box(x), dy, true);
        bencher.counter(self.flops()).bench_local(pass);
    }

    fn input_gradient(&self, bencher: Bencher<'_, '_>) {
        let Convolution { g, w, dy, .. } = self;
        bencher.counter(self.flops()).bench_local(|| conv2d::backward_input(g, black_box(w), dy));
    }

    fn flops(&self) -> ItemsCount {
        ItemsCount::new(2 * self.g.multiply_adds())
    }
}

/// The passes of a convolution as a group of benches.
macro_rules! convolution {
    ($name:ident, [$($pass:ident),*], $layer:expr) => {
        #[divan::bench_group]
        mod $name {
            use super::*;
            $(
                #[divan::bench]
                fn $pass(bencher: Bencher<'_, '_>) {
                    $layer.$pass(bencher);
                }
            )*
        }
    };
}

// Nobody wants the gradient of the images.
convolution!(conv1_b32, [forward, weight_gradient], Convolution::new([32, 1, 32, 32], 6, 5, 0));
convolution!(
    conv2_b32,
    [forward, weight_gradient, input_gradient],
    Convolution::new([32, 6, 14, 14], 16, 5, 0)
);
convolution!(
    conv64_56,
    [forward, weight_gradient, input_gradient],
    Convolution::new([8, 64, 56, 56], 64, 3, 1)
);

#[divan::bench_group]
mod fc1_b32 {
    use super::*;

    fn layer() -> [Tensor; 4] {
        let interleaved = |shape| numbers(shape).into_layout(Layout::Lanes);
        let (w, b) = (numbers([120, 400]), numbers([120]));
        [interleaved([32, 400]), w, b, interleaved([32, 120])]
    }

    fn flops() -> ItemsCount {
        ItemsCount::new(2_usize * 32 * 400 * 120)
    }

    #[divan::bench]
    fn forward(bencher: Bencher<'_, '_>) {
        let [x, w, b, _] = layer();
        bencher.counter(flops()).bench_local(|| linear::forward(black_box(&x), &w, Some(&b)));
    }

    #[divan::bench]
    fn weight_gradient(bencher: Bencher<'_, '_>) {
        let [x, w, _, dy] = layer();
        let pass = || linear::backward_parameters(black_box(&x), &w, &dy, true);
        bencher.counter(flops()).bench_local(pass);
    }

    #[divan::bench]
    fn input_gradient(bencher: Bencher<'_, '_>) {
        let [_, w, _, dy] = layer();
        bencher.counter(flops()).bench_local(|| linear::backward_input(black_box(&w), &dy));
    }
}

/// LeNet-5's first pooling, with the activation before it.
#[divan::bench_group]
mod pool1_b32 {
    use super::*;

    fn layer() -> (Pool2dGeometry, Tensor) {
        let options = Pool2dOptions { kernel: [2; 2], stride: [2; 2], ..Pool2dOptions::default() };
        let input = Shape::from([32, 6, 28, 28]);
        let g = Pool2dGeometry::new("max_pool2d", &input, &options).expect("a geometry");
        (g, numbers(input).into_layout(Layout::Lanes))
    }

    #[divan::bench]
    fn forward(bencher: Bencher<'_, '_>) {
        let (g, x) = layer();
        let bytes = BytesCount::new(size_of_val(x.stored()));
        bencher.counter(bytes).bench_local(|| pool2d::max_forward(&g, black_box(x.clone()), true));
    }

    #[divan::bench]
    fn backward(bencher: Bencher<'_, '_>) {
        let (g, x) = layer();
        let bytes = BytesCount::new(size_of_val(x.stored()));
        let (y, argmax) = pool2d::max_forward(&g, x, true);
        let pass = || pool2d::max_backward(&g, black_box(&argmax), y.clone());
        bencher.counter(bytes).bench_local(pass);
    }
}

/// Images into the layout with sixteen samples to a vector, and back.
#[divan::bench_group]
mod pack_b32 {
    use super::*;

    fn convert(bencher: Bencher<'_, '_>, from: Layout, to: Layout) {
        let images = numbers([32, 1, 32, 32]).into_layout(from);
        let bytes = BytesCount::new(size_of_val(images.stored()));
        bencher.counter(bytes).bench_local(|| black_box(images.clone()).into_layout(to));
    }

    #[divan::bench]
    fn interleave(bencher: Bencher<'_, '_>) {
        convert(bencher, Layout::Plain, Layout::Lanes);
    }

    #[divan::bench]
    fn deinterleave(bencher: Bencher<'_, '_>) {
        convert(bencher, Layout::Lanes, Layout::Plain);
    }
}
