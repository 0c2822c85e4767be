//! The options of `fetch-mnist`, and how it tells what there is: shared by `cargo xtask` and the
//! program that fetches.

use crate::output::{result, thousands};
use anyhow::{Context, Result};
use clap::builder::PossibleValuesParser;
use datasets::sources::{SOURCES, Source};
use std::path::{Path, PathBuf};

/// Fetch the MNIST files, or those of a data set made like them, and verify their content.
///
/// Files that are there and verified are not fetched again; a damaged file is replaced only by a
/// good one. A broken transfer is resumed when the command is run again. The variables HTTP_PROXY,
/// HTTPS_PROXY and NO_PROXY are honoured.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    cargo xtask fetch-mnist\n  \
    cargo xtask fetch-mnist --dataset fashion-mnist\n  \
    cargo xtask fetch-mnist --mirror https://mirror.example/mnist/ --force")]
pub struct Args {
    /// Which data set.
    #[arg(long, value_name = "NAME", default_value = "mnist",
        value_parser = PossibleValuesParser::new(SOURCES.map(|source| source.name)))]
    pub dataset: String,
    /// The folder for the files [default: data/NAME in the workspace]
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// A server to ask before the usual ones, which has the .gz files under this address; may be
    /// given several times.
    #[arg(long, value_name = "URL")]
    pub mirror: Vec<String>,
    /// Fetch the files even if they are there and verified.
    #[arg(long)]
    pub force: bool,
}

impl Args {
    pub fn source(&self) -> Result<&'static Source> {
        Source::by_name(&self.dataset)
            .with_context(|| format!("there is no data set `{}`", self.dataset))
    }
}

/// Prints what is known of a file that is in its place.
pub fn tell_file(path: &Path, bytes: u64, origin: &str) {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let bytes = thousands(bytes as usize);
    result(format_args!("  {name:<27} {bytes:>10} bytes  verified, {origin}"));
}
