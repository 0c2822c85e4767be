//! The numeric kernels: free functions over slices and a validated geometry.

pub mod gemm;
