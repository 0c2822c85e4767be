//! `cargo xtask import`: weights from other systems.

use anyhow::{Context, Result, bail};
use interchange::onnx::OnnxNetwork;
use interchange::{Checkpoint, Format};
use layers::{Layer, Tape, Var};
use std::path::PathBuf;
use tensor::Tensor;
use train::save_weights;
use xtask::network::Network;
use xtask::output::note;
use xtask::workspace::shown;

/// How much outputs may differ, relative to the largest: sums in another order differ by less.
const TOLERANCE: f32 = 1e-4;

/// Take the weights of a network from a file of PyTorch (safetensors), MindSpore (.ckpt or
/// safetensors) or an ONNX model.
///
/// What the file is, its content says. An ONNX model is run beside the network, and refused if it
/// computes something else.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo xtask import lenet5.ckpt --out weights.safetensors
  cargo xtask import lenet5.onnx --out weights.safetensors
  cargo xtask import lenet5-1998.ckpt --network classic --out weights.safetensors")]
pub(crate) struct Args {
    /// The file to read.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The network that it holds the weights of.
    #[arg(long, value_enum, default_value_t = Network::Lenet5)]
    network: Network,
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let file = shown(&args.file);
    let bytes = std::fs::read(&args.file).with_context(|| format!("{file}: cannot be read"))?;
    let format = Format::of(&bytes).with_context(|| file.clone())?;
    let mut network = args.network.build();
    let unused = match format {
        Format::Onnx => {
            let model = OnnxNetwork::from_bytes(&bytes).with_context(|| file.clone())?;
            let checkpoint = Checkpoint::of(&model)?;
            let unused = checkpoint.load_into(&mut *network).with_context(|| file.clone())?;
            compare(&model, &*network, args.network).with_context(|| file.clone())?;
            unused
        }
        Format::Safetensors | Format::Ckpt => {
            let checkpoint = Checkpoint::from_bytes(&bytes).with_context(|| file.clone())?;
            checkpoint.load_into(&mut *network).with_context(|| file.clone())?
        }
    };
    save_weights(&*network, &args.out)?;
    let (name, format) = (args.network.name(), format.name());
    note(format_args!("{}: {name}, from the {format} {file}", shown(&args.out)));
    if !unused.is_empty() {
        note(format_args!("not needed: {}", unused.join(", ")));
    }
    Ok(())
}

