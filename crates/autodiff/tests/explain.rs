//! A tape that explains itself: what it writes down is what was computed, and it computes the same.

use autodiff::ops::{BceOptions, CrossEntropyOptions};
use autodiff::{Backward, Error, Explanation, Result, Sink, Tape, Var};
use tensor::random::Stream;
use tensor::{Conv2dOptions, Float, Pool2dOptions, Tensor};

fn draw<T: Float>(shape: &[usize], index: u64) -> Tensor<T> {
    let mut stream = Stream::new(7, "explain", 0, index);
    Tensor::from_fn(shape, |_| T::from_f64(stream.uniform_in(-1.0, 1.0)))
}

#[test]
fn a_small_network_prints_like_a_textbook() {
    let tape = Tape::<f64>::new().explained();
    let x = tape.constant(Tensor::from_vec([1, 2], [1.0, -2.0]).unwrap()).named("x");
    let w = tape.leaf(Tensor::from_vec([2, 2], [0.5, -0.25, 0.75, 0.5]).unwrap()).named("w");
    let w0 = tape.leaf(Tensor::from_vec([2], [1.0, -1.0]).unwrap()).named("w0");
    let h = x.linear(&w, Some(&w0)).unwrap().relu().named("h");
    h.square().sum().scale(0.5).named("J").backward().unwrap();
    let expected = "\
Going forward
  x   1×2 = [  1  -2 ]
  w   2×2 = ⎡  0.50  -0.25 ⎤
            ⎣  0.75   0.50 ⎦
  w0  2   = [  1  -1 ]
  t1  1×2 = x wᵀ + w0 = [  2.00  -1.25 ]
  h   1×2 = max(t1, 0) = [ 2  0 ]
  t2  1×2 = h² = [ 4  0 ]
  t3      = Σ t2 = 4
  J       = ½ t3 = 2

Coming back
  ∂J/∂J  = 1
  ∂J/∂t3 = ½ = 0.5
  ∂J/∂t2 = ∂J/∂t3 · ∂t3/∂t2, with ∂t3/∂t2_i = 1
         = [ 0.5  0.5 ]
  ∂J/∂h  = ∂J/∂t2 · ∂t2/∂h, with ∂t2/∂h = 2 h
         = [ 2  0 ]
  ∂J/∂t1 = ∂J/∂h · ∂h/∂t1, with ∂h/∂t1 = 1 where t1 > 0, else 0
         = [ 2  0 ]
  ∂J/∂w0 = ∂J/∂t1 · ∂t1/∂w0, with ∂t1_j/∂w0_j = 1
         = [ 2  0 ]
  ∂J/∂w  = ∂J/∂t1 · ∂t1/∂w, with ∂t1_j/∂w_ji = x_i
         = ⎡  2  -4 ⎤
           ⎣  0   0 ⎦
";
    assert_eq!(tape.explanation().unwrap().to_string(), expected);
}

/// Images through every kind of layer, on a tape that explains itself or does not.
fn convolutional<'t, T: Float>(tape: &'t Tape<T>, samples: usize) -> [Var<'t, T>; 4] {
    let images = tape.constant(draw(&[samples, 1, 6, 6], 0)).named("images");
    let kernel = tape.leaf(draw(&[2, 1, 3, 3], 1)).named("kernel");
    let weight = tape.leaf(draw(&[3, 8], 2)).named("weight");
    let maps = images.conv2d(&kernel, None, &Conv2dOptions::default()).unwrap().named("maps");
    let relu = maps.clone().relu().named("relu");
    let halve = Pool2dOptions { kernel: [2, 2], stride: [2, 2], ..Pool2dOptions::default() };
    let pooled = relu.max_pool2d(&halve).unwrap().named("pooled");
    let scores = pooled.flatten(1, 3).unwrap().linear(&weight, None).unwrap().named("scores");
    let loss = scores.log_softmax(1).unwrap().tanh().sum().named("loss");
    [kernel, weight, maps, loss]
}

