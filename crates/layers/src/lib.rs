//! Layers, initialisers and losses, with MindSpore's names and parameter shapes.
//!
//! A network is a struct of layers and a `forward`, as in the chapter's listing (§3.4.2):
//!
//! ```
//! use layers::{Dense, Error, Layer, ModuleExt, Relu, Var, module};
//! use tensor::Tensor;
//!
//! struct Mlp {
//!     hidden: Dense,
//!     relu: Relu,
//!     output: Dense,
//! }
//! module!(Mlp { hidden, relu, output });
//!
//! impl Layer for Mlp {
//!     fn forward<'t>(&self, x: Var<'t>) -> Result<Var<'t>, Error> {
//!         let x = self.relu.forward(self.hidden.forward(x)?)?;
//!         self.output.forward(x)
//!     }
//! }
//!
//! let mut net = Mlp { hidden: Dense::new(2, 8), relu: Relu::new(), output: Dense::new(8, 3) };
//! net.initialize(1)?;
//! assert_eq!(net.parameters()[0].0, "hidden.weight");
//! assert_eq!(net.parameter_count(), 2 * 8 + 8 + 8 * 3 + 3);
//!
//! let tape = autodiff::Tape::inference();
//! let y = net.forward(tape.constant(Tensor::zeros([5, 2])))?;
//! assert_eq!(y.shape()[..], [5, 3]);
//! # Ok::<(), Error>(())
//! ```
//!
//! - [`Layer`] is what has a `forward`, [`Module`] is what has parameters; [`module!`] writes the
//!   second from the field names.
//! - Layers: [`Conv2d`], [`Dense`], [`MaxPool2d`], [`AvgPool2d`], [`GlobalAvgPool2d`],
//!   [`BatchNorm1d`], [`BatchNorm2d`], [`LayerNorm`], [`Flatten`], [`Relu`], [`Sigmoid`], [`Tanh`],
//!   [`LeakyRelu`], [`Elu`], [`Gelu`], [`Silu`], [`Softplus`], [`Softmax`], [`LogSoftmax`],
//!   [`Dropout`], [`Sequential`]; of the 1998 network [`Subsampling`], [`TableConv2d`] with its
//!   [`ConnectionTable`], [`ScaledTanh`]. Networks: [`Perceptron`], [`Mlp`], [`LeNet5`],
//!   [`LeNet5Classic`].
//! - [`Activation`] is an activation as a value, which has a name to parse.
//! - [`check_layer_gradients`] compares the derivatives of a layer of your own with central
//!   differences.
//! - [`summary`] tells what a network is made of, [`check_input`] whether an input fits it.
//! - Losses: [`SoftmaxCrossEntropyWithLogits`], [`CrossEntropyLoss`], [`BceWithLogitsLoss`] for
//!   classes; [`MseLoss`], [`HalfSquaredErrorLoss`], [`L1Loss`], [`HuberLoss`] for numbers.
//!
//! Differences from MindSpore, all deliberate: a convolution has a bias and no padding by default
//! (as every listing of the chapter wants it), pooling strides by its own size, and losses are
//! averaged over the batch, so that the learning rate does not depend on the batch size.
#![forbid(unsafe_code)]

mod activation;
mod batch_norm;
mod check;
mod connection_table;
mod conv2d;
mod dense;
mod description;
mod dropout;
mod flatten;
mod global_avg_pool2d;
mod initializer;
mod layer;
mod layer_norm;
mod lenet5;
mod lenet5_classic;
mod loss;
mod mlp;
mod module;
mod parameter;
mod perceptron;
mod pool2d;
mod scaled_tanh;
mod scope;
mod sequential;
mod subsampling;
mod summary;
mod table_conv2d;

pub use activation::{
    Activation, Elu, Gelu, LeakyRelu, LogSoftmax, Relu, Sigmoid, Silu, Softmax, Softplus, Tanh,
};
pub use autodiff::{Randomness, Tape, Var};
pub use batch_norm::{BatchNorm1d, BatchNorm2d};
pub use check::check_layer_gradients;
pub use connection_table::ConnectionTable;
pub use conv2d::Conv2d;
pub use dense::Dense;
pub use description::Description;
pub use dropout::Dropout;
pub use flatten::Flatten;
pub use global_avg_pool2d::GlobalAvgPool2d;
pub use initializer::{Fan, Initializer};
pub use layer::Layer;
pub use layer_norm::LayerNorm;
pub use lenet5::LeNet5;
pub use lenet5_classic::LeNet5Classic;
pub use loss::{
    BceWithLogitsLoss, CrossEntropyLoss, HalfSquaredErrorLoss, HuberLoss, L1Loss, Loss, MseLoss,
    Reduction, SoftmaxCrossEntropyWithLogits, Target,
};
pub use mlp::{Mlp, MlpBuilder};
pub use module::{Item, Module, ModuleExt, Visitor, VisitorMut};
pub use parameter::Parameter;
pub use perceptron::{Perceptron, Rosenblatt};
pub use pool2d::{AvgPool2d, MaxPool2d};
pub use scaled_tanh::ScaledTanh;
pub use scope::Scope;
pub use sequential::Sequential;
pub use subsampling::Subsampling;
pub use summary::{Summary, SummaryRow, check_input, summary};
pub use table_conv2d::TableConv2d;
pub use tensor::{Conv2dAlgorithm, Error, PadMode, Result};

/// The code in README.md, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
