//! Small data, folders that go away, and the program.

use datasets::Mnist;
use datasets::idx::IdxArray;
use ndarray::s;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;
use tempfile::TempDir;

/// How many images there are to train on, and to test with.
const IMAGES: [usize; 2] = [320, 64];

static DATA: LazyLock<TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    write_data(folder.path(), 0);
    folder
});

/// The folder of the workspace.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap()
}

/// The folder of a few images of MNIST.
pub(crate) fn data() -> &'static Path {
    DATA.path()
}

/// Writes a few images of MNIST from number `first` on as IDX files.
pub(crate) fn write_data(folder: &Path, first: usize) {
    write_images(folder, first, IMAGES);
}

/// Writes so many images to train on, and to test with, from number `first` on as IDX files.
pub(crate) fn write_images(folder: &Path, first: usize, counts: [usize; 2]) {
    let mnist = Mnist::load_default().unwrap();
    let sets = [("train", &mnist.train), ("t10k", &mnist.test)];
    for ((name, set), count) in sets.into_iter().zip(counts) {
        let images = set.images().slice(s![first..first + count, .., ..]).to_owned();
        let labels = ndarray::arr1(&set.labels()[first..first + count]);
        let file = |what| folder.join(format!("{name}-{what}-ubyte"));
        IdxArray::U8(images.into_dyn()).write_file(file("images-idx3")).unwrap();
        IdxArray::U8(labels.into_dyn()).write_file(file("labels-idx1")).unwrap();
    }
}

/// The program of `cargo xtask` with all commands, with arguments.
pub(crate) fn run(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_workbench"));
    command.args(arguments);
    command
}

/// `xtask train-lenet` with arguments.
pub(crate) fn program(arguments: &[&str]) -> Command {
    run(&[&["train-lenet"], arguments].concat())
}

/// The same, on the few images.
pub(crate) fn few_images(arguments: &[&str]) -> Command {
    let mut command = program(arguments);
    command.env("SPORELET_DATA_DIR", data());
    command
}

/// The same, on two threads.
pub(crate) fn train(arguments: &[&str]) -> Command {
    let mut command = few_images(arguments);
    command.args(["--threads", "2"]);
    command
}

/// Runs it to its good end.
pub(crate) fn succeed(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", stderr(&output));
    output
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A folder for runs.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Folder(tempfile::tempdir().unwrap())
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A path as an argument.
    pub(crate) fn path(&self, name: &str) -> String {
        self.file(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.file(name)).unwrap()
    }

    /// The names of all files in one of its folders, sorted.
    pub(crate) fn names(&self, name: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.file(name)).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort_unstable();
        names
    }
}
