//! `cargo xtask eval`: how well trained weights read the test images.

use crate::network::Network;
use crate::output::{note, result, thousands};
use crate::progress::percent;
use crate::reader::Reader;
use crate::train_lenet::{batches, count};
use crate::workspace;
use anyhow::Result;
use datasets::{Dataset, Mnist, MnistFiles};
use layers::SoftmaxCrossEntropyWithLogits;
use optim::Momentum;
use serde_json::json;
use std::path::PathBuf;
use train::{Accuracy, ConfusionMatrix, Model};

/// Images that are evaluated at a time; the result does not depend on it.
const BATCH: usize = 1000;

/// Test trained weights on the 10,000 test images: accuracy, loss and confusion matrix.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo xtask eval                               # the newest run
  cargo xtask eval --weights my-run --json
  cargo xtask eval --weights from-pytorch.safetensors --network lenet5")]
pub struct Args {
    /// The weights, or the folder of a run [default: the newest run under target/runs].
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    /// Which network [default: the one that the weights are of].
    #[arg(long, value_enum)]
    network: Option<Network>,
    /// The folder of the four IDX files, plain or .gz [default: the folder that
    /// SPORELET_DATA_DIR names, else data/mnist of the workspace].
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Threads that compute; the result is the same for any number [default: all processors].
    #[arg(long, value_name = "N", value_parser = count)]
    threads: Option<usize>,
    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> Result<()> {
    let reader = Reader::load(args.weights.as_deref(), args.network)?;
    note(format_args!("{} from {}", reader.network.name(), workspace::shown(&reader.weights)));
    let files = MnistFiles::find(args.data_dir.as_deref())?;
    let test = batches(Mnist::load_files(&files)?.test, BATCH)?;
    let images = test.dataset().len();

    // Evaluation takes no step, so the optimizer's rate is of no consequence.
    let loss = SoftmaxCrossEntropyWithLogits::new();
    let mut model = Model::new(reader.layers, loss, Momentum::new(0.02, 0.9)?)
        .metric(Accuracy::new())
        .metric(ConfusionMatrix::new());
    if let Some(threads) = args.threads {
        model = model.threads(threads);
    }
    let scores = model.eval(&test)?;
    let (accuracy, loss) = (scores.get("accuracy")?, scores.get("loss")?);
    let matrix = scores.value("confusion_matrix")?;
    if args.json {
        let document = json!({
            "network": reader.network.name(),
            "weights": workspace::shown(&reader.weights),
            "images": images,
            "accuracy": accuracy,
            "loss": loss,
            "confusion_matrix": matrix,
        });
        result(format_args!("{document:#}"));
        return Ok(());
    }
    result(format_args!("test accuracy: {accuracy:.4}"));
    result(format_args!("test loss:     {loss:.4}\n"));
    result(format_args!("{matrix}"));
    note(format_args!("\n{} of {} images are read right", percent(accuracy), thousands(images)));
    Ok(())
}
