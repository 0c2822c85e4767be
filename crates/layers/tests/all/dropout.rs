//! Dropout: what it keeps and drops, and when.

use autodiff::check_gradients;
use layers::{Dense, Dropout, Layer, ModuleExt, Randomness, Sequential, Tape};
use tensor::Tensor;

const STEP: Randomness = Randomness { seed: 1, step: 0, first_sample: 0 };

fn ones(samples: usize) -> Tensor {
    Tensor::full([samples, 500], 1.0)
}

fn train(layer: &impl Layer, step: Randomness, x: Tensor) -> Tensor {
    let tape = Tape::new().with_randomness(step);
    layer.forward(tape.constant(x)).unwrap().into_value()
}

#[test]
fn the_share_that_is_dropped_is_p_and_the_mean_stays() {
    for p in [0.1, 0.25, 0.5, 0.9] {
        let y = train(&Dropout::new(p), STEP, ones(40));
        let dropped = y.as_slice().iter().filter(|&&y| y == 0.0).count() as f64 / 20_000.0;
        assert!((dropped - p).abs() < 0.015, "{p}: {dropped}");
        let kept = (1.0 / (1.0 - p)) as f32;
        assert!(y.as_slice().iter().all(|&y| y == 0.0 || y == kept));
        let mean = y.as_slice().iter().sum::<f32>() / 20_000.0;
        assert!((mean - 1.0).abs() < 0.1, "{p}: mean {mean}");
    }
}

#[test]
fn evaluation_and_p_of_0_change_nothing() {
    let tape = Tape::inference();
    let y = Dropout::new(0.5).forward(tape.constant(ones(2))).unwrap().into_value();
    assert_eq!(y, ones(2));
    // Without randomness too: nothing is drawn.
    let tape = Tape::new();
    let y = Dropout::new(0.0).forward(tape.constant(ones(2))).unwrap().into_value();
    assert_eq!(y, ones(2));
}

#[test]
fn each_step_seed_sample_layer_and_use_draws_anew() {
    let mut network = Sequential::new().add(Dropout::new(0.5)).add(Dropout::new(0.5));
    network.initialize(1).unwrap();
    let layer = network.iter().next().unwrap().1;
    let draw = |step| {
        let tape = Tape::new().with_randomness(step);
        layer.forward(tape.constant(ones(2))).unwrap().into_value()
    };
    let y = draw(STEP);
    assert_eq!(y, draw(STEP));
    assert_ne!(y, draw(Randomness { step: 1, ..STEP }));
    assert_ne!(y, draw(Randomness { seed: 2, ..STEP }));
    assert_ne!(y.rows(0, 1).unwrap(), y.rows(1, 2).unwrap());
    // The second sample is the first of a tape that begins there.
    let second = draw(Randomness { first_sample: 1, ..STEP });
    assert_eq!(y.rows(1, 2).unwrap(), second.rows(0, 1).unwrap());

    // Two layers, and one layer used twice, drop different elements: a quarter is left.
    let tape = Tape::new().with_randomness(STEP);
    let twice = layer.forward(layer.forward(tape.constant(ones(40))).unwrap()).unwrap();
    for y in [train(&network, STEP, ones(40)), twice.into_value()] {
        let left = y.as_slice().iter().filter(|&&y| y > 0.0).count() as f64 / 20_000.0;
        assert!((left - 0.25).abs() < 0.02, "{left}");
    }
}

#[test]
fn gradients_go_through_what_was_kept() {
    let mut network =
        Sequential::new().add(Dense::new(3, 40)).add(Dropout::new(0.4)).add(Dense::new(40, 2));
    network.initialize(1).unwrap();
    let tape = Tape::new().with_randomness(STEP);
    let x = tape.leaf(ones(4));
    let y = Dropout::new(0.4).forward(x.clone()).unwrap();
    let output = y.value().clone();
    let gradients = y.sum().backward().unwrap();
    assert_eq!(gradients.of(&x).unwrap(), &output);

    let x = Tensor::from_vec([2, 3], [0.3, -1.0, 0.5, 2.0, 0.1, -0.4]).unwrap();
    check_gradients(&[x], |_, v| Dropout::new(0.4).forward(v[0].clone())).unwrap();
}

#[test]
fn what_is_refused() {
    let says = |p: f64, tape: &Tape| {
        let mut network = Sequential::new().named("drop", Dropout::new(p)).unwrap();
        network.initialize(1).unwrap();
        network.forward(tape.constant(ones(1))).unwrap_err().to_string()
    };
    for p in [-0.1, 1.0, 1.5, f64::NAN, f64::INFINITY] {
        let expected = format!(
            "drop: dropout: p is {p}, expected a probability of at least 0 and less than 1"
        );
        assert_eq!(says(p, &Tape::inference()), expected);
    }
    assert_eq!(
        says(0.5, &Tape::new()),
        "drop: dropout: the training tape has no randomness to draw from; make it by \
         Tape::new().with_randomness(..) with the number of the step, or evaluate on \
         Tape::inference()"
    );
}
