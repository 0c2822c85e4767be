//! Colours, and the style sheet that makes them follow the viewer's scheme.

use std::fmt::Write;

/// A colour of the palette, which is told apart by people who see few colours: Okabe and Ito's
/// (2008), with the tones that dark ground needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Color {
    Blue,
    Orange,
    Green,
    Purple,
    Gray,
}

impl Color {
    const ALL: [Color; 5] = [Color::Blue, Color::Orange, Color::Green, Color::Purple, Color::Gray];

    /// The name of its classes: `blue-line`, `blue-fill`, `blue-area`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Color::Blue => "blue",
            Color::Orange => "orange",
            Color::Green => "green",
            Color::Purple => "purple",
            Color::Gray => "gray",
        }
    }

    fn on(self, scheme: Scheme) -> &'static str {
        let (light, dark) = match self {
            Color::Blue => ("#0072b2", "#56b4e9"),
            Color::Orange => ("#d55e00", "#ff8a3d"),
            Color::Green => ("#00855f", "#2ccc9e"),
            Color::Purple => ("#b4508c", "#e59ac4"),
            Color::Gray => ("#6b7280", "#9aa3af"),
        };
        if scheme == Scheme::Light { light } else { dark }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Light,
    Dark,
}

/// The size of most text, in pixels.
pub(super) const TEXT: f64 = 12.0;
/// The size of tick labels.
pub(super) const SMALL: f64 = 11.0;
/// The size of the figure's title.
pub(super) const TITLE: f64 = 17.0;

/// The style sheet of every chart. It uses classes with plain colours instead of custom
/// properties, which viewers other than browsers (librsvg, Inkscape) do not know.
pub(super) fn sheet() -> String {
    let mut css = String::from("<style>\n");
    let _ = write!(
        css,
        "text {{ font-family: sans-serif; font-size: {TEXT}px; }}
.title {{ font-size: {TITLE}px; font-weight: 600; }}
.panel-title {{ font-size: {}px; font-weight: 600; }}
.tick, .cell {{ font-size: {SMALL}px; }}
.line {{ fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }}
.dashed {{ stroke-dasharray: 6 4; stroke-linecap: butt; }}
.dotted {{ stroke-dasharray: 2 3; stroke-linecap: butt; }}
.faint {{ stroke-width: 1; opacity: 0.45; }}
.frame {{ fill: none; stroke-width: 1; }}
.grid {{ stroke-width: 1; }}
.area {{ stroke: none; fill-opacity: 0.22; }}
.mark {{ stroke-width: 0.8; }}
.bar {{ stroke: none; fill-opacity: 0.85; }}
",
        TEXT + 1.0
    );
    css += &colors(Scheme::Light);
    let _ = write!(css, "@media (prefers-color-scheme: dark) {{\n{}}}\n", colors(Scheme::Dark));
    css + "</style>\n"
}

fn colors(scheme: Scheme) -> String {
    let (ground, ink, soft, frame, grid) = match scheme {
        Scheme::Light => ("#ffffff", "#1b1f24", "#4b5563", "#8b95a1", "#e3e6ea"),
        Scheme::Dark => ("#14171c", "#e8eaed", "#b3bac4", "#6b7480", "#2b3038"),
    };
    let mut css = format!(
        ".ground {{ fill: {ground}; }}
text {{ fill: {ink}; }}
.tick, .note {{ fill: {soft}; }}
.frame, .mark-line {{ stroke: {frame}; }}
.grid {{ stroke: {grid}; }}
.mark {{ stroke: {ground}; }}
"
    );
    for color in Color::ALL {
        let (name, tone) = (color.name(), color.on(scheme));
        let _ =
            writeln!(css, ".{name}-line {{ stroke: {tone}; }} .{name}-fill {{ fill: {tone}; }}");
    }
    css
}
