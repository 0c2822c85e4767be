//! Winograd's algorithm, on every instruction set, against the definition in f64.

use crate::naive::{Axis, Conv, numbers, stale};
use tensor::kernels::isa::Isa;
use tensor::kernels::winograd::{Pass, WeightGradient};
use tensor::ops::conv2d as ops;
use tensor::{Conv2dAlgorithm, Conv2dGeometry, Conv2dOptions, Error, PadMode, Shape, Tensor};

const ISAS: [Isa; 3] = [Isa::Portable, Isa::Avx2, Isa::Avx512];

/// A 3×3 convolution of `[N, C, H, W]` to `O` channels; `None` where the kernel does not fit.
fn layer(
    channels: [usize; 3],
    size: [usize; 2],
    pads: [usize; 4],
) -> Option<(Conv, Conv2dGeometry)> {
    grouped_layer(channels, 1, size, pads)
}

/// The same with as many channels in each group.
fn grouped_layer(
    [batch, in_channels, out_channels]: [usize; 3],
    groups: usize,
    size: [usize; 2],
    pads: [usize; 4],
) -> Option<(Conv, Conv2dGeometry)> {
    let pad_mode = PadMode::Pad(pads);
    let [top, bottom, left, right] = pads;
    let height = Axis::new(size[0], 3, 1, 1, pad_mode, [top, bottom])?;
    let width = Axis::new(size[1], 3, 1, 1, pad_mode, [left, right])?;
    let conv = Conv { batch, groups, in_channels, out_channels, height, width };
    let options = Conv2dOptions::default().pad_mode(pad_mode).groups(groups);
    let options = options.algorithm(Conv2dAlgorithm::Winograd);
    let (input, weight) = (Shape::from(conv.input()), Shape::from(conv.weight()));
    Some((conv, Conv2dGeometry::new(&input, &weight, &options).unwrap()))
}

/// The source convolved group by group and band by band, into stale memory.
fn convolve(
    isa: Isa,
    passes: &[Pass],
    chunks: usize,
    source: &[f32],
    weight: &[f32],
    bias: Option<&[f32]>,
    len: usize,
) -> Vec<f32> {
    let mut output = stale(len);
    for (group, pass) in passes.iter().enumerate() {
        let mut scratch = stale(pass.scratch_len());
        let mut transformed = stale(pass.filter_blocks() * pass.filter_len());
        let weight = part(weight, group, passes.len());
        for (i, piece) in transformed.chunks_exact_mut(pass.filter_len()).enumerate() {
            pass.transform_filter(isa, weight, i, piece);
        }
        let bias = bias.map(|bias| part(bias, group, passes.len()));
        for mut band in pass.bands(chunks, &mut output) {
            scratch.fill(f32::NAN);
            band.convolve(isa, source, &transformed, bias, &mut scratch);
        }
    }
    output
}

fn part(all: &[f32], group: usize, groups: usize) -> &[f32] {
    &all[group * all.len() / groups..(group + 1) * all.len() / groups]
}

fn weight_gradient(isa: Isa, g: &Conv2dGeometry, x: &[f32], dy: &[f32]) -> Vec<f32> {
    let mut dw = stale(g.weight_shape().elements());
    let len = dw.len() / g.groups();
    for (group, dw) in dw.chunks_exact_mut(len).enumerate() {
        let gradient = WeightGradient::new(g, group);
        let mut pieces = stale(gradient.pieces() * gradient.piece_len());
        for (i, piece) in pieces.chunks_exact_mut(gradient.piece_len()).enumerate() {
            gradient.compute(isa, x, dy, i, piece, &mut stale(gradient.scratch_len()));
        }
        gradient.collect(&pieces, dw);
    }
    dw
}

/// The largest error, relative to the largest number expected.
fn error(found: &[f32], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let largest = expected.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
    let errors = found.iter().zip(expected).map(|(&a, b)| (f64::from(a) - b).abs());
    // A NaN stays.
    errors.fold(0.0_f64, |most, error| if error <= most { most } else { error })
        / if largest > 0.0 { largest } else { 1.0 }
}

