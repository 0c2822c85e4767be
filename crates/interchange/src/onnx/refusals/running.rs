//! Nodes whose inputs do not fit: told when the network runs.

use super::*;

type Case =
    (&'static str, &'static [&'static str], Vec<AttributeProto>, &'static [usize], &'static str);

/// A node's operator, inputs and attributes; the shape of `x`; and what is said after `n: `.
///
/// Beside `x` and the three weights `w` there are the integers `size` [2], `sizes` [5, 7] and
/// `column` [[9]].
fn rows() -> Vec<Case> {
    vec![
        (
            "Add",
            &["x"],
            vec![],
            &[2, 3],
            "onnx: the second input is missing, expected an array of numbers",
        ),
        (
            "Relu",
            &[""],
            vec![],
            &[2, 3],
            "onnx: the first input is missing, expected an array of numbers",
        ),
        (
            "Relu",
            &["sizes"],
            vec![],
            &[2, 3],
            "onnx: the first input is a list of integers, expected an array of numbers",
        ),
        (
            "Identity",
            &[],
            vec![],
            &[2, 3],
            "onnx: the first input is missing, expected an array of numbers",
        ),
        (
            "Reshape",
            &["x"],
            vec![],
            &[2, 3],
            "onnx: the second input is missing, expected a list of integers",
        ),
        (
            "Reshape",
            &["x", "w"],
            vec![],
            &[2, 3],
            "onnx: the second input is an array of numbers, expected a list of integers",
        ),
        (
            "Reshape",
            &["x", "column"],
            vec![],
            &[2, 3],
            "onnx: the second input is a column of integers, expected a list of integers",
        ),
        (
            "Reshape",
            &["x", "sizes"],
            vec![],
            &[2, 3],
            "reshape: shape [5, 7] holds 35 elements, the tensor has 6 (input [2, 3])",
        ),
        (
            "Concat",
            &["sizes", "x"],
            vec![],
            &[2, 3],
            "onnx: the second input is an array of numbers, expected a list of integers",
        ),
        (
            "Gather",
            &["sizes", "x"],
            vec![],
            &[2, 3],
            "onnx: the second input is no list of integers, expected the indices of sizes in \
             a shape",
        ),
        ("Gather", &["sizes", "size"], vec![], &[2, 3], "onnx: index is 2, expected -2 to 1"),
        (
            "ScatterND",
            &["x", "sizes", "w"],
            vec![],
            &[2, 3],
            "onnx: the second input is no column of integers, expected the indices of whole \
             rows, [n, 1]",
        ),
        ("ScatterND", &["x", "column", "w"], vec![], &[2, 3], "onnx: row is 9, expected -2 to 1"),
        (
            "Squeeze",
            &["column"],
            vec![],
            &[2, 3],
            "onnx: the first input is a column of integers, expected an array",
        ),
        ("Squeeze", &[], vec![], &[2, 3], "onnx: the first input is missing, expected an array"),
        ("Squeeze", &["x", "size"], vec![], &[2, 3], "onnx: axis is 2, expected -2 to 1"),
        (
            "Squeeze",
            &["x"],
            vec![ints("axes", &[1])],
            &[2, 3],
            "squeeze: axis is 1, expected one of size 1",
        ),
        (
            "Squeeze",
            &["x"],
            vec![],
            &[2, 1],
            "onnx: the second input is missing, expected a list of integers",
        ),
        ("Flatten", &["x"], vec![int("axis", 3)], &[2, 3], "onnx: axis is 3, expected -2 to 1"),
        ("Softmax", &["x"], vec![int("axis", -3)], &[2, 3], "onnx: axis is -3, expected -2 to 1"),
        (
            "ReduceMean",
            &["x"],
            vec![ints("axes", &[0])],
            &[],
            "onnx: axis is 0, expected none, because there are none",
        ),
        (
            "Transpose",
            &["x"],
            vec![ints("perm", &[0, 0])],
            &[2, 3],
            "permute: axes is [0, 0], expected a permutation of the axes of [2, 3]",
        ),
        (
            "Add",
            &["x", "w"],
            vec![],
            &[2, 4],
            "add: axis 1 has size 4 on the left and 3 on the right (left [2, 4], right [3]); \
             broadcasting needs equal sizes, or a size of 1",
        ),
        (
            "MatMul",
            &["x", "w"],
            vec![],
            &[2, 4],
            "matmul: both operands need two axes (left [2, 4], right [3]); a vector is a \
             matrix of one row or one column: reshape it",
        ),
        (
            "Gemm",
            &["x", "w"],
            vec![],
            &[2, 4],
            "permute: axes is [1, 0], expected a permutation of the axes of [3]",
        ),
        (
            "Gemm",
            &["x", "x"],
            vec![],
            &[2, 3],
            "linear: input has 3 features, weight expects 2 (input [2, 3], weight [3, 2])",
        ),
        (
            "Conv",
            &["x", "w"],
            vec![],
            &[1, 1, 4, 4],
            "conv2d: weight has 1 axis, expected 4 axes [out channels, in channels / groups, \
             kernel height, kernel width] (input [1, 1, 4, 4], weight [3])",
        ),
        (
            "Conv",
            &["x", "x"],
            vec![ints("strides", &[0, 1])],
            &[1, 1, 4, 4],
            "conv2d: stride is [0, 1], expected at least 1 along height and width",
        ),
        (
            "MaxPool",
            &["x"],
            vec![ints("kernel_shape", &[5, 5])],
            &[1, 1, 4, 4],
            "max_pool2d: kernel 5x5 does not fit in the image 4x4 (input [1, 1, 4, 4]); \
             pad_mode Valid adds no padding: use Same or Pad, a smaller kernel or a larger \
             image",
        ),
        (
            "MaxPool",
            &["x"],
            vec![ints("kernel_shape", &[2, 2])],
            &[2, 3],
            "max_pool2d: input has 2 axes, expected 4 axes [batch, channels, height, width] \
             (input [2, 3])",
        ),
        (
            "GlobalAveragePool",
            &["x"],
            vec![],
            &[2, 3],
            "avg_pool2d: input has 2 axes, expected 4 axes [batch, channels, height, width] \
             (input [2, 3])",
        ),
        (
            "MaxPool",
            &["x"],
            vec![ints("kernel_shape", &[2, 2]), ints("pads", &[1 << 40, 0, 0, 0])],
            &[1, 1, 4, 4],
            "pooling: padding makes images of 1099511627780 × 4 of the input (input [1, 1, \
             4, 4])",
        ),
        (
            "BatchNormalization",
            &["x", "w", "w", "w"],
            vec![],
            &[2, 3],
            "onnx: the fifth input is missing, expected an array of numbers",
        ),
        (
            "BatchNormalization",
            &["x", "w", "w", "w", "w"],
            vec![],
            &[2, 4],
            "batch_norm: input has 4 channels, gamma has shape [3], not [4] (input [2, 4])",
        ),
        (
            "LayerNormalization",
            &["x", "w"],
            vec![int("axis", 2)],
            &[2, 3],
            "onnx: axis is 2, expected -2 to 1",
        ),
        (
            "LayerNormalization",
            &["x", "w"],
            vec![],
            &[2, 4],
            "mul: axis 0 has size 4 on the left and 3 on the right (left [4], right [3]); \
             broadcasting needs equal sizes, or a size of 1",
        ),
    ]
}

/// A model of one node in place of `add`.
fn with_node(node: NodeProto, opset: i64) -> OnnxNetwork {
    let mut model = model();
    model.opset_import[0].version = Some(opset);
    let graph = model.graph.as_mut().unwrap();
    integers(graph, "size", &[1], &[2]);
    integers(graph, "sizes", &[2], &[5, 7]);
    integers(graph, "column", &[1, 1], &[9]);
    graph.node = vec![node];
    read(&model).unwrap()
}

fn told(network: &OnnxNetwork, shape: &[usize]) -> Option<String> {
    run(network, shape).err().map(|error| error.to_string())
}

#[test]
fn inputs_that_do_not_fit_are_told() {
    check(rows().into_iter().map(|(operator, inputs, attribute, shape, text)| {
        let network = with_node(NodeProto { attribute, ..node("n", operator, inputs) }, 13);
        (told(&network, shape), format!("n: {text}"))
    }));
}

/// Before version 13, the softmax was over all axes from one on.
#[test]
fn the_old_softmax_is_told() {
    let network = with_node(node("n", "Softmax", &["x"]), 12);
    check([(
        told(&network, &[2, 3, 4]),
        "n: softmax: axis is 1, expected the last of 3 axes; or export for opset 13 or later"
            .to_owned(),
    )]);
}

#[test]
fn an_output_of_integers_is_told() {
    let network = with_node(node("n", "Shape", &["x"]), 13);
    let text = "onnx: the model's output is a list of integers, expected an array of numbers";
    check([(told(&network, &[2, 3]), text.to_owned())]);
}
