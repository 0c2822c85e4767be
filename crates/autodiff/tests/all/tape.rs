//! What a tape promises: what it records, frees and refuses, and whom a value belongs to.

use autodiff::{Backward, Gradients, Key, Result, Sink, Tape, Var};
use tensor::{Conv2dOptions, Error, Pool2dOptions, Tensor};

fn vector(values: &[f64]) -> Tensor<f64> {
    Tensor::from_vec([values.len()], values).unwrap()
}

fn text<T>(result: Result<T>) -> String {
    result.err().expect("an error").to_string()
}

#[test]
fn backward_frees_what_was_recorded() {
    let tape = Tape::new();
    let value = vector(&[1.0, 2.0]);
    let x = tape.leaf(value.clone());
    let loss = x.clone().square().sum();
    assert_eq!(tape.len(), 3);
    let gradients = loss.backward().unwrap();
    assert!(tape.is_empty());
    assert_eq!(gradients.of(&x).unwrap(), &vector(&[2.0, 4.0]));
    drop(x);
    assert!(!value.is_shared(), "nothing on the tape holds the saved input any more");
}

/// What an operation saved is gone as soon as its rule has run, before the next rule runs.
#[test]
fn saved_values_are_freed_on_the_way_back() {
    #[derive(Debug)]
    struct Holder(Tensor<f64>);
    impl Backward<f64> for Holder {
        fn name(&self) -> &'static str {
            "holder"
        }
        fn backward(self: Box<Self>, dy: Tensor<f64>, sink: &mut Sink<'_, f64>) {
            // Tells the test whether another operation still holds the value.
            let others = if self.0.is_shared() { 1.0 } else { 0.0 };
            sink.give(0, dy.map(|dy| dy * 10.0 + others));
        }
    }
    let tape = Tape::new();
    let x = tape.leaf(vector(&[3.0]));
    let held = vector(&[5.0]);
    let rule = |_: &Tensor<f64>| Holder(held.clone());
    let first = Var::custom(&tape, &[&x], vector(&[3.0]), rule).unwrap();
    let second = Var::custom(&tape, &[&first], vector(&[3.0]), rule).unwrap();
    drop(held);
    let gradients = second.sum().backward().unwrap();
    // 1 · 10 + 1 (the first still holds it), then 11 · 10 + 0.
    assert_eq!(gradients.of(&x).unwrap().as_slice(), [110.0]);
}

#[test]
fn a_second_backward_pass_is_refused() {
    let tape = Tape::new();
    let x = tape.leaf(vector(&[1.0, 2.0]));
    let loss = x.clone().square().sum();
    loss.clone().backward().unwrap();
    let expected = "backward: the value was recorded before an earlier backward pass; \
                    a backward pass consumes its tape: compute the value again on a new Tape";
    assert_eq!(text(loss.backward()), expected);

    // The old leaf in a new computation on the same tape.
    let expected = "backward: an input was recorded before an earlier backward pass; \
                    a backward pass consumes its tape: compute the value again on a new Tape";
    let fresh = tape.leaf(vector(&[1.0, 1.0]));
    assert_eq!(text(x.mul(&fresh).unwrap().sum().backward()), expected);

    // A computation that is new from its leaves on works.
    let fresh = tape.leaf(vector(&[4.0]));
    let gradients = fresh.clone().square().sum().backward().unwrap();
    assert_eq!(gradients.of(&fresh).unwrap().as_slice(), [8.0]);
}

