//! What the layers of a network make of an image, as pictures.

use crate::activations::activations;
use anyhow::Result;
use layers::Layer;
use tensor::Tensor;

/// The maps that come out of a layer.
#[derive(Clone, Debug)]
pub(crate) struct FeatureMaps {
    /// The layer's path, such as `conv1`.
    pub(crate) layer: String,
    /// How many maps there are.
    pub(crate) maps: usize,
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    /// Map by map, row-major.
    pub(crate) values: Vec<f64>,
}

impl FeatureMaps {
    /// The values of each map.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[f64]> {
        self.values.chunks(self.rows * self.columns)
    }
}

/// The maps of all layers whose output is images, in their order, for one image
/// `[1, channels, rows, columns]`.
pub(crate) fn feature_maps(network: &dyn Layer, image: Tensor) -> Result<Vec<FeatureMaps>> {
    let (layers, _) = activations(network, image)?;
    let maps = layers.into_iter().filter_map(|layer| {
        let &[maps, rows, columns] = &layer.shape[..] else { return None };
        let values = layer.values.into_iter().map(f64::from).collect();
        let found = FeatureMaps { layer: layer.path, maps, rows, columns, values };
        (rows * columns > 1).then_some(found)
    });
    Ok(maps.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use layers::{LeNet5, LeNet5Classic, ModuleExt, Tape};

    fn shapes(network: &mut dyn Layer) -> Vec<(String, [usize; 3])> {
        network.initialize(1).unwrap();
        let image = Tensor::from_fn([1, 1, 32, 32], |i| (i % 7) as f32);
        let maps = feature_maps(network, image).unwrap();
        maps.into_iter().map(|m| (m.layer, [m.maps, m.rows, m.columns])).collect()
    }

    #[test]
    fn every_layer_of_images_is_there_in_order() {
        let expected = [
            ("conv1", [6, 28, 28]),
            ("relu1", [6, 28, 28]),
            ("pool1", [6, 14, 14]),
            ("conv2", [16, 10, 10]),
            ("relu2", [16, 10, 10]),
            ("pool2", [16, 5, 5]),
        ];
        let found = shapes(&mut LeNet5::new());
        assert_eq!(found, expected.map(|(name, shape)| (name.to_owned(), shape)));
        let names: Vec<_> = shapes(&mut LeNet5Classic::new()).into_iter().map(|m| m.0).collect();
        assert_eq!(names, ["c1", "tanh1", "s2", "tanh2", "c3", "tanh3", "s4", "tanh4"]);
    }

    #[test]
    fn the_values_are_those_of_the_forward_pass() {
        let mut network = LeNet5::new();
        network.initialize(3).unwrap();
        let image = Tensor::from_fn([1, 1, 32, 32], |i| (i % 11) as f32 / 11.0);
        let tape = Tape::inference();
        let expected = network.conv1.forward(tape.constant(image.clone())).unwrap();
        let maps = &feature_maps(&network, image).unwrap()[0];
        let expected: Vec<_> = expected.value().as_slice().iter().map(|x| f64::from(*x)).collect();
        assert_eq!(maps.values, expected);
        assert_eq!(maps.iter().count(), 6);
    }
}
