//! The kernels for single images, in every instruction set, against plain loops.

use crate::naive::{Axis, Conv, assert_close, numbers, stale};
use tensor::kernels::isa::Isa;
use tensor::kernels::rows::conv2d;
use tensor::kernels::rows::dense::{self, Dense};
use tensor::{Conv2dAlgorithm, Conv2dGeometry, Conv2dOptions, Error, PadMode, Shape};

const ISAS: [Isa; 3] = [Isa::Portable, Isa::Avx2, Isa::Avx512];

/// Checks all three passes; false where the kernel does not fit the image.
fn check(
    batch: usize,
    [channels, height, width]: [usize; 3],
    [outputs, kernel_height, kernel_width]: [usize; 3],
    options: &Conv2dOptions,
) -> bool {
    let (groups, mode) = (options.groups, options.pad_mode);
    let [top, bottom, left, right] = match mode {
        PadMode::Pad(pads) => pads,
        _ => [0; 4],
    };
    let [rows_apart, columns_apart] = options.dilation;
    let rows = Axis::new(height, kernel_height, 1, rows_apart, mode, [top, bottom]);
    let columns = Axis::new(width, kernel_width, 1, columns_apart, mode, [left, right]);
    let (Some(height), Some(width)) = (rows, columns) else { return false };
    let (in_channels, out_channels) = (channels / groups, outputs / groups);
    let c = Conv { batch, groups, in_channels, out_channels, height, width };
    let [input, weight] = [c.input(), c.weight()].map(Shape::from);
    let g = Conv2dGeometry::new(&input, &weight, options).unwrap();
    assert!(conv2d::fits(&g));

    let (x, w) = (numbers::<f32>(input.elements(), 1), numbers::<f32>(weight.elements(), 2));
    let (bias, dy) = (numbers::<f32>(outputs, 3), numbers::<f32>(c.output().iter().product(), 4));
    let expected = [
        c.forward(&x, &w, None),
        c.forward(&x, &w, Some(&bias)),
        c.backward_weight(&x, &dy),
        c.backward_input(&w, &dy),
    ];
    for isa in ISAS {
        let mut scratch = stale(conv2d::scratch_len(&g));
        let mut found = expected.clone().map(|expected| stale(expected.len()));
        let [y, biased, dw, dx] = &mut found;
        conv2d::forward(isa, &g, &x, &w, None, y, &mut scratch);
        scratch.fill(f32::NAN);
        conv2d::forward(isa, &g, &x, &w, Some(&bias), biased, &mut scratch);
        scratch.fill(f32::NAN);
        conv2d::backward_weight(isa, &g, &x, &dy, dw, &mut scratch);
        scratch.fill(f32::NAN);
        conv2d::backward_input(isa, &g, &w, &dy, dx, &mut scratch);
        for (i, (found, expected)) in found.iter().zip(&expected).enumerate() {
            assert_close(found, expected, 3e-5, || format!("result {i} {isa:?} {g:?}"));
        }
    }
    true
}

#[test]
fn lenet() {
    let options = Conv2dOptions::default();
    for batch in [0, 1, 3] {
        assert!(check(batch, [1, 32, 32], [6, 5, 5], &options));
        assert!(check(batch, [6, 14, 14], [16, 5, 5], &options));
    }
}

/// Each number of channels, taps and vectors makes register blocks of its own.
#[test]
fn every_block() {
    let options = Conv2dOptions::default();
    for channels in 1..=13 {
        for columns in 1..=13 {
            let kernel = 1 + (channels + columns) % 7;
            let width = 5 * columns + kernel;
            assert!(check(1, [channels, 3, width], [1 + columns % 9, 2, kernel], &options));
            assert!(check(2, [1 + channels % 3, 4, 1 + columns], [channels, 2, 1], &options));
        }
    }
}

#[test]
fn all_small_paddings_and_dilations() {
    let mut checked = 0;
    for size in 1..=6 {
        for kernel in 1..=4 {
            for dilation in 1..=3 {
                for pads in [[0; 4], [1; 4], [0, 2, 1, 0], [5, 0, 0, 3], [7, 6, 9, 8]] {
                    let options = Conv2dOptions::default()
                        .dilation([dilation, 1 + dilation % 2])
                        .pad_mode(PadMode::Pad(pads));
                    let input = [2, size, 7 - size];
                    checked += usize::from(check(1, input, [3, kernel, 1 + size % 4], &options));
                }
            }
        }
    }
    assert!(checked > 150, "{checked}");
}

