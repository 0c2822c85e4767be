//! What becomes of a gradient before the rule uses it.

use crate::common::{gradients, net, text, values};
use optim::{Momentum, Optimizer, ParameterGroup, Sgd};

/// What a step of rate 1 takes off [1, -2, 0], [4], gamma [8], beta [16].
fn taken(optimizer: optim::Result<Sgd>, numbers: [f32; 6]) -> Vec<f32> {
    let mut net = net();
    let before = values(&net);
    let gradients = gradients(&net, &numbers);
    optimizer.unwrap().step(&mut net, &gradients).unwrap();
    before.iter().zip(values(&net)).map(|(before, after)| before - after).collect()
}

fn sgd() -> Sgd {
    Sgd::new(1.0).unwrap()
}

#[test]
fn l2_decay_spares_beta_and_gamma_but_not_biases() {
    assert_eq!(taken(sgd().weight_decay(0.25), [0.0; 6]), [0.25, -0.5, 0.0, 1.0, 0.0, 0.0]);
    assert_eq!(taken(sgd().weight_decay(0.25), [1.0; 6]), [1.25, 0.5, 1.0, 2.0, 1.0, 1.0]);
}

#[test]
fn l1_decay_is_the_sign_of_the_weight() {
    assert_eq!(taken(sgd().l1_decay(0.25), [0.0; 6]), [0.25, -0.25, 0.0, 0.25, 0.0, 0.0]);
    let both = sgd().l1_decay(0.25).unwrap().weight_decay(0.5);
    assert_eq!(taken(both, [0.0; 6]), [0.75, -1.25, 0.0, 2.25, 0.0, 0.0]);
}

/// A path that contains `gamma` does not spare a parameter; its own name does.
#[test]
fn only_the_parameters_own_name_counts() {
    struct Outer {
        gamma_net: crate::common::Net,
    }
    layers::module!(Outer { gamma_net });
    let mut outer = Outer { gamma_net: net() };
    let zeros = gradients(&outer, &[0.0; 6]);
    sgd().weight_decay(0.25).unwrap().step(&mut outer, &zeros).unwrap();
    assert_eq!(values(&outer), [0.75, -1.5, 0.0, 3.0, 8.0, 16.0]);
}

#[test]
fn a_group_with_a_decay_overrides_the_names() {
    let group = ParameterGroup::layer("norm").weight_decay(0.5).unwrap();
    let optimizer = sgd().weight_decay(0.25).unwrap().group(group);
    assert_eq!(taken(Ok(optimizer), [0.0; 6]), [0.25, -0.5, 0.0, 1.0, 4.0, 8.0]);
    let group = ParameterGroup::named(["bias"]).unwrap().weight_decay(0.0).unwrap();
    let optimizer = sgd().weight_decay(0.25).unwrap().l1_decay(0.5).unwrap().group(group);
    assert_eq!(taken(Ok(optimizer), [0.0; 6]), [0.75, -1.0, 0.0, 0.5, 0.0, 0.0]);
}

#[test]
fn clipping_by_value_comes_before_decay() {
    let clipped = sgd().clip_value(2.0).unwrap().weight_decay(0.25);
    let numbers = [1.5, -3.0, 0.0, 100.0, -2.0, 5.0];
    assert_eq!(taken(clipped, numbers), [1.75, -2.5, 0.0, 3.0, -2.0, 2.0]);
}

#[test]
fn clipping_by_norm_scales_all_gradients_alike() {
    // The norm is 13.
    let numbers = [3.0, 0.0, -4.0, 12.0, 0.0, 0.0];
    assert_eq!(taken(sgd().clip_norm(13.0), numbers), numbers);
    assert_eq!(taken(sgd().clip_norm(6.5), numbers), [1.5, 0.0, -2.0, 6.0, 0.0, 0.0]);
    let both = sgd().clip_norm(6.5).unwrap().clip_value(5.0);
    assert_eq!(taken(both, numbers), [1.5, 0.0, -2.0, 5.0, 0.0, 0.0]);
}

/// Momentum keeps the clipped gradient, not the raw one.
#[test]
fn what_is_kept_is_clipped() {
    let mut net = net();
    let mut optimizer = Momentum::new(1.0, 0.5).unwrap().clip_value(1.0).unwrap();
    for _ in 0..2 {
        let gradients = gradients(&net, &[8.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        optimizer.step(&mut net, &gradients).unwrap();
    }
    assert_eq!(values(&net)[0], 1.0 - 1.0 - 1.5);
}

/// The norm is that of what the step changes.
#[test]
fn frozen_parameters_do_not_count_for_the_norm() {
    let numbers = [3.0, 0.0, -4.0, 12.0, 0.0, 0.0];
    let frozen = sgd().clip_norm(2.5).unwrap();
    let frozen = frozen.group(ParameterGroup::named(["bias"]).unwrap().frozen());
    assert_eq!(taken(Ok(frozen), numbers), [1.5, 0.0, -2.0, 0.0, 0.0, 0.0]);
}

#[test]
fn bad_limits_are_named() {
    for (bad, shown) in [(0.0, "0"), (-1.0, "-1"), (f64::NAN, "NaN"), (f64::INFINITY, "inf")] {
        let above = "expected a finite number above 0";
        assert_eq!(text(sgd().clip_norm(bad)), format!("sgd: clip_norm is {shown}, {above}"));
        assert_eq!(text(sgd().clip_value(bad)), format!("sgd: clip_value is {shown}, {above}"));
    }
    let expected = "sgd: l1_decay is -0.1, expected a finite number, at least 0";
    assert_eq!(text(sgd().l1_decay(-0.1)), expected);
    assert_eq!(text(sgd().accumulate(0)), "sgd: accumulate is 0, expected at least 1");
}