#[test]
fn operands_on_different_tapes_are_refused() {
    let (here, there) = (Tape::new(), Tape::new());
    let matrix = Tensor::full([2, 2], 1.0);
    let images = Tensor::full([1, 1, 2, 2], 1.0);
    let (a, b) = (here.leaf(matrix.clone()), there.leaf(matrix));
    let (x, w) = (here.leaf(images.clone()), there.leaf(images));
    let (near, far) = (here.leaf(vector(&[1.0, 1.0])), there.leaf(vector(&[1.0, 1.0])));
    let options = Conv2dOptions::default();
    let rule = |_: &Tensor<f64>| Nothing;
    let cases = [
        ("add", a.clone().add(&b)),
        ("sub", a.clone().sub(&b)),
        ("mul", a.clone().mul(&b)),
        ("div", a.clone().div(&b)),
        ("matmul", a.clone().matmul(&b)),
        ("linear", a.clone().linear(&b, None)),
        ("linear", near.clone().linear(&a, Some(&far))),
        ("conv2d", x.clone().conv2d(&w, None, &options)),
        ("conv2d", x.clone().conv2d(&x, Some(&far), &options)),
        ("custom", Var::custom(&here, &[&a, &b], vector(&[0.0]), rule)),
    ];
    let tiny = 1e-5;
    let (row, plane) = (|| a.clone(), || x.clone());
    let (narrow, wide) = (here.leaf(vector(&[1.0])), there.leaf(vector(&[1.0])));
    let pooled = Pool2dOptions::default();
    let more = [
        ("layer_norm", row().layer_norm(&far, &near, tiny)),
        ("layer_norm", row().layer_norm(&near, &far, tiny)),
        ("batch_norm", row().batch_norm(&far, &near, tiny).map(|(y, _)| y)),
        ("batch_norm", row().batch_norm(&near, &far, tiny).map(|(y, _)| y)),
        ("batch_norm", row().batch_norm_with(&near, &near, [&far, &near], tiny)),
        ("batch_norm", row().batch_norm_with(&near, &near, [&near, &far], tiny)),
        ("subsampling", plane().subsampling(&wide, &narrow, &pooled)),
        ("subsampling", plane().subsampling(&narrow, &wide, &pooled)),
        ("bind", here.bind(Key::unique(), &far).map(|()| narrow.clone())),
    ];
    for (op, result) in cases.into_iter().chain(more) {
        let expected = format!(
            "{op}: the operands are on different tapes; \
             make both from one Tape, or bring a value over with tape.constant(value)"
        );
        assert_eq!(text(result), expected);
    }
    // Constants are refused alike: whether a mistake shows must not depend on what needs
    // gradients.
    assert!(a.add(&there.constant(Tensor::full([2, 2], 1.0))).is_err());
}

/// Gives no gradient.
#[derive(Debug)]
struct Nothing;

impl Backward<f64> for Nothing {
    fn name(&self) -> &'static str {
        "nothing"
    }
    fn backward(self: Box<Self>, _: Tensor<f64>, _: &mut Sink<'_, f64>) {}
}

#[test]
fn backward_wants_one_number_or_a_seed() {
    let tape = Tape::new();
    let x = tape.leaf(Tensor::full([2, 3], 1.0));
    assert_eq!(
        text(x.clone().square().backward()),
        "backward: the value to differentiate is not a single number (value [2, 3]); \
         reduce it with sum() or mean(), or pass a gradient to backward_from"
    );
    assert_eq!(
        text(x.clone().square().backward_from(Tensor::full([3, 2], 1.0))),
        "backward_from: the seed's shape is not the value's (seed [3, 2], value [2, 3])"
    );
    let one = x.clone().sum().reshape([1, 1]).unwrap();
    assert_eq!(one.backward().unwrap().of(&x).unwrap(), &Tensor::full([2, 3], 1.0));
}

#[test]
fn backward_needs_a_leaf() {
    let expected = "backward: the value depends on no leaf or parameter that needs a gradient; \
                    compute it on a tape made by Tape::new, from Tape::leaf or Tape::parameter";
    let tape = Tape::new();
    assert_eq!(text(tape.constant(vector(&[1.0])).backward()), expected);
    let x = tape.leaf(vector(&[1.0]));
    assert_eq!(text(x.detach().square().sum().backward()), expected);
    let tape = Tape::inference();
    assert_eq!(text(tape.leaf(vector(&[1.0])).square().sum().backward()), expected);
}

