//! Convolution kernels against their definition, exhaustively on small sizes.

use crate::naive::{Axis, Conv, assert_close, dot, numbers, stale};
use tensor::kernels::isa::Isa;
use tensor::kernels::{conv2d, implicit};
use tensor::{Conv2dGeometry, Conv2dOptions, Float, PadMode, Shape};

const MODES: [PadMode; 5] = [
    PadMode::Valid,
    PadMode::Same,
    PadMode::Pad([1, 1, 1, 1]),
    PadMode::Pad([0, 2, 1, 0]),
    PadMode::Pad([2, 1, 0, 3]),
];

fn axes(size: [usize; 2], kernel: [usize; 2], options: &Conv2dOptions) -> Option<[Axis; 2]> {
    let Conv2dOptions { stride, pad_mode, dilation, .. } = *options;
    let pads = match pad_mode {
        PadMode::Pad([top, bottom, left, right]) => [[top, bottom], [left, right]],
        _ => [[0; 2]; 2],
    };
    let axis = |i: usize| Axis::new(size[i], kernel[i], stride[i], dilation[i], pad_mode, pads[i]);
    Some([axis(0)?, axis(1)?])
}

/// The geometry of the same convolution; the two must agree about what fits and what comes out.
fn geometry(
    [batch, groups, in_channels, out_channels]: [usize; 4],
    size: [usize; 2],
    kernel: [usize; 2],
    options: Conv2dOptions,
) -> Option<(Conv, Conv2dGeometry)> {
    let options = options.groups(groups);
    let input = Shape::from([batch, groups * in_channels, size[0], size[1]]);
    let weight = Shape::from([groups * out_channels, in_channels, kernel[0], kernel[1]]);
    let checked = Conv2dGeometry::new(&input, &weight, &options);
    let Some([height, width]) = axes(size, kernel, &options) else {
        assert!(checked.is_err(), "{input} {weight} {options:?}");
        return None;
    };
    let g = checked.unwrap();
    let conv = Conv { batch, groups, in_channels, out_channels, height, width };
    assert_eq!(g.output_shape(), Shape::from(conv.output()), "{conv:?}");
    assert_eq!((g.input_shape(), g.weight_shape()), (input, weight));
    Some((conv, g))
}

/// Everything the kernels compute for one geometry, each into stale memory.
struct Results<T> {
    y: Vec<T>,
    dw: Vec<T>,
    dx: Vec<T>,
    db: Vec<T>,
}

fn run<T: Float>(g: &Conv2dGeometry, x: &[T], w: &[T], b: Option<&[T]>, dy: &[T]) -> Results<T> {
    let (mut y, mut dw, mut dx) = (stale(dy.len()), stale(w.len()), stale(x.len()));
    let mut db = vec![T::ZERO; g.out_channels()];
    conv2d::forward(g, x, w, b, &mut y, &mut stale(g.scratch_len()));
    conv2d::backward_weight(g, x, dy, &mut dw, &mut stale(g.scratch_len()));
    conv2d::backward_input(g, w, dy, &mut dx, &mut stale(g.scratch_len()));
    for dy in dy.chunks_exact((dy.len() / g.batch().max(1)).max(1)) {
        let mut sums = stale(db.len());
        conv2d::plane_sums(dy, &mut sums);
        for (db, sum) in db.iter_mut().zip(sums) {
            *db += sum;
        }
    }
    Results { y, dw, dx, db }
}

fn operands<T: Float>(conv: &Conv) -> [Vec<T>; 4] {
    let len = |shape: [usize; 4]| shape.iter().product();
    [
        numbers(len(conv.input()), 1),
        numbers(len(conv.weight()), 2),
        numbers(conv.output()[1], 3),
        numbers(len(conv.output()), 4),
    ]
}

fn compare<T: Float>(conv: &Conv, g: &Conv2dGeometry, tolerance: f64) {
    let [x, w, b, dy] = operands::<T>(conv);
    let bias = conv.batch.is_multiple_of(2).then_some(&b[..]);
    let found = run(g, &x, &w, bias, &dy);
    let check = |what: &str, found: &[T], expected: Vec<T>| {
        assert_close(found, &expected, tolerance, || format!("{what} of {conv:?}"));
    };
    check("y", &found.y, conv.forward(&x, &w, bias));
    check("dw", &found.dw, conv.backward_weight(&x, &dy));
    check("dx", &found.dx, conv.backward_input(&w, &dy));
    check("db", &found.db, conv.backward_bias(&dy));
    let f32s = (T::f32s(&x), T::f32s(&w), T::f32s(&dy));
    if let (Some(x), Some(w), Some(dy)) = f32s {
        for isa in [Isa::Portable, Isa::Avx2, Isa::Avx512] {
            let implicit = run_implicit(isa, g, x, w, bias.and_then(T::f32s), dy);
            let check = |what: &str, found: &[f32], expected: Vec<f32>| {
                assert_close(found, &expected, tolerance, || format!("{isa}: {what} of {conv:?}"));
            };
            check("y", &implicit.y, conv.forward(x, w, bias.and_then(T::f32s)));
            check("dw", &implicit.dw, conv.backward_weight(x, dy));
            check("dx", &implicit.dx, conv.backward_input(w, dy));
        }
    }
}

