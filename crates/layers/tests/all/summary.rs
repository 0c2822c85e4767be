//! Summaries: the chapter's table, and what they say of an input that does not fit.

use layers::{
    BatchNorm1d, BatchNorm2d, Conv2d, Dense, GlobalAvgPool2d, Initializer, Layer, LayerNorm,
    LeNet5, LeNet5Classic, ModuleExt, Parameter, Result, Scope, Sequential, Var, check_input,
    module, summary,
};
use tensor::Float;

/// §3.4.1: layer, output, neurons, trainable parameters, connections.
#[test]
fn the_chapters_table_of_the_classic_network() {
    let chapter: [(_, &[usize], _, _, _); 8] = [
        ("c1", &[6, 28, 28], 4_704, 156, 122_304),
        ("s2", &[6, 14, 14], 1_176, 12, 5_880),
        ("c3", &[16, 10, 10], 1_600, 1_516, 151_600),
        ("s4", &[16, 5, 5], 400, 32, 2_000),
        ("c5", &[120, 1, 1], 120, 48_120, 48_120),
        ("f6", &[84], 84, 10_164, 10_164),
        ("output", &[10], 10, 850, 850),
        ("total", &[], 8_094, 60_850, 340_918),
    ];
    let table = summary(&LeNet5Classic::new(), &[1, 32, 32]).unwrap();
    let mut rows: Vec<_> = table.rows.iter().filter(|row| row.neurons > 0).collect();
    let total = table.rows[0].clone();
    for (expected, row) in chapter.iter().zip(rows.drain(..)) {
        let found = (&row.path[..], &row.output[1..], row.neurons, row.parameters, row.connections);
        assert_eq!(found, *expected);
    }
    assert_eq!(total.input[..], [1, 1, 32, 32]);
    let totals = (table.neurons, table.parameters, table.connections);
    assert_eq!(totals, (8_094, 60_850, 340_918));
    // What is not connected is not multiplied, although it is computed with zeros.
    let c3 = table.rows.iter().find(|row| row.path == "c3").unwrap();
    assert_eq!(c3.multiply_adds, 60 * 25 * 100);
}

#[test]
fn lenet5_prints_as_a_table() {
    let network = LeNet5::new();
    let table = summary(&network, &[1, 32, 32]).unwrap();
    let expected = "\
layer    type       input    output   neurons  parameters  connections  multiply-adds   memory
conv1    Conv2d     1×32×32  6×28×28    4,704         156      122,304        117,600  18.8 kB
relu1    Relu       6×28×28  6×28×28        -           -            -              -  18.8 kB
pool1    MaxPool2d  6×28×28  6×14×14    1,176           -        4,704              -   4.7 kB
conv2    Conv2d     6×14×14  16×10×10   1,600       2,416      241,600        240,000   6.4 kB
relu2    Relu       16×10×10 16×10×10       -           -            -              -   6.4 kB
pool2    MaxPool2d  16×10×10 16×5×5       400           -        1,600              -   1.6 kB
flatten  Flatten    16×5×5   400            -           -            -              -        -
fc1      Dense      400      120          120      48,120       48,120         48,000    480 B
relu3    Relu       120      120            -           -            -              -    480 B
fc2      Dense      120      84            84      10,164       10,164         10,080    336 B
relu4    Relu       84       84             -           -            -              -    336 B
fc3      Dense      84       10            10         850          850            840     40 B
total                                   8,094      61,706      429,342        416,520  58.4 kB";
    let words = |text: &str| -> Vec<Vec<String>> {
        text.lines().map(|line| line.split_whitespace().map(str::to_owned).collect()).collect()
    };
    assert_eq!(words(&table.to_string()), words(expected));
    let text = table.to_string();
    let mut widths = text.lines().map(|line| line.chars().count());
    let first = widths.next().unwrap();
    assert!(widths.all(|width| width == first), "{text}");
    let markdown = table.to_markdown();
    assert!(markdown.contains("|---|---|---|---|---:|---:|---:|---:|---:|\n| conv1 | Conv2d |"));
    assert!(markdown.ends_with("| **416,520** | **58.4 kB** |\n"), "{markdown}");
    assert_eq!(markdown.lines().count(), 2 + 12 + 1);
}

/// Running statistics are not trained, so they are no parameters here; a normalisation is part of
/// the neurons before it.
#[test]
fn normalisation_is_counted_by_what_is_trained() {
    let network = Sequential::new()
        .add(Conv2d::new(1, 4, 3))
        .add(BatchNorm2d::new(4))
        .add(GlobalAvgPool2d::new())
        .add(LayerNorm::new([4]))
        .add(BatchNorm1d::new(4));
    let table = summary(&network, &[1, 6, 6]).unwrap();
    let rows = table.rows.iter();
    let found: Vec<_> = rows.map(|row| (row.kind, row.neurons, row.parameters)).collect();
    let expected = [
        ("Conv2d", 64, 40),
        ("BatchNorm2d", 0, 8),
        ("GlobalAvgPool2d", 4, 0),
        ("LayerNorm", 0, 8),
        ("BatchNorm1d", 0, 8),
    ];
    assert_eq!(found, expected);
    assert_eq!((table.neurons, table.parameters), (68, 64));
    assert_eq!(network.parameter_count(), 64);
}

