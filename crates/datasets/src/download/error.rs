//! Why files could not be fetched.

use crate::Error;
use std::fmt::{self, Write};
use std::path::PathBuf;

/// Why the files of a data set could not be fetched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DownloadError {
    /// Every mirror failed.
    #[error("{}", NoMirror { source_name, file, failures, folder })]
    NoMirror {
        /// The data set's name.
        source_name: &'static str,
        /// The file.
        file: String,
        /// The addresses in the order in which they were tried, each with its own cause.
        failures: Vec<MirrorFailure>,
        /// The folder that the files belong into.
        folder: PathBuf,
    },
    /// A mirror's address is not one.
    #[error(
        "mirror `{url}` is not an address ({cause}): expected e.g. `https://example.org/mnist/`"
    )]
    Mirror {
        /// The address.
        url: String,
        /// What is wrong with it.
        cause: String,
    },
    /// Another process is fetching the same file.
    #[error("`{}` is locked: another process is fetching this file; wait for it to end", path.display())]
    Busy {
        /// The locked file.
        path: PathBuf,
    },
    /// The HTTP client could not be set up.
    #[error("cannot set up the HTTP client: {cause}; fetch the files with another program")]
    Client {
        /// Why.
        cause: String,
    },
}

/// An address and why it did not deliver.
#[derive(Debug)]
pub struct MirrorFailure {
    /// The address.
    pub url: String,
    /// Why it did not deliver, on the last try.
    pub cause: TransferError,
}

/// Why one address did not deliver the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransferError {
    /// No connection.
    #[error("cannot connect: {0}")]
    Connect(String),
    /// The server sent nothing for too long.
    #[error("the server sent nothing for too long")]
    Stalled,
    /// A status other than success.
    #[error("the server answered {code}{}", reason(*code))]
    Status {
        /// The status code.
        code: u16,
    },
    /// The server could not continue a part of the file.
    #[error("the server cannot continue the part that was left")]
    Range,
    /// The connection ended before the file did.
    #[error("the connection ended after {found} of {expected} bytes")]
    CutShort {
        /// The bytes received.
        found: u64,
        /// The bytes announced.
        expected: u64,
    },
    /// More bytes than the file can have.
    #[error("{}, expected at most {limit}", too_large(*announced))]
    TooLarge {
        /// The size announced; `None` if the server just kept sending.
        announced: Option<u64>,
        /// The most bytes accepted.
        limit: u64,
    },
    /// Not the published file.
    #[error("not the published file: {0}")]
    Content(String),
    /// Redirected too often or in a circle.
    #[error("the redirections lead nowhere: {0}")]
    Redirect(String),
    /// Anything else that went wrong between here and the server.
    #[error("the transfer failed: {0}")]
    Broken(String),
}

impl TransferError {
    /// Whether another try may succeed.
    pub fn may_pass(&self) -> bool {
        match self {
            TransferError::Status { code } => {
                matches!(code, 408 | 425 | 429) || (500..600).contains(code)
            }
            TransferError::Connect(_)
            | TransferError::Stalled
            | TransferError::Range
            | TransferError::CutShort { .. }
            | TransferError::Broken(_) => true,
            TransferError::TooLarge { .. }
            | TransferError::Content(_)
            | TransferError::Redirect(_) => false,
        }
    }
}

fn reason(code: u16) -> String {
    let status = reqwest::StatusCode::from_u16(code).ok();
    status.and_then(|status| status.canonical_reason()).map_or(String::new(), |r| format!(" ({r})"))
}

fn too_large(announced: Option<u64>) -> String {
    match announced {
        Some(size) => format!("the server announced {size} bytes"),
        None => "the server kept sending".into(),
    }
}

struct NoMirror<'a> {
    source_name: &'a str,
    file: &'a str,
    failures: &'a [MirrorFailure],
    folder: &'a PathBuf,
}

impl fmt::Display for NoMirror<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.failures {
            [] => write!(f, "no mirror is known for `{}` of {}", self.file, self.source_name)?,
            _ => write!(f, "no mirror delivered `{}` of {}:", self.file, self.source_name)?,
        }
        for MirrorFailure { url, cause } in self.failures {
            write!(f, "\n  {url}: {cause}")?;
        }
        write!(
            f,
            "\n{}, or get the files by hand: put them, as .gz or unpacked, into `{}` under their usual \
             names and run the command again to have them verified",
            if self.failures.is_empty() {
                "name one"
            } else {
                "try again later, name another mirror"
            },
            self.folder.display()
        )
    }
}

/// Tells what ends the whole fetch (the disk) from what ends one attempt (the server).
#[derive(Debug)]
pub(super) enum Failure {
    Local(Box<Error>),
    Remote(TransferError),
}

impl Failure {
    pub(super) fn local(error: Error) -> Self {
        Failure::Local(Box::new(error))
    }
}

/// The causes of an HTTP client's error: the useful ones are at the bottom, and the address at the
/// top is known already.
pub(super) fn causes(error: &dyn std::error::Error) -> String {
    let chain = std::iter::successors(error.source(), |cause| cause.source());
    let mut text = String::new();
    for cause in chain.map(ToString::to_string).filter(|cause| !cause.starts_with("client error ("))
    {
        if !text.ends_with(&cause) {
            let separator = if text.is_empty() { "" } else { ": " };
            write!(text, "{separator}{cause}").expect("a String takes any text");
        }
    }
    if text.is_empty() { error.to_string() } else { text }
}
