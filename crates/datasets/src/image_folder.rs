//! A folder of images for each class.

use crate::picture::{self, MAX_PICTURE_PIXELS};
use crate::resize::check_size;
use crate::{Dataset, Draw, Error, Result, TargetKind, TargetMut};
use image::imageops::FilterType;
use image::{DynamicImage, ImageReader};
use rayon::prelude::*;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// A folder with a folder of images for each class, as torchvision's `ImageFolder` and MindSpore's
/// `ImageFolderDataset` have it: `pets/cat/1.png`, `pets/dog/a.jpg`, ...
///
/// PNG, JPEG and PNM files are read; needs the feature `images`. Classes and files are in the order
/// of their names; names that begin with a dot are passed over, as are files beside the folders of
/// the classes. Transparency is dropped; photos are turned as their camera says it was held.
///
/// ```no_run
/// use datasets::transforms::{Normalize, RandomHorizontalFlip};
/// use datasets::{Dataset, ImageFolder};
///
/// let pets = ImageFolder::new("pets").size(32, 32).read()?;
/// println!("{:?}", pets.classes());
/// let batches = pets.map(RandomHorizontalFlip::new(0.5))?.map(Normalize::new([128.0], [64.0]))?.batch(32)?;
/// # Ok::<(), datasets::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ImageFolder {
    path: PathBuf,
    size: Option<(usize, usize)>,
    grey: bool,
}

/// The images of an [`ImageFolder`], in memory as bytes: inputs `[3, rows, columns]` (or
/// `[1, rows, columns]` if grey) in 0..=255, with class labels.
#[derive(Clone, Debug)]
pub struct FolderImages {
    pixels: Vec<u8>,
    labels: Vec<u32>,
    files: Vec<PathBuf>,
    classes: Vec<String>,
    shape: [usize; 3],
}

impl ImageFolder {
    /// Colour images, all of one size, in the folders in `path`.
    pub fn new(path: impl AsRef<Path>) -> Self {
        ImageFolder { path: path.as_ref().to_owned(), size: None, grey: false }
    }

    /// Resizes all images, by averaging where they shrink (a triangle filter, as Pillow's
    /// `BILINEAR`).
    #[must_use]
    pub fn size(mut self, rows: usize, columns: usize) -> Self {
        self.size = Some((rows, columns));
        self
    }

    /// Turns colours to grey: 0.299 red + 0.587 green + 0.114 blue (ITU-R 601), as Pillow does.
    #[must_use]
    pub fn grey(mut self) -> Self {
        self.grey = true;
        self
    }

    /// Reads all images.
    ///
    /// # Errors
    /// [`Error::Images`] with all files that are no images or have another size than the first
    /// (where none was asked for); [`Error::InFile`] where there is no class or a class without
    /// images; [`Error::Argument`] for a size outside 1..=16384; [`Error::Io`].
    pub fn read(&self) -> Result<FolderImages> {
        if let Some((rows, columns)) = self.size {
            check_size("ImageFolder", rows, columns)?;
        }
        let (mut classes, mut files, mut labels) = (Vec::new(), Vec::new(), Vec::new());
        for folder in entries(&self.path)?.into_iter().filter(|path| path.is_dir()) {
            let images = entries(&folder)?;
            if images.is_empty() {
                return Err(none("images", "of this class").in_file(folder));
            }
            labels.resize(labels.len() + images.len(), classes.len() as u32);
            files.extend(images);
            classes.push(name(&folder));
        }
        let Some(first) = files.first() else {
            return Err(none("folders", "with the images of a class").in_file(&self.path));
        };
        let (rows, columns) = match self.size {
            Some(size) => size,
            None => {
                let size = decode(first).map(|image| (image.height(), image.width()));
                let (rows, columns) = size
                    .map_err(|cause| Error::Images { unreadable: vec![(first.clone(), cause)] })?;
                (rows as usize, columns as usize)
            }
        };
        let channels = if self.grey { 1 } else { 3 };
        let size = channels * rows * columns;
        let mut pixels = vec![0; files.len() * size];
        let read = |(path, pixels): (&PathBuf, &mut [u8])| {
            self.read_image(path, rows, columns, pixels).err().map(|cause| (path.clone(), cause))
        };
        let unreadable: Vec<(PathBuf, String)> =
            files.par_iter().zip(pixels.par_chunks_exact_mut(size)).filter_map(read).collect();
        if !unreadable.is_empty() {
            return Err(Error::Images { unreadable });
        }
        Ok(FolderImages { pixels, labels, files, classes, shape: [channels, rows, columns] })
    }

