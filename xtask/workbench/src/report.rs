//! `cargo xtask report`: what a run was and what came of it, on one page.

mod charts;
mod contents;
mod evaluation;
mod page;
mod picture;
mod record;

use anyhow::{Context, Result};
use contents::Contents;
use datasets::files::atomic_write;
use std::io::Write;
use std::path::{Path, PathBuf};
use xtask::output::{note, result};
use xtask::workspace;

/// The folder for the pictures, within that of the run.
const PICTURES: &str = "report";

/// Write a report of a run: one HTML page with its curves, mistakes, filters and settings.
///
/// The page needs nothing but itself, follows the viewer's light or dark scheme, and fits a phone.
/// Its pictures are also written as files, SVG and PNG, into the folder `report` of the run. Runs
/// are made by train-lenet; the weights are tried on the test images again.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo xtask report                       # of the newest run
  cargo xtask report target/runs/lenet5-001
  cargo xtask report my-run --out for-the-web/index.html")]
pub(crate) struct Args {
    /// The folder of the run [default: the newest under target/runs].
    #[arg(value_name = "RUN_DIR")]
    run: Option<PathBuf>,
    /// The folder of the data that the run began with [default: where it was then].
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// The file for the page [default: report.html in the folder of the run].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let folder = match &args.run {
        Some(folder) => folder.clone(),
        None => {
            let runs = workspace::runs()?;
            let newest = workspace::newest_with(&runs, "history.json").into_iter().next();
            newest.with_context(|| {
                let runs = workspace::shown(&runs);
                format!("no finished run under {runs}: cargo xtask train-lenet makes one")
            })?
        }
    };
    let page = write(&folder, args.data_dir.as_deref(), args.out.as_deref())?;
    note(format_args!("pictures  {}", workspace::shown(&folder.join(PICTURES))));
    result(format_args!("{}", workspace::shown(&page)));
    Ok(())
}

/// Writes the report of the run in `folder`, its page to `out` or else beside the run's other
/// files; returns where the page is.
pub(crate) fn write(folder: &Path, data_dir: Option<&Path>, out: Option<&Path>) -> Result<PathBuf> {
    let contents = Contents::of(folder, data_dir)?;
    let html = page::page(&contents)?;
    let pictures = folder.join(PICTURES);
    std::fs::create_dir_all(&pictures)
        .with_context(|| format!("{}: the folder cannot be made", pictures.display()))?;
    remove_stale(&pictures)?;
    for (name, bytes) in contents.files()? {
        atomic_write(pictures.join(name), |file| file.write_all(&bytes))?;
    }
    let page = out.map_or_else(|| folder.join("report.html"), Path::to_owned);
    atomic_write(&page, |file| file.write_all(html.as_bytes()))?;
    Ok(page)
}

/// Removes the pictures whose names depend on what a run found: those of an earlier report would
/// stand among the new ones.
fn remove_stale(pictures: &Path) -> Result<()> {
    for entry in std::fs::read_dir(pictures)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.ends_with(".png") && (name.starts_with("mistake-") || name.starts_with("maps-")) {
            std::fs::remove_file(&path)
                .with_context(|| format!("{}: it cannot be deleted", path.display()))?;
        }
    }
    Ok(())
}
