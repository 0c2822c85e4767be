//! [`Figure`]: panels in a grid, under a title and a legend.

use super::Panel;
use super::draw::{ABOVE, Drawn, LABEL_BELOW, Place, TICKS_BELOW, Texts};
use super::legend::Legend;
use super::style::{TEXT, TITLE, sheet};
use super::svg::{Anchor, Svg, escape, px, text_width};

/// A whole picture.
#[derive(Clone, Debug)]
pub struct Figure {
    title: String,
    caption: Vec<String>,
    panels: Vec<Panel>,
    columns: usize,
    panel_size: [f64; 2],
    shared_axes: bool,
}

/// Free space at the page's edges, and between panels.
pub(super) const EDGE: f64 = 16.0;
const BETWEEN: f64 = 18.0;

impl Figure {
    /// A figure of panels in one row, each 320×240 pixels between its axes.
    pub fn new(title: impl Into<String>) -> Self {
        Figure {
            title: title.into(),
            caption: Vec::new(),
            panels: Vec::new(),
            columns: usize::MAX,
            panel_size: [320.0, 240.0],
            shared_axes: false,
        }
    }

    /// A line of text below the panels; several stand below one another.
    #[must_use]
    pub fn caption(mut self, line: impl Into<String>) -> Self {
        self.caption.push(line.into());
        self
    }

    /// Adds a panel, row by row.
    #[must_use]
    pub fn panel(mut self, panel: Panel) -> Self {
        self.panels.push(panel);
        self
    }

    /// How many panels stand in a row.
    #[must_use]
    pub fn columns(mut self, columns: usize) -> Self {
        self.columns = columns.max(1);
        self
    }

    /// The size between a panel's axes, in pixels.
    #[must_use]
    pub fn panel_size(mut self, width: f64, height: f64) -> Self {
        self.panel_size = [width, height];
        self
    }

    /// All panels have the same axes, so these are written once: at the left and below.
    #[must_use]
    pub fn shared_axes(mut self) -> Self {
        self.shared_axes = true;
        self
    }

    /// The picture.
    pub fn to_svg(&self) -> String {
        let [panel_width, panel_height] = self.panel_size;
        let columns = self.columns.min(self.panels.len()).max(1);
        let drawn: Vec<_> =
            self.panels.iter().map(|panel| Drawn::new(panel, panel_width, panel_height)).collect();

        // Panels of a column share the room left of them, panels of a row that below.
        let lefts: Vec<f64> = (0..columns)
            .map(|column| {
                let panels = drawn.iter().skip(column).step_by(columns);
                let needed = panels.map(Drawn::left_of).fold(0.0, f64::max);
                if self.shared_axes && column > 0 { 0.0 } else { needed }
            })
            .collect();
        let inner = lefts.iter().sum::<f64>()
            + columns as f64 * panel_width
            + (columns - 1) as f64 * BETWEEN;
        let texts = self.caption.iter().map(|line| text_width(line, TEXT));
        let inner = texts.fold(inner, f64::max).max(text_width(&self.title, 1.05 * TITLE));
        let legend = Legend::new(&self.panels, inner);

        let mut body = Svg::default();
        let mut top = EDGE + TITLE;
        body.text("title", [EDGE, top - 2.0], Anchor::Start, &self.title);
        top += 8.0;
        legend.draw(&mut body, [EDGE, top]);
        top += legend.height() + 4.0;
        for (first, row) in drawn.chunks(columns).enumerate().map(|(i, row)| (i * columns, row)) {
            top += ABOVE;
            let mut left = EDGE;
            let mut below = 0.0_f64;
            for (column, panel) in row.iter().enumerate() {
                left += lefts[column];
                let place = Place { left, top, width: panel_width, height: panel_height };
                let lowest = first + column + columns >= drawn.len();
                let texts =
                    Texts { x: !self.shared_axes || lowest, y: !self.shared_axes || column == 0 };
                panel.draw(&mut body, place, texts);
                below = below.max(if texts.x { TICKS_BELOW + LABEL_BELOW } else { 4.0 });
                left += panel_width + BETWEEN;
            }
            // In a grid with shared axes, the last row but one may stand above nothing.
            if self.shared_axes && first + columns < drawn.len() {
                below = 4.0;
            }
            top += panel_height + below + 6.0;
        }
        for line in &self.caption {
            top += 1.4 * TEXT;
            body.text("note", [EDGE, top], Anchor::Start, line);
        }
        page(&self.title, &self.caption, [inner + 2.0 * EDGE, top + EDGE], &body.finish())
    }
}

