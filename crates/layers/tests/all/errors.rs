//! What a person reads who made a mistake: what went wrong, where, what was found and expected,
//! and how to mend it.

use layers::{
    AvgPool2d, Conv2d, Dense, Error, Flatten, Initializer, Layer, LeNet5, MaxPool2d, ModuleExt,
    PadMode, Result, Tape, Var, module,
};
use tensor::Tensor;

/// A network of one layer, which gives the layer its path.
struct Only<L> {
    layer: L,
}

impl<L: Layer> layers::Module for Only<L> {
    fn visit<'a>(&'a self, visitor: &mut layers::Visitor<'_, 'a>) {
        visitor.field("layer", &self.layer);
    }

    fn visit_mut<'a>(&'a mut self, visitor: &mut layers::VisitorMut<'_, 'a>) {
        visitor.field("layer", &mut self.layer);
    }
}

impl<L: Layer> Layer for Only<L> {
    fn forward<'t>(&self, input: Var<'t>) -> Result<Var<'t>> {
        self.layer.forward(input)
    }
}

/// What an input of `shape` makes an initialised network say.
fn says(mut network: impl Layer, shape: &[usize]) -> String {
    network.initialize(1).unwrap();
    let tape = Tape::inference();
    network.forward(tape.constant(Tensor::zeros(shape))).unwrap_err().to_string()
}

fn layer_says(layer: impl Layer, shape: &[usize]) -> String {
    says(Only { layer }, shape)
}

fn check(cases: &[(String, &str)]) {
    for (found, expected) in cases {
        assert_eq!(found, expected);
    }
}

#[test]
fn images_that_do_not_fit_lenet5() {
    check(&[
        (
            says(LeNet5::new(), &[1, 1, 28, 28]),
            "fc1: linear: input has 256 features, weight expects 400 (input [1, 256], weight \
             [120, 400]); resize what the network is fed, or make this layer Dense::new(256, 120)",
        ),
        (
            says(LeNet5::new(), &[2, 3, 32, 32]),
            "conv1: conv2d: input has 3 channels, weight expects 1 (input [2, 3, 32, 32], weight \
             [6, 1, 5, 5]); make the number of input channels 1, or this layer's in_channels 3",
        ),
        (
            says(LeNet5::new(), &[1, 32, 32]),
            "conv1: conv2d: input has 3 axes, expected 4 axes [batch, channels, height, width] \
             (input [1, 32, 32], weight [6, 1, 5, 5]); a single image is a batch of 1: \
             [1, 1, 32, 32]",
        ),
        (
            says(LeNet5::new(), &[1, 1, 12, 12]),
            "conv2: conv2d: kernel 5x5 does not fit in the image 4x4 (input [1, 6, 4, 4], weight \
             [16, 6, 5, 5]); pad_mode Valid adds no padding: use Same or Pad, a smaller kernel or \
             a larger image",
        ),
    ]);
}

#[test]
fn convolutions_that_cannot_be() {
    let image = &[1, 4, 8, 8];
    check(&[
        (
            layer_says(Conv2d::new(4, 6, 9).pad_mode(PadMode::Pad([0, 0, 1, 0])), image),
            "layer: conv2d: kernel 9x9 does not fit in the image 8x8, padded to 8x9 \
             (input [1, 4, 8, 8], weight [6, 4, 9, 9]); use more padding, a smaller kernel or a \
             larger image",
        ),
        (
            layer_says(Conv2d::new(4, 6, 3).stride(0), image),
            "layer: conv2d: stride is [0, 0], expected at least 1 along height and width",
        ),
        (
            layer_says(Conv2d::new(4, 6, 3).dilation(0), image),
            "layer: conv2d: dilation is [0, 0], expected at least 1 along height and width",
        ),
        (
            layer_says(Conv2d::new(4, 6, 3).groups(0), image),
            "layer: conv2d: groups is 0, expected at least 1",
        ),
        (
            layer_says(Conv2d::new(4, 6, 3).groups(3), image),
            "layer: conv2d: 4 input channels cannot be split into 3 groups (input [1, 4, 8, 8], \
             weight [6, 1, 3, 3]); groups divides both channel counts",
        ),
        (
            layer_says(Conv2d::new(4, 6, 3).groups(4), image),
            "layer: conv2d: 6 output channels cannot be split into 4 groups (input [1, 4, 8, 8], \
             weight [6, 1, 3, 3]); groups divides both channel counts",
        ),
        (
            layer_says(Conv2d::new(4, 0, 3), image),
            "layer: conv2d: weight has out channels 0, expected at least 1 ([out channels, \
             in channels / groups, kernel height, kernel width]) (input [1, 4, 8, 8], weight \
             [0, 4, 3, 3])",
        ),
    ]);
}

