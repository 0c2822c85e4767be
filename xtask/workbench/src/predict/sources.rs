//! What the arguments of `predict` stand for.

use super::Digit;
use anyhow::{Context, Result, bail};
use datasets::Picture;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The largest file that standard input may be.
const LARGEST: u64 = 256 << 20;
/// Which files of a folder are pictures.
const EXTENSIONS: [&str; 7] = ["png", "jpg", "jpeg", "pgm", "ppm", "pbm", "pnm"];

/// Something that should be a picture.
pub(super) enum Source {
    File(PathBuf),
    StandardInput,
    /// What has come up already.
    Failed(PathBuf, anyhow::Error),
}

/// The pictures that the arguments name, in their order; those of a folder by name.
pub(super) fn all(arguments: &[PathBuf]) -> Vec<Source> {
    let sources = arguments.iter().flat_map(|argument| match argument.to_str() {
        Some("-") => vec![Source::StandardInput],
        _ if argument.is_dir() => {
            folder(argument).unwrap_or_else(|error| vec![Source::Failed(argument.clone(), error)])
        }
        _ => vec![Source::File(argument.clone())],
    });
    sources.collect()
}

fn folder(folder: &Path) -> Result<Vec<Source>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).context("the folder cannot be listed")? {
        let path = entry.context("the folder cannot be listed")?.path();
        let extension = path.extension().and_then(|end| end.to_str()).map(str::to_lowercase);
        if extension.is_some_and(|end| EXTENSIONS.contains(&end.as_str())) && path.is_file() {
            files.push(path);
        }
    }
    if files.is_empty() {
        bail!("no pictures in this folder, expected files that end in .{}", EXTENSIONS.join(", ."));
    }
    files.sort_unstable();
    Ok(files.into_iter().map(Source::File).collect())
}

impl Source {
    /// What it is called in results.
    pub(super) fn name(&self) -> String {
        match self {
            Source::File(path) | Source::Failed(path, _) => path.display().to_string(),
            Source::StandardInput => "-".to_owned(),
        }
    }

    /// The digit in it.
    pub(super) fn digit(self) -> Result<Digit> {
        let picture = match self {
            Source::Failed(_, error) => return Err(error),
            // The caller names the file.
            Source::File(path) => Picture::open(path).map_err(|error| match error {
                datasets::Error::InFile { cause, .. } => *cause,
                other => other,
            })?,
            Source::StandardInput => {
                let mut bytes = Vec::new();
                std::io::stdin().take(LARGEST).read_to_end(&mut bytes)?;
                Picture::decode(&bytes)?
            }
        };
        Ok(picture.digit()?)
    }
}
