//! What can go wrong between a file and a batch.

use crate::idx::IdxError;
use std::borrow::Cow;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// `Result` with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A mistake in a file, in data or in an argument, told so that it can be mended.
///
/// The whole story is in the text (`to_string`); the fields serve programs.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused something.
    #[error("`{}`: cannot {action}: {cause}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was tried, e.g. "open the file".
        action: &'static str,
        /// The operating system's reason.
        cause: io::Error,
    },
    /// A folder where a file belongs.
    #[error("`{}` is a directory, expected an IDX file (plain or gzip): name a file inside it", path.display())]
    Directory {
        /// The folder.
        path: PathBuf,
    },
    /// A file that is not the IDX file it should be.
    #[error("`{}`: {cause}", path.display())]
    Idx {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: IdxError,
    },
    /// The files of a data set are not where they were looked for.
    #[error("{}", MissingFiles { searched, command })]
    FilesNotFound {
        /// Every folder that was looked into and what it lacks, in the order of the search.
        searched: Vec<SearchedFolder>,
        /// The command that gets the files.
        command: &'static str,
    },
    /// An error of the data in a file, with the file's name.
    #[error("`{}`: {cause}", path.display())]
    InFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with the data in it.
        cause: Box<Error>,
    },
    /// A cell of a table that is not what its column holds.
    #[error("`{}`, line {line}, column `{column}`: found {found}, expected {expected}", path.display())]
    Cell {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: u64,
        /// The column's name, or its index where there is no header.
        column: String,
        /// What is there.
        found: String,
        /// What belongs there.
        expected: String,
    },
    /// A line of a table that cannot be read.
    #[error("`{}`, line {line}: found {found}, expected {expected}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: u64,
        /// What is there.
        found: String,
        /// What belongs there.
        expected: String,
    },
    /// Files in the folders of an image data set that cannot be used.
    #[error("{}", UnreadableImages(unreadable))]
    Images {
        /// Every such file, and why.
        unreadable: Vec<(PathBuf, String)>,
    },
    /// A picture that cannot be decoded.
    #[error("{cause}")]
    Picture {
        /// Why.
        cause: String,
    },
    /// A picture in which no digit was found.
    #[error("nothing is drawn here, expected a digit that stands out from its background")]
    NothingDrawn,
    /// Inputs and targets that differ in number.
    #[error(
        "{targets} {target_name} for {inputs} {input_name}, expected one each: the two do not belong together"
    )]
    Counts {
        /// What the inputs are, e.g. "images".
        input_name: &'static str,
        /// How many inputs there are.
        inputs: usize,
        /// What the targets are, e.g. "labels".
        target_name: &'static str,
        /// How many targets there are.
        targets: usize,
    },
    /// A label that names no class.
    #[error(
        "label {label} at position {position} is out of range, expected {}: \
         correct the label or state the right number of classes",
        labels_of(*.classes)
    )]
    Label {
        /// Index of the sample, counted from 0.
        position: usize,
        /// The label found.
        label: u32,
        /// The number of classes.
        classes: usize,
    },
    /// An array of another shape than needed.
    #[error("{name} has shape {found:?}, expected {expected}")]
    Shape {
        /// What the array holds.
        name: &'static str,
        /// The shape found.
        found: Vec<usize>,
        /// What was expected, in words.
        expected: String,
    },
    /// A data set without samples where at least one is needed.
    #[error(
        "{operation}: the dataset is empty, expected at least one sample: check the data or the filter that made it"
    )]
    Empty {
        /// What needed a sample.
        operation: &'static str,
    },
    /// An argument outside its range.
    #[error("{operation}: {argument} is {found}, expected {expected}")]
    Argument {
        /// The method, as it is called.
        operation: &'static str,
        /// The argument's name.
        argument: &'static str,
        /// What was passed.
        found: String,
        /// What is accepted.
        expected: Cow<'static, str>,
    },
    /// A sample that does not exist.
    #[error("sample {index} does not exist, the dataset has {len}: expected an index below {len}")]
    Index {
        /// The index asked for.
        index: usize,
        /// The number of samples.
        len: usize,
    },
    /// A buffer of [`Dataset::fetch`](crate::Dataset::fetch) that does not hold the samples asked for.
    #[error(
        "fetch: the {buffer} buffer has {found} elements, expected {expected} for {samples} samples"
    )]
    Buffer {
        /// "input" or "target".
        buffer: &'static str,
        /// The elements needed.
        expected: usize,
        /// The elements of the buffer.
        found: usize,
        /// The number of samples asked for.
        samples: usize,
    },
    /// Class labels asked of values, or values asked of class labels.
    #[error(
        "fetch: the dataset's targets are {expected}, the buffer is for {found}: match the loss to the dataset"
    )]
    Target {
        /// What the dataset holds.
        expected: &'static str,
        /// What the buffer is for.
        found: &'static str,
    },
    /// The files could not be fetched.
    #[cfg(feature = "download")]
    #[error(transparent)]
    Download(#[from] crate::download::DownloadError),
    /// An error of somebody else's [`Dataset`](crate::Dataset).
    #[error(transparent)]
    Other(Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// Wraps the error of a data source of your own.
    pub fn other(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Error::Other(cause.into())
    }

    pub(crate) fn argument(
        operation: &'static str,
        argument: &'static str,
        found: impl fmt::Display,
        expected: impl Into<Cow<'static, str>>,
    ) -> Self {
        let (found, expected) = (found.to_string(), expected.into());
        Error::Argument { operation, argument, found, expected }
    }

    pub(crate) fn io(path: impl Into<PathBuf>, action: &'static str, cause: io::Error) -> Self {
        Error::Io { path: path.into(), action, cause }
    }

    pub(crate) fn in_file(self, path: impl Into<PathBuf>) -> Self {
        Error::InFile { path: path.into(), cause: Box::new(self) }
    }
}

fn labels_of(classes: usize) -> String {
    match classes {
        0 => "none at all for 0 classes".to_owned(),
        1 => "0 for 1 class".to_owned(),
        _ => format!("0..={} for {classes} classes", classes - 1),
    }
}

/// One folder of a search that found nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchedFolder {
    /// The folder.
    pub path: PathBuf,
    /// Why it was looked into, e.g. "named by SPORELET_DATA_DIR".
    pub reason: String,
    /// What was found there.
    pub found: Searched,
}