/// The implicit products, each output in two parts that meet where no image or group ends.
fn run_implicit(
    isa: Isa,
    g: &Conv2dGeometry,
    x: &[f32],
    w: &[f32],
    bias: Option<&[f32]>,
    dy: &[f32],
) -> Results<f32> {
    let (mut y, mut dw, mut dx) = (stale(dy.len()), stale(w.len()), stale(x.len()));
    let parts = |channels: usize| [0..channels / 3, channels / 3..channels];
    let pixels = g.height().output * g.width().output;
    let pointwise = [g.height(), g.width()]
        .iter()
        .all(|axis| [axis.kernel, axis.stride, axis.pad_before + axis.pad_after] == [1, 1, 0]);
    let [mut packed, mut flipped] = [stale(w.len()), stale(w.len())];
    implicit::pack(isa, g, w, 0..g.out_channels(), &mut packed);
    implicit::flip(isa, g, w, 0..g.in_channels(), &mut flipped);
    let [packed, flipped] = [packed, flipped].map(|own| if pointwise { w.to_vec() } else { own });
    for range in parts(g.batch() * g.out_channels()) {
        let y = &mut y[range.start * pixels..range.end * pixels];
        let mut scratch = stale(implicit::forward_scratch_len(g));
        implicit::forward(isa, g, x, &packed, bias, range, y, &mut scratch);
    }
    let columns = g.out_channels() / g.groups();
    let mut transposed = stale(w.len());
    for range in parts(w.len() / columns) {
        let dw = &mut transposed[range.start * columns..range.end * columns];
        let mut scratch = stale(implicit::backward_weight_scratch_len(g));
        implicit::backward_weight(isa, g, x, dy, range, dw, &mut scratch);
    }
    implicit::untranspose(g, &transposed, &mut dw);
    let image = g.height().input * g.width().input;
    for range in parts(g.batch() * g.in_channels()) {
        let dx = &mut dx[range.start * image..range.end * image];
        let mut scratch = stale(implicit::backward_input_scratch_len(g));
        implicit::backward_input(isa, g, &flipped, dy, range, dx, &mut scratch);
    }
    Results { y, dw, dx, db: Vec::new() }
}

/// Every pair of axes, for one small set of channels.
#[test]
fn every_window_agrees_with_the_definition() {
    let mut checked = 0;
    let sizes = |most: usize| (0..most * most).map(move |i| [i / most + 1, i % most + 1]);
    for size in sizes(5) {
        for kernel in sizes(3) {
            for stride in sizes(3) {
                for dilation in sizes(2) {
                    for pad_mode in MODES {
                        let options = Conv2dOptions::default()
                            .stride(stride)
                            .pad_mode(pad_mode)
                            .dilation(dilation);
                        let found = geometry([1, 1, 1, 2], size, kernel, options);
                        let Some((conv, g)) = found else { continue };
                        compare::<f64>(&conv, &g, 1e-12);
                        compare::<f32>(&conv, &g, 1e-5);
                        checked += 1;
                    }
                }
            }
        }
    }
    assert!(checked > 20_000, "{checked}");
}

/// Every combination of batch, groups and channels, for windows that differ between the axes.
#[test]
fn every_batch_and_grouping_agrees_with_the_definition() {
    let mut checked = 0;
    for channels in (0..3 * 3 * 3 * 3).map(|i| [i / 27, i / 9 % 3 + 1, i / 3 % 3 + 1, i % 3 + 1]) {
        for (size, kernel) in
            [([5, 4], [3, 2]), ([4, 5], [1, 1]), ([3, 3], [3, 3]), ([1, 5], [1, 3])]
        {
            for (stride, dilation) in [([1, 1], [1, 1]), ([2, 1], [1, 2]), ([1, 3], [2, 1])] {
                for pad_mode in MODES {
                    let options = Conv2dOptions::default()
                        .stride(stride)
                        .pad_mode(pad_mode)
                        .dilation(dilation);
                    let found = geometry(channels, size, kernel, options);
                    let Some((conv, g)) = found else { continue };
                    compare::<f64>(&conv, &g, 1e-12);
                    compare::<f32>(&conv, &g, 1e-5);
                    checked += 1;
                }
            }
        }
    }
    assert!(checked > 2_000, "{checked}");
}

