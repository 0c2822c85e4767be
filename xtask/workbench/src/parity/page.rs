//! The page: a table of comparisons for each group of pieces, and one of deviations.

use super::records::{Comparison, Deviation, Record};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The groups in the page's order, with their headings. Others follow by name.
const GROUPS: [(&str, &str); 9] = [
    ("operation", "Operations"),
    ("layer", "Layers"),
    ("network", "Networks"),
    ("loss", "Losses"),
    ("optimizer", "Optimizers"),
    ("schedule", "Learning rates"),
    ("metric", "Metrics"),
    ("transform", "Transforms"),
    ("file", "Files"),
];

const INTRODUCTION: &str = "\
# Parity

Every piece against the same piece elsewhere, on the same numbers. `cargo xtask parity` writes this page from what the tests
measure; the other systems' numbers are in files beside the tests, with the scripts that made them.

A difference is the largest one found, relative to the largest number of what is compared; behind it, how much the test allows.
0 means the same bits. Some values are only known in `f32`, and then an `f64` of ours cannot agree better than that.
";

/// What is compared: piece and peer.
type Row = (String, String);

/// The page.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// By group.
    rows: BTreeMap<String, BTreeMap<Row, Cells>>,
    deviations: BTreeSet<Deviation>,
}

/// What is known of a row.
#[derive(Debug, Default)]
struct Cells {
    what: BTreeSet<String>,
    /// By precision: the largest difference, and what was allowed where it was found.
    largest: BTreeMap<String, (f64, f64)>,
}

impl Page {
    /// Gathers records, whatever their order.
    pub(crate) fn of(records: Vec<Record>) -> Self {
        let mut page = Page::default();
        for record in records {
            match record {
                Record::Comparison(comparison) => page.add(comparison),
                Record::Deviation(deviation) => {
                    page.deviations.insert(deviation);
                }
            }
        }
        page
    }

    fn add(&mut self, comparison: Comparison) {
        let Comparison { group, piece, peer, what, precision, difference, tolerance } = comparison;
        let cells = self.rows.entry(group).or_default().entry((piece, peer)).or_default();
        cells.what.insert(what);
        let largest = cells.largest.entry(precision).or_insert((difference, tolerance));
        // Of equal differences the stricter test counts, so that order does not matter.
        if difference > largest.0 || (difference == largest.0 && tolerance < largest.1) {
            *largest = (difference, tolerance);
        }
    }

    /// `73 comparisons, 5 deviations`.
    pub(crate) fn counts(&self) -> String {
        let rows = self.rows.values().map(BTreeMap::len).sum::<usize>();
        format!("{rows} comparisons, {} deviations", self.deviations.len())
    }

    /// The groups with their headings, in order.
    fn groups(&self) -> Vec<(String, &BTreeMap<Row, Cells>)> {
        let known = GROUPS
            .iter()
            .filter_map(|&(group, heading)| Some((heading.to_owned(), self.rows.get(group)?)));
        let others = self.rows.iter().filter(|(group, _)| !GROUPS.iter().any(|(g, _)| g == group));
        known.chain(others.map(|(group, rows)| (group.clone(), rows))).collect()
    }

    /// The page's text.
    pub(crate) fn to_markdown(&self) -> String {
        let mut text = INTRODUCTION.to_owned();
        for (heading, rows) in self.groups() {
            let _ =
                write!(text, "\n## {heading}\n\n| piece | compared with | what | f64 | f32 |\n");
            text.push_str("|---|---|---|---|---|\n");
            for (row, cells) in rows {
                let what: Vec<_> = cells.what.iter().map(String::as_str).collect();
                let [f64, f32] = ["f64", "f32"].map(|precision| cell(cells.largest.get(precision)));
                let _ = writeln!(text, "{} {} | {f64} | {f32} |", start(row), what.join(", "));
            }
        }
        if !self.deviations.is_empty() {
            text.push_str("\n## Deliberate differences from MindSpore\n\n");
            text.push_str("| piece | MindSpore | here | why |\n|---|---|---|---|\n");
            for deviation in &self.deviations {
                let _ = writeln!(text, "{}", deviation_row(deviation));
            }
        }
        text
    }

