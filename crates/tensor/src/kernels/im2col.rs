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
                    if out_columns.len() < width.output {
                        for row in inside.chunks_exact_mut(width.output) {
                            row[..out_columns.start].fill(T::ZERO);
                            row[out_columns.end..].fill(T::ZERO);
                        }
                    }
                    // A tap that never meets the image has no first pixel either.
                    if out_columns.is_empty() {
                        continue;
                    }
                    let mut start = first_y * width.input + first_x;
                    for row in inside.chunks_exact_mut(width.output) {
                        gather(&mut row[out_columns.clone()], &channel[start..], width.stride);
                        start += height.stride * width.input;
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
                    let mut start = first_y * width.input + first_x;
                    for row in row.chunks_exact(width.output) {
                        let pixels = &mut channel[start..];
                        scatter(&row[out_columns.clone()], pixels, width.stride);
                        start += height.stride * width.input;
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

/// A row shorter than this is copied in blocks: calling the system's copy would cost more.
const SHORT: usize = 64;

/// Pixels in a block.
const BLOCK: usize = 8;

/// row[i] := pixels[i · stride].
#[inline(always)]
fn gather<T: Float>(row: &mut [T], pixels: &[T], stride: usize) {
    if stride > 1 {
        for (value, &pixel) in row.iter_mut().zip(pixels.iter().step_by(stride)) {
            *value = pixel;
        }
        return;
    }
    let pixels = &pixels[..row.len()];
    match (row.last_chunk_mut::<BLOCK>(), pixels.last_chunk::<BLOCK>()) {
        (Some(last), Some(last_pixels)) if pixels.len() < SHORT => {
            // The last block overlaps the one before it, which costs less than a loop.
            *last = *last_pixels;
            for (block, pixels) in row.as_chunks_mut().0.iter_mut().zip(pixels.as_chunks().0) {
                let copied: [T; BLOCK] = *pixels;
                *block = copied;
            }
        }
        _ => row.copy_from_slice(pixels),
    }
}

/// pixels[i · stride] := pixels[i · stride] + row[i].
#[inline(always)]
fn scatter<T: Float>(row: &[T], pixels: &mut [T], stride: usize) {
    if stride > 1 {
        for (pixel, &value) in pixels.iter_mut().step_by(stride).zip(row) {
            *pixel += value;
        }
        return;
    }
    for (pixel, &value) in pixels.iter_mut().zip(row) {
        *pixel += value;
    }
}