/// The errors of y, dw and dx on every instruction set.
fn check(conv: &Conv, g: &Conv2dGeometry, tolerance: f64) {
    let len = |shape: [usize; 4]| shape.iter().product();
    let x = numbers::<f32>(len(conv.input()), 1);
    let w = numbers::<f32>(len(conv.weight()), 2);
    let b = numbers::<f32>(conv.groups * conv.out_channels, 3);
    let dy = numbers::<f32>(len(conv.output()), 4);
    let wide = |values: &[f32]| values.iter().map(|&x| f64::from(x)).collect::<Vec<_>>();
    let bias = conv.batch.is_multiple_of(2).then_some(&b[..]);
    let y = conv.forward(&wide(&x), &wide(&w), bias.map(wide).as_deref());
    let dw = conv.backward_weight(&wide(&x), &wide(&dy));
    let dx = conv.backward_input(&wide(&w), &wide(&dy));
    let passes = |pass: fn(&Conv2dGeometry, usize) -> Pass| {
        (0..g.groups()).map(|group| pass(g, group)).collect::<Vec<_>>()
    };
    let (forward, backward) = (passes(Pass::forward), passes(Pass::backward));
    for isa in ISAS {
        let chunks = 1 + conv.in_channels % 3;
        let errors = [
            error(&convolve(isa, &forward, chunks, &x, &w, bias, y.len()), &y),
            error(&weight_gradient(isa, g, &x, &dy), &dw),
            error(&convolve(isa, &backward, chunks, &dy, &w, None, dx.len()), &dx),
        ];
        let close = errors.iter().all(|&error| error <= tolerance);
        assert!(close, "y, dw, dx of {conv:?}, {isa}: {errors:?}");
    }
}

#[test]
fn every_size_and_padding_agrees_with_the_definition() {
    let mut checked = 0;
    for rows in 1..=10 {
        for columns in 1..=10 {
            for pads in [[0; 4], [1; 4], [0, 2, 1, 0], [2, 1, 0, 3], [4, 0, 5, 3]] {
                let batch = (rows + columns) % 3 + 1;
                let Some((conv, g)) = layer([batch, 2, 3], [rows, columns], pads) else { continue };
                check(&conv, &g, 5e-6);
                checked += 1;
            }
        }
    }
    assert!(checked > 400, "{checked}");
}

#[test]
fn groups_of_channels_agree_with_the_definition() {
    for (channels, groups) in [([2, 2, 3], 2), ([1, 1, 1], 3), ([3, 17, 20], 2), ([2, 32, 16], 3)] {
        let (conv, g) = grouped_layer(channels, groups, [9, 6], [1, 1, 0, 2]).unwrap();
        check(&conv, &g, 5e-6);
    }
}

#[test]
fn any_number_of_channels_agrees_with_the_definition() {
    for inputs in [1, 3, 15, 16, 17, 31, 33, 48, 70] {
        for outputs in [1, 5, 16, 18, 32, 40, 65] {
            let batch = (inputs + outputs) % 3;
            let (conv, g) = layer([batch, inputs, outputs], [6, 7], [1; 4]).unwrap();
            check(&conv, &g, 5e-6);
        }
    }
}

/// Segments that are cut from a row, chunks that cross images, chunks with an odd tile.
#[test]
fn every_cut_of_a_batch_agrees_with_the_definition() {
    for (batch, size) in [
        (1, [3, 150]),
        (2, [5, 113]),
        (1, [17, 80]),
        (9, [5, 5]),
        (40, [4, 4]),
        (3, [21, 21]),
        (1, [61, 3]),
        (5, [13, 29]),
    ] {
        let (conv, g) = layer([batch, 3, 4], size, [1; 4]).unwrap();
        check(&conv, &g, 5e-6);
    }
}

/// The error that the documentation names, for a layer of a size that the algorithm is chosen for.
#[test]
fn the_error_is_as_documented() {
    for channels in [16, 64, 128] {
        let (conv, g) = layer([1, channels, channels], [16, 16], [1; 4]).unwrap();
        check(&conv, &g, 3e-6);
    }
}

fn tensor(shape: &Shape, salt: u64) -> Tensor<f32> {
    Tensor::from_vec(shape, numbers::<f32>(shape.elements(), salt)).unwrap()
}

