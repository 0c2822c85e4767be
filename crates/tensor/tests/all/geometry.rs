//! What a wrong convolution or pooling is told.

use tensor::{Conv2dGeometry, Conv2dOptions, PadMode, Pool2dGeometry, Pool2dOptions, Shape};

const HUGE: usize = usize::MAX;

fn conv(input: &[usize], weight: &[usize], options: Conv2dOptions) -> String {
    match Conv2dGeometry::new(&Shape::new(input), &Shape::new(weight), &options) {
        Ok(geometry) => format!("{}", geometry.output_shape()),
        Err(error) => error.to_string(),
    }
}

#[test]
fn convolutions_that_cannot_be() {
    let plain = Conv2dOptions::default();
    let cases: &[(&[usize], &[usize], Conv2dOptions, &str)] = &[
        (
            &[1, 28, 28],
            &[6, 1, 5, 5],
            plain,
            "conv2d: input has 3 axes, expected 4 axes [batch, channels, height, width] \
             (input [1, 28, 28], weight [6, 1, 5, 5]); a single image is a batch of 1: [1, 1, 28, 28]",
        ),
        (
            &[784],
            &[6, 1, 5, 5],
            plain,
            "conv2d: input has 1 axis, expected 4 axes [batch, channels, height, width] \
             (input [784], weight [6, 1, 5, 5])",
        ),
        (
            &[1, 1, 28, 28],
            &[6, 25],
            plain,
            "conv2d: weight has 2 axes, expected 4 axes [out channels, in channels / groups, \
             kernel height, kernel width] (input [1, 1, 28, 28], weight [6, 25])",
        ),
        (
            &[1, 0, 28, 28],
            &[6, 1, 5, 5],
            plain,
            "conv2d: input has channels 0, expected at least 1 ([batch, channels, height, width]) \
             (input [1, 0, 28, 28], weight [6, 1, 5, 5])",
        ),
        (
            &[1, 1, 0, 28],
            &[6, 1, 5, 5],
            plain,
            "conv2d: input has height 0, expected at least 1 ([batch, channels, height, width]) \
             (input [1, 1, 0, 28], weight [6, 1, 5, 5])",
        ),
        (
            &[1, 1, 28, 28],
            &[6, 1, 5, 0],
            plain,
            "conv2d: weight has kernel width 0, expected at least 1 ([out channels, in channels / \
             groups, kernel height, kernel width]) (input [1, 1, 28, 28], weight [6, 1, 5, 0])",
        ),
        (
            &[32, 3, 32, 32],
            &[6, 1, 5, 5],
            plain,
            "conv2d: input has 3 channels, weight expects 1 \
             (input [32, 3, 32, 32], weight [6, 1, 5, 5])",
        ),
        (
            &[1, 6, 8, 8],
            &[4, 2, 3, 3],
            plain.groups(2),
            "conv2d: input has 6 channels, weight expects 4 (2 groups of 2) \
             (input [1, 6, 8, 8], weight [4, 2, 3, 3])",
        ),
        (&[1, 6, 8, 8], &[4, 2, 3, 3], plain.groups(0), "conv2d: groups is 0, expected at least 1"),
        (
            &[1, 3, 8, 8],
            &[4, 1, 3, 3],
            plain.groups(2),
            "conv2d: 3 input channels cannot be split into 2 groups \
             (input [1, 3, 8, 8], weight [4, 1, 3, 3]); groups divides both channel counts",
        ),
        (
            &[1, 4, 8, 8],
            &[5, 2, 3, 3],
            plain.groups(2),
            "conv2d: 5 output channels cannot be split into 2 groups \
             (input [1, 4, 8, 8], weight [5, 2, 3, 3]); groups divides both channel counts",
        ),
        (
            &[1, 1, 8, 8],
            &[1, 1, 3, 3],
            plain.stride([1, 0]),
            "conv2d: stride is [1, 0], expected at least 1 along height and width",
        ),
        (
            &[1, 1, 8, 8],
            &[1, 1, 3, 3],
            plain.dilation([0, 1]),
            "conv2d: dilation is [0, 1], expected at least 1 along height and width",
        ),
        (
            &[1, 1, 4, 4],
            &[1, 1, 5, 5],
            plain,
            "conv2d: kernel 5x5 does not fit in the image 4x4 \
             (input [1, 1, 4, 4], weight [1, 1, 5, 5]); pad_mode Valid adds no padding: use Same \
             or Pad, a smaller kernel or a larger image",
        ),
        (
            &[1, 1, 4, 9],
            &[1, 1, 3, 3],
            plain.dilation([2, 1]),
            "conv2d: kernel 3x3, spread to 5x3 by dilation 2x1, does not fit in the image 4x9 \
             (input [1, 1, 4, 9], weight [1, 1, 3, 3]); pad_mode Valid adds no padding: use Same \
             or Pad, a smaller kernel or a larger image",
        ),
        (
            &[1, 1, 2, 2],
            &[1, 1, 5, 5],
            plain.pad_mode(PadMode::Pad([1, 1, 2, 2])),
            "conv2d: kernel 5x5 does not fit in the image 2x2, padded to 4x6 \
             (input [1, 1, 2, 2], weight [1, 1, 5, 5]); use more padding, a smaller kernel or a \
             larger image",
        ),
        (
            &[1, 1, 4, 4],
            &[1, 1, 3, 3],
            plain.dilation([HUGE, 1]),
            "conv2d: sizes overflow: image 4x4, kernel 3x3, stride 1x1, dilation \
             18446744073709551615x1, padding Valid (input [1, 1, 4, 4], weight [1, 1, 3, 3]); use \
             smaller ones",
        ),
        (
            &[1, 1, 4, 4],
            &[1, 1, 3, 3],
            plain.pad_mode(PadMode::Pad([HUGE, HUGE, 0, 0])),
            "conv2d: sizes overflow: image 4x4, kernel 3x3, stride 1x1, dilation 1x1, padding \
             Pad([18446744073709551615, 18446744073709551615, 0, 0]) \
             (input [1, 1, 4, 4], weight [1, 1, 3, 3]); use smaller ones",
        ),
        (
            &[0, 1, 4, 4],
            &[1, 1, 3, 3],
            plain.pad_mode(PadMode::all_sides(1 << 40)),
            "conv2d: an output plane of [2199023255554, 2199023255554] numbers is larger than \
             memory can address (input [0, 1, 4, 4], weight [1, 1, 3, 3]); use fewer or smaller \
             images, fewer channels, or less padding",
        ),
        (
            &[0, 1, 4, 4],
            &[1, 1, 3, 3],
            plain.pad_mode(PadMode::all_sides(1 << 30)),
            "conv2d: an output plane of [2147483650, 2147483650] numbers is larger than memory can \
             address (input [0, 1, 4, 4], weight [1, 1, 3, 3]); use fewer or smaller images, fewer \
             channels, or less padding",
        ),
        (
            &[1, 1, 4, 4],
            &[1, 1, 0, 3],
            plain,
            "conv2d: weight has kernel height 0, expected at least 1 ([out channels, in channels / groups, kernel height, kernel width]) (input [1, 1, 4, 4], weight [1, 1, 0, 3])",
        ),
        (
            &[HUGE, 2, 4, 4],
            &[1, 2, 3, 3],
            plain,
            "conv2d: an input of [18446744073709551615, 2, 4, 4] numbers is larger than memory can address (input [18446744073709551615, 2, 4, 4], weight [1, 2, 3, 3]); use fewer or smaller images, fewer channels, or less padding",
        ),
        (
            &[1, 1, 4, 4],
            &[HUGE, 1, 3, 3],
            plain,
            "conv2d: a weight of [18446744073709551615, 1, 3, 3] numbers is larger than memory can address (input [1, 1, 4, 4], weight [18446744073709551615, 1, 3, 3]); use fewer or smaller images, fewer channels, or less padding",
        ),
        (
            &[1 << 30, 1, 4, 4],
            &[1 << 30, 1, 3, 3],
            plain,
            "conv2d: an output of [1073741824, 1073741824, 4] numbers is larger than memory can address (input [1073741824, 1, 4, 4], weight [1073741824, 1, 3, 3]); use fewer or smaller images, fewer channels, or less padding",
        ),
        (
            &[1, 1 << 50, 4, 4],
            &[1, 1 << 50, 1, 1],
            plain.pad_mode(PadMode::all_sides(1 << 10)),
            "conv2d: a matrix of patches of [1125899906842624, 4210704] numbers is larger than memory can address (input [1, 1125899906842624, 4, 4], weight [1, 1125899906842624, 1, 1]); use fewer or smaller images, fewer channels, or less padding",
        ),
    ];
    for &(input, weight, options, expected) in cases {
        assert_eq!(conv(input, weight, options), expected);
    }
}

