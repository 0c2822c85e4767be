//! What a person reads whose tensors do not fit; `geometry.rs` has convolutions and poolings.

use tensor::{Conv2dAlgorithm, Conv2dGeometry, Conv2dOptions, Error, Result, Shape, Tensor, names};

fn tensor(shape: &[usize]) -> Tensor {
    Tensor::zeros(shape)
}

fn text<T: std::fmt::Debug>(result: Result<T>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn tensors_that_do_not_fit() {
    let cases = [
        (
            text(Tensor::from_vec([2, 2], [1.0_f32, 2.0, 3.0])),
            "from_vec: shape [2, 2] holds 4 elements, the data has 3",
        ),
        (
            text(Tensor::from_vec([usize::MAX, 2], [1.0_f32])),
            "from_vec: shape [18446744073709551615, 2] holds more elements than memory, the data \
             has 1",
        ),
        (
            text(Tensor::from_vec([1], [1.0_f32, 2.0])),
            "from_vec: shape [1] holds 1 element, the data has 2",
        ),
        (
            text(Tensor::concatenate(&[tensor(&[]), tensor(&[])])),
            "concatenate: the tensors differ in more than their first axis (first [], other [])",
        ),
        (
            text(tensor(&[2, 3]).reshape([4])),
            "reshape: shape [4] holds 4 elements, the tensor has 6 (input [2, 3])",
        ),
        (
            text(tensor(&[2, 3]).item()),
            "item: the tensor has 6 elements, expected 1 (input [2, 3]); read several by \
             as_slice, or reduce them by sum or mean first",
        ),
        (text(tensor(&[]).rows(0, 1)), "rows: a scalar has no rows"),
        (text(tensor(&[3, 2]).rows(1, 5)), "rows: range 1..5 is outside the 3 rows (input [3, 2])"),
        (text(Tensor::<f32>::concatenate(&[])), "concatenate: there is no tensor to join"),
        (
            text(Tensor::concatenate(&[tensor(&[2, 3]), tensor(&[2, 4])])),
            "concatenate: the tensors differ in more than their first axis (first [2, 3], other \
             [2, 4])",
        ),
        (
            text(tensor(&[2, 3]).permute(&[0, 0])),
            "permute: axes is [0, 0], expected a permutation of the axes of [2, 3]",
        ),
        (text(tensor(&[2, 3]).sum_axis(2)), "sum_axis: axis is 2, expected an axis of [2, 3]"),
        (
            text(tensor(&[2, 3]).zip_broadcast("add", &tensor(&[2, 4]), |a, b| a + b)),
            "add: axis 1 has size 3 on the left and 4 on the right (left [2, 3], right [2, 4]); \
             broadcasting needs equal sizes, or a size of 1",
        ),
        (
            text(tensor(&[2, 3]).broadcast_to(&Shape::from([2, 4]))),
            "broadcast_to: the tensor does not broadcast to [2, 4] (input [2, 3]); broadcasting \
             needs equal sizes, or a size of 1",
        ),
        (
            text(names::find("activation", "name", "sofplus", &["relu", "softplus"])),
            "activation: name is \"sofplus\", expected one of relu, softplus; did you mean \
             softplus?",
        ),
        (
            text(names::find("activation", "name", "banana", &["relu", "softplus"])),
            "activation: name is \"banana\", expected one of relu, softplus",
        ),
    ];
    for (found, expected) in cases {
        assert_eq!(found, expected);
    }
}

/// An algorithm that is asked for but cannot compute the convolution is never replaced silently.
#[test]
fn algorithms_that_do_not_apply() {
    let cases = [
        (
            Conv2dAlgorithm::Winograd,
            "conv2d: algorithm is Winograd, expected another one: it needs a 3x3 kernel with \
             stride 1 and dilation 1",
        ),
        (
            Conv2dAlgorithm::LanesWinograd,
            "conv2d: algorithm is LanesWinograd, expected another one: it needs a kernel of 3, 5 or 7 \
             columns, a stride of 1 and no dilation of the columns",
        ),
        (
            Conv2dAlgorithm::Rows,
            "conv2d: algorithm is Rows, expected another one: it needs a stride of 1",
        ),
    ];
    for (algorithm, expected) in cases {
        let options = Conv2dOptions::default().stride([2, 2]).algorithm(algorithm);
        let shapes = [Shape::from([1, 4, 8, 8]), Shape::from([4, 4, 3, 3])];
        assert_eq!(text(Conv2dGeometry::new(&shapes[0], &shapes[1], &options)), expected);
    }
}

/// The numbers of the arithmetic itself are checked, after those of every buffer.
#[test]
fn a_convolution_of_too_many_multiplications() {
    let (input, weight) = (Shape::from([1 << 50, 16, 4, 4]), Shape::from([64, 16, 4, 4]));
    let found = text(Conv2dGeometry::new(&input, &weight, &Conv2dOptions::default()));
    assert_eq!(
        found,
        "conv2d: 72057594037927936 outputs of 256 multiplications each overflow (input \
         [1125899906842624, 16, 4, 4], weight [64, 16, 4, 4]); use fewer or smaller images, fewer \
         channels, or less padding"
    );
}

/// Hints and paths go to every kind of error that has a place for them, and harm no other.
#[test]
fn errors_compose() {
    let label = || Error::Label { op: "loss", position: 3, label: 12, classes: 10 };
    let shape = Shape::from([2]);
    let cases = [
        (
            Error::state("backward", "the tape has been used")
                .hint("record it anew")
                .at("b")
                .at("a"),
            "a.b: backward: the tape has been used; record it anew",
        ),
        (
            Error::argument("elu", "alpha", -1, "at least 0")
                .hint("turn its sign")
                .operand("x", &shape),
            "elu: alpha is -1, expected at least 0; turn its sign",
        ),
        (
            label().hint("unheard").operand("x", &shape).at("fc3"),
            "fc3: loss: label 12 at position 3 is out of range, expected 0..=9 for 10 classes; \
             correct the label, or give the network an output for every class",
        ),
        (Error::shape("add", "no").at("fc1").hint("unheard"), "fc1: add: no"),
    ];
    for (error, expected) in cases {
        assert_eq!(error.to_string(), expected);
        // A report of the chain would tell a source a second time.
        assert!(std::error::Error::source(&error).is_none());
    }
}
