//! Convolution and pooling written straight from their definitions, without the crate's
//! geometry: slow, obvious, and what the kernels are compared with.

use tensor::{Float, PadMode};

/// Sizes, stride, dilation and padding along one axis.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Axis {
    pub(crate) input: usize,
    pub(crate) kernel: usize,
    pub(crate) stride: usize,
    pub(crate) dilation: usize,
    pub(crate) before: usize,
    pub(crate) after: usize,
    pub(crate) output: usize,
}

impl Axis {
    /// `None` where the kernel does not fit; `pads` is `[before, after]`.
    pub(crate) fn new(
        input: usize,
        kernel: usize,
        stride: usize,
        dilation: usize,
        mode: PadMode,
        pads: [usize; 2],
    ) -> Option<Axis> {
        let covered = dilation * (kernel - 1) + 1;
        let [before, after] = match mode {
            PadMode::Valid => [0, 0],
            PadMode::Pad(_) => pads,
            PadMode::Same => {
                let windows = input.div_ceil(stride);
                let needed = ((windows - 1) * stride + covered).max(input) - input;
                [needed / 2, needed - needed / 2]
            }
        };
        // Count the windows by sliding one.
        let padded = before + input + after;
        let output = (0..).take_while(|o| o * stride + covered <= padded).count();
        (output > 0).then_some(Axis { input, kernel, stride, dilation, before, after, output })
    }

    /// The pixel under a tap, or `None` in the padding.
    pub(crate) fn pixel(&self, output: usize, tap: usize) -> Option<usize> {
        let pixel = (output * self.stride + tap * self.dilation).checked_sub(self.before)?;
        (pixel < self.input).then_some(pixel)
    }
}

/// A convolution by its definition.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Conv {
    pub(crate) batch: usize,
    pub(crate) groups: usize,
    /// Per group.
    pub(crate) in_channels: usize,
    /// Per group.
    pub(crate) out_channels: usize,
    pub(crate) height: Axis,
    pub(crate) width: Axis,
}

impl Conv {
    pub(crate) fn input(&self) -> [usize; 4] {
        [self.batch, self.groups * self.in_channels, self.height.input, self.width.input]
    }

    pub(crate) fn weight(&self) -> [usize; 4] {
        let out = self.groups * self.out_channels;
        [out, self.in_channels, self.height.kernel, self.width.kernel]
    }

    pub(crate) fn output(&self) -> [usize; 4] {
        [self.batch, self.groups * self.out_channels, self.height.output, self.width.output]
    }

    /// Calls `f(x, w, y)` with the flat indices of every product that the convolution sums.
    pub(crate) fn each_product(&self, mut f: impl FnMut(usize, usize, usize)) {
        let [batch, outs, out_rows, out_columns] = self.output();
        for n in 0..batch {
            for o in 0..outs {
                for oy in 0..out_rows {
                    for ox in 0..out_columns {
                        let y = flat(self.output(), [n, o, oy, ox]);
                        for c in 0..self.in_channels {
                            for ky in 0..self.height.kernel {
                                for kx in 0..self.width.kernel {
                                    let pixel =
                                        (self.height.pixel(oy, ky), self.width.pixel(ox, kx));
                                    let (Some(iy), Some(ix)) = pixel else { continue };
                                    let channel = o / self.out_channels * self.in_channels + c;
                                    let x = flat(self.input(), [n, channel, iy, ix]);
                                    f(x, flat(self.weight(), [o, c, ky, kx]), y);
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    pub(crate) fn forward<T: Float>(&self, x: &[T], w: &[T], bias: Option<&[T]>) -> Vec<T> {
        let plane = self.height.output * self.width.output;
        let outs = self.output()[1];
        let mut y: Vec<T> = (0..self.batch * outs * plane)
            .map(|i| bias.map_or(T::ZERO, |bias| bias[i / plane % outs]))
            .collect();
        self.each_product(|i, j, o| y[o] += x[i] * w[j]);
        y
    }

    pub(crate) fn backward_weight<T: Float>(&self, x: &[T], dy: &[T]) -> Vec<T> {
        let mut dw = vec![T::ZERO; self.weight().iter().product()];
        self.each_product(|i, j, o| dw[j] += x[i] * dy[o]);
        dw
    }

    pub(crate) fn backward_input<T: Float>(&self, w: &[T], dy: &[T]) -> Vec<T> {
        let mut dx = vec![T::ZERO; self.input().iter().product()];
        self.each_product(|i, j, o| dx[i] += w[j] * dy[o]);
        dx
    }

    pub(crate) fn backward_bias<T: Float>(&self, dy: &[T]) -> Vec<T> {
        let plane = self.height.output * self.width.output;
        let outs = self.output()[1];
        let mut db = vec![T::ZERO; outs];
        for (i, &dy) in dy.iter().enumerate() {
            db[i / plane % outs] += dy;
        }
        db
    }
}

/// Row-major index.
pub(crate) fn flat(shape: [usize; 4], at: [usize; 4]) -> usize {
    shape.iter().zip(at).fold(0, |index, (&size, at)| index * size + at)
}

/// Numbers in (-1, 1) without a pattern that could hide a wrong index.
pub(crate) fn numbers<T: Float>(len: usize, salt: u64) -> Vec<T> {
    (0..len as u64)
        .map(|i| {
            let mixed =
                (i + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ salt.wrapping_mul(0xD6E8_FEB8);
            let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            T::from_f64((mixed >> 40) as f64 / f64::from(1 << 23) - 1.0)
        })
        .collect()
}

/// Contents that show through wherever an output is not overwritten.
pub(crate) fn stale<T: Float>(len: usize) -> Vec<T> {
    vec![T::from_f64(f64::NAN); len]
}

/// Asserts that two slices agree within `tolerance`, relative to the size of the terms summed.
pub(crate) fn assert_close<T: Float>(
    found: &[T],
    expected: &[T],
    tolerance: f64,
    what: impl Fn() -> String,
) {
    assert_eq!(found.len(), expected.len(), "{}", what());
    for (i, (&a, &b)) in found.iter().zip(expected).enumerate() {
        let (a, b) = (a.to_f64(), b.to_f64());
        // Written so that NaN fails.
        let close = (a - b).abs() <= tolerance * (1.0 + b.abs());
        assert!(close, "{}: element {i} is {a}, expected {b}", what());
    }
}

pub(crate) fn dot<T: Float>(a: &[T], b: &[T]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| a.to_f64() * b.to_f64()).sum()
}
