//! Two-dimensional convolution (cross-correlation, as every deep-learning library means it) and
//! its three gradients.
//!
//! With `iy = oy · stride + ky · dilation - pad_top`, `ix` likewise, and `c` running over the
//! input channels of o's group:
//!
//! ```text
//! y[n,o,oy,ox]  = b[o] + Σ_{c,ky,kx} w[o,c,ky,kx] · x[n,c,iy,ix]      x is 0 in the padding
//! dw[o,c,ky,kx] = Σ_{n,oy,ox} dy[n,o,oy,ox] · x[n,c,iy,ix]
//! dx[n,c,iy,ix] = Σ over the (o,oy,ox,ky,kx) that read it of dy[n,o,oy,ox] · w[o,c,ky,kx]
//! db[o]         = Σ_{n,oy,ox} dy[n,o,oy,ox]
//! ```
//!
//! Shapes: x, dx `[N, C, H, W]`; w, dw `[O, C/groups, KH, KW]`; b, db `[O]`; y, dy
//! `[N, O, OH, OW]`. MindSpore `nn.Conv2d`, PyTorch `nn.functional.conv2d`.
//!
//! Every function overwrites all of its output and reads none of its old contents; `scratch`
//! holds at least [`Conv2dGeometry::scratch_len`] numbers and its contents mean nothing before
//! or after. An image's results do not depend on the rest of the batch, and sums over the batch
//! run from the first image to the last.

use super::gemm::{Mat, gemm};
use super::im2col::{col2im, im2col};
use super::isa::multiversion;
use super::matvec::sum;
use crate::{Conv2dGeometry, Float};

/// y := x ⋆ w + b; see the [module](self) for shapes.
///
/// ```
/// use tensor::{Conv2dGeometry, Conv2dOptions, Shape, kernels::conv2d};
/// let (input, weight) = (Shape::from([1, 1, 2, 3]), Shape::from([1, 1, 2, 2]));
/// let g = Conv2dGeometry::new(&input, &weight, &Conv2dOptions::default())?;
/// let x = [1.0_f32, 2.0, 3.0, 4.0, 5.0, 6.0];
/// let w = [1.0, 0.0, 0.0, 1.0];
/// let mut y = [0.0; 2];
/// conv2d::forward(&g, &x, &w, Some(&[0.5]), &mut y, &mut vec![0.0; g.scratch_len()]);
/// assert_eq!(y, [1.0 + 5.0 + 0.5, 2.0 + 6.0 + 0.5]);
/// # Ok::<(), tensor::Error>(())
/// ```
///
/// # Panics
/// Where a slice does not have the length that the geometry gives.
pub fn forward<T: Float>(
    g: &Conv2dGeometry,
    x: &[T],
    w: &[T],
    bias: Option<&[T]>,
    y: &mut [T],
    scratch: &mut [T],
) {
    let s = Sizes::of(g);
    s.assert(g, x.len(), w.len(), y.len());
    assert!(bias.is_none_or(|bias| bias.len() == g.out_channels()), "the bias");
    let (columns, scratch) = s.columns(scratch);
    for (i, (x, y)) in x.chunks_exact(s.input).zip(y.chunks_exact_mut(s.output)).enumerate() {
        let group = i % s.groups;
        let beta = match bias {
            Some(bias) => {
                let bias = &bias[group * s.out_channels..][..s.out_channels];
                for (plane, &b) in y.chunks_exact_mut(s.pixels).zip(bias) {
                    plane.fill(b);
                }
                T::ONE
            }
            None => T::ZERO,
        };
        let columns = if s.pointwise {
            x
        } else {
            im2col(g, x, columns);
            &*columns
        };
        let w = &w[group * s.weight..][..s.weight];
        let w = Mat::new(w, s.out_channels, s.patch);
        gemm(w, Mat::new(columns, s.patch, s.pixels), beta, y, scratch);
    }
}

