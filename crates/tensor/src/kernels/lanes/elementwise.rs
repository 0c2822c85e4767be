//! relu in any layout; see [`pool2d`](super::pool2d) for its fusion with pooling.

use super::vector::{Vector, per_isa};
use crate::kernels::isa::Isa;

/// y := max(x, 0), not in place; NaN stays NaN.
///
/// # Panics
/// Where the lengths differ.
pub fn relu(isa: Isa, x: &[f32], y: &mut [f32]) {
    assert_eq!(x.len(), y.len());
    per_isa!(isa, relu_body(x: &[f32], y: &mut [f32]));
}

/// dx := dy where y is not `<= 0`, else 0.
///
/// # Panics
/// Where the lengths differ.
pub fn relu_backward(isa: Isa, y: &[f32], dy: &[f32], dx: &mut [f32]) {
    assert_eq!([dy.len(), dx.len()], [y.len(); 2]);
    per_isa!(isa, relu_backward_body(y: &[f32], dy: &[f32], dx: &mut [f32]));
}

#[inline(always)]
unsafe fn relu_body<V: Vector>(x: &[f32], y: &mut [f32]) {
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

#[inline(always)]
unsafe fn relu_backward_body<V: Vector>(y: &[f32], dy: &[f32], dx: &mut [f32]) {
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
