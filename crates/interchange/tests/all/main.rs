//! Files of other systems. One program: a second one would compile the generic kernels again.

mod fuzzed;
mod mindspore;
mod mindspore_training;
mod onnx;
mod onnx_export;
mod properties;
mod pytorch;
mod refusals;
