//! The text of every bad argument of the optimizers and schedules.

use crate::common::{gradients, net, text};
use autodiff::Tape;
use layers::{Initializer, Parameter, module};
use optim::{
    Adagrad, Adam, AdamW, CosineDecayLr, ExponentialDecayLr, InverseDecayLr, NaturalExpDecayLr,
    OneCycleLr, Optimizer, PerEpochLr, PiecewiseConstantLr, Plateau, PolynomialDecayLr, RangeLr,
    RmsProp, Sgd, WarmUpLr,
};
use tensor::Tensor;

const AT_LEAST_0: &str = "expected a finite number, at least 0";
const ABOVE_0: &str = "expected a finite number above 0";
const BELOW_1: &str = "expected a number from 0 up to, but not including, 1";

#[test]
fn rates_are_checked() {
    for (op, message) in [
        ("adam", text(Adam::new(-0.1))),
        ("adam", text(Adam::pytorch(-0.1))),
        ("adamw", text(AdamW::new(-0.1))),
        ("adamw", text(AdamW::mindspore(-0.1))),
        ("rms_prop", text(RmsProp::new(-0.1))),
        ("adagrad", text(Adagrad::pytorch(-0.1))),
    ] {
        assert_eq!(message, format!("{op}: learning rate is -0.1, {AT_LEAST_0}"));
    }
}

#[test]
fn shares_are_checked() {
    for (bad, shown) in [(1.0, "1"), (-0.1, "-0.1"), (f64::NAN, "NaN")] {
        let message = |what: &str| format!("{what} is {shown}, {BELOW_1}");
        assert_eq!(text(Adam::new(0.1).unwrap().betas(bad, 0.9)), message("adam: beta1"));
        assert_eq!(text(Adam::new(0.1).unwrap().betas(0.9, bad)), message("adam: beta2"));
        assert_eq!(text(AdamW::new(0.1).unwrap().betas(bad, 0.9)), message("adamw: beta1"));
        assert_eq!(text(RmsProp::new(0.1).unwrap().decay(bad)), message("rms_prop: decay"));
        assert_eq!(text(Plateau::new(bad)), message("plateau: factor"));
    }
    let expected = "expected a number from 0 to 1";
    let momentum = text(RmsProp::new(0.1).unwrap().momentum(1.5));
    assert_eq!(momentum, format!("rms_prop: momentum is 1.5, {expected}"));
    let momentum = text(Sgd::new(0.1).unwrap().momentum(-1.0));
    assert_eq!(momentum, format!("sgd: momentum is -1, {expected}"));
    let dampening = text(Sgd::new(0.1).unwrap().dampening(2.0));
    assert_eq!(dampening, format!("sgd: dampening is 2, {expected}"));
}

#[test]
fn what_keeps_divisors_from_0_is_checked() {
    for (bad, shown) in [(0.0, "0"), (-1e-8, "-0.00000001"), (f64::INFINITY, "inf")] {
        let message = |op: &str| format!("{op}: eps is {shown}, {ABOVE_0}");
        assert_eq!(text(Adam::new(0.1).unwrap().eps(bad)), message("adam"));
        assert_eq!(text(AdamW::new(0.1).unwrap().eps(bad)), message("adamw"));
        assert_eq!(text(RmsProp::new(0.1).unwrap().eps(bad)), message("rms_prop"));
    }
    let adagrad = || Adagrad::new(0.1).unwrap();
    let message = |what: &str| format!("{what} is -1, {AT_LEAST_0}");
    assert_eq!(text(adagrad().eps(-1.0)), message("adagrad: eps"));
    let initial = text(adagrad().initial_accumulator(-1.0));
    assert_eq!(initial, message("adagrad: initial_accumulator"));
    let initial = text(RmsProp::new(0.1).unwrap().initial_mean_square(-1.0));
    assert_eq!(initial, message("rms_prop: initial_mean_square"));
}

/// Options that only together make no sense are found by the first step.
#[test]
fn options_that_do_not_fit_together_are_refused() {
    let step = |optimizer: &mut dyn Optimizer| {
        let mut net = net();
        let gradients = gradients(&net, &[1.0; 6]);
        text(optimizer.step(&mut net, &gradients))
    };
    assert_eq!(
        step(&mut Sgd::new(0.1).unwrap().nesterov(true)),
        "sgd: nesterov with momentum 0 and dampening 0; nesterov needs a momentum above 0 and no \
         dampening"
    );
    assert_eq!(
        step(&mut Adagrad::new(0.1).unwrap().initial_accumulator(0.0).unwrap()),
        "adagrad: both initial_accumulator and eps are 0; give one of them a value above 0"
    );
}

/// Gradients can be made by hand, so they are checked.
#[test]
fn gradients_that_do_not_fit_are_refused() {
    let step = |shape: [usize; 1], weight: Parameter| {
        let tape = Tape::new();
        let leaf = tape.parameter(weight.key(), &Tensor::zeros(shape));
        let gradients = leaf.square().sum().backward().unwrap();
        text(Sgd::new(0.1).unwrap().step(&mut One { weight }, &gradients))
    };
    let mut weight = Parameter::new([2], Initializer::ZERO);
    assert_eq!(
        step([2], weight.clone()),
        "weight: sgd: the parameter has no value yet; call initialize(seed) on the network, or load \
         weights"
    );
    weight.set(Tensor::zeros([2])).unwrap();
    assert_eq!(
        step([3], weight),
        "weight: sgd: the gradient does not have the parameter's shape (gradient [3], parameter \
         [2])"
    );
}

