//! Data for training small networks: from files and arrays to batches.
//!
//! - [`idx`] reads and writes IDX files of any rank and element type, plain or gzip-compressed.
//! - [`Mnist`] loads the MNIST files, or those of Fashion-MNIST and KMNIST; [`MnistFiles`] finds
//!   them. Nothing on disk is believed before it is checked, and an [`Error`] says which file,
//!   what was expected, what was found and how to mend it.
//! - [`Dataset`] is what training needs of a source of samples. [`ImageDataset`] and
//!   [`ArrayDataset`] are two; your own takes four methods.
//! - [`ArrayDataset::collect_classes`] takes an iterator, `CsvFile` (feature `csv`) a table,
//!   `ImageFolder` (feature `images`) a folder of images for each class.
//! - `Picture` (feature `images`) turns an image of any size into a digit as MNIST has them.
//! - [`synthetic`] computes small data sets: logic gates, moons, spirals, blobs.
//! - [`Dataset::split`], [`take`](Dataset::take), [`select`](Dataset::select) and
//!   [`concat`](Dataset::concat) cut and join datasets.
//! - [`transforms`] change samples when they are drawn ([`Dataset::map`]): augmentation, noise,
//!   normalisation.
//! - [`Batches`], made by [`Dataset::batch`], draws the order of each epoch.
//! - [`sources`] lists the published files with their hashes ([`sources::SourceFile::verify`]);
//!   `download`, behind the feature of that name, fetches them.
//! - [`files::atomic_write`] writes a file whole or not at all.
//!
//! Randomness is a function of *(seed, epoch, sample)*: threads do not change what is drawn.
//!
//! ```
//! use datasets::{Dataset, Draw, ImageDataset, Mnist, TargetMut};
//!
//! let mnist = Mnist::load_default()?;
//! let train = ImageDataset::new(mnist.train)
//!     .resize(32, 32)?
//!     .rescale(1.0 / 255.0, 0.0)?
//!     .normalize(0.1307, 0.3081)?
//!     .batch(32)?;
//! assert_eq!(train.len(), 1875);
//!
//! let (mut images, mut labels) = (vec![0.0; 32 * 32 * 32], vec![0; 32]);
//! let (seed, epoch) = (1, 0);
//! for batch in &train.epoch(seed, epoch) {
//!     let target = TargetMut::Class(&mut labels);
//!     train.dataset().fetch(Draw { seed, epoch }, batch, &mut images, target)?;
//!     // Train on `images` [32, 1, 32, 32] and `labels` [32].
//!     # break;
//! }
//! # Ok::<(), datasets::Error>(())
//! ```
#![forbid(unsafe_code)]

mod array_dataset;
mod batch;
mod collect;
mod concat;
#[cfg(feature = "csv")]
mod csv_file;
mod data_dir;
mod dataset;
#[cfg(feature = "download")]
pub mod download;
mod error;
pub mod files;
mod gzip;
pub mod idx;
mod image_dataset;
#[cfg(feature = "images")]
mod image_folder;
mod labeled_images;
mod mnist;
#[cfg(feature = "images")]
mod picture;
mod resize;
mod scan;
pub mod sources;
mod split;
mod subset;
pub mod synthetic;
pub mod transforms;
mod verify;

pub use array_dataset::ArrayDataset;
pub use batch::{Batches, Epoch};
pub use concat::Concat;
#[cfg(feature = "csv")]
pub use csv_file::{Column, CsvData, CsvFile};
pub use data_dir::{DATA_DIR_VARIABLE, MnistFiles};
pub use dataset::{Dataset, Draw, TargetKind, TargetMut};
pub use error::{Error, Result, Searched, SearchedFolder};
pub use image_dataset::ImageDataset;
#[cfg(feature = "images")]
pub use image_folder::{FolderImages, ImageFolder};
pub use labeled_images::LabeledImages;
pub use mnist::Mnist;
#[cfg(feature = "images")]
pub use picture::{MAX_PICTURE_PIXELS, Picture};
pub use resize::resize_bilinear;
pub use split::{Parts, Share};
pub use subset::Subset;
pub use verify::{FileState, Verdict};

/// The code in README.md, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
