//! [`Panel`] and what can be drawn in it.

use super::{Axis, Color, Field};

/// A line through points; it breaks where a value is not finite.
#[derive(Clone, Debug)]
pub struct Line {
    pub(super) label: String,
    pub(super) points: Vec<(f64, f64)>,
    pub(super) color: Color,
    pub(super) dashed: bool,
    pub(super) faint: bool,
}

impl Line {
    /// A solid blue line; an empty label keeps it out of the legend.
    pub fn new(label: impl Into<String>, points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let points = points.into_iter().collect();
        Line { label: label.into(), points, color: Color::Blue, dashed: false, faint: false }
    }

    /// Its colour.
    #[must_use]
    pub fn color(mut self, color: Color) -> Self {
        self.color = color;
        self
    }

    /// In dashes, so that it is told from another without its colour.
    #[must_use]
    pub fn dashed(mut self) -> Self {
        self.dashed = true;
        self
    }

    /// Thin and pale: for what stands behind.
    #[must_use]
    pub fn faint(mut self) -> Self {
        self.faint = true;
        self
    }
}

/// The shape of a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Marker {
    Circle,
    Square,
    Triangle,
}

/// Single points.
#[derive(Clone, Debug)]
pub struct Points {
    pub(super) label: String,
    pub(super) points: Vec<(f64, f64)>,
    pub(super) color: Color,
    pub(super) marker: Marker,
    pub(super) radius: f64,
}

impl Points {
    /// Points of 3 pixels' radius.
    pub fn new(
        label: impl Into<String>,
        points: impl IntoIterator<Item = (f64, f64)>,
        color: Color,
        marker: Marker,
    ) -> Self {
        let points = points.into_iter().collect();
        Points { label: label.into(), points, color, marker, radius: 3.0 }
    }

    /// Their radius in pixels.
    #[must_use]
    pub fn radius(mut self, radius: f64) -> Self {
        self.radius = radius;
        self
    }
}

/// Horizontal bars on a vertical axis of categories: one from `base` to each value.
#[derive(Clone, Debug)]
pub struct Bars {
    pub(super) label: String,
    pub(super) values: Vec<f64>,
    pub(super) base: f64,
    pub(super) color: Color,
}

impl Bars {
    /// Bars from 0.
    pub fn new(
        label: impl Into<String>,
        values: impl IntoIterator<Item = f64>,
        color: Color,
    ) -> Self {
        Bars { label: label.into(), values: values.into_iter().collect(), base: 0.0, color }
    }

    /// Where they begin.
    #[must_use]
    pub fn base(mut self, base: f64) -> Self {
        self.base = base;
        self
    }
}

/// A pair of axes and what is drawn between them.
#[derive(Clone, Debug, Default)]
pub struct Panel {
    pub(super) title: String,
    pub(super) x: Axis,
    pub(super) y: Axis,
    pub(super) regions: Vec<(Field, Color)>,
    pub(super) bars: Vec<Bars>,
    pub(super) lines: Vec<Line>,
    pub(super) points: Vec<Points>,
    pub(super) verticals: Vec<(f64, String)>,
    pub(super) notes: Vec<String>,
}

impl Panel {
    /// An empty panel.
    pub fn new(title: impl Into<String>) -> Self {
        Panel { title: title.into(), ..Panel::default() }
    }

    /// The horizontal axis.
    #[must_use]
    pub fn x(mut self, axis: Axis) -> Self {
        self.x = axis;
        self
    }

    /// The vertical axis.
    #[must_use]
    pub fn y(mut self, axis: Axis) -> Self {
        self.y = axis;
        self
    }

    /// A line.
    #[must_use]
    pub fn line(mut self, line: Line) -> Self {
        self.lines.push(line);
        self
    }

    /// Points, above everything else.
    #[must_use]
    pub fn points(mut self, points: Points) -> Self {
        self.points.push(points);
        self
    }

    /// Horizontal bars.
    #[must_use]
    pub fn bars(mut self, bars: Bars) -> Self {
        self.bars.push(bars);
        self
    }

    /// The region where the field is positive, under everything else.
    #[must_use]
    pub fn region(mut self, field: Field, color: Color) -> Self {
        self.regions.push((field, color));
        self
    }

    /// A dashed vertical line with a word at its top.
    #[must_use]
    pub fn vertical(mut self, x: f64, label: impl Into<String>) -> Self {
        self.verticals.push((x, label.into()));
        self
    }

    /// A line of text in the lower right corner; several stand below one another.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    pub(super) fn xs(&self) -> impl Iterator<Item = f64> {
        let bars = self.bars.iter().flat_map(|bars| bars.values.iter().copied().chain([bars.base]));
        self.all_points().map(|(x, _)| x).chain(bars).chain(self.verticals.iter().map(|(x, _)| *x))
    }

    pub(super) fn ys(&self) -> impl Iterator<Item = f64> {
        self.all_points().map(|(_, y)| y)
    }

    fn all_points(&self) -> impl Iterator<Item = (f64, f64)> {
        let lines = self.lines.iter().flat_map(|line| &line.points).copied();
        let points = self.points.iter().flat_map(|points| &points.points).copied();
        let corners = self.regions.iter().flat_map(|(field, _)| field.corners());
        lines.chain(points).chain(corners)
    }
}
