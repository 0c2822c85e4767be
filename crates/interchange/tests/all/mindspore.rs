//! Checkpoints that real MindSpore wrote; `reference/make.py` says how.

use interchange::{Checkpoint, Kind, Value, mindspore};
use layers::{Conv2d, Dense, Flatten, Layer, ModuleExt, Relu, Result, Tape, Var, module};
use reference::{Comparison, formula};
use tensor::Tensor;

const CHECKED: &[u8] = include_bytes!("../reference/checked.ckpt");
const SAFETENSORS: &[u8] = include_bytes!("../reference/network.safetensors");
const PLAIN: &[u8] = include_bytes!("../reference/plain.ckpt");

struct Net {
    conv1: Conv2d,
    relu: Relu,
    flatten: Flatten,
    fc1: Dense,
}

module!(Net { conv1, relu, flatten, fc1 });

impl Net {
    fn new() -> Self {
        let (conv1, fc1) = (Conv2d::new(1, 2, 3), Dense::new(8, 3));
        Net { conv1, relu: Relu::new(), flatten: Flatten::new(), fc1 }
    }
}

impl Layer for Net {
    fn forward<'t>(&self, x: Var<'t>) -> Result<Var<'t>> {
        let x = self.relu.forward(self.conv1.forward(x)?)?;
        self.fc1.forward(self.flatten.forward(x)?)
    }
}

#[test]
fn a_network_from_mindspore_gives_mindspores_logits() {
    let known: serde_json::Value =
        serde_json::from_str(include_str!("../reference/logits.json")).unwrap();
    let rows = known["logits"].as_array().unwrap().iter();
    let expected: Vec<f64> =
        rows.flat_map(|row| row.as_array().unwrap()).map(|x| x.as_f64().unwrap()).collect();
    let peer = format!("MindSpore {}", known["versions"]["mindspore"].as_str().unwrap());
    for bytes in [PLAIN, CHECKED, SAFETENSORS] {
        let mut net = Net::new();
        Checkpoint::from_bytes(bytes).unwrap().load_into(&mut net).unwrap();
        let images = Tensor::from_fn([2, 1, 4, 4], |i| formula(0, i) as f32);
        let logits = net.forward(Tape::inference().constant(images)).unwrap().into_value();
        let expected = Tensor::from_fn([2, 3], |i| expected[i]);
        let row = Comparison::new("file", ".ckpt", &peer);
        row.check("logits of a network it saved", &logits, &expected, 0.0, 1e-6);
    }
}

#[test]
fn everything_else_is_read_too() {
    let checkpoint = Checkpoint::from_bytes(CHECKED).unwrap();
    let names: Vec<_> = checkpoint.iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        [
            "conv1.weight",
            "conv1.bias",
            "fc1.weight",
            "fc1.bias",
            "global_step",
            "learning_rate",
            "momentum",
            "moments.conv1.weight",
            "moments.conv1.bias",
            "moments.fc1.weight",
            "moments.fc1.bias",
            "epoch_num",
            "step_num",
            "rate",
            "flag",
            "note",
        ]
    );
    let number = |name: &str| checkpoint.get(name).unwrap().to_f64().unwrap();
    assert_eq!(number("global_step"), [1.0]);
    assert_eq!(number("learning_rate"), [f64::from(0.1_f32)]);
    assert_eq!(number("momentum"), [f64::from(0.9_f32)]);
    assert_eq!((number("epoch_num"), number("step_num")), (vec![3.0], vec![17.0]));
    assert_eq!((number("rate"), number("flag")), (vec![0.5], vec![1.0]));
    assert_eq!(checkpoint.get("note"), Some(&Value::Text("hi ü".to_owned())));
    assert_eq!(checkpoint.get("epoch_num"), Some(&Value::of_i64(3)));
    assert_eq!(checkpoint.get("rate"), Some(&Value::of_f32(0.5)));
    let moment = checkpoint.get("moments.fc1.weight").unwrap();
    assert!(matches!(moment, Value::Array { kind: Kind::Float32, shape, .. } if shape == &[3, 8]));
}

/// Its reader checks nothing else: what is written here to the byte as it writes, it reads.
#[test]
fn the_same_values_give_the_same_bytes() {
    let checkpoint = Checkpoint::from_bytes(CHECKED).unwrap();
    assert!(mindspore::encode_checked(&checkpoint).unwrap() == CHECKED);
    let mut net = Net::new();
    Checkpoint::from_bytes(PLAIN).unwrap().load_into(&mut net).unwrap();
    assert!(mindspore::encode(&Checkpoint::of(&net).unwrap()).unwrap() == PLAIN);
}

#[test]
fn a_file_that_does_not_fit_changes_nothing() {
    let mut dense = Dense::new(8, 3);
    dense.initialize(1).unwrap();
    let before = dense.weight.value().unwrap().clone();
    let checkpoint = Checkpoint::from_bytes(PLAIN).unwrap();
    assert_eq!(
        checkpoint.load_into(&mut dense).unwrap_err().to_string(),
        "weight: the checkpoint has no such value; it has conv1.weight, conv1.bias, fc1.weight, fc1.bias"
    );
    let mut other = Net { fc1: Dense::new(8, 4), ..Net::new() };
    assert_eq!(
        checkpoint.load_into(&mut other).unwrap_err().to_string(),
        "fc1.weight: the checkpoint has Float32 [3, 8], the network expects Float32 [4, 8]; make the \
         layer as it was saved, or load a checkpoint of this network"
    );
    assert_eq!(dense.weight.value().unwrap(), &before);
    assert!(other.conv1.weight.value().is_none());
}

#[test]
fn files_are_read_and_written_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("net.ckpt");
    let checkpoint = Checkpoint::from_bytes(CHECKED).unwrap();
    checkpoint.write_ckpt(&path).unwrap();
    assert_eq!(Checkpoint::read(&path).unwrap(), checkpoint);
    std::fs::write(&path, &CHECKED[..100]).unwrap();
    assert_eq!(
        Checkpoint::read(&path).unwrap_err().to_string(),
        format!(
            "{}: this is not a whole MindSpore checkpoint: value 1, at byte 0, has 107 bytes, but the file ends after \
             98 of them; fetch or write it again",
            path.display()
        )
    );
    let missing = folder.path().join("none.ckpt");
    assert_eq!(
        Checkpoint::read(&missing).unwrap_err().to_string(),
        format!(
            "{}: cannot read the file: {}",
            missing.display(),
            std::fs::read(&missing).unwrap_err()
        )
    );
}
