//! Interleaved values are an f32 affair inside the tape: in f64 everything is row-major. So the
//! same computation in both types must agree, whichever operations follow each other.

use autodiff::{Randomness, Result, Tape, Var};
use tensor::random::Stream;
use tensor::{Conv2dOptions, Float, PadMode, Pool2dOptions, Tensor};

/// Leaves for a computation: images `[N, 2, 8, 8]`, a 3×3 convolution to 4 maps, a dense layer.
struct Leaves {
    images: Tensor<f64>,
    kernel: Tensor<f64>,
    bias: Tensor<f64>,
    weight: Tensor<f64>,
}

impl Leaves {
    fn new(samples: usize) -> Self {
        let mut stream = Stream::new(4, "layouts", 0, samples as u64);
        // Values that f32 holds exactly, so that both computations start from the same numbers.
        let mut draw = |shape: &[usize]| {
            Tensor::from_fn(shape, |_| f64::from(stream.uniform_in(-1.0, 1.0) as f32))
        };
        Leaves {
            images: draw(&[samples, 2, 8, 8]),
            kernel: draw(&[4, 2, 3, 3]),
            bias: draw(&[4]),
            weight: draw(&[3, 36]),
        }
    }
}

/// What follows the convolution.
type Rest<T> = for<'t> fn(Var<'t, T>, &Var<'t, T>) -> Result<Var<'t, T>>;

/// The output and the gradients of all leaves.
fn run<T: Float>(leaves: &Leaves, rest: Rest<T>) -> Vec<Tensor<f64>> {
    let tape = Tape::<T>::new().with_randomness(Randomness::default());
    let [images, kernel, bias, weight] =
        [&leaves.images, &leaves.kernel, &leaves.bias, &leaves.weight]
            .map(|leaf| tape.leaf(leaf.cast()));
    let maps = images.clone().conv2d(&kernel, Some(&bias), &Conv2dOptions::default()).unwrap();
    let output = rest(maps, &weight).unwrap();
    let value = output.value().cast();
    let mut stream = Stream::new(5, "layouts", 0, 0);
    let seed = Tensor::from_fn(output.shape(), |_| T::from_f64(stream.uniform_in(-1.0, 1.0)));
    let gradients = output.backward_from(seed).unwrap();
    let mut found = vec![value];
    for leaf in [&images, &kernel, &bias, &weight] {
        found.push(gradients.of(leaf).map_or_else(|| Tensor::zeros([0]), Tensor::cast));
    }
    found
}

fn check(name: &str, single: Rest<f32>, double: Rest<f64>) {
    for samples in [1, 2, 5, 16, 17, 40] {
        let leaves = Leaves::new(samples);
        let (found, expected) = (run(&leaves, single), run(&leaves, double));
        for (i, (found, expected)) in found.iter().zip(&expected).enumerate() {
            assert_eq!(found.shape(), expected.shape(), "{name}, {samples} samples, result {i}");
            let size = expected.as_slice().iter().fold(1e-3_f64, |most, x| most.max(x.abs()));
            for (a, b) in found.as_slice().iter().zip(expected.as_slice()) {
                let what = format!("{name}, {samples} samples, result {i}: {a} and {b}");
                assert!((a - b).abs() <= 1e-5 * size, "{what}");
            }
        }
    }
}

/// Checks a computation that is written once for both types.
macro_rules! check {
    ($name:ident, |$x:ident, $weight:ident| $body:expr) => {
        #[test]
        fn $name() {
            fn rest<'t, T: Float>($x: Var<'t, T>, $weight: &Var<'t, T>) -> Result<Var<'t, T>> {
                $body
            }
            check(stringify!($name), rest::<f32>, rest::<f64>);
        }
    };
}

fn halve() -> Pool2dOptions {
    Pool2dOptions { kernel: [2, 2], stride: [2, 2], ..Default::default() }
}

