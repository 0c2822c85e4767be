//! The numeric kernels: free functions over slices and a validated geometry.

pub mod activation;
pub mod ceiling;
pub mod conv2d;
pub mod cross_entropy;
pub mod dropout;
pub mod elementwise;
pub mod gemm;
pub mod im2col;
pub mod implicit;
pub mod isa;
pub mod lanes;
pub mod loss;
pub mod math;
pub mod matvec;
pub mod normalize;
pub mod optimizer;
pub mod pool2d;
mod pool2x2;
pub mod rows;
pub mod softmax;
pub mod stream;
pub mod subsampling;
pub mod tanh;
mod vector;
pub mod winograd;
