//! `cargo xtask ci`: the project's check, as the server runs it.

use crate::workspace;
use anyhow::{Context, Result, bail};
use std::process::Command;

/// Run the project's check: format, lints, tests, documentation, and short real runs.
///
/// This starts the script .ci/run, which needs a Rust toolchain and nothing else. It takes several
/// minutes.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo xtask ci
  .ci/run                    # the same")]
pub struct Args {}

pub fn run(_: &Args) -> Result<()> {
    let script = workspace::root()?.join(".ci").join("run");
    let status = Command::new(&script)
        .status()
        .with_context(|| format!("{}: the script cannot be run", script.display()))?;
    if !status.success() {
        bail!("the check failed: {status}");
    }
    Ok(())
}
