//! Writing SVG: elements, attributes and escaping.

use super::Color;
use std::fmt::Write;

/// A position or a size in pixels, written with at most two decimals.
pub(super) fn px(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// Text between tags, or within a quoted attribute.
pub(super) fn escape(text: &str) -> String {
    text.chars().fold(String::new(), |mut escaped, letter| {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            _ => escaped.push(letter),
        }
        escaped
    })
}

/// About how wide a text is, in pixels, without asking a font.
pub(super) fn text_width(text: &str, size: f64) -> f64 {
    let em: f64 = text
        .chars()
        .map(|letter| match letter {
            'i' | 'j' | 'l' | 't' | 'f' | 'r' | '.' | ',' | ':' | '\'' | '(' | ')' | ' ' => 0.32,
            'm' | 'w' | 'M' | 'W' | '%' => 0.88,
            'A'..='Z' => 0.68,
            letter if u32::from(letter) >= 0x2e80 => 1.0,
            _ => 0.56,
        })
        .sum();
    em * size
}

/// Where the text's given point is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// An SVG document, or a part of one, being written.
#[derive(Debug, Default)]
pub(super) struct Svg {
    text: String,
}

impl Svg {
    /// Writes a line as it is.
    pub(super) fn raw(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    pub(super) fn line(&mut self, class: &str, [x1, y1]: [f64; 2], [x2, y2]: [f64; 2]) {
        let (x1, y1, x2, y2) = (px(x1), px(y1), px(x2), px(y2));
        let _ = writeln!(
            self.text,
            r#"<line class="{class}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>"#
        );
    }

    pub(super) fn rect(&mut self, class: &str, [x, y]: [f64; 2], [width, height]: [f64; 2]) {
        let (x, y, width, height) = (px(x), px(y), px(width), px(height));
        let _ = writeln!(
            self.text,
            r#"<rect class="{class}" x="{x}" y="{y}" width="{width}" height="{height}"/>"#
        );
    }

    /// A rectangle whose ground a colour covers by a share of 0 to 1.
    pub(super) fn shade(
        &mut self,
        color: Color,
        share: f64,
        [x, y]: [f64; 2],
        [width, height]: [f64; 2],
    ) {
        let (x, y, width, height) = (px(x), px(y), px(width), px(height));
        let (color, share) = (color.name(), px(share.clamp(0.0, 1.0)));
        let _ = writeln!(
            self.text,
            r#"<rect class="{color}-fill" fill-opacity="{share}" x="{x}" y="{y}" width="{width}" height="{height}"/>"#
        );
    }

    pub(super) fn path(&mut self, class: &str, data: &str) {
        let _ = writeln!(self.text, r#"<path class="{class}" d="{data}"/>"#);
    }

    pub(super) fn text(&mut self, class: &str, [x, y]: [f64; 2], anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => r#" text-anchor="middle""#,
            Anchor::End => r#" text-anchor="end""#,
        };
        let (x, y, text) = (px(x), px(y), superscripts(text));
        let _ =
            writeln!(self.text, r#"<text class="{class}" x="{x}" y="{y}"{anchor}>{text}</text>"#);
    }

    /// Text that runs upwards, its middle at the point.
    pub(super) fn upright_text(&mut self, class: &str, [x, y]: [f64; 2], text: &str) {
        let (x, y, text) = (px(x), px(y), superscripts(text));
        let _ = writeln!(
            self.text,
            r#"<text class="{class}" text-anchor="middle" transform="translate({x} {y}) rotate(-90)">{text}</text>"#
        );
    }

    pub(super) fn finish(self) -> String {
        self.text
    }
}

/// Sets `10^-3` with a raised exponent; everything else stays.
fn superscripts(text: &str) -> String {
    match text.split_once('^') {
        Some((base, exponent)) => format!(
            r#"{}<tspan dy="-0.4em" font-size="75%">{}</tspan>"#,
            escape(base),
            escape(&exponent.replace('-', "\u{2212}"))
        ),
        None => escape(text),
    }
}

/// `M1 2 3 4.5`: a line through the points, in pixels; a single one becomes a dot.
pub(super) fn polyline(points: &[[f64; 2]]) -> String {
    let mut data = String::new();
    for (i, [x, y]) in points.iter().enumerate() {
        data.push_str(if i == 0 { "M" } else { " " });
        let _ = write!(data, "{} {}", px(*x), px(*y));
    }
    if points.len() == 1 {
        data.push_str("h0");
    }
    data
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let shown = [0.0, -0.001, 1.0, 1.5, -2.126, 100.0, 1e3].map(px);
        assert_eq!(shown, ["0", "0", "1", "1.5", "-2.13", "100", "1000"]);
    }

    #[test]
    fn text_cannot_break_out() {
        let mut svg = Svg::default();
        svg.text("t", [1.0, 2.0], Anchor::End, r#"a < b & "c"</text>"#);
        assert_eq!(
            svg.finish(),
            "<text class=\"t\" x=\"1\" y=\"2\" text-anchor=\"end\">\
             a &lt; b &amp; &quot;c&quot;&lt;/text&gt;</text>\n"
        );
    }
}
