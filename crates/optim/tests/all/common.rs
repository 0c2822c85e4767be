//! A network of two parameters, gradients made to order, and the text of errors.

use autodiff::{Gradients, Tape};
use layers::{Initializer, Module, ModuleExt, Parameter, module};
use optim::Result;
use tensor::Tensor;

#[derive(Clone)]
pub(crate) struct Norm {
    pub(crate) gamma: Parameter,
    pub(crate) beta: Parameter,
}

module!(Norm { gamma, beta });

#[derive(Clone)]
pub(crate) struct Net {
    pub(crate) weight: Parameter,
    pub(crate) bias: Parameter,
    pub(crate) norm: Norm,
}

module!(Net { weight, bias, norm });

/// `weight` [1, -2, 0], `bias` [4], `norm.gamma` [8] and `norm.beta` [16].
pub(crate) fn net() -> Net {
    let parameter = |values: &[f32]| {
        let mut parameter = Parameter::new([values.len()], Initializer::ZERO);
        parameter.set(Tensor::from_vec([values.len()], values).unwrap()).unwrap();
        parameter
    };
    let norm = Norm { gamma: parameter(&[8.0]), beta: parameter(&[16.0]) };
    Net { weight: parameter(&[1.0, -2.0, 0.0]), bias: parameter(&[4.0]), norm }
}

/// All values, in the order of the fields.
pub(crate) fn values(net: &dyn Module) -> Vec<f32> {
    let parameters = net.parameters();
    parameters.iter().flat_map(|(_, parameter)| parameter.value().unwrap().to_vec()).collect()
}

/// The gradients of Σ g · w, which are the numbers g: as many as the network has weights.
pub(crate) fn gradients(net: &dyn Module, numbers: &[f32]) -> Gradients {
    let (tape, mut rest) = (Tape::new(), numbers);
    let mut loss = tape.constant(Tensor::scalar(0.0));
    for (_, parameter) in net.parameters() {
        let (mine, others) = rest.split_at(parameter.shape().elements());
        rest = others;
        let g = tape.constant(Tensor::from_vec(parameter.shape(), mine).unwrap());
        loss = loss.add(&parameter.on(&tape).unwrap().mul(&g).unwrap().sum()).unwrap();
    }
    assert!(rest.is_empty());
    loss.backward().unwrap()
}

pub(crate) fn text<T>(result: Result<T>) -> String {
    result.err().expect("an error").to_string()
}