    /// The rows that a page lacks or should not have, whatever their numbers: these depend on the
    /// processor.
    pub(crate) fn differences(&self, text: &str) -> String {
        let mut expected: BTreeSet<_> =
            self.rows.values().flat_map(BTreeMap::keys).map(start).collect();
        expected.extend(self.deviations.iter().map(deviation_row));
        let mut missing = expected.clone();
        let mut wrong = String::new();
        for line in text.lines().filter(|line| line.starts_with("| `")) {
            match expected.iter().find(|row| line.starts_with(row.as_str())) {
                Some(row) => drop(missing.remove(row)),
                None => drop(writeln!(wrong, "not found by the tests: {line}")),
            }
        }
        for row in missing {
            let _ = writeln!(wrong, "not on the page: {row}");
        }
        wrong
    }
}

/// How a row begins: what tells it from others.
fn start((piece, peer): &Row) -> String {
    format!("| `{piece}` | {peer} |")
}

fn deviation_row(deviation: &Deviation) -> String {
    let Deviation { piece, mindspore, here, reason, .. } = deviation;
    format!("| `{piece}` | {mindspore} | {here} | {reason} |")
}

/// `3e-16 (≤ 1e-12)`.
fn cell(largest: Option<&(f64, f64)>) -> String {
    match largest {
        None => String::new(),
        Some((0.0, tolerance)) => format!("0 (≤ {tolerance:.0e})"),
        Some((difference, tolerance)) => format!("{difference:.0e} (≤ {tolerance:.0e})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comparison(piece: &str, what: &str, precision: &str, difference: f64) -> Record {
        let tolerance = if precision == "f64" { 1e-12 } else { 1e-6 };
        let [piece, what, precision] = [piece, what, precision].map(str::to_owned);
        let (group, peer) = ("layer".to_owned(), "PyTorch 2.15.0".to_owned());
        Record::Comparison(Comparison {
            group,
            piece,
            peer,
            what,
            precision,
            difference,
            tolerance,
        })
    }

    fn page() -> Page {
        let [group, piece, mindspore, here, reason] =
            ["layer", "MaxPool2d", "stride 1", "the kernel's size", "windows side by side"]
                .map(str::to_owned);
        Page::of(vec![
            comparison("Dense", "gradients", "f64", 2e-16),
            comparison("Dense", "forward", "f64", 4e-16),
            comparison("Dense", "forward", "f32", 0.0),
            comparison("Conv2d", "forward", "f32", 1.26e-7),
            Record::Deviation(Deviation { group, piece, mindspore, here, reason }),
        ])
    }

    #[test]
    fn a_row_has_the_largest_difference_of_each_precision() {
        let text = page().to_markdown();
        let table = &text[text.find("## Layers").unwrap()..];
        let expected = "\
## Layers

| piece | compared with | what | f64 | f32 |
|---|---|---|---|---|
| `Conv2d` | PyTorch 2.15.0 | forward |  | 1e-7 (≤ 1e-6) |
| `Dense` | PyTorch 2.15.0 | forward, gradients | 4e-16 (≤ 1e-12) | 0 (≤ 1e-6) |

## Deliberate differences from MindSpore

| piece | MindSpore | here | why |
|---|---|---|---|
| `MaxPool2d` | stride 1 | the kernel's size | windows side by side |
";
        assert_eq!(table, expected);
    }

    #[test]
    fn a_stale_page_is_found_out_but_other_numbers_are_not() {
        let page = page();
        let text = page.to_markdown();
        assert_eq!(page.differences(&text), "");
        assert_eq!(page.differences(&text.replace("4e-16", "3e-16")), "");
        let stale = text.replace("`Dense`", "`Linear`");
        assert_eq!(
            page.differences(&stale),
            "not found by the tests: | `Linear` | PyTorch 2.15.0 | forward, gradients | 4e-16 (≤ 1e-12) | 0 (≤ 1e-6) |\n\
             not on the page: | `Dense` | PyTorch 2.15.0 |\n"
        );
        let deviation = text.replace("stride 1", "stride 2");
        assert_eq!(page.differences(&deviation).lines().count(), 2);
    }
}
