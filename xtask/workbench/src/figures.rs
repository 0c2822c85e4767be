//! `cargo xtask figures`: the chapter's figures, drawn from what the crates compute.

mod activations;
mod lenet;
mod regions;

use anyhow::{Context, Result, bail};
use std::io::Write;
use std::path::PathBuf;
use xtask::chart::Figure;
use xtask::output::{note, result};
use xtask::workspace;

/// Draw the chapter's figures as SVG files.
///
/// Each is computed by the library: curves by automatic differentiation, regions and histories by
/// networks that are trained on the spot. The same seed gives the same bytes. The pictures follow
/// a browser's light or dark scheme.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo xtask figures
  cargo xtask figures --only activations --out book/pictures")]
pub(crate) struct Args {
    /// The folder for the files [default: target/figures].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Only figures whose name contains this.
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
    /// The seed of everything random: data, first weights and the order of samples.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The folder of MNIST's four IDX files, as for train-lenet.
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

/// A figure: the name of its file, and what draws it.
type Entry = (&'static str, fn(&Args) -> Result<Figure>);

const FIGURES: &[Entry] = &[
    ("activations", |_| activations::figure()),
    ("decision-regions", |args| regions::figure(args.seed)),
    ("lenet5-training", |args| lenet::figure(args.seed, args.data_dir.as_deref())),
];

pub(crate) fn run(args: &Args) -> Result<()> {
    let wanted = |name: &str| args.only.as_ref().is_none_or(|only| name.contains(only.as_str()));
    let chosen: Vec<_> = FIGURES.iter().filter(|(name, _)| wanted(name)).collect();
    if let (true, Some(only)) = (chosen.is_empty(), &args.only) {
        let names: Vec<_> = FIGURES.iter().map(|(name, _)| *name).collect();
        bail!("--only {only}: no figure's name contains that; there are {}", names.join(", "));
    }
    let out = match &args.out {
        Some(out) => out.clone(),
        None => workspace::root()?.join("target").join("figures"),
    };
    std::fs::create_dir_all(&out)
        .with_context(|| format!("--out {}: the folder cannot be made", out.display()))?;
    for (name, draw) in chosen {
        note(format_args!("drawing {name}"));
        let path = out.join(format!("{name}.svg"));
        let svg = draw(args)?.to_svg();
        datasets::files::atomic_write(&path, |file| file.write_all(svg.as_bytes()))?;
        result(format_args!("{}", workspace::shown(&path)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(out: &std::path::Path, only: &str) -> Args {
        Args { out: Some(out.to_owned()), only: Some(only.to_owned()), seed: 1, data_dir: None }
    }

    #[test]
    fn a_second_run_writes_the_same_bytes() {
        let folders = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let [first, second] = folders.each_ref().map(|folder| {
            run(&args(folder.path(), "activations")).unwrap();
            std::fs::read(folder.path().join("activations.svg")).unwrap()
        });
        assert!(first.starts_with(b"<svg ") && first == second);
    }

    #[test]
    fn a_figure_that_does_not_exist_is_told_with_those_that_do() {
        let folder = tempfile::tempdir().unwrap();
        let error = run(&args(folder.path(), "fig. 9")).unwrap_err().to_string();
        let start = "--only fig. 9: no figure's name contains that; there are activations, ";
        assert!(error.starts_with(start), "{error}");
    }
}