/// The document around what is drawn.
pub(super) fn page(
    title: &str,
    caption: &[String],
    [width, height]: [f64; 2],
    body: &str,
) -> String {
    let (width, height) = (px(width.ceil()), px(height.ceil()));
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\">\n<title>{}</title>\n",
        escape(title)
    );
    if !caption.is_empty() {
        svg += &format!("<desc>{}</desc>\n", escape(&caption.join(" ")));
    }
    svg += &sheet();
    svg += "<rect class=\"ground\" width=\"100%\" height=\"100%\"/>\n";
    svg + body + "</svg>\n"
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::chart::{Axis, Bars, Color, Field, Line, Marker, Points};

    fn everything() -> Figure {
        let field = Field::new([2, 2], (0.0, 1.0), (0.0, 1.0), vec![-1.0, 1.0, -1.0, 1.0]);
        let lines = Panel::new("a < b & c")
            .x(Axis::new("rate").log())
            .y(Axis::new("loss").percent())
            .line(
                Line::new("broken", [(1.0, 0.1), (2.0, f64::NAN), (3.0, 0.2), (4.0, 0.3)]).faint(),
            )
            .line(Line::new("broken", [(1.0, 0.3)]).faint())
            .vertical(2.0, "best")
            .note("a note");
        let scatter = Panel::new("scatter")
            .x(Axis::new("x"))
            .y(Axis::new("y"))
            .region(field, Color::Green)
            .points(Points::new("points", [(0.5, 0.5)], Color::Orange, Marker::Triangle));
        let bars = Panel::new("bars")
            .y(Axis::categories(["one", "two"]))
            .bars(Bars::new("bars", [1.0, -2.0], Color::Purple).base(-3.0));
        Figure::new("All \"kinds\"")
            .caption("Why?")
            .panel(lines)
            .panel(scatter)
            .panel(bars)
            .columns(2)
    }

    /// Each opened element is closed, in order, and no bare `<` or `&` is left.
    pub(crate) fn assert_well_formed(svg: &str) {
        let mut open: Vec<&str> = Vec::new();
        for piece in svg.split('<').skip(1) {
            let (tag, text) = piece.split_once('>').expect("a tag ends");
            if let Some(name) = tag.strip_prefix('/') {
                assert_eq!(open.pop(), Some(name));
            } else if !tag.ends_with('/') {
                open.push(tag.split(' ').next().unwrap());
            }
            assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
            let entities = ["&amp;", "&lt;", "&gt;", "&quot;"].map(|e| piece.matches(e).count());
            assert_eq!(piece.matches('&').count(), entities.iter().sum::<usize>(), "{text}");
        }
        assert!(open.is_empty(), "{open:?}");
    }

    #[test]
    fn a_figure_is_well_formed_and_the_same_each_time() {
        let svg = everything().to_svg();
        assert_well_formed(&svg);
        assert_eq!(svg, everything().to_svg());
        assert!(svg.contains("<title>All &quot;kinds&quot;</title>"));
        assert!(svg.contains("prefers-color-scheme: dark"));
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }

    #[test]
    fn a_label_is_in_the_legend_once() {
        let svg = everything().to_svg();
        assert_eq!(svg.matches(">broken</text>").count(), 1);
    }

    #[test]
    fn a_line_breaks_where_there_is_no_value() {
        let svg = everything().to_svg();
        let path = svg.lines().find(|line| line.contains("blue-line faint")).unwrap();
        assert_eq!(path.matches('M').count(), 2, "{path}");
    }
}
