//! Several calls make one step.

use crate::common::{gradients, net, values};
use optim::{Adam, Momentum, Optimizer, ParameterGroup};

/// Gradients of call `i`, whose sums are exact.
fn numbers(i: usize) -> [f32; 6] {
    std::array::from_fn(|j| ((i * 7 + j * 3) % 16) as f32 - 8.0)
}

/// Four batches of n are one of 4 n, bit for bit where the sums are exact.
#[test]
fn accumulated_batches_are_one_large_batch() {
    let build = |calls: u64| {
        Momentum::new(0.125, 0.5)
            .and_then(|optimizer| optimizer.weight_decay(0.25)?.clip_norm(3.0)?.accumulate(calls))
            .unwrap()
            .group(ParameterGroup::named(["bias"]).unwrap().frozen())
    };
    let (mut four, mut one) = (build(4), build(1));
    let (mut net_of_four, mut net_of_one) = (net(), net());
    for step in 0..5 {
        let before = values(&net_of_four);
        for call in 0..4 {
            assert_eq!((values(&net_of_four), four.steps()), (before.clone(), step));
            let gradients = gradients(&net_of_four, &numbers(step as usize * 4 + call));
            four.step(&mut net_of_four, &gradients).unwrap();
        }
        let mean: [f32; 6] = std::array::from_fn(|j| {
            (0..4).map(|call| numbers(step as usize * 4 + call)[j]).sum::<f32>() / 4.0
        });
        let gradients = gradients(&net_of_one, &mean);
        one.step(&mut net_of_one, &gradients).unwrap();
        assert_ne!(values(&net_of_four), before);
    }
    let (found, expected) = (values(&net_of_four), values(&net_of_one));
    for (found, expected) in found.iter().zip(&expected) {
        assert!((found - expected).abs() <= 1e-6 * expected.abs(), "{found} {expected}");
    }
    assert_eq!(found[3], 4.0, "the bias is frozen");
    assert_eq!(four.steps(), one.steps());
}

/// A caller who holds on to the gradients finds them unchanged.
#[test]
fn the_callers_gradients_stay() {
    let mut net = net();
    let mut optimizer = Adam::new(0.1).unwrap().accumulate(2).unwrap();
    let (one, other) = (gradients(&net, &numbers(1)), gradients(&net, &numbers(2)));
    optimizer.step(&mut net, &one).unwrap();
    optimizer.step(&mut net, &other).unwrap();
    let held: Vec<f32> = one.iter().flat_map(|(_, gradient)| gradient.to_vec()).collect();
    assert_eq!(held, numbers(1));
    assert_eq!(optimizer.steps(), 1);
}
