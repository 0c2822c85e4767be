//! A trained network that reads digits, and where its weights are found.

use crate::network::Network;
use crate::{train_lenet, workspace};
use anyhow::{Context, Result, bail};
use autodiff::Tape;
use clap::ValueEnum;
use datasets::{Dataset, Draw, ImageDataset, LabeledImages, TargetMut};
use layers::Layer;
use ndarray::{Array2, Axis};
use std::path::{Path, PathBuf};
use tensor::Tensor;

/// What a run calls its weights.
pub const WEIGHTS: &str = "weights.safetensors";
/// Digits in a run of the network, so that a folder of any size fits into memory.
const BATCH: usize = 256;

/// A network with weights.
pub struct Reader {
    pub network: Network,
    pub layers: Box<dyn Layer>,
    /// The file that the weights are from.
    pub weights: PathBuf,
}

/// What a network takes an image for.
#[derive(Clone, Debug)]
pub struct Reading {
    /// Of the digits 0 to 9.
    pub probabilities: Vec<f32>,
}

impl Reader {
    /// The network whose weights are in `weights`, a file or the folder of a run; without it, the
    /// newest run under `target/runs`. The names in the file tell which network it is, unless
    /// `network` says.
    pub fn load(weights: Option<&Path>, network: Option<Network>) -> Result<Self> {
        match weights {
            Some(path) if path.is_dir() => {
                let file = path.join(WEIGHTS);
                if !file.is_file() {
                    bail!(
                        "--weights {}: there is no {WEIGHTS} in this folder, expected a file of \
                         weights or the folder of a run: cargo xtask train-lenet writes one",
                        path.display()
                    );
                }
                Self::of_file(&file, network)
            }
            Some(path) => Self::of_file(path, network),
            None => Self::newest(&workspace::runs()?, network),
        }
    }

    /// The newest of the runs in a folder; with `network`, of those that trained it.
    pub fn newest(runs: &Path, network: Option<Network>) -> Result<Self> {
        for folder in workspace::newest_with(runs, WEIGHTS) {
            match Self::of_file(&folder.join(WEIGHTS), network) {
                // Another network's run, perhaps.
                Err(_) if network.is_some() => {}
                result => return result,
            }
        }
        let (which, option) = match network {
            Some(network) => {
                (format!(" of {}", network.name()), format!(" --network {}", network.argument()))
            }
            None => Default::default(),
        };
        bail!(
            "no weights{which} under {}: train first with `cargo xtask train-lenet{option}` (a few \
             seconds), or name a file by --weights",
            workspace::shown(runs)
        )
    }

    fn of_file(path: &Path, network: Option<Network>) -> Result<Self> {
        let candidates = network.map_or(Network::value_variants().to_vec(), |one| vec![one]);
        let mut misfits = Vec::new();
        for network in candidates {
            let mut layers = network.build();
            match train::load_weights(&mut *layers, path) {
                Ok(()) => return Ok(Reader { network, layers, weights: path.to_owned() }),
                Err(train::Error::File { detail, .. }) => misfits.push((network, detail)),
                Err(error) => return Err(error.into()),
            }
        }
        let path = workspace::shown(path);
        // What is wrong with the file itself is the same for every network.
        if misfits.iter().all(|(_, detail)| *detail == misfits[0].1) {
            bail!("{path}: {}", misfits[0].1);
        }
        let misfits =
            misfits.iter().map(|(network, detail)| format!("\n  {}: {detail}", network.name()));
        bail!(
            "{path}: these are the weights of no network known here{}",
            misfits.collect::<String>()
        )
    }

    /// What the digits are, each as MNIST has them: 28×28, light on black.
    pub fn read(&self, digits: &[Array2<u8>]) -> Result<Vec<Reading>> {
        let mut readings = Vec::new();
        for digits in digits.chunks(BATCH) {
            let tape = Tape::inference();
            let logits = self.layers.forward(tape.constant(input(digits)?))?;
            let probabilities = logits.softmax(1)?.into_value();
            let rows = probabilities.as_slice().chunks(probabilities.shape()[1]);
            readings.extend(rows.map(|row| Reading { probabilities: row.to_vec() }));
        }
        Ok(readings)
    }
}

impl Reading {
    /// The likeliest digit, and its probability.
    pub fn best(&self) -> (usize, f32) {
        let digits = self.probabilities.iter().copied().enumerate();
        digits.max_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or((0, f32::NAN))
    }
}

/// What a network is fed for digits of 28×28: `[N, 1, 32, 32]`, by the pipeline of training.
pub fn input(digits: &[Array2<u8>]) -> Result<Tensor> {
    let count = digits.len();
    let views: Vec<_> = digits.iter().map(|digit| digit.view()).collect();
    let images = ndarray::stack(Axis(0), &views).context("the digits differ in size")?;
    let batches = train_lenet::batches(LabeledImages::new(images, vec![0; count], 10)?, count)?;
    samples(batches.dataset(), &(0..count).collect::<Vec<_>>())
}

