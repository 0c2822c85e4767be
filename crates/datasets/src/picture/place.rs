//! Ink into MNIST's frame.

use image::imageops::{self, FilterType};
use image::{ImageBuffer, Luma};
use ndarray::Array2;

/// The side of an image, and of the box that a digit is scaled into.
const SIDE: usize = 28;
const BOX: usize = 20;
/// Strokes thinner than this in the box, in pixels, are thickened to it: MNIST's thinnest.
const THINNEST: f32 = 1.6;
/// Ink that a pixel at the rim of a stroke has at least.
const RIM: f32 = 0.3;
/// How much finer than the box the picture is in which strokes are thickened.
const FINER: usize = 4;

type Grey = ImageBuffer<Luma<f32>, Vec<f32>>;

/// The ink cropped, scaled into 20×20 and centred by mass in 28×28. There must be some.
pub(super) fn as_mnist(ink: &Array2<f32>) -> Array2<u8> {
    let mut cropped = crop(ink, 0.0);
    if cropped.width().max(cropped.height()) > 2 * BOX as u32 {
        // In a large picture the soft rim of a stroke is not part of the digit.
        cropped = crop(ink, RIM);
    }
    let longest = cropped.width().max(cropped.height()) as usize;
    let width = stroke_width(&cropped) * BOX as f32 / longest as f32;
    let digit = if width < THINNEST {
        let fine = fit(&cropped, BOX * FINER);
        let radius = (THINNEST - width) / 2.0 * FINER as f32;
        fit(&full_contrast(dilate(&fine, radius)), BOX)
    } else {
        fit(&cropped, BOX)
    };
    centre(&digit)
}

/// The rectangle that holds all pixels with more ink than `least`.
fn crop(ink: &Array2<f32>, least: f32) -> Grey {
    let (mut top, mut bottom, mut left, mut right) = (usize::MAX, 0, usize::MAX, 0);
    for ((y, x), _) in ink.indexed_iter().filter(|(_, ink)| **ink > least) {
        (top, bottom) = (top.min(y), bottom.max(y));
        (left, right) = (left.min(x), right.max(x));
    }
    let (width, height) = ((right - left + 1) as u32, (bottom - top + 1) as u32);
    Grey::from_fn(width, height, |x, y| Luma([ink[[top + y as usize, left + x as usize]]]))
}

/// Scaled so that the longer side is `side`, with the proportions kept; what shrinks is averaged.
fn fit(digit: &Grey, side: usize) -> Grey {
    let (width, height) = digit.dimensions();
    let scale = side as f32 / width.max(height) as f32;
    let scaled = |length: u32| (length as f32 * scale).round().max(1.0) as u32;
    let mut scaled = imageops::resize(digit, scaled(width), scaled(height), FilterType::CatmullRom);
    // The filter sharpens, and so goes a little beyond.
    scaled.iter_mut().for_each(|ink| *ink = ink.clamp(0.0, 1.0));
    scaled
}

/// The mean width of the strokes: twice the area by the length of the outline, which is the total
/// variation of the ink, however soft its edges are.
fn stroke_width(digit: &Grey) -> f32 {
    let (width, height) = digit.dimensions();
    let ink = |x: i64, y: i64| {
        let inside = x >= 0 && y >= 0 && x < i64::from(width) && y < i64::from(height);
        if inside { digit.get_pixel(x as u32, y as u32).0[0] } else { 0.0 }
    };
    let (mut area, mut outline) = (0.0, 0.0);
    for y in -1..i64::from(height) {
        for x in -1..i64::from(width) {
            area += ink(x, y);
            outline += (ink(x + 1, y) - ink(x, y)).hypot(ink(x, y + 1) - ink(x, y));
        }
    }
    2.0 * area / outline
}

/// Every pixel as dark as the darkest within `radius`, on ground that is larger by that much.
fn dilate(digit: &Grey, radius: f32) -> Grey {
    let reach = radius.ceil() as i64;
    let (width, height) = (i64::from(digit.width()), i64::from(digit.height()));
    let disc: Vec<(i64, i64, f32)> = (-reach..=reach)
        .flat_map(|dy| (-reach..=reach).map(move |dx| (dx, dy)))
        .map(|(dx, dy)| (dx, dy, (radius + 1.0 - (dx as f32).hypot(dy as f32)).min(1.0)))
        .filter(|(_, _, share)| *share > 0.0)
        .collect();
    Grey::from_fn((width + 2 * reach) as u32, (height + 2 * reach) as u32, |x, y| {
        let around = disc.iter().map(|&(dx, dy, share)| {
            let (x, y) = (i64::from(x) - reach + dx, i64::from(y) - reach + dy);
            let inside = x >= 0 && y >= 0 && x < width && y < height;
            if inside { share * digit.get_pixel(x as u32, y as u32).0[0] } else { 0.0 }
        });
        Luma([around.fold(0.0, f32::max)])
    })
}

/// Thin strokes pale where they are averaged with the ground: the darkest is ink in full again.
fn full_contrast(mut digit: Grey) -> Grey {
    let darkest = digit.iter().copied().fold(0.0, f32::max);
    digit.iter_mut().for_each(|ink| *ink /= darkest);
    digit
}

/// The centre of mass in the middle, to the pixel, as far as the frame allows.
fn centre(digit: &Grey) -> Array2<u8> {
    let (width, height) = (digit.width() as usize, digit.height() as usize);
    let (mut mass, mut sum_x, mut sum_y) = (0.0, 0.0, 0.0);
    for (x, y, pixel) in digit.enumerate_pixels() {
        mass += pixel.0[0];
        sum_x += pixel.0[0] * x as f32;
        sum_y += pixel.0[0] * y as f32;
    }
    let start = |sum: f32, length: usize| {
        let start = (SIDE as f32 / 2.0 - sum / mass).round();
        start.clamp(0.0, (SIDE - length) as f32) as usize
    };
    let (left, top) = (start(sum_x, width), start(sum_y, height));
    let mut image = Array2::zeros((SIDE, SIDE));
    for (x, y, pixel) in digit.enumerate_pixels() {
        let value = (pixel.0[0] * 255.0).round().clamp(0.0, 255.0);
        image[[top + y as usize, left + x as usize]] = value as u8;
    }
    image
}
