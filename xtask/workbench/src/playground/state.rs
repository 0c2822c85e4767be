//! What the server knows: the networks as they are now, the training run, the test images.

use super::training::Training;
use anyhow::{Context, Result};
use clap::ValueEnum;
use datasets::{MnistFiles, idx::IdxArray};
use ndarray::{Array1, Array2, Array3, Axis};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use xtask::network::Network;
use xtask::reader::Reader;
use xtask::workspace;

/// Shared by all connections.
pub(super) struct State {
    pub(super) runs: PathBuf,
    pub(super) data_dir: Option<PathBuf>,
    networks: Mutex<Vec<(Network, Loaded)>>,
    pub(super) training: Arc<Training>,
    samples: OnceLock<(Array3<u8>, Array1<u8>)>,
}

/// A network that can read, and where it comes from.
#[derive(Clone)]
pub(super) struct Loaded {
    pub(super) reader: Arc<Reader>,
    /// In words: a file, or that it is being trained.
    pub(super) origin: String,
}

impl State {
    /// Loads the newest weights of each network that there are.
    pub(super) fn new(runs: Option<PathBuf>, data_dir: Option<PathBuf>) -> Result<Self> {
        let runs = match runs {
            Some(folder) => folder,
            None => workspace::runs()?,
        };
        let loaded = Network::value_variants().iter().filter_map(|&network| {
            let reader = Reader::newest(&runs, Some(network)).ok()?;
            let origin = workspace::shown(&reader.weights);
            Some((network, Loaded { reader: Arc::new(reader), origin }))
        });
        let networks = Mutex::new(loaded.collect());
        let training = Arc::new(Training::default());
        Ok(State { runs, data_dir, networks, training, samples: OnceLock::new() })
    }

    /// The networks that have weights.
    pub(super) fn networks(&self) -> Vec<(Network, Loaded)> {
        lock(&self.networks).clone()
    }

    /// What a network reads with now, if it has weights.
    pub(super) fn loaded(&self, network: Network) -> Option<Loaded> {
        self.networks().into_iter().find(|(other, _)| *other == network).map(|(_, loaded)| loaded)
    }

    /// Lets a network read with other weights from now on, or with none.
    pub(super) fn replace(&self, network: Network, loaded: Option<Loaded>) {
        let mut networks = lock(&self.networks);
        networks.retain(|(other, _)| *other != network);
        networks.extend(loaded.map(|loaded| (network, loaded)));
    }

    /// A test image and its label; indices begin anew after the last.
    pub(super) fn sample(&self, index: usize) -> Result<(Array2<u8>, u8)> {
        let (images, labels) = match self.samples.get() {
            Some(samples) => samples,
            None => {
                let files = MnistFiles::find(self.data_dir.as_deref())?;
                let read = |path| Ok::<_, anyhow::Error>(IdxArray::read_file(path)?.into_u8()?);
                let images = read(&files.test_images)?.into_dimensionality()?;
                let labels = read(&files.test_labels)?.into_dimensionality()?;
                self.samples.get_or_init(|| (images, labels))
            }
        };
        let index = index.checked_rem(labels.len()).context("there are no test images")?;
        Ok((images.index_axis(Axis(0), index).to_owned(), labels[index]))
    }
}

/// Nothing is left half done where a thread panics, so what it held is still good.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
