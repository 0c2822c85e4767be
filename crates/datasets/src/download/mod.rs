//! Fetching the published files over HTTP (feature `download`).
//!
//! Several mirrors are asked in turn; a broken transfer is resumed; nothing takes its place among
//! the data files before its content is proven to be the published one; a file that is already
//! there and proven is not fetched again.
//!
//! ```no_run
//! use datasets::download::Fetcher;
//! use datasets::sources::FASHION_MNIST;
//!
//! let files = Fetcher::new(FASHION_MNIST, "data/fashion-mnist").fetch(&mut |_| {})?;
//! for file in files {
//!     println!("{}: {} bytes", file.path.display(), file.bytes);
//! }
//! # Ok::<(), datasets::Error>(())
//! ```

mod client;
mod error;
mod event;
mod part;
mod transfer;

pub use error::{DownloadError, MirrorFailure, TransferError};
pub use event::{Event, FetchedFile};

use crate::files::{atomic_write, sync_folder};
use crate::gzip::Decoded;
use crate::idx::open;
use crate::sources::{Source, SourceFile};
use crate::verify::{FileState, Verdict};
use crate::{Error, Result};
use error::Failure;
use part::Part;
use reqwest::Url;
use reqwest::blocking::Client;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

/// Fetches the files of one data set into one folder.
#[derive(Clone, Debug)]
pub struct Fetcher {
    source: Source,
    folder: PathBuf,
    mirrors: Vec<String>,
    force: bool,
    connect_timeout: Duration,
    stall_timeout: Duration,
    tries: u32,
    pause: Duration,
}

impl Fetcher {
    /// Will fetch the files of `source` into `folder`, which is created if need be.
    pub fn new(source: Source, folder: impl Into<PathBuf>) -> Self {
        Fetcher {
            source,
            folder: folder.into(),
            mirrors: Vec::new(),
            force: false,
            connect_timeout: Duration::from_secs(10),
            stall_timeout: Duration::from_secs(30),
            tries: 3,
            pause: Duration::from_millis(500),
        }
    }

    /// Asks the server at `url` (which serves `NAME.gz` for each file) before the source's own
    /// mirrors, and after those given by earlier calls.
    #[must_use]
    pub fn mirror(mut self, url: impl Into<String>) -> Self {
        self.mirrors.push(url.into());
        self
    }

    /// Fetches files even if they are already there and proven.
    #[must_use]
    pub fn force(mut self, force: bool) -> Self {
        self.force = force;
        self
    }

    /// How long a connection may take to open; 10 s by default.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How long a server may send nothing; 30 s by default.
    #[must_use]
    pub fn stall_timeout(mut self, timeout: Duration) -> Self {
        self.stall_timeout = timeout;
        self
    }

    /// How often each address is tried when it fails in a way that may pass; 3 by default, at
    /// least 1.
    #[must_use]
    pub fn tries(mut self, tries: u32) -> Self {
        self.tries = tries.max(1);
        self
    }

    /// The pause before the second try, doubled before each further one; 0.5 s by default.
    #[must_use]
    pub fn pause(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self
    }

