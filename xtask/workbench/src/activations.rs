//! What every layer of a network makes of an input.

use anyhow::Result;
use autodiff::Tape;
use layers::{Layer, ModuleExt};
use tensor::Tensor;

/// The output of one layer for one sample.
#[derive(Clone, Debug)]
pub(crate) struct Activation {
    /// Its name in the network: `conv1`.
    pub(crate) path: String,
    /// Without the batch axis: `[6, 28, 28]`.
    pub(crate) shape: Vec<usize>,
    /// Row-major.
    pub(crate) values: Vec<f32>,
}

/// The outputs of all layers for a single sample `[1, ..]`, in the order in which they ran, and the
/// network's.
///
/// The tape tells them, so this works for any network; containers are left out, since their layers
/// are there.
pub(crate) fn activations(network: &dyn Layer, input: Tensor) -> Result<(Vec<Activation>, Tensor)> {
    let tape = Tape::inference().explained().with_trace();
    let output = network.forward(tape.constant(input))?.into_value();
    let paths = network.layer_paths();
    let explanation = tape.explanation()?;
    let spans = tape.take_trace().spans.into_iter().filter(|span| !span.calls_others);
    let found = spans.filter_map(|span| {
        let step = explanation.steps.iter().rfind(|step| step.layer == Some(span.layer))?;
        let path = paths.iter().find(|(key, _)| *key == span.layer);
        Some(Activation {
            path: path.map_or(span.path, |(_, path)| path.clone()),
            shape: span.output[1..].to_vec(),
            values: step.value.as_slice().iter().map(|&value| value as f32).collect(),
        })
    });
    Ok((found.collect(), output))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum;
    use xtask::network::Network;

    #[test]
    fn every_layer_is_told_and_the_last_is_the_output() {
        for &network in Network::value_variants() {
            let mut layers = network.build();
            layers.initialize(1).unwrap();
            let input = Tensor::from_fn([1, 1, 32, 32], |i| (i % 7) as f32 - 3.0);
            let (found, output) = activations(&*layers, input.clone()).unwrap();
            let summary = layers::summary(&*layers, &[1, 32, 32]).unwrap();
            let rows = summary.rows.iter().map(|row| (row.path.clone(), row.output[1..].to_vec()));
            let told = found.iter().map(|layer| (layer.path.clone(), layer.shape.clone()));
            assert_eq!(told.collect::<Vec<_>>(), rows.collect::<Vec<_>>());
            for layer in &found {
                assert_eq!(layer.values.len(), layer.shape.iter().product::<usize>());
            }
            assert_eq!(found.last().unwrap().values, output.as_slice());
            let tape = Tape::inference();
            let plain = layers.forward(tape.constant(input)).unwrap().into_value();
            assert_eq!(output.as_slice(), plain.as_slice());
        }
    }
}
