//! Every kernel in every instruction set against plain loops in f64.

use tensor::kernels::isa::Isa;
use tensor::kernels::lanes::dense::{self, Dense};
use tensor::kernels::lanes::{LANES, conv2d, layout, padded_len, pool2d, winograd};
use tensor::{
    Conv2dGeometry, Conv2dOptions, PadMode, Pool2dGeometry, Pool2dOptions, Shape, WindowAxis,
};

const ISAS: [Isa; 3] = [Isa::Portable, Isa::Avx2, Isa::Avx512];

/// Reproducible numbers between -1 and 1.
struct Numbers(u64);

impl Numbers {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        self.0 >> 33
    }

    fn below(&mut self, end: usize) -> usize {
        self.bits() as usize % end
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    fn vec(&mut self, len: usize) -> Vec<f32> {
        (0..len).map(|_| self.bits() as f32 / (1u64 << 30) as f32 - 1.0).collect()
    }
}

/// A slice that ends where it must and starts at an odd address, so that alignment is not assumed.
fn nan(len: usize) -> Vec<f32> {
    vec![f32::NAN; len]
}

fn interleave(batch: usize, plain: &[f32]) -> Vec<f32> {
    let sample = plain.len().checked_div(batch).unwrap_or(0);
    let mut lanes = vec![0.0; padded_len(batch, sample)];
    for (i, &value) in plain.iter().enumerate() {
        let (image, at) = (i / sample, i % sample);
        lanes[((image / LANES) * sample + at) * LANES + image % LANES] = value;
    }
    lanes
}

fn deinterleave(batch: usize, lanes: &[f32]) -> Vec<f32> {
    let sample = if batch == 0 { 0 } else { lanes.len() / (batch.div_ceil(LANES) * LANES) };
    let value = |i: usize| {
        let (image, at) = (i / sample, i % sample);
        lanes[((image / LANES) * sample + at) * LANES + image % LANES]
    };
    (0..batch * sample).map(value).collect()
}

#[track_caller]
fn assert_close(found: &[f32], expected: &[f64], what: &str) {
    assert_within(3e-6, found, expected, what);
}

#[track_caller]
fn assert_within(tolerance: f64, found: &[f32], expected: &[f64], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let scale = expected.iter().fold(1.0_f64, |most, x| most.max(x.abs()));
    for (i, (&found, &expected)) in found.iter().zip(expected).enumerate() {
        let error = (f64::from(found) - expected).abs();
        assert!(error <= tolerance * scale, "{what} at {i}: {found}, expected {expected}");
    }
}

/// The pixel that a window's tap reads, if it is not padding.
fn pixel(axis: &WindowAxis, output: usize, tap: usize) -> Option<usize> {
    (output * axis.stride + tap * axis.dilation)
        .checked_sub(axis.pad_before)
        .filter(|&pixel| pixel < axis.input)
}

/// y without bias, dw, dx and db of a convolution, plain.
fn naive_conv2d(g: &Conv2dGeometry, x: &[f32], w: &[f32], dy: &[f32]) -> [Vec<f64>; 4] {
    let (height, width) = (g.height(), g.width());
    let (inputs, outputs) = (g.in_channels() / g.groups(), g.out_channels() / g.groups());
    let (mut y, mut dw) = (vec![0.0; dy.len()], vec![0.0; w.len()]);
    let (mut dx, mut db) = (vec![0.0; x.len()], vec![0.0; g.out_channels()]);
    let mut at = 0;
    for image in 0..g.batch() {
        for (o, db) in db.iter_mut().enumerate() {
            for oy in 0..height.output {
                for ox in 0..width.output {
                    *db += f64::from(dy[at]);
                    for c in 0..inputs {
                        for ky in 0..height.kernel {
                            for kx in 0..width.kernel {
                                let (Some(iy), Some(ix)) =
                                    (pixel(height, oy, ky), pixel(width, ox, kx))
                                else {
                                    continue;
                                };
                                let channel = o / outputs * inputs + c;
                                let from = ((image * g.in_channels() + channel) * height.input
                                    + iy)
                                    * width.input
                                    + ix;
                                let tap =
                                    ((o * inputs + c) * height.kernel + ky) * width.kernel + kx;
                                y[at] += f64::from(x[from]) * f64::from(w[tap]);
                                dw[tap] += f64::from(x[from]) * f64::from(dy[at]);
                                dx[from] += f64::from(w[tap]) * f64::from(dy[at]);
                            }
                        }
                    }
                    at += 1;
                }
            }
        }
    }
    [y, dw, dx, db]
}

