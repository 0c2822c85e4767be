//! What a step changes and leaves alone, and the text of every mistake.

use autodiff::{Gradients, Tape};
use layers::{Dense, Initializer, Layer, ModuleExt, Parameter, module};
use optim::{ConstantLr, Error, Momentum, Optimizer, Result, Schedule, Sgd};
use tensor::Tensor;

fn dense(inputs: usize, outputs: usize) -> Dense {
    let mut dense = Dense::new(inputs, outputs);
    dense.initialize(1).unwrap();
    dense
}

/// The gradients of Σ (W x + b)² for x of ones.
fn gradients(net: &Dense) -> Gradients {
    gradients_of(std::slice::from_ref(net))
}

/// Those of several layers side by side.
fn gradients_of(layers: &[Dense]) -> Gradients {
    let tape = Tape::new();
    let mut loss = tape.constant(Tensor::scalar(0.0));
    for layer in layers {
        let x = tape.constant(Tensor::full([2, layer.weight.shape()[1]], 1.0));
        loss = loss.add(&layer.forward(x).unwrap().square().sum()).unwrap();
    }
    loss.backward().unwrap()
}

fn values(net: &Dense) -> Vec<Vec<f32>> {
    net.parameters().iter().map(|(_, parameter)| parameter.value().unwrap().to_vec()).collect()
}

fn text<T>(result: Result<T>) -> String {
    result.err().expect("an error").to_string()
}

#[test]
fn arguments_are_checked() {
    let rate = "learning rate is";
    let at_least_0 = "expected a finite number, at least 0";
    for (bad, shown) in [(f64::NAN, "NaN"), (f64::INFINITY, "inf"), (-0.1, "-0.1")] {
        assert_eq!(text(Sgd::new(bad)), format!("sgd: {rate} {shown}, {at_least_0}"));
        let momentum = Momentum::new(bad, 0.9);
        assert_eq!(text(momentum), format!("momentum: {rate} {shown}, {at_least_0}"));
        let decay = Sgd::new(0.1).unwrap().weight_decay(bad);
        assert_eq!(text(decay), format!("sgd: weight_decay is {shown}, {at_least_0}"));
        let decay = Momentum::new(0.1, 0.9).unwrap().weight_decay(bad);
        assert_eq!(text(decay), format!("momentum: weight_decay is {shown}, {at_least_0}"));
    }
    for (bad, shown) in [(1.5, "1.5"), (-0.1, "-0.1"), (f64::NAN, "NaN")] {
        let expected = format!("momentum: momentum is {shown}, expected a number from 0 to 1");
        assert_eq!(text(Momentum::new(0.1, bad)), expected);
    }
}

/// A schedule of one's own that goes wrong at its third step.
#[derive(Debug)]
struct Breaking;

impl Schedule for Breaking {
    fn at(&self, steps: u64) -> f64 {
        if steps < 2 { 0.01 } else { f64::NAN }
    }
}

#[test]
fn a_rate_that_turns_nan_changes_nothing() {
    let optimizers: [(&str, Box<dyn Optimizer>); 2] = [
        ("sgd", Box::new(Sgd::new(Breaking).unwrap())),
        ("momentum", Box::new(Momentum::new(Breaking, 0.9).unwrap())),
    ];
    for (op, mut optimizer) in optimizers {
        let mut net = dense(3, 2);
        for _ in 0..2 {
            let gradients = gradients(&net);
            optimizer.step(&mut net, &gradients).unwrap();
        }
        let before = values(&net);
        let gradients = gradients(&net);
        assert_eq!(
            text(optimizer.step(&mut net, &gradients)),
            format!("{op}: learning rate is NaN, expected a finite number, at least 0")
        );
        assert_eq!((values(&net), optimizer.steps()), (before, 2));
    }
}

#[test]
fn an_optimizer_belongs_to_one_network() {
    let (mut one, mut other) = (dense(3, 2), dense(4, 2));
    let mut optimizer = Momentum::new(0.1, 0.9).unwrap();
    let first = gradients(&one);
    optimizer.step(&mut one, &first).unwrap();
    let before = values(&other);
    let second = gradients(&other);
    assert_eq!(
        text(optimizer.step(&mut other, &second)),
        "momentum: parameter weight [2, 4] comes where weight [2, 3] was before; \
         an optimizer belongs to one network: make a new one"
    );
    assert_eq!((values(&other), optimizer.steps()), (before, 1));

    // A network that has grown since.
    let mut grown = vec![one];
    let mut optimizer = Momentum::new(0.1, 0.9).unwrap();
    let first = gradients_of(&grown);
    optimizer.step(&mut grown, &first).unwrap();
    grown.push(dense(1, 3));
    let second = gradients_of(&grown);
    assert_eq!(
        text(optimizer.step(&mut grown, &second)),
        "momentum: parameter 1.weight [3, 1] comes where nothing was before; an optimizer belongs \
         to one network: make a new one"
    );
}

