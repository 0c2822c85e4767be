//! [`summary`]: what a network is made of, layer by layer.

use crate::{Layer, ModuleExt};
use autodiff::{Span, Tape};
use std::fmt;
use tensor::{Result, Shape, Tensor};

/// One call of a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SummaryRow {
    /// The layer's path, such as `conv1`.
    pub path: String,
    /// The layer's type, such as `Conv2d`.
    pub kind: &'static str,
    /// The shape that goes in, with a batch of 1.
    pub input: Shape,
    /// The shape that comes out, with a batch of 1.
    pub output: Shape,
    /// The layer's trainable numbers, counted at its first call.
    pub parameters: usize,
}

/// What a network is made of; prints as an aligned table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The calls of layers, in order.
    pub rows: Vec<SummaryRow>,
    /// The network's trainable numbers.
    pub parameters: usize,
}

/// Runs an initialised network on one sample of zeros and notes each layer's shapes and
/// parameters. `input` is the shape of a sample without the batch axis, such as `[1, 32, 32]`.
///
/// # Errors
/// Where the network does not fit the input: the error names the layer. Also where the network
/// has no parameter values yet.
///
/// ```
/// use layers::{LeNet5, ModuleExt, summary};
/// let mut network = LeNet5::new();
/// network.initialize(1)?;
/// let table = summary(&network, &[1, 32, 32])?;
/// assert_eq!(table.rows[0].path, "conv1");
/// assert_eq!(table.rows[0].output[..], [1, 6, 28, 28]);
/// assert_eq!(table.rows[0].parameters, 156);
/// assert_eq!(table.parameters, 61_706);
/// # Ok::<(), layers::Error>(())
/// ```
pub fn summary(network: &dyn Layer, input: &[usize]) -> Result<Summary> {
    let tape = Tape::inference().with_trace();
    network.forward(tape.constant(Tensor::zeros([&[1], input].concat())))?;
    let parameters = network.parameters();
    let mut rows: Vec<SummaryRow> = Vec::new();
    for Span { path, kind, input, output } in tape.take_trace() {
        let first = rows.iter().all(|row| row.path != path);
        // The layer's own parameters are those directly under its path.
        let own = parameters.iter().filter(|(name, parameter)| {
            parameter.is_trainable() && name.rsplit_once('.').is_some_and(|(of, _)| of == path)
        });
        let count = own.map(|(_, parameter)| parameter.shape().elements()).sum();
        let parameters = if first { count } else { 0 };
        rows.push(SummaryRow { path, kind, input, output, parameters });
    }
    Ok(Summary { rows, parameters: network.parameter_count() })
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut cells = vec![["layer", "type", "output", "parameters"].map(str::to_owned)];
        for row in &self.rows {
            let parameters = thousands(row.parameters);
            cells.push([row.path.clone(), row.kind.into(), by(&row.output), parameters]);
        }
        cells.push(["total".into(), String::new(), String::new(), thousands(self.parameters)]);
        let width = |column: usize| {
            cells.iter().map(|row| row[column].chars().count()).max().unwrap_or_default()
        };
        let [a, b, c, d] = [0, 1, 2, 3].map(width);
        for (i, [path, kind, output, parameters]) in cells.iter().enumerate() {
            let end = if i + 1 == cells.len() { "" } else { "\n" };
            write!(f, "{path:a$}  {kind:b$}  {output:c$}  {parameters:>d$}{end}")?;
        }
        Ok(())
    }
}

/// `6×28×28`: a shape without its batch axis.
fn by(shape: &[usize]) -> String {
    let axes: Vec<_> = shape.iter().skip(1).map(ToString::to_string).collect();
    axes.join("×")
}

/// `61,706`.
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LeNet5;

    #[test]
    fn lenet5_prints_as_a_table() {
        let mut network = LeNet5::new();
        network.initialize(1).unwrap();
        let table = summary(&network, &[1, 32, 32]).unwrap().to_string();
        let expected = "\
layer    type       output    parameters
conv1    Conv2d     6×28×28          156
relu1    Relu       6×28×28            0
pool1    MaxPool2d  6×14×14            0
conv2    Conv2d     16×10×10       2,416
relu2    Relu       16×10×10           0
pool2    MaxPool2d  16×5×5             0
flatten  Flatten    400                0
fc1      Dense      120           48,120
relu3    Relu       120                0
fc2      Dense      84            10,164
relu4    Relu       84                 0
fc3      Dense      10               850
total                             61,706";
        assert_eq!(table, expected);
    }

    #[test]
    fn numbers_are_grouped() {
        let grouped = [0, 999, 1000, 61_706, 1_234_567].map(thousands);
        assert_eq!(grouped, ["0", "999", "1,000", "61,706", "1,234,567"]);
    }
}
