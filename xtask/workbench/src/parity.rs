//! `cargo xtask parity`: makes `PARITY.md` of what the tests measured.

mod page;
mod records;

use anyhow::{Context, Result, bail};
use page::Page;
use std::io::Write;
use std::path::{Path, PathBuf};
use xtask::{output, workspace};

/// The variable that makes the tests leave records: `reference::VARIABLE`, which is no dependency
/// of this program because only tests need that crate.
const VARIABLE: &str = "SPORELET_PARITY";

/// The crates whose tests compare with other systems.
const CRATES: [&str; 6] = ["autodiff", "layers", "optim", "datasets", "train", "interchange"];

/// Compare every piece with PyTorch, MindSpore and others, and write PARITY.md.
///
/// Runs the tests, which hold the numbers of the other systems, and gathers what they measured.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo xtask parity
  cargo xtask parity --check --records records   # after SPORELET_PARITY=records cargo test")]
pub(crate) struct Args {
    /// Only compare PARITY.md with what the tests find: every row must be there, and no other.
    #[arg(long)]
    check: bool,

    /// Take the records that an earlier run of the tests left in this folder.
    #[arg(long, value_name = "DIR")]
    records: Option<PathBuf>,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<()> {
    let page = match &args.records {
        Some(folder) => Page::of(records::read(folder)?),
        None => {
            let folder = tempfile::tempdir().context("no folder for the records can be made")?;
            run_tests(folder.path())?;
            Page::of(records::read(folder.path())?)
        }
    };
    let path = workspace::root()?.join("PARITY.md");
    let shown = workspace::shown(&path);
    if args.check {
        let text = std::fs::read_to_string(&path).with_context(|| shown.clone())?;
        let wrong = page.differences(&text);
        if !wrong.is_empty() {
            bail!("{shown} is not what the tests find; run cargo xtask parity\n{wrong}");
        }
        output::note(format_args!("{shown} has the rows that the tests find"));
        return Ok(());
    }
    let text = page.to_markdown();
    datasets::files::atomic_write(&path, |file| file.write_all(text.as_bytes()))
        .with_context(|| shown.clone())?;
    output::note(format_args!("{shown}: {}", page.counts()));
    Ok(())
}

fn run_tests(folder: &Path) -> Result<()> {
    let mut command = workspace::cargo();
    command.args(["test", "--quiet", "--lib", "--tests", "--all-features"]).env(VARIABLE, folder);
    command.current_dir(workspace::root()?);
    for name in CRATES {
        command.args(["-p", name]);
    }
    // The tests' own words are no result of this command.
    command.stdout(std::io::stderr());
    let status = command.status().context("cargo cannot be run")?;
    if !status.success() {
        bail!("the tests failed; nothing was written");
    }
    Ok(())
}
