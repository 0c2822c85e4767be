//! The operations: one file each, holding the forward method of [`Var`](crate::Var), what it
//! saves, and its derivative rule.

mod activation;
mod affine;
mod arithmetic;
mod avg_pool2d;
mod conv2d;
mod cross_entropy;
mod exp_ln;
mod linear;
mod matmul;
mod max_pool2d;
mod permute;
mod reduce;
mod reshape;
mod scaled_tanh;
mod scatter_rows;
mod softmax;
mod square;
mod step;
mod subsampling;
