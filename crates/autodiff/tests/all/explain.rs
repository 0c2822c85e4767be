//! A tape that explains itself: what it writes down is what was computed, and it computes the same.

use autodiff::ops::{BceOptions, CrossEntropyOptions};
use autodiff::{Attribute, Backward, Error, Explanation, Key, Randomness, Result, Sink, Tape, Var};
use tensor::random::Stream;
use tensor::{Conv2dOptions, Float, PadMode, Pool2dOptions, Tensor};

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
        (
            |a, _| a.leaky_relu(0.2),
            "leaky_relu(a, alpha 0.2)",
            &["∂y/∂a = 1 where a > 0, else 0.2"],
        ),
        (|a, _| a.elu(1.5), "elu(a, alpha 1.5)", &["∂y/∂a = 1 where a > 0, else y + 1.5"]),
        (|a, _| Ok(a.gelu()), "a · Φ(a)", &["∂y/∂a = Φ(a) + a · φ(a)"]),
        (
            |a, _| Ok(a.gelu_tanh()),
            "a · (1 + tanh(√(2/π) (a + 0.044715 a³))) / 2",
            &["∂y/∂a = s (1 + 2 a (1 - s) u'), s = sigmoid(2u), u = √(2/π) (a + 0.044715 a³)"],
        ),
        (|a, _| Ok(a.silu()), "a · sigmoid(a)", &["∂y/∂a = s (1 + a (1 - s)), s = sigmoid(a)"]),
        (|a, _| Ok(a.softplus()), "ln(1 + e^a)", &["∂y/∂a = sigmoid(a)"]),
        (
            |a, _| Ok(a.scaled_tanh(1.5, 0.5)),
            "1.5 tanh(0.5 a)",
            &["∂y/∂a = 1.5 · 0.5 (1 - (y / 1.5)²)"],
        ),
        (
            |a, _| a.scatter_rows([2, 0], 3),
            "the rows of a at [2, 0], 0 elsewhere",
            &["∂y[place of row i]/∂a[i] = 1"],
        ),
        (
            |a, _| a.dropout(0.5, "fc"),
            "a, each element kept with the probability 0.5 and then divided by it, else 0",
            &["∂y/∂a = 1 / 0.5 where a was kept, else 0"],
        ),
        (
            |a, b| {
                a.reshape([2, 1, 1, 2])?.subsampling(
                    &b.clone().flatten(0, 1)?.sum_axis(0)?.reshape([1])?,
                    &b.flatten(0, 1)?.sum_axis(0)?.reshape([1])?,
                    &Pool2dOptions { kernel: [1, 2], stride: [1, 2], ..Default::default() },
                )
            },
            "t4 · the sum of each 1×2 window of t1 + t7",
            &[
                "∂y/∂t1 = t4 for each window that it is in",
                "∂y/∂t4 = the sum of its window of t1",
                "∂y/∂t7 = 1",
            ],
        ),
        (
            |a, _| {
                let options = Pool2dOptions { kernel: [2, 2], ..Default::default() };
                a.reshape([1, 1, 2, 2])?.avg_pool2d(&options)
            },
            "the mean of each 2×2 window of t1",
            &["∂y/∂t1 = 1 / the number of elements of its window"],
        ),
    ];
    for (run, formula, derivatives) in cases {
        let randomness = Randomness { seed: 1, step: 0, first_sample: 0 };
        let tape = Tape::new().with_randomness(randomness).explained();
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

/// What an operation is called, and what it was told.
type Told<'a> = (&'static str, &'a [(&'static str, Attribute)]);

