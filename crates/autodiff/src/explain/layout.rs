//! Where the boxes of a drawing go: rows from the inputs down to the result (Sugiyama's method in
//! its simplest form).

use super::Explanation;

/// A box, or the place where a long edge passes through a row.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The step, or `None` where an edge passes.
    pub(super) step: Option<usize>,
    pub(super) row: usize,
    /// The middle.
    pub(super) x: f64,
    pub(super) width: f64,
}

/// An edge as the places that it visits, from the input's box to the user's.
#[derive(Clone, Debug)]
pub(super) struct Edge {
    pub(super) places: Vec<usize>,
    /// Which of the user's inputs it is.
    pub(super) input: usize,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Layout {
    pub(super) places: Vec<Place>,
    pub(super) edges: Vec<Edge>,
    /// The places of each row, from left to right.
    pub(super) rows: Vec<Vec<usize>>,
}

/// Between neighbours in a row.
const GAP: f64 = 24.0;
/// The width that a passing edge needs.
const PASSING: f64 = 8.0;
/// Sweeps over the rows, for their order and for the positions in them.
const SWEEPS: usize = 12;

/// Lays out boxes of these widths.
pub(super) fn layout(explanation: &Explanation, widths: &[f64]) -> Layout {
    let mut layout = Layout::default();
    for (step, (&row, &width)) in rows(explanation).iter().zip(widths).enumerate() {
        layout.places.push(Place { step: Some(step), row, x: 0.0, width });
    }
    for (user, step) in explanation.steps.iter().enumerate() {
        for (input, &from) in step.inputs.iter().enumerate() {
            let Some(from) = from else { continue };
            let mut places = vec![from];
            for row in layout.places[from].row + 1..layout.places[user].row {
                places.push(layout.places.len());
                layout.places.push(Place { step: None, row, x: 0.0, width: PASSING });
            }
            places.push(user);
            layout.edges.push(Edge { places, input });
        }
    }
    layout.rows =
        vec![Vec::new(); layout.places.iter().map(|place| place.row + 1).max().unwrap_or(0)];
    for (i, place) in layout.places.iter().enumerate() {
        layout.rows[place.row].push(i);
    }
    layout.order();
    layout.position();
    layout
}

/// The row of each step: an operation below all of its inputs, what is given just above where it
/// is first used.
fn rows(explanation: &Explanation) -> Vec<usize> {
    let steps = &explanation.steps;
    let mut rows = vec![0; steps.len()];
    for (i, step) in steps.iter().enumerate() {
        rows[i] = step.inputs.iter().flatten().map(|&input| rows[input] + 1).max().unwrap_or(0);
    }
    for (i, step) in steps.iter().enumerate() {
        let uses = steps.iter().zip(&rows).filter(|(user, _)| user.inputs.contains(&Some(i)));
        if let (true, Some(first)) = (step.inputs.is_empty(), uses.map(|(_, &row)| row).min()) {
            rows[i] = first - 1;
        }
    }
    rows
}

impl Layout {
    /// The neighbours of every place in the row above (`false`) or below, each with where on the
    /// box below the edge ends: inputs stand in their order, a little less than a place apart.
    fn neighbours(&self, below: bool) -> Vec<Vec<(usize, f64)>> {
        let mut neighbours = vec![Vec::new(); self.places.len()];
        for edge in &self.edges {
            for pair in edge.places.windows(2) {
                let (of, neighbour) = if below { (pair[0], pair[1]) } else { (pair[1], pair[0]) };
                neighbours[of].push((neighbour, if below { edge.input as f64 / 8.0 } else { 0.0 }));
            }
        }
        neighbours
    }

    /// Puts each row into the order of its neighbours' middles, so that fewer edges cross.
    fn order(&mut self) {
        for sweep in 0..SWEEPS {
            let below = sweep % 2 == 1;
            let neighbours = self.neighbours(below);
            let mut rank = vec![0.0; self.places.len()];
            let count = self.rows.len();
            for step in 0..count {
                let row = if below { count - 1 - step } else { step };
                for (i, &place) in self.rows[row].iter().enumerate() {
                    rank[place] = mean(&neighbours[place], &rank, 1.0).unwrap_or(i as f64);
                }
                self.rows[row].sort_by(|&a, &b| rank[a].total_cmp(&rank[b]));
                for (i, &place) in self.rows[row].iter().enumerate() {
                    rank[place] = i as f64;
                }
            }
        }
    }

    /// Moves each row towards its neighbours, without overlaps.
    fn position(&mut self) {
        for sweep in 0..SWEEPS {
            let below = sweep % 2 == 1;
            let neighbours = self.neighbours(below);
            let count = self.rows.len();
            for step in 0..count {
                let row = &self.rows[if below { count - 1 - step } else { step }];
                let x: Vec<f64> = self.places.iter().map(|place| place.x).collect();
                let wish = |&place: &usize| mean(&neighbours[place], &x, 0.0).unwrap_or(x[place]);
                let wishes: Vec<f64> = row.iter().map(wish).collect();
                let widths: Vec<f64> = row.iter().map(|&place| self.places[place].width).collect();
                let apart = |i: usize| f64::midpoint(widths[i - 1], widths[i]) + GAP;
                // As far left as the wishes allow, and as far right: the middle has no overlap.
                let mut right = wishes.clone();
                let mut left = wishes;
                for i in 1..row.len() {
                    right[i] = right[i].max(right[i - 1] + apart(i));
                }
                for i in (1..row.len()).rev() {
                    left[i - 1] = left[i - 1].min(left[i] - apart(i));
                }
                for (i, &place) in row.iter().enumerate() {
                    self.places[place].x = f64::midpoint(left[i], right[i]);
                }
            }
        }
    }
}

/// The mean value of some places, each with `share` of its offset.
fn mean(places: &[(usize, f64)], values: &[f64], share: f64) -> Option<f64> {
    let sum: f64 = places.iter().map(|&(place, offset)| values[place] + share * offset).sum();
    (!places.is_empty()).then(|| sum / places.len() as f64)
}
