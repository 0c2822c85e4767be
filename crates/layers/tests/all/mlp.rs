//! The multi-layer perceptron: its names and shapes, its gradients, what it refuses.

use autodiff::check_gradients;
use layers::{Activation, Layer, Mlp, ModuleExt, Tape};
use tensor::Tensor;

#[test]
fn parameters_are_named_by_their_place() {
    let mlp = Mlp::new(2).hidden(8, Activation::Tanh).hidden(4, Activation::Relu).output(3);
    let mlp = mlp.unwrap();
    let names: Vec<_> =
        mlp.parameters().iter().map(|(name, p)| format!("{name} {}", p.shape())).collect();
    assert_eq!(
        names,
        [
            "hidden.0.weight [8, 2]",
            "hidden.0.bias [8]",
            "hidden.1.weight [4, 8]",
            "hidden.1.bias [4]",
            "output.weight [3, 4]",
            "output.bias [3]",
        ]
    );
}

/// Each hidden layer applies its own activation, the output none.
#[test]
fn an_mlp_is_its_formula() {
    let mut mlp = Mlp::new(1).hidden(1, Activation::Sigmoid).hidden(1, Activation::Relu);
    for (bias, expected) in [(0.0, 0.5 * 3.0 - 1.0), (-1.0, -1.0)] {
        let mut mlp = mlp.clone().output(1).unwrap();
        let values = [1.0, 0.0, 1.0, bias, 3.0, -1.0];
        let mut i = 0;
        mlp.each_parameter_mut(&mut |_, parameter| {
            parameter.set(Tensor::full(parameter.shape(), values[i])).unwrap();
            i += 1;
        });
        let tape = Tape::<f64>::inference();
        let y = mlp.forward(tape.constant(Tensor::full([1, 1], 0.0))).unwrap();
        assert!((y.value().item().unwrap() - expected).abs() < 1e-15);
    }
    mlp = mlp.hidden(2, Activation::Tanh);
    assert_eq!(mlp.output(1).unwrap().hidden.len(), 3);
}

#[test]
fn without_hidden_layers_it_is_one_dense_layer() {
    let mut mlp = Mlp::new(3).output(2).unwrap();
    mlp.initialize(1).unwrap();
    let x = Tensor::from_vec([2, 3], [0.3, -1.0, 0.5, 2.0, 0.1, -0.4]).unwrap();
    let tape = Tape::<f32>::inference();
    let y = mlp.forward(tape.constant(x.clone())).unwrap().into_value();
    assert_eq!(y, mlp.output.forward(tape.constant(x)).unwrap().into_value());
}

#[test]
fn gradients_of_an_mlp() {
    let mut mlp =
        Mlp::new(3).hidden(5, Activation::Tanh).hidden(4, Activation::Sigmoid).output(2).unwrap();
    mlp.initialize(2).unwrap();
    let x = Tensor::from_vec([2, 3], [0.3, -1.0, 0.5, 2.0, 0.1, -0.4]).unwrap();
    check_gradients(&[x], |_, v| mlp.forward(v[0].clone())).unwrap();
}

#[test]
fn sizes_of_0_are_refused() {
    let says =
        |builder: layers::MlpBuilder, outputs| builder.output(outputs).unwrap_err().to_string();
    let relu = Activation::Relu;
    assert_eq!(says(Mlp::new(0).hidden(4, relu), 2), "mlp: inputs is 0, expected at least 1");
    assert_eq!(
        says(Mlp::new(2).hidden(4, relu).hidden(0, relu), 2),
        "hidden.1: mlp: size is 0, expected at least 1"
    );
    assert_eq!(says(Mlp::new(2).hidden(4, relu), 0), "mlp: outputs is 0, expected at least 1");
}
