//! Layers, losses and networks. One program: a second one would compile the generic kernels again.

mod activations;
mod classic;
mod dropout;
mod errors;
mod gradients;
mod initializers;
mod loss_errors;
mod losses;
mod mlp;
mod norm;
mod padding;
mod perceptron;
mod printing;
mod pytorch;
mod sequential;
mod summary;
