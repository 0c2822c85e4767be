//! What can go wrong between systems.

use std::path::{Path, PathBuf};

/// The result of this crate's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a file could not be read, or a network not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file itself could not be had.
    #[error("{}: cannot {action}: {cause}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried, such as `read the file`.
        action: &'static str,
        /// What the system says.
        cause: std::io::Error,
    },
    /// The file could not be written whole; an older one of its name is as it was.
    #[error(transparent)]
    Write(#[from] datasets::Error),
    /// A file with a fault: which one, and the fault.
    #[error("{}: {fault}", path.display())]
    In {
        /// The file.
        path: PathBuf,
        /// The fault.
        fault: Box<Error>,
    },
    /// The bytes are not a whole file of this format.
    #[error("this is not a whole {format}: {detail}; fetch or write it again")]
    Damaged {
        /// The format, such as `MindSpore checkpoint`.
        format: &'static str,
        /// What was expected and what was found.
        detail: String,
    },
    /// The bytes are not those that were written.
    #[error(
        "the checksum does not fit: the file says {stored:08x}, its bytes give {computed:08x}; it was damaged after it \
         was written, so fetch or write it again"
    )]
    Checksum {
        /// What the file says.
        stored: u32,
        /// What its bytes give.
        computed: u32,
    },
    /// The file is whole, but holds something that has no counterpart here.
    #[error("{what} is not supported: {detail}")]
    Unsupported {
        /// What.
        what: String,
        /// What is supported.
        detail: String,
    },
    /// The file and the network do not fit.
    #[error("{name}: {detail}")]
    Mismatch {
        /// The parameter.
        name: String,
        /// What the file has, and what the network expects.
        detail: String,
    },
    /// The network has no values yet, or refuses one.
    #[error(transparent)]
    Tensor(#[from] tensor::Error),
}

impl Error {
    /// The fault as one of the file at `path`.
    pub(crate) fn in_file(self, path: &Path) -> Self {
        Error::In { path: path.to_owned(), fault: Box::new(self) }
    }
}

/// The bytes of the file at `path`.
pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|cause| Error::Io {
        path: path.to_owned(),
        action: "read the file",
        cause,
    })
}
