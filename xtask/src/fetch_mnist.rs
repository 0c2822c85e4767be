//! `cargo xtask fetch-mnist`: verifies the files that are there, and has the rest fetched.
//!
//! The HTTP client would more than double the time that `cargo xtask` takes to build, for a
//! command that is seldom needed. So it lives in a program of its own, which is built and run only
//! when something must be fetched.

mod args;

pub use args::{Args, tell_file};

use crate::elsewhere::Program;
use crate::output::result;
use crate::workspace;
use anyhow::{Context, Result};
use datasets::FileState;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The program that fetches.
const FETCHER: Program = Program { package: "xtask", name: "fetch-mnist", features: "download" };

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    let root = workspace::root()?;
    let folder = args.dir.clone().unwrap_or_else(|| root.join("data").join(&args.dataset));
    if !args.force
        && let Some(files) = all_verified(args, &folder)?
    {
        result(format_args!("{}: {}", args.source()?.title, workspace::shown(&folder)));
        for path in files {
            let bytes = path.metadata().with_context(|| path.display().to_string())?.len();
            tell_file(&path, bytes, "already there");
        }
        result(format_args!("Nothing was fetched."));
        return Ok(());
    }
    FETCHER.run(arguments(args, &folder))
}

/// The paths of the files if all are there and verified.
fn all_verified(args: &Args, folder: &Path) -> Result<Option<Vec<PathBuf>>> {
    let mut paths = Vec::new();
    for file in args.source()?.files {
        match file.check_in(folder)? {
            FileState::Verified(path) => paths.push(path),
            FileState::Missing | FileState::Different(..) => return Ok(None),
        }
    }
    Ok(Some(paths))
}

fn arguments(args: &Args, folder: &Path) -> Vec<OsString> {
    let mut list: Vec<OsString> = vec!["--dataset".into(), (&args.dataset).into()];
    list.extend(["--dir".into(), folder.into()]);
    for url in &args.mirror {
        list.extend(["--mirror".into(), url.into()]);
    }
    if args.force {
        list.push("--force".into());
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Cli {
        #[command(flatten)]
        args: Args,
    }

    #[test]
    fn the_fetching_program_gets_the_same_arguments() {
        let given = [
            "fetch-mnist",
            "--dataset",
            "kmnist",
            "--dir",
            "a b",
            "--mirror",
            "http://one",
            "--mirror",
            "http://two",
            "--force",
        ];
        let args = Cli::parse_from(given).args;
        assert_eq!(arguments(&args, Path::new("a b")), given[1..]);
        let args = Cli::parse_from(["fetch-mnist"]).args;
        assert_eq!(arguments(&args, Path::new("d")), ["--dataset", "mnist", "--dir", "d"]);
        assert_eq!(args.source().unwrap().name, "mnist");
    }

    #[test]
    fn an_unknown_data_set_is_refused_with_the_names_of_those_known() {
        let error = Cli::try_parse_from(["fetch-mnist", "--dataset", "mnits"]).unwrap_err();
        let message = error.to_string();
        assert!(message.contains("[possible values: mnist, fashion-mnist, kmnist]"), "{message}");
    }

    #[test]
    fn the_files_of_the_workspace_are_the_published_ones() {
        let args = Cli::parse_from(["fetch-mnist"]).args;
        let folder = workspace::root().unwrap().join("data").join("mnist");
        assert_eq!(all_verified(&args, &folder).unwrap().unwrap().len(), 4);
        assert_eq!(all_verified(&args, Path::new("nowhere")).unwrap(), None);
    }
}
