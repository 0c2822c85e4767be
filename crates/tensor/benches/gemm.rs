//! `cargo bench -p tensor --bench gemm`: matrix products in f32, on one thread and on all.
//!
//! divan prints floating-point operations as items: 100 Gitem/s are 100 GFLOP/s.

use divan::Bencher;
use divan::counter::ItemsCount;
use rayon::{ThreadPool, ThreadPoolBuilder};
use tensor::Tensor;
use tensor::kernels::gemm::{Mat, Start};
use tensor::ops::{linear, matmul};

fn main() {
    divan::main();
}

/// One thread, and as many as the processor runs.
fn threads() -> Vec<usize> {
    let all = std::thread::available_parallelism().map_or(1, usize::from);
    if all == 1 { vec![1] } else { vec![1, all] }
}

fn pool(threads: usize) -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(threads).build().expect("a thread pool")
}

fn matrix(rows: usize, columns: usize) -> Tensor<f32> {
    Tensor::from_fn([rows, columns], |i| (i * 7919 % 1000) as f32 / 1000.0 - 0.5)
}

fn square(bencher: Bencher<'_, '_>, threads: usize, size: usize) {
    let (a, b) = (matrix(size, size), matrix(size, size));
    let mut c = Tensor::zeros([size, size]);
    let pool = pool(threads);
    bencher.counter(ItemsCount::new(2 * size * size * size)).bench_local(|| {
        let a = Mat::new(a.as_slice(), size, size);
        let b = Mat::new(b.as_slice(), size, size);
        pool.install(|| matmul::product(a, b, Start::Scaled(0.0), c.as_mut_slice()));
    });
}

#[divan::bench(args = threads())]
fn gemm_1024(bencher: Bencher<'_, '_>, threads: usize) {
    square(bencher, threads, 1024);
}

#[divan::bench(args = threads())]
fn gemm_256(bencher: Bencher<'_, '_>, threads: usize) {
    square(bencher, threads, 256);
}

#[divan::bench(args = [1])]
fn gemm_64(bencher: Bencher<'_, '_>, threads: usize) {
    square(bencher, threads, 64);
}

/// A fully connected layer of 1024 features on a batch of 128: forward, both gradients of the
/// parameters, the gradient of the input.
#[divan::bench(args = threads())]
fn dense1024_b128(bencher: Bencher<'_, '_>, threads: usize) {
    let (batch, size) = (128, 1024);
    let (x, w, dy) = (matrix(batch, size), matrix(size, size), matrix(batch, size));
    let bias = Tensor::zeros([size]);
    let pool = pool(threads);
    bencher.counter(ItemsCount::new(3 * 2 * batch * size * size)).bench_local(|| {
        pool.install(|| {
            let y = linear::forward(&x, &w, Some(&bias));
            let gradients = linear::backward_parameters(&x, &w, &dy, true);
            (y, gradients, linear::backward_input(&w, &dy))
        })
    });
}