fn check_conv2d(
    batch: usize,
    input: [usize; 3],
    weight: [usize; 3],
    options: &Conv2dOptions,
) -> bool {
    let [channels, rows, columns] = input;
    let [out_channels, kernel_rows, kernel_columns] = weight;
    let shapes = [
        Shape::from([batch, channels, rows, columns]),
        Shape::from([out_channels, channels / options.groups, kernel_rows, kernel_columns]),
    ];
    let Ok(g) = Conv2dGeometry::new(&shapes[0], &shapes[1], options) else { return false };
    let mut numbers = Numbers((batch * 31 + channels * 7 + rows + columns * 3) as u64);
    let x = numbers.vec(shapes[0].elements());
    let w = numbers.vec(shapes[1].elements());
    let bias = numbers.vec(out_channels);
    let dy = numbers.vec(g.output_shape().elements());
    let [y, dw, dx, db] = naive_conv2d(&g, &x, &w, &dy);
    let pixels = g.height().output * g.width().output;
    let with_bias = |relu: bool| -> Vec<f64> {
        let biased = y.iter().enumerate().map(|(i, y)| {
            let y = y + f64::from(bias[i / pixels % out_channels]);
            if relu { y.max(0.0) } else { y }
        });
        biased.collect()
    };
    let (lanes_x, lanes_dy) = (interleave(batch, &x), interleave(batch, &dy));
    for isa in ISAS {
        let what = |pass: &str| format!("{pass} {isa:?} {g:?}");
        let mut found = nan(lanes_dy.len());
        conv2d::forward(isa, &g, &lanes_x, &w, None, false, &mut found);
        assert_close(&deinterleave(batch, &found), &y, &what("forward"));
        for relu in [false, true] {
            let mut found = nan(lanes_dy.len());
            conv2d::forward(isa, &g, &lanes_x, &w, Some(&bias), relu, &mut found);
            assert_close(&deinterleave(batch, &found), &with_bias(relu), &what("bias"));
        }
        let mut found = nan(lanes_x.len());
        conv2d::backward_input(isa, &g, &w, &lanes_dy, &mut found);
        assert_close(&deinterleave(batch, &found), &dx, &what("input gradient"));
        let mut scratch = nan(conv2d::backward_weight_scratch_len(&g));
        for bias in [false, true] {
            let (mut found, mut sums) = (nan(w.len()), nan(out_channels));
            conv2d::backward_weight(
                isa,
                &g,
                &lanes_x,
                &lanes_dy,
                &mut found,
                bias.then_some(&mut sums),
                &mut scratch,
            );
            assert_close(&found, &dw, &what("weight gradient"));
            if bias {
                assert_within(3e-5, &sums, &db, &what("bias gradient"));
            }
        }
        if winograd::applies(&g) {
            // Where columns are cut too, errors are those of both directions; the weight's gradient
            // is the sum of few products where samples and outputs are few.
            let few = (channels / options.groups).min(out_channels / options.groups) < 5;
            let square = kernel_rows == kernel_columns && !few;
            let [forward, of_input, of_weight] =
                if square { [6e-6, 3e-5, 5e-5] } else { [3e-6, 3e-6, 1e-5] };
            let mut scratch = nan(winograd::scratch_len(&g));
            for (bias, y) in [(None, &y), (Some(&bias[..]), &with_bias(false))] {
                let mut found = nan(lanes_dy.len());
                winograd::forward(isa, &g, &lanes_x, &w, bias, &mut found, &mut scratch);
                let found = deinterleave(batch, &found);
                assert_within(forward, &found, y, &what("tiled forward"));
                scratch.fill(f32::NAN);
            }
            for wanted in 1..8 {
                scratch.fill(f32::NAN);
                let [wants_x, wants_w, wants_b] = [1, 2, 4].map(|bit| wanted & bit != 0);
                if wants_b && !wants_w {
                    continue;
                }
                let mut found = [nan(lanes_x.len()), nan(w.len()), nan(out_channels)];
                let [dx_found, dw_found, db_found] = &mut found;
                let input = wants_x.then_some(winograd::InputGradient { w: &w, dx: dx_found });
                let parameters = wants_w.then_some(winograd::ParameterGradients {
                    x: &lanes_x,
                    dw: dw_found,
                    db: wants_b.then_some(db_found),
                });
                winograd::backward(isa, &g, &lanes_dy, input, parameters, &mut scratch);
                let [dx_found, dw_found, db_found] = &found;
                if wants_x {
                    let dx_found = deinterleave(batch, dx_found);
                    assert_within(of_input, &dx_found, &dx, &what("tiled input gradient"));
                }
                if wants_w {
                    assert_within(of_weight, dw_found, &dw, &what("tiled weight gradient"));
                }
                if wants_b {
                    assert_within(3e-5, db_found, &db, &what("tiled bias gradient"));
                }
            }
        }
    }
    true
}

