//! Layers one after another.

use layers::{Dense, Layer, ModuleExt, Relu, Sequential, Tanh, Tape, summary};
use tensor::Tensor;

fn network() -> Sequential {
    let network = Sequential::new().add(Dense::new(3, 4)).add(Relu::new());
    let block = Sequential::new().add(Dense::new(4, 4)).add(Tanh::new());
    network.add(block).named("head", Dense::new(4, 2)).unwrap()
}

#[test]
fn it_is_its_layers_in_order() {
    let mut network = network();
    network.initialize(3).unwrap();
    let tape = Tape::inference();
    let x = tape.constant(Tensor::from_vec([2, 3], [0.5, -1.0, 2.0, 0.1, 0.0, -0.3]).unwrap());
    let y = network.forward(x.clone()).unwrap().into_value();
    let by_hand = network.iter().try_fold(x.clone(), |x, (_, layer)| layer.forward(x)).unwrap();
    assert_eq!(y, by_hand.into_value());
    assert_eq!(network.len(), 4);

    let empty = Sequential::new();
    assert!(empty.is_empty());
    assert_eq!(empty.forward(x.clone()).unwrap().value(), x.value());
}

#[test]
fn names_are_places_unless_given() {
    let mut network = network();
    network.initialize(3).unwrap();
    let names: Vec<_> = network.parameters().into_iter().map(|(name, _)| name).collect();
    let expected = ["0.weight", "0.bias", "2.0.weight", "2.0.bias", "head.weight", "head.bias"];
    assert_eq!(names, expected);
    let rows = summary(&network, &[3]).unwrap().rows;
    let paths: Vec<_> = rows.iter().map(|row| row.path.as_str()).collect();
    assert_eq!(paths, ["0", "1", "2.0", "2.1", "head"]);
}

#[test]
fn names_that_are_refused() {
    let says = |name: &str| {
        let network = Sequential::new().named("fc", Dense::new(1, 1)).unwrap();
        network.named(name, Relu::new()).unwrap_err().to_string()
    };
    let words = "a word without dots; whole numbers are the names of layers without one";
    for name in ["", "1", "a.b"] {
        assert_eq!(says(name), format!("sequential: name is {name:?}, expected {words}"));
    }
    assert_eq!(
        says("fc"),
        "sequential: name is \"fc\", expected a name that no other layer here has"
    );
}
