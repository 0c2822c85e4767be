//! How a [`Summary`] is printed.

use super::{Summary, SummaryRow};
use std::fmt;

/// The columns' titles, and whether they hold numbers.
const COLUMNS: [(&str, bool); 9] = [
    ("layer", false),
    ("type", false),
    ("input", false),
    ("output", false),
    ("neurons", true),
    ("parameters", true),
    ("connections", true),
    ("multiply-adds", true),
    ("memory", true),
];

impl Summary {
    /// The summary as a Markdown table.
    ///
    /// ```
    /// use layers::{Dense, summary};
    /// let table = summary(&Dense::new(84, 10), &[84])?.to_markdown();
    /// assert!(table.starts_with("| layer | type | input | output | neurons |"));
    /// # Ok::<(), layers::Error>(())
    /// ```
    pub fn to_markdown(&self) -> String {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let mut lines = line(&COLUMNS.map(|(title, _)| title.to_owned()));
        let rule = COLUMNS.map(|(_, number)| if number { "---:" } else { "---" });
        lines += &format!("|{}|\n", rule.join("|"));
        for row in &self.rows {
            lines += &line(&cells(row));
        }
        let total = self.total().map(|cell| if cell.is_empty() { cell } else { bold(&cell) });
        lines += &line(&total);
        lines
    }

    fn total(&self) -> [String; 9] {
        let Summary { neurons, parameters, connections, multiply_adds, memory, .. } = self;
        let numbers = [neurons, parameters, connections, multiply_adds].map(|&n| thousands(n));
        let [neurons, parameters, connections, multiply_adds] = numbers;
        let none = String::new;
        let memory = bytes(*memory);
        let total = "total".to_owned();
        [total, none(), none(), none(), neurons, parameters, connections, multiply_adds, memory]
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = vec![COLUMNS.map(|(title, _)| title.to_owned())];
        lines.extend(self.rows.iter().map(cells));
        lines.push(self.total());
        let width = |column: usize| {
            lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default()
        };
        let widths: Vec<_> = (0..COLUMNS.len()).map(width).collect();
        for (i, line) in lines.iter().enumerate() {
            let mut text = String::new();
            for ((cell, width), (_, number)) in line.iter().zip(&widths).zip(COLUMNS) {
                text += &match number {
                    true => format!("{cell:>width$}  "),
                    false => format!("{cell:width$}  "),
                };
            }
            write!(f, "{}{}", if i == 0 { "" } else { "\n" }, text.trim_end())?;
        }
        Ok(())
    }
}

fn cells(row: &SummaryRow) -> [String; 9] {
    let SummaryRow { neurons, parameters, connections, multiply_adds, .. } = *row;
    let counted = [neurons, parameters, connections, multiply_adds].map(|number| match number {
        0 => "-".to_owned(),
        _ => thousands(number),
    });
    let [neurons, parameters, connections, multiply_adds] = counted;
    [
        row.path.clone(),
        row.kind.to_owned(),
        by(&row.input),
        by(&row.output),
        neurons,
        parameters,
        connections,
        multiply_adds,
        if row.memory == 0 { "-".to_owned() } else { bytes(row.memory) },
    ]
}

/// `6×28×28`: a shape without its batch axis.
fn by(shape: &[usize]) -> String {
    let axes: Vec<_> = shape.iter().skip(1).map(ToString::to_string).collect();
    axes.join("×")
}

fn bold(text: &str) -> String {
    format!("**{text}**")
}

/// `61,706`.
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `18.8 kB`: bytes in the unit that leaves one to three digits before the point.
fn bytes(number: usize) -> String {
    let (mut size, mut units) = (number as f64, ["kB", "MB", "GB"].iter());
    let mut unit = "B";
    while size >= 999.95
        && let Some(next) = units.next()
    {
        size /= 1000.0;
        unit = next;
    }
    if unit == "B" { format!("{number} B") } else { format!("{size:.1} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        let grouped = [0, 999, 1000, 61_706, 1_234_567].map(thousands);
        assert_eq!(grouped, ["0", "999", "1,000", "61,706", "1,234,567"]);
    }

    #[test]
    fn bytes_have_units() {
        let found = [0, 40, 999, 1000, 18_816, 999_949, 999_950, 2_000_000_000].map(bytes);
        let expected =
            ["0 B", "40 B", "999 B", "1.0 kB", "18.8 kB", "999.9 kB", "1.0 MB", "2.0 GB"];
        assert_eq!(found, expected);
    }
}
