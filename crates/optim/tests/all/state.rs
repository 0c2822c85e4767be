//! Saving what an optimizer remembers, and going on from it with the same bits.

use crate::common::{Net, gradients, net, text, values};
use optim::{
    Adagrad, Adam, AdamW, CosineDecayLr, Momentum, Optimizer, OptimizerState, Result, RmsProp, Sgd,
};
use tensor::Tensor;

fn numbers(step: usize) -> [f32; 6] {
    std::array::from_fn(|i| ((step * 37 + i * 61) % 101) as f32 / 50.0 - 1.0)
}

fn run(optimizer: &mut dyn Optimizer, net: &mut Net, steps: std::ops::Range<usize>) {
    for step in steps {
        // The bias is frozen for a while, so that it has been given fewer steps.
        net.bias.set_trainable(step >= 4);
        let gradients = gradients(net, &numbers(step));
        optimizer.step(net, &gradients).unwrap();
    }
}

fn all() -> Vec<Box<dyn Optimizer>> {
    let rate = || CosineDecayLr::new(0.001, 0.05, 30).unwrap();
    let build = || -> Result<Vec<Box<dyn Optimizer>>> {
        Ok(vec![
            Box::new(Sgd::new(rate())?),
            Box::new(Sgd::new(rate())?.momentum(0.9)?.dampening(0.3)?),
            Box::new(Momentum::new(rate(), 0.9)?.accumulate(3)?.clip_norm(1.0)?),
            Box::new(Adam::new(rate())?.weight_decay(0.1)?.l1_decay(0.01)?),
            Box::new(AdamW::new(rate())?.accumulate(2)?),
            Box::new(RmsProp::new(rate())?.momentum(0.9)?.centered(true)),
            Box::new(Adagrad::new(rate())?),
        ])
    };
    build().unwrap()
}

#[test]
fn going_on_is_not_stopping_bit_for_bit() {
    for stop in [0, 1, 3, 7, 10] {
        for (mut whole, (mut first, mut second)) in
            all().into_iter().zip(all().into_iter().zip(all()))
        {
            let mut expected = net();
            run(&mut *whole, &mut expected, 0..stop);
            whole.scale_learning_rate(0.5).unwrap();
            run(&mut *whole, &mut expected, stop..20);

            let mut found = net();
            run(&mut *first, &mut found, 0..stop);
            first.scale_learning_rate(0.5).unwrap();
            let mut found = found.clone();
            second.load_state(&found, &first.state()).unwrap();
            assert_eq!(second.state(), first.state());
            run(&mut *second, &mut found, stop..20);
            assert_eq!(values(&found), values(&expected), "{stop}");
            assert_eq!(second.state(), whole.state());
        }
    }
}

#[test]
fn a_state_has_mindspores_names() {
    let mut optimizer = Adam::new(0.1).unwrap().accumulate(2).unwrap();
    let mut net = net();
    run(&mut optimizer, &mut net, 0..3);
    optimizer.set_learning_rate(0.25).unwrap();
    let state = optimizer.state();
    let tensors: Vec<_> = state.tensors.keys().map(String::as_str).collect();
    let of =
        |slot: &str| ["norm.beta", "norm.gamma", "weight"].map(|name| format!("{slot}.{name}"));
    assert_eq!(tensors, [of("accumulated"), of("moment1"), of("moment2")].concat());
    let scalars: Vec<_> =
        state.scalars.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let expected =
        [("global_step", 1.0), ("learning_rate", 0.25), ("micro_step", 1.0), ("steps.bias", 0.0)];
    assert_eq!(scalars, expected);
}

#[test]
fn other_states_are_refused_and_change_nothing() {
    let mut source = Momentum::new(0.1, 0.9).unwrap();
    let mut net = net();
    run(&mut source, &mut net, 0..5);
    let good = source.state();
    let refused = |change: &dyn Fn(&mut OptimizerState)| {
        let mut state = good.clone();
        change(&mut state);
        let mut optimizer = Momentum::new(0.1, 0.9).unwrap();
        let message = text(optimizer.load_state(&net, &state));
        assert_eq!(optimizer.state(), Momentum::new(0.1, 0.9).unwrap().state());
        message
    };
    assert_eq!(
        refused(&|state| {
            state.tensors.insert("moment1.weight".to_owned(), Tensor::zeros([3]));
        }),
        "momentum: the state has moment1.weight, which does not belong to it; momentum keeps \
         moments for each parameter"
    );
    assert_eq!(
        refused(&|state| {
            state.tensors.insert("moments.weight".to_owned(), Tensor::zeros([4]));
        }),
        "momentum: the state's moments.weight does not have its parameter's shape (state [4], \
         parameter [3])"
    );
    assert_eq!(
        refused(&|state| {
            state.tensors.remove("moments.weight");
        }),
        "momentum: the state has no moments.weight; load a state that this optimizer has saved for \
         this network"
    );
    assert_eq!(
        refused(&|state| {
            state.scalars.remove("global_step");
        }),
        "momentum: the state has no global_step; load what Optimizer::state returned"
    );
    assert_eq!(
        refused(&|state| {
            state.scalars.insert("global_step".to_owned(), 1.5);
        }),
        "momentum: the state's global_step is 1.5; it must be a whole number from 0 to \
         9007199254740992"
    );
    // As a number of steps it would be the largest there is, and the next step overflow.
    assert_eq!(
        refused(&|state| {
            state.scalars.insert("steps.bias".to_owned(), 1e300);
        }),
        "momentum: the state's steps.bias is 1e300; it must be a whole number from 0 to \
         9007199254740992"
    );
    assert_eq!(
        refused(&|state| {
            state.scalars.insert("learning_rate_factor".to_owned(), -1.0);
        }),
        "momentum: learning rate factor is -1, expected a finite number, at least 0"
    );
    assert_eq!(
        refused(&|state| {
            state.scalars.insert("micro_step".to_owned(), 1.0);
        }),
        "momentum: the state's micro_step is 1; it must be below accumulate, which is 1"
    );
    assert_eq!(
        refused(&|state| {
            state.scalars.insert("learning_rate".to_owned(), f64::NAN);
        }),
        "momentum: learning rate is NaN, expected a finite number, at least 0"
    );
    assert_eq!(
        text(Sgd::new(0.1).unwrap().load_state(&net, &good)),
        "sgd: the state has moments.bias, which does not belong to it; sgd keeps nothing for a \
         parameter"
    );
}
