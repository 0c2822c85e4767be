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
                let count = CHUNK.min(size.1 - column);
                let place = (column, row, count);
                taps.locate(origin, sampling.interpolation, place, limits, width);
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
    /// Finds the first `count` places, from pixel (`column`, `row`) on.
    fn locate(
        &mut self,
        origin: &Origin,
        interpolation: Interpolation,
        (column, row, count): (usize, usize, usize),
        [x_limits, y_limits]: [(f64, f64); 2],
        width: usize,
    ) {
        let start = |line: [f64; 3]| line[0] * column as f64 + line[1] * row as f64 + line[2];
        let (x, y) = (start(origin.x), start(origin.y));
        let nearest = interpolation == Interpolation::Nearest;
        let half = if nearest { 0.5 } else { 0.0 };
        // Coordinates in the frame: not negative.
        let place = |start: f64, slope: f64, step: usize, (low, high): (f64, f64)| {
            split((start + slope * f64::from(step as u32) + half).max(low).min(high) + 1.0)
        };
        for step in 0..count {
            let (x, right) = place(x, origin.x[0], step, x_limits);
            let (y, down) = place(y, origin.y[0], step, y_limits);
            self.index[step] = y * width as u32 + x;
            self.right[step] = if nearest { 0.0 } else { right };
            self.down[step] = if nearest { 0.0 } else { down };
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

/// The whole part and the fraction of a number in 0..2³².
///
/// An f64 of 2⁵² or more has no fraction: the addition rounds, and leaves the integer in the low
/// bits. Conversion by `as` would saturate, which takes twice as long here.
fn split(number: f64) -> (u32, f32) {
    const WHOLE: f64 = (1_u64 << 52) as f64;
    let rounded = number + WHOLE - WHOLE;
    let floor = if rounded > number { rounded - 1.0 } else { rounded };
    ((floor + WHOLE).to_bits() as u32, (number - floor) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_split_at_the_point() {
        for number in [0.0, 0.25, 0.5, 0.999, 1.0, 1.5, 2.5, 3.0, 16_385.75, 4_294_967_295.5] {
            let (whole, fraction) = split(number);
            assert_eq!((whole, fraction), (number.floor() as u32, number.fract() as f32));
        }
    }
}
