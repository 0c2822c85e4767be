//! [`Value`]: what a metric yields.

use serde::{Serialize, Serializer};
use std::fmt;

/// What a [`Metric`](crate::Metric) yields: mostly a number.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// One number; NaN where the samples do not determine it, such as the area under the curve of
    /// a single class.
    Number(f64),
    /// A number for each class; NaN for those that the samples say nothing about.
    PerClass(Vec<f64>),
    /// A number for each pair of classes.
    Matrix(Matrix),
}

impl Value {
    /// In words, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Value::Number(_) => "a number",
            Value::PerClass(_) => "a number for each class",
            Value::Matrix(_) => "a matrix",
        }
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Value::Number(number)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Number(number) => write!(f, "{number}"),
            Value::PerClass(numbers) => {
                let numbers: Vec<_> = numbers.iter().map(|x| format!("{x:.4}")).collect();
                write!(f, "[{}]", numbers.join(", "))
            }
            Value::Matrix(matrix) => matrix.fmt(f),
        }
    }
}

/// A number is a number, classes are a list, a matrix is a list of rows; NaN is null.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Number(number) => serializer.serialize_f64(*number),
            Value::PerClass(numbers) => numbers.serialize(serializer),
            Value::Matrix(matrix) => matrix.rows.serialize(serializer),
        }
    }
}

/// A number for each pair of a true class (row) and a predicted class (column).
///
/// Prints as a table:
///
/// ```text
///               predicted
///               cat  dog  eel
/// truth  cat     12    1    0
///        dog      0    9    2
///        eel      1    0   10
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    /// The names of the classes.
    pub labels: Vec<String>,
    /// One row for each true class.
    pub rows: Vec<Vec<f64>>,
}

impl fmt::Display for Matrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = self.rows.iter().flatten().all(|x| x.fract() == 0.0);
        let cell = |x: &f64| if whole { format!("{x}") } else { format!("{x:.3}") };
        let cells: Vec<Vec<String>> =
            self.rows.iter().map(|row| row.iter().map(cell).collect()).collect();
        let length = |text: &String| text.chars().count();
        // A matrix of somebody's own metric may lack names or numbers: it is shown as it is.
        let columns = cells.iter().map(Vec::len).max().unwrap_or(0);
        let unnamed = (self.labels.len()..columns.max(cells.len())).map(|class| class.to_string());
        let labels: Vec<String> = self.labels.iter().cloned().chain(unnamed).collect();
        let label = labels.iter().map(length).max().unwrap_or(0);
        let width = |column: usize| {
            let numbers = cells.iter().filter_map(|row| row.get(column)).map(length).max();
            numbers.unwrap_or(0).max(length(&labels[column]))
        };
        write!(f, "{:1$}predicted", "", label + 9)?;
        write!(f, "\n{:1$}", "", label + 7)?;
        for (column, name) in labels.iter().enumerate() {
            write!(f, "  {name:>0$}", width(column))?;
        }
        for (row, (name, cells)) in labels.iter().zip(&cells).enumerate() {
            let side = if row == 0 { "truth" } else { "" };
            write!(f, "\n{side:5}  {name:<label$}")?;
            for (column, cell) in cells.iter().enumerate() {
                write!(f, "  {cell:>0$}", width(column))?;
            }
        }
        Ok(())
    }
}
