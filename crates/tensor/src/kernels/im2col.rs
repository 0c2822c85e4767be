//! Between an image and its matrix of patches, in which a convolution is a matrix product
//! (Chellapilla, Puri, Simard 2006: "High performance convolutional neural networks for
//! document processing").
//!
//! The matrix has a row per (channel, kernel row, kernel column) and a column per output pixel,
//! so that a row is a shifted copy of a channel, contiguous for stride 1.

use super::isa::multiversion;
use crate::{Conv2dGeometry, Float};

multiversion! {
    /// Writes the matrix of patches `[C/groups · KH · KW, OH · OW]` of one group of one image
    /// `[C/groups, H, W]`; padding becomes 0. Overwrites all of `columns`.
    ///
    /// # Panics
    /// Where a slice does not have the length that the geometry gives.
    pub fn im2col<T: Float>(g: &Conv2dGeometry, image: &[T], columns: &mut [T]) {
        let (height, width) = (g.height(), g.width());
        assert_lengths(g, image.len(), columns.len());
        let mut rows = columns.chunks_exact_mut(height.output * width.output);
        for channel in image.chunks_exact(height.input * width.input) {
            for tap_y in 0..height.kernel {
                let (out_rows, first_y) = height.span(tap_y);
                for tap_x in 0..width.kernel {
                    let (out_columns, first_x) = width.span(tap_x);
                    let Some(row) = rows.next() else { return };
                    let (above, row) = row.split_at_mut(out_rows.start * width.output);
                    let (inside, below) = row.split_at_mut(out_rows.len() * width.output);
                    above.fill(T::ZERO);
                    below.fill(T::ZERO);
                    let mut y = first_y;
                    for row in inside.chunks_exact_mut(width.output) {
                        let (left, row) = row.split_at_mut(out_columns.start);
                        let (row, right) = row.split_at_mut(out_columns.len());
                        left.fill(T::ZERO);
                        right.fill(T::ZERO);
                        // A tap that never meets the image has no first pixel either.
                        if !row.is_empty() {
                            let pixels = &channel[y * width.input + first_x..];
                            gather(row, pixels, width.stride);
                        }
                        y += height.stride;
                    }
                }
            }
        }
    }
}

multiversion! {
    /// Sums a matrix of patches back into one group of one image, the adjoint of [`im2col`]:
    /// every pixel becomes the sum of its copies, in the order of the matrix's rows. Overwrites
    /// all of `image`.
    ///
    /// # Panics
    /// Where a slice does not have the length that the geometry gives.
    pub fn col2im<T: Float>(g: &Conv2dGeometry, columns: &[T], image: &mut [T]) {
        let (height, width) = (g.height(), g.width());
        assert_lengths(g, image.len(), columns.len());
        let mut rows = columns.chunks_exact(height.output * width.output);
        for channel in image.chunks_exact_mut(height.input * width.input) {
            channel.fill(T::ZERO);
            for tap_y in 0..height.kernel {
                let (out_rows, first_y) = height.span(tap_y);
                for tap_x in 0..width.kernel {
                    let (out_columns, first_x) = width.span(tap_x);
                    let Some(row) = rows.next() else { return };
                    if out_columns.is_empty() {
                        continue;
                    }
                    let row = &row[out_rows.start * width.output..out_rows.end * width.output];
                    let mut y = first_y;
                    for row in row.chunks_exact(width.output) {
                        let pixels = &mut channel[y * width.input + first_x..];
                        scatter(&row[out_columns.clone()], pixels, width.stride);
                        y += height.stride;
                    }
                }
            }
        }
    }
}

fn assert_lengths(g: &Conv2dGeometry, image: usize, columns: usize) {
    let (height, width) = (g.height(), g.width());
    let channels = g.in_channels() / g.groups();
    let taps = height.kernel * width.kernel;
    assert_eq!(image, channels * height.input * width.input, "one group of one image");
    assert_eq!(columns, channels * taps * height.output * width.output, "a matrix of patches");
}

/// row[i] := pixels[i · stride].
#[inline(always)]
fn gather<T: Float>(row: &mut [T], pixels: &[T], stride: usize) {
    if stride == 1 {
        row.copy_from_slice(&pixels[..row.len()]);
    } else {
        for (value, &pixel) in row.iter_mut().zip(pixels.iter().step_by(stride)) {
            *value = pixel;
        }
    }
}

/// pixels[i · stride] := pixels[i · stride] + row[i].
#[inline(always)]
fn scatter<T: Float>(row: &[T], pixels: &mut [T], stride: usize) {
    if stride == 1 {
        for (pixel, &value) in pixels.iter_mut().zip(row) {
            *pixel += value;
        }
    } else {
        for (pixel, &value) in pixels.iter_mut().step_by(stride).zip(row) {
            *pixel += value;
        }
    }
}
