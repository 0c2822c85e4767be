//! Training that goes on where MindSpore left it, and the reverse; `reference/make_mindspore.py`
//! says how.

use interchange::mindspore::MindSporeRule;
use interchange::{Checkpoint, Names, mindspore, safetensors};
use layers::*;
use optim::{Adam, Descent, Momentum, Optimizer};
use reference::{Comparison, formula};
use serde_json::{Value, json};
use std::path::PathBuf;
use tensor::Tensor;

const MOMENTUM: &[u8] = include_bytes!("../reference/momentum.ckpt");
const CHECKED: &[u8] = include_bytes!("../reference/checked.safetensors");
const ADAM: &[u8] = include_bytes!("../reference/adam.ckpt");

struct Normed {
    conv1: Conv2d,
    bn1: BatchNorm2d,
    fc1: Dense,
}

module!(Normed { conv1, bn1, fc1 });

impl Normed {
    fn new() -> Self {
        // A bias before the normalisation would have no gradient but rounding errors.
        let (conv1, fc1) = (Conv2d::new(1, 2, 3).has_bias(false), Dense::new(8, 3));
        Normed { conv1, bn1: BatchNorm2d::new(2), fc1 }
    }
}

impl Layer for Normed {
    fn forward<'t>(&self, x: Var<'t>) -> Result<Var<'t>> {
        let x = self.bn1.forward(self.conv1.forward(x)?)?.tanh();
        self.fc1.forward(x.flatten(1, 3)?)
    }
}

fn known() -> Value {
    serde_json::from_str(include_str!("../reference/mindspore.json")).unwrap()
}

fn peer() -> String {
    format!("MindSpore {}", known()["versions"]["mindspore"].as_str().unwrap())
}

fn numbers(number: usize, shape: &[usize]) -> Tensor {
    Tensor::from_fn(shape, |i| formula(number, i) as f32)
}

/// Gives the parameters that are trained the values that the script gives them.
fn with_formula<N: Layer>(mut network: N) -> N {
    network.initialize(1).unwrap();
    let mut number = 0;
    network.each_parameter_mut(&mut |_, parameter| {
        if parameter.is_trainable() {
            let value = Tensor::from_fn(parameter.shape(), |i| formula(number, i) as f32 / 8.0);
            parameter.set(value).unwrap();
            number += 1;
        }
    });
    network
}

fn take_step(network: &mut Normed, optimizer: &mut dyn Optimizer, number: usize) {
    let tape = Tape::new();
    let images = tape.constant(numbers(100 + number, &[4, 1, 4, 4]));
    let target = tape.constant(numbers(200 + number, &[4, 3]));
    let outputs = network.forward(images).unwrap();
    let loss = outputs.sub(&target).unwrap().square().mean();
    let gradients = loss.backward().unwrap();
    optimizer.step(network, &gradients).unwrap();
    network.each_parameter_mut(&mut |_, parameter| {
        if let Some(moved) = tape.updated(parameter.key()) {
            parameter.set(moved).unwrap();
        }
    });
}

fn weights(network: &Normed) -> Vec<(String, Tensor)> {
    let parameters = network.parameters().into_iter();
    parameters.map(|(name, parameter)| (name, parameter.value().unwrap().clone())).collect()
}

fn folder() -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("SPORELET_INTERCHANGE_OUT")?);
    std::fs::create_dir_all(&folder).unwrap();
    Some(folder)
}

/// Goes on from MindSpore's file; then trains from the start, and compares what is saved.
fn go_on<R: MindSporeRule>(name: &str, file: &[u8], make: impl Fn() -> Descent<R>) -> Value {
    let (mut network, mut optimizer) = (Normed::new(), make());
    let theirs = Checkpoint::from_bytes(file).unwrap();
    theirs.load_into(&mut network).unwrap();
    theirs.load_optimizer(&mut optimizer, &network).unwrap();
    assert_eq!(optimizer.steps(), 2);

    let mut saved = Checkpoint::of(&network).unwrap();
    saved.set_optimizer(&optimizer, &network).unwrap();
    for (name, value) in theirs.iter().filter(|(name, _)| *name != "learning_rate") {
        let (ours, theirs) = (saved.get(name).unwrap(), value);
        if name.ends_with("_power") {
            // Theirs is a product of rounded numbers.
            let [ours, theirs] = [ours, theirs].map(|value| value.to_f64().unwrap()[0]);
            assert!((ours / theirs - 1.0).abs() < 1e-6, "{name}: {ours}, {theirs}");
        } else {
            assert_eq!(ours, theirs, "{name}");
        }
    }
    assert_eq!(saved.len() + 1, theirs.len());

    take_step(&mut network, &mut optimizer, 2);
    for (parameter, found) in weights(&network) {
        let known = known();
        let expected = known["weights"][name][&parameter].as_array().unwrap();
        let expected = Tensor::from_fn(found.shape(), |i| expected[i].as_f64().unwrap());
        let row = Comparison::new("file", ".ckpt", &peer());
        row.check(&format!("weights after a step from its {name}"), &found, &expected, 1.0, 1e-6);
    }

    let (mut network, mut optimizer) = (with_formula(Normed::new()), make());
    take_step(&mut network, &mut optimizer, 0);
    take_step(&mut network, &mut optimizer, 1);
    let mut saved = Checkpoint::of(&network).unwrap();
    saved.set_optimizer(&optimizer, &network).unwrap();
    if let Some(folder) = folder() {
        saved.write_ckpt(folder.join(format!("{name}.ckpt"))).unwrap();
    }
    take_step(&mut network, &mut optimizer, 2);
    let rows = weights(&network).into_iter();
    Value::Object(rows.map(|(name, value)| (name, json!(value.as_slice()))).collect())
}