#[test]
fn conv2d_agrees_with_plain_loops_at_all_small_sizes() {
    let mut checked = 0;
    for kernel in 1..=5 {
        for size in 1..=6 {
            for [stride, dilation, pad] in
                [[1, 1, 0], [1, 1, 2], [2, 1, 0], [3, 1, 1], [1, 2, 1], [2, 3, 4], [3, 2, 2]]
            {
                let options = Conv2dOptions::default()
                    .stride([stride; 2])
                    .dilation([dilation, 1])
                    .pad_mode(PadMode::Pad([pad, 0, pad / 2, pad]));
                let channels = 1 + (kernel + size) % 3;
                let input = [channels, size, 1 + size % 4];
                let weight = [1 + kernel % 4, kernel, 1 + size % kernel];
                checked += usize::from(check_conv2d(3, input, weight, &options));
            }
        }
    }
    assert!(checked > 100, "{checked}");
}

#[test]
fn conv2d_agrees_with_plain_loops_at_random_sizes() {
    let mut numbers = Numbers(1);
    let mut checked = 0;
    for _ in 0..400 {
        let groups = numbers.pick(&[1, 1, 1, 2, 3]);
        let options = Conv2dOptions::default()
            .stride([1 + numbers.below(3), 1 + numbers.below(3)])
            .dilation([1 + numbers.below(2), 1 + numbers.below(3)])
            .groups(groups)
            .pad_mode(match numbers.below(3) {
                0 => PadMode::Valid,
                1 => PadMode::Same,
                _ => PadMode::Pad([0; 4].map(|_| numbers.below(4))),
            });
        let input = [groups * (1 + numbers.below(5)), 1 + numbers.below(12), 1 + numbers.below(12)];
        let weight = [groups * (1 + numbers.below(7)), 1 + numbers.below(5), 1 + numbers.below(5)];
        let batch = 1 + numbers.below(20);
        checked += usize::from(check_conv2d(batch, input, weight, &options));
    }
    assert!(checked > 200, "{checked}");
}

/// Each number of channels and each width of a row makes register blocks of its own.
#[test]
fn conv2d_agrees_with_plain_loops_in_every_block() {
    for outputs in 1..=14 {
        for columns in 1..=9 {
            let options = Conv2dOptions::default().stride([1, 1 + columns % 2]);
            let input = [outputs % 3 + 1, 4, columns * (1 + columns % 2) + 1];
            assert!(check_conv2d(16, input, [outputs, 2, 2], &options));
        }
    }
    for taps in 1..=11 {
        for outputs in 1..=7 {
            assert!(check_conv2d(16, [2, 3, 12], [outputs, 2, taps], &Conv2dOptions::default()));
            let input = [taps, 3, 4];
            assert!(check_conv2d(16, input, [outputs, 2, 1], &Conv2dOptions::default()));
        }
    }
}