/// Some of the images as a network is fed them: `[N, 1, rows, columns]`.
pub fn samples(data: &ImageDataset, indices: &[usize]) -> Result<Tensor> {
    let shape = [&[indices.len()], data.input_shape()].concat();
    let mut input = Tensor::zeros(&shape[..]);
    let mut labels = vec![0; indices.len()];
    let target = TargetMut::Class(&mut labels);
    data.fetch(Draw::default(), indices, input.as_mut_slice(), target)?;
    Ok(input)
}

#[cfg(test)]
mod tests {
    use super::*;
    use layers::ModuleExt;
    use std::fs;
    use std::time::SystemTime;

    /// A folder of runs, each of its network.
    fn runs(networks: &[Network]) -> tempfile::TempDir {
        let runs = tempfile::tempdir().unwrap();
        for (number, network) in networks.iter().enumerate() {
            let folder = runs.path().join(format!("run-{number}"));
            fs::create_dir(&folder).unwrap();
            let mut layers = network.build();
            layers.initialize(number as u64).unwrap();
            train::save_weights(&*layers, folder.join(WEIGHTS)).unwrap();
            let written = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(number as u64);
            let file = fs::File::options().append(true).open(folder.join(WEIGHTS)).unwrap();
            file.set_modified(written).unwrap();
        }
        fs::create_dir(runs.path().join("not-finished")).unwrap();
        runs
    }

    fn failure(result: Result<Reader>) -> String {
        format!("{:#}", result.err().expect("an error"))
    }

    #[test]
    fn the_newest_run_is_taken_and_its_network_told_by_names() {
        let runs = runs(&[Network::Lenet5, Network::Classic, Network::Classic, Network::Lenet5]);
        let newest = |network| {
            let reader = Reader::newest(runs.path(), network).unwrap();
            let folder = reader.weights.parent().unwrap().file_name().unwrap();
            (reader.network, folder.to_str().unwrap().to_owned())
        };
        assert_eq!(newest(None), (Network::Lenet5, "run-3".into()));
        assert_eq!(newest(Some(Network::Lenet5)), (Network::Lenet5, "run-3".into()));
        assert_eq!(newest(Some(Network::Classic)), (Network::Classic, "run-2".into()));
        let by_folder = Reader::load(Some(&runs.path().join("run-1")), None).unwrap();
        assert_eq!(by_folder.network, Network::Classic);
    }

    #[test]
    fn digits_are_read_in_their_order_and_probabilities_add_up() {
        let runs = runs(&[Network::Lenet5]);
        let reader = Reader::newest(runs.path(), None).unwrap();
        let digit = |shade: usize| Array2::from_shape_fn((28, 28), |(y, x)| (y * x * shade) as u8);
        let digits: Vec<_> = (0..BATCH + 3).map(digit).collect();
        let together = reader.read(&digits).unwrap();
        assert_eq!(together.len(), digits.len());
        for (digit, reading) in digits.iter().zip(&together).skip(BATCH - 2) {
            let sum: f32 = reading.probabilities.iter().sum();
            assert!((sum - 1.0).abs() < 1e-5, "{sum}");
            let alone = reader.read(std::slice::from_ref(digit)).unwrap();
            for (a, b) in alone[0].probabilities.iter().zip(&reading.probabilities) {
                assert!((a - b).abs() < 1e-5, "{a} {b}");
            }
        }
    }

    #[test]
    fn what_cannot_be_found_is_told() {
        let empty = tempfile::tempdir().unwrap();
        let shown = empty.path().display();
        assert_eq!(
            failure(Reader::newest(empty.path(), None)),
            format!(
                "no weights under {shown}: train first with `cargo xtask train-lenet` (a few \
                 seconds), or name a file by --weights"
            )
        );
        let runs = runs(&[Network::Lenet5]);
        assert_eq!(
            failure(Reader::newest(runs.path(), Some(Network::Classic))),
            format!(
                "no weights of lenet5-classic under {}: train first with `cargo xtask train-lenet \
                 --network classic` (a few seconds), or name a file by --weights",
                runs.path().display()
            )
        );
        assert_eq!(
            failure(Reader::load(Some(empty.path()), None)),
            format!(
                "--weights {shown}: there is no weights.safetensors in this folder, expected a \
                 file of weights or the folder of a run: cargo xtask train-lenet writes one"
            )
        );
        let missing = empty.path().join("none.safetensors");
        assert_eq!(
            failure(Reader::load(Some(&missing), None)),
            format!(
                "{}: the weights could not be read: No such file or directory (os error 2)",
                missing.display()
            )
        );
    }

    #[test]
    fn weights_of_no_known_network_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dense.safetensors");
        let mut dense = layers::Dense::new(2, 2);
        dense.initialize(1).unwrap();
        train::save_weights(&dense, &path).unwrap();
        let error = failure(Reader::load(Some(&path), None));
        let (head, misfits) = error.split_once('\n').unwrap();
        assert_eq!(
            head,
            format!("{}: these are the weights of no network known here", path.display())
        );
        let mut starts = misfits.lines().map(|line| line.split(';').next().unwrap());
        assert_eq!(starts.next(), Some("  lenet5: no tensor is named conv1.weight"));
        assert_eq!(starts.next(), Some("  lenet5-classic: no tensor is named c1.weight"));
    }
}