#[test]
fn training_goes_on_as_in_mindspore() {
    let momentum = go_on("momentum", MOMENTUM, || Momentum::new(0.1, 0.9).unwrap());
    let adam = go_on("adam", ADAM, || Adam::new(0.01).unwrap());

    let lenet = with_formula(LeNet5::new());
    let images = Tape::inference();
    let logits = lenet.forward(images.constant(numbers(100, &[2, 1, 32, 32]))).unwrap();
    let known = known();
    let expected: Vec<_> =
        known["lenet5"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect();
    let expected = Tensor::from_fn([2, 10], |i| expected[i]);
    let row = Comparison::new("file", ".ckpt", &peer());
    row.check("logits of LeNet-5 from the same bytes", logits.value(), &expected, 1.0, 1e-5);

    let checkpoint = Checkpoint::of(&lenet).unwrap();
    let files = [
        ("ckpt", mindspore::encode_checked(&checkpoint).unwrap()),
        ("safetensors", safetensors::encode(&checkpoint, Names::MindSpore).unwrap()),
    ];
    for (kind, bytes) in files {
        assert_eq!(known["lenet5_crc32"][kind], crc32fast::hash(&bytes), "{kind}");
        let mut again = LeNet5::new();
        Checkpoint::from_bytes(&bytes).unwrap().load_into(&mut again).unwrap();
        assert_eq!(Checkpoint::of(&again).unwrap(), checkpoint);
        if let Some(folder) = folder() {
            std::fs::write(folder.join(format!("lenet5_mindspore.{kind}")), bytes).unwrap();
        }
    }
    if let Some(folder) = folder() {
        let ours =
            json!({ "momentum": momentum, "adam": adam, "lenet5": logits.value().as_slice() });
        std::fs::write(folder.join("mindspore.json"), ours.to_string()).unwrap();
    }
}

/// MindSpore's flavour of safetensors, with its checksum.
#[test]
fn checked_safetensors_are_read() {
    let checkpoint = Checkpoint::from_bytes(CHECKED).unwrap();
    let mut network = Normed::new();
    assert!(checkpoint.load_into(&mut network).unwrap().is_empty());
    let known = known();
    for (name, found) in weights(&network) {
        let numbers = known["weights"]["adam"][&name].as_array().unwrap();
        let expected = numbers.iter().map(|x| x.as_f64().unwrap() as f32);
        assert!(found.as_slice().iter().copied().eq(expected), "{name}");
    }
    let mut bytes = CHECKED.to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    let error = Checkpoint::from_bytes(&bytes).unwrap_err().to_string();
    assert!(error.starts_with("the checksum does not fit: the file says "), "{error}");
}

#[test]
fn a_state_that_does_not_fit_is_told() {
    let mut network = Normed::new();
    let checkpoint = Checkpoint::from_bytes(ADAM).unwrap();
    checkpoint.load_into(&mut network).unwrap();
    let mut other = Adam::new(0.01).unwrap().betas(0.8, 0.999).unwrap();
    assert_eq!(
        checkpoint.load_optimizer(&mut other, &network).unwrap_err().to_string(),
        "beta1_power: the checkpoint has 0.809999942779541, this optimizer has 0.6400000000000001 after 2 steps; \
         make it with the options that it had in MindSpore"
    );
    let mut momentum = Momentum::new(0.01, 0.9).unwrap();
    assert_eq!(
        checkpoint.load_optimizer(&mut momentum, &network).unwrap_err().to_string(),
        "momentum: the checkpoint has no such value; it was saved without this optimizer"
    );
    let wider = Normed { fc1: Dense::new(8, 4), ..Normed::new() };
    let mut adam = Adam::new(0.01).unwrap();
    assert_eq!(
        checkpoint.load_optimizer(&mut adam, &wider).unwrap_err().to_string(),
        "moment1.fc1.weight: the checkpoint has Float32 [3, 8], the parameter is Float32 [4, 8]"
    );
    let mut broken = checkpoint.clone();
    broken.set("global_step", interchange::Value::of_f32(1.5));
    assert_eq!(
        broken.load_optimizer(&mut adam, &network).unwrap_err().to_string(),
        "global_step: the checkpoint has 1.5, expected a number of steps"
    );
    broken.set("global_step", interchange::Value::Text("two".to_owned()));
    assert_eq!(
        broken.load_optimizer(&mut adam, &network).unwrap_err().to_string(),
        "global_step: the checkpoint has a text, expected a number"
    );
    assert_eq!(adam.steps(), 0);
}

#[test]
fn what_mindspore_has_no_place_for_is_told() {
    let (mut network, mut adam) = (with_formula(Normed::new()), Adam::new(0.1).unwrap());
    network.fc1.bias.as_mut().unwrap().set_trainable(false);
    take_step(&mut network, &mut adam, 0);
    network.fc1.bias.as_mut().unwrap().set_trainable(true);
    assert_eq!(
        Checkpoint::new().set_optimizer(&adam, &network).unwrap_err().to_string(),
        "a number of steps of its own, which fc1.bias has, is not supported: MindSpore saves one \
         number of steps; save after a whole step, with all parameters trained"
    );

    let mut network = with_formula(Normed::new());
    let mut optimizer = Momentum::new(0.1, 0.9).unwrap().accumulate(2).unwrap();
    take_step(&mut network, &mut optimizer, 0);
    assert_eq!(
        Checkpoint::new().set_optimizer(&optimizer, &network).unwrap_err().to_string(),
        "an accumulated batch that is not complete is not supported: MindSpore saves one number of \
         steps; save after a whole step, with all parameters trained"
    );
}
