//! Where the MNIST files are.

use crate::{Error, Result, Searched, SearchedFolder};
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The environment variable that names the folder of the MNIST files.
pub const DATA_DIR_VARIABLE: &str = "SPORELET_DATA_DIR";

const COMMAND: &str = "cargo xtask fetch-mnist";

/// The names of the four files, without `.gz`, as the authors of MNIST gave them.
pub(crate) const TRAIN_IMAGES: &str = "train-images-idx3-ubyte";
pub(crate) const TRAIN_LABELS: &str = "train-labels-idx1-ubyte";
pub(crate) const TEST_IMAGES: &str = "t10k-images-idx3-ubyte";
pub(crate) const TEST_LABELS: &str = "t10k-labels-idx1-ubyte";

/// The paths of the four files of MNIST or of a data set made like it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MnistFiles {
    /// The training images.
    pub train_images: PathBuf,
    /// The training labels.
    pub train_labels: PathBuf,
    /// The test images.
    pub test_images: PathBuf,
    /// The test labels.
    pub test_labels: PathBuf,
}

impl MnistFiles {
    /// Finds the files in `folder`: each as `NAME` or `NAME.gz`, directly in it or in its
    /// subfolder `train` or `test` (as MindSpore's archive has them).
    ///
    /// # Errors
    /// [`Error::FilesNotFound`], which lists what is missing.
    pub fn in_folder(folder: impl AsRef<Path>) -> Result<Self> {
        look_into(folder.as_ref(), "the folder given".into()).map_err(not_found)
    }

    /// Finds the files in `folder` if one is given; else in the folder that [`DATA_DIR_VARIABLE`]
    /// names if it is set; else in `data/mnist` of the current directory or the nearest folder
    /// above it that has the files.
    ///
    /// # Errors
    /// [`Error::FilesNotFound`], which lists every folder that was looked into.
    pub fn find(folder: Option<&Path>) -> Result<Self> {
        let current = env::current_dir()
            .map_err(|cause| Error::io(".", "name the current directory", cause))?;
        Self::find_from(folder, env::var_os(DATA_DIR_VARIABLE), &current)
    }

    fn find_from(folder: Option<&Path>, named: Option<OsString>, current: &Path) -> Result<Self> {
        if let Some(folder) = folder {
            return Self::in_folder(folder);
        }
        if let Some(folder) = named.filter(|value| !value.is_empty()) {
            let reason = format!("named by {DATA_DIR_VARIABLE}");
            return look_into(Path::new(&folder), reason).map_err(not_found);
        }
        Self::search(current.ancestors())
    }

    fn search<'a>(folders: impl Iterator<Item = &'a Path>) -> Result<Self> {
        let mut searched = Vec::new();
        for folder in folders {
            match look_into(&folder.join("data").join("mnist"), "searched upward".into()) {
                Ok(files) => return Ok(files),
                Err(folder) => searched.extend(folder),
            }
        }
        Err(not_found(searched))
    }
}

/// The file called `name` in `folder`, under any of the names and in any of the places known.
pub(crate) fn locate(folder: &Path, name: &str) -> Option<PathBuf> {
    let subfolder = if name.starts_with("train") { "train" } else { "test" };
    let places = [folder.to_path_buf(), folder.join(subfolder)];
    let candidates =
        places.iter().flat_map(|place| [place.join(name), place.join(format!("{name}.gz"))]);
    candidates.into_iter().find(|path| path.exists())
}

fn look_into(folder: &Path, reason: String) -> Result<MnistFiles, Vec<SearchedFolder>> {
    let mut missing = Vec::new();
    let mut file = |name: &str| {
        locate(folder, name).unwrap_or_else(|| {
            missing.push(name.to_string());
            PathBuf::new()
        })
    };
    let files = MnistFiles {
        train_images: file(TRAIN_IMAGES),
        train_labels: file(TRAIN_LABELS),
        test_images: file(TEST_IMAGES),
        test_labels: file(TEST_LABELS),
    };
    if missing.is_empty() {
        return Ok(files);
    }
    let found = match folder {
        folder if folder.is_dir() => Searched::FolderWithout(missing),
        folder if folder.exists() => Searched::File,
        _ => Searched::Nothing,
    };
    Err(vec![SearchedFolder { path: folder.into(), reason, found }])
}

