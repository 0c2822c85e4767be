//! Where the workspace is, and where a run's files go.

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// The folder of the workspace: what cargo says, or else the nearest one above that looks like it.
pub(crate) fn root() -> Result<PathBuf> {
    let here = std::env::current_dir().context("the current directory cannot be read")?;
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let start = manifest.unwrap_or(here);
    let found = start.ancestors().find(|folder| folder.join("Cargo.lock").is_file());
    Ok(found.unwrap_or(&start).to_owned())
}

/// `folder`, made if need be; without one, the first of `target/runs/NAME-001`, `-002` ... that
/// is free. Either way a file can be written there, which is better known before training than
/// after.
pub(crate) fn run_folder(folder: Option<&Path>, name: &str) -> Result<PathBuf> {
    let folder = match folder {
        Some(folder) => {
            std::fs::create_dir_all(folder).with_context(|| {
                format!("--out {}: the folder cannot be made", folder.display())
            })?;
            folder.to_owned()
        }
        None => free_folder(&root()?.join("target").join("runs"), name)?,
    };
    tempfile::tempfile_in(&folder)
        .with_context(|| format!("{}: no file can be written there", folder.display()))?;
    Ok(folder)
}

/// The first of `NAME-001`, `-002` ... that is free below `runs`, made.
pub(crate) fn free_folder(runs: &Path, name: &str) -> Result<PathBuf> {
    std::fs::create_dir_all(runs)
        .with_context(|| format!("{}: the folder cannot be made", runs.display()))?;
    for number in 1_u32.. {
        let folder = runs.join(format!("{name}-{number:03}"));
        match std::fs::create_dir(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => {
                let message = format!("{}: the folder cannot be made", folder.display());
                return Err(error).context(message);
            }
        }
    }
    anyhow::bail!("{}: every number is taken", runs.display())
}

/// A path as a person would type it from the current directory.
pub(crate) fn shown(path: &Path) -> String {
    let here = std::env::current_dir().ok();
    let relative = here.as_deref().and_then(|here| path.strip_prefix(here).ok());
    relative.unwrap_or(path).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_numbered_and_never_reused() {
        let folder = tempfile::tempdir().unwrap();
        let names: Vec<_> = (0..3)
            .map(|_| free_folder(folder.path(), "lenet5").unwrap())
            .map(|path| path.file_name().unwrap().to_owned())
            .collect();
        assert_eq!(names, ["lenet5-001", "lenet5-002", "lenet5-003"]);
    }

    #[test]
    fn a_folder_that_cannot_be_is_found_at_once() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let below = file.path().join("out");
        let error = format!("{:#}", run_folder(Some(&below), "lenet5").unwrap_err());
        assert!(
            error.starts_with(&format!("--out {}: the folder cannot be made: ", below.display())),
            "{error}"
        );
    }
}