struct One {
    weight: Parameter,
}

module!(One { weight });

#[test]
fn schedules_check_their_numbers() {
    let steps = "expected at least 1";
    let cases = [
        (
            text(CosineDecayLr::new(0.0, 0.1, 0)),
            format!("cosine_decay_lr: decay_steps is 0, {steps}"),
        ),
        (
            text(CosineDecayLr::new(0.1, 0.1, 1)),
            "cosine_decay_lr: max_lr is 0.1, expected more than min_lr, 0.1".to_owned(),
        ),
        (
            text(CosineDecayLr::new(f64::NAN, 0.1, 1)),
            format!("cosine_decay_lr: min_lr is NaN, {AT_LEAST_0}"),
        ),
        (
            text(CosineDecayLr::new(0.0, f64::INFINITY, 1)),
            format!("cosine_decay_lr: max_lr is inf, {AT_LEAST_0}"),
        ),
        (
            text(PolynomialDecayLr::new(-1.0, 0.0, 1, 1.0)),
            format!("polynomial_decay_lr: learning rate is -1, {AT_LEAST_0}"),
        ),
        (
            text(PolynomialDecayLr::new(0.1, 0.0, 0, 1.0)),
            format!("polynomial_decay_lr: decay_steps is 0, {steps}"),
        ),
        (
            text(PolynomialDecayLr::new(0.1, 0.0, 1, 0.0)),
            format!("polynomial_decay_lr: power is 0, {ABOVE_0}"),
        ),
        (
            text(PolynomialDecayLr::new(0.1, -1.0, 1, 1.0)),
            format!("polynomial_decay_lr: end learning rate is -1, {AT_LEAST_0}"),
        ),
        (
            text(ExponentialDecayLr::new(0.0, 0.5, 1)),
            format!("exponential_decay_lr: learning rate is 0, {ABOVE_0}"),
        ),
        (
            text(NaturalExpDecayLr::new(0.1, -0.5, 1)),
            format!("natural_exp_decay_lr: decay_rate is -0.5, {ABOVE_0}"),
        ),
        (
            text(InverseDecayLr::new(0.1, 0.5, 0)),
            format!("inverse_decay_lr: decay_steps is 0, {steps}"),
        ),
        (text(PerEpochLr::new(0, 0.1)), format!("per_epoch_lr: steps_per_epoch is 0, {steps}")),
        (text(WarmUpLr::new(0, 0.1)), format!("warm_up_lr: warmup_steps is 0, {steps}")),
        (
            text(WarmUpLr::new(1, 0.1).unwrap().start_factor(1.5)),
            "warm_up_lr: start_factor is 1.5, expected a number from 0 to 1".to_owned(),
        ),
        (text(OneCycleLr::new(-1.0, 10)), format!("one_cycle_lr: max_lr is -1, {ABOVE_0}")),
        (text(OneCycleLr::new(0.1, 0)), format!("one_cycle_lr: total_steps is 0, {steps}")),
        (
            text(OneCycleLr::new(0.1, 9).unwrap().rising(1.0)),
            "one_cycle_lr: rising is 1, expected a number between 0 and 1".to_owned(),
        ),
        (
            text(OneCycleLr::new(0.1, 9).unwrap().div_factor(0.0)),
            format!("one_cycle_lr: div_factor is 0, {ABOVE_0}"),
        ),
        (
            text(PiecewiseConstantLr::new([], [])),
            "piecewise_constant_lr: milestones is an empty list, expected at least one".to_owned(),
        ),
        (
            text(PiecewiseConstantLr::new([1, 2], [0.1])),
            "piecewise_constant_lr: the number of learning rates is 1, expected as many as \
             milestones, 2"
                .to_owned(),
        ),
        (
            text(PiecewiseConstantLr::new([2, 2], [0.1, 0.2])),
            "piecewise_constant_lr: milestone is 2, expected more than 2: milestones rise"
                .to_owned(),
        ),
        (
            text(PiecewiseConstantLr::new([1], [-0.1])),
            format!("piecewise_constant_lr: learning rate is -0.1, {AT_LEAST_0}"),
        ),
        (
            text(RangeLr::new(0.1, 0.1, 5)),
            "range_lr: to is 0.1, expected more than from, 0.1".to_owned(),
        ),
        (
            text(OneCycleLr::new(0.1, 9).unwrap().final_div_factor(-1.0)),
            format!("one_cycle_lr: final_div_factor is -1, {ABOVE_0}"),
        ),
        (text(RangeLr::new(0.1, f64::NAN, 5)), format!("range_lr: to is NaN, {ABOVE_0}")),
        (text(RangeLr::new(0.1, 0.2, 0)), format!("range_lr: total_steps is 0, {steps}")),
        (text(RangeLr::new(0.0, 0.1, 5)), format!("range_lr: from is 0, {ABOVE_0}")),
        (
            text(Plateau::new(0.1).unwrap().min_delta(-1.0)),
            format!("plateau: min_delta is -1, {AT_LEAST_0}"),
        ),
    ];
    for (found, expected) in cases {
        assert_eq!(found, expected);
    }
}
