//! What a fetch tells while it works and in the end.

use super::TransferError;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What [`Fetcher::fetch`](super::Fetcher::fetch) reports while it works.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The file is there and proven; nothing is fetched.
    AlreadyVerified {
        /// The file.
        path: &'a Path,
    },
    /// The file is there, but it is not the published one.
    Damaged {
        /// The file.
        path: &'a Path,
        /// How it differs.
        difference: &'a str,
    },
    /// A transfer begins.
    Started {
        /// The address.
        url: &'a str,
        /// The bytes that an earlier attempt left, which are not fetched again.
        resumed: u64,
        /// The bytes of the whole file, if the server says so.
        total: Option<u64>,
    },
    /// More bytes have arrived.
    Advanced {
        /// How many.
        bytes: u64,
    },
    /// A transfer has failed.
    Failed {
        /// The address.
        url: &'a str,
        /// Why.
        cause: &'a TransferError,
        /// The pause before the same address is tried again; `None` if it is given up.
        retry_in: Option<Duration>,
    },
    /// The file has arrived, is proven and is in its place.
    Fetched {
        /// The file.
        path: &'a Path,
    },
}

/// A file that is in its place and proven to be the published one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchedFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its size as it is stored.
    pub bytes: u64,
    /// The address it came from; `None` if it was there before.
    pub url: Option<String>,
}
