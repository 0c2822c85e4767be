//! Proving that a file is the published one.

use crate::data_dir::locate;
use crate::gzip::Decoded;
use crate::idx::open;
use crate::sources::{Proof, SourceFile};
use crate::{Error, Result};
use sha2::{Digest, Sha256};
use std::io::{self, BufRead, Read, Seek};
use std::path::{Path, PathBuf};

/// Whether a file is the one that a [`SourceFile`] describes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is.
    Verified,
    /// It is not: why, in words.
    Different(String),
}

/// What a folder has of a [`SourceFile`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileState {
    /// No file of this name.
    Missing,
    /// The published file, at this path.
    Verified(PathBuf),
    /// A file of this name, at this path, that differs from the published one: how, in words.
    Different(PathBuf, String),
}

impl SourceFile {
    /// Looks for the file in `folder`, plain or as `.gz`, where [`MnistFiles`](crate::MnistFiles)
    /// would find it, and verifies it.
    ///
    /// # Errors
    /// As [`verify`](SourceFile::verify).
    pub fn check_in(&self, folder: impl AsRef<Path>) -> Result<FileState> {
        let Some(path) = locate(folder.as_ref(), self.name) else {
            return Ok(FileState::Missing);
        };
        Ok(match self.verify(&path)? {
            Verdict::Verified => FileState::Verified(path),
            Verdict::Different(difference) => FileState::Different(path, difference),
        })
    }

    /// Compares the file at `path`, plain or gzip-compressed, with the published one.
    ///
    /// No more is unpacked than the published file holds, whatever the file at `path` would
    /// unpack to.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::Directory`] if there is no readable file at `path`.
    pub fn verify(&self, path: impl AsRef<Path>) -> Result<Verdict> {
        let path = path.as_ref();
        let mut file = open(path)?;
        let read = |cause| Error::io(path, "read the file", cause);
        if let Proof::Gzip(expected) = self.proof {
            let found = sha256(&mut file).map_err(read)?;
            if found != expected {
                let text = format!("its SHA-256 is {found}, expected {expected}");
                return Ok(Verdict::Different(text));
            }
            file.rewind().map_err(read)?;
        }
        match self.payload_sha256(file) {
            Ok(found) => Ok(match (found, self.proof) {
                (Err(difference), _) => Verdict::Different(difference),
                (Ok(found), Proof::Payload(expected)) if found != expected => Verdict::Different(
                    format!("the SHA-256 of its content is {found}, expected {expected}"),
                ),
                (Ok(_), _) => Verdict::Verified,
            }),
            Err(cause) if is_damage(&cause) => {
                Ok(Verdict::Different(format!("its gzip data is damaged or cut short ({cause})")))
            }
            Err(cause) => Err(read(cause)),
        }
    }

    /// The hash of the unpacked content, or how its length differs.
    fn payload_sha256(&self, file: impl BufRead) -> io::Result<Result<String, String>> {
        let mut content = Decoded::new(file)?.take(self.bytes + 1);
        let (hash, bytes) = sha256_counted(&mut content)?;
        Ok(if bytes > self.bytes {
            Err(format!("it holds more than the expected {} bytes", self.bytes))
        } else if bytes < self.bytes {
            Err(format!("it holds {bytes} bytes, expected {}", self.bytes))
        } else {
            Ok(hash)
        })
    }
}

/// Whether an error of reading is the data's fault and not the disk's.
fn is_damage(cause: &io::Error) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    matches!(cause.kind(), InvalidData | InvalidInput | UnexpectedEof)
}

fn sha256(reader: &mut impl Read) -> io::Result<String> {
    Ok(sha256_counted(reader)?.0)
}

fn sha256_counted(reader: &mut impl Read) -> io::Result<(String, u64)> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    let mut bytes = 0;
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => {
                hasher.update(&buffer[..read]);
                bytes += read as u64;
            }
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
            Err(cause) => return Err(cause),
        }
    }
    let hash = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok((hash, bytes))
}
