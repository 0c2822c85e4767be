//! Laws: what is written is read again, and damaged bytes give an error, or other numbers, but never
//! a panic.

use interchange::onnx::{OnnxModel, OnnxNetwork};
use interchange::{Checkpoint, Kind, Names, Value, mindspore, safetensors};
use layers::{Activation, Dense, Layer, ModuleExt, Sequential, Tape, Var};
use proptest::collection::vec;
use proptest::prelude::*;
use tensor::Tensor;

const KINDS: [Kind; 13] = [
    Kind::Int8,
    Kind::UInt8,
    Kind::Int16,
    Kind::UInt16,
    Kind::Int32,
    Kind::UInt32,
    Kind::Int64,
    Kind::UInt64,
    Kind::Float16,
    Kind::Float32,
    Kind::Float64,
    Kind::Bool,
    Kind::BFloat16,
];

fn array() -> impl Strategy<Value = Value> {
    (prop::sample::select(&KINDS[..]), vec(0_usize..4, 0..4)).prop_flat_map(|(kind, shape)| {
        let size = shape.iter().product::<usize>() * kind.size();
        vec(any::<u8>(), size).prop_map(move |mut bytes| {
            if kind == Kind::Bool {
                bytes.iter_mut().for_each(|byte| *byte &= 1);
            }
            Value::Array { kind, shape: shape.clone(), bytes }
        })
    })
}

fn checkpoint(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Checkpoint> {
    vec(("[a-z]{1,3}[.][a-zé]{1,8}", value), 1..6).prop_map(|values| {
        let mut checkpoint = Checkpoint::new();
        values.iter().for_each(|(name, value)| checkpoint.set(name, value.clone()));
        checkpoint
    })
}

/// Arrays alone, and with texts.
fn arrays() -> impl Strategy<Value = Checkpoint> {
    checkpoint(array())
}

fn values() -> impl Strategy<Value = Checkpoint> {
    checkpoint(prop_oneof![4 => array(), 1 => any::<String>().prop_map(Value::Text)])
}

fn sorted(checkpoint: &Checkpoint) -> Vec<(&str, &Value)> {
    let mut values: Vec<_> = checkpoint.iter().collect();
    values.sort_by_key(|(name, _)| *name);
    values
}

/// A dense network and the number of its inputs.
fn network() -> impl Strategy<Value = (Sequential, usize)> {
    let layer = (1_usize..5, any::<bool>(), prop::sample::select(Activation::ALL));
    (1_usize..5, vec(layer, 0..4), any::<u64>()).prop_map(|(inputs, layers, seed)| {
        let mut network = Sequential::new();
        let mut width = inputs;
        for (outputs, bias, activation) in layers {
            network = network.add(Dense::new(width, outputs).has_bias(bias).activation(activation));
            width = outputs;
        }
        network.initialize(seed).unwrap();
        (network, inputs)
    })
}

fn damage() -> impl Strategy<Value = Vec<(prop::sample::Index, u8)>> {
    vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)
}

fn damaged(bytes: &[u8], damage: &[(prop::sample::Index, u8)]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for (place, byte) in damage {
        let place = place.index(bytes.len());
        bytes[place] = *byte;
    }
    bytes
}

fn run(network: &dyn Layer, inputs: usize) -> layers::Result<Tensor> {
    let tape = Tape::inference();
    let x = Tensor::from_fn([3, inputs], |i| reference::formula(0, i) as f32);
    network.forward(tape.constant(x)).map(Var::into_value)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_ckpt_is_read_as_it_was_written(checkpoint in values()) {
        for bytes in [mindspore::encode(&checkpoint).unwrap(), mindspore::encode_checked(&checkpoint).unwrap()] {
            prop_assert_eq!(&Checkpoint::from_bytes(&bytes).unwrap(), &checkpoint);
        }
    }

    #[test]
    fn a_safetensors_file_is_read_as_it_was_written(checkpoint in arrays()) {
        let bytes = safetensors::encode(&checkpoint, Names::MindSpore).unwrap();
        let again = Checkpoint::from_bytes(&bytes).unwrap();
        prop_assert_eq!(sorted(&again), sorted(&checkpoint));
    }

    #[test]
    fn a_model_computes_what_the_network_did((network, inputs) in network()) {
        let bytes = OnnxModel::of(&network, &[inputs]).unwrap().to_bytes();
        let again = OnnxNetwork::from_bytes(&bytes).unwrap();
        let (found, expected) = (run(&again, inputs).unwrap(), run(&network, inputs).unwrap());
        prop_assert_eq!(found.shape(), expected.shape());
        // A model spells some activations out in several operations, which round each for itself.
        for (found, expected) in found.as_slice().iter().zip(expected.as_slice()) {
            prop_assert!((found - expected).abs() <= 1e-6 * (1.0 + expected.abs()), "{found} {expected}");
        }
    }

    /// With a checksum, a damaged file is never taken for a whole one.
    #[test]
    fn damage_is_noticed(checkpoint in values(), damage in damage(), cut in any::<prop::sample::Index>()) {
        let whole = mindspore::encode_checked(&checkpoint).unwrap();
        let bytes = damaged(&whole, &damage);
        prop_assert!(bytes == whole || Checkpoint::from_bytes(&bytes).is_err());
        let cut = &whole[..cut.index(whole.len())];
        // Cut between two values, it is a file of fewer values without a checksum.
        if let Ok(found) = mindspore::decode(cut) {
            prop_assert!(found.iter().eq(checkpoint.iter().take(found.len())));
        }
    }

    #[test]
    fn damaged_safetensors_do_not_panic(
        checkpoint in arrays(),
        damage in damage(),
        cut in any::<prop::sample::Index>(),
    ) {
        let whole = safetensors::encode(&checkpoint, Names::MindSpore).unwrap();
        let _ = Checkpoint::from_bytes(&damaged(&whole, &damage));
        prop_assert!(safetensors::decode(&whole[..cut.index(whole.len())]).is_err());
    }

    #[test]
    fn damaged_models_do_not_panic((network, inputs) in network(), damage in damage()) {
        let bytes = damaged(&OnnxModel::of(&network, &[inputs]).unwrap().to_bytes(), &damage);
        if let Ok(network) = OnnxNetwork::from_bytes(&bytes) {
            let _ = run(&network, inputs);
        }
    }

    #[test]
    fn any_bytes_are_answered(bytes in vec(any::<u8>(), 0..200)) {
        let _ = Checkpoint::from_bytes(&bytes);
        let _ = mindspore::decode(&bytes);
        let _ = safetensors::decode(&bytes);
        let _ = OnnxNetwork::from_bytes(&bytes);
    }
}
