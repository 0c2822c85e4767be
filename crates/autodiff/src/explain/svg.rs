//! An [`Explanation`] as an SVG drawing.

use super::drawing::{self, Line, Role};
use super::{Explanation, display, layout};
use std::fmt::Write;

/// Width of a character and height of a line, at 12 pixels of a typewriter face.
const CHARACTER: f64 = 7.25;
const LINE: f64 = 16.0;
/// Around the text of a box, between rows, and around the whole.
const PADDING: f64 = 9.0;
const BETWEEN: f64 = 40.0;
const MARGIN: f64 = 16.0;

/// Light by itself, dark where the viewer is.
const STYLE: &str = "\
text{font:12px ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#1f2328;white-space:pre}
.page{fill:#ffffff}.box{fill:#f6f8fa;stroke:#59636e}.given .box{fill:#ddf4ff}
.fixed .box{stroke-dasharray:4 3}.title{font-weight:bold}.derivative{fill:#59636e}.gradient{fill:#b3401a}
.edge{fill:none;stroke:#59636e}.still{stroke-dasharray:4 3;stroke:#8c959f}.tip{fill:#59636e}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.page{fill:#0d1117}
.box{fill:#161b22;stroke:#8d96a0}.given .box{fill:#12283f}.derivative{fill:#9aa4af}.gradient{fill:#ff9e70}
.edge{stroke:#8d96a0}.still{stroke:#59636e}.tip{fill:#8d96a0}}
";

impl Explanation {
    /// The computation as a drawing: what was given (blue) at the top, the result at the bottom;
    /// in each box the formula, the value, the local derivatives (grey) and the gradient (red).
    /// Dashed is what nothing flows back through.
    ///
    /// The text is a whole SVG document, which needs no font, no script and no Graphviz, and is
    /// dark where its viewer is (`prefers-color-scheme`).
    pub fn to_svg(&self) -> String {
        let boxes: Vec<Vec<Line>> =
            (0..self.steps.len()).map(|place| drawing::lines(self, place, true)).collect();
        let width = |lines: &Vec<Line>| {
            let characters = lines.iter().map(|line| display::width(&line.text)).max();
            characters.unwrap_or(0) as f64 * CHARACTER + 2.0 * PADDING
        };
        let height = |lines: &[Line]| lines.len() as f64 * LINE + 2.0 * PADDING - 4.0;
        let layout = layout::layout(self, &boxes.iter().map(width).collect::<Vec<_>>());

        let heights = layout.rows.iter().map(|row| {
            let steps = row.iter().filter_map(|&place| layout.places[place].step);
            steps.map(|step| height(&boxes[step])).fold(0.0, f64::max)
        });
        let heights = heights.collect::<Vec<_>>();
        let tops: Vec<f64> = (0..heights.len())
            .map(|row| MARGIN + heights[..row].iter().map(|height| height + BETWEEN).sum::<f64>())
            .collect();
        let edge_of = |side: f64| layout.places.iter().map(move |p| side * p.x + p.width / 2.0);
        let left = MARGIN + edge_of(-1.0).fold(0.0, f64::max);
        let whole_width = left + MARGIN + edge_of(1.0).fold(0.0, f64::max);
        let whole_height = tops.last().zip(heights.last()).map_or(0.0, |(a, b)| a + b) + MARGIN;

        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{whole_width:.0}\" \
             height=\"{whole_height:.0}\" viewBox=\"0 0 {whole_width:.0} {whole_height:.0}\">\n\
             <style>\n{STYLE}</style>\n\
             <rect class=\"page\" width=\"100%\" height=\"100%\"/>\n"
        );
        for edge in &layout.edges {
            let user = edge.places[edge.places.len() - 1];
            let (first, last) = (&layout.places[edge.places[0]], &layout.places[user]);
            // Straight to the end of the row, beside the taller boxes, and on in curves.
            let bottom = tops[first.row] + height(&boxes[edge.places[0]]);
            let mut y = tops[first.row] + heights[first.row];
            let mut path = format!("M{:.1} {bottom:.1}V{y:.1}", left + first.x);
            let mut x = left + first.x;
            let mut to = |next_x: f64, next_y: f64| {
                let middle = f64::midpoint(y, next_y);
                let _ = write!(
                    path,
                    " C{x:.1} {middle:.1} {next_x:.1} {middle:.1} {next_x:.1} {next_y:.1}"
                );
                (x, y) = (next_x, next_y);
            };
            for &passing in &edge.places[1..edge.places.len() - 1] {
                let place = &layout.places[passing];
                to(left + place.x, tops[place.row]);
                to(left + place.x, tops[place.row] + heights[place.row]);
            }
            let count = self.steps[user].inputs.len();
            let share = (edge.input + 1) as f64 / (count + 1) as f64 - 0.5;
            let (tip, top) = (left + last.x + share * last.width, tops[last.row]);
            to(tip, top - 6.0);
            let flows =
                self.steps[edge.places[0]].needs_gradient && self.steps[user].needs_gradient;
            let class = if flows { "edge" } else { "edge still" };
            let _ = writeln!(svg, "<path class=\"{class}\" d=\"{path}\"/>");
            let _ = writeln!(
                svg,
                "<path class=\"tip\" d=\"M{:.1} {:.1}h7l-3.5 7z\"/>",
                tip - 3.5,
                top - 7.0
            );
        }
        for place in &layout.places {
            let Some(step) = place.step else { continue };
            let (x, y) = (left + place.x - place.width / 2.0, tops[place.row]);
            let class = match (self.steps[step].inputs.is_empty(), self.steps[step].needs_gradient)
            {
                (true, true) => "given",
                (true, false) => "given fixed",
                (false, true) => "computed",
                (false, false) => "computed fixed",
            };
            let _ = writeln!(
                svg,
                "<g class=\"{class}\"><rect class=\"box\" x=\"{x:.1}\" y=\"{y:.1}\" \
                 width=\"{:.1}\" height=\"{:.1}\" rx=\"5\"/>",
                place.width,
                height(&boxes[step])
            );
            for (i, line) in boxes[step].iter().enumerate() {
                let class = match line.role {
                    Role::Title => "title",
                    Role::Value => "value",
                    Role::Derivative => "derivative",
                    Role::Gradient => "gradient",
                };
                let baseline = y + PADDING + 10.0 + i as f64 * LINE;
                let _ = writeln!(
                    svg,
                    "<text class=\"{class}\" x=\"{:.1}\" y=\"{baseline:.1}\">{}</text>",
                    x + PADDING,
                    escape(&line.text)
                );
            }
            svg.push_str("</g>\n");
        }
        svg.push_str("</svg>\n");
        svg
    }
}

/// A text between tags; spaces that align columns are kept by ones that do not break.
fn escape(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace(' ', "\u{a0}")
}