/// Values change nothing.
#[test]
fn an_initialised_network_has_the_same_summary() {
    let mut network = LeNet5::new();
    let before = summary(&network, &[1, 32, 32]).unwrap();
    network.initialize(1).unwrap();
    assert_eq!(summary(&network, &[1, 32, 32]).unwrap(), before);
}

#[test]
fn inputs_that_do_not_fit() {
    let says = |network: &dyn Layer, input: &[usize]| {
        let error = check_input(network, input).unwrap_err();
        assert_eq!(summary(network, input).unwrap_err(), error);
        error.to_string()
    };
    let rank = |given: &str, input: &str| {
        format!(
            "conv1: conv2d: input has {given}, expected 4 axes [batch, channels, height, width] \
             (input {input}, weight [6, 1, 5, 5]); the shape "
        )
    };
    let image = "was given for one sample, to which the batch axis is added; an image is \
                 [channels, height, width], such as [1, 32, 32]";
    let mut initialised = LeNet5::new();
    initialised.initialize(1).unwrap();
    for network in [&LeNet5::new(), &initialised] {
        let cases = [
            (
                says(network, &[1, 28, 28]),
                "fc1: linear: input has 256 features, weight expects 400 (input [1, 256], weight \
                 [120, 400]); 16·5·5 = 400 expected, got 16·4·4 = 256: resize what the network is \
                 fed, or make this layer Dense::new(256, 120)"
                    .to_owned(),
            ),
            (
                says(network, &[3, 32, 32]),
                "conv1: conv2d: input has 3 channels, weight expects 1 (input [1, 3, 32, 32], \
                 weight [6, 1, 5, 5]); make the number of input channels 1, or this layer's \
                 in_channels 3"
                    .to_owned(),
            ),
            (
                says(network, &[32, 32]),
                format!("{}[32, 32] {image}", rank("3 axes", "[1, 32, 32]")),
            ),
            (
                says(network, &[32, 1, 32, 32]),
                format!("{}[32, 1, 32, 32] {image}", rank("5 axes", "[1, 32, 1, 32, 32]")),
            ),
            (says(network, &[]), format!("{}[] {image}", rank("1 axis", "[1]"))),
            (
                says(network, &[1, usize::MAX, 2]),
                format!(
                    "summary: input is [1, {}, 2], expected a sample that fits in memory",
                    usize::MAX
                ),
            ),
        ];
        for (found, expected) in cases {
            assert_eq!(found, expected);
        }
    }
}

/// A layer of one's own from operations that count themselves, with a layer inside.
struct Gated {
    scope: Scope,
    gate: Parameter,
    dense: Dense,
}

module!(Gated { scope, gate, dense });

impl<T: Float> Layer<T> for Gated {
    fn forward<'t>(&self, input: Var<'t, T>) -> Result<Var<'t, T>> {
        self.scope.run("Gated", input, |x| {
            let gate = x.clone().linear(&self.gate.on(x.tape())?, None)?.sigmoid();
            self.dense.forward(x)?.mul(&gate)
        })
    }
}

/// Uses it twice, and an operation of no layer.
struct Twice {
    gated: Gated,
}

module!(Twice { gated });

impl<T: Float> Layer<T> for Twice {
    fn forward<'t>(&self, x: Var<'t, T>) -> Result<Var<'t, T>> {
        let y = self.gated.forward(self.gated.forward(x)?)?;
        let scores = y.tape().constant(tensor::Tensor::zeros([4, 2]));
        y.matmul(&scores)
    }
}

#[test]
fn layers_of_ones_own_are_counted() {
    let gate = Parameter::new([4, 4], Initializer::ONE);
    let gated = Gated { scope: Scope::default(), gate, dense: Dense::new(4, 4) };
    let table = summary(&Twice { gated }, &[4]).unwrap();
    let found: Vec<_> = table
        .rows
        .iter()
        .map(|row| (&row.path[..], row.kind, row.neurons, row.parameters, row.connections))
        .collect();
    let expected = [
        ("gated", "Gated", 4, 16, 16),
        ("gated.dense", "Dense", 4, 20, 20),
        // A layer's parameters are counted once.
        ("gated", "Gated", 4, 0, 16),
        ("gated.dense", "Dense", 4, 0, 20),
        ("", "(in no layer)", 2, 0, 8),
    ];
    assert_eq!(found, expected);
    assert_eq!((table.parameters, table.connections), (36, 80));
}
