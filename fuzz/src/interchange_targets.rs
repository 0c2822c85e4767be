//! Files of weights and models.

use interchange::onnx::OnnxNetwork;
use interchange::{Checkpoint, Names, Value, mindspore, safetensors};
use layers::{Layer, ModuleExt, Tape};
use tensor::Tensor;

/// The most numbers of an input that a model is run on.
const MOST: usize = 1 << 12;

/// MindSpore's checkpoints: what can be read can be written and read again.
pub fn ckpt(bytes: &[u8]) {
    if let Ok(checkpoint) = mindspore::decode(bytes) {
        let again = mindspore::decode(&mindspore::encode_checked(&checkpoint).unwrap()).unwrap();
        assert!(again == checkpoint);
    }
}

/// Safetensors files, likewise.
pub fn safetensors(bytes: &[u8]) {
    if let Ok(checkpoint) = safetensors::decode(bytes) {
        let written = safetensors::encode(&checkpoint, Names::MindSpore).unwrap();
        let again = safetensors::decode(&written).unwrap();
        assert!(sorted(&again) == sorted(&checkpoint));
    }
}

fn sorted(checkpoint: &Checkpoint) -> Vec<(&str, &Value)> {
    let mut values: Vec<_> = checkpoint.iter().collect();
    values.sort_by_key(|(name, _)| *name);
    values
}

/// ONNX models: what can be read runs, or says why not.
pub fn onnx(bytes: &[u8]) {
    let Ok(network) = OnnxNetwork::from_bytes(bytes) else { return };
    let shape: Vec<_> = network.input_shape().iter().map(|size| size.unwrap_or(2)).collect();
    let elements = shape.iter().try_fold(1_usize, |size, &axis| size.checked_mul(axis));
    if elements.is_some_and(|elements| elements <= MOST) {
        let input = Tensor::from_fn(shape, |i| (i % 7) as f32 - 3.0);
        let _ = network.forward(Tape::inference().constant(input));
    }
    Checkpoint::of(&network).unwrap();
    assert!(network.parameters().iter().all(|(_, parameter)| parameter.value().is_some()));
}