/// Doing nothing in silence would look like a network that does not learn.
#[test]
fn gradients_belong_to_one_network() {
    let mut net = dense(3, 2);
    let mut clone = net.clone();
    let gradients = gradients(&net);
    let (sgd, momentum) = (Sgd::new(0.1).unwrap(), Momentum::new(0.1, 0.9).unwrap());
    let optimizers: [(&str, Box<dyn Optimizer>); 2] =
        [("sgd", Box::new(sgd)), ("momentum", Box::new(momentum))];
    for (op, mut optimizer) in optimizers {
        let error = optimizer.step(&mut clone, &gradients).unwrap_err();
        assert!(matches!(error, Error::State { .. }), "{error:?}");
        assert_eq!(
            error.to_string(),
            format!(
                "{op}: none of the gradients belongs to a parameter of this network; step the \
                 network that the loss was computed with; a clone has parameters of its own"
            )
        );
        assert_eq!(optimizer.steps(), 0);
        optimizer.step(&mut net, &gradients).unwrap();
        assert_eq!(optimizer.steps(), 1);
    }
}

#[test]
fn frozen_and_unused_parameters_stay() {
    struct Net {
        dense: Dense,
        unused: Parameter,
    }
    module!(Net { dense, unused });
    let mut net = Net { dense: dense(3, 2), unused: Parameter::new([2], Initializer::ONE) };
    net.dense.bias.as_mut().unwrap().set_trainable(false);
    net.initialize(1).unwrap();
    // Weight decay alone would move them.
    let mut optimizer = Momentum::new(0.1, 0.9).unwrap().weight_decay(0.5).unwrap();
    let before = values(&net.dense);
    for _ in 0..3 {
        let gradients = gradients(&net.dense);
        assert!(gradients.get(net.dense.bias.as_ref().unwrap().key()).is_none());
        optimizer.step(&mut net, &gradients).unwrap();
    }
    let after = values(&net.dense);
    assert_ne!(after[0], before[0]);
    assert_eq!(after[1], before[1]);
    assert_eq!(net.unused.value().unwrap().as_slice(), [1.0, 1.0]);
}

/// Freezing after the gradients were computed is respected too.
#[test]
fn a_parameter_frozen_late_stays() {
    let mut net = dense(3, 2);
    let gradients = gradients(&net);
    net.weight.set_trainable(false);
    let before = values(&net);
    Sgd::new(0.1).unwrap().step(&mut net, &gradients).unwrap();
    assert_eq!(values(&net)[0], before[0]);
    assert_ne!(values(&net)[1], before[1]);
}

/// Eq. (3.11): w_t = w_(t-1) - (α/b) Σ ∂J of the samples, which the mean's gradient gives.
#[test]
fn sgd_is_equation_3_11() {
    let mut net = dense(3, 2);
    let rate = 0.25_f32;
    let before = values(&net);
    let samples = [[0.5_f32, -1.0, 2.0], [1.5, 0.25, -0.5], [-1.0, 1.0, 0.75]];
    let mut sum: Vec<Vec<f32>> = before.iter().map(|values| vec![0.0; values.len()]).collect();
    for sample in &samples {
        let tape = Tape::new();
        let x = tape.constant(Tensor::from_vec([1, 3], sample).unwrap());
        let gradients = net.forward(x).unwrap().square().sum().backward().unwrap();
        for (sum, (_, parameter)) in sum.iter_mut().zip(net.parameters()) {
            let gradient = gradients.get(parameter.key()).unwrap();
            sum.iter_mut().zip(gradient.as_slice()).for_each(|(sum, g)| *sum += g);
        }
    }
    let tape = Tape::new();
    let batch = tape.constant(Tensor::from_vec([3, 3], samples.as_flattened()).unwrap());
    let losses = net.forward(batch).unwrap().square().sum_axis(1).unwrap();
    let gradients = losses.mean().backward().unwrap();
    Sgd::new(ConstantLr(rate.into())).unwrap().step(&mut net, &gradients).unwrap();
    for ((after, before), sum) in values(&net).iter().zip(&before).zip(&sum) {
        for ((after, before), sum) in after.iter().zip(before).zip(sum) {
            let expected = before - rate / 3.0 * sum;
            assert!((after - expected).abs() < 1e-6, "{after}, expected {expected}");
        }
    }
}