/// In f32, seventeen samples are interleaved inside the tape, and a ReLU before pooling waits.
fn explained_and_not<T: Float>() {
    for samples in [1, 17] {
        let plain = Tape::<T>::new();
        let [kernel, weight, _, loss] = convolutional(&plain, samples);
        let value = loss.value().clone();
        let gradients = loss.backward().unwrap();

        let tape = Tape::<T>::new().explained();
        let [other_kernel, other_weight, maps, loss] = convolutional(&tape, samples);
        assert_eq!(loss.value(), &value);
        let maps = maps.value().cast::<f64>();
        let found = loss.backward().unwrap();
        assert_eq!(found.of(&other_kernel), gradients.of(&kernel));
        assert_eq!(found.of(&other_weight), gradients.of(&weight));

        let explanation = tape.explanation().unwrap();
        let step = |name: &str| explanation.step(name).unwrap_or_else(|| panic!("no {name}"));
        assert_eq!(step("maps").value, maps);
        assert_eq!(step("relu").value, maps.map(|x| x.max(0.0)), "row-major, and done");
        assert_eq!(step("relu").formula.as_deref(), Some("max(maps, 0)"));
        assert_eq!(step("kernel").gradient, gradients.of(&kernel).map(Tensor::cast));
        assert_eq!(step("weight").gradient, gradients.of(&weight).map(Tensor::cast));
        assert!(step("relu").gradient.is_some() && step("images").gradient.is_none());
    }
}

#[test]
fn explaining_changes_no_bit_and_shows_what_was_computed() {
    explained_and_not::<f32>();
    explained_and_not::<f64>();
}

#[test]
fn a_gradient_is_the_sum_of_its_parts() {
    let tape = Tape::<f64>::new().explained();
    let s = tape.leaf(draw(&[3], 0)).named("s");
    let squares = s.clone().square().named("a");
    let z = squares.mul(&s.clone().exp().named("b")).unwrap().add(&s).unwrap().sum().named("z");
    z.backward().unwrap();
    let explanation = tape.explanation().unwrap();
    let s = explanation.step("s").unwrap();
    let users: Vec<_> = s.parts.iter().map(|p| &*explanation.steps[p.user].name).collect();
    assert_eq!(users, ["t2", "b", "a"]);
    let [sum, b, a] = &s.parts[..] else { panic!("three parts") };
    for (i, &x) in s.value.as_slice().iter().enumerate() {
        let parts = [&sum, &b, &a].map(|part| part.gradient.as_slice()[i]);
        let expected = [1.0, x * x * x.exp(), 2.0 * x * x.exp()];
        for (part, expected) in parts.iter().zip(expected) {
            assert!((part - expected).abs() < 1e-15);
        }
        let whole = s.gradient.as_ref().unwrap().as_slice()[i];
        assert!((whole - parts.iter().sum::<f64>()).abs() < 1e-15);
    }
    let text = explanation.to_string();
    assert!(text.contains("∂z/∂a · ∂a/∂s + ∂z/∂b · ∂b/∂s + ∂z/∂t2 · ∂t2/∂s"), "{text}");
}

#[test]
fn what_needs_no_gradient_is_told_too() {
    let tape = Tape::<f64>::new().explained();
    let c = tape.constant(Tensor::scalar(2.0)).named("c");
    let fixed = c.clone().square().named("fixed");
    let x = tape.leaf(Tensor::scalar(3.0)).named("x");
    let held = x.clone().scale(3.0).detach().named("held");
    assert!(!fixed.needs_gradient() && !held.needs_gradient() && x.needs_gradient());
    let y = x.clone().mul(&fixed).unwrap().mul(&held).unwrap().named("y");
    let gradients = y.backward().unwrap();
    assert_eq!(gradients.of(&x).unwrap().item().unwrap(), 36.0);
    assert!(gradients.of(&c).is_none());
    let explanation = tape.explanation().unwrap();
    for name in ["c", "fixed", "held"] {
        let step = explanation.step(name).unwrap();
        assert!(!step.needs_gradient && step.gradient.is_none(), "{name}");
    }
    assert_eq!(explanation.step("fixed").unwrap().formula.as_deref(), Some("c²"));
    assert_eq!(explanation.step("held").unwrap().formula.as_deref(), Some("t1, held fixed"));
    assert_eq!(explanation.step("c").unwrap().operation, "constant");
    assert_eq!(explanation.step("y").unwrap().inputs, [Some(5), Some(4)]);
}

#[test]
fn an_inference_tape_explains_the_way_forward() {
    let tape = Tape::<f64>::inference().explained();
    let x = tape.leaf(Tensor::scalar(2.0)).named("x");
    let y = x.square().named("y");
    assert!(!y.needs_gradient());
    let error = y.backward().unwrap_err();
    assert!(error.to_string().starts_with("backward: the value depends on no leaf"), "{error}");
    let text = tape.explanation().unwrap().to_string();
    assert_eq!(text, "Going forward\n  x = 2\n  y = x² = 4\n");
}