#[test]
fn attributes_are_kept_as_data() {
    use Attribute::{Flag, Number, Size, Sizes};
    let tape = Tape::<f64>::inference().explained();
    let x = tape.constant(draw(&[2, 2, 7, 6], 0));
    let w = tape.constant(draw(&[4, 1, 3, 2], 1));
    let padded = PadMode::Pad([1, 2, 0, 1]);
    let options = Conv2dOptions::default().stride([2, 1]).dilation([1, 2]).groups(2);
    let y = x.conv2d(&w, None, &options.pad_mode(padded)).unwrap();
    let pool = Pool2dOptions { kernel: [2, 3], pad_mode: PadMode::Same, ..Default::default() };
    let y = y.avg_pool2d(&pool).unwrap().max_pool2d(&pool).unwrap();
    let y = y.leaky_relu(0.25).unwrap().elu(1.5).unwrap().scaled_tanh(1.75, 0.5);
    let y = y.affine(2.0, -1.0).permute(&[0, 2, 3, 1]).unwrap().softmax(3).unwrap();
    let y = y.sum_axis(1).unwrap().scatter_rows([2, 0], 3).unwrap().relu();
    let channels = tape.constant(draw(&[y.shape()[1]], 2));
    let row = tape.constant(draw(&y.shape()[1..], 3));
    let y = y.layer_norm(&row, &row, 0.5).unwrap();
    let (y, _) = y.batch_norm(&channels, &channels, 0.25).unwrap();
    let variance = channels.clone().square();
    let _ = y.batch_norm_with(&channels, &channels, [&channels, &variance], 0.125).unwrap();
    let window: &[_] = &[
        ("kernel", Sizes(vec![2, 3])),
        ("stride", Sizes(vec![1, 1])),
        ("pads", Sizes(vec![0, 1, 1, 1])),
    ];
    let expected: &[Told<'_>] = &[
        (
            "conv2d",
            &[
                ("kernel", Sizes(vec![3, 2])),
                ("stride", Sizes(vec![2, 1])),
                ("pads", Sizes(vec![1, 0, 2, 1])),
                ("dilation", Sizes(vec![1, 2])),
                ("groups", Size(2)),
            ],
        ),
        ("avg_pool2d", &[window, &[("counts_padding", Flag(false))]].concat()),
        ("max_pool2d", window),
        ("leaky_relu", &[("alpha", Number(0.25))]),
        ("elu", &[("alpha", Number(1.5))]),
        ("scaled_tanh", &[("amplitude", Number(1.75)), ("slope", Number(0.5))]),
        ("affine", &[("factor", Number(2.0)), ("offset", Number(-1.0))]),
        ("permute", &[("axes", Sizes(vec![0, 2, 3, 1]))]),
        ("softmax", &[("axis", Size(3))]),
        ("sum_axis", &[("axis", Size(1))]),
        ("scatter_rows", &[("places", Sizes(vec![2, 0])), ("rows", Size(3))]),
        ("relu", &[]),
        ("layer_norm", &[("epsilon", Number(0.5)), ("axes", Size(2))]),
        ("batch_norm", &[("epsilon", Number(0.25)), ("of_batch", Flag(true))]),
        ("square", &[]),
        ("batch_norm", &[("epsilon", Number(0.125)), ("of_batch", Flag(false))]),
    ];
    let explanation = tape.explanation().unwrap();
    let steps = explanation.steps.iter().filter(|step| step.formula.is_some());
    let found: Vec<Told<'_>> = steps.map(|s| (s.operation, &s.attributes[..])).collect();
    assert_eq!(found, expected);
    assert_eq!(explanation.steps[10].attribute("axis"), Some(&Size(3)));
    assert_eq!(explanation.steps[10].attribute("alpha"), None);
}

#[test]
fn parameters_layers_and_rules_of_ones_own_are_told_apart() {
    let (weight, frozen, layer) = (Key::unique(), Key::unique(), Key::unique());
    let tape = Tape::<f64>::new().explained();
    tape.name_parameter(weight, "fc.weight");
    tape.name_parameter(frozen, "fc.scale");
    let x = tape.leaf(Tensor::scalar(2.0)).named("x");
    let entered = tape.enter(layer);
    let w = tape.parameter(weight, &Tensor::scalar(3.0));
    let scale = tape.frozen_parameter(frozen, &Tensor::scalar(5.0));
    let y = x.clone().mul(&w).unwrap().mul(&scale).unwrap();
    tape.leave(entered, || (String::new(), "Dense", [].into(), [].into()));
    let cube = y.value().map(|y| y * y * y);
    let z = Var::custom(&tape, &[&y], cube, |_| Cube(y.value().clone())).unwrap();
    let explanation = tape.explanation().unwrap();
    assert_eq!(z.place(), Some(5));
    let told: Vec<_> =
        explanation.steps.iter().map(|s| (&*s.name, s.key, s.layer, s.custom)).collect();
    assert_eq!(
        told,
        [
            ("x", None, None, false),
            ("fc.weight", Some(weight), Some(layer), false),
            ("fc.scale", Some(frozen), Some(layer), false),
            ("t1", None, Some(layer), false),
            ("t2", None, Some(layer), false),
            ("t3", None, None, true),
        ]
    );
    let gradients = z.backward().unwrap();
    assert!(gradients.get(weight).is_some() && gradients.get(frozen).is_none());
    assert_eq!(x.place(), Some(0), "places outlive a backward pass");
    let plain = Tape::<f64>::new();
    assert_eq!(plain.leaf(Tensor::scalar(1.0)).place(), None);
}