/// Sizes beyond one register block or cache block of the matrix product.
#[test]
fn larger_layers_agree_with_the_definition() {
    let cases = [
        ([3, 1, 6, 16], [14, 14], [5, 5], PadMode::Valid),
        ([2, 1, 3, 40], [17, 19], [7, 7], PadMode::all_sides(3)),
        ([2, 1, 40, 24], [9, 9], [3, 3], PadMode::Same),
        ([2, 24, 1, 1], [13, 11], [3, 3], PadMode::Same),
        ([2, 2, 33, 17], [8, 8], [1, 1], PadMode::Valid),
        ([2, 1, 16, 120], [5, 5], [5, 5], PadMode::Valid),
        ([2, 1, 30, 18], [37, 45], [3, 3], PadMode::all_sides(1)),
        // More than one strip, in the forward pass and in the gradient of the input.
        ([1, 1, 2, 3], [75, 70], [3, 3], PadMode::Same),
        ([1, 1, 130, 2], [46, 44], [3, 3], PadMode::all_sides(1)),
    ];
    for (channels, size, kernel, pad_mode) in cases {
        for stride in [[1, 1], [2, 2], [3, 2]] {
            let options = Conv2dOptions::default().pad_mode(pad_mode).stride(stride);
            let (conv, g) = geometry(channels, size, kernel, options).unwrap();
            compare::<f64>(&conv, &g, 1e-12);
            compare::<f32>(&conv, &g, 1e-4);
        }
    }
}

/// ⟨conv(x, w), dy⟩ = ⟨x, dx⟩ = ⟨w, dw⟩, because the convolution is linear in x and in w.
#[test]
fn gradients_are_adjoints() {
    for pad_mode in MODES {
        for stride in [[1, 1], [2, 3]] {
            let options = Conv2dOptions::default().pad_mode(pad_mode).stride(stride);
            let (conv, g) = geometry([2, 2, 3, 4], [8, 7], [3, 2], options).unwrap();
            let [x, w, _, dy] = operands::<f64>(&conv);
            let found = run(&g, &x, &w, None, &dy);
            let forward = dot(&found.y, &dy);
            assert!(
                (forward - dot(&x, &found.dx)).abs() < 1e-12 * (1.0 + forward.abs()),
                "{conv:?}"
            );
            assert!(
                (forward - dot(&w, &found.dw)).abs() < 1e-12 * (1.0 + forward.abs()),
                "{conv:?}"
            );
        }
    }
}

#[test]
fn a_batch_gives_the_bits_of_its_images() {
    for (kernel, groups) in [([3, 3], 1), ([3, 2], 2), ([1, 1], 2), ([3, 3], 3)] {
        let options = Conv2dOptions::default().pad_mode(PadMode::Pad([1, 0, 2, 1]));
        let channels = [5, groups, 2, 3];
        let (conv, g) = geometry(channels, [9, 10], kernel, options).unwrap();
        let (_, single) = geometry([1, groups, 2, 3], [9, 10], kernel, options).unwrap();
        let [x, w, b, dy] = operands::<f32>(&conv);
        let batch = run(&g, &x, &w, Some(&b), &dy);
        let (image, output) = (x.len() / 5, dy.len() / 5);
        for n in 0..5 {
            let (x, dy) = (&x[n * image..][..image], &dy[n * output..][..output]);
            let one = run(&single, x, &w, Some(&b), dy);
            assert_eq!(one.y, batch.y[n * output..][..output], "image {n}");
            assert_eq!(one.dx, batch.dx[n * image..][..image], "image {n}");
        }
    }
}

/// A grouped convolution is one convolution per slice of the channels.
#[test]
fn groups_are_convolutions_of_slices() {
    for (groups, pad_mode) in [(2, PadMode::Same), (3, PadMode::Valid), (4, PadMode::Same)] {
        let options = Conv2dOptions::default().pad_mode(pad_mode);
        let (conv, g) = geometry([1, groups, 2, 3], [6, 5], [3, 3], options).unwrap();
        let (_, slice) = geometry([1, 1, 2, 3], [6, 5], [3, 3], options).unwrap();
        let [x, w, b, dy] = operands::<f32>(&conv);
        let all = run(&g, &x, &w, Some(&b), &dy);
        let part = |values: &[f32], group: usize| {
            let len = values.len() / groups;
            values[group * len..][..len].to_vec()
        };
        for i in 0..groups {
            let bias = part(&b, i);
            let one = run(&slice, &part(&x, i), &part(&w, i), Some(&bias), &part(&dy, i));
            assert_eq!(one.y, part(&all.y, i));
            assert_eq!(one.dx, part(&all.dx, i));
            assert_eq!(one.dw, part(&all.dw, i));
            assert_eq!(one.db, part(&all.db, i));
        }
    }
}

#[test]
fn an_empty_batch_has_zero_gradients() {
    let (conv, g) = geometry([0, 1, 2, 3], [4, 4], [3, 3], Conv2dOptions::default()).unwrap();
    assert_eq!(conv.output(), [0, 3, 2, 2]);
    let found = run::<f32>(&g, &[], &[1.0; 54], Some(&[1.0; 3]), &[]);
    assert!(found.y.is_empty() && found.dx.is_empty());
    assert_eq!((found.dw, found.db), (vec![0.0; 54], vec![0.0; 3]));
}
