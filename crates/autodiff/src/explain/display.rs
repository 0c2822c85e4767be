//! An [`Explanation`] as text.

use super::{Explanation, Step, numbers};
use std::fmt;

/// Columns that a line may have before what comes next goes to a line of its own.
const WIDTH: usize = 96;

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Going forward")?;
        let names = self.steps.iter().map(|step| width(&step.name)).max().unwrap_or(0);
        let shapes = self.steps.iter().map(|step| width(&shape(step))).max().unwrap_or(0);
        for step in &self.steps {
            let (name, shape) = (pad(&step.name, names), pad(&shape(step), shapes));
            let head = match shapes {
                0 => format!("  {name}"),
                _ => format!("  {name}  {shape}"),
            };
            let formula: Option<_> = step.formula.as_ref().map(|formula| format!("= {formula}"));
            write_equation(f, &head, formula.as_slice(), &numbers::lines(&step.value))?;
        }
        let Some(differentiated) = self.differentiated else { return Ok(()) };
        writeln!(f, "\nComing back")?;
        let top = &self.steps[differentiated].name;
        let back = |step: &Step| format!("∂{top}/∂{}", step.name);
        let reached = || self.steps.iter().rev().filter(|step| step.gradient.is_some());
        let heads = reached().map(|step| width(&back(step))).max().unwrap_or(0);
        for step in reached() {
            let head = format!("  {}", pad(&back(step), heads));
            let gradient = step.gradient.as_ref().map(numbers::lines).unwrap_or_default();
            write_equation(f, &head, &self.chain(step, top), &gradient)?;
        }
        Ok(())
    }
}

impl Explanation {
    /// The parts of a gradient equation: the chain rule (3.1) or its sum (3.2), the local
    /// derivatives in it, and the summands where there are several.
    fn chain(&self, step: &Step, top: &str) -> Vec<String> {
        // The value was used in the order of its users; they came back the other way around.
        let parts: Vec<_> = step.parts.iter().rev().collect();
        let term = |user: &str| match user == top {
            true => format!("∂{top}/∂{}", step.name),
            false => format!("∂{top}/∂{user} · ∂{user}/∂{}", step.name),
        };
        let locals = parts.iter().filter_map(|part| {
            self.steps[part.user].derivatives.get(part.input).cloned().flatten()
        });
        let locals: Vec<_> = locals.collect();
        let mut lines = Vec::new();
        match &parts[..] {
            [] => {}
            // The derivative of the result itself: its local derivative says it all.
            [part] if self.steps[part.user].name == top => {
                let text = locals.first().and_then(|local| local.split_once(" = "));
                lines.push(match text {
                    // A number need not be said twice.
                    Some((left, right)) if left == term(top) && is_number(right) => return lines,
                    Some((left, right)) if left == term(top) => format!("= {right}"),
                    Some((left, right)) => format!("with {left} = {right}"),
                    None => format!("by the rule of {}", self.steps[part.user].operation),
                });
            }
            _ => {
                let terms: Vec<_> =
                    parts.iter().map(|part| term(&self.steps[part.user].name)).collect();
                let sum = terms.join(" + ");
                if locals.is_empty() {
                    lines.push(format!("= {sum}"));
                } else {
                    lines.push(format!("= {sum},"));
                    lines.push(format!("with {}", locals.join(", ")));
                }
            }
        }
        if parts.len() > 1 {
            let summands = parts.iter().map(|part| numbers::lines(&part.gradient));
            let summands: Option<Vec<_>> =
                summands.map(|lines| <[String; 1]>::try_from(lines).ok()).collect();
            if let Some(summands) = summands {
                lines.push(format!("= {}", summands.concat().join(" + ")));
            }
        }
        lines
    }
}

/// Writes `head`, what it equals in words, and what it equals in numbers: on one line where there
/// is room, else below each other.
fn write_equation(
    f: &mut fmt::Formatter<'_>,
    head: &str,
    words: &[String],
    numbers: &[String],
) -> fmt::Result {
    let indent = width(head) + 1;
    let mut line = head.to_owned();
    let mut put = |line: &mut String, text: &str, own_line: bool| -> fmt::Result {
        if own_line || width(line) + 1 + width(text) > WIDTH {
            writeln!(f, "{}", line.trim_end())?;
            *line = " ".repeat(indent - 1);
        }
        line.push(' ');
        line.push_str(text);
        Ok(())
    };
    let given = words.is_empty();
    for (i, words) in words.iter().enumerate() {
        put(&mut line, words, i > 0 && !words.starts_with("with"))?;
    }
    for (i, row) in numbers.iter().enumerate() {
        let text = if i == 0 { format!("= {row}") } else { format!("  {row}") };
        // A matrix, and what follows several lines of words, begins on a line of its own.
        let own_line = if i == 0 { !given && (numbers.len() > 1 || words.len() > 1) } else { true };
        put(&mut line, &text, own_line)?;
    }
    writeln!(f, "{}", line.trim_end())
}

fn is_number(text: &str) -> bool {
    text.parse::<f64>().is_ok()
}

fn shape(step: &Step) -> String {
    numbers::shape(step.shape())
}

fn pad(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// Columns of a text: combining marks, as in a y with a hat, take none.
pub(super) fn width(text: &str) -> usize {
    text.chars().filter(|c| !('\u{300}'..='\u{36f}').contains(c)).count()
}
