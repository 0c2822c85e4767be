//! `cargo bench -p train`: LeNet-5's training step through `Model::train_step`, on made-up images.
//!
//! The pool of threads is entered anew for each of these steps; `Model::train` enters it once.

use divan::Bencher;
use divan::counter::ItemsCount;
use layers::{LeNet5, SoftmaxCrossEntropyWithLogits, Target};
use optim::Momentum;
use tensor::Tensor;
use train::{Batch, Model};

fn main() {
    divan::main();
}

/// One thread, and as many as the processor runs.
fn threads() -> Vec<usize> {
    let all = std::thread::available_parallelism().map_or(1, usize::from);
    if all == 1 { vec![1] } else { vec![1, all] }
}

fn step(bencher: Bencher<'_, '_>, threads: usize, size: usize) {
    let images = Tensor::from_fn([size, 1, 32, 32], |i| (i * 37 % 101) as f32 / 50.0 - 1.0);
    let labels: Vec<u32> = (0..size as u32).map(|i| i % 10).collect();
    let labels = Target::Class(Tensor::from_vec([size], labels).expect("a label per image"));
    let batch = Batch::new(images, labels).expect("a label per image");
    let optimizer = Momentum::new(1e-4, 0.9).expect("good numbers");
    let loss = SoftmaxCrossEntropyWithLogits::new();
    let mut model = Model::new(LeNet5::new(), loss, optimizer).threads(threads);
    bencher
        .counter(ItemsCount::new(size))
        .bench_local(|| model.train_step(&batch).expect("a step that fits"));
}

#[divan::bench(args = threads())]
fn step_b1(bencher: Bencher<'_, '_>, threads: usize) {
    step(bencher, threads, 1);
}

#[divan::bench(args = threads())]
fn step_b32(bencher: Bencher<'_, '_>, threads: usize) {
    step(bencher, threads, 32);
}

#[divan::bench(args = threads())]
fn step_b256(bencher: Bencher<'_, '_>, threads: usize) {
    step(bencher, threads, 256);
}