check!(as_in_a_network, |x, w| x.tanh().max_pool2d(&halve())?.flatten(1, 3)?.linear(w, None));
check!(activations_that_save_their_output, |x, w| {
    let x = x.leaky_relu(0.2)?.softplus().elu(0.5)?.max_pool2d(&halve())?;
    x.flatten(1, 3)?.linear(w, None)
});
check!(activations_that_save_their_input, |x, w| {
    let x = x.silu().gelu().gelu_tanh().max_pool2d(&halve())?;
    x.flatten(1, 3)?.linear(w, None)
});
check!(dropout, |x, w| {
    let x = x.dropout(0.3, "maps")?.relu().max_pool2d(&halve())?;
    x.flatten(1, 3)?.dropout(0.5, "features")?.linear(w, None)
});
check!(average_pooling, |x, w| x.sigmoid().avg_pool2d(&halve())?.flatten(1, 3)?.linear(w, None));
check!(subsampling, |x, w| {
    let channels = |seed: usize| Tensor::from_fn([4], |i| T::from_f64((i + seed) as f64 * 0.25));
    let [coefficient, bias] = [1, 2].map(|seed| x.tape().constant(channels(seed)));
    let tanh = |x: Var<'t, T>| x.scaled_tanh(T::from_f64(1.7159), T::from_f64(0.75));
    let x = tanh(tanh(x).subsampling(&coefficient, &bias, &halve())?);
    x.flatten(1, 3)?.linear(w, None)
});
check!(the_maps_themselves, |x, _w| Ok(x));
check!(a_row_major_operation_after, |x, _w| Ok(x.exp().sum()));
check!(a_row_major_operation_between, |x, w| {
    let x = x.tanh().permute(&[0, 1, 3, 2])?.max_pool2d(&halve())?;
    x.flatten(1, 3)?.linear(w, None)
});
check!(another_number_of_samples, |x, _w| {
    let maps = x.shape()[0] * x.shape()[1];
    x.tanh().reshape([maps, 36])?.mean_axis(0)
});
check!(dense_layers_over_leading_axes, |x, w| {
    let samples = x.shape()[0];
    x.tanh().reshape([samples, 4, 36])?.linear(w, None)
});
check!(a_value_used_twice_in_both_layouts, |x, w| {
    // One use sends back an interleaved gradient, the other a row-major one.
    let maps = x.tanh();
    let pooled = maps.clone().max_pool2d(&halve())?.flatten(1, 3)?;
    let scores = pooled.clone().linear(w, None)?.sum_axis(1)?;
    let squares = maps.square().flatten(1, 3)?.sum_axis(1)?;
    scores.add(&squares)?.add(&pooled.sum_axis(1)?)
});
check!(a_second_convolution, |x, w| {
    let samples = x.shape()[0];
    let kernel = w.clone().reshape([3, 4, 3, 3])?;
    let options = Conv2dOptions::default().pad_mode(PadMode::Same).stride([2, 1]);
    x.tanh().conv2d(&kernel, None, &options)?.reshape([samples, 3 * 3 * 6])?.log_softmax(1)
});

#[test]
fn values_are_row_major_wherever_one_is_asked_for() {
    let leaves = Leaves::new(20);
    let tape = Tape::<f32>::new();
    let images = tape.leaf(leaves.images.cast());
    let kernel = tape.constant(leaves.kernel.cast());
    let maps = images.conv2d(&kernel, None, &Conv2dOptions::default()).unwrap();
    let borrowed = maps.value().to_vec();
    assert_eq!(borrowed.len(), 20 * 4 * 6 * 6);
    assert_eq!(maps.clone().into_value().to_vec(), borrowed);
    // Writing to a copy leaves the value as it is.
    let doubled = maps.clone().relu().scale(2.0);
    assert_eq!(maps.value().to_vec(), borrowed);
    let expected: Vec<_> = borrowed.iter().map(|x| 2.0 * x.max(0.0)).collect();
    assert_eq!(doubled.value().to_vec(), expected);
}

// A ReLU waits for what follows it: pooling does it on the way, and whoever else asks gets it.
check!(relu_and_pooling, |x, _w| x.relu().max_pool2d(&Pool2dOptions::default()));
check!(relu_and_odd_pooling, |x, _w| {
    let options = Pool2dOptions { kernel: [3, 2], stride: [2, 1], ..Pool2dOptions::default() };
    x.relu().max_pool2d(&options)
});
check!(relu_and_relu, |x, _w| Ok(x.relu().relu()));
check!(relu_used_twice, |x, _w| {
    let y = x.relu();
    let pooled = y.clone().max_pool2d(&Pool2dOptions::default())?.sum();
    y.clone().mul(&y)?.sum().add(&pooled)
});
check!(relu_of_a_value_that_is_used_too, |x, _w| {
    let pooled = x.clone().relu().max_pool2d(&Pool2dOptions::default())?.sum();
    x.sum().add(&pooled)
});
check!(relu_as_the_second_operand, |x, _w| {
    let y = x.clone().relu();
    assert_eq!(y.value().shape(), y.shape());
    x.tanh().sub(&y)
});
check!(relu_detached, |x, _w| {
    let y = x.clone().relu();
    let still = y.clone().detach().max_pool2d(&Pool2dOptions::default())?.sum();
    y.sum().add(&still)
});
