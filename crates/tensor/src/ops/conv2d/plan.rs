//! Which algorithm computes a convolution: the one place that decides, and why.

use crate::kernels::isa::{Isa, isa};
use crate::kernels::lanes::{LANES, winograd as lanes_winograd};
use crate::kernels::{rows, winograd};
use crate::{Conv2dAlgorithm, Conv2dGeometry, Float};

/// Bytes of sixteen interleaved images, or of one group of their channels, beyond which the
/// second-level cache no longer holds them.
const CACHED: usize = 2_500_000;

/// The algorithm for this convolution, all three passes: what its options ask for, or else the
/// one that was measured to be fastest. Only f32 has a choice.
pub fn algorithm<T: Float>(g: &Conv2dGeometry) -> Conv2dAlgorithm {
    match g.algorithm() {
        _ if T::f32s(&[]).is_none() => Conv2dAlgorithm::Gemm,
        Conv2dAlgorithm::Auto => fastest(isa(), g),
        wanted => wanted,
    }
}

/// A rough model of what was measured on Zen 4, as shares of the processor's peak, in
/// multiplications of the definition.
fn fastest(isa: Isa, g: &Conv2dGeometry) -> Conv2dAlgorithm {
    let candidates = [
        (Conv2dAlgorithm::Gemm, gemm(g)),
        (Conv2dAlgorithm::Rows, rows(g)),
        (Conv2dAlgorithm::Lanes, 0.95 * lanes(g)),
        (Conv2dAlgorithm::LanesWinograd, lanes_winograd(isa, g) * lanes(g)),
        (Conv2dAlgorithm::Winograd, winograd(g)),
    ];
    let best = candidates.into_iter().max_by(|(_, a), (_, b)| a.total_cmp(b));
    best.map_or(Conv2dAlgorithm::Gemm, |(algorithm, _)| algorithm)
}

/// Bound by how often a copied patch is used.
fn gemm(g: &Conv2dGeometry) -> f64 {
    let [inputs, outputs] = [g.in_channels(), g.out_channels()].map(|all| all / g.groups());
    3.0 / (2.0 / gemm_share(outputs) + 1.0 / gemm_share(inputs))
}

/// The share of the peak that implicit products reach: by the channels of the output in the
/// forward pass and for the weight, by those of the input for the gradient of the input. Measured
/// for 1, 4, 16, 32, 64 and 128: 0.04, 0.17, 0.54, 0.68, 0.8, 0.87.
fn gemm_share(channels: usize) -> f64 {
    let channels = channels as f64;
    0.85 * (channels / 25.0).min(channels / (channels + 9.0))
}

/// Multiplications of a convolution that is large enough for threads to share it.
const LARGE: u64 = 5_000_000;

/// With stride 1: 0.57 for few channels and 0.85 for more, and less where there are too few output
/// channels to share what is loaded. A 1×1 kernel has too few taps: half of a product. Large layers
/// are the product's, unless its share is small: the threads share whole images here, and nothing
/// of the weight's gradient.
fn rows(g: &Conv2dGeometry) -> f64 {
    let (inputs, outputs) = (g.in_channels() / g.groups(), g.out_channels() / g.groups());
    let large = g.multiply_adds() >= LARGE;
    if !rows::conv2d::fits(g) || g.is_pointwise() || (large && outputs >= 32) {
        return 0.0;
    }
    let share = if inputs * outputs >= 256 && !large { 0.85 } else { 0.57 };
    share * (outputs as f64 / 6.0).min(1.0)
}

/// The lanes that are used, of 16, and 0.42 of that where the images outgrow the cache. One image is
/// not worth it; with few, the layers that follow in this layout waste more than this one gains; and
/// large layers are better shared by threads, which whole sixteens are not.
fn lanes(g: &Conv2dGeometry) -> f64 {
    let samples = g.batch();
    if samples < 2 {
        return 0.0;
    }
    let used = samples as f64 / samples.next_multiple_of(LANES) as f64;
    let shared = if samples < LANES && g.multiply_adds() >= LARGE { 0.7 } else { 1.0 };
    let followed = if 2 * samples < LANES { 0.8 } else { 1.0 };
    used * shared * followed * if is_cached(g) { 1.0 } else { 0.42 }
}

/// Whether sixteen images, or one group of their channels, stay in the second-level cache.
fn is_cached(g: &Conv2dGeometry) -> bool {
    let image = g.in_channels() / g.groups() * g.height().input * g.width().input;
    image.saturating_mul(LANES * size_of::<f32>()) <= CACHED
}

/// Most bytes that a thread may need between the stages of tiles, several times as many as the images
/// that they are made of.
const MOST_SCRATCH: usize = 64_000_000;

/// What is left of the multiplications, at 0.93 of the peak, and the transforms.
fn lanes_winograd(isa: Isa, g: &Conv2dGeometry) -> f64 {
    if lanes_winograd::scratch_len(g).saturating_mul(size_of::<f32>()) > MOST_SCRATCH {
        return 0.0;
    }
    lanes_winograd::operations(isa, g).map_or(0.0, |[products, others]| {
        let definition = g.multiply_adds() as f64 / (g.batch().max(1) * g.groups()) as f64;
        definition / (products / 0.93 + others)
    })
}

