//! `cargo bench -p tensor --bench activations`: activations and dropout on 64 Ki numbers, which
//! stay in the second-level cache, forwards and backwards.
//!
//! divan prints elements as items: 1 Gitem/s is a nanosecond for each.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use tensor::kernels::{activation, dropout, elementwise};
use tensor::random::Stream;

fn main() {
    divan::main();
}

const COUNT: usize = 1 << 16;

/// Numbers from -4 to 4.
fn numbers() -> Vec<f32> {
    (0..COUNT).map(|i| (i * 37 % 801) as f32 / 100.0 - 4.0).collect()
}

/// A kernel that overwrites its operand.
fn in_place(bencher: Bencher<'_, '_>, kernel: fn(&mut [f32])) {
    let inputs = bencher.counter(ItemsCount::new(COUNT)).with_inputs(numbers);
    inputs.bench_local_refs(|x| kernel(black_box(x)));
}

/// A kernel that turns the gradient of its output into that of its input.
fn backward(bencher: Bencher<'_, '_>, kernel: fn(&mut [f32], &[f32])) {
    let saved = numbers();
    let inputs = bencher.counter(ItemsCount::new(COUNT)).with_inputs(numbers);
    inputs.bench_local_refs(|dy| kernel(black_box(dy), &saved));
}

/// A kernel that keeps its operand.
fn forward(bencher: Bencher<'_, '_>, kernel: fn(&[f32], &mut [f32])) {
    let (x, mut y) = (numbers(), vec![0.0; COUNT]);
    bencher.counter(ItemsCount::new(COUNT)).bench_local(|| kernel(black_box(&x), &mut y));
}

/// A function and its derivative as a group of benches.
macro_rules! activation {
    ($name:ident, $how:ident $forward:expr, $backward:expr) => {
        #[divan::bench_group]
        mod $name {
            use super::*;

            #[divan::bench(name = "forward")]
            fn run(bencher: Bencher<'_, '_>) {
                $how(bencher, $forward);
            }

            #[divan::bench(name = "backward")]
            fn back(bencher: Bencher<'_, '_>) {
                backward(bencher, $backward);
            }
        }
    };
}

activation!(relu, in_place elementwise::relu, elementwise::relu_backward);
activation!(sigmoid, in_place activation::sigmoid, activation::sigmoid_backward);
activation!(tanh, in_place activation::tanh, activation::tanh_backward);
activation!(leaky_relu, in_place leaky_relu_with_slope, leaky_relu_gradient);
activation!(elu, in_place elu_with_alpha, elu_gradient);
activation!(softplus, in_place activation::softplus, activation::softplus_backward);
activation!(silu, forward activation::silu, activation::silu_backward);
activation!(gelu, forward activation::gelu, activation::gelu_backward);
activation!(gelu_tanh, forward activation::gelu_tanh, activation::gelu_tanh_backward);

fn leaky_relu_with_slope(x: &mut [f32]) {
    activation::leaky_relu(x, 0.2);
}

fn leaky_relu_gradient(dy: &mut [f32], y: &[f32]) {
    activation::leaky_relu_backward(dy, y, 0.2);
}

fn elu_with_alpha(x: &mut [f32]) {
    activation::elu(x, 1.0);
}

fn elu_gradient(dy: &mut [f32], y: &[f32]) {
    activation::elu_backward(dy, y, 1.0);
}

/// Drawing the factors of 64 samples.
#[divan::bench]
fn dropout_factors(bencher: Bencher<'_, '_>) {
    let mut factors = vec![0.0_f32; COUNT];
    bencher.counter(ItemsCount::new(COUNT)).bench_local(|| {
        for (sample, factors) in factors.chunks_mut(COUNT / 64).enumerate() {
            let mut stream = Stream::new(1, "dropout", 0, sample as u64);
            dropout::factors(&mut stream, black_box(1 << 31), 2.0, factors);
        }
    });
}
