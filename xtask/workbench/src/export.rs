//! `cargo xtask export`: weights for other systems.

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use interchange::onnx::OnnxModel;
use interchange::{Checkpoint, Names};
use std::path::PathBuf;
use train::load_weights;
use xtask::network::Network;
use xtask::output::note;
use xtask::workspace::shown;

/// Write a trained network for another system: an ONNX model, MindSpore's checkpoint, or PyTorch's
/// or MindSpore's safetensors.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo xtask export --weights my-run/weights.safetensors --format onnx --out lenet5.onnx
  cargo xtask export --weights my-run/weights.safetensors --format ckpt --out lenet5.ckpt
  cargo xtask export --weights my-run/weights.safetensors --format safetensors --names mindspore \\
      --out lenet5.safetensors")]
pub(crate) struct Args {
    /// The weights.safetensors of a run.
    #[arg(long, value_name = "FILE")]
    weights: PathBuf,
    /// The network that they are the weights of.
    #[arg(long, value_enum, default_value_t = Network::Lenet5)]
    network: Network,
    /// What to write.
    #[arg(long, value_enum)]
    format: Format,
    /// Whose safetensors: PyTorch's or MindSpore's [default: pytorch].
    #[arg(long, value_enum)]
    names: Option<System>,
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// What can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A model that ONNX Runtime and others run.
    Onnx,
    /// For MindSpore's load_checkpoint.
    Ckpt,
    /// Weights under their names.
    Safetensors,
}

/// Whose names and metadata.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum System {
    /// For torch.load_state_dict.
    Pytorch,
    /// For MindSpore's load_checkpoint(.., format="safetensors").
    Mindspore,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    if let (Some(_), Format::Onnx | Format::Ckpt) = (args.names, args.format) {
        bail!(
            "--names is for --format safetensors; ONNX models and .ckpt files have names of one kind"
        );
    }
    let mut network = args.network.build();
    load_weights(&mut *network, &args.weights)
        .with_context(|| format!("not the weights of {} (--network)", args.network.name()))?;
    let checkpoint = Checkpoint::of(&*network)?;
    let names = match args.names {
        None | Some(System::Pytorch) => Names::PyTorch,
        Some(System::Mindspore) => Names::MindSpore,
    };
    match args.format {
        Format::Onnx => OnnxModel::of(&*network, &args.network.input())?.write(&args.out)?,
        Format::Ckpt => checkpoint.write_ckpt(&args.out)?,
        Format::Safetensors => checkpoint.write_safetensors(&args.out, names)?,
    }
    note(format_args!(
        "{}: the {} arrays of {}",
        shown(&args.out),
        checkpoint.len(),
        args.network.name()
    ));
    Ok(())
}
