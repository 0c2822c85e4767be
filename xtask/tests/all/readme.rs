//! The README shows what there is.

use std::path::Path;

fn read(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    std::fs::read_to_string(root.join(path)).unwrap()
}

/// The README's program is the example, so what CI runs is what a reader copies.
#[test]
fn the_program_is_the_example() {
    let (readme, example) = (read("README.md"), read("crates/train/examples/lenet5.rs"));
    let code = &example[example.find("use datasets").unwrap()..];
    assert!(readme.contains(&format!("```rust,no_run\n{code}```\n")), "copy the example anew");
}

#[test]
fn every_crate_is_in_the_table() {
    let readme = read("README.md");
    for name in ["tensor", "autodiff", "layers", "optim", "datasets", "train", "interchange"] {
        assert!(readme.contains(&format!("| [`{name}`](crates/{name}) |")), "{name}");
    }
}