/// Numbers near the limits never panic and never wrap around to a small shape.
#[test]
fn absurd_convolutions_are_refused() {
    let sizes = [1, 2, 1 << 31, 1 << 32, 1 << 62, HUGE - 1, HUGE];
    let mut refused = 0;
    for i in 0..7_usize.pow(5) {
        let [a, b, c, d, e] = [1, 7, 49, 343, 2401].map(|place| sizes[i / place % 7]);
        for pad_mode in [PadMode::Valid, PadMode::Same, PadMode::Pad([e, a, 0, b])] {
            let options =
                Conv2dOptions::default().stride([e, 1]).pad_mode(pad_mode).dilation([d, c]);
            let (input, weight) = (Shape::from([a, b, c, d]), Shape::from([d, b, c, a]));
            match Conv2dGeometry::new(&input, &weight, &options) {
                Ok(g) => {
                    assert!(g.output_shape().checked_elements().is_some());
                    assert_eq!(g.input_shape(), input);
                }
                Err(_) => refused += 1,
            }
            let pool =
                Pool2dOptions { kernel: [d, a], stride: [b, e], pad_mode, ..Default::default() };
            if let Ok(g) = Pool2dGeometry::new("avg_pool2d", &input, &pool) {
                assert!(g.output_shape().checked_elements().is_some());
            }
        }
    }
    assert!(refused > 10_000, "{refused}");
}

