//! ONNX: models that other systems export, as networks that run and train here
//! ([`OnnxNetwork`]), and our networks as models for other systems ([`OnnxModel`]).
//!
//! Supported is what networks of this workspace's layers are made of ([`OnnxNetwork`] lists it);
//! any other operator is an exact error when the file is read, not a surprise when it is run.

mod attributes;
mod export;
mod message;
mod network;
mod operators;
#[cfg(test)]
mod refusals;
mod tensors;

pub use export::OnnxModel;
pub use network::OnnxNetwork;

pub(crate) const FORMAT: &str = "ONNX model";
