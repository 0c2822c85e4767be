//! Drawing a panel into its place on the page.

use super::scale::{Scale, Tick};
use super::style::{SMALL, TEXT};
use super::svg::{Anchor, Svg, polyline, px, text_width};
use super::{Marker, Panel};
use std::fmt::Write;

/// Where the area between a panel's axes is, in pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// What a panel needs around that area.
pub(super) const ABOVE: f64 = 22.0;
pub(super) const TICKS_BELOW: f64 = 20.0;
pub(super) const LABEL_BELOW: f64 = 18.0;

/// Which of the axes' texts are written: panels of a grid may share them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Texts {
    pub(super) x: bool,
    pub(super) y: bool,
}

/// A panel with its scales and ticks.
pub(super) struct Drawn<'a> {
    panel: &'a Panel,
    x: Scale,
    y: Scale,
    x_ticks: Vec<Tick>,
    y_ticks: Vec<Tick>,
}

impl<'a> Drawn<'a> {
    pub(super) fn new(panel: &'a Panel, width: f64, height: f64) -> Self {
        let (x, y) = (panel.x.scale(panel.xs()), panel.y.scale(panel.ys()));
        let (x_ticks, y_ticks) =
            (panel.x.ticks(&x, width / 70.0), panel.y.ticks(&y, height / 45.0));
        Drawn { panel, x, y, x_ticks, y_ticks }
    }

    /// The room that the vertical axis's texts take.
    pub(super) fn left_of(&self) -> f64 {
        let widths = self.y_ticks.iter().map(|tick| text_width(&tick.label, SMALL));
        let label = if self.panel.y.label().is_empty() { 0.0 } else { 1.7 * TEXT };
        widths.fold(0.0, f64::max) + 10.0 + label
    }

