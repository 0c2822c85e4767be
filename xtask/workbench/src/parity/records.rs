//! The lines that tests leave: see `crates/reference`.

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::path::Path;

/// A line.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Record {
    Comparison(Comparison),
    Deviation(Deviation),
}

/// A piece of ours against another system's.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Comparison {
    pub(crate) group: String,
    pub(crate) piece: String,
    pub(crate) peer: String,
    pub(crate) what: String,
    pub(crate) precision: String,
    pub(crate) difference: f64,
    pub(crate) tolerance: f64,
}

/// What is deliberately done in another way than MindSpore does it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Deviation {
    pub(crate) group: String,
    pub(crate) piece: String,
    pub(crate) mindspore: String,
    pub(crate) here: String,
    pub(crate) reason: String,
}

/// All records of a folder.
pub(crate) fn read(folder: &Path) -> Result<Vec<Record>> {
    let mut records = Vec::new();
    let entries = std::fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "jsonl") {
            continue;
        }
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        for (number, line) in text.lines().enumerate() {
            let record = serde_json::from_str(line)
                .with_context(|| format!("{}, line {}: {line}", path.display(), number + 1))?;
            records.push(record);
        }
    }
    if records.is_empty() {
        bail!("{}: there are no records", folder.display());
    }
    Ok(records)
}
