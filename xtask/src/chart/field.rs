//! [`Field`]: a function on a rectangle, and the region where it is positive.

use super::svg::px;
use std::fmt::Write;

/// Values at the points of a regular grid, row by row from the lowest y; the region where they
/// are positive is what a panel draws of it.
#[derive(Clone, Debug)]
pub struct Field {
    columns: usize,
    rows: usize,
    x: (f64, f64),
    y: (f64, f64),
    values: Vec<f64>,
}

impl Field {
    /// A grid of `columns`×`rows` points over the rectangle, the outer ones on its edges.
    pub fn new(
        [columns, rows]: [usize; 2],
        x: (f64, f64),
        y: (f64, f64),
        values: Vec<f64>,
    ) -> Self {
        assert!(columns > 1 && rows > 1 && values.len() == columns * rows, "a value per point");
        Field { columns, rows, x, y, values }
    }

    /// The grid's points `(x, y)` in the order of the values.
    pub fn grid([columns, rows]: [usize; 2], x: (f64, f64), y: (f64, f64)) -> Vec<(f64, f64)> {
        let at = |(low, high): (f64, f64), i: usize, n: usize| {
            low + (high - low) * i as f64 / (n - 1) as f64
        };
        (0..rows)
            .flat_map(|row| {
                (0..columns).map(move |column| (at(x, column, columns), at(y, row, rows)))
            })
            .collect()
    }

    pub(super) fn corners(&self) -> [(f64, f64); 2] {
        [(self.x.0, self.y.0), (self.x.1, self.y.1)]
    }

    /// The path around the region where the values are positive, as `place` puts points of the
    /// panel on the page. Each cell gives the polygon that is left of it when the straight lines
    /// between the zeros on its edges cut off what is not positive (marching squares); neighbours
    /// that are whole are joined.
    pub(super) fn region(&self, place: impl Fn(f64, f64) -> Option<[f64; 2]>) -> String {
        let mut path = String::new();
        let mut close = |corners: &[(f64, f64)]| {
            for (i, &(column, row)) in corners.iter().enumerate() {
                let x = self.x.0 + (self.x.1 - self.x.0) * column / (self.columns - 1) as f64;
                let y = self.y.0 + (self.y.1 - self.y.0) * row / (self.rows - 1) as f64;
                let Some([x, y]) = place(x, y) else { return };
                let _ = write!(path, "{}{} {}", if i == 0 { "M" } else { "L" }, px(x), px(y));
            }
            if !corners.is_empty() {
                path.push('Z');
            }
        };
        for row in 0..self.rows - 1 {
            let mut column = 0;
            while column < self.columns - 1 {
                let whole =
                    (column..self.columns - 1).take_while(|&c| self.is_whole(c, row)).count();
                if whole > 0 {
                    let [left, right] = [column, column + whole].map(|c| c as f64);
                    let [low, high] = [row, row + 1].map(|r| r as f64);
                    close(&[(left, low), (right, low), (right, high), (left, high)]);
                    column += whole;
                } else {
                    close(&self.cut(column, row));
                    column += 1;
                }
            }
        }
        path
    }

    fn at(&self, column: usize, row: usize) -> f64 {
        self.values[row * self.columns + column]
    }

    fn cell(column: usize, row: usize) -> [(usize, usize); 4] {
        [(column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1)]
    }

    fn is_whole(&self, column: usize, row: usize) -> bool {
        Self::cell(column, row).iter().all(|&(c, r)| self.at(c, r) > 0.0)
    }

    /// The positive part of a cell, in grid coordinates.
    fn cut(&self, column: usize, row: usize) -> Vec<(f64, f64)> {
        let corners = Self::cell(column, row);
        let mut polygon = Vec::new();
        for i in 0..4 {
            let ((c, r), (next_c, next_r)) = (corners[i], corners[(i + 1) % 4]);
            let (here, next) = (self.at(c, r), self.at(next_c, next_r));
            if here > 0.0 {
                polygon.push((c as f64, r as f64));
            }
            if (here > 0.0) != (next > 0.0) {
                let share = here / (here - next);
                let along =
                    |from: usize, to: usize| from as f64 + share * (to as f64 - from as f64);
                polygon.push((along(c, next_c), along(r, next_r)));
            }
        }
        polygon
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(values: &[f64], size: [usize; 2]) -> String {
        let far = [size[0] as f64 - 1.0, size[1] as f64 - 1.0];
        let field = Field::new(size, (0.0, far[0]), (0.0, far[1]), values.to_vec());
        field.region(|x, y| Some([x, y]))
    }

    #[test]
    fn the_boundary_runs_through_the_zeros() {
        // x - 1.25 on three columns: whole right of 2, cut at 1.25.
        let values = [-1.25, -0.25, 0.75, -1.25, -0.25, 0.75];
        assert_eq!(region(&values, [3, 2]), "M1.25 0L2 0L2 1L1.25 1Z");
    }

    #[test]
    fn whole_neighbours_are_one_rectangle() {
        assert_eq!(region(&[1.0; 8], [4, 2]), "M0 0L3 0L3 1L0 1Z");
        assert_eq!(region(&[-1.0; 8], [4, 2]), "");
    }

    #[test]
    fn the_grid_has_its_points_on_the_edges() {
        let grid = Field::grid([3, 2], (-1.0, 1.0), (0.0, 4.0));
        assert_eq!(grid[0], (-1.0, 0.0));
        assert_eq!(grid[1], (0.0, 0.0));
        assert_eq!(grid[5], (1.0, 4.0));
    }
}
