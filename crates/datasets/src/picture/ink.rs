//! Which pixels of a picture are ink, and how much.

use image::RgbImage;
use ndarray::Array2;

/// The least distance from the background that can be ink, in levels of 255 for each of three
/// colours: √3 · 14. Paper has less, a pencil has more.
const LEAST: f32 = 24.0;
/// Ink below this is the noise of a compressed picture.
const EDGE: f32 = 0.05;
/// The share of the largest piece's ink below which a piece is a speck.
const SPECK: f32 = 0.04;

/// Pixels that the background is fitted to, at most about so many.
const FITTED: usize = 1 << 14;

/// How much ink is in each pixel, `[rows, columns]` in 0..=1; `None` where there is none.
pub(super) fn find(image: &RgbImage) -> Option<Array2<f32>> {
    let distance = distance_from(image, &background(image));
    let mut all = distance.to_owned().into_raw_vec_and_offset().0;
    // Half of a picture at least is background, so this is noise. In a clean picture it is 0.
    let noise = 3.5 * quantile(&mut all, 0.5);
    // A few pixels may be anything: dirt, reflections.
    let strongest = quantile(&mut all, 0.999);
    if strongest < LEAST || strongest < 2.0 * noise {
        return None;
    }
    all.retain(|&d| d >= strongest / 2.0);
    let full = quantile(&mut all, 0.75);
    let mut ink = distance.mapv_into(|d| ((d - noise) / (full - noise)).clamp(0.0, 1.0));
    remove_specks(&mut ink);
    Some(ink)
}

/// The value that a share of the values is not above; 0 where there is none.
fn quantile(values: &mut [f32], share: f64) -> f32 {
    match values.len().checked_sub(1) {
        Some(last) => {
            *values.select_nth_unstable_by((last as f64 * share).ceil() as usize, f32::total_cmp).1
        }
        None => 0.0,
    }
}

/// For each colour c₀, c₁ and c₂ of the background c₀ + c₁ u + c₂ v.
type Planes = [[f32; 3]; 3];

/// The place of pixel `i` of `n` in -1..1, so that the equations of the fit are of one size.
fn place(i: usize, n: usize) -> f32 {
    (2 * i + 1) as f32 / n as f32 - 1.0
}

/// The distance in colour from the background at (u, v).
fn distance(planes: &Planes, u: f32, v: f32, colour: [f32; 3]) -> f32 {
    let rests = planes.iter().zip(colour).map(|(p, c)| c - p[0] - p[1] * u - p[2] * v);
    rests.map(|rest| rest * rest).sum::<f32>().sqrt()
}

fn distance_from(image: &RgbImage, planes: &Planes) -> Array2<f32> {
    let (columns, rows) = (image.width() as usize, image.height() as usize);
    Array2::from_shape_fn((rows, columns), |(y, x)| {
        let colour = image.get_pixel(x as u32, y as u32).0.map(f32::from);
        distance(planes, place(x, columns), place(y, rows), colour)
    })
}

/// The background, fitted by least squares in which a pixel counts 1 / (1 + (d / s)²) (Cauchy's
/// weights; s is the median distance), beginning with the medians along the border: ink is far away
/// and hardly counts.
fn background(image: &RgbImage) -> Planes {
    let (columns, rows) = (image.width() as usize, image.height() as usize);
    let stride = ((columns * rows).div_ceil(FITTED) as f64).sqrt().ceil() as usize;
    let pixels: Vec<_> = (0..rows)
        .step_by(stride)
        .flat_map(|y| (0..columns).step_by(stride).map(move |x| (x, y)))
        .map(|(x, y)| {
            let colour = image.get_pixel(x as u32, y as u32).0.map(f32::from);
            (place(x, columns), place(y, rows), colour)
        })
        .collect();
    let mut planes = border_medians(image).map(|median| [median, 0.0, 0.0]);
    for _ in 0..5 {
        let distances: Vec<_> =
            pixels.iter().map(|&(u, v, colour)| distance(&planes, u, v, colour)).collect();
        let scale = quantile(&mut distances.clone(), 0.5).max(1.0);
        // Σ w a aᵀ and Σ w a c for a = (1, u, v).
        let (mut matrix, mut right) = ([[0.0_f64; 3]; 3], [[0.0_f64; 3]; 3]);
        for (&(u, v, colour), d) in pixels.iter().zip(distances) {
            let weight = f64::from(1.0 / (1.0 + (d / scale).powi(2)));
            let a = [1.0, u, v].map(f64::from);
            for i in 0..3 {
                for j in 0..3 {
                    matrix[i][j] += weight * a[i] * a[j];
                    right[i][j] += weight * a[j] * f64::from(colour[i]);
                }
            }
        }
        // A line of pixels has no slope across itself: this keeps it at 0.
        matrix[1][1] += 1e-6;
        matrix[2][2] += 1e-6;
        planes = right.map(|right| solve(matrix, right).map(|c| c as f32));
    }
    planes
}

/// The median of each colour along the border.
fn border_medians(image: &RgbImage) -> [f32; 3] {
    let (columns, rows) = image.dimensions();
    let border: Vec<_> = image
        .enumerate_pixels()
        .filter(|(x, y, _)| *x == 0 || *y == 0 || x + 1 == columns || y + 1 == rows)
        .map(|(_, _, pixel)| pixel.0)
        .collect();
    std::array::from_fn(|channel| {
        let mut values: Vec<_> = border.iter().map(|pixel| f32::from(pixel[channel])).collect();
        quantile(&mut values, 0.5)
    })
}

/// Solves a symmetric, positive definite system of three equations by elimination.
fn solve(mut matrix: [[f64; 3]; 3], mut right: [f64; 3]) -> [f64; 3] {
    for pivot in 0..3 {
        let equation = matrix[pivot];
        for row in pivot + 1..3 {
            let factor = matrix[row][pivot] / equation[pivot];
            for (below, above) in matrix[row].iter_mut().zip(equation) {
                *below -= factor * above;
            }
            right[row] -= factor * right[pivot];
        }
    }
    for row in (0..3).rev() {
        for column in row + 1..3 {
            right[row] -= matrix[row][column] * right[column];
        }
        right[row] /= matrix[row][row];
    }
    right
}

/// Empties every connected piece that has far less ink than the largest, and what is too faint to
/// be part of one.
fn remove_specks(ink: &mut Array2<f32>) {
    let (rows, columns) = ink.dim();
    let mut piece_of = Array2::from_elem((rows, columns), usize::MAX);
    let mut masses: Vec<f32> = Vec::new();
    let mut waiting = Vec::new();
    for start in ndarray::indices((rows, columns)) {
        if ink[start] <= EDGE || piece_of[start] != usize::MAX {
            continue;
        }
        let piece = masses.len();
        masses.push(0.0);
        piece_of[start] = piece;
        waiting.push(start);
        while let Some((y, x)) = waiting.pop() {
            masses[piece] += ink[[y, x]];
            for y in y.saturating_sub(1)..rows.min(y + 2) {
                for x in x.saturating_sub(1)..columns.min(x + 2) {
                    if ink[[y, x]] > EDGE && piece_of[[y, x]] == usize::MAX {
                        piece_of[[y, x]] = piece;
                        waiting.push((y, x));
                    }
                }
            }
        }
    }
    let largest = masses.iter().copied().fold(0.0, f32::max);
    for (ink, &piece) in ink.iter_mut().zip(&piece_of) {
        if masses.get(piece).is_none_or(|&mass| mass < SPECK * largest) {
            *ink = 0.0;
        }
    }
}
