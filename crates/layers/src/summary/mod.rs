//! [`summary`]: what a network is made of, layer by layer, and whether an input fits it.

mod misfit;
mod table;

use crate::{Layer, ModuleExt};
use autodiff::{Tally, Tape, Trace};
use tensor::{Error, Result, Shape, Tensor};

/// One call of a layer. All numbers are those of one sample.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SummaryRow {
    /// The layer's path, such as `conv1`.
    pub path: String,
    /// The layer's type, such as `Conv2d`.
    pub kind: &'static str,
    /// The shape that goes in, with a batch of 1.
    pub input: Shape,
    /// The shape that comes out, with a batch of 1.
    pub output: Shape,
    /// Units: numbers that are a weighted sum, or a pooling, of others. An activation is applied
    /// to units and has none of its own.
    pub neurons: usize,
    /// Trainable numbers, counted at their first use.
    pub parameters: usize,
    /// Inputs of all units and their biases: those that share a weight count each.
    pub connections: usize,
    /// Multiplications of the forward pass, each with its addition, by the definition.
    pub multiply_adds: usize,
    /// Bytes of the output in `f32`; 0 where nothing moves but the shape.
    pub memory: usize,
}

/// What a network is made of. It prints as an aligned table; [`Summary::to_markdown`] gives one
/// for documents.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// The calls of layers, in order.
    pub rows: Vec<SummaryRow>,
    /// The network's trainable numbers, those that no layer used included.
    pub parameters: usize,
    /// The sum of the rows' neurons.
    pub neurons: usize,
    /// The sum of the rows' connections.
    pub connections: usize,
    /// The sum of the rows' multiplications.
    pub multiply_adds: usize,
    /// Bytes of all rows' outputs in `f32`: what training one sample holds at most.
    pub memory: usize,
}

/// What a network is made of, for a sample of the shape `input`, such as `[1, 32, 32]`; the batch
/// axis is added. The network need not be initialised, since shapes need no values.
///
/// Neurons, connections and multiplications are those that the operations of `autodiff` count; a
/// layer or an operation of your own can tell its own: [`Tape::tally`].
///
/// # Errors
/// Where the network does not fit the input: the error names the layer and says with which
/// arithmetic.
///
/// ```
/// use layers::{LeNet5, summary};
/// let table = summary(&LeNet5::new(), &[1, 32, 32])?;
/// assert_eq!(table.rows[0].path, "conv1");
/// assert_eq!(table.rows[0].output[..], [1, 6, 28, 28]);
/// assert_eq!(table.rows[0].parameters, 156);
/// assert_eq!(table.rows[0].connections, 156 * 28 * 28);
/// assert_eq!(table.parameters, 61_706);
/// println!("{table}");
/// # Ok::<(), layers::Error>(())
/// ```
pub fn summary(network: &dyn Layer, input: &[usize]) -> Result<Summary> {
    let (output, Trace { spans, outside, .. }) = run(network, input)?;
    let paths = network.layer_paths();
    let mut rows: Vec<_> = Vec::new();
    for span in spans {
        // A container's layers have rows of their own.
        if span.calls_others && span.tally == Tally::default() {
            continue;
        }
        let path = paths.iter().find(|(key, _)| *key == span.layer);
        let path = path.map_or(span.path, |(_, path)| path.clone());
        rows.push(row(path, span.kind, [span.input, span.output], span.tally));
    }
    if outside != Tally::default() {
        let input = Shape::from([&[1], input].concat());
        rows.push(row(String::new(), "(in no layer)", [input, output], outside));
    }
    let sum = |number: fn(&SummaryRow) -> usize| rows.iter().map(number).sum();
    Ok(Summary {
        parameters: network.parameter_count(),
        neurons: sum(|row| row.neurons),
        connections: sum(|row| row.connections),
        multiply_adds: sum(|row| row.multiply_adds),
        memory: sum(|row| row.memory),
        rows,
    })
}

/// Checks that samples of the shape `input` pass through a network, before any training: the shape
/// that comes out, without the batch axis. The network need not be initialised.
///
/// # Errors
/// As [`summary`].
///
/// ```
/// use layers::{LeNet5, check_input};
/// assert_eq!(check_input(&LeNet5::new(), &[1, 32, 32])?[..], [10]);
/// assert_eq!(
///     check_input(&LeNet5::new(), &[1, 36, 36]).unwrap_err().to_string(),
///     "fc1: linear: input has 576 features, weight expects 400 (input [1, 576], weight \
///      [120, 400]); 16·5·5 = 400 expected, got 16·6·6 = 576: resize what the network is fed, \
///      or make this layer Dense::new(576, 120)"
/// );
/// # Ok::<(), layers::Error>(())
/// ```
pub fn check_input(network: &dyn Layer, input: &[usize]) -> Result<Shape> {
    let (output, _) = run(network, input)?;
    Ok(Shape::new(output.get(1..).unwrap_or_default()))
}

/// Passes one sample of zeros through a network.
fn run(network: &dyn Layer, input: &[usize]) -> Result<(Shape, Trace)> {
    let shape = Shape::from([&[1], input].concat());
    if shape.checked_elements().is_none_or(|elements| elements > isize::MAX as usize / 8) {
        let expected = "a sample that fits in memory";
        return Err(Error::argument("summary", "input", format!("{input:?}"), expected));
    }
    let tape = Tape::dry();
    match network.forward(tape.constant(Tensor::zeros(&shape))) {
        Ok(output) => Ok((output.shape().clone(), tape.take_trace())),
        Err(error) => {
            let trace = tape.take_trace();
            let paths = network.layer_paths();
            let failed = paths.into_iter().find(|(key, _)| Some(*key) == trace.failed);
            let path = failed.map_or_else(String::new, |(_, path)| path);
            Err(misfit::explain(error, &path, input, &trace.spans))
        }
    }
}

fn row(path: String, kind: &'static str, [input, output]: [Shape; 2], tally: Tally) -> SummaryRow {
    let Tally { neurons, parameters, connections, multiply_adds } = tally;
    let moved = input == output || input.elements() != output.elements() || neurons > 0;
    let memory = if moved { output.elements() * size_of::<f32>() } else { 0 };
    SummaryRow {
        path,
        kind,
        input,
        output,
        neurons,
        parameters,
        connections,
        multiply_adds,
        memory,
    }
}
