//! Shared by the peers in Rust: arguments, the data, the clock, the line of results.

use flate2::read::GzDecoder;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Instant;

/// `--data DIR --threads N --batch N --seconds S --steps N`.
pub struct Arguments {
    pub data: String,
    pub threads: usize,
    pub batch: usize,
    /// How long to measure, in stretches of time.
    pub seconds: f64,
    /// Training steps in each.
    pub steps: usize,
}

impl Arguments {
    pub fn parse() -> Self {
        let given: Vec<String> = std::env::args().skip(1).collect();
        let find = |name: &str| -> Option<&String> {
            given.iter().position(|argument| argument == name).and_then(|at| given.get(at + 1))
        };
        let number = |name, default| find(name).map_or(default, |n| n.parse().expect("a number"));
        Arguments {
            data: find("--data").expect("--data DIR").clone(),
            threads: number("--threads", 2),
            batch: number("--batch", 32),
            seconds: find("--seconds").map_or(1.5, |s| s.parse().expect("seconds")),
            steps: number("--steps", 50),
        }
    }
}

/// Images `[N, 1, 32, 32]`, resized and normalised, and their labels.
pub struct Samples {
    pub images: Vec<f32>,
    pub labels: Vec<u8>,
}

pub const PIXELS: usize = 32 * 32;

impl Samples {
    /// `part` is `train` or `t10k`.
    pub fn load(folder: &str, part: &str) -> Self {
        let pixels = read(folder, &format!("{part}-images-idx3-ubyte"), 16);
        let labels = read(folder, &format!("{part}-labels-idx1-ubyte"), 8);
        let images = pixels.chunks_exact(28 * 28).flat_map(prepared).collect();
        Samples { images, labels }
    }

    /// The samples of a batch, one after another.
    pub fn gather(&self, indices: &[usize]) -> (Vec<f32>, Vec<u8>) {
        let image = |&index: &usize| &self.images[index * PIXELS..][..PIXELS];
        let images = indices.iter().flat_map(image).copied().collect();
        (images, indices.iter().map(|&index| self.labels[index]).collect())
    }
}

fn read(folder: &str, name: &str, header: usize) -> Vec<u8> {
    let path = Path::new(folder).join(name);
    let mut bytes = Vec::new();
    match File::open(format!("{}.gz", path.display())) {
        Ok(file) => GzDecoder::new(file).read_to_end(&mut bytes),
        Err(_) => File::open(&path).and_then(|mut file| file.read_to_end(&mut bytes)),
    }
    .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    bytes.drain(..header);
    bytes
}

/// Bilinear from 28×28 to 32×32 with half-pixel centres, scaled to 0..1, normalised.
fn prepared(image: &[u8]) -> Vec<f32> {
    let place = |i: usize| {
        let centre = ((i as f32 + 0.5) * 28.0 / 32.0 - 0.5).clamp(0.0, 27.0);
        let low = centre as usize;
        (low, (low + 1).min(27), centre - low as f32)
    };
    let pixel = |row: usize, column: usize| f32::from(image[row * 28 + column]);
    let mut out = Vec::with_capacity(PIXELS);
    for (above, below, down) in (0..32).map(place) {
        for (left, right, along) in (0..32).map(place) {
            let row = |row| pixel(row, left) * (1.0 - along) + pixel(row, right) * along;
            let value = row(above) * (1.0 - down) + row(below) * down;
            out.push((value / 255.0 - 0.1307) / 0.3081);
        }
    }
    out
}

/// Some order of `0..len`, the same in every run.
pub fn order(len: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..len).collect();
    let mut state = 1_u64;
    for i in (1..len).rev() {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        order.swap(i, (state >> 33) as usize % (i + 1));
    }
    order
}

/// Numbers in ±1/√fan_in, the same in every run.
pub fn weights(len: usize, fan_in: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let bound = 1.0 / (fan_in as f32).sqrt();
    let mut draw = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        ((state >> 40) as f32 / (1_u64 << 23) as f32 - 1.0) * bound
    };
    (0..len).map(|_| draw()).collect()
}

/// Runs the training steps in stretches, three at least, after a short warm-up: seconds a stretch.
pub fn train(arguments: &Arguments, samples: usize, mut step: impl FnMut(&[usize])) -> Vec<f64> {
    let order = order(samples);
    let mut batches = order.chunks_exact(arguments.batch).cycle();
    let mut some = |steps| batches.by_ref().take(steps).for_each(&mut step);
    some(5);
    let mut seconds = Vec::new();
    while seconds.len() < 3 || seconds.iter().sum::<f64>() < arguments.seconds {
        let start = Instant::now();
        some(arguments.steps);
        seconds.push(start.elapsed().as_secs_f64());
    }
    seconds
}

/// Prints the line of results.
pub fn report(
    arguments: &Arguments,
    (name, version): (&str, &str),
    mut seconds: Vec<f64>,
    inference: f64,
    accuracy: f64,
) {
    seconds.sort_by(f64::total_cmp);
    let us = seconds.iter().map(|s| s / arguments.steps as f64 * 1e6).collect::<Vec<_>>();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kb: f64 = peak
        .and_then(|line| line.trim().strip_suffix(" kB"))
        .and_then(|kb| kb.trim().parse().ok())
        .unwrap_or(0.0);
    println!(
        "{{\"peer\": \"{name}\", \"version\": \"{version}\", \"threads\": {}, \"batch\": {}, \
         \"us_per_step_median\": {:.1}, \"us_per_step_min\": {:.1}, \
         \"inference_images_per_s\": {:.0}, \"test_accuracy\": {accuracy:.4}, \
         \"peak_rss_mb\": {:.0}}}",
        arguments.threads,
        arguments.batch,
        us[us.len() / 2],
        us[0],
        inference,
        kb * 1024.0 / 1e6,
    );
}
