//! Weights to and from PyTorch; `reference/make_pytorch.py` says how.

use interchange::{Checkpoint, Names, safetensors};
use layers::*;
use reference::{Comparison, formula};
use serde_json::{Value, json};
use tensor::Tensor;

const NORM: &[u8] = include_bytes!("../reference/norm_pytorch.safetensors");

struct Normed {
    conv1: Conv2d,
    bn1: BatchNorm2d,
    norm: LayerNorm,
    fc1: Dense,
    bn2: BatchNorm1d,
}

module!(Normed { conv1, bn1, norm, fc1, bn2 });

impl Normed {
    fn new() -> Self {
        let (bn1, bn2) = (BatchNorm2d::new(2), BatchNorm1d::new(3));
        let (conv1, fc1) = (Conv2d::new(1, 2, 3), Dense::new(8, 3));
        Normed { conv1, bn1, norm: LayerNorm::new([8]), fc1, bn2 }
    }
}

impl Layer for Normed {
    fn forward<'t>(&self, x: Var<'t>) -> Result<Var<'t>> {
        let x = self.bn1.forward(self.conv1.forward(x)?)?.relu().flatten(1, 3)?;
        self.bn2.forward(self.fc1.forward(self.norm.forward(x)?)?)
    }
}

fn known() -> Value {
    serde_json::from_str(include_str!("../reference/pytorch.json")).unwrap()
}

fn logits(network: &dyn Layer, shape: [usize; 4]) -> Tensor {
    let images = Tensor::from_fn(shape, |i| formula(100, i) as f32);
    network.forward(Tape::inference().constant(images)).unwrap().into_value()
}

fn lenet() -> LeNet5 {
    let mut lenet = LeNet5::new();
    let mut number = 0;
    lenet.each_parameter_mut(&mut |_, parameter| {
        let value = Tensor::from_fn(parameter.shape(), |i| formula(number, i) as f32 / 8.0);
        parameter.set(value).unwrap();
        number += 1;
    });
    lenet
}

/// Where the environment variable names a folder, what PyTorch is to load is written there.
fn hand_over(name: &str, file: &[u8], logits: &Tensor) {
    if let Some(folder) = std::env::var_os("SPORELET_INTERCHANGE_OUT") {
        let folder = std::path::PathBuf::from(folder);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{name}_pytorch.safetensors")), file).unwrap();
        let text = json!(logits.as_slice()).to_string();
        std::fs::write(folder.join(format!("{name}_pytorch.json")), text).unwrap();
    }
}

fn check(name: &str, what: &str, found: &Tensor) {
    let known = known();
    let numbers = known["logits"][name].as_array().unwrap();
    let expected = Tensor::from_fn(found.shape(), |i| numbers[i].as_f64().unwrap());
    assert_eq!(numbers.len(), found.len());
    let peer = format!("PyTorch {}", known["versions"]["torch"].as_str().unwrap());
    Comparison::new("file", ".safetensors", &peer).check(what, found, &expected, 1.0, 1e-5);
}

#[test]
fn a_state_dict_gives_pytorchs_logits() {
    let mut network = Normed::new();
    let rest = Checkpoint::from_bytes(NORM).unwrap().load_into(&mut network).unwrap();
    assert_eq!(rest, ["bn1.num_batches_tracked", "bn2.num_batches_tracked"]);
    let logits = logits(&network, [2, 1, 4, 4]);
    check("norm", "logits of a network it saved", &logits);
    let ours = Checkpoint::of(&network).unwrap();
    hand_over("norm", &safetensors::encode(&ours, Names::PyTorch).unwrap(), &logits);
}

#[test]
fn names_are_those_of_the_state_dict() {
    let mut network = Normed::new();
    let theirs = Checkpoint::from_bytes(NORM).unwrap();
    theirs.load_into(&mut network).unwrap();
    let ours = Checkpoint::of(&network).unwrap();
    let written = safetensors::encode(&ours, Names::PyTorch).unwrap();
    let written = safetensors::decode(&written).unwrap();
    let counted = |name: &str| name.ends_with("num_batches_tracked");
    assert!(written.iter().eq(theirs.iter().filter(|(name, _)| !counted(name))));
    let written = safetensors::encode(&ours, Names::MindSpore).unwrap();
    let mut names: Vec<_> = ours.iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    let written = safetensors::decode(&written).unwrap();
    assert!(written.iter().map(|(name, _)| name).eq(names));
}

/// The file is the very bytes that PyTorch's `save_file` writes, so either can be read as the other.
#[test]
fn lenet5_is_the_same_file_with_the_same_logits() {
    let lenet = lenet();
    let file = safetensors::encode(&Checkpoint::of(&lenet).unwrap(), Names::PyTorch).unwrap();
    assert_eq!(known()["lenet5_crc32"], crc32fast::hash(&file));
    let mut again = LeNet5::new();
    assert!(Checkpoint::from_bytes(&file).unwrap().load_into(&mut again).unwrap().is_empty());
    let logits = logits(&again, [2, 1, 32, 32]);
    check("lenet5", "logits of LeNet-5 from the same bytes", &logits);
    hand_over("lenet5", &file, &logits);
}
