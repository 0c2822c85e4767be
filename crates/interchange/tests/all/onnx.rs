//! ONNX models that PyTorch exported; `reference/make_onnx.py` says how.

use interchange::onnx::OnnxNetwork;
use layers::{Layer, ModuleExt, Tape};
use reference::{Comparison, formula};
use serde_json::Value;
use tensor::Tensor;

const MODELS: [(&str, &[u8]); 4] = [
    ("small_dynamo", include_bytes!("../reference/small_dynamo.onnx")),
    ("small_script", include_bytes!("../reference/small_script.onnx")),
    ("wide_dynamo", include_bytes!("../reference/wide_dynamo.onnx")),
    ("wide_script", include_bytes!("../reference/wide_script.onnx")),
];

fn images(samples: usize) -> Tensor {
    Tensor::from_fn([samples, 1, 8, 8], |i| formula(0, i) as f32)
}

fn run(network: &OnnxNetwork, input: Tensor) -> Tensor {
    network.forward(Tape::inference().constant(input)).unwrap().into_value()
}

#[test]
fn a_network_from_pytorch_gives_onnxruntimes_logits() {
    let known: Value = serde_json::from_str(include_str!("../reference/onnx.json")).unwrap();
    let peer = format!("onnxruntime {}", known["versions"]["onnxruntime"].as_str().unwrap());
    for (name, bytes) in MODELS {
        let network = OnnxNetwork::from_bytes(bytes).unwrap();
        assert_eq!(network.input_shape()[1..], [Some(1), Some(8), Some(8)]);
        let rows = known["logits"][name].as_array().unwrap();
        let expected: Vec<f64> = rows
            .iter()
            .flat_map(|row| row.as_array().unwrap())
            .map(|x| x.as_f64().unwrap())
            .collect();
        let logits = run(&network, images(2));
        let expected = Tensor::from_fn([2, expected.len() / 2], |i| expected[i]);
        let row = Comparison::new("file", ".onnx", &peer);
        row.check("logits of networks that PyTorch exported", &logits, &expected, 0.0, 1e-5);
    }
}

#[test]
fn any_number_of_samples_goes_through() {
    for (name, bytes) in MODELS {
        let network = OnnxNetwork::from_bytes(bytes).unwrap();
        let all = run(&network, images(5));
        let two = run(&network, images(2));
        let row = all.shape()[1];
        let difference =
            all.as_slice()[..2 * row].iter().zip(two.as_slice()).map(|(a, b)| (a - b).abs());
        assert!(difference.fold(0.0, f32::max) < 1e-6, "{name}");
    }
}

/// Parameters have PyTorch's names, and gradients flow to them.
#[test]
fn an_imported_network_can_be_trained() {
    let network = OnnxNetwork::from_bytes(MODELS[0].1).unwrap();
    let names: Vec<_> = network.parameters().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["conv1.weight", "fc1.weight", "fc1.bias"]);
    let tape = Tape::new();
    let loss = network.forward(tape.constant(images(3))).unwrap().square().sum();
    let gradients = loss.backward().unwrap();
    for (name, parameter) in network.parameters() {
        assert!(gradients.get(parameter.key()).is_some(), "{name}");
    }
}

#[test]
fn statistics_are_no_weights() {
    let network = OnnxNetwork::from_bytes(MODELS[3].1).unwrap();
    let frozen: Vec<_> = network
        .parameters()
        .into_iter()
        .filter(|(_, p)| !p.is_trainable())
        .map(|(name, _)| name)
        .collect();
    assert_eq!(frozen, ["bn1.running_mean", "bn1.running_var"]);
}

#[test]
fn a_wrong_input_is_told() {
    let network = OnnxNetwork::from_bytes(MODELS[0].1).unwrap();
    let tape = Tape::inference();
    let error = network.forward(tape.constant(Tensor::zeros([2, 1, 9, 8]))).unwrap_err();
    assert_eq!(
        error.to_string(),
        "onnx: the model wants an input of shape [any, 1, 8, 8] (input [2, 1, 9, 8]); give it that \
         shape, or export the model for this one"
    );
}

#[test]
fn a_damaged_model_is_never_taken_for_a_whole_one() {
    for (name, bytes) in MODELS {
        for end in 0..bytes.len() {
            let _ = OnnxNetwork::from_bytes(&bytes[..end]);
        }
        assert!(OnnxNetwork::from_bytes(&bytes[..bytes.len() / 2]).is_err(), "{name}");
        for i in 0..bytes.len() {
            let mut flipped = bytes.to_vec();
            flipped[i] ^= 0x81;
            // Some are still models, of other numbers; none may panic.
            if let Ok(network) = OnnxNetwork::from_bytes(&flipped) {
                let _ = network.forward(Tape::inference().constant(images(1)));
            }
        }
    }
}
