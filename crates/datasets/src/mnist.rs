//! MNIST and the data sets made like it.

use crate::idx::read_u8_file;
use crate::{Error, LabeledImages, MnistFiles, Result};
use ndarray::Array3;
use std::path::Path;
use std::thread;

/// The handwritten digits of Y. LeCun, C. Cortes and C. J. C. Burges, or a drop-in replacement
/// for them (Fashion-MNIST, KMNIST): grey images of 28×28 pixels in ten classes.
///
/// ```
/// use datasets::Mnist;
///
/// let mnist = Mnist::load_default()?;
/// assert_eq!(mnist.train.images().shape(), [60_000, 28, 28]);
/// assert_eq!(mnist.test.labels()[..5], [7, 2, 1, 0, 4]);
/// # Ok::<(), datasets::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Mnist {
    /// The images to train on; 60,000 in the published sets.
    pub train: LabeledImages,
    /// The images to test on; 10,000 in the published sets.
    pub test: LabeledImages,
}

impl Mnist {
    /// The rows, and the columns, of an image.
    pub const SIDE: usize = 28;
    /// The number of classes.
    pub const CLASSES: usize = 10;

    /// Loads the four files from `folder`: plain or gzip-compressed, under their usual names with
    /// or without `.gz`, directly in it or in MindSpore's subfolders `train` and `test`. Debian's
    /// `/usr/share/datasets/fashion-mnist` loads as it is.
    ///
    /// # Errors
    /// [`Error::FilesNotFound`]; [`Error::Idx`] for a damaged file; and within
    /// [`Error::InFile`]: images that are not 28×28, labels outside 0..=9, and
    /// numbers of images and labels that differ.
    pub fn load(folder: impl AsRef<Path>) -> Result<Self> {
        Self::load_files(&MnistFiles::in_folder(folder)?)
    }

    /// Loads the four files from where [`MnistFiles::find`] finds them.
    ///
    /// # Errors
    /// As [`load`](Mnist::load).
    pub fn load_default() -> Result<Self> {
        Self::load_files(&MnistFiles::find(None)?)
    }

    /// Loads the four files given.
    ///
    /// # Errors
    /// As [`load`](Mnist::load).
    pub fn load_files(files: &MnistFiles) -> Result<Self> {
        // Unpacking the training images takes most of the time; the rest is done beside it.
        let (train, test) = thread::scope(|scope| {
            let test = scope.spawn(|| load_pair(&files.test_images, &files.test_labels));
            let train = load_pair(&files.train_images, &files.train_labels);
            (train, test.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        });
        Ok(Mnist { train: train?, test: test? })
    }
}

fn load_pair(images_file: &Path, labels_file: &Path) -> Result<LabeledImages> {
    // Labels first: they are small, so a mistake shows before the long work.
    let (axes, labels) = read_u8_file(labels_file)?;
    if axes.len() != 1 {
        return Err(shape("labels", &axes, "[N]: one label per image").in_file(labels_file));
    }
    let (axes, pixels) = read_u8_file(images_file)?;
    let &[count, Mnist::SIDE, Mnist::SIDE] = axes.as_slice() else {
        let expected = "[N, 28, 28]: MNIST's images have 28 rows and 28 columns";
        return Err(shape("images", &axes, expected).in_file(images_file));
    };
    let images = Array3::from_shape_vec((count, Mnist::SIDE, Mnist::SIDE), pixels)
        .expect("the reader returned as many elements as the axes say");
    LabeledImages::new(images, labels, Mnist::CLASSES).map_err(|error| error.in_file(labels_file))
}

fn shape(name: &'static str, found: &[usize], expected: &str) -> Error {
    Error::Shape { name, found: found.to_vec(), expected: expected.into() }
}