#[test]
fn conv2d_agrees_with_plain_loops_for_lenet() {
    let options = Conv2dOptions::default();
    assert!(check_conv2d(16, [1, 32, 32], [6, 5, 5], &options));
    assert!(check_conv2d(5, [6, 14, 14], [16, 5, 5], &options));
    assert!(check_conv2d(0, [6, 14, 14], [16, 5, 5], &options));
}

/// Each width of a row makes tiles of its own; 33 images are three groups of sixteen.
#[test]
fn tiles_of_rows_agree_with_plain_loops() {
    let mut checked = 0;
    for taps in [3, 5, 7] {
        for columns in 1..=21 {
            for pad in [PadMode::Valid, PadMode::Same, PadMode::Pad([3, 0, 3, 6])] {
                let batch = [1, 16, 33][columns % 3];
                let groups = 1 + columns % 2;
                let options = Conv2dOptions::default()
                    .pad_mode(pad)
                    .dilation([1 + columns % 2, 1])
                    .groups(groups);
                let input = [groups * (1 + columns % 3), 2 + columns % 5, columns];
                checked += usize::from(check_conv2d(batch, input, [groups * 2, 2, taps], &options));
            }
        }
    }
    assert!(checked > 130, "{checked}");
}

/// Layers whose columns are cut too, with every number of tiles in both directions, and every size of
/// the blocks of channels.
#[test]
fn square_tiles_agree_with_plain_loops() {
    let mut checked = 0;
    for taps in [3, 5, 7] {
        for size in 0..9 {
            for pad in [PadMode::Valid, PadMode::Same, PadMode::Pad([3, 0, 3, 6])] {
                let batch = [1, 5, 17][size % 3];
                let groups = 1 + usize::from(size == 4);
                let options = Conv2dOptions::default().pad_mode(pad).groups(groups);
                let input = [groups * (7 + size), taps + (size * 5 + 7) % 12, taps + size];
                let weight = [groups * (20 - size), taps, taps];
                checked += usize::from(check_conv2d(batch, input, weight, &options));
            }
        }
    }
    assert_eq!(checked, 3 * 9 * 3);
}

/// The errors that the documentation of `Conv2dAlgorithm::LanesWinograd` names, for layers that it is
/// chosen for: relative to the largest number.
#[test]
fn the_error_of_tiles_is_as_documented() {
    let rows = [3e-6, 3e-6, 6e-6];
    for (input, [outputs, taps], most) in [
        ([1, 32, 32], [6, 5], rows),
        ([4, 14, 14], [6, 3], rows),
        ([4, 28, 28], [8, 7], rows),
        ([6, 14, 14], [16, 5], [3e-6, 1.2e-5, 1.2e-5]),
        ([32, 14, 14], [32, 3], [3e-6; 3]),
        ([16, 20, 20], [16, 7], [5e-6, 1.2e-5, 3e-5]),
    ] {
        let [x, w] = [[16, input[0], input[1], input[2]], [outputs, input[0], taps, taps]];
        let (x, w) = (Shape::from(x), Shape::from(w));
        let g = Conv2dGeometry::new(&x, &w, &Conv2dOptions::default()).unwrap();
        let mut numbers = Numbers(7);
        let (x, w) = (numbers.vec(x.elements()), numbers.vec(w.elements()));
        let dy = numbers.vec(g.output_shape().elements());
        let [y, dw, dx, _] = naive_conv2d(&g, &x, &w, &dy);
        let (lanes_x, lanes_dy) = (interleave(16, &x), interleave(16, &dy));
        let mut scratch = nan(winograd::scratch_len(&g));
        for isa in ISAS {
            let [mut y_found, mut dx_found] = [nan(lanes_dy.len()), nan(lanes_x.len())];
            let mut dw_found = nan(w.len());
            winograd::forward(isa, &g, &lanes_x, &w, None, &mut y_found, &mut scratch);
            let of_input = winograd::InputGradient { w: &w, dx: &mut dx_found };
            let of_parameters =
                winograd::ParameterGradients { x: &lanes_x, dw: &mut dw_found, db: None };
            let (of_input, of_parameters) = (Some(of_input), Some(of_parameters));
            winograd::backward(isa, &g, &lanes_dy, of_input, of_parameters, &mut scratch);
            let largest = |values: &[f64]| values.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
            let error = |found: &[f32], expected: &[f64]| {
                let errors = found.iter().zip(expected).map(|(&a, b)| f64::from(a) - b);
                largest(&errors.collect::<Vec<_>>()) / largest(expected)
            };
            let errors = [
                error(&deinterleave(16, &y_found), &y),
                error(&deinterleave(16, &dx_found), &dx),
                error(&dw_found, &dw),
            ];
            let good = errors.iter().zip(most).all(|(&error, most)| error <= most);
            assert!(good, "{input:?} {isa:?}: {errors:?}");
        }
    }
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
}

