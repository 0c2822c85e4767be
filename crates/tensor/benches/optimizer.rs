//! `cargo bench -p tensor --bench optimizer`: updates of as many weights as LeNet-5 has (which stay
//! in the second-level cache) and of four million (which do not).
//!
//! divan prints the bytes that a step must read and write.

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use tensor::kernels::optimizer::{self, Adam, RmsProp, Update};
use tensor::kernels::stream::Store;

fn main() {
    divan::main();
}

const SIZES: [usize; 2] = [61_706, 4 << 20];

/// Reproducible numbers between 0.1 and 1.1, which no rule takes towards infinity.
fn numbers(len: usize) -> Vec<f32> {
    (0..len).map(|i| (i * 37 % 101) as f32 / 101.0 + 0.1).collect()
}

/// Benches `step` on the weights, `N` lists of kept numbers, and the gradient.
fn bench<const N: usize>(
    bencher: Bencher<'_, '_>,
    size: usize,
    step: impl Fn(&mut [f32], &mut [Vec<f32>; N], &[f32], Update<f32>),
) {
    let (mut w, g) = (numbers(size), numbers(size));
    let mut kept: [Vec<f32>; N] = std::array::from_fn(|_| numbers(size));
    let update = Update { l2: 1e-4, ..Update::new(1e-6, Store::Cached) };
    // The weights and what is kept are read and written, the gradient is read.
    let bytes = BytesCount::new(size * size_of::<f32>() * (2 * (1 + N) + 1));
    bencher.counter(bytes).bench_local(|| step(black_box(&mut w), &mut kept, &g, update));
}

#[divan::bench(args = SIZES)]
fn sgd(bencher: Bencher<'_, '_>, size: usize) {
    bench(bencher, size, |w, [], g, update| optimizer::sgd(w, g, update));
}

/// With all that an update may have: scaling, clipping, L1 and L2.
#[divan::bench(args = SIZES)]
fn sgd_clipped(bencher: Bencher<'_, '_>, size: usize) {
    bench(bencher, size, |w, [], g, update| {
        optimizer::sgd(w, g, Update { scale: 0.5, limit: 0.4, l1: 1e-5, ..update });
    });
}

#[divan::bench(args = SIZES)]
fn momentum(bencher: Bencher<'_, '_>, size: usize) {
    bench(bencher, size, |w, [v], g, update| optimizer::momentum(w, v, g, 0.9, 1.0, update));
}

#[divan::bench(args = SIZES)]
fn nesterov(bencher: Bencher<'_, '_>, size: usize) {
    bench(bencher, size, |w, [v], g, update| optimizer::nesterov(w, v, g, 0.9, update));
}

#[divan::bench(args = SIZES)]
fn adam(bencher: Bencher<'_, '_>, size: usize) {
    let adam = Adam { kept: [0.9, 0.999], new: [0.1, 0.001], eps: 1e-8, decoupled: [0.0; 2] };
    bench(bencher, size, |w, [m, v], g, update| optimizer::adam(w, m, v, g, adam, update));
}

#[divan::bench(args = SIZES)]
fn adamw(bencher: Bencher<'_, '_>, size: usize) {
    let adam = Adam { kept: [0.9, 0.999], new: [0.1, 0.001], eps: 1e-8, decoupled: [0.0, 1e-8] };
    bench(bencher, size, |w, [m, v], g, update| optimizer::adam(w, m, v, g, adam, update));
}

const RMS_PROP: RmsProp<f32> =
    RmsProp { kept: 0.9, new: 0.1, inside: 1e-10, outside: 0.0, momentum: 0.9, into_velocity: 1.0 };

#[divan::bench(args = SIZES)]
fn rms_prop(bencher: Bencher<'_, '_>, size: usize) {
    bench(bencher, size, |w, [s], g, update| optimizer::rms_prop(w, s, g, RMS_PROP, update));
}

#[divan::bench(args = SIZES)]
fn rms_prop_momentum_centered(bencher: Bencher<'_, '_>, size: usize) {
    bench(bencher, size, |w, [s, v, m], g, update| {
        optimizer::rms_prop_momentum_centered(w, s, v, m, g, RMS_PROP, update);
    });
}

#[divan::bench(args = SIZES)]
fn adagrad(bencher: Bencher<'_, '_>, size: usize) {
    bench(bencher, size, |w, [a], g, update| optimizer::adagrad(w, a, g, 1e-10, update));
}

#[divan::bench(args = SIZES)]
fn sum_of_squares(bencher: Bencher<'_, '_>, size: usize) {
    let g = numbers(size);
    let bytes = BytesCount::new(size_of_val(&g[..]));
    bencher.counter(bytes).bench_local(|| optimizer::sum_of_squares(black_box(&g)));
}
