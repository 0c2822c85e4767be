//! Moving the pixels of an image.

use super::{Border, Interpolation, Sample, Sampling};

/// Where the pixels of an image come from: pixel (column, row) from column
/// `x[0] · column + x[1] · row + x[2]` of the original, and likewise from row `y`. Pixel centres
/// are at whole numbers.
pub(super) struct Origin {
    pub(super) x: [f64; 3],
    pub(super) y: [f64; 3],
}

/// Pixels looked up at a time.
const CHUNK: usize = 64;

/// Replaces an image by one of `size` (rows, columns) with the pixels at `origin`.
///
/// The original is first copied into a frame of what lies outside, one pixel wide above and left,
/// two pixels below and right. Coordinates are clamped to it, so that no lookup needs a case of its
/// own: one pixel outside, everything is border.
pub(super) fn warp(sample: &mut Sample, size: (usize, usize), origin: &Origin, sampling: Sampling) {
    let [channels, rows, columns] = sample.image();
    let (height, width) = (rows + 3, columns + 3);
    let put_into_frame = |sample: &Sample, framed: &mut [f32]| {
        let images = sample.values().chunks_exact(rows * columns);
        for (channel, (image, framed)) in
            images.zip(framed.chunks_exact_mut(height * width)).enumerate()
        {
            framed.fill(match sampling.border {
                Border::Value(value) => value,
                Border::Background | Border::Edge => sample.background(channel),
            });
            for (row, pixels) in image.chunks_exact(columns).enumerate() {
                framed[(row + 1) * width + 1..][..columns].copy_from_slice(pixels);
            }
        }
    };
    let (low, beyond) = if sampling.border == Border::Edge { (0.0, -1.0) } else { (-1.0, 0.0) };
    let limits = [columns, rows].map(|side| (low, side as f64 + beyond));
    let mut taps = Taps { index: [0; CHUNK], right: [0.0; CHUNK], down: [0.0; CHUNK] };
    sample.replace_through(channels * height * width, put_into_frame, size, |framed, image| {
        for row in 0..size.0 {
            for column in (0..size.1).step_by(CHUNK) {
                taps.locate(origin, sampling.interpolation, (column, row), limits, width);
                let count = CHUNK.min(size.1 - column);
                let planes = framed.chunks_exact(height * width);
                for (framed, image) in planes.zip(image.chunks_exact_mut(size.0 * size.1)) {
                    taps.read(framed, width, &mut image[row * size.1 + column..][..count]);
                }
            }
        }
    });
}

/// Where in a framed image each of a few neighbouring pixels comes from: from the square of four
/// pixels at `index`, that far to the right and down.
struct Taps {
    index: [u32; CHUNK],
    right: [f32; CHUNK],
    down: [f32; CHUNK],
}

impl Taps {
    fn locate(
        &mut self,
        origin: &Origin,
        interpolation: Interpolation,
        (column, row): (usize, usize),
        [x_limits, y_limits]: [(f64, f64); 2],
        width: usize,
    ) {
        let start = |line: [f64; 3]| line[0] * column as f64 + line[1] * row as f64 + line[2];
        let (x, y) = (start(origin.x), start(origin.y));
        let half = if interpolation == Interpolation::Nearest { 0.5 } else { 0.0 };
        // Where the frame begins, coordinates are 0: truncation is then the floor.
        let place = |start: f64, slope: f64, step: usize, (low, high): (f64, f64)| {
            let at = (start + slope * step as f64 + half).clamp(low, high) + 1.0;
            (at as i32, (at - f64::from(at as i32)) as f32)
        };
        for step in 0..CHUNK {
            let (x, right) = place(x, origin.x[0], step, x_limits);
            let (y, down) = place(y, origin.y[0], step, y_limits);
            self.index[step] = (y * width as i32 + x) as u32;
            (self.right[step], self.down[step]) = (right, down);
        }
        if interpolation == Interpolation::Nearest {
            (self.right, self.down) = ([0.0; CHUNK], [0.0; CHUNK]);
        }
    }

    fn read(&self, framed: &[f32], width: usize, pixels: &mut [f32]) {
        for (step, pixel) in pixels.iter_mut().enumerate() {
            let index = self.index[step] as usize;
            let (upper, lower) = (&framed[index..][..2], &framed[index + width..][..2]);
            let (right, down) = (self.right[step], self.down[step]);
            // Exact where neighbours are equal.
            let upper = upper[0] + right * (upper[1] - upper[0]);
            let lower = lower[0] + right * (lower[1] - lower[0]);
            *pixel = upper + down * (lower - upper);
        }
    }
}