/// dw := the gradient of the weight; see the [module](self) for shapes. 0 for an empty batch.
///
/// # Panics
/// Where a slice does not have the length that the geometry gives.
pub fn backward_weight<T: Float>(
    g: &Conv2dGeometry,
    x: &[T],
    dy: &[T],
    dw: &mut [T],
    scratch: &mut [T],
) {
    let s = Sizes::of(g);
    s.assert(g, x.len(), dw.len(), dy.len());
    let (columns, scratch) = s.columns(scratch);
    if dy.is_empty() {
        dw.fill(T::ZERO);
    }
    for (i, (x, dy)) in x.chunks_exact(s.input).zip(dy.chunks_exact(s.output)).enumerate() {
        let columns = if s.pointwise {
            x
        } else {
            im2col(g, x, columns);
            &*columns
        };
        let beta = if i < s.groups { T::ZERO } else { T::ONE };
        let dw = &mut dw[i % s.groups * s.weight..][..s.weight];
        let dy = Mat::new(dy, s.out_channels, s.pixels);
        gemm(dy, Mat::new(columns, s.patch, s.pixels).t(), beta, dw, scratch);
    }
}

/// dx := the gradient of the input; see the [module](self) for shapes.
///
/// # Panics
/// Where a slice does not have the length that the geometry gives.
pub fn backward_input<T: Float>(
    g: &Conv2dGeometry,
    w: &[T],
    dy: &[T],
    dx: &mut [T],
    scratch: &mut [T],
) {
    let s = Sizes::of(g);
    s.assert(g, dx.len(), w.len(), dy.len());
    let (columns, scratch) = s.columns(scratch);
    for (i, (dx, dy)) in dx.chunks_exact_mut(s.input).zip(dy.chunks_exact(s.output)).enumerate() {
        let w = &w[i % s.groups * s.weight..][..s.weight];
        let w = Mat::new(w, s.out_channels, s.patch);
        let dy = Mat::new(dy, s.out_channels, s.pixels);
        if s.pointwise {
            gemm(w.t(), dy, T::ZERO, dx, scratch);
        } else {
            gemm(w.t(), dy, T::ZERO, columns, scratch);
            col2im(g, columns, dx);
        }
    }
}

multiversion! {
    /// The sum of each plane of an image: `[O, OH, OW]` to `[O]`. Over the images of a batch
    /// these add up to db, the gradient of the bias; see the [module](self) for shapes.
    ///
    /// # Panics
    /// Where the image does not consist of that many planes.
    pub fn plane_sums<T: Float>(image: &[T], sums: &mut [T]) {
        let pixels = image.len().checked_div(sums.len()).unwrap_or(0);
        assert_eq!(image.len(), sums.len() * pixels, "the image");
        if pixels == 0 {
            sums.fill(T::ZERO);
        } else {
            for (out, plane) in sums.iter_mut().zip(image.chunks_exact(pixels)) {
                *out = sum(plane);
            }
        }
    }
}

/// Lengths for one group of one image: the convolution that is one matrix product.
struct Sizes {
    groups: usize,
    /// C/groups · H · W.
    input: usize,
    /// O/groups · OH · OW.
    output: usize,
    /// O/groups · C/groups · KH · KW.
    weight: usize,
    /// O/groups.
    out_channels: usize,
    /// C/groups · KH · KW: rows of the matrix of patches.
    patch: usize,
    /// OH · OW: its columns.
    pixels: usize,
    pointwise: bool,
}

impl Sizes {
    fn of(g: &Conv2dGeometry) -> Self {
        let (height, width, groups) = (g.height(), g.width(), g.groups());
        let (in_channels, out_channels) = (g.in_channels() / groups, g.out_channels() / groups);
        let pixels = height.output * width.output;
        let patch = in_channels * height.kernel * width.kernel;
        Sizes {
            groups,
            input: in_channels * height.input * width.input,
            output: out_channels * pixels,
            weight: out_channels * patch,
            out_channels,
            patch,
            pixels,
            pointwise: g.is_pointwise(),
        }
    }

    fn assert(&self, g: &Conv2dGeometry, x: usize, w: usize, y: usize) {
        assert_eq!(x, g.batch() * self.groups * self.input, "the input");
        assert_eq!(w, self.groups * self.weight, "the weight");
        assert_eq!(y, g.batch() * self.groups * self.output, "the output");
    }

    /// The matrix of patches inside the scratch memory, empty where the image itself serves, and
    /// the rest.
    fn columns<'a, T>(&self, scratch: &'a mut [T]) -> (&'a mut [T], &'a mut [T]) {
        let len = if self.pointwise { 0 } else { self.patch * self.pixels };
        scratch.split_at_mut(len)
    }
}
