//! `cargo bench -p tensor --bench normalize`: batch and layer normalisation of 64 Ki numbers, which
//! stay in the second-level cache, forwards and backwards.
//!
//! A name's numbers are channels and pixels of a plane, or the length of a row. divan prints elements
//! as items: 1 Gitem/s is a nanosecond for each.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use tensor::kernels::normalize;

fn main() {
    divan::main();
}

const COUNT: usize = 1 << 16;

/// Channels and pixels: planes of a line, of 16×16 and of 64×64, and features of a dense layer.
const CHANNELS: [(usize, usize); 4] = [(64, 16), (16, 256), (4, 4096), (256, 1)];

const ROWS: [usize; 3] = [64, 256, 1024];

/// Numbers from -4 to 4.
fn numbers(len: usize) -> Vec<f32> {
    (0..len).map(|i| (i * 37 % 801) as f32 / 100.0 - 4.0).collect()
}

/// Mean and variance, then y.
#[divan::bench(args = CHANNELS)]
fn batch_forward(bencher: Bencher<'_, '_>, (channels, plane): (usize, usize)) {
    let (x, mut y) = (numbers(COUNT), numbers(COUNT));
    let [mut mean, mut variance] = [(); 2].map(|()| vec![0.0; channels]);
    let [scale, shift] = [(); 2].map(|()| numbers(channels));
    bencher.counter(ItemsCount::new(COUNT)).bench_local(|| {
        normalize::channel_moments(black_box(&x), plane, &mut mean, &mut variance);
        normalize::normalize_channels(&x, plane, &mean, &scale, &shift, &mut y);
    });
}

/// The sums that need the whole batch, then the gradient of x.
#[divan::bench(args = CHANNELS)]
fn batch_backward(bencher: Bencher<'_, '_>, (channels, plane): (usize, usize)) {
    let x = numbers(COUNT);
    let [mut total, mut moment] = [(); 2].map(|()| vec![0.0; channels]);
    let [mean, scale, by_x, less] = [(); 4].map(|()| numbers(channels));
    let inputs = bencher.counter(ItemsCount::new(COUNT)).with_inputs(|| numbers(COUNT));
    inputs.bench_local_refs(|dy| {
        normalize::channel_sums(black_box(dy), &x, plane, &mean, &mut total, &mut moment);
        normalize::channel_gradient(dy, &x, plane, &mean, &scale, &by_x, &less);
    });
}

#[divan::bench(args = ROWS)]
fn layer_forward(bencher: Bencher<'_, '_>, row: usize) {
    let (x, mut y) = (numbers(COUNT), numbers(COUNT));
    let [gamma, beta] = [(); 2].map(|()| numbers(row));
    let [mut means, mut inverse] = [(); 2].map(|()| vec![0.0; COUNT / row]);
    bencher.counter(ItemsCount::new(COUNT)).bench_local(|| {
        let (means, inverse) = (&mut means, &mut inverse);
        normalize::normalize_rows(black_box(&x), &gamma, &beta, 1e-5, &mut y, means, inverse);
    });
}

#[divan::bench(args = ROWS)]
fn layer_backward(bencher: Bencher<'_, '_>, row: usize) {
    let (x, gamma) = (numbers(COUNT), numbers(row));
    let [mut d_gamma, mut d_beta] = [(); 2].map(|()| vec![0.0; row]);
    let [means, inverse] = [(); 2].map(|()| numbers(COUNT / row));
    let inputs = bencher.counter(ItemsCount::new(COUNT)).with_inputs(|| numbers(COUNT));
    inputs.bench_local_refs(|dy| {
        let (of_gamma, of_beta) = (&mut d_gamma, &mut d_beta);
        let dy = black_box(dy);
        normalize::normalize_rows_backward(dy, &x, &gamma, &means, &inverse, of_gamma, of_beta);
    });
}