#[test]
fn constants_outlive_a_backward_pass() {
    let tape = Tape::<f64>::new().explained();
    let c = tape.constant(Tensor::scalar(2.0)).named("c");
    for x in [3.0, 4.0] {
        let x = tape.leaf(Tensor::scalar(x)).named("x");
        let gradients = x.clone().mul(&c).unwrap().backward().unwrap();
        assert_eq!(gradients.of(&x).unwrap().item().unwrap(), 2.0);
    }
    let explanation = tape.explanation().unwrap();
    assert_eq!(explanation.steps[explanation.differentiated.unwrap()].inputs, [Some(3), Some(0)]);
    assert_eq!(explanation.steps[3].name, "x′", "a name that was given again");
}

/// y = x³ without a word about itself.
#[derive(Debug)]
struct Cube(Tensor<f64>);

impl Backward<f64> for Cube {
    fn name(&self) -> &'static str {
        "cube"
    }

    fn backward(self: Box<Self>, gradient: Tensor<f64>, sink: &mut Sink<'_, f64>) {
        let x = self.0.item().unwrap();
        sink.give(0, gradient.map(|g| g * 3.0 * x * x));
    }
}

#[test]
fn a_rule_of_ones_own_needs_no_words() {
    let tape = Tape::new().explained();
    let x = tape.leaf(Tensor::scalar(2.0)).named("x");
    let cube = x.value().map(|x| x * x * x);
    let y = Var::custom(&tape, &[&x], cube, |_| Cube(x.value().clone())).unwrap().named("y");
    y.scale(2.0).named("z").backward().unwrap();
    let expected = "\
Going forward
  x = 2
  y = cube(x) = 8
  z = 2 y = 16

Coming back
  ∂z/∂z = 1
  ∂z/∂y = 2
  ∂z/∂x = ∂z/∂y · ∂y/∂x = 24
";
    assert_eq!(tape.explanation().unwrap().to_string(), expected);
}

#[test]
fn names_can_be_given_late_and_twice_and_on_any_tape() {
    let plain = Tape::<f64>::new();
    let x = plain.leaf(Tensor::scalar(2.0)).named("x");
    let y = x.clone().square().named("y");
    assert_eq!(y.backward().unwrap().of(&x).unwrap().item().unwrap(), 4.0);

    let tape = Tape::<f64>::new().explained();
    let x = tape.leaf(Tensor::scalar(2.0));
    let y = x.clone().square();
    let _ = x.named("x1");
    let _ = tape.leaf(Tensor::scalar(1.0));
    let _ = y.exp();
    let names: Vec<_> = tape.explanation().unwrap().steps.into_iter().map(|s| s.name).collect();
    assert_eq!(names, ["x1", "t1", "x2", "t2"], "made-up names avoid those that were given");
}

#[test]
fn a_tape_that_keeps_nothing_says_so() {
    let error = Tape::<f32>::new().explanation().unwrap_err();
    assert_eq!(
        error.to_string(),
        "explanation: the tape keeps nothing to be explained; make it with Tape::new().explained()"
    );
}