/// y, dw, db and dx as the tensors' operations compute them with that many threads.
fn operations(g: &Conv2dGeometry, threads: usize) -> [Tensor<f32>; 4] {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let (x, w) = (tensor(&g.input_shape(), 1), tensor(&g.weight_shape(), 2));
    let (b, dy) = (tensor(&[g.out_channels()].into(), 3), tensor(&g.output_shape(), 4));
    pool.install(|| {
        let y = ops::forward(g, &x, &w, Some(&b));
        let (dw, db) = ops::backward_parameters(g, &x, &dy, true);
        [y, dw, db.unwrap(), ops::backward_input(g, &w, &dy)]
    })
}

#[test]
fn the_bits_do_not_depend_on_the_number_of_threads() {
    let (conv, g) = layer([5, 33, 40], [30, 19], [1, 0, 1, 1]).unwrap();
    assert!(g.multiply_adds() > 20_000_000, "large enough to be split: {conv:?}");
    let one = operations(&g, 1);
    for threads in [2, 3, 7] {
        assert_eq!(operations(&g, threads), one, "{threads} threads");
    }
    // And the operations are these kernels.
    let (pass, isa) = ([Pass::forward(&g, 0)], tensor::kernels::isa::isa());
    let (x, w) = (tensor(&g.input_shape(), 1), tensor(&g.weight_shape(), 2));
    let b = tensor(&[g.out_channels()].into(), 3);
    let whole = pass[0].chunks();
    let (x, w, b) = (x.as_slice(), w.as_slice(), Some(b.as_slice()));
    let y = convolve(isa, &pass, whole, x, w, b, g.output_shape().elements());
    assert_eq!(one[0].as_slice(), y);
}

#[test]
fn an_algorithm_can_be_forced_and_all_agree() {
    let (_, g) = layer([3, 16, 18], [12, 12], [1; 4]).unwrap();
    let expected = operations(&g, 1);
    let options = Conv2dOptions::default().pad_mode(PadMode::all_sides(1));
    use Conv2dAlgorithm::{Auto, Gemm, Lanes, LanesWinograd, Rows};
    for algorithm in [Auto, Gemm, Rows, Lanes, LanesWinograd] {
        let options = options.algorithm(algorithm);
        let g = Conv2dGeometry::new(&g.input_shape(), &g.weight_shape(), &options).unwrap();
        let (x, w) = (tensor(&g.input_shape(), 1), tensor(&g.weight_shape(), 2));
        let (b, dy) = (tensor(&[18].into(), 3), tensor(&g.output_shape(), 4));
        let x = ops::arrange(&g, x);
        let dy = dy.into_layout(x.layout());
        let y = ops::forward(&g, &x, &w, Some(&b));
        let (dw, db) = ops::backward_parameters(&g, &x, &dy, true);
        let found = [y, dw, db.unwrap(), ops::backward_input(&g, &w, &dy)];
        let [dx, dw, db] = ops::backward(&g, &x, &w, &dy, [true; 3]);
        let found = found.map(Tensor::into_plain);
        let together = [dw, db, dx].map(|gradient| gradient.unwrap().into_plain());
        assert_eq!(together, found[1..], "{algorithm:?}: all at once");
        for (found, expected) in found.into_iter().zip(&expected) {
            let expected: Vec<_> = expected.as_slice().iter().map(|&x| f64::from(x)).collect();
            let error = error(found.as_slice(), &expected);
            assert!(error <= 5e-6, "{algorithm:?}: {error}");
        }
    }
}

#[test]
fn other_convolutions_are_refused() {
    let defaults = Conv2dOptions::default().algorithm(Conv2dAlgorithm::Winograd);
    let new = |kernel: [usize; 2], channels: usize, options: &Conv2dOptions| {
        let weight = Shape::from([4, channels, kernel[0], kernel[1]]);
        Conv2dGeometry::new(&Shape::from([1, 4, 9, 9]), &weight, options)
    };
    assert!(new([3, 3], 4, &defaults).is_ok());
    for found in [
        new([3, 5], 4, &defaults),
        new([1, 1], 4, &defaults),
        new([3, 3], 4, &defaults.stride([1, 2])),
        new([3, 3], 4, &defaults.dilation([2, 1])),
    ] {
        let error = found.unwrap_err();
        assert!(matches!(error, Error::Argument { argument: "algorithm", .. }), "{error}");
        assert!(error.to_string().contains("3x3 kernel with stride 1"), "{error}");
    }
}
