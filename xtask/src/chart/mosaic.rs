//! [`Mosaic`]: tables of coloured cells, such as a confusion matrix or a layer's filters.

use super::Color;
use super::figure::{EDGE, page};
use super::style::{SMALL, TEXT, TITLE};
use super::svg::{Anchor, Svg, text_width};

/// A cell: the share of a colour in its ground, and what is written on it.
#[derive(Clone, Debug)]
pub struct Cell {
    pub color: Color,
    /// 0 for none of the colour, 1 for nothing else.
    pub strength: f64,
    pub text: String,
}

/// A table of cells, with names at its rows and columns where they have some.
#[derive(Clone, Debug, Default)]
pub struct Tile {
    label: String,
    rows: Vec<Vec<Cell>>,
    names: Vec<String>,
    sides: [String; 2],
}

impl Tile {
    /// Cells by rows, with a text below them.
    pub fn new(label: impl Into<String>, rows: Vec<Vec<Cell>>) -> Self {
        Tile { label: label.into(), rows, ..Tile::default() }
    }

    /// The names of both the rows and the columns, and what each of the two sides means.
    #[must_use]
    pub fn names<S: Into<String>>(
        mut self,
        names: impl IntoIterator<Item = S>,
        [rows, columns]: [&str; 2],
    ) -> Self {
        self.names = names.into_iter().map(Into::into).collect();
        self.sides = [rows.to_owned(), columns.to_owned()];
        self
    }

    fn columns(&self) -> usize {
        self.rows.iter().map(Vec::len).max().unwrap_or(0)
    }

    /// The room for names at the left and above.
    fn margins(&self) -> [f64; 2] {
        if self.names.is_empty() {
            return [0.0, 0.0];
        }
        let widest = self.names.iter().map(|name| text_width(name, SMALL)).fold(0.0, f64::max);
        [widest + 8.0 + 1.6 * TEXT, 1.6 * SMALL + 1.6 * TEXT]
    }

    fn size(&self, cell: f64) -> [f64; 2] {
        let [left, above] = self.margins();
        let below = if self.label.is_empty() { 0.0 } else { 1.6 * SMALL };
        let (columns, rows) = (self.columns() as f64, self.rows.len() as f64);
        [left + columns * cell, above + rows * cell + below]
    }

    fn draw(&self, svg: &mut Svg, [left, top]: [f64; 2], cell: f64) {
        let [margin_left, margin_above] = self.margins();
        let (x, y) = (left + margin_left, top + margin_above);
        let [width, height] = [self.columns() as f64 * cell, self.rows.len() as f64 * cell];
        for (row, cells) in self.rows.iter().enumerate() {
            for (column, part) in cells.iter().enumerate() {
                let corner = [x + column as f64 * cell, y + row as f64 * cell];
                svg.shade(part.color, part.strength, corner, [cell, cell]);
                if !part.text.is_empty() {
                    let middle = [corner[0] + cell / 2.0, corner[1] + cell / 2.0 + 0.36 * SMALL];
                    svg.text("cell", middle, Anchor::Middle, &part.text);
                }
            }
        }
        svg.rect("frame", [x, y], [width, height]);
        for (i, name) in self.names.iter().enumerate() {
            let along = (i as f64 + 0.5) * cell;
            svg.text("tick", [x + along, y - 6.0], Anchor::Middle, name);
            svg.text("tick", [x - 6.0, y + along + 0.36 * SMALL], Anchor::End, name);
        }
        let [rows, columns] = &self.sides;
        svg.text("label", [x + width / 2.0, top + TEXT - 2.0], Anchor::Middle, columns);
        svg.upright_text("label", [left + TEXT - 2.0, y + height / 2.0], rows);
        let below = [x + width / 2.0, y + height + 1.3 * SMALL];
        svg.text("tick", below, Anchor::Middle, &self.label);
    }
}

/// Tiles in a grid, under a title.
#[derive(Clone, Debug)]
pub struct Mosaic {
    title: String,
    caption: Vec<String>,
    tiles: Vec<Tile>,
    cell: f64,
}

/// Tiles in a row.
const COLUMNS: usize = 3;
/// Free space between tiles.
const BETWEEN: f64 = 14.0;

impl Mosaic {
    /// An empty picture, with cells of `cell` pixels.
    pub fn new(title: impl Into<String>, cell: f64) -> Self {
        Mosaic { title: title.into(), caption: Vec::new(), tiles: Vec::new(), cell }
    }

    /// A line of text below the tiles; several stand below one another.
    #[must_use]
    pub fn caption(mut self, line: impl Into<String>) -> Self {
        self.caption.push(line.into());
        self
    }

    /// Adds a tile, row by row.
    #[must_use]
    pub fn tile(mut self, tile: Tile) -> Self {
        self.tiles.push(tile);
        self
    }

    /// The picture.
    pub fn to_svg(&self) -> String {
        let sizes = self.tiles.iter().map(|tile| tile.size(self.cell));
        let [width, height] =
            sizes.fold([0.0_f64; 2], |[w, h], [width, height]| [w.max(width), h.max(height)]);
        let columns = self.tiles.len().clamp(1, COLUMNS);
        let inner = columns as f64 * (width + BETWEEN) - BETWEEN;
        let texts = self.caption.iter().map(|line| text_width(line, TEXT));
        let inner = texts.fold(inner, f64::max).max(text_width(&self.title, 1.05 * TITLE));

        let mut body = Svg::default();
        let mut top = EDGE + TITLE;
        body.text("title", [EDGE, top - 2.0], Anchor::Start, &self.title);
        top += BETWEEN;
        for row in self.tiles.chunks(columns) {
            for (column, tile) in row.iter().enumerate() {
                tile.draw(&mut body, [EDGE + column as f64 * (width + BETWEEN), top], self.cell);
            }
            top += height + BETWEEN;
        }
        for line in &self.caption {
            body.text("note", [EDGE, top + 0.6 * TEXT], Anchor::Start, line);
            top += 1.4 * TEXT;
        }
        page(&self.title, &self.caption, [inner + 2.0 * EDGE, top + EDGE / 2.0], &body.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::super::figure::tests::assert_well_formed;
    use super::*;

    fn tile(label: &str) -> Tile {
        let cell = |text: &str, strength| Cell { color: Color::Blue, strength, text: text.into() };
        Tile::new(label, vec![vec![cell("1", 0.25), cell("<", 0.0)], vec![cell("", 2.0)]])
    }

    #[test]
    fn a_mosaic_is_well_formed() {
        let named = tile("").names(["cat", "dog"], ["truth", "read as"]);
        let svg = Mosaic::new("Two", 20.0).caption("a & b").tile(tile("x")).tile(named).to_svg();
        assert_well_formed(&svg);
        assert_eq!(svg.matches("fill-opacity=\"0.25\"").count(), 2);
        assert_eq!(svg.matches("fill-opacity=\"1\"").count(), 2, "more than all is all");
        for text in [">x</text>", ">cat</text>", ">truth</text>", ">read as</text>", ">&lt;<"] {
            assert!(svg.contains(text), "{text}");
        }
    }
}
