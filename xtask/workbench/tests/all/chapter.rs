//! The two guides to the chapter say the same. What their commands print, `cargo xtask chapter`
//! checks; their Rust code is compiled by the documentation tests of `train`.

use crate::common::root;

const ENGLISH: &str = "CHAPTER.md";
const CHINESE: &str = "CHAPTER.zh-CN.md";

fn read(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap()
}

/// The blocks between fences, with their languages.
fn blocks(text: &str) -> Vec<&str> {
    let parts: Vec<_> = text.split("```").collect();
    assert!(parts.len() % 2 == 1, "every block is closed");
    parts.into_iter().skip(1).step_by(2).collect()
}

#[test]
fn both_languages_have_the_same_commands_and_code() {
    let (english, chinese) = (read(ENGLISH), read(CHINESE));
    let (english, chinese) = (blocks(&english), blocks(&chinese));
    assert!(english.len() > 15, "{} blocks", english.len());
    for (english, chinese) in english.iter().zip(&chinese) {
        assert_eq!(english, chinese);
    }
    assert_eq!(english.len(), chinese.len());
}

#[test]
fn both_languages_have_the_same_sections() {
    let outline = |name| {
        let text = read(name);
        let marks = text.lines().filter(|line| line.starts_with('#') && line.contains("# "));
        marks.map(|line| line.split(' ').next().unwrap().len()).collect::<Vec<_>>()
    };
    assert_eq!(outline(ENGLISH), outline(CHINESE));
}

#[test]
fn every_file_that_is_pointed_to_is_there() {
    for name in [ENGLISH, CHINESE] {
        let text = read(name);
        let mut found = 0;
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = link.split('#').next().unwrap();
            assert!(root().join(path).exists(), "{name}: {link}");
            found += 1;
        }
        assert!(found > 10, "{name}: {found} links");
    }
}
