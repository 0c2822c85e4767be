//! The kernels and the operations on tensors, against plain definitions of them. One program: a second one would compile the generic kernels again.

mod conv2d;
mod errors;
mod gemm;
mod geometry;
mod lanes;
mod naive;
mod pool2d;
mod rows;
mod winograd;
