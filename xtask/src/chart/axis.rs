//! [`Axis`]: what is measured, from where to where.

use super::scale::{Scale, Tick};

/// An axis of a panel. Without a range it takes that of the data, and a little more.
#[derive(Clone, Debug, Default)]
pub struct Axis {
    label: String,
    range: Option<(f64, f64)>,
    log: bool,
    percent: bool,
    categories: Vec<String>,
}

impl Axis {
    /// A linear axis; the label names the quantity and, in brackets, its unit.
    pub fn new(label: impl Into<String>) -> Self {
        Axis { label: label.into(), ..Axis::default() }
    }

    /// Names instead of numbers: the first at 0, the next at 1, and so on; on a vertical axis from
    /// top to bottom.
    pub fn categories(names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Axis { categories: names.into_iter().map(Into::into).collect(), ..Axis::default() }
    }

    /// From `low` to `high`, whatever the data.
    #[must_use]
    pub fn range(mut self, low: f64, high: f64) -> Self {
        self.range = Some((low, high));
        self
    }

    /// Logarithmic; values of 0 and less are not drawn.
    #[must_use]
    pub fn log(mut self) -> Self {
        self.log = true;
        self
    }

    /// Shares, written as percentages.
    #[must_use]
    pub fn percent(mut self) -> Self {
        self.percent = true;
        self
    }

    pub(super) fn label(&self) -> &str {
        &self.label
    }

    /// The scale for these values.
    pub(super) fn scale(&self, values: impl Iterator<Item = f64>) -> Scale {
        if !self.categories.is_empty() {
            return Scale { low: -0.5, high: self.categories.len() as f64 - 0.5, log: false };
        }
        let log = self.log;
        let (low, high) = self.range.unwrap_or_else(|| {
            let usable = values.filter(|v| v.is_finite() && (!log || *v > 0.0));
            let (low, high) = usable.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
                (low.min(v), high.max(v))
            });
            if low > high { (1.0, 10.0) } else { widened(low, high, log) }
        });
        Scale { low, high, log }
    }

    pub(super) fn ticks(&self, scale: &Scale, count: f64) -> Vec<Tick> {
        if !self.categories.is_empty() {
            let ticks = self.categories.iter().enumerate();
            return ticks.map(|(i, name)| Tick { value: i as f64, label: name.clone() }).collect();
        }
        if !self.percent {
            return scale.ticks(count);
        }
        let hundredfold = Scale { low: 100.0 * scale.low, high: 100.0 * scale.high, ..*scale };
        let ticks = hundredfold.ticks(count).into_iter();
        ticks
            .map(|tick| Tick { value: tick.value / 100.0, label: format!("{} %", tick.label) })
            .collect()
    }

    /// Whether there are names at it: these run from top to bottom on a vertical axis.
    pub(super) fn has_categories(&self) -> bool {
        !self.categories.is_empty()
    }
}

/// A twentieth more at both ends; something around a single value.
fn widened(low: f64, high: f64, log: bool) -> (f64, f64) {
    if log {
        let factor = if low == high { 10.0 } else { (high / low).powf(0.05) };
        return (low / factor, high * factor);
    }
    let margin = if low == high { low.abs().max(1.0) * 0.5 } else { 0.05 * (high - low) };
    (low - margin, high + margin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_is_that_of_the_data_and_a_little_more() {
        let axis = Axis::new("x");
        let scale = axis.scale([2.0, f64::NAN, 4.0, f64::INFINITY].into_iter());
        assert_eq!((scale.low, scale.high), (1.9, 4.1));
        let scale = axis.scale([3.0].into_iter());
        assert_eq!((scale.low, scale.high), (1.5, 4.5));
        let scale = Axis::new("x").log().scale([0.0, -1.0, 1e-3].into_iter());
        assert_eq!((scale.low, scale.high), (1e-4, 1e-2));
        let empty = axis.scale(std::iter::empty());
        assert_eq!((empty.low, empty.high), (1.0, 10.0));
    }

    #[test]
    fn shares_are_written_as_percentages() {
        let axis = Axis::new("accuracy").percent().range(0.85, 1.0);
        let ticks = axis.ticks(&axis.scale(std::iter::empty()), 3.0);
        let labels: Vec<_> = ticks.iter().map(|tick| tick.label.as_str()).collect();
        assert_eq!(labels, ["85 %", "90 %", "95 %", "100 %"]);
        assert!((ticks[1].value - 0.9).abs() < 1e-12);
    }
}
