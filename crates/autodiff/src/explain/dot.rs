//! An [`Explanation`] in the DOT language of Graphviz.

use super::{Explanation, drawing};
use std::fmt::Write;

impl Explanation {
    /// The computation as a graph in Graphviz' DOT language, from what was given at the top to the
    /// result at the bottom, with values and gradients in the nodes and local derivatives at the
    /// edges. `dot -Tsvg` draws it; [`Explanation::to_svg`] needs no Graphviz.
    pub fn to_dot(&self) -> String {
        let mut dot = String::from(
            "digraph tape {\n  node [shape=box, fontname=\"monospace\"];\n  \
             edge [fontname=\"monospace\", fontsize=10];\n",
        );
        for (place, step) in self.steps.iter().enumerate() {
            let lines: Vec<_> = drawing::lines(self, place, false);
            let label: String = lines.iter().map(|line| escape(&line.text) + "\\l").collect();
            let style = if step.needs_gradient { "" } else { ", style=dashed" };
            let _ = writeln!(dot, "  n{place} [label=\"{label}\"{style}];");
        }
        for (place, step) in self.steps.iter().enumerate() {
            for (i, &input) in step.inputs.iter().enumerate() {
                let Some(input) = input else { continue };
                let label = match step.derivatives.get(i).cloned().flatten() {
                    Some(derivative) => format!("label=\"{}\"", escape(&derivative)),
                    None if self.steps[input].needs_gradient && step.needs_gradient => {
                        String::new()
                    }
                    None => "style=dashed".to_owned(),
                };
                let _ = writeln!(dot, "  n{input} -> n{place} [{label}];");
            }
        }
        dot.push_str("}\n");
        dot
    }
}

/// A text between double quotes.
fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