#[test]
fn other_layers_that_cannot_be() {
    check(&[
        (
            layer_says(MaxPool2d::new(0), &[1, 1, 4, 4]),
            "layer: max_pool2d: kernel size is [0, 0], expected at least 1 along height and width",
        ),
        (
            layer_says(AvgPool2d::new(5), &[1, 1, 4, 4]),
            "layer: avg_pool2d: kernel 5x5 does not fit in the image 4x4 (input [1, 1, 4, 4]); \
             pad_mode Valid adds no padding: use Same or Pad, a smaller kernel or a larger image",
        ),
        (
            layer_says(MaxPool2d::new(2).pad_mode(PadMode::all_sides(2)), &[1, 1, 4, 4]),
            "layer: max_pool2d: padding is [2, 2, 2, 2], expected less than the window 2x2 on \
             every side; a window in the padding alone would have no pixel to pool",
        ),
        (
            layer_says(Dense::new(3, 2), &[]),
            "layer: linear: input needs at least one axis [.., features] (input [], weight [2, 3])",
        ),
        (
            layer_says(Dense::new(3, 0), &[4, 3]),
            "layer: linear: weight needs at least one input and one output \
             (input [4, 3], weight [0, 3])",
        ),
        (
            layer_says(Flatten::new(), &[3]),
            "layer: flatten: input needs a batch axis and another (input [3]); a single sample is a \
             batch of 1",
        ),
    ]);
}

#[test]
fn a_network_without_values() {
    let tape = Tape::inference();
    let input = tape.constant(Tensor::<f32>::zeros([1, 1, 32, 32]));
    let error = LeNet5::new().forward(input).unwrap_err();
    assert_eq!(
        error.to_string(),
        "forward: the parameters have no values yet; \
         call initialize(seed) on the network, or load weights"
    );
}

struct Block {
    conv: Conv2d,
}
module!(Block { conv });

struct Blocks {
    block: Vec<Block>,
}
module!(Blocks { block });

impl Layer for Blocks {
    fn forward<'t>(&self, mut x: Var<'t>) -> Result<Var<'t>> {
        for block in &self.block {
            x = block.conv.forward(x)?;
        }
        Ok(x)
    }
}

fn blocks() -> Blocks {
    Blocks {
        block: vec![Block { conv: Conv2d::new(1, 2, 3) }, Block { conv: Conv2d::new(3, 2, 3) }],
    }
}

/// A layer in a list of blocks is named by its whole path.
#[test]
fn a_nested_layer_has_its_whole_path() {
    assert_eq!(
        says(blocks(), &[1, 1, 8, 8]),
        "block.1.conv: conv2d: input has 2 channels, weight expects 3 (input [1, 2, 6, 6], weight \
         [2, 3, 3, 3]); make the number of input channels 3, or this layer's in_channels 2"
    );
}

#[test]
fn initialisers_with_bad_numbers() {
    let cases = [
        (Initializer::Constant(f64::NAN), "constant is NaN, expected a finite number"),
        (Initializer::Constant(f64::INFINITY), "constant is inf, expected a finite number"),
        (
            Initializer::Uniform { bound: -0.5 },
            "bound is -0.5, expected a finite number, at least 0",
        ),
        (
            Initializer::Normal { deviation: f64::NAN },
            "deviation is NaN, expected a finite number, at least 0",
        ),
    ];
    for (initializer, expected) in cases {
        let mut network = blocks();
        network.block[1].conv.weight.set_initializer(initializer);
        let error = network.initialize(1).unwrap_err();
        assert_eq!(error.to_string(), format!("block.1.conv.weight: initializer: {expected}"));
    }
}

/// Sizes whose product no memory holds are told, not multiplied.
#[test]
fn layers_larger_than_memory() {
    let network = || Only { layer: Dense::new(1 << 40, 1 << 40) };
    let expected = "parameter: a value of shape [1099511627776, 1099511627776] is larger than \
                    memory can address; make the layer smaller";
    assert_eq!(
        network().initialize(1).unwrap_err().to_string(),
        format!("layer.weight: {expected}")
    );
    assert_eq!(
        layers::check_input(&network(), &[3]).unwrap_err().to_string(),
        format!("layer: {expected}")
    );
}

#[test]
fn a_value_of_another_shape() {
    let mut dense = Dense::new(3, 2);
    let error = dense.weight.set(Tensor::zeros([3, 2])).unwrap_err();
    assert_eq!(error.to_string(), "parameter: the value has shape [3, 2], expected [2, 3]");
    assert!(dense.weight.value().is_none());
}

/// Errors are values to match on, not only text.
#[test]
fn errors_are_typed() {
    let mut network = LeNet5::new();
    network.initialize(1).unwrap();
    let tape = Tape::inference();
    let error = network.forward(tape.constant(Tensor::<f32>::zeros([1, 1, 28, 28]))).unwrap_err();
    let Error::At { path, cause } = error else { panic!("{error:?}") };
    assert_eq!(path, "fc1");
    assert!(matches!(*cause, Error::Shape { op: "linear", .. }), "{cause:?}");
}
