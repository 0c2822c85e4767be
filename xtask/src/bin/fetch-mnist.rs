//! Fetches the files of a data set: the part of `cargo xtask fetch-mnist` that needs an HTTP
//! client.
#![forbid(unsafe_code)]

use anyhow::Result;
use clap::Parser;
use datasets::download::{Event, Fetcher};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use xtask::fetch_mnist::{Args, tell_file};
use xtask::output::{error, result};

#[derive(Debug, Parser)]
#[command(name = "fetch-mnist", version)]
struct Cli {
    #[command(flatten)]
    args: Args,
}

fn main() -> ExitCode {
    match run(&Cli::parse().args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            error(format_args!("{cause:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<()> {
    let source = args.source()?;
    let folder = args.dir.clone().unwrap_or_else(|| Path::new("data").join(source.name));
    result(format_args!("{}: {}", source.title, folder.display()));
    let fetcher = Fetcher::new(*source, &folder).force(args.force);
    let fetcher = args.mirror.iter().fold(fetcher, Fetcher::mirror);
    let bar = ProgressBar::no_length().with_style(
        ProgressStyle::with_template(
            "  {msg} {bar:30} {decimal_bytes:>10} of {decimal_total_bytes} {decimal_bytes_per_sec} {eta}",
        )?
        .progress_chars("━╸ "),
    );
    let files = fetcher.fetch(&mut |event| show(&bar, &event));
    bar.finish_and_clear();
    let files = files?;
    for file in &files {
        let origin = file.url.as_ref().map_or("already there".into(), |url| format!("from {url}"));
        tell_file(&file.path, file.bytes, &origin);
    }
    if files.iter().all(|file| file.url.is_none()) {
        result(format_args!("Nothing was fetched."));
    }
    Ok(())
}

/// Shows progress on standard error: a bar on a terminal, a line per mishap anywhere.
fn show(bar: &ProgressBar, event: &Event<'_>) {
    let line = |text: String| {
        bar.suspend(|| {
            let _ = writeln!(std::io::stderr(), "  {text}");
        });
    };
    match event {
        Event::Started { url, resumed, total } => {
            bar.reset();
            bar.set_message(url.rsplit('/').next().unwrap_or(url).to_string());
            match total {
                Some(total) => bar.set_length(*total),
                None => bar.unset_length(),
            }
            bar.set_position(*resumed);
            // The rate is that of this transfer, not of the bytes that were there before.
            bar.reset_eta();
        }
        Event::Advanced { bytes } => bar.inc(*bytes),
        Event::Damaged { path, difference } => {
            line(format!("{} is not the published file: {difference}", path.display()));
        }
        Event::Failed { url, cause, retry_in } => match retry_in {
            Some(pause) => line(format!("{url}: {cause}; again in {:.1} s", pause.as_secs_f64())),
            None => line(format!("{url}: {cause}")),
        },
        _ => {}
    }
}