    /// Fetches what is missing, and returns all files of the source in their order.
    ///
    /// # Errors
    /// [`Error::Io`] for the disk; [`Error::Download`] if no mirror has the file, if a mirror's
    /// address is not one, or if another process is fetching the same file.
    pub fn fetch(&self, report: &mut dyn FnMut(Event<'_>)) -> Result<Vec<FetchedFile>> {
        let mut mirrors = self.all_mirrors()?;
        let mut client = None;
        let mut fetched = Vec::new();
        for file in self.source.files {
            let target = match file.check_in(&self.folder)? {
                FileState::Verified(path) if !self.force => {
                    report(Event::AlreadyVerified { path: &path });
                    fetched.push(fetched_file(&path, None)?);
                    continue;
                }
                FileState::Verified(path) => path,
                FileState::Different(path, difference) => {
                    report(Event::Damaged { path: &path, difference: &difference });
                    path
                }
                FileState::Missing => self.folder.join(format!("{}.gz", file.name)),
            };
            let client = match &mut client {
                Some(client) => client,
                none => none.insert(client::build(self.connect_timeout, self.stall_timeout)?),
            };
            let url = self.fetch_file(client, &mut mirrors, file, &target, report)?;
            report(Event::Fetched { path: &target });
            fetched.push(fetched_file(&target, Some(url))?);
        }
        Ok(fetched)
    }

    fn all_mirrors(&self) -> Result<Vec<String>> {
        let own = self.source.mirrors.iter().copied().map(String::from);
        let mirrors: Vec<String> = self.mirrors.iter().cloned().chain(own).collect();
        for mirror in &mirrors {
            let cause = match Url::parse(mirror) {
                Ok(url) if matches!(url.scheme(), "http" | "https") => continue,
                Ok(url) => format!("`{}` is not http or https", url.scheme()),
                Err(cause) => cause.to_string(),
            };
            return Err(DownloadError::Mirror { url: mirror.clone(), cause }.into());
        }
        Ok(mirrors)
    }

    /// Tries the mirrors until one delivers; that one is put first for the next file.
    fn fetch_file(
        &self,
        client: &Client,
        mirrors: &mut [String],
        file: &SourceFile,
        target: &Path,
        report: &mut dyn FnMut(Event<'_>),
    ) -> Result<String> {
        let mut failures = Vec::new();
        for index in 0..mirrors.len() {
            let url = format!("{}/{}.gz", mirrors[index].trim_end_matches('/'), file.name);
            let mut part = Part::open(target, &url)?;
            match self.fetch_from(client, &url, file, &mut part, report) {
                Ok(()) => {
                    put_in_place(part.path(), target)?;
                    Part::remove_all(target);
                    mirrors[..=index].rotate_right(1);
                    return Ok(url);
                }
                Err(Failure::Local(error)) => return Err(*error),
                Err(Failure::Remote(cause)) => {
                    part.remove_if_empty();
                    failures.push(MirrorFailure { url, cause });
                }
            }
        }
        Err(DownloadError::NoMirror {
            source_name: self.source.name,
            file: format!("{}.gz", file.name),
            failures,
            folder: self.folder.clone(),
        }
        .into())
    }

    /// Brings the file at `url` into `part` and proves it.
    fn fetch_from(
        &self,
        client: &Client,
        url: &str,
        file: &SourceFile,
        part: &mut Part,
        report: &mut dyn FnMut(Event<'_>),
    ) -> Result<(), Failure> {
        let mut tries = 0;
        loop {
            let resumed = part.len() > 0;
            let outcome = transfer::transfer(client, url, part, size_limit(file), report)
                .and_then(|()| prove(file, part));
            let cause = match outcome {
                Err(Failure::Remote(cause)) => cause,
                done_or_local => return done_or_local,
            };
            tries += 1;
            let wrong = matches!(cause, TransferError::Content(_) | TransferError::TooLarge { .. });
            if wrong {
                part.clear()?;
            }
            // Half a file from another day may not fit the rest: that deserves one fresh attempt.
            let again = if wrong { resumed } else { cause.may_pass() && tries < self.tries };
            let retry_in = again.then(|| match wrong {
                true => Duration::ZERO,
                false => self.pause.saturating_mul(1 << (tries - 1).min(16)),
            });
            report(Event::Failed { url, cause: &cause, retry_in });
            match retry_in {
                Some(pause) => thread::sleep(pause),
                None => return Err(Failure::Remote(cause)),
            }
        }
    }
}

/// The most bytes that a server may send: gzip never needs much more than what it holds.
fn size_limit(file: &SourceFile) -> u64 {
    file.bytes + file.bytes / 1000 + (1 << 16)
}

fn prove(file: &SourceFile, part: &mut Part) -> Result<(), Failure> {
    part.sync()?;
    match file.verify(part.path()).map_err(Failure::local)? {
        Verdict::Verified => Ok(()),
        Verdict::Different(text) => Err(Failure::Remote(TransferError::Content(text))),
    }
}

/// Moves a proven file to `target`, unpacked if the name there is that of a plain file.
fn put_in_place(part: &Path, target: &Path) -> Result<()> {
    if target.extension().is_some_and(|ending| ending == "gz") {
        fs::rename(part, target).map_err(|cause| Error::io(target, "replace the file", cause))?;
        return sync_folder(target)
            .map_err(|cause| Error::io(target, "sync the folder of the file", cause));
    }
    let packed = open(part)?;
    atomic_write(target, |file| {
        let mut content = Decoded::new(packed)?;
        io::copy(&mut content.by_ref(), file).map(drop)
    })
}

fn fetched_file(path: &Path, url: Option<String>) -> Result<FetchedFile> {
    let metadata =
        fs::metadata(path).map_err(|cause| Error::io(path, "look at the file", cause))?;
    Ok(FetchedFile { path: path.into(), bytes: metadata.len(), url })
}
