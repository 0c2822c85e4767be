//! Parameter groups: what they change, and what they refuse.

use crate::common::{gradients, net, text, values};
use optim::{ConstantLr, CosineDecayLr, Error, Momentum, Optimizer, ParameterGroup, Sgd};

const ONES: [f32; 6] = [1.0; 6];

/// What a step on gradients of 1 takes off [1, -2, 0], [4], gamma [8], beta [16].
fn taken(optimizer: &mut dyn Optimizer) -> Vec<f32> {
    let mut net = net();
    let before = values(&net);
    let gradients = gradients(&net, &ONES);
    optimizer.step(&mut net, &gradients).unwrap();
    before.iter().zip(values(&net)).map(|(before, after)| before - after).collect()
}

fn sgd() -> Sgd {
    Sgd::new(0.5).unwrap()
}

fn named(name: &str) -> ParameterGroup {
    ParameterGroup::named([name]).unwrap()
}

#[test]
fn a_group_has_its_own_rate() {
    let mut optimizer = sgd()
        .group(named("bias").learning_rate(0.25).unwrap())
        .group(ParameterGroup::layer("norm").learning_rate_factor(0.25).unwrap());
    assert_eq!(taken(&mut optimizer), [0.5, 0.5, 0.5, 0.25, 0.125, 0.125]);
    assert_eq!(optimizer.learning_rate(), 0.5);
}

#[test]
fn a_groups_schedule_counts_the_optimizers_steps() {
    let schedule = CosineDecayLr::new(0.0, 1.0, 2).unwrap();
    let mut optimizer = sgd().group(named("bias").learning_rate(schedule).unwrap());
    let mut net = net();
    let mut at = Vec::new();
    for _ in 0..3 {
        let gradients = gradients(&net, &ONES);
        optimizer.step(&mut net, &gradients).unwrap();
        at.push(values(&net)[3]);
    }
    assert_eq!(at, [3.0, 2.5, 2.5]);
}

#[test]
fn a_frozen_group_stays_even_under_decay() {
    let frozen = ParameterGroup::matching(|name| name.starts_with("norm")).frozen();
    let mut optimizer = sgd().weight_decay(0.5).unwrap().group(frozen);
    assert_eq!(taken(&mut optimizer)[4..], [0.0, 0.0]);
}

#[test]
fn changed_rates_reach_the_groups() {
    let mut optimizer = sgd()
        .group(named("bias").learning_rate(0.25).unwrap())
        .group(ParameterGroup::layer("norm").learning_rate_factor(0.25).unwrap());
    optimizer.scale_learning_rate(0.5).unwrap();
    assert_eq!(taken(&mut optimizer), [0.25, 0.25, 0.25, 0.125, 0.0625, 0.0625]);
    optimizer.set_learning_rate(1.0).unwrap();
    assert_eq!(taken(&mut optimizer), [1.0, 1.0, 1.0, 0.25, 0.25, 0.25]);
    assert_eq!(optimizer.learning_rate(), 1.0);
}

#[test]
fn a_layer_is_no_prefix_of_another() {
    struct Outer {
        bi: crate::common::Norm,
        bias: crate::common::Norm,
    }
    layers::module!(Outer { bi, bias });
    let (one, other) = (net().norm, net().norm);
    let mut outer = Outer { bi: one, bias: other };
    let mut optimizer = sgd().group(ParameterGroup::layer("bi").frozen());
    let gradients = gradients(&outer, &[1.0; 4]);
    optimizer.step(&mut outer, &gradients).unwrap();
    assert_eq!(values(&outer), [8.0, 16.0, 7.5, 15.5]);
}

fn refused(optimizer: Sgd) -> String {
    let (mut optimizer, mut net) = (optimizer, net());
    let before = values(&net);
    let gradients = gradients(&net, &ONES);
    let error = optimizer.step(&mut net, &gradients).unwrap_err();
    assert!(matches!(error, Error::State { .. }), "{error:?}");
    assert_eq!((values(&net), optimizer.steps()), (before, 0));
    error.to_string()
}

#[test]
fn what_does_not_exist_is_refused() {
    let exist = "the network's parameters are weight, bias, norm.gamma, norm.beta";
    let group = ParameterGroup::named(["bias", "fc4.weight"]).unwrap();
    assert_eq!(
        refused(sgd().group(named("weight")).group(group)),
        format!(
            "sgd: parameter group 2 names fc4.weight, which the network does not have; {exist}"
        )
    );
    assert_eq!(
        refused(sgd().group(ParameterGroup::layer("nor"))),
        format!("sgd: parameter group 1 is layer nor, which the network does not have; {exist}")
    );
    assert_eq!(
        refused(sgd().group(ParameterGroup::matching(|_| false))),
        format!("sgd: parameter group 1 matches no parameter; {exist}")
    );
    assert_eq!(
        text(ParameterGroup::named::<&str>([])),
        "parameter group: names is an empty list, expected at least one name"
    );
}

#[test]
fn no_parameter_is_in_two_groups() {
    let biases = ParameterGroup::matching(|name| name == "bias" || name == "norm.beta");
    assert_eq!(
        refused(sgd().group(named("weight")).group(ParameterGroup::layer("norm")).group(biases)),
        "sgd: parameter norm.beta is in groups 2 and 3; a parameter can be in one group at most"
    );
}

#[test]
fn something_must_be_left_to_train() {
    let none = "sgd: the network has no parameter to train; give it layers with parameters, or \
                unfreeze some";
    assert_eq!(refused(sgd().group(ParameterGroup::matching(|_| true).frozen())), none);
    let mut empty: Vec<layers::Parameter> = Vec::new();
    let nothing = optim::Gradients::default();
    assert_eq!(text(sgd().step(&mut empty, &nothing)), none);
}

#[test]
fn bad_numbers_of_groups_are_named() {
    let at_least_0 = "expected a finite number, at least 0";
    for (bad, shown) in [(f64::NAN, "NaN"), (-0.1, "-0.1"), (f64::INFINITY, "inf")] {
        let message = |what: &str| format!("parameter group: {what} is {shown}, {at_least_0}");
        assert_eq!(text(named("a").learning_rate(bad)), message("learning rate"));
        assert_eq!(text(named("a").learning_rate(ConstantLr(bad))), message("learning rate"));
        assert_eq!(text(named("a").learning_rate_factor(bad)), message("learning_rate_factor"));
        assert_eq!(text(named("a").weight_decay(bad)), message("weight_decay"));
        assert_eq!(text(named("a").l1_decay(bad)), message("l1_decay"));
        let momentum = |what: &str| format!("momentum: {what} is {shown}, {at_least_0}");
        let mut optimizer = Momentum::new(0.1, 0.9).unwrap();
        assert_eq!(text(optimizer.set_learning_rate(bad)), momentum("learning rate"));
        assert_eq!(text(optimizer.scale_learning_rate(bad)), momentum("learning rate factor"));
    }
}
