//! What a person is told of a file of weights that is refused, word for word. The bytes are made by
//! hand, so that no writer mends them first.

use interchange::{Checkpoint, Kind, Names, Result, Value, mindspore, safetensors};
use layers::{Dense, ModuleExt};
use optim::{Momentum, Optimizer, OptimizerState};
use serde_json::{Value as Json, json};

/// Compares all rows before it fails.
fn check(rows: Vec<(Result<Checkpoint>, &str)>) {
    let mut faults = Vec::new();
    for (found, expected) in rows {
        let found = found.map_or_else(|error| error.to_string(), |_| "no error".to_owned());
        if found != expected {
            faults.push(format!("expected: {expected}\n   found: {found}"));
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// A message's field: its number, its length in one byte, its content.
fn field(number: u8, content: &[u8]) -> Vec<u8> {
    [&[number << 3 | 2, content.len() as u8], content].concat()
}

/// A message's field of a small number.
fn small(number: u8, value: u8) -> Vec<u8> {
    vec![number << 3, value]
}

/// A named array of a `.ckpt`, or a part of one.
fn array(name: &str, dims: &[u8], kind: &str, content: &[u8]) -> Vec<u8> {
    let dims: Vec<u8> = dims.iter().flat_map(|&dim| small(1, dim)).collect();
    let tensor = [dims, field(2, kind.as_bytes()), field(3, content)].concat();
    field(1, &[field(1, name.as_bytes()), field(2, &tensor)].concat())
}

fn floats(name: &str, count: u8) -> Vec<u8> {
    array(name, &[count], "Float32", &vec![0; 4 * usize::from(count)])
}

fn ckpt(parts: &[Vec<u8>]) -> Result<Checkpoint> {
    mindspore::decode(&parts.concat())
}

#[test]
fn checkpoints_of_mindspore() {
    let whole = [floats("w", 2), floats("b", 1)];
    assert_eq!(ckpt(&whole).unwrap().len(), 2);
    let map = |name: &[u8]| field(1, &[field(1, name), field(3, b"map")].concat());
    let part = |dims: &[u8]| array("w", dims, "Float32", &[0; 4]);
    let mut cut = whole.concat();
    cut.truncate(cut.len() - 3);
    check(vec![
        (
            ckpt(&[]),
            "this is not a whole MindSpore checkpoint: it is empty; fetch or write it again",
        ),
        (
            ckpt(&[floats("w", 2), floats("b", 1), floats("w", 2)]),
            "this is not a whole MindSpore checkpoint: w comes twice; fetch or write it again",
        ),
        (
            ckpt(&[field(1, &field(1, b"w"))]),
            "this is not a whole MindSpore checkpoint: w has no value; fetch or write it again",
        ),
        (
            ckpt(&[floats("b", 1), map(b"table")]),
            "table, a map of tensors, is not supported: known are arrays and texts; leave it out by the choice_func of \
             MindSpore's save_checkpoint",
        ),
        (
            ckpt(&[floats("b", 1), part(&[3])]),
            "this is not a whole MindSpore checkpoint: w is Float32 [3], but 8 bytes of its content are missing; fetch \
             or write it again",
        ),
        (
            ckpt(&[part(&[3]), floats("b", 1)]),
            "this is not a whole MindSpore checkpoint: w lacks 8 bytes of its content, but b, Float32 [1], follows; \
             fetch or write it again",
        ),
        (
            ckpt(&[part(&[3]), part(&[2])]),
            "this is not a whole MindSpore checkpoint: w lacks 8 bytes of its content, but w, Float32 [2], follows; \
             fetch or write it again",
        ),
        (
            ckpt(&[part(&[2]), array("w", &[2], "Float32", &[0; 8])]),
            "this is not a whole MindSpore checkpoint: w has 4 bytes of content too many; fetch or write it again",
        ),
        (
            mindspore::decode(&cut),
            "this is not a whole MindSpore checkpoint: value 2, at byte 28, has 22 bytes, but the file ends after 19 \
             of them; fetch or write it again",
        ),
        (
            ckpt(&[floats("w", 2), b"\x0b and more".to_vec()]),
            "this is not a whole MindSpore checkpoint: at byte 28: failed to decode Protobuf message: File.values: \
             invalid wire type: StartGroup (expected LengthDelimited); fetch or write it again",
        ),
        (
            ckpt(&[floats("w", 2), field(1, &[0x0a, 9, b'b'])]),
            "this is not a whole MindSpore checkpoint: value 2, at byte 28: failed to decode Protobuf message: \
             Entry.tag: buffer underflow; fetch or write it again",
        ),
        (
            ckpt(&[floats("w", 2), vec![0x0a, 0xff]]),
            "this is not a whole MindSpore checkpoint: value 2, at byte 28: failed to decode Protobuf message: invalid \
             varint; fetch or write it again",
        ),
    ]);
}

/// The bytes of a safetensors file with this header.
fn file(header: &Json, content: &[u8]) -> Vec<u8> {
    let header = header.to_string();
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), content].concat()
}

/// The header's entry of an array in these bytes of the content.
fn entry(dtype: &str, shape: &[usize], bytes: [usize; 2]) -> Json {
    json!({ "dtype": dtype, "shape": shape, "data_offsets": bytes })
}

#[test]
fn safetensors_files() {
    let read = |header: Json, content: &[u8]| safetensors::decode(&file(&header, content));
    let with_checksum = |checksum: &str| json!({ "w": entry("F32", &[1], [0, 4]), "__metadata__": { "crc_num": checksum } });
    // The CRC-32 of `w` and four zeros.
    read(with_checksum("2379271106"), &[0; 4]).unwrap();
    let whole = file(&json!({ "w": entry("F32", &[1], [0, 4]) }), &[0; 4]);
    let twice = br#"{"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"w":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#;
    let twice = [&(twice.len() as u64).to_le_bytes(), &twice[..], &[0; 2]].concat();
    check(vec![
        (
            safetensors::decode(&whole[..5]),
            "this is not a whole safetensors file: it has 5 bytes, but 8 alone say how long its header is; fetch or \
             write it again",
        ),
        (
            safetensors::decode(&whole[..30]),
            "this is not a whole safetensors file: its header has 54 bytes from byte 8 on, but the file has 30 in all; \
             fetch or write it again",
        ),
        (
            safetensors::decode(&whole[..whole.len() - 1]),
            "this is not a whole safetensors file: it has 65 bytes, but its header describes another number of them; \
             fetch or write it again",
        ),
        (
            safetensors::decode(&[&whole[..], &[0; 2]].concat()),
            "this is not a whole safetensors file: it has 68 bytes, but its header describes another number of them; \
             fetch or write it again",
        ),
        (
            safetensors::decode(&twice),
            "this is not a whole safetensors file: invalid offset for tensor `w`; fetch or write it again",
        ),
        (
            read(json!({ "w": entry("F32", &[2], [0, 4]) }), &[0; 4]),
            "this is not a whole safetensors file: invalid shape, data type, or offset for tensor; fetch or write it \
             again",
        ),
        (
            read(json!({ "w": entry("F32", &[usize::MAX, 2], [0, 4]) }), &[0; 4]),
            "this is not a whole safetensors file: overflow computing buffer size from shape and/or element type; \
             fetch or write it again",
        ),
        (
            read(json!({ "w": entry("F8_E5M2", &[1], [0, 1]) }), &[0]),
            "w: the element type F8_E5M2 is not supported: known are I8, U8, I16, U16, I32, U32, I64, U64, F16, F32, \
             F64, BOOL, BF16; save it as F32 (float32)",
        ),
        (
            read(with_checksum("2379271107"), &[0; 4]),
            "the checksum does not fit: the file says 8dd0cbc3, its bytes give 8dd0cbc2; it was damaged after it was \
             written, so fetch or write it again",
        ),
        (
            read(with_checksum("-1"), &[0; 4]),
            "this is not a whole safetensors file: its crc_num is \"-1\", expected a number of 32 bits; fetch or write \
             it again",
        ),
    ]);
}

/// Values can be made by hand, so that their bytes may be any.
#[test]
fn values_that_cannot_be() {
    let mut checkpoint = Checkpoint::new();
    let bytes = vec![0; 4];
    checkpoint.set("bias", Value::Array { kind: Kind::Float32, shape: vec![3], bytes });
    for written in [
        safetensors::encode(&checkpoint, Names::MindSpore),
        mindspore::encode(&checkpoint),
        mindspore::encode_checked(&checkpoint),
    ] {
        assert_eq!(
            written.unwrap_err().to_string(),
            "bias: the value is Float32 [3] with 4 bytes of content; give it the bytes of its shape"
        );
    }
    let of_bytes = |error: interchange::Error| error.to_string();
    let mut dense = Dense::new(2, 3);
    checkpoint.set("weight", Value::of_tensor(&tensor::Tensor::zeros([3, 2])));
    assert_eq!(
        checkpoint.load_into(&mut dense).map_err(of_bytes),
        Err("bias: the checkpoint has Float32 [3] with 4 bytes of content, the network expects \
             Float32 [3]; make the layer as it was saved, or load a checkpoint of this network"
            .to_owned())
    );
    assert!(dense.weight.value().is_none());
    checkpoint.set("bias", Value::Text("none".to_owned()));
    assert_eq!(
        safetensors::encode(&checkpoint, Names::PyTorch).map_err(of_bytes),
        Err("bias, a text, is not supported: a safetensors file holds arrays alone; write a .ckpt"
            .to_owned())
    );
    assert_eq!(
        checkpoint.load_into(&mut dense).map_err(of_bytes),
        Err("bias: the checkpoint has a text, the network expects Float32 [3]; make the layer as it \
             was saved, or load a checkpoint of this network"
            .to_owned())
    );
}

#[test]
fn networks_that_have_nothing_to_save() {
    let mut dense = Dense::new(2, 3);
    check(vec![
        (
            Checkpoint::of(&dense),
            "weight: checkpoint: the parameter has no value to save; call initialize(seed) on the \
             network, or load weights",
        ),
        (
            Checkpoint::new().load_into(&mut dense).map(|_| Checkpoint::new()),
            "weight: the checkpoint has no such value; it is empty",
        ),
    ]);
}

/// MindSpore counts steps in 32 bits.
#[test]
fn more_steps_than_mindspore_counts() {
    let mut dense = Dense::new(1, 1);
    dense.initialize(1).unwrap();
    let mut momentum = Momentum::new(0.1, 0.9).unwrap();
    let mut state = OptimizerState::default();
    state.scalars.insert("global_step".to_owned(), 2_147_483_648.0);
    for name in ["weight", "bias"] {
        state.scalars.insert(format!("steps.{name}"), 0.0);
    }
    momentum.load_state(&dense, &state).unwrap();
    let mut checkpoint = Checkpoint::new();
    // Nothing is kept for its parameters, whose steps differ from the optimizer's.
    let error = checkpoint.set_optimizer(&momentum, &dense).unwrap_err().to_string();
    assert_eq!(
        error,
        "a number of steps of its own, which weight has, is not supported: MindSpore saves one number of steps; save \
         after a whole step, with all parameters trained"
    );
    for name in ["weight", "bias"] {
        state.scalars.remove(&format!("steps.{name}"));
        let parameters = dense.parameters();
        let (_, parameter) = parameters.iter().find(|(known, _)| known == name).unwrap();
        let moments = tensor::Tensor::zeros(parameter.shape());
        state.tensors.insert(format!("moments.{name}"), moments);
    }
    momentum.load_state(&dense, &state).unwrap();
    let error = checkpoint.set_optimizer(&momentum, &dense).unwrap_err().to_string();
    assert_eq!(
        error,
        "2147483648 steps, more than 32 bits hold, is not supported: MindSpore saves one number of steps; save after \
         a whole step, with all parameters trained"
    );
}
