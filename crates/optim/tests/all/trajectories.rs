//! Optimizers over 50 steps, and schedules, against PyTorch and MindSpore.
//!
//! `reference/make_pytorch.py` and `reference/make_mindspore.py` write the files.

use crate::recipes::{Options, learning_rate, schedule, visit};
use autodiff::Tape;
use layers::{Initializer, ModuleExt, Parameter, module};
use optim::{Descent, Gradients, LearningRate, Optimizer, ParameterGroup, Result, Rule, Step};
use reference::{Comparison, Reference, deviation, formula};
use serde_json::Value;
use tensor::{Float, Tensor};

const PYTORCH: &[u8] = include_bytes!("../reference/pytorch.safetensors");
const MINDSPORE: &[u8] = include_bytes!("../reference/mindspore.safetensors");
const STEPS: usize = 50;

struct Net {
    weight: Parameter,
    bias: Parameter,
    gamma: Parameter,
}

module!(Net { weight, bias, gamma });

/// A parameter's numbers, as `reference/common.py` makes them.
fn numbers<T: Float>(tensor: usize, scale: f64, like: &Parameter) -> Tensor<T> {
    Tensor::from_fn(like.shape(), |i| T::from_f64((scale * formula(tensor, i)) as f32 as f64))
}

fn net() -> Net {
    let parameter = |shape: &[usize]| Parameter::new(shape, Initializer::ZERO);
    let mut net = Net { weight: parameter(&[2, 2]), bias: parameter(&[1]), gamma: parameter(&[1]) };
    for (i, parameter) in [&mut net.weight, &mut net.bias, &mut net.gamma].into_iter().enumerate() {
        let start = numbers(1000 + i, 2.0, parameter);
        parameter.set(start).unwrap();
    }
    net
}

/// The gradients of Σ g · w, which are the numbers g.
fn gradients(net: &Net, step: usize) -> Gradients {
    let tape = Tape::new();
    let mut loss = tape.constant(Tensor::scalar(0.0));
    for (i, (_, parameter)) in net.parameters().into_iter().enumerate() {
        let g = tape.constant(numbers(100 * i + step, 1.0, parameter));
        loss = loss.add(&parameter.on(&tape).unwrap().mul(&g).unwrap().sum()).unwrap();
    }
    loss.backward().unwrap()
}

#[test]
fn trajectories_agree_with_pytorch() {
    compare_trajectories(PYTORCH, true, 1e-6);
}

/// MindSpore computes in f32, so its own rounding counts in both precisions.
#[test]
fn trajectories_agree_with_mindspore() {
    compare_trajectories(MINDSPORE, false, 1e-5);
    deviation(
        "optimizer",
        "Momentum",
        "use_nesterov=True changes nothing on a CPU",
        "Nesterov's look-ahead, as documented",
        "the option is ignored without a word",
    );
    deviation(
        "optimizer",
        "Adagrad",
        "update_slots=False changes nothing on a CPU",
        "no such option",
        "without updates of its sums it would be gradient descent",
    );
    deviation(
        "optimizer",
        "AdamW",
        "AdamWeightDecay does not correct the bias of the means",
        "AdamW::new does, as the paper; AdamW::mindspore does not",
        "the first steps are up to three times as large otherwise",
    );
    deviation(
        "optimizer",
        "all",
        "no weight decay where the parameter's whole path contains beta or gamma",
        "none where the parameter's own name does",
        "a layer called gamma_net would not decay",
    );
}

fn compare_trajectories(file: &[u8], pytorch: bool, tolerance_f64: f64) {
    let file = Reference::open(file);
    let mut compared = 0;
    for case in file.cases().iter().filter(|case| kind(case) == "trajectory") {
        let options = Options::new(&case["options"]);
        let mut compare = Compare { file: &file, case, options: &options, pytorch, tolerance_f64 };
        visit(case["piece"].as_str().expect("a piece"), &options, &mut compare).unwrap();
        options.all_were_read();
        compared += 1;
    }
    assert!(compared >= 16);
}

/// What is done with each case's optimizer, of whatever rule.
struct Compare<'a> {
    file: &'a Reference<'a>,
    case: &'a Value,
    options: &'a Options<'a>,
    pytorch: bool,
    tolerance_f64: f64,
}

