//! The file that a transfer grows in: kept when it breaks off, so that it can be resumed.

use super::error::{DownloadError, Failure};
use crate::files::folder_of;
use crate::{Error, Result};
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// An incomplete file beside its target, `NAME.gz.<part of the address's hash>.part`.
///
/// What one mirror sent is not continued with another's bytes: their gzip wrappers differ. The
/// file is locked, so that two processes do not write into it.
pub(super) struct Part {
    path: PathBuf,
    file: File,
    len: u64,
    /// The server's name for the state of the file that this is a part of.
    pub(super) etag: Option<String>,
}

impl Part {
    pub(super) fn open(target: &Path, url: &str) -> Result<Part> {
        let folder = folder_of(target);
        fs::create_dir_all(&folder)
            .map_err(|cause| Error::io(&folder, "create the folder", cause))?;
        let hash = Sha256::digest(url.as_bytes());
        let tag: String = hash[..4].iter().map(|byte| format!("{byte:02x}")).collect();
        let path = folder.join(format!("{}.{tag}.part", packed_name(target)));
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|cause| Error::io(&path, "open the file", cause))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(DownloadError::Busy { path }.into()),
            Err(TryLockError::Error(cause)) => {
                return Err(Error::io(&path, "lock the file", cause));
            }
        }
        let len =
            file.metadata().map_err(|cause| Error::io(&path, "look at the file", cause))?.len();
        Ok(Part { path, file, len, etag: None })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn len(&self) -> u64 {
        self.len
    }

    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let written =
            self.file.seek(SeekFrom::Start(self.len)).and_then(|_| self.file.write_all(bytes));
        written.map_err(|cause| self.local("write the file", cause))?;
        self.len += bytes.len() as u64;
        Ok(())
    }

    pub(super) fn clear(&mut self) -> Result<(), Failure> {
        self.file.set_len(0).map_err(|cause| self.local("empty the file", cause))?;
        (self.len, self.etag) = (0, None);
        Ok(())
    }

    pub(super) fn sync(&self) -> Result<(), Failure> {
        self.file.sync_all().map_err(|cause| self.local("sync the file", cause))
    }

    pub(super) fn remove_if_empty(self) {
        if self.len == 0 {
            // Nothing is lost if this fails: an empty file remains.
            let _ = fs::remove_file(&self.path);
        }
    }

    /// Removes what other attempts have left of `target`, now that it is complete.
    pub(super) fn remove_all(target: &Path) {
        let start = format!("{}.", packed_name(target));
        for entry in fs::read_dir(folder_of(target)).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with(&start) && name.ends_with(".part") {
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    fn local(&self, action: &'static str, cause: std::io::Error) -> Failure {
        Failure::local(Error::io(&self.path, action, cause))
    }
}

fn packed_name(target: &Path) -> String {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    format!("{}.gz", name.trim_end_matches(".gz"))
}