/// Whether a model computes what the network does with its weights.
fn compare(model: &OnnxNetwork, network: &dyn Layer, kind: Network) -> Result<()> {
    // Some models are for batches of one size.
    let samples = model.input_shape().first().copied().flatten().unwrap_or(2).min(1024);
    // Pixels as training sees them: between about -0.4 and 2.8.
    let shape = [&[samples], &kind.input()[..]].concat();
    let images = Tensor::from_fn(shape, |i| (i * 37 % 101) as f32 / 31.0 - 0.4);
    let output = |network: &dyn Layer| {
        let tape = Tape::inference();
        network.forward(tape.constant(images.clone())).map(Var::into_value)
    };
    let name = kind.name();
    let theirs = output(model).with_context(|| format!("it does not take the images of {name}"))?;
    let ours = output(network)?;
    if theirs.shape() != ours.shape() {
        bail!("its outputs have the shape {}, those of {name} {}", theirs.shape(), ours.shape());
    }
    let largest = ours.as_slice().iter().fold(1.0_f32, |largest, y| largest.max(y.abs()));
    let pairs = theirs.as_slice().iter().zip(ours.as_slice());
    let difference = pairs.map(|(a, b)| (a - b).abs() / largest).fold(0.0, f32::max);
    if difference > TOLERANCE || difference.is_nan() {
        bail!(
            "its weights fit {name}, but it computes something else with them: the outputs differ by \
             {difference:.1e} of the largest; it has other activations or another order of layers"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use layers::{LeNet5, Module, ModuleExt, Visitor, VisitorMut};
    use std::path::Path;

    #[derive(Parser)]
    enum Cli {
        Export(crate::export::Args),
        Import(Args),
    }

    /// Runs a command in a folder: words that end in a file's name are files there.
    fn command(folder: &Path, line: &str) -> Result<()> {
        let words = line.split(' ').map(|word| match word.contains('.') {
            true => folder.join(word).display().to_string(),
            false => word.to_owned(),
        });
        match Cli::try_parse_from(std::iter::once("xtask".to_owned()).chain(words))? {
            Cli::Export(args) => crate::export::run(&args),
            Cli::Import(args) => run(&args),
        }
    }

    fn error(folder: &Path, line: &str) -> String {
        let text = format!("{:#}", command(folder, line).unwrap_err());
        text.replace(&format!("{}/", folder.display()), "")
    }

    /// A folder with the weights of both networks.
    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for network in [Network::Lenet5, Network::Classic] {
            let mut built = network.build();
            built.initialize(1).unwrap();
            let path = folder.path().join(format!("{}.safetensors", network.name()));
            save_weights(&*built, path).unwrap();
        }
        folder
    }

    #[test]
    fn what_is_exported_is_imported_again() {
        let folder = folder();
        let folder = folder.path();
        for (option, name) in [("lenet5", "lenet5"), ("classic", "lenet5-classic")] {
            for kind in ["onnx", "ckpt", "safetensors", "safetensors --names mindspore"] {
                let export = format!(
                    "export --weights {name}.safetensors --network {option} --format {kind} --out file.out"
                );
                command(folder, &export).unwrap();
                let import = format!("import file.out --network {option} --out again.safetensors");
                command(folder, &import).unwrap();
                let read = |file: &str| std::fs::read(folder.join(file)).unwrap();
                let same = read("again.safetensors") == read(&format!("{name}.safetensors"));
                assert!(same, "{name}, {kind}");
            }
        }
    }

    #[test]
    fn mistakes_are_told() {
        let folder = folder();
        let folder = folder.path();
        assert_eq!(
            error(
                folder,
                "export --weights lenet5.safetensors --network classic --format onnx --out x.onnx"
            ),
            "not the weights of lenet5-classic (--network): lenet5.safetensors: no tensor is named \
             c1.weight; the file holds: conv1.bias, conv1.weight, conv2.bias, conv2.weight, fc1.bias, \
             fc1.weight, fc2.bias, fc2.weight, fc3.bias, fc3.weight"
        );
        assert_eq!(
            error(
                folder,
                "export --weights lenet5.safetensors --format ckpt --names pytorch --out x.ckpt"
            ),
            "--names is for --format safetensors; ONNX models and .ckpt files have names of one kind"
        );
        assert_eq!(
            error(folder, "import none.ckpt --out x.safetensors"),
            "none.ckpt: cannot be read: No such file or directory (os error 2)"
        );
        std::fs::write(folder.join("model.pt"), b"PK\x03\x04").unwrap();
        assert_eq!(
            error(folder, "import model.pt --out x.safetensors"),
            "model.pt: a pickle, such as torch.save writes, is not supported: in PyTorch, save the \
             weights by safetensors.torch.save_file(model.state_dict(), path)"
        );
        command(folder, "export --weights lenet5.safetensors --format ckpt --out lenet5.ckpt")
            .unwrap();
        assert_eq!(
            error(folder, "import lenet5.ckpt --network classic --out x.safetensors"),
            "lenet5.ckpt: c1.weight: the checkpoint has no such value; it has conv1.weight, \
             conv1.bias, conv2.weight, conv2.bias, fc1.weight, fc1.bias, fc2.weight, fc2.bias, \
             fc3.weight, fc3.bias"
        );
        let whole = std::fs::read(folder.join("lenet5.ckpt")).unwrap();
        std::fs::write(folder.join("half.ckpt"), &whole[..1000]).unwrap();
        let half = error(folder, "import half.ckpt --out x.safetensors");
        assert!(
            half.starts_with("half.ckpt: this is not a whole MindSpore checkpoint: "),
            "{half}"
        );
        assert!(!folder.join("x.safetensors").exists() && !folder.join("x.onnx").exists());
    }

    /// LeNet-5 with a sigmoid behind it.
    struct Squashed(LeNet5);

    impl Module for Squashed {
        fn visit<'a>(&'a self, visitor: &mut Visitor<'_, 'a>) {
            self.0.visit(visitor);
        }

        fn visit_mut<'a>(&'a mut self, visitor: &mut VisitorMut<'_, 'a>) {
            self.0.visit_mut(visitor);
        }
    }

    impl Layer for Squashed {
        fn forward<'t>(&self, x: Var<'t>) -> layers::Result<Var<'t>> {
            Ok(self.0.forward(x)?.sigmoid())
        }
    }

    #[test]
    fn a_model_with_the_weights_but_another_function_is_refused() {
        let folder = folder();
        let mut network = Squashed(LeNet5::new());
        network.initialize(1).unwrap();
        let model = interchange::onnx::OnnxModel::of(&network, &[1, 32, 32]).unwrap();
        model.write(folder.path().join("other.onnx")).unwrap();
        let error = error(folder.path(), "import other.onnx --out x.safetensors");
        let (start, difference) = error.split_at(error.find("6.").unwrap());
        assert_eq!(
            start,
            "other.onnx: its weights fit lenet5, but it computes something else with them: the \
             outputs differ by "
        );
        assert_eq!(
            difference.split_once(' ').unwrap().1,
            "of the largest; it has other activations or another order of layers"
        );
    }
}