#[test]
fn an_inference_tape_keeps_nothing() {
    let tape = Tape::inference();
    assert!(!tape.is_training() && Tape::<f64>::new().is_training());
    let value = vector(&[-1.0, 2.0]);
    let x = tape.parameter(Key::unique(), &value);
    let y = x.square().tanh().add(&tape.leaf(vector(&[1.0, 1.0]))).unwrap();
    assert!(tape.is_empty() && !y.needs_gradient());
    assert!(!value.is_shared(), "the input died with its last Var");
    let validation = Tape::<f64>::inference().with_training(true);
    assert!(validation.is_training() && !validation.leaf(vector(&[1.0])).needs_gradient());
}

#[test]
fn constants_are_not_recorded() {
    let tape = Tape::new();
    let c = tape.constant(vector(&[1.0, 2.0]));
    let d = c.clone().square().exp();
    assert!(tape.is_empty() && !d.needs_gradient());
    let x = tape.leaf(vector(&[3.0, 4.0]));
    let gradients = x.clone().mul(&d).unwrap().sum().backward().unwrap();
    assert!(gradients.of(&c).is_none() && gradients.of(&d).is_none());
    assert_eq!(gradients.of(&x).unwrap(), d.value());
}

#[test]
fn a_parameter_asked_for_twice_is_one_leaf() {
    let (key, value) = (Key::unique(), vector(&[2.0, -1.0]));
    let tape = Tape::new();
    let (first, second) = (tape.parameter(key, &value), tape.parameter(key, &value));
    assert_eq!(tape.len(), 1);
    let gradients = first.clone().mul(&second).unwrap().sum().backward().unwrap();
    let expected = vector(&[4.0, -2.0]);
    assert_eq!(gradients.get(key), Some(&expected));
    assert_eq!(gradients.of(&first), Some(&expected));
    assert_eq!(gradients.of(&second), Some(&expected));
    assert_eq!(gradients.iter().collect::<Vec<_>>(), [(key, &expected)]);
    assert_eq!(gradients.get(Key::unique()), None);

    // After the pass the same key is a new leaf.
    let again = tape.parameter(key, &value);
    assert_eq!(again.sum().backward().unwrap().get(key), Some(&vector(&[1.0, 1.0])));
}

#[test]
fn a_leaf_that_does_not_matter_has_no_gradient() {
    let tape = Tape::new();
    let (used, unused) = (tape.leaf(vector(&[1.0])), tape.leaf(vector(&[1.0])));
    let key = Key::unique();
    let forgotten = tape.parameter(key, &vector(&[1.0]));
    let aside = unused.clone().square();
    let loss = used.clone().square().sum();
    let after = used.clone().exp();
    let gradients = loss.backward().unwrap();
    assert!(gradients.of(&used).is_some());
    for other in [&unused, &forgotten, &aside, &after] {
        assert!(gradients.of(other).is_none());
    }
    assert!(gradients.get(key).is_none() && gradients.iter().next().is_none());
}

#[test]
fn gradients_belong_to_their_tape() {
    let (here, there) = (Tape::new(), Tape::new());
    let (x, stranger) = (here.leaf(vector(&[3.0])), there.leaf(vector(&[3.0])));
    let gradients = x.clone().square().sum().backward().unwrap();
    assert!(gradients.of(&x).is_some());
    assert!(gradients.of(&stranger).is_none(), "a leaf at the same place on another tape");
}

