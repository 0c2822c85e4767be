//! The numeric kernels: free functions over slices and a validated geometry.

pub mod elementwise;
pub mod gemm;
pub mod isa;
pub mod optimizer;
pub mod softmax;
