//! `cargo bench -p datasets`: what loading and drawing images costs.
//!
//! Indices are shuffled over all 60,000 images, as in training, so that most images come from
//! memory and not from a cache; a draw is the share of one worker, 16 images.

use datasets::transforms::{Compose, GaussianNoise, Pad, RandomAffine, RandomCrop, RandomErasing};
use datasets::{
    Batches, Dataset, Draw, ImageDataset, LabeledImages, Mnist, TargetMut, resize_bilinear,
};
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use ndarray::Axis;
use std::sync::LazyLock;

const SHARD: usize = 16;

static MNIST: LazyLock<Mnist> = LazyLock::new(|| Mnist::load_default().expect("the MNIST files"));

fn main() {
    divan::main();
}

#[divan::bench(sample_count = 10)]
fn load_mnist_from_gzip() -> Mnist {
    Mnist::load_default().expect("the MNIST files")
}

#[divan::bench(sample_count = 10)]
fn resize_all_once(bencher: Bencher<'_, '_>) {
    bencher
        .counter(ItemsCount::new(60_000_usize))
        .with_inputs(|| MNIST.train.clone())
        .bench_values(|images: LabeledImages| images.resize(32, 32));
}

fn batches(side: usize) -> Batches<ImageDataset> {
    let images = MNIST.train.clone().resize(side, side).expect("a size above 0");
    let images = ImageDataset::new(images).normalize(33.3, 78.6).expect("finite numbers");
    images.batch(SHARD).expect("60,000 images")
}

#[divan::bench(args = [28, 32], sample_size = 100)]
fn draw_16(bencher: Bencher<'_, '_>, side: usize) {
    let batches = batches(side);
    let epoch = batches.epoch(1, 0);
    let mut shards = epoch.iter().cycle();
    let (mut input, mut labels) = (vec![0.0; SHARD * side * side], [0; SHARD]);
    bencher.counter(ItemsCount::new(SHARD)).bench_local(|| {
        let shard = shards.next().expect("a cycle does not end");
        let target = TargetMut::Class(&mut labels);
        batches.dataset().fetch(Draw::default(), shard, black_box(&mut input), target)
    });
}

/// `draw_16` with a transform: each of them, and the usual ones together.
#[divan::bench(args = ["affine", "noise", "crop", "erase", "all"], sample_size = 100)]
fn draw_16_transformed(bencher: Bencher<'_, '_>, name: &str) {
    let affine = || RandomAffine::new().rotate(15.0).translate(0.1, 0.1).scale(0.9, 1.1);
    let noise = || GaussianNoise::new(0.1);
    let crop = || RandomCrop::new(32, 32).padding(Pad::all(4));
    let erase = || RandomErasing::new(0.5);
    let transform = match name {
        "affine" => Compose::new().then(affine()),
        "noise" => Compose::new().then(noise()),
        "crop" => Compose::new().then(crop()),
        "erase" => Compose::new().then(erase()),
        _ => Compose::new().then(affine()).then(crop()).then(erase()).then(noise()),
    };
    let batches = batches(32);
    let data = batches.dataset().map(transform).expect("settings that make sense");
    let epoch = batches.epoch(1, 0);
    let mut shards = epoch.iter().cycle();
    let (mut input, mut labels) = (vec![0.0; SHARD * 32 * 32], [0; SHARD]);
    bencher.counter(ItemsCount::new(SHARD)).bench_local(|| {
        let shard = shards.next().expect("a cycle does not end");
        let target = TargetMut::Class(&mut labels);
        data.fetch(Draw::default(), shard, black_box(&mut input), target)
    });
}

/// What `draw_16` would do if it resized anew.
#[divan::bench]
fn resize_16_when_drawn(bencher: Bencher<'_, '_>) {
    let batches = batches(28);
    let epoch = batches.epoch(1, 0);
    let mut shards = epoch.iter().cycle();
    let images = MNIST.train.images();
    bencher.counter(ItemsCount::new(SHARD)).bench_local(|| {
        for &index in shards.next().expect("a cycle does not end") {
            black_box(resize_bilinear(&images.index_axis(Axis(0), index), 32, 32)).ok();
        }
    });
}

#[divan::bench]
fn shuffle_60_000(bencher: Bencher<'_, '_>) {
    let batches = batches(28);
    let mut epoch = 0;
    bencher.bench_local(|| {
        epoch += 1;
        batches.epoch(1, epoch)
    });
}