#[test]
fn parts_of_a_batch_accumulate() {
    let keys = [Key::unique(), Key::unique(), Key::unique()];
    let pass = |order: &[usize], factor: f64| -> Gradients<f64> {
        let tape = Tape::new();
        // A plain leaf belongs to its own pass and does not take part.
        let mut loss = tape.leaf(vector(&[1.0])).sum();
        for &i in order {
            let parameter = tape.parameter(keys[i], &vector(&[1.0, 1.0]));
            loss = loss.add(&parameter.scale(factor * (i + 1) as f64).sum()).unwrap();
        }
        loss.backward().unwrap()
    };
    let mut total = Gradients::default();
    total.accumulate(pass(&[0, 1], 1.0));
    total.accumulate(pass(&[0, 1], 10.0));
    assert_eq!(total.iter().count(), 2);
    total.accumulate(pass(&[2, 1], 100.0));
    assert_eq!(total.get(keys[0]), Some(&vector(&[11.0, 11.0])));
    assert_eq!(total.get(keys[1]), Some(&vector(&[222.0, 222.0])));
    assert_eq!(total.get(keys[2]), Some(&vector(&[300.0, 300.0])));
    assert_eq!(total.iter().count(), 3);
}

/// Operations reuse their operand's buffer where they may, and only there.
#[test]
fn a_clone_is_not_changed() {
    type Unary = for<'t> fn(Var<'t, f64>) -> Result<Var<'t, f64>>;
    let pool = Pool2dOptions { kernel: [2, 2], stride: [2, 2], ..Default::default() };
    let operations: &[Unary] = &[
        |x| Ok(x.relu()),
        |x| Ok(x.sigmoid()),
        |x| Ok(x.tanh()),
        |x| Ok(x.exp()),
        |x| Ok(x.ln()),
        |x| Ok(x.square()),
        |x| Ok(-x),
        |x| Ok(x.affine(2.0, 1.0)),
        |x| x.softmax(3),
        |x| x.log_softmax(3),
        |x| x.clone().add(&x),
        |x| x.clone().mul(&x),
        |x| x.clone().sub(&x),
        |x| x.clone().div(&x),
        |x| x.flatten(2, 3)?.flatten(1, 2)?.softmax_cross_entropy(&Tensor::full([2], 1)),
    ];
    for tape in [Tape::new(), Tape::inference()] {
        let original = Tensor::from_fn([2, 1, 2, 2], |i| i as f64 - 3.5);
        let copy = Tensor::from_fn([2, 1, 2, 2], |i| i as f64 - 3.5);
        let x = tape.leaf(original.clone());
        for (i, operation) in operations.iter().enumerate() {
            let y = operation(x.clone()).unwrap();
            let seed = Tensor::full(y.shape(), 1.0);
            assert_eq!(original, copy, "operation {i} forward");
            let on_fresh_tape = Tape::new();
            let leaf = on_fresh_tape.leaf(original.clone());
            operation(leaf).unwrap().backward_from(seed).unwrap();
            assert_eq!(original, copy, "operation {i} backward");
        }
        x.clone().max_pool2d(&pool).unwrap();
        assert_eq!(x.value(), &copy);
    }
}

#[test]
fn a_rule_that_gives_to_an_input_that_is_not_there_is_refused() {
    #[derive(Debug)]
    struct Generous;
    impl Backward<f64> for Generous {
        fn name(&self) -> &'static str {
            "generous"
        }
        fn backward(self: Box<Self>, dy: Tensor<f64>, sink: &mut Sink<'_, f64>) {
            assert!(sink.wants(0) && !sink.wants(1));
            sink.give(1, dy);
        }
    }
    let tape = Tape::new();
    let x = tape.leaf(vector(&[1.0]));
    let y = Var::custom(&tape, &[&x], vector(&[1.0]), |_| Generous).unwrap();
    let error = y.backward().unwrap_err();
    assert!(matches!(error, Error::Argument { .. }), "{error:?}");
    assert_eq!(
        error.to_string(),
        "generous: the input given to Sink::give is 1, expected less than 1, the number of inputs"
    );
}

#[test]
fn tapes_of_several_threads_do_not_meet() {
    let results: Vec<f64> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|i| {
                scope.spawn(move || {
                    let tape = Tape::new();
                    let x = tape.leaf(vector(&[f64::from(i)]));
                    let gradients = x.clone().square().sum().backward().unwrap();
                    gradients.of(&x).unwrap().item().unwrap()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(results, [0.0, 2.0, 4.0, 6.0]);
}