/// ⟨conv(x, w), dy⟩ = ⟨x, dx⟩ = ⟨w, dw⟩.
#[test]
fn conv2d_gradients_are_adjoint() {
    let options = Conv2dOptions::default().stride([2, 1]).pad_mode(PadMode::all_sides(1));
    let (input, weight) = (Shape::from([16, 3, 9, 8]), Shape::from([5, 3, 4, 3]));
    let g = Conv2dGeometry::new(&input, &weight, &options).unwrap();
    let mut numbers = Numbers(5);
    let (x, w) = (numbers.vec(input.elements()), numbers.vec(weight.elements()));
    let dy = numbers.vec(g.output_shape().elements());
    for isa in ISAS {
        let (mut y, mut dx, mut dw) = (nan(dy.len()), nan(x.len()), nan(w.len()));
        conv2d::forward(isa, &g, &x, &w, None, false, &mut y);
        conv2d::backward_input(isa, &g, &w, &dy, &mut dx);
        let mut scratch = nan(conv2d::backward_weight_scratch_len(&g));
        conv2d::backward_weight(isa, &g, &x, &dy, &mut dw, None, &mut scratch);
        let (a, b, c) = (dot(&y, &dy), dot(&x, &dx), dot(&w, &dw));
        assert!((a - b).abs() < 1e-4 && (a - c).abs() < 1e-4, "{isa:?}: {a} {b} {c}");
    }
}

#[test]
fn dense_agrees_with_plain_loops() {
    let sizes: Vec<usize> = (1..=20).chain([31, 33, 48, 64, 79, 80, 95, 97, 120]).collect();
    for (i, &inputs) in sizes.iter().enumerate() {
        for (j, &outputs) in sizes.iter().enumerate() {
            let batch = (i * 7 + j * 3) % 18;
            check_dense(Dense { batch, inputs, outputs });
        }
    }
    check_dense(Dense { batch: 16, inputs: 400, outputs: 120 });
}

