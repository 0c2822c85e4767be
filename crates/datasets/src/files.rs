//! Files that are written whole or not at all.

use crate::{Error, Result};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// How the names of temporary files begin and end.
const PREFIX: &str = ".";
const SUFFIX: &str = ".tmp";

/// Writes the file at `path` by `write`: whoever opens it finds the old file or the complete new
/// one, also after a crash or a power cut.
///
/// The data goes to a temporary file in the same folder, which is synced, renamed onto `path`, and
/// its folder synced. If anything fails, the temporary file is removed and an existing file stays
/// as it was. Where `path` is a symbolic link, the file it points to is replaced.
///
/// ```
/// use std::io::Write;
/// # let folder = tempfile::tempdir().unwrap();
/// let path = folder.path().join("weights.bin");
/// datasets::files::atomic_write(&path, |file| file.write_all(b"3.14"))?;
/// assert_eq!(std::fs::read(&path).unwrap(), b"3.14");
/// # Ok::<(), datasets::Error>(())
/// ```
///
/// # Errors
/// [`Error::Io`], which names the path, if the folder does not exist or cannot be written to, if
/// `write` fails, or if the disk is full.
pub fn atomic_write(
    path: impl AsRef<Path>,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> Result<()> {
    let path = path.as_ref();
    let target = if path.is_symlink() {
        fs::canonicalize(path).map_err(|cause| Error::io(path, "follow the link", cause))?
    } else {
        path.to_path_buf()
    };
    let folder = folder_of(&target);
    let beside = |cause| Error::io(path, "create a temporary file beside it", cause);
    // Looked at first, as the error of making the file would name the temporary file, too.
    if !fs::metadata(&folder).map_err(beside)?.is_dir() {
        return Err(beside(io::ErrorKind::NotADirectory.into()));
    }
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX).suffix(SUFFIX);
    // Temporary files are private by default, but this one stays: the usual mode, less the umask.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder).map_err(beside)?;
    write(file.as_file_mut()).map_err(|cause| Error::io(path, "write the file", cause))?;
    file.as_file().sync_all().map_err(|cause| Error::io(path, "sync the file", cause))?;
    file.persist(&target).map_err(|error| Error::io(path, "replace the file", error.error))?;
    sync_folder(&target).map_err(|cause| Error::io(path, "sync the folder of the file", cause))
}

/// Deletes the temporary files that [`atomic_write`] has left in a folder where its process was killed;
/// nothing where there is no such folder.
///
/// Nobody else may be writing there: what they have begun would be taken away.
///
/// # Errors
/// [`Error::Io`], which names the folder or the file, where one cannot be read or the other not be
/// deleted.
pub fn remove_leftovers(folder: impl AsRef<Path>) -> Result<()> {
    let folder = folder.as_ref();
    let entries = match fs::read_dir(folder) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(|cause| Error::io(folder, "read the folder", cause))?,
    };
    for entry in entries {
        let entry = entry.map_err(|cause| Error::io(folder, "read the folder", cause))?;
        let (name, path) = (entry.file_name(), entry.path());
        let name = name.as_encoded_bytes();
        if name.starts_with(PREFIX.as_bytes())
            && name.ends_with(SUFFIX.as_bytes())
            && path.is_file()
        {
            match fs::remove_file(&path) {
                // Whoever has taken it away has saved us the work.
                Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
                    return Err(Error::io(&path, "delete the temporary file", cause));
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// The folder that holds `path`; the current one for a bare name.
pub(crate) fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

/// Makes a rename within the folder of `path` last. Windows has no such call and needs none.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder_of(path))?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn leftovers_of_a_killed_process_go_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        for name in [".a1b2.tmp", ".lock", "my.tmp", "weights.safetensors"] {
            fs::write(folder.path().join(name), "half a").unwrap();
        }
        fs::create_dir(folder.path().join(".folder.tmp")).unwrap();
        remove_leftovers(folder.path()).unwrap();
        let mut left = names(folder.path());
        left.sort_unstable();
        assert_eq!(left, [".folder.tmp", ".lock", "my.tmp", "weights.safetensors"]);
        remove_leftovers(folder.path().join("none")).unwrap();
    }

    #[test]
    fn replaces_the_whole_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        for text in ["a long first text", "short"] {
            atomic_write(&path, |file| file.write_all(text.as_bytes())).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(names(folder.path()), ["file"]);
    }

    #[test]
    fn a_failure_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "old").unwrap();
        let error = atomic_write(&path, |file| {
            file.write_all(b"half of the n")?;
            Err(io::Error::other("out of ideas"))
        });
        let message = format!("`{}`: cannot write the file: out of ideas", path.display());
        assert_eq!(error.unwrap_err().to_string(), message);
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(names(folder.path()), ["file"]);
    }

    #[test]
    fn a_folder_that_is_no_folder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let path = file.join("inside");
        let message = |path: &Path| atomic_write(path, |_| Ok(())).unwrap_err().to_string();
        let told = |path: &Path, cause: &str| {
            format!("`{}`: cannot create a temporary file beside it: {cause}", path.display())
        };
        assert_eq!(message(&path), told(&path, "not a directory"));
        let path = folder.path().join("missing").join("inside");
        let missing = fs::read(&path).unwrap_err();
        assert_eq!(message(&path), told(&path, &missing.to_string()));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_and_the_mode_is_the_usual_one() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "old").unwrap();
        let usual = fs::metadata(&file).unwrap().permissions().mode();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        atomic_write(&link, |file| file.write_all(b"new")).unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode(), usual);
    }
}