#[test]
fn convolutions_that_can_be() {
    let plain = Conv2dOptions::default();
    let same = plain.pad_mode(PadMode::Same);
    type Case<'a> = (&'a [usize], &'a [usize], Conv2dOptions, [usize; 4], [[usize; 2]; 2]);
    let cases: &[Case<'_>] = &[
        (&[32, 1, 32, 32], &[6, 1, 5, 5], plain, [32, 6, 28, 28], [[0, 0], [0, 0]]),
        (&[0, 1, 32, 32], &[6, 1, 5, 5], plain, [0, 6, 28, 28], [[0, 0], [0, 0]]),
        (&[1, 1, 7, 8], &[1, 1, 4, 3], same, [1, 1, 7, 8], [[1, 2], [1, 1]]),
        (&[1, 1, 7, 8], &[1, 1, 3, 3], same.stride([2, 2]), [1, 1, 4, 4], [[1, 1], [0, 1]]),
        (&[1, 1, 7, 8], &[1, 1, 1, 1], same.stride([3, 3]), [1, 1, 3, 3], [[0, 0], [0, 0]]),
        (
            &[2, 4, 5, 5],
            &[6, 2, 3, 3],
            plain.groups(2).pad_mode(PadMode::Pad([1, 2, 3, 4])),
            [2, 6, 6, 10],
            [[1, 2], [3, 4]],
        ),
    ];
    for (input, weight, options, output, pads) in cases {
        let g = Conv2dGeometry::new(&Shape::new(input), &Shape::new(weight), options).unwrap();
        assert_eq!(g.output_shape(), Shape::from(*output));
        let found = [g.height(), g.width()].map(|axis| [axis.pad_before, axis.pad_after]);
        assert_eq!(found, *pads, "{input:?} {weight:?} {options:?}");
        let patch: usize = weight[1..].iter().product();
        assert_eq!(g.multiply_adds(), output.iter().product::<usize>() as u64 * patch as u64);
    }
}

#[test]
fn poolings_that_cannot_be() {
    let halve = Pool2dOptions { kernel: [2, 2], stride: [2, 2], ..Default::default() };
    let cases: &[(&[usize], Pool2dOptions, &str)] = &[
        (
            &[6, 28, 28],
            halve,
            "max_pool2d: input has 3 axes, expected 4 axes [batch, channels, height, width] \
             (input [6, 28, 28]); a single image is a batch of 1: [1, 6, 28, 28]",
        ),
        (
            &[1, 6, 28, 0],
            halve,
            "max_pool2d: input has width 0, expected at least 1 ([batch, channels, height, width]) \
             (input [1, 6, 28, 0])",
        ),
        (
            &[1, 6, 1, 28],
            halve,
            "max_pool2d: kernel 2x2 does not fit in the image 1x28 (input [1, 6, 1, 28]); \
             pad_mode Valid adds no padding: use Same or Pad, a smaller kernel or a larger image",
        ),
        (
            &[1, 6, 8, 8],
            Pool2dOptions { kernel: [0, 2], ..halve },
            "max_pool2d: kernel size is [0, 2], expected at least 1 along height and width",
        ),
        (
            &[1, 6, 8, 8],
            Pool2dOptions { stride: [0, 0], ..halve },
            "max_pool2d: stride is [0, 0], expected at least 1 along height and width",
        ),
        (
            &[1, 6, 8, 8],
            Pool2dOptions { pad_mode: PadMode::Pad([0, 0, 2, 0]), ..halve },
            "max_pool2d: padding is [0, 0, 2, 0], expected less than the window 2x2 on every side; \
             a window in the padding alone would have no pixel to pool",
        ),
        (
            &[1, 1, 1 << 16, 1 << 16],
            halve,
            "max_pool2d: a plane of 65536x65536 has more than 2^32 - 1 pixels \
             (input [1, 1, 65536, 65536]); cut the images into smaller ones",
        ),
        (
            &[1 << 40, 1 << 20, 2, 2],
            halve,
            "max_pool2d: an input of [1099511627776, 1048576, 2, 2] numbers is larger than memory can \
             address (input [1099511627776, 1048576, 2, 2]); use fewer or smaller images, fewer \
             channels, or less padding",
        ),
        (
            &[1, 1, 4, 4],
            Pool2dOptions { pad_mode: PadMode::all_sides(usize::MAX), ..halve },
            "max_pool2d: sizes overflow: image 4x4, kernel 2x2, stride 2x2, dilation 1x1, padding \
             Pad([18446744073709551615, 18446744073709551615, 18446744073709551615, \
             18446744073709551615]) (input [1, 1, 4, 4]); use smaller ones",
        ),
        (
            &[1, 1, 2, 1],
            Pool2dOptions { kernel: [3, 3], pad_mode: PadMode::Pad([0, 1, 1, 0]), ..halve },
            "max_pool2d: kernel 3x3 does not fit in the image 2x1, padded to 3x2 (input [1, 1, 2, 1]); \
             use more padding, a smaller kernel or a larger image",
        ),
    ];
    for &(input, options, expected) in cases {
        let error = Pool2dGeometry::new("max_pool2d", &Shape::new(input), &options).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}