/// A quarter of the multiplications, at 0.93 of the peak, and the transforms of sixteen channels
/// of a tile or sixteen kernels, in multiplications that would take as long. Layers with fewer
/// than sixteen channels gain little and keep the smaller rounding error.
fn winograd(g: &Conv2dGeometry) -> f64 {
    let groups = g.groups() as f64;
    let [channels, outputs] = [g.in_channels(), g.out_channels()].map(|all| all / g.groups());
    if !winograd::Pass::applies(g) || channels.min(outputs) < LANES {
        return 0.0;
    }
    let blocks = |channels: usize| channels.div_ceil(LANES) as f64;
    let tiles = g.batch() * g.height().output.div_ceil(4) * g.width().output.div_ceil(4);
    let (tiles, inputs) = (tiles as f64, channels as f64);
    let products = tiles * inputs * blocks(outputs) * (36 * LANES) as f64 / 0.93;
    let transforms = tiles * (blocks(channels) + blocks(outputs)) * 7800.0;
    let kernels = inputs * blocks(outputs) * 9300.0;
    g.multiply_adds() as f64 / groups / (products + transforms + kernels)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Conv2dOptions, PadMode, Shape};

    fn layer(
        [samples, inputs, outputs, side, kernel]: [usize; 5],
        groups: usize,
    ) -> Conv2dGeometry {
        let image = Shape::from([samples, inputs, side, side]);
        let weight = Shape::from([outputs, inputs / groups, kernel, kernel]);
        let padding = PadMode::all_sides(kernel / 2);
        let options = Conv2dOptions::default().pad_mode(padding).groups(groups);
        Conv2dGeometry::new(&image, &weight, &options).unwrap()
    }

    #[test]
    fn each_algorithm_is_chosen_where_it_was_measured_to_pay() {
        use Conv2dAlgorithm::{Gemm, Lanes, LanesWinograd, Rows, Winograd};
        // Samples, channels in and out, side of the image, side of the kernel.
        let cases = [
            // LeNet-5's two, in whole and in small shards, and for one image.
            ([16, 1, 6, 32, 5], LanesWinograd),
            ([16, 6, 16, 14, 5], LanesWinograd),
            ([3, 1, 6, 32, 5], Rows),
            ([8, 6, 16, 14, 5], LanesWinograd),
            ([6, 6, 16, 14, 5], LanesWinograd),
            ([4, 6, 16, 14, 5], Rows),
            ([2, 6, 16, 14, 5], Rows),
            ([1, 1, 6, 32, 5], Rows),
            ([9, 1, 6, 32, 5], LanesWinograd),
            ([8, 1, 6, 32, 5], Rows),
            // Middling and large layers.
            ([16, 32, 32, 28, 5], LanesWinograd),
            ([8, 32, 32, 28, 5], LanesWinograd),
            ([4, 32, 32, 28, 5], Gemm),
            ([16, 64, 64, 56, 5], LanesWinograd),
            ([4, 64, 64, 56, 5], Gemm),
            // Too much memory between the stages.
            ([16, 64, 64, 112, 5], Gemm),
            ([16, 8, 8, 28, 3], LanesWinograd),
            ([16, 3, 32, 32, 3], LanesWinograd),
            ([1, 3, 64, 56, 3], Gemm),
            ([8, 64, 64, 56, 1], Gemm),
            ([1, 64, 64, 56, 5], Gemm),
            ([1, 16, 16, 14, 5], Rows),
            ([1, 3, 16, 112, 5], Rows),
            ([16, 16, 16, 28, 3], LanesWinograd),
            ([16, 64, 64, 14, 3], LanesWinograd),
            ([16, 32, 32, 14, 3], LanesWinograd),
            ([16, 16, 16, 14, 3], LanesWinograd),
            ([16, 3, 64, 56, 7], Lanes),
            ([16, 24, 24, 56, 3], Winograd),
            ([16, 32, 32, 7, 3], LanesWinograd),
            ([16, 64, 64, 7, 3], LanesWinograd),
            ([8, 64, 64, 56, 3], Winograd),
            ([8, 128, 128, 28, 3], Winograd),
            ([1, 16, 16, 32, 3], Winograd),
            // An empty batch, by whichever.
            ([0, 1, 6, 32, 5], Rows),
        ];
        for (sizes, expected) in cases {
            assert_eq!(fastest(Isa::Avx512, &layer(sizes, 1)), expected, "{sizes:?}");
            assert_eq!(algorithm::<f64>(&layer(sizes, 1)), Gemm, "{sizes:?}");
        }
        for (groups, expected) in [(4, Winograd), (32, LanesWinograd), (128, Lanes)] {
            let g = layer([8, 128, 128, 28, 3], groups);
            assert_eq!(fastest(Isa::Avx512, &g), expected, "{groups} groups");
        }
        // Where there are few registers, less is gained by tiles.
        for (channels, expected) in [(1, Lanes), (6, LanesWinograd)] {
            let g = layer([16, channels, 16, 14, 5], 1);
            assert_eq!(fastest(Isa::Avx2, &g), expected, "{channels} channels");
        }
    }
}