/// What a search found in a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Searched {
    /// Nothing: there is no such folder.
    Nothing,
    /// A file where a folder was expected.
    File,
    /// A folder that lacks these files.
    FolderWithout(Vec<String>),
}

struct UnreadableImages<'a>(&'a [(PathBuf, String)]);

impl fmt::Display for UnreadableImages<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 10;
        let count = self.0.len();
        write!(f, "{count} image{} cannot be used:", if count == 1 { "" } else { "s" })?;
        for (path, cause) in self.0.iter().take(SHOWN) {
            write!(f, "\n  `{}`: {cause}", path.display())?;
        }
        if count > SHOWN {
            write!(f, "\n  and {} more", count - SHOWN)?;
        }
        write!(f, "\nmend them or take them out of the folder")
    }
}

struct MissingFiles<'a> {
    searched: &'a [SearchedFolder],
    command: &'static str,
}

impl fmt::Display for MissingFiles<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the MNIST files were not found; looked in")?;
        for SearchedFolder { path, reason, found } in self.searched {
            write!(f, "\n  `{}` ({reason}): ", path.display())?;
            match found {
                Searched::Nothing => write!(f, "no such folder")?,
                Searched::File => write!(f, "a file, expected a folder")?,
                Searched::FolderWithout(files) => {
                    write!(f, "no {} (plain or .gz)", files.join(", "))?;
                }
            }
        }
        write!(f, "\nget them with `{}`, or name the folder that holds them", self.command)
    }
}