impl crate::recipes::Visitor for Compare<'_> {
    fn visit<R: Rule>(&mut self, piece: &str, optimizer: Descent<R>) -> Result<()> {
        let row = Comparison::new("optimizer", piece, &self.file.peer());
        let name = self.case["name"].as_str().expect("a name");
        let expected: Vec<Tensor<f64>> = ["weight", "bias", "gamma"]
            .iter()
            .map(|parameter| self.file.tensor(&format!("{name}/{parameter}")))
            .collect();
        let what = variant(name, "50 steps");

        // In f64 through the rule, where nothing comes between it and the gradient.
        let decay = self.options.number("weight_decay").unwrap_or(0.0);
        let rate = learning_rate(self.options);
        if !self.options.any(&["clip_norm", "clip_value", "accumulate", "groups"]) {
            for (place, expected) in expected.iter().enumerate() {
                let decays = self.pytorch || place != 2;
                let l2 = if decays { decay } else { 0.0 };
                let found = trajectory_f64(optimizer.rule(), place, &rate, l2);
                let found = Tensor::from_fn(expected.shape(), |i| found[i]);
                row.check(what, &found, expected, 0.0, self.tolerance_f64);
            }
        }
        // In f32 through the optimizer.
        let mut optimizer = configure(optimizer, self.options, self.pytorch)?;
        let mut net = net();
        let mut found: [Vec<f32>; 3] = Default::default();
        for step in 0..STEPS {
            let gradients = gradients(&net, step);
            optimizer.step(&mut net, &gradients)?;
            for (found, (_, parameter)) in found.iter_mut().zip(net.parameters()) {
                found.extend(parameter.value().expect("a value").as_slice());
            }
        }
        for (found, expected) in found.iter().zip(&expected) {
            let found = Tensor::from_vec(expected.shape(), found).unwrap();
            row.check(what, &found, expected, 0.0, 1e-5);
        }
        Ok(())
    }
}

/// The values of one parameter after each step.
fn trajectory_f64(rule: &impl Rule, place: usize, rate: &LearningRate, l2: f64) -> Vec<f64> {
    let net = net();
    let parameter = net.parameters()[place].1;
    let mut w = numbers::<f64>(1000 + place, 2.0, parameter);
    let mut kept: Vec<Tensor<f64>> =
        rule.slots().iter().map(|slot| Tensor::full(parameter.shape(), slot.initial)).collect();
    let mut values = Vec::new();
    for step in 0..STEPS {
        let g = numbers::<f64>(100 * place + step, 1.0, parameter);
        let options = Step { l2, ..Step::new(rate.at(step as u64), step as u64) };
        let mut kept: Vec<_> = kept.iter_mut().map(Tensor::as_mut_slice).collect();
        rule.update(w.as_mut_slice(), &mut kept, g.as_slice(), &options);
        values.extend(w.as_slice());
    }
    values
}

/// The options that all optimizers have.
fn configure<R: Rule>(
    mut optimizer: Descent<R>,
    options: &Options<'_>,
    pytorch: bool,
) -> Result<Descent<R>> {
    if let Some(decay) = options.number("weight_decay") {
        optimizer = match pytorch {
            // All parameters decay.
            true => optimizer.group(ParameterGroup::matching(|_| true).weight_decay(decay)?),
            false => optimizer.weight_decay(decay)?,
        };
    }
    if let Some(limit) = options.number("clip_norm") {
        optimizer = optimizer.clip_norm(limit)?;
    }
    if let Some(limit) = options.number("clip_value") {
        optimizer = optimizer.clip_value(limit)?;
    }
    if let Some(calls) = options.number("accumulate") {
        optimizer = optimizer.accumulate(calls as u64)?;
    }
    if options.is("groups") {
        optimizer = optimizer
            .group(ParameterGroup::named(["bias"])?.learning_rate(0.3)?)
            .group(ParameterGroup::named(["gamma"])?.weight_decay(0.2)?);
    }
    Ok(optimizer)
}

#[test]
fn schedules_agree_with_pytorch() {
    compare_schedules(PYTORCH, 1e-12);
}

/// MindSpore's classes compute in f32.
#[test]
fn schedules_agree_with_mindspore() {
    compare_schedules(MINDSPORE, 1e-6);
    deviation(
        "schedule",
        "PiecewiseConstantLr",
        "training beyond the last milestone ends in an error of Gather",
        "the last rate stays",
        "a rate is a function of any step",
    );
}

fn compare_schedules(file: &[u8], tolerance: f64) {
    let file = Reference::open(file);
    let mut compared = 0;
    for case in file.cases().iter().filter(|case| kind(case) == "schedule") {
        let name = case["name"].as_str().expect("a name");
        let piece = case["piece"].as_str().expect("a piece");
        let options = Options::new(&case["options"]);
        let schedule = schedule(piece, &options).unwrap();
        options.all_were_read();
        let expected = file.tensor::<f64>(&format!("{name}/rates"));
        let found: Vec<f64> = (0..expected.len() as u64).map(|step| schedule.at(step)).collect();
        let row = Comparison::new("schedule", piece, &file.peer());
        row.check_numbers(variant(name, "rates"), &found, expected.as_slice(), tolerance);
        compared += 1;
    }
    assert!(compared >= 10);
}

/// What sets a case apart: `dampening` of `sgd, dampening`, and `plain` where nothing does.
fn variant<'a>(name: &'a str, plain: &'a str) -> &'a str {
    name.split_once(", ").map_or(plain, |(_, variant)| variant)
}

fn kind(case: &Value) -> &str {
    match case["kind"].as_str() {
        Some(kind @ ("trajectory" | "schedule")) => kind,
        unknown => panic!("the file has a kind that this test does not know: {unknown:?}"),
    }
}