    pub(super) fn draw(&self, svg: &mut Svg, place: Place, texts: Texts) {
        let Place { left, top, width, height } = place;
        let middle = left + width / 2.0;
        svg.text("panel-title", [middle, top - 8.0], Anchor::Middle, &self.panel.title);
        // A nested document clips what it draws, without an identifier that another chart on the
        // same page might use too.
        let size = format!(r#"width="{}" height="{}""#, px(width), px(height));
        svg.raw(&format!(r#"<svg x="{}" y="{}" {size}>"#, px(left), px(top)));
        self.draw_grid(svg, place);
        self.draw_data(svg, place);
        svg.raw("</svg>");
        svg.rect("frame", [left, top], [width, height]);
        self.draw_texts(svg, place, texts);
    }

    fn draw_grid(&self, svg: &mut Svg, place: Place) {
        for tick in &self.x_ticks {
            if let Some(x) = self.x_of(tick.value, place) {
                svg.line("grid", [x, 0.0], [x, place.height]);
            }
        }
        for tick in self.y_ticks.iter().filter(|_| !self.panel.y.has_categories()) {
            if let Some(y) = self.y_of(tick.value, place) {
                svg.line("grid", [0.0, y], [place.width, y]);
            }
        }
    }

    fn draw_data(&self, svg: &mut Svg, place: Place) {
        let panel = self.panel;
        for (field, color) in &panel.regions {
            let path = field.region(|x, y| self.point(x, y, place));
            svg.path(&format!("area {}-fill", color.name()), &path);
        }
        self.draw_bars(svg, place);
        for line in &panel.lines {
            let mut class = format!("line {}-line", line.color.name());
            class += if line.dashed { " dashed" } else { "" };
            class += if line.faint { " faint" } else { "" };
            let places: Vec<_> =
                line.points.iter().map(|&(x, y)| self.point(x, y, place)).collect();
            let pieces = places.split(Option::is_none).filter(|piece| !piece.is_empty());
            let pieces =
                pieces.map(|piece| polyline(&piece.iter().copied().flatten().collect::<Vec<_>>()));
            svg.path(&class, &pieces.collect::<String>());
        }
        for (x, label) in &panel.verticals {
            if let Some(x) = self.x_of(*x, place) {
                svg.line("line mark-line dotted", [x, 0.0], [x, place.height]);
                let (anchor, shift) =
                    if x > place.width / 2.0 { (Anchor::End, -5.0) } else { (Anchor::Start, 5.0) };
                svg.text("note tick", [x + shift, 14.0], anchor, label);
            }
        }
        for points in &panel.points {
            let placed = points.points.iter().filter_map(|&(x, y)| self.point(x, y, place));
            let path: String =
                placed.map(|center| marker_path(points.marker, center, points.radius)).collect();
            svg.path(&format!("mark {}-fill", points.color.name()), &path);
        }
        for (i, note) in panel.notes.iter().rev().enumerate() {
            let corner = [place.width - 8.0, place.height - 9.0 - 15.0 * i as f64];
            svg.text("note tick", corner, Anchor::End, note);
        }
    }

    fn draw_bars(&self, svg: &mut Svg, place: Place) {
        let groups = self.panel.bars.len() as f64;
        let band = place.height / (self.y.high - self.y.low);
        let thickness = 0.76 * band / groups;
        for (group, bars) in self.panel.bars.iter().enumerate() {
            for (i, value) in bars.values.iter().enumerate() {
                let (from, to) = (self.x_of(bars.base, place), self.x_of(*value, place));
                let (Some(from), Some(to), Some(y)) = (from, to, self.y_of(i as f64, place)) else {
                    continue;
                };
                let top = y + thickness * (group as f64 - groups / 2.0);
                let corner = [from.min(to), top];
                let class = format!("bar {}-fill", bars.color.name());
                svg.rect(&class, corner, [(to - from).abs(), thickness]);
            }
        }
    }

    fn draw_texts(&self, svg: &mut Svg, place: Place, texts: Texts) {
        let Place { left, top, width, height } = place;
        for tick in self.x_ticks.iter().filter(|_| texts.x) {
            if let Some(x) = self.x_of(tick.value, place) {
                let at = [left + x, top + height + 15.0];
                svg.text("tick", at, Anchor::Middle, &tick.label);
            }
        }
        for tick in self.y_ticks.iter().filter(|_| texts.y) {
            if let Some(y) = self.y_of(tick.value, place) {
                svg.text("tick", [left - 6.0, top + y + 4.0], Anchor::End, &tick.label);
            }
        }
        if texts.x {
            let below = top + height + TICKS_BELOW + 13.0;
            svg.text("label", [left + width / 2.0, below], Anchor::Middle, self.panel.x.label());
        }
        if texts.y && !self.panel.y.label().is_empty() {
            let middle = [left - self.left_of() + TEXT, top + height / 2.0];
            svg.upright_text("label", middle, self.panel.y.label());
        }
    }

    fn point(&self, x: f64, y: f64, place: Place) -> Option<[f64; 2]> {
        Some([self.x_of(x, place)?, self.y_of(y, place)?])
    }

    fn x_of(&self, value: f64, place: Place) -> Option<f64> {
        Some(self.x.position(value)? * place.width)
    }

    fn y_of(&self, value: f64, place: Place) -> Option<f64> {
        let position = self.y.position(value)?;
        let from_top = if self.panel.y.has_categories() { position } else { 1.0 - position };
        Some(from_top * place.height)
    }
}

/// The outline of a marker.
pub(super) fn marker_path(marker: Marker, [x, y]: [f64; 2], radius: f64) -> String {
    let mut path = String::new();
    let (r, d) = (px(radius), px(2.0 * radius));
    let _ = match marker {
        Marker::Circle => {
            write!(path, "M{} {}a{r} {r} 0 1 0 {d} 0a{r} {r} 0 1 0 -{d} 0Z", px(x - radius), px(y))
        }
        Marker::Square => {
            let half = 0.88 * radius;
            write!(path, "M{} {}h{s}v{s}h-{s}Z", px(x - half), px(y - half), s = px(2.0 * half))
        }
        Marker::Triangle => {
            let (half, low) = (1.1 * radius, y + 0.85 * radius);
            let top = px(y - 1.15 * radius);
            let (left, right) = (px(x - half), px(x + half));
            write!(path, "M{} {top}L{right} {low}L{left} {low}Z", px(x), low = px(low))
        }
    };
    path
}
