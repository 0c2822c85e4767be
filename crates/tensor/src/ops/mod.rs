//! Operations on tensors: which kernel and which layout. The kernels do the arithmetic; these
//! functions give them their outputs and their scratch memory.

pub mod conv2d;
pub mod linear;
pub mod matmul;
pub mod pool2d;
pub mod subsampling;

use crate::{Float, Tensor};

const LANES_HOLD_F32: &str = "only f32 tensors are interleaved";

/// The stored elements of an interleaved tensor.
fn f32s<T: Float>(tensor: &Tensor<T>) -> &[f32] {
    T::f32s(tensor.stored()).expect(LANES_HOLD_F32)
}

/// The stored elements of an interleaved tensor, or those of a plain one of its type.
fn f32s_mut<T: Float>(tensor: &mut Tensor<T>) -> &mut [f32] {
    T::f32s_mut(tensor.stored_mut()).expect(LANES_HOLD_F32)
}
