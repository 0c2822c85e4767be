//! MNIST as the commands train on it.

use super::RunConfiguration;
use anyhow::{Result, bail};
use datasets::{
    Batches, DATA_DIR_VARIABLE, Dataset, ImageDataset, LabeledImages, Mnist, MnistFiles,
};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Mean and standard deviation of MNIST's pixels, scaled to 0..1.
pub(super) const MEAN: f64 = 0.1307;
pub(super) const DEVIATION: f64 = 0.3081;
/// The rows, and the columns, that images are resized to.
pub(super) const SIDE: usize = 32;

/// The chapter's pipeline: resized to 32×32, scaled to 0..1, normalised.
pub fn batches(images: LabeledImages, size: usize) -> Result<Batches<ImageDataset>> {
    let images = ImageDataset::new(images).resize(SIDE, SIDE)?;
    let images = images.rescale(1.0 / 255.0, 0.0)?.normalize(MEAN, DEVIATION)?;
    Ok(images.batch(size)?)
}

/// Images to train on and to test with.
pub struct Data {
    pub train: Batches<ImageDataset>,
    pub test: Batches<ImageDataset>,
    /// Where they are from.
    pub folder: PathBuf,
    /// That folder, where the user has named it, so that a run can be repeated from elsewhere.
    pub named: Option<PathBuf>,
    /// The checksum of all images and labels.
    pub crc32: String,
    /// How long it took to read and resize them.
    pub seconds: f64,
}

impl Data {
    /// Loads them from `folder`, or else from where [`MnistFiles::find`] finds them.
    pub fn load(folder: Option<&Path>, batch_size: usize) -> Result<Self> {
        let start = Instant::now();
        let files = MnistFiles::find(folder)?;
        let mnist = Mnist::load_files(&files)?;
        Ok(Data {
            crc32: crc32(&mnist),
            named: named(folder)?,
            train: batches(mnist.train, batch_size)?,
            test: batches(mnist.test, batch_size)?,
            folder: files.train_images.parent().unwrap_or(Path::new(".")).to_owned(),
            seconds: start.elapsed().as_secs_f64(),
        })
    }

    /// Loads the data that the run in `path` began with: from `folder`, or else from where they
    /// were then.
    pub fn of_run(run: &RunConfiguration, path: &Path, folder: Option<&Path>) -> Result<Self> {
        let data = Self::load(folder.or(run.data_dir.as_deref()), run.batch_size)?;
        if data.crc32 != run.data_crc32 {
            bail!(
                "the data in {} (checksum {}) are not those that the run in {} began with (checksum \
                 {}); name the folder of those with --data-dir",
                data.folder.display(),
                data.crc32,
                path.display(),
                run.data_crc32,
            );
        }
        Ok(data)
    }
}

fn crc32(mnist: &Mnist) -> String {
    let mut hasher = crc32fast::Hasher::new();
    for part in [&mnist.train, &mnist.test] {
        let images = part.images();
        hasher.update(images.as_slice().expect("files are read in the order of their pixels"));
        hasher.update(part.labels());
    }
    format!("{:08x}", hasher.finalize())
}

/// The folder that the user has named.
fn named(given: Option<&Path>) -> Result<Option<PathBuf>> {
    let variable = std::env::var_os(DATA_DIR_VARIABLE).map(PathBuf::from);
    let named = given.map(Path::to_owned).or(variable.filter(|path| !path.as_os_str().is_empty()));
    Ok(named.map(std::path::absolute).transpose()?)
}