fn not_found(searched: Vec<SearchedFolder>) -> Error {
    Error::FilesNotFound { searched, command: COMMAND }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const NAMES: [&str; 4] = [TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS];

    #[test]
    fn finds_the_nearest_folder_above_that_has_the_files() {
        let root = tempfile::tempdir().unwrap();
        let (full, empty) = (root.path().join("data/mnist"), root.path().join("a/data/mnist"));
        let start = root.path().join("a/b/c");
        for folder in [&full, &empty, &start] {
            fs::create_dir_all(folder).unwrap();
        }
        for name in NAMES {
            fs::write(full.join(format!("{name}.gz")), "").unwrap();
        }
        let files = MnistFiles::search(start.ancestors()).unwrap();
        assert_eq!(files.test_labels, full.join("t10k-labels-idx1-ubyte.gz"));
    }

    /// A folder that is named is the one meant: no other is taken in its place.
    #[test]
    fn a_named_folder_comes_before_the_search() {
        let root = tempfile::tempdir().unwrap();
        let [given, named, found] = ["given", "named", "data/mnist"].map(|name| {
            let folder = root.path().join(name);
            fs::create_dir_all(&folder).unwrap();
            for file in NAMES {
                fs::write(folder.join(file), "").unwrap();
            }
            folder
        });
        let find = |folder: Option<&Path>, variable: Option<&Path>| {
            MnistFiles::find_from(folder, variable.map(Into::into), root.path())
        };
        let folder_of =
            |files: Result<MnistFiles>| files.unwrap().train_images.parent().unwrap().to_owned();
        assert_eq!(folder_of(find(Some(&given), Some(&named))), given);
        assert_eq!(folder_of(find(None, Some(&named))), named);
        assert_eq!(folder_of(find(None, Some(Path::new("")))), found);
        assert_eq!(folder_of(find(None, None)), found);
        let missing = root.path().join("missing");
        let message = find(None, Some(&missing)).unwrap_err().to_string();
        let line = format!("`{}` (named by SPORELET_DATA_DIR): no such folder", missing.display());
        assert!(message.contains(&line), "{message}");
    }

    #[test]
    fn finds_plain_and_packed_files_and_the_folders_of_mindspore() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        for folder in ["train", "test"] {
            fs::create_dir(root.join(folder)).unwrap();
        }
        let places = [
            "train/train-images-idx3-ubyte",
            "train-labels-idx1-ubyte.gz",
            "test/t10k-images-idx3-ubyte.gz",
            "t10k-labels-idx1-ubyte",
        ];
        for place in places {
            fs::write(root.join(place), "").unwrap();
        }
        let MnistFiles { train_images, train_labels, test_images, test_labels } =
            MnistFiles::in_folder(root).unwrap();
        let found = [train_images, train_labels, test_images, test_labels];
        assert_eq!(found, places.map(|place| root.join(place)));
    }

    #[test]
    fn says_where_it_looked_and_how_to_get_the_files() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        let error = MnistFiles::in_folder(root.join("nowhere")).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "the MNIST files were not found; looked in\n  `{}` (the folder given): no such folder\n\
                 get them with `cargo xtask fetch-mnist`, or name the folder that holds them",
                root.join("nowhere").display()
            )
        );
        fs::write(root.join("file"), "").unwrap();
        let error = MnistFiles::in_folder(root.join("file")).unwrap_err().to_string();
        assert!(error.contains("(the folder given): a file, expected a folder\n"), "{error}");
        fs::write(root.join(TRAIN_IMAGES), "").unwrap();
        fs::write(root.join(TRAIN_LABELS), "").unwrap();
        let error = MnistFiles::in_folder(root).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "the MNIST files were not found; looked in\n  `{}` (the folder given): \
                 no t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte (plain or .gz)\n\
                 get them with `cargo xtask fetch-mnist`, or name the folder that holds them",
                root.display()
            )
        );
        let error = MnistFiles::search(root.join("x").ancestors().take(2)).unwrap_err();
        let Error::FilesNotFound { searched, .. } = error else { panic!("{error}") };
        assert_eq!(searched.len(), 2);
        assert_eq!(searched[0].path, root.join("x/data/mnist"));
        assert_eq!(searched[1].path, root.join("data/mnist"));
    }
}