#[test]
fn random_sizes() {
    let random = numbers::<f64>(400 * 12, 9);
    let (mut at, mut checked) = (0, 0);
    for _ in 0..400 {
        let mut below = |end: usize| {
            at += 1;
            ((random[at - 1] + 1.0) / 2.0 * end as f64) as usize % end
        };
        let groups = [1, 1, 2, 3][below(4)];
        let mode = match below(3) {
            0 => PadMode::Valid,
            1 => PadMode::Same,
            _ => PadMode::Pad([0; 4].map(|_| below(4))),
        };
        let dilation = [1 + below(2), 1 + below(2)];
        let options = Conv2dOptions::default().groups(groups).pad_mode(mode).dilation(dilation);
        let input = [groups * (1 + below(4)), 1 + below(20), 1 + below(40)];
        let weight = [groups * (1 + groups), dilation[0] + 2, dilation[1] + 1];
        checked += usize::from(check(1 + at % 3, input, weight, &options));
    }
    assert!(checked > 200, "{checked}");
}

/// Convolutions whose output channels fill sixteen lanes, or nearly.
#[test]
fn many_channels() {
    let options = Conv2dOptions::default().pad_mode(PadMode::Same);
    for outputs in [13, 15, 16, 17, 30, 32, 47] {
        for kernel in [[1, 1], [2, 3], [3, 3], [4, 2], [5, 5], [7, 6], [8, 11]] {
            let outputs = [outputs, kernel[0], kernel[1]];
            assert!(check(1 + outputs[0] % 2, [2, 9, 12], outputs, &options));
        }
    }
    let options = options.groups(2).dilation([2, 3]);
    assert!(check(2, [4, 20, 21], [64, 3, 4], &options));
}

#[test]
fn a_stride_is_refused() {
    let options = Conv2dOptions::default().algorithm(Conv2dAlgorithm::Rows);
    let new = |options: &Conv2dOptions| {
        Conv2dGeometry::new(&[1, 2, 9, 9].into(), &[3, 2, 3, 3].into(), options)
    };
    assert!(new(&options).is_ok_and(|g| conv2d::fits(&g)));
    for stride in [[1, 2], [2, 1]] {
        let error = new(&options.stride(stride)).unwrap_err();
        assert!(matches!(error, Error::Argument { argument: "algorithm", .. }), "{error}");
    }
}

fn check_dense(layer: Dense) {
    let Dense { batch, inputs, outputs } = layer;
    let (x, w) = (numbers::<f32>(batch * inputs, 1), numbers::<f32>(outputs * inputs, 2));
    let (bias, dy) = (numbers::<f32>(outputs, 3), numbers::<f32>(batch * outputs, 4));
    let mut y = vec![0.0; dy.len()];
    let (mut dw, mut dx) = (vec![0.0; w.len()], vec![0.0; x.len()]);
    for n in 0..batch {
        for o in 0..outputs {
            for k in 0..inputs {
                y[n * outputs + o] += x[n * inputs + k] * w[o * inputs + k];
                dx[n * inputs + k] += dy[n * outputs + o] * w[o * inputs + k];
                dw[o * inputs + k] += dy[n * outputs + o] * x[n * inputs + k];
            }
        }
    }
    let biased: Vec<f32> = y.iter().enumerate().map(|(i, y)| y + bias[i % outputs]).collect();
    for isa in ISAS {
        let what = || format!("{isa:?} {layer:?}");
        let [mut found, mut found_dw, mut found_dx] = [&y, &dw, &dx].map(|y| stale(y.len()));
        dense::forward(isa, layer, &x, &w, None, &mut found);
        assert_close(&found, &y, 3e-5, what);
        found.fill(f32::NAN);
        dense::forward(isa, layer, &x, &w, Some(&bias), &mut found);
        assert_close(&found, &biased, 3e-5, what);
        dense::backward_weight(isa, layer, &x, &dy, &mut found_dw);
        assert_close(&found_dw, &dw, 3e-5, what);
        dense::backward_input(isa, layer, &w, &dy, &mut found_dx);
        assert_close(&found_dx, &dx, 3e-5, what);
    }
}

#[test]
fn dense_layers() {
    for batch in 0..=9 {
        for outputs in [1, 2, 3, 5, 6, 7, 13, 84] {
            for inputs in (16..=49).chain([84, 120, 400]) {
                check_dense(Dense { batch, inputs, outputs });
            }
        }
    }
    assert!(!dense::fits(Dense { batch: 1, inputs: 15, outputs: 3 }));
}
