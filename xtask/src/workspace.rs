//! Where the workspace is, and where a run's files go.

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of the workspace: what cargo says, or else the nearest one above that looks like it.
pub fn root() -> Result<PathBuf> {
    let here = std::env::current_dir().context("the current directory cannot be read")?;
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let start = manifest.unwrap_or(here);
    let found = start.ancestors().find(|folder| folder.join("Cargo.lock").is_file());
    Ok(found.unwrap_or(&start).to_owned())
}

/// Cargo, the one that runs this program where one does.
pub fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// `folder`, made if need be; without one, the first of `target/runs/NAME-001`, `-002` ... that
/// is free. Either way a file can be written there, which is better known before training than
/// after.
pub fn run_folder(folder: Option<&Path>, name: &str) -> Result<PathBuf> {
    let folder = match folder {
        Some(folder) => {
            std::fs::create_dir_all(folder).with_context(|| {
                format!("--out {}: the folder cannot be made", folder.display())
            })?;
            folder.to_owned()
        }
        None => free_folder(&runs()?, name)?,
    };
    tempfile::tempfile_in(&folder)
        .with_context(|| format!("{}: no file can be written there", folder.display()))?;
    Ok(folder)
}

/// Where runs go that are not told where.
pub fn runs() -> Result<PathBuf> {
    Ok(root()?.join("target").join("runs"))
}

/// The folders below `runs` that hold a file of this name, the newest file first.
pub fn newest_with(runs: &Path, file: &str) -> Vec<PathBuf> {
    let folders = std::fs::read_dir(runs).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut dated: Vec<_> = folders
        .filter_map(|folder| {
            let written = folder.join(file).metadata().and_then(|data| data.modified()).ok()?;
            Some((written, folder))
        })
        .collect();
    dated.sort_unstable_by(|a, b| b.cmp(a));
    dated.into_iter().map(|(_, folder)| folder).collect()
}

/// The first of `NAME-001`, `-002` ... that is free below `runs`, made.
pub fn free_folder(runs: &Path, name: &str) -> Result<PathBuf> {
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
pub fn shown(path: &Path) -> String {
    let here = std::env::current_dir().ok();
    let relative = here.as_deref().and_then(|here| path.strip_prefix(here).ok());
    relative.unwrap_or(path).display().to_string()
}

/// The same as one word of a command, in quotes where a shell would read it otherwise.
pub fn argument(path: &Path) -> String {
    let path = shown(path);
    let plain = |c: char| c.is_alphanumeric() || "-_./+=@,".contains(c);
    if path.chars().all(plain) { path } else { format!("'{}'", path.replace('\'', r"'\''")) }
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
    fn an_argument_is_one_word_to_a_shell() {
        assert_eq!(argument(Path::new("runs/lenet5-001")), "runs/lenet5-001");
        assert_eq!(argument(Path::new("my run")), "'my run'");
        assert_eq!(argument(Path::new("it's")), r"'it'\''s'");
    }

    #[test]
    fn the_newest_run_is_the_one_whose_file_is() {
        let runs = tempfile::tempdir().unwrap();
        for (name, seconds) in [("a", 5), ("b", 9), ("c", 7)] {
            let folder = runs.path().join(name);
            std::fs::create_dir(&folder).unwrap();
            let file = std::fs::File::create(folder.join("history.json")).unwrap();
            file.set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds))
                .unwrap();
        }
        std::fs::create_dir(runs.path().join("unfinished")).unwrap();
        let newest = newest_with(runs.path(), "history.json");
        assert_eq!(newest, ["b", "c", "a"].map(|name| runs.path().join(name)));
        assert!(newest_with(&runs.path().join("a"), "history.json").is_empty());
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