fn check_dense(layer: Dense) {
    let Dense { batch, inputs, outputs } = layer;
    let mut numbers = Numbers((inputs * 1000 + outputs) as u64);
    let (x, w) = (numbers.vec(batch * inputs), numbers.vec(inputs * outputs));
    let (bias, dy) = (numbers.vec(outputs), numbers.vec(batch * outputs));
    let (mut y, mut dx) = (vec![0.0; dy.len()], vec![0.0; x.len()]);
    let (mut dw, mut db) = (vec![0.0; w.len()], vec![0.0; outputs]);
    for image in 0..batch {
        for o in 0..outputs {
            let gradient = f64::from(dy[image * outputs + o]);
            db[o] += gradient;
            for k in 0..inputs {
                let (x, w) = (f64::from(x[image * inputs + k]), f64::from(w[o * inputs + k]));
                y[image * outputs + o] += x * w;
                dx[image * inputs + k] += gradient * w;
                dw[o * inputs + k] += gradient * x;
            }
        }
    }
    let (lanes_x, lanes_dy) = (interleave(batch, &x), interleave(batch, &dy));
    for isa in ISAS {
        let what = |pass: &str| format!("{pass} {isa:?} {layer:?}");
        for (bias, relu) in [(None, false), (Some(&bias[..]), false), (Some(&bias[..]), true)] {
            let expected: Vec<f64> = y
                .iter()
                .enumerate()
                .map(|(i, y)| {
                    let y = y + bias.map_or(0.0, |bias| f64::from(bias[i % outputs]));
                    if relu { y.max(0.0) } else { y }
                })
                .collect();
            let mut found = nan(lanes_dy.len());
            dense::forward(isa, layer, &lanes_x, &w, bias, relu, &mut found);
            assert_close(&deinterleave(batch, &found), &expected, &what("forward"));
        }
        let mut found = nan(lanes_x.len());
        dense::backward_input(isa, layer, &w, &lanes_dy, &mut found);
        assert_close(&deinterleave(batch, &found), &dx, &what("input gradient"));
        let mut scratch = nan(dense::backward_weight_scratch_len(layer));
        let (mut found, mut sums) = (nan(w.len()), nan(outputs));
        dense::backward_weight(
            isa,
            layer,
            &lanes_x,
            &lanes_dy,
            &mut found,
            Some(&mut sums),
            &mut scratch,
        );
        assert_close(&found, &dw, &what("weight gradient"));
        assert_close(&sums, &db, &what("bias gradient"));
        scratch.fill(f32::NAN);
        found.fill(f32::NAN);
        dense::backward_weight(isa, layer, &lanes_x, &lanes_dy, &mut found, None, &mut scratch);
        assert_close(&found, &dw, &what("weight gradient"));
    }
}

#[test]
fn layouts_are_inverse() {
    for batch in (0..=17).chain([32, 40]) {
        for sample in (0..=35).chain([64, 100]) {
            let plain = Numbers(batch as u64 + 1).vec(batch * sample);
            let expected = interleave(batch, &plain);
            let bytes: Vec<u8> = (0..plain.len()).map(|i| (i * 37 % 256) as u8).collect();
            let scaled: Vec<f32> = bytes.iter().map(|&byte| f32::from(byte) * 0.5 - 3.0).collect();
            for isa in ISAS {
                let mut lanes = nan(expected.len());
                layout::pack(isa, batch, &plain, &mut lanes);
                assert_eq!(lanes, expected, "{isa:?} {batch} {sample}");
                let mut back = nan(plain.len());
                layout::unpack(isa, batch, &lanes, &mut back);
                assert_eq!(back, plain, "{isa:?} {batch} {sample}");
                let mut lanes = nan(expected.len());
                layout::pack_u8(isa, batch, &bytes, 0.5, -3.0, &mut lanes);
                assert_eq!(lanes, interleave(batch, &scaled), "{isa:?} {batch} {sample}");
            }
        }
    }
}

/// Pooled values and the gradient of x, plane by plane, with `average` or the maximum.
fn naive_pool(
    g: &Pool2dGeometry,
    x: &[f32],
    dy: &[f32],
    average: bool,
    relu: bool,
) -> [Vec<f64>; 2] {
    let (height, width) = (g.height(), g.width());
    let (mut y, mut dx) = (Vec::new(), vec![0.0; x.len()]);
    for plane in 0..g.batch() * g.channels() {
        for oy in 0..height.output {
            for ox in 0..width.output {
                let mut covered = Vec::new();
                for ky in 0..height.kernel {
                    for kx in 0..width.kernel {
                        if let (Some(iy), Some(ix)) = (pixel(height, oy, ky), pixel(width, ox, kx))
                        {
                            covered.push((plane * height.input + iy) * width.input + ix);
                        }
                    }
                }
                let gradient = f64::from(dy[y.len()]);
                if average {
                    let count = if g.counts_padding() {
                        height.kernel * width.kernel
                    } else {
                        covered.len()
                    };
                    let sum: f64 = covered.iter().map(|&at| f64::from(x[at])).sum();
                    y.push(sum / count as f64);
                    for at in covered {
                        dx[at] += gradient / count as f64;
                    }
                } else {
                    let mut best = covered[0];
                    for at in covered {
                        if x[at] > x[best] || x[at].is_nan() {
                            best = at;
                        }
                    }
                    let dead = relu && x[best] <= 0.0;
                    y.push(if dead { 0.0 } else { f64::from(x[best]) });
                    dx[best] += if dead { 0.0 } else { gradient };
                }
            }
        }
    }
    [y, dx]
}

