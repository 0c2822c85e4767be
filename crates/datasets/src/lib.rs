//! IDX files, MNIST and its relatives: reading, verifying, downloading, batching.
#![forbid(unsafe_code)]

mod array_dataset;
mod batch;
mod data_dir;
mod dataset;
#[cfg(feature = "download")]
pub mod download;
mod error;
pub mod files;
mod gzip;
pub mod idx;
mod image_dataset;
mod labeled_images;
mod mnist;
mod resize;
pub mod sources;
mod verify;

pub use array_dataset::ArrayDataset;
pub use batch::{Batches, Epoch};
pub use data_dir::{DATA_DIR_VARIABLE, MnistFiles};
pub use dataset::{Dataset, Draw, TargetKind, TargetMut};
pub use error::{Error, Result, SearchedFolder};
pub use image_dataset::ImageDataset;
pub use labeled_images::LabeledImages;
pub use mnist::Mnist;
pub use resize::resize_bilinear;
pub use verify::Verdict;
