//! What stands in the box of a step, in DOT and in SVG.

use super::{Explanation, numbers};

/// A line of a box.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) role: Role,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The name and the formula.
    Title,
    Value,
    Derivative,
    Gradient,
}

/// The lines of a step's box; with the local derivatives, unless they stand elsewhere.
pub(super) fn lines(explanation: &Explanation, place: usize, derivatives: bool) -> Vec<Line> {
    let step = &explanation.steps[place];
    let mut lines = Vec::new();
    let mut add = |text: String, role| lines.push(Line { text, role });
    let shape = match numbers::shape(step.shape()) {
        shape if shape.is_empty() => String::new(),
        shape => format!("  {shape}"),
    };
    add(
        match &step.formula {
            Some(formula) => format!("{} = {formula}{shape}", step.name),
            None => format!("{}{shape}", step.name),
        },
        Role::Title,
    );
    for (i, row) in numbers::lines(&step.value).into_iter().enumerate() {
        add(format!("{}{row}", if i == 0 { "= " } else { "  " }), Role::Value);
    }
    if derivatives {
        for derivative in step.derivatives.iter().flatten() {
            add(derivative.clone(), Role::Derivative);
        }
    }
    if let (Some(gradient), Some(top)) = (&step.gradient, explanation.differentiated) {
        let head = format!("∂{}/∂{} = ", explanation.steps[top].name, step.name);
        for (i, row) in numbers::lines(gradient).into_iter().enumerate() {
            let head = if i == 0 { head.clone() } else { " ".repeat(super::display::width(&head)) };
            add(format!("{head}{row}"), Role::Gradient);
        }
    }
    lines
}
