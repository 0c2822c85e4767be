//! What parameters start with: distributions, names, refusals.

use layers::{Activation, Conv2d, Dense, Fan, Initializer, ModuleExt};
use tensor::{Shape, Tensor};

/// Mean, deviation and the largest size of what is drawn for a weight `[60, 40, 3, 3]`, with a
/// fan-in of 360 and a fan-out of 540.
fn moments(initializer: Initializer) -> [f64; 3] {
    let weight = initializer.draw(&Shape::from([60, 40, 3, 3]), 7, "weight").unwrap();
    let numbers: Vec<f64> = weight.as_slice().iter().map(|&w| w.into()).collect();
    let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
    let variance = numbers.iter().map(|w| (w - mean).powi(2)).sum::<f64>() / numbers.len() as f64;
    [mean, variance.sqrt(), numbers.iter().fold(0.0, |most, w| w.abs().max(most))]
}

fn uniform(initializer: Initializer, bound: f64) {
    let [mean, deviation, most] = moments(initializer);
    assert!(mean.abs() < 0.02 * bound, "{initializer:?}: mean {mean}");
    assert!((deviation * 3.0_f64.sqrt() / bound - 1.0).abs() < 0.01, "{initializer:?}");
    assert!(most <= bound && most > 0.999 * bound, "{initializer:?}: most {most}");
}

fn normal(initializer: Initializer, expected: f64) {
    let [mean, deviation, most] = moments(initializer);
    assert!(mean.abs() < 0.02 * expected, "{initializer:?}: mean {mean}");
    assert!((deviation / expected - 1.0).abs() < 0.015, "{initializer:?}: {deviation}");
    assert!(most > 3.5 * expected, "{initializer:?}: tails are not cut off");
}

#[test]
fn each_has_its_moments() {
    let (fan_in, fan_out) = (360.0_f64, 540.0_f64);
    assert_eq!(moments(Initializer::Constant(0.5)), [0.5, 0.0, 0.5]);
    uniform(Initializer::Uniform { bound: 0.07 }, 0.07);
    uniform(Initializer::fan_in(360), fan_in.sqrt().recip());
    uniform(Initializer::XavierUniform { gain: 2.0 }, 2.0 * (6.0 / (fan_in + fan_out)).sqrt());
    uniform(Initializer::HeUniform { gain: 1.5, fan: Fan::In }, 1.5 * (3.0 / fan_in).sqrt());
    uniform(Initializer::HeUniform { gain: 1.5, fan: Fan::Out }, 1.5 * (3.0 / fan_out).sqrt());
    normal(Initializer::Normal { deviation: 0.01 }, 0.01);
    normal(Initializer::XavierNormal { gain: 2.0 }, 2.0 * (2.0 / (fan_in + fan_out)).sqrt());
    normal(Initializer::HeNormal { gain: 1.5, fan: Fan::In }, 1.5 / fan_in.sqrt());
    normal(Initializer::HeNormal { gain: 1.5, fan: Fan::Out }, 1.5 / fan_out.sqrt());
}

/// A normal variable kept within two deviations has 0.8796 times the deviation.
#[test]
fn the_truncated_normal_has_no_tails() {
    let [mean, deviation, most] = moments(Initializer::TruncatedNormal { deviation: 0.1 });
    assert!(mean.abs() < 0.002, "{mean}");
    assert!((deviation / 0.087_96 - 1.0).abs() < 0.015, "{deviation}");
    assert!(most <= 0.2 && most > 0.199, "{most}");
}

/// MindSpore's HeUniform with a negative slope of √5 is the default of its layers and PyTorch's.
#[test]
fn the_default_is_he_uniform_with_a_slope_of_root_5() {
    let gain = Initializer::gain(Activation::LeakyRelu { alpha: 5.0_f64.sqrt() });
    let he = Initializer::HeUniform { gain, fan: Fan::In };
    let draw =
        |initializer: Initializer| initializer.draw(&Shape::from([6, 1, 5, 5]), 1, "w").unwrap();
    let (default, he) = (draw(Initializer::fan_in(25)), draw(he));
    for (a, b) in default.as_slice().iter().zip(he.as_slice()) {
        assert!((a - b).abs() <= 1e-7, "{a} {b}");
    }
    let most = default.as_slice().iter().fold(0.0_f32, |most, w| most.max(w.abs()));
    assert!(most < 0.2 && most > 0.19, "{most}");
}

#[test]
fn a_parameter_has_its_own_stream() {
    let draw = |seed, name| Initializer::fan_in(4).draw(&Shape::from([8]), seed, name).unwrap();
    assert_eq!(draw(1, "fc1.weight"), draw(1, "fc1.weight"));
    assert_ne!(draw(1, "fc1.weight"), draw(1, "fc2.weight"));
    assert_ne!(draw(1, "fc1.weight"), draw(2, "fc1.weight"));
}

