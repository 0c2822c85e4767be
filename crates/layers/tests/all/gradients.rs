//! `check_layer_gradients` passes what is right and names what is wrong.

use autodiff::{Backward, Sink};
use layers::{
    AvgPool2d, Conv2d, Dense, Initializer, Layer, MaxPool2d, ModuleExt, Parameter, Relu, Result,
    Scope, Sigmoid, Tanh, Var, check_layer_gradients, module,
};
use tensor::{Float, Tensor};

#[test]
fn the_layers_of_this_crate_pass() {
    fn check(mut layer: impl Layer<f64>, shape: &[usize]) {
        layer.initialize(3).unwrap();
        check_layer_gradients(&layer, shape, 5).unwrap();
    }
    check(Dense::new(4, 3), &[2, 4]);
    check(Dense::new(4, 3).has_bias(false), &[2, 3, 4]);
    check(Conv2d::new(2, 3, 3), &[2, 2, 5, 4]);
    check(MaxPool2d::new(2), &[2, 1, 4, 4]);
    check(AvgPool2d::new(2), &[2, 1, 4, 4]);
    check(Relu::new(), &[3, 4]);
    check(Sigmoid::new(), &[3, 4]);
    check(Tanh::new(), &[3, 4]);
}

/// y = scale · x with gradients that are wrong in a way of choice.
struct Scaled {
    scope: Scope,
    scale: Parameter,
    fault: Fault,
}

module!(Scaled { scope, scale });

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    None,
    InputTwice,
    ScaleNegated,
    ScaleForgotten,
}

#[derive(Debug)]
struct ScaledRule<T: Float> {
    x: Tensor<T>,
    scale: Tensor<T>,
    fault: Fault,
}

impl<T: Float> Backward<T> for ScaledRule<T> {
    fn name(&self) -> &'static str {
        "scaled"
    }

    fn backward(self: Box<Self>, dy: Tensor<T>, sink: &mut Sink<'_, T>) {
        let scale = self.scale.as_slice();
        let dot: T = dy.as_slice().iter().zip(self.x.as_slice()).map(|(&dy, &x)| dy * x).sum();
        match self.fault {
            Fault::ScaleForgotten => {}
            Fault::ScaleNegated => sink.give(1, Tensor::full([1], -dot)),
            _ => sink.give(1, Tensor::full([1], dot)),
        }
        let factor = if self.fault == Fault::InputTwice { scale[0] + scale[0] } else { scale[0] };
        sink.give(0, dy.map(|dy| dy * factor));
    }
}

impl<T: Float> Layer<T> for Scaled {
    fn forward<'t>(&self, input: Var<'t, T>) -> Result<Var<'t, T>> {
        self.scope.run("Scaled", input, |x| {
            let scale = self.scale.on(x.tape())?;
            let factor = scale.value().as_slice()[0];
            let y = x.value().map(|x| x * factor);
            Var::custom(x.tape(), &[&x, &scale], y, |_| ScaledRule {
                x: x.value().clone(),
                scale: scale.value().clone(),
                fault: self.fault,
            })
        })
    }
}

struct Net {
    first: Dense,
    scaled: Scaled,
}

module!(Net { first, scaled });

impl<T: Float> Layer<T> for Net {
    fn forward<'t>(&self, x: Var<'t, T>) -> Result<Var<'t, T>> {
        self.scaled.forward(self.first.forward(x)?)
    }
}

fn net(fault: Fault) -> Net {
    let scale = Parameter::new([1], Initializer::Constant(1.5));
    let scaled = Scaled { scope: Scope::default(), scale, fault };
    let mut net = Net { first: Dense::new(2, 2), scaled };
    net.initialize(3).unwrap();
    net
}

fn complaint(fault: Fault) -> String {
    check_layer_gradients(&net(fault), [3, 2], 5).unwrap_err().to_string()
}

#[test]
fn a_wrong_backward_is_caught_and_named() {
    check_layer_gradients(&net(Fault::None), [3, 2], 5).unwrap();
    let error = complaint(Fault::ScaleNegated);
    assert!(
        error.starts_with("gradient of parameter scaled.scale at element 0: the backward pass"),
        "{error}"
    );
    let error = complaint(Fault::ScaleForgotten);
    assert!(
        error.starts_with(
            "gradient of parameter scaled.scale: the backward pass gives none, central \
             differences give"
        ),
        "{error}"
    );
    let error = complaint(Fault::InputTwice);
    assert!(
        error.starts_with("gradient of the input at element 0: the backward pass gives"),
        "{error}"
    );
}

#[test]
fn frozen_parameters_are_left_out() {
    let mut net = net(Fault::ScaleNegated);
    net.scaled.scale.set_trainable(false);
    check_layer_gradients(&net, [3, 2], 5).unwrap();
}

#[test]
fn what_the_layer_says_comes_through() {
    let error = check_layer_gradients(&Dense::new(2, 2), [3, 2], 5).unwrap_err();
    assert_eq!(
        error.to_string(),
        "forward: the parameters have no values yet; call initialize(seed) on the network, or load \
         weights"
    );
    let error = check_layer_gradients(&net(Fault::None), [3, 4], 5).unwrap_err();
    assert!(error.to_string().starts_with("first: linear: input has 4 features"), "{error}");
}