    fn read_image(
        &self,
        path: &Path,
        rows: usize,
        columns: usize,
        pixels: &mut [u8],
    ) -> Result<(), String> {
        let image = decode(path)?;
        let found = (image.height() as usize, image.width() as usize);
        if self.size.is_none() && found != (rows, columns) {
            return Err(format!(
                "{} × {}, expected {rows} × {columns} as the first image: ask for one size by \
                 `.size(rows, columns)`",
                found.0, found.1
            ));
        }
        let mut image = image.into_rgb8();
        if found != (rows, columns) {
            let (width, height) = (columns as u32, rows as u32);
            image = image::imageops::resize(&image, width, height, FilterType::Triangle);
        }
        if self.grey {
            for (grey, colour) in pixels.iter_mut().zip(image.pixels()) {
                // Pillow's arithmetic: weights in 1/65536, rounded.
                let [red, green, blue] = colour.0.map(u32::from);
                *grey = ((red * 19_595 + green * 38_470 + blue * 7_471 + 0x8000) >> 16) as u8;
            }
        } else {
            for (channel, plane) in pixels.chunks_exact_mut(rows * columns).enumerate() {
                for (value, colour) in plane.iter_mut().zip(image.pixels()) {
                    *value = colour.0[channel];
                }
            }
        }
        Ok(())
    }
}

impl FolderImages {
    /// The names of the classes, in the order of their labels.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// The file of each sample.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }
}

impl Dataset for FolderImages {
    fn len(&self) -> usize {
        self.labels.len()
    }

    fn input_shape(&self) -> &[usize] {
        &self.shape
    }

    fn target(&self) -> TargetKind<'_> {
        TargetKind::Class { classes: self.classes.len() }
    }

    fn fetch(
        &self,
        _: Draw,
        indices: &[usize],
        input: &mut [f32],
        target: TargetMut<'_>,
    ) -> Result<()> {
        self.check(indices, input, &target)?;
        let size = self.shape.iter().product::<usize>();
        let labels = target.class()?;
        for ((values, label), &index) in input.chunks_exact_mut(size).zip(labels).zip(indices) {
            *label = self.labels[index];
            for (value, &pixel) in values.iter_mut().zip(&self.pixels[index * size..]) {
                *value = f32::from(pixel);
            }
        }
        Ok(())
    }
}

/// What is in a folder, by name, but for hidden files.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let error = |cause| Error::io(folder, "list the folder", cause);
    let entries = fs::read_dir(folder).map_err(error)?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()).map_err(error));
    let mut paths = paths.collect::<Result<Vec<_>>>()?;
    paths.retain(|path| !name(path).starts_with('.'));
    paths.sort_unstable();
    Ok(paths)
}

fn name(path: &Path) -> String {
    path.file_name().map(OsStr::to_string_lossy).unwrap_or_default().into_owned()
}

fn decode(path: &Path) -> Result<DynamicImage, String> {
    let reader = ImageReader::open(path).map_err(|error| format!("cannot be read: {error}"))?;
    picture::decode(reader, MAX_PICTURE_PIXELS)
}

fn none(what: &'static str, which: &str) -> Error {
    Error::argument("ImageFolder", what, "none", format!("at least one, {which}"))
}