#[test]
fn names_are_mindspores() {
    let root_2 = 2.0_f64.sqrt();
    for (names, expected) in [
        (["zeros", "Zero"], Initializer::ZERO),
        (["ones", "one"], Initializer::ONE),
        (["normal", "Normal"], Initializer::Normal { deviation: 0.01 }),
        (["truncatedNormal", "truncated_normal"], Initializer::TruncatedNormal { deviation: 0.01 }),
        (["uniform", "UNIFORM"], Initializer::Uniform { bound: 0.07 }),
        (["xavier_uniform", "XavierUniform"], Initializer::XavierUniform { gain: 1.0 }),
        (["xavier_normal", "XavierNormal"], Initializer::XavierNormal { gain: 1.0 }),
        (["he_uniform", "HeUniform"], Initializer::HeUniform { gain: root_2, fan: Fan::In }),
        (["he_normal", "HeNormal"], Initializer::HeNormal { gain: root_2, fan: Fan::In }),
    ] {
        for name in names {
            assert_eq!(name.parse::<Initializer>().unwrap(), expected, "{name}");
        }
    }
    assert_eq!(
        "xavier".parse::<Initializer>().unwrap_err().to_string(),
        "initializer: name is \"xavier\", expected one of zeros, ones, normal, truncated_normal, \
         uniform, xavier_uniform, xavier_normal, he_uniform, he_normal"
    );
    assert_eq!(
        "uniforn".parse::<Initializer>().unwrap_err().to_string(),
        "initializer: name is \"uniforn\", expected one of zeros, ones, normal, truncated_normal, \
         uniform, xavier_uniform, xavier_normal, he_uniform, he_normal; did you mean uniform?"
    );
}

#[test]
fn bad_arguments_are_named() {
    let draw = |initializer: Initializer| {
        initializer.draw(&Shape::from([2]), 1, "w").unwrap_err().to_string()
    };
    let nan = f64::NAN;
    for (initializer, expected) in [
        (
            Initializer::Uniform { bound: -1.0 },
            "initializer: bound is -1, expected a finite number, at least 0",
        ),
        (Initializer::Constant(nan), "initializer: constant is NaN, expected a finite number"),
        (
            Initializer::TruncatedNormal { deviation: f64::INFINITY },
            "initializer: deviation is inf, expected a finite number, at least 0",
        ),
        (
            Initializer::HeNormal { gain: nan, fan: Fan::In },
            "initializer: gain is NaN, expected a finite number, at least 0",
        ),
        (
            Initializer::XavierUniform { gain: 1.0 },
            "initializer: expected a weight [out, in, ..], whose fans can be counted \
             (parameter [2]); draw a bias by zeros, a constant, uniform or normal",
        ),
    ] {
        assert_eq!(draw(initializer), expected);
    }
}

#[test]
fn layers_draw_as_they_are_told() {
    let values = |tensor: Option<&Tensor>| tensor.unwrap().as_slice().to_vec();
    let mut dense = Dense::new(2, 3).weight_init(Initializer::ONE).bias_init(Initializer::ZERO);
    dense.initialize(1).unwrap();
    assert_eq!(values(dense.weight.value()), [1.0; 6]);
    assert_eq!(values(dense.bias.unwrap().value()), [0.0; 3]);

    let half = Initializer::Constant(0.5);
    let mut conv = Conv2d::new(4, 2, 1).weight_init(half).groups(2).bias_init(Initializer::ONE);
    conv.initialize(1).unwrap();
    assert_eq!(values(conv.weight.value()), [0.5; 4]);
    assert_eq!(values(conv.bias.unwrap().value()), [1.0; 2]);

    // A bias that comes back is drawn by the default, not as the weight is.
    let dense = Dense::new(4, 3).weight_init(half).has_bias(false).has_bias(true);
    assert_eq!(dense.bias.unwrap().initializer(), Initializer::fan_in(4));
    let conv = Conv2d::new(4, 4, 3).bias_init(half).groups(4);
    assert_eq!(conv.weight.initializer(), Initializer::fan_in(9));
    assert_eq!(conv.bias.unwrap().initializer(), half);

    let mut wrong = Dense::new(2, 3).bias_init("he_normal".parse().unwrap());
    assert_eq!(
        wrong.initialize(1).unwrap_err().to_string(),
        "bias: initializer: expected a weight [out, in, ..], whose fans can be counted \
         (parameter [3]); draw a bias by zeros, a constant, uniform or normal"
    );
}