/// A computation with every operation, its formula, and its local derivatives.
#[test]
fn every_operation_is_written_as_a_person_would() {
    type Run = for<'t> fn(Var<'t, f64>, Var<'t, f64>) -> Result<Var<'t, f64>, Error>;
    let cases: &[(Run, &str, &[&str])] = &[
        (|a, b| a.add(&b), "a + b", &["∂y/∂a = 1", "∂y/∂b = 1"]),
        (|a, b| a.sub(&b), "a - b", &["∂y/∂a = 1", "∂y/∂b = -1"]),
        (|a, b| a.mul(&b), "a · b", &["∂y/∂a = b", "∂y/∂b = a"]),
        (|a, b| a.div(&b), "a / b", &["∂y/∂a = 1 / b", "∂y/∂b = -y / b"]),
        (|a, b| a.matmul(&b), "a b", &["∂y_mn/∂a_mk = b_kn", "∂y_mn/∂b_kn = a_mk"]),
        (|a, b| a.linear(&b, None), "a bᵀ", &["∂y_j/∂a_i = b_ji", "∂y_j/∂b_ji = a_i"]),
        (|a, _| Ok(a.affine(3.0, -1.5)), "3 a - 1.5", &["∂y/∂a = 3"]),
        (|a, _| Ok(a.scale(0.5)), "½ a", &["∂y/∂a = ½"]),
        (|a, _| Ok(-a), "-a", &["∂y/∂a = -1"]),
        (|a, _| Ok(a.affine(1.0, 2.0)), "a + 2", &["∂y/∂a = 1"]),
        (|a, _| Ok(a.square()), "a²", &["∂y/∂a = 2 a"]),
        (|a, _| Ok(a.abs()), "|a|", &["∂y/∂a = sign(a)"]),
        (
            |a, _| a.huber(1.5),
            "huber(a, delta 1.5)",
            &["∂y/∂a = a, but at least -1.5 and at most 1.5"],
        ),
        (|a, _| Ok(a.exp()), "e^a", &["∂y/∂a = y"]),
        (|a, _| Ok(a.ln()), "ln a", &["∂y/∂a = 1 / a"]),
        (|a, _| Ok(a.relu()), "max(a, 0)", &["∂y/∂a = 1 where a > 0, else 0"]),
        (|a, _| Ok(a.step()), "1 where a > 0, else 0", &[]),
        (|a, _| Ok(a.sigmoid()), "sigmoid(a)", &["∂y/∂a = y (1 - y)"]),
        (|a, _| Ok(a.tanh()), "tanh(a)", &["∂y/∂a = 1 - y²"]),
        (|a, _| Ok(a.sum()), "Σ a", &["∂y/∂a_i = 1"]),
        (|a, _| Ok(a.mean()), "1/4 Σ a", &["∂y/∂a_i = 1/4"]),
        (|a, _| a.sum_axis(1), "Σ a over axis 1", &["∂y/∂a_i = 1"]),
        (|a, _| a.mean_axis(0), "1/2 Σ a over axis 0", &["∂y/∂a_i = 1/2"]),
        (|a, _| a.flatten(0, 1), "a, reshaped", &["∂y/∂a = 1, element by element"]),
        (
            |a, _| a.permute(&[1, 0]),
            "a with its axes in the order [1, 0]",
            &["∂y/∂a = 1, element by element"],
        ),
        (|a, _| a.softmax(1), "softmax(a)", &["∂y_k/∂a_j = y_k ([k = j] - y_j)"]),
        (|a, _| a.log_softmax(1), "ln softmax(a)", &["∂y_k/∂a_j = [k = j] - e^y_j"]),
        (
            |a, _| a.softmax_cross_entropy(&Tensor::from_vec([2], [0, 1])?),
            "-ln softmax(a)_label",
            &["∂y/∂a_k = softmax(a)_k - [k = label]"],
        ),
        (
            |a, _| a.softmax_cross_entropy_dense(&Tensor::full([2, 2], 0.5)),
            "-Σ_k target_k ln softmax(a)_k",
            &["∂y/∂a_k = softmax(a)_k Σ_j target_j - target_k"],
        ),
        (
            |a, _| {
                let options = CrossEntropyOptions { label_smoothing: 0.1, ..Default::default() };
                a.cross_entropy(&Tensor::from_vec([2], [0, 1])?, &options)
            },
            "-Σ_k target_k ln softmax(a)_k",
            &["∂y/∂a_k = softmax(a)_k Σ_j target_j - target_k"],
        ),
        (
            |a, _| a.bce_with_logits(&Tensor::full([2, 2], 1.0), &BceOptions::default()),
            "-((1 - target) ln(1 - sigmoid(a)) + target ln sigmoid(a))",
            &["∂y/∂a = sigmoid(a) - target"],
        ),
        (
            |a, _| {
                let options = BceOptions { weight: None, pos_weight: Some(vec![2.0]) };
                a.bce_with_logits(&Tensor::full([2, 2], 1.0), &options)
            },
            "-(weight (1 - target) ln(1 - sigmoid(a)) + weight pos_weight target ln sigmoid(a))",
            &["∂y/∂a = weight (1 - target) sigmoid(a) - weight pos_weight target (1 - sigmoid(a))"],
        ),
    ];
    for (run, formula, derivatives) in cases {
        let tape = Tape::new().explained();
        let a = tape.leaf(Tensor::full([2, 2], 0.5)).named("a");
        let b = tape.leaf(Tensor::full([2, 2], 2.0)).named("b");
        let _ = run(a, b).unwrap().named("y");
        let explanation: Explanation = tape.explanation().unwrap();
        let y = explanation.step("y").unwrap();
        assert_eq!(y.formula.as_deref(), Some(*formula));
        let found: Vec<_> = y.derivatives.iter().flatten().map(String::as_str).collect();
        assert_eq!(found, *derivatives, "{formula}");
    }
}
