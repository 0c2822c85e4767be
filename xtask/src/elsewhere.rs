//! The commands of other programs, which are built when they are called for the first time.

use crate::workspace;
use anyhow::{Context, Result};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{self, Command};

/// The commands of the package `workbench`, and what each is for.
pub const COMMANDS: [(&str, &str); 12] = [
    ("bench", "Measure the kernels, training, inference and larger layers on this machine"),
    ("chapter", "Run the commands of CHAPTER.md and compare what they print with what it says"),
    (
        "completions",
        "Print a script that lets a shell complete `xtask`, which it makes short for `cargo \
         xtask`",
    ),
    (
        "explain-backprop",
        "Walk back-propagation through the network of the chapter's fig. 3.4, number by number",
    ),
    (
        "export",
        "Write a trained network for another system: an ONNX model, MindSpore's checkpoint, \
         or PyTorch's or MindSpore's safetensors",
    ),
    ("figures", "Draw the chapter's figures as SVG files"),
    (
        "generalisation",
        "Over-fit a network on a few MNIST images, and measure what helps against it",
    ),
    (
        "import",
        "Take the weights of a network from a file of PyTorch (safetensors), MindSpore (.ckpt \
         or safetensors) or an ONNX model",
    ),
    ("parity", "Compare every piece with PyTorch, MindSpore and others, and write PARITY.md"),
    ("playground", "Serve a page to draw digits on and to see what the networks make of them"),
    ("predict", "Read the handwritten digits in pictures"),
    (
        "report",
        "Write a report of a run: one HTML page with its curves, mistakes, filters and settings",
    ),
];

/// A program of this workspace that is not built together with `cargo xtask`.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    pub package: &'static str,
    pub name: &'static str,
    pub features: &'static str,
}

/// All of `cargo xtask`, with what only its rarer commands need.
pub const WORKBENCH: Program = Program { package: "workbench", name: "workbench", features: "" };

impl Program {
    /// `cargo run` of the program, which builds it where that is needed.
    pub fn command(&self, arguments: impl IntoIterator<Item = OsString>) -> Result<Command> {
        let mut command = workspace::cargo();
        command.args(["run", "--release"]);
        // Cargo tells what it compiles where that takes a while.
        if self.is_built() {
            command.arg("--quiet");
        }
        command.args(["--package", self.package, "--bin", self.name, "--features", self.features]);
        command.arg("--manifest-path").arg(workspace::root()?.join("Cargo.toml"));
        command.arg("--").args(arguments);
        Ok(command)
    }

    /// Becomes the program, as far as the caller can tell.
    pub fn run(&self, arguments: impl IntoIterator<Item = OsString>) -> Result<()> {
        let mut command = self.command(arguments)?;
        let failed = || format!("cargo cannot be run to build the program `{}`", self.name);
        // Of two processes one would be left when a signal ends the other.
        #[cfg(unix)]
        return Err(std::os::unix::process::CommandExt::exec(&mut command)).with_context(failed);
        #[cfg(not(unix))]
        {
            let status = command.status().with_context(failed)?;
            process::exit(status.code().unwrap_or(1));
        }
    }

    /// Whether it has been built before, perhaps from an older source.
    fn is_built(&self) -> bool {
        let here = std::env::current_exe().ok();
        let beside = here.map(|here| here.with_file_name(self.name));
        beside.is_some_and(|path| path.with_extension(std::env::consts::EXE_EXTENSION).is_file())
    }
}

/// Whether these arguments, the program's name left out, are for another program.
pub fn concerns(arguments: &[OsString]) -> bool {
    let is_elsewhere = |word: &OsStr| COMMANDS.iter().any(|(name, _)| word == *name);
    let mut words = arguments.iter().filter(|word| !word.as_encoded_bytes().starts_with(b"-"));
    match words.next() {
        Some(word) if word == "help" => words.next().is_some_and(|word| is_elsewhere(word)),
        Some(word) => is_elsewhere(word),
        None => false,
    }
}

/// Has the report of the run in `folder` written.
pub fn report(folder: &Path, data_dir: Option<&Path>) -> Result<PathBuf> {
    let mut arguments: Vec<OsString> = vec!["report".into(), "--quiet".into()];
    if let Some(data_dir) = data_dir {
        arguments.extend(["--data-dir".into(), data_dir.into()]);
    }
    arguments.extend(["--".into(), folder.into()]);
    let mut command = WORKBENCH.command(arguments)?;
    let status = command
        .stdout(process::Stdio::null())
        .status()
        .context("cargo cannot be run to build the program that writes reports")?;
    anyhow::ensure!(status.success(), "the report could not be written; the run itself is whole");
    Ok(folder.join("report.html"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_is_the_first_word_or_what_help_is_asked_about() {
        let concerns =
            |line: &str| concerns(&line.split_whitespace().map(OsString::from).collect::<Vec<_>>());
        for line in ["predict a.png", "-q predict", "--quiet bench --help", "help report"] {
            assert!(concerns(line), "{line}");
        }
        for line in ["", "help", "--help", "train-lenet --out report", "help eval", "predictt"] {
            assert!(!concerns(line), "{line}");
        }
    }
}
