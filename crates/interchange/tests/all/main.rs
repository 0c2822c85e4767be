//! Files of other systems. One program: a second one would compile the generic kernels again.

mod mindspore;
mod onnx;
mod onnx_export;
