//! The fuzzer's functions on the files that it starts from and those that it once failed on
//! (`fuzz/seeds`), and on these tests' own files.

use std::path::Path;

#[expect(unreachable_pub, reason = "the fuzzer's own crate shows them")]
#[path = "../../../../fuzz/src/interchange_targets.rs"]
mod targets;

/// What is fuzzed: it panics where it finds a fault.
type Target = fn(&[u8]);

/// Runs `target` on every file of a folder beside the crates or beside this one.
fn each(folder: &str, target: Target) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let files = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut count = 0;
    for file in files {
        target(&std::fs::read(file.unwrap().path()).unwrap());
        count += 1;
    }
    count
}

#[test]
fn every_seed_is_answered() {
    let targets: [(&str, Target); 3] =
        [("ckpt", targets::ckpt), ("safetensors", targets::safetensors), ("onnx", targets::onnx)];
    for (name, target) in targets {
        let seeds = each(&format!("../../fuzz/seeds/{name}"), target);
        let files = each("tests/reference", target);
        assert!(seeds > 0 && files > 10, "{name}: {seeds} seeds, {files} files");
    }
}
