//! Optimizers and schedules against PyTorch.
//!
//! `reference/make.py` writes the file; the list of cases is in it.

use autodiff::{Gradients, Tape};
use layers::{Initializer, ModuleExt, Parameter, module};
use optim::{CosineDecayLr, LearningRate, Momentum, Optimizer, PolynomialDecayLr, Schedule, Sgd};
use reference::{Comparison, Reference, size};
use serde_json::Value;
use tensor::Tensor;

const FILE: &[u8] = include_bytes!("reference/optimizers.safetensors");

struct Net {
    weight: Parameter,
    bias: Parameter,
}

module!(Net { weight, bias });

#[test]
fn trajectories_agree_with_pytorch() {
    let file = Reference::open(FILE);
    let mut compared = 0;
    for case in file.cases().iter().filter(|case| kind(case) == "trajectory") {
        let name = case["name"].as_str().expect("a name");
        let mut net = Net {
            weight: Parameter::new([2, 3], Initializer::ZERO),
            bias: Parameter::new([4], Initializer::ZERO),
        };
        net.weight.set(file.tensor("start/weight")).unwrap();
        net.bias.set(file.tensor("start/bias")).unwrap();
        let (piece, mut optimizer) = optimizer(&case["options"]);
        let row = Comparison::new("optimizer", piece, &file.peer());
        let steps = case["steps"].as_u64().expect("a number of steps") as usize;
        for step in 0..steps {
            let at_step = |what: &str, parameter: &str| {
                let all = file.tensor::<f64>(&format!("{name}/{what}/{parameter}"));
                assert_eq!(all.shape()[0], steps);
                let shape = all.shape()[1..].to_vec();
                all.rows(step, step + 1).unwrap().reshape(shape).unwrap()
            };
            let gradients = gradients(&net, |parameter| at_step("gradient", parameter).cast());
            optimizer.step(&mut net, &gradients).unwrap();
            for (parameter, value) in net.parameters() {
                let found = value.value().expect("a value");
                let expected = at_step("value", &parameter);
                assert!(size(&expected) > 0.1, "{name}: {parameter} is lost in rounding");
                row.check("50 steps", found, &expected, 0.0, 1e-5);
            }
        }
        assert_eq!(optimizer.steps(), steps as u64);
        compared += 1;
    }
    assert!(compared > 0);
}

/// The gradients of Σ g · w, which are the numbers g.
fn gradients(net: &Net, numbers: impl Fn(&str) -> Tensor) -> Gradients {
    let tape = Tape::new();
    let mut loss = tape.constant(Tensor::scalar(0.0));
    for (name, parameter) in net.parameters() {
        let g = tape.constant(numbers(&name));
        loss = loss.add(&parameter.on(&tape).unwrap().mul(&g).unwrap().sum()).unwrap();
    }
    loss.backward().unwrap()
}

/// The optimizer that PyTorch's options mean.
fn optimizer(options: &Value) -> (&'static str, Box<dyn Optimizer>) {
    for option in options.as_object().expect("options").keys() {
        let known = ["lr", "momentum", "weight_decay", "nesterov", "cosine_steps"];
        assert!(known.contains(&option.as_str()), "unknown option {option}");
    }
    let lr = options["lr"].as_f64().expect("a learning rate");
    let rate = match options["cosine_steps"].as_u64() {
        Some(steps) => LearningRate::from(CosineDecayLr::new(0.0, lr, steps).unwrap()),
        None => LearningRate::from(lr),
    };
    let decay = options["weight_decay"].as_f64().unwrap_or(0.0);
    let nesterov = options["nesterov"].as_bool().unwrap_or(false);
    match options["momentum"].as_f64() {
        None => {
            assert!(!nesterov);
            ("Sgd", Box::new(Sgd::new(rate).unwrap().weight_decay(decay).unwrap()))
        }
        Some(momentum) => {
            let optimizer = Momentum::new(rate, momentum).unwrap().nesterov(nesterov);
            ("Momentum", Box::new(optimizer.weight_decay(decay).unwrap()))
        }
    }
}

#[test]
fn schedules_agree_with_pytorch() {
    let file = Reference::open(FILE);
    let mut compared = 0;
    for case in file.cases().iter().filter(|case| kind(case) == "schedule") {
        let name = case["name"].as_str().expect("a name");
        let option = |option: &str| case["options"][option].as_f64().expect("a number");
        let (start, end, steps) = (option("start"), option("end"), option("steps") as u64);
        let (piece, schedule): (_, Box<dyn Schedule>) = match name {
            "cosine" => ("CosineDecayLr", Box::new(CosineDecayLr::new(end, start, steps).unwrap())),
            "linear" | "polynomial" => (
                "PolynomialDecayLr",
                Box::new(PolynomialDecayLr::new(start, end, steps, option("power")).unwrap()),
            ),
            unknown => panic!("the file has a schedule that this test does not know: {unknown}"),
        };
        let rates = file.tensor::<f64>(&format!("{name}/rates"));
        assert_eq!(Some(rates.len() as u64), case["steps"].as_u64());
        let found: Vec<_> = (0..rates.len()).map(|step| schedule.at(step as u64)).collect();
        let row = Comparison::new("schedule", piece, &file.peer());
        row.check_numbers("rates", &found, rates.as_slice(), 1e-12);
        compared += 1;
    }
    assert!(compared > 0);
}

fn kind(case: &Value) -> &str {
    match case["kind"].as_str() {
        Some(kind @ ("trajectory" | "schedule")) => kind,
        unknown => panic!("the file has a kind that this test does not know: {unknown:?}"),
    }
}
