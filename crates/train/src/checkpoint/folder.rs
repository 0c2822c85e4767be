//! A folder of training checkpoints: names, and which files may go.

use crate::{Error, Result};
use std::path::{Path, PathBuf};

/// The file of a checkpoint after so many steps.
pub(super) fn file_name(global_step: usize) -> String {
    format!("step-{global_step:09}.safetensors")
}

/// The steps and files of a folder's checkpoints, oldest first; none where there is no folder.
pub(super) fn checkpoints(folder: &Path) -> Result<Vec<(usize, PathBuf)>> {
    let mut found: Vec<_> = names(folder)?
        .into_iter()
        .filter_map(|(name, path)| {
            let step = name.strip_prefix("step-")?.strip_suffix(".safetensors")?;
            Some((step.parse().ok()?, path))
        })
        .collect();
    found.sort_unstable();
    Ok(found)
}

/// Deletes what goes beyond the last `keep` checkpoints up to the one after `newest` steps, which has
/// just been written whole. Later ones are damaged, or of a past that is being done again.
pub(super) fn prune(folder: &Path, newest: usize, keep: usize) -> Result<()> {
    let (later, mut kept): (Vec<_>, Vec<_>) =
        checkpoints(folder)?.into_iter().partition(|(step, _)| *step > newest);
    kept.truncate(kept.len().saturating_sub(keep));
    later.into_iter().chain(kept).try_for_each(|(_, path)| remove(&path))
}

/// Names and paths of a folder's entries.
fn names(folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let fail = |error: std::io::Error| Error::File {
        path: folder.to_owned(),
        detail: format!("the directory of checkpoints could not be read: {error}"),
    };
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        names.extend(entry.file_name().into_string().ok().map(|name| (name, entry.path())));
    }
    Ok(names)
}

/// Deletes a file; whoever has taken it away has saved us the work.
pub(crate) fn remove(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::File {
            path: path.to_owned(),
            detail: format!("the old checkpoint could not be deleted: {error}"),
        }),
        _ => Ok(()),
    }
}
