//! relu in any layout; see [`pool2d`](super::pool2d) for its fusion with pooling.

use super::vector::{Kernel, Vector, dispatch};
use crate::kernels::isa::Isa;

/// y := max(x, 0), not in place; NaN stays NaN.
///
/// # Panics
/// Where the lengths differ.
pub fn relu(isa: Isa, x: &[f32], y: &mut [f32]) {
    assert_eq!(x.len(), y.len());
    // SAFETY: the lengths are as asserted.
    unsafe { dispatch(isa, Relu { x, y }) };
}

/// dx := dy where y is not `<= 0`, else 0.
///
/// # Panics
/// Where the lengths differ.
pub fn relu_backward(isa: Isa, y: &[f32], dy: &[f32], dx: &mut [f32]) {
    assert_eq!([dy.len(), dx.len()], [y.len(); 2]);
    // SAFETY: the lengths are as asserted.
    unsafe { dispatch(isa, ReluBackward { y, dy, dx }) };
}

struct Relu<'a> {
    x: &'a [f32],
    y: &'a mut [f32],
}

impl Kernel for Relu<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let Relu { x, y } = self;
        let whole = x.len() / V::LEN * V::LEN;
        let mut i = 0;
        while i < whole {
            // SAFETY: `i + V::LEN` is at most the length of both.
            unsafe {
                let x = V::load(x.as_ptr().add(i));
                V::select(x.above_zero(), x, V::splat(0.0)).store(y.as_mut_ptr().add(i));
            }
            i += V::LEN;
        }
        for (y, &x) in y[whole..].iter_mut().zip(&x[whole..]) {
            *y = if x <= 0.0 { 0.0 } else { x };
        }
    }
}

struct ReluBackward<'a> {
    y: &'a [f32],
    dy: &'a [f32],
    dx: &'a mut [f32],
}

impl Kernel for ReluBackward<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let ReluBackward { y, dy, dx } = self;
        let whole = y.len() / V::LEN * V::LEN;
        let mut i = 0;
        while i < whole {
            // SAFETY: `i + V::LEN` is at most the length of all three.
            unsafe {
                let (y, dy) = (V::load(y.as_ptr().add(i)), V::load(dy.as_ptr().add(i)));
                V::select(y.above_zero(), dy, V::splat(0.0)).store(dx.as_mut_ptr().add(i));
            }
            i += V::LEN;
        }
        for (dx, (&y, &dy)) in dx[whole..].iter_mut().zip(y[whole..].iter().zip(&dy[whole..])) {
            *dx = if y <= 0.0 { 0.0 } else { dy };
        }
    }
}
