//! Takes a network to MindSpore and to ONNX, and back.
//!
//!     cargo run -p interchange --example convert [FOLDER]

use interchange::Checkpoint;
use interchange::onnx::{OnnxModel, OnnxNetwork};
use layers::{Layer, LeNet5, ModuleExt, Tape};
use std::path::PathBuf;
use tensor::Tensor;

fn main() -> interchange::Result<()> {
    let folder = std::env::args_os().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let (checkpoint, model) = (folder.join("lenet5.ckpt"), folder.join("lenet5.onnx"));
    let mut network = LeNet5::new();
    network.initialize(1)?;

    // MindSpore: mindspore.load_checkpoint("lenet5.ckpt") reads it.
    Checkpoint::of(&network)?.write_ckpt(&checkpoint)?;
    // ONNX: whatever runs such models reads it, for batches of any size.
    OnnxModel::of(&network, &[1, 32, 32])?.write(&model)?;

    // A checkpoint has names and values, and needs a network to put them into.
    let mut from_mindspore = LeNet5::new();
    Checkpoint::read(&checkpoint)?.load_into(&mut from_mindspore)?;
    // A model is a whole network, which can be run and trained as any other.
    let from_onnx = OnnxNetwork::read(&model)?;

    let images = Tensor::from_fn([2, 1, 32, 32], |i| (i % 7) as f32 / 7.0);
    let tape = Tape::inference();
    let run = |network: &dyn Layer| network.forward(tape.constant(images.clone()));
    let expected = run(&network)?.into_value();
    for (path, other) in [(&checkpoint, &from_mindspore as &dyn Layer), (&model, &from_onnx)] {
        let found = run(other)?.into_value();
        let difference = expected.as_slice().iter().zip(found.as_slice());
        let difference = difference.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        println!("{}: outputs differ by {difference} at most", path.display());
    }
    Ok(())
}