fn check_pool(batch: usize, input: [usize; 3], options: &Pool2dOptions) -> bool {
    let [channels, rows, columns] = input;
    let shape = Shape::from([batch, channels, rows, columns]);
    let Ok(g) = Pool2dGeometry::new("pool", &shape, options) else { return false };
    let mut numbers = Numbers((batch + rows * 3 + columns) as u64);
    // Few different values, so that there are ties.
    let x: Vec<f32> = (0..shape.elements()).map(|_| numbers.below(9) as f32 - 5.0).collect();
    let dy = numbers.vec(g.output_shape().elements());
    let (lanes_x, lanes_dy) = (interleave(batch, &x), interleave(batch, &dy));
    for isa in ISAS {
        for relu in [false, true] {
            let [y, dx] = naive_pool(&g, &x, &dy, false, relu);
            let (mut found, mut gradient) = (nan(lanes_dy.len()), nan(lanes_x.len()));
            let mut argmax = vec![77; lanes_dy.len()];
            pool2d::max_forward(isa, &g, &lanes_x, relu, &mut found, &mut argmax);
            pool2d::max_backward(isa, &g, &argmax, &lanes_dy, &mut gradient);
            assert_close(&deinterleave(batch, &found), &y, &format!("max {isa:?} {g:?}"));
            assert_close(&deinterleave(batch, &gradient), &dx, &format!("max' {isa:?} {g:?}"));
        }
        let [y, dx] = naive_pool(&g, &x, &dy, true, false);
        let (mut found, mut gradient) = (nan(lanes_dy.len()), nan(lanes_x.len()));
        pool2d::average_forward(isa, &g, &lanes_x, &mut found);
        pool2d::average_backward(isa, &g, &lanes_dy, &mut gradient);
        assert_close(&deinterleave(batch, &found), &y, &format!("average {isa:?} {g:?}"));
        assert_close(&deinterleave(batch, &gradient), &dx, &format!("average' {isa:?} {g:?}"));
    }
    true
}

#[test]
fn pooling_agrees_with_plain_loops() {
    let mut checked = 0;
    for kernel in [[1, 1], [2, 2], [3, 3], [2, 3], [4, 1]] {
        for stride in [[1, 1], [2, 2], [3, 1]] {
            for pad in [PadMode::Valid, PadMode::Same, PadMode::Pad([1, 0, 0, 1])] {
                for size in 1..=7 {
                    let options = Pool2dOptions {
                        kernel,
                        stride,
                        pad_mode: pad,
                        count_include_pad: size % 2 == 0,
                    };
                    let batch = 1 + size * 5 % 18;
                    let input = [1 + size % 3, size, 1 + (size * 3) % 7];
                    checked += usize::from(check_pool(batch, input, &options));
                }
            }
        }
    }
    assert!(checked > 150, "{checked}");
    let halve = Pool2dOptions { kernel: [2, 2], stride: [2, 2], ..Default::default() };
    assert!(check_pool(16, [6, 28, 28], &halve));
    assert!(check_pool(0, [6, 28, 28], &halve));
}

#[test]
fn nan_wins_the_maximum() {
    let halve = Pool2dOptions { kernel: [2, 2], stride: [2, 2], ..Default::default() };
    let g = Pool2dGeometry::new("pool", &Shape::from([1, 1, 2, 2]), &halve).unwrap();
    for isa in ISAS {
        for place in 0..4 {
            for relu in [false, true] {
                let mut x = [1.0, 2.0, 3.0, 4.0];
                x[place] = f32::NAN;
                let lanes = interleave(1, &x);
                let (mut y, mut argmax) = (nan(LANES), [9; LANES]);
                pool2d::max_forward(isa, &g, &lanes, relu, &mut y, &mut argmax);
                assert!(y[0].is_nan(), "{isa:?} {place}");
                assert_eq!(usize::from(argmax[0]), place, "{isa:?}");
            }
        }
    }
}
