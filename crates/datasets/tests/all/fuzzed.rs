//! The fuzzer's functions on the files that it starts from and those that it once failed on.

use std::path::Path;

#[expect(unreachable_pub, reason = "the fuzzer's own crate shows them")]
#[path = "../../../../fuzz/src/datasets_targets.rs"]
mod targets;

/// What is fuzzed: it panics where it finds a fault.
type Target = fn(&[u8]);

#[test]
fn every_seed_is_answered() {
    let targets: [(&str, Target); 3] =
        [("idx", targets::idx), ("gzip", targets::gzip), ("image", targets::image)];
    for (name, target) in targets {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds").join(name);
        let files: Vec<_> = std::fs::read_dir(folder).unwrap().collect();
        assert!(files.len() > 4, "{name}: {} seeds", files.len());
        for file in files {
            target(&std::fs::read(file.unwrap().path()).unwrap());
        }
    }
}
