//! The README shows what there is.

use crate::common::root;

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
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

/// What stands between lines of three backticks, and the rows of tables by their first cells.
fn blocks(text: &str) -> Vec<&str> {
    text.split("```").skip(1).step_by(2).collect()
}

/// The code spans in the first cells of a table's rows: names of commands and crates.
fn rows(text: &str) -> Vec<&str> {
    let cells = text.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next());
    cells.filter(|cell| cell.contains('`')).collect()
}

#[test]
fn both_languages_show_the_same_programs_tables_and_pictures() {
    let [english, chinese] = ["README.md", "README.zh-CN.md"].map(read);
    assert_eq!(blocks(&english), blocks(&chinese));
    let measured = |text: &str| {
        let (_, rest) = text.split_once("<!-- bench:begin -->").unwrap();
        rest.split_once("<!-- bench:end -->").unwrap().0.to_owned()
    };
    assert_eq!(measured(&english), measured(&chinese), "bench --markdown writes to both");
    let without = |text: &str| text.replace(&measured(text), "");
    let differing = |text: &str| {
        rows(&without(text))
            .into_iter()
            // What is said beside a name may be in words.
            .map(|cell| cell.split('`').nth(1).unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(differing(&english), differing(&chinese));
    let pictures = |text: &str| {
        let starts = text.split("](docs/").skip(1);
        starts.map(|rest| rest.split(')').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(pictures(&english), pictures(&chinese));
    for picture in pictures(&english) {
        assert!(root().join("docs").join(picture).is_file());
    }
}
