//! The files that a run writes: JSON for programs, a Markdown table for readers.

use super::report::{Report, Time, duration, number};
use anyhow::{Context, Result, ensure};
use serde_json::json;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use xtask::output::{note, result};
use xtask::workspace;

const BEGIN: &str = "<!-- bench:begin -->";
const END: &str = "<!-- bench:end -->";

/// Where the results go, besides standard output.
pub(crate) struct Files<'a> {
    json: Option<&'a Path>,
    /// None at all is standard output.
    markdown: Option<&'a [PathBuf]>,
}

impl<'a> Files<'a> {
    /// Checks what can be checked before the measurements rather than after.
    pub(crate) fn new(json: Option<&'a Path>, markdown: Option<&'a [PathBuf]>) -> Result<Self> {
        let tables = markdown.unwrap_or_default();
        for path in json.into_iter().chain(tables.iter().map(PathBuf::as_path)) {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            let folder = folder.unwrap_or(Path::new("."));
            tempfile::tempfile_in(folder)
                .with_context(|| format!("{}: no file can be written there", path.display()))?;
        }
        for path in tables.iter().filter(|path| path.exists()) {
            replaced(&read(path)?, "").with_context(|| path.display().to_string())?;
        }
        Ok(Files { json, markdown })
    }

    pub(crate) fn write(&self, report: &Report) -> Result<()> {
        if let Some(path) = self.json {
            let document = json!({ "machine": report.machine, "results": report.outcomes });
            datasets::files::atomic_write(path, |file| {
                serde_json::to_writer_pretty(&*file, &document)?;
                writeln!(file)
            })?;
            note(format_args!("results   {}", workspace::shown(path)));
        }
        let Some(paths) = self.markdown else { return Ok(()) };
        let table = table(report);
        if paths.is_empty() {
            result(format_args!("\n{table}"));
        }
        for path in paths {
            let text = if path.exists() { &replaced(&read(path)?, &table)? } else { &table };
            datasets::files::atomic_write(path, |file| file.write_all(text.as_bytes()))?;
            note(format_args!("table     {}", workspace::shown(path)));
        }
        Ok(())
    }
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| path.display().to_string())
}

/// `text` with `table` between the lines that mark its place.
fn replaced(text: &str, table: &str) -> Result<String> {
    let places = [BEGIN, END].map(|mark| text.find(mark));
    let [Some(begin), Some(end)] = places else {
        anyhow::bail!("the file has no lines {BEGIN} and {END} to put the table between");
    };
    ensure!(begin < end, "{END} comes before {BEGIN}");
    Ok(format!("{}{BEGIN}\n{}\n{}", &text[..begin], table.trim_end(), &text[end..]))
}

/// The main results.
fn table(report: &Report) -> String {
    let machine = &report.machine;
    let all = machine.threads;
    let mut text = format!(
        "{}, {} of {} processors, {}, {}, Sporelet {}, {}. At best {} GFLOP/s on 1 thread",
        machine.cpu,
        all,
        machine.processors,
        machine.isa,
        machine.rustc,
        machine.version,
        machine.date,
        number(machine.one.peak_gflops),
    );
    if all > 1 {
        let _ = write!(text, " and {} on {all}", number(machine.all.peak_gflops));
    }
    text += " (f32 multiply-adds). Medians.\n\n";
    let several = if all > 1 { format!("{all} threads | % of peak |") } else { String::new() };
    let mut head = format!("| | 1 thread | % of peak | {several}\n|---|---|---|");
    head += if all > 1 { "---|---|\n" } else { "\n" };
    for (label, name, batch) in rows() {
        let one = report.find(name, batch, 1);
        let Some(time) = one.or_else(|| report.find(name, batch, all)) else { continue };
        text += &std::mem::take(&mut head);
        let _ = write!(text, "| {label} |");
        for threads in if all > 1 { vec![1, all] } else { vec![1] } {
            match Some(time).filter(|_| threads == 1).and(one).or(report.find(name, batch, threads))
            {
                Some(time) => text += &cells(time),
                None => text += " | |",
            }
        }
        text.push('\n');
    }
    if !head.is_empty() {
        return text + &super::peers::markdown(report);
    }
    text += "\n¹ Forward pass and the gradients of input, weight and bias.";
    if let Some(memory) = report.value("lenet5_peak_memory") {
        let _ = write!(text, " `train-lenet` takes {} MB of memory at most.", number(memory));
    }
    text.push('\n');
    text + &super::peers::markdown(report)
}

fn cells(time: &Time) -> String {
    let share = time.percent_of_peak.map_or(String::new(), |share| format!("{share:.0}"));
    let rate = match time.images_per_second {
        Some(rate) if time.batch > 1 => format!(" ({} images/s)", number(rate)),
        _ => String::new(),
    };
    format!(" {}{rate} | {share} |", duration(time.us_median))
}

/// Label, name and batch size of the rows of the Markdown table.
fn rows() -> Vec<(String, &'static str, usize)> {
    let mut rows: Vec<(String, &str, usize)> = super::training::BATCHES
        .map(|batch| (format!("training step, batch {batch}"), "lenet5_train_step", batch))
        .into();
    let layer = |label: &str, name, batch| (label.to_owned(), name, batch);
    rows.extend([
        layer("inference, 1 image", "lenet5_inference", 1),
        layer("inference, 10,000 test images", "lenet5_evaluation", 1000),
        layer("start, read weights, classify, exit", "lenet5_cold_start", 1),
        layer("`train-lenet`, 2 epochs, start to exit", "lenet5_train_command", 32),
        layer("conv 64→64 3×3, 56×56, batch 8 ¹", "conv64_56_forward_backward", 8),
        layer("conv 128→128 3×3, 28×28, batch 8 ¹", "conv128_28_forward_backward", 8),
        layer("conv 256→64 1×1, 28×28, batch 8 ¹", "conv1x1_256_28_forward_backward", 8),
        layer(
            "conv 64→128 3×3 stride 2, 56×56, batch 8 ¹",
            "conv_strided_64_56_forward_backward",
            8,
        ),
        layer(
            "conv 128→128 3×3 in 4 groups, 28×28, batch 8 ¹",
            "conv_grouped_128_28_forward_backward",
            8,
        ),
        layer("conv 3→64 7×7 stride 2, 224×224, batch 4 ¹", "conv7x7s2_224_forward_backward", 4),
        layer("dense 1024→1024, batch 128 ¹", "dense1024_b128_forward_backward", 128),
        layer("matrix product, 1024³", "gemm_1024_forward", 1024),
    ]);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_replaces_the_one_before() {
        let text = format!("a\n{BEGIN}\nold\n{END}\nb\n");
        assert_eq!(replaced(&text, "new\n").unwrap(), format!("a\n{BEGIN}\nnew\n{END}\nb\n"));
        assert!(replaced("a", "new").is_err());
        assert!(replaced(&format!("{END}{BEGIN}"), "new").is_err());
    }
}
