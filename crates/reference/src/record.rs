//! The lines that tests leave for `cargo xtask parity`.

use serde_json::Value;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

/// The environment variable that names the folder of records.
pub const VARIABLE: &str = "SPORELET_PARITY";

/// Appends a line to this process's record, where records are wanted.
pub(crate) fn record(line: &Value) {
    if let Some(folder) = std::env::var_os(VARIABLE) {
        append(Path::new(&folder), line);
    }
}

/// Tests run on several threads; a line is one write, so that lines do not mix.
fn append(folder: &Path, line: &Value) {
    let path = folder.join(format!("{}.jsonl", std::process::id()));
    let file = OpenOptions::new().create(true).append(true).open(&path);
    let mut file = file.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    file.write_all(format!("{line}\n").as_bytes()).expect("the record can be written");
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lines_follow_each_other() {
        let folder = tempfile::tempdir().unwrap();
        append(folder.path(), &json!({ "piece": "relu" }));
        append(folder.path(), &json!({ "piece": "tanh" }));
        let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
        let [Ok(file)] = &files[..] else { panic!("one file") };
        let text = std::fs::read_to_string(file.path()).unwrap();
        assert_eq!(text, "{\"piece\":\"relu\"}\n{\"piece\":\"tanh\"}\n");
    }
}
