//! The legend: every label of the figure once, on lines under the title.

use super::draw::marker_path;
use super::style::TEXT;
use super::svg::{Anchor, Svg, text_width};
use super::{Color, Marker, Panel};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Sign {
    Line { dashed: bool },
    Mark(Marker),
    Bar,
}

#[derive(Clone, Debug, PartialEq)]
struct Entry {
    label: String,
    color: Color,
    sign: Sign,
}

/// The entries, placed on lines of a given width.
#[derive(Debug)]
pub(super) struct Legend {
    lines: Vec<Vec<(f64, Entry)>>,
}

/// The height of a line.
const HEIGHT: f64 = 20.0;
/// How much of an entry is its sign, and how much is free after it.
const SIGN: f64 = 26.0;
const GAP: f64 = 18.0;

impl Legend {
    pub(super) fn new(panels: &[Panel], width: f64) -> Self {
        let mut entries: Vec<Entry> = Vec::new();
        for entry in panels.iter().flat_map(entries_of) {
            if !entry.label.is_empty() && !entries.contains(&entry) {
                entries.push(entry);
            }
        }
        let mut lines: Vec<Vec<(f64, Entry)>> = Vec::new();
        let mut x = f64::INFINITY;
        for entry in entries {
            let size = SIGN + text_width(&entry.label, TEXT);
            if x + size > width {
                lines.push(Vec::new());
                x = 0.0;
            }
            if let Some(line) = lines.last_mut() {
                line.push((x, entry));
            }
            x += size + GAP;
        }
        Legend { lines }
    }

    pub(super) fn height(&self) -> f64 {
        HEIGHT * self.lines.len() as f64
    }

    pub(super) fn draw(&self, svg: &mut Svg, [left, top]: [f64; 2]) {
        for (i, line) in self.lines.iter().enumerate() {
            let middle = top + HEIGHT * (i as f64 + 0.5);
            for (x, entry) in line {
                let (x, color) = (left + x, entry.color.name());
                match entry.sign {
                    Sign::Line { dashed } => {
                        let dashed = if dashed { " dashed" } else { "" };
                        let class = format!("line {color}-line{dashed}");
                        svg.line(&class, [x, middle], [x + 20.0, middle]);
                    }
                    Sign::Mark(marker) => {
                        let path = marker_path(marker, [x + 12.0, middle], 4.0);
                        svg.path(&format!("mark {color}-fill"), &path);
                    }
                    Sign::Bar => {
                        let corner = [x + 4.0, middle - 5.0];
                        svg.rect(&format!("bar {color}-fill"), corner, [16.0, 10.0]);
                    }
                }
                svg.text("label", [x + SIGN, middle + 4.0], Anchor::Start, &entry.label);
            }
        }
    }
}

fn entries_of(panel: &Panel) -> Vec<Entry> {
    let entry = |label: &String, color, sign| Entry { label: label.clone(), color, sign };
    let bars = panel.bars.iter().map(|bars| entry(&bars.label, bars.color, Sign::Bar));
    let lines = panel.lines.iter();
    let lines =
        lines.map(|line| entry(&line.label, line.color, Sign::Line { dashed: line.dashed }));
    let points = panel.points.iter();
    let points = points.map(|points| entry(&points.label, points.color, Sign::Mark(points.marker)));
    bars.chain(lines).chain(points).collect()
}
