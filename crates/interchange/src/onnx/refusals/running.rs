//! Nodes whose inputs do not fit: told when the network runs.

use super::*;

type Case =
    (&'static str, &'static [&'static str], Vec<AttributeProto>, &'static [usize], &'static str);

/// A node's operator, inputs and attributes; the shape of `x`; and what is said after `n: `.
///
/// Beside `x` and the three weights `w` there are those of [`with_node`].
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
            "onnx: the second input is an array of numbers, expected the indices of sizes in a shape",
        ),
        ("Gather", &["sizes", "size"], vec![], &[2, 3], "onnx: index is 2, expected -2 to 1"),
        (
            "ScatterND",
            &["x", "sizes", "w"],
            vec![],
            &[2, 3],
            "onnx: the second input is a list of integers, expected the indices of whole rows, a \
             column [n, 1]",
        ),
        ("ScatterND", &["x", "column", "w"], vec![], &[2, 3], "onnx: row is 9, expected -2 to 1"),
        (
            "Squeeze",
            &["column"],
            vec![],
            &[2, 3],
            "onnx: the first input is a column of integers, expected an array or a list of integers",
        ),
        (
            "Squeeze",
            &[],
            vec![],
            &[2, 3],
            "onnx: the first input is missing, expected an array or a list of integers",
        ),
        ("Squeeze", &["x", "size"], vec![], &[2, 3], "onnx: axis is 2, expected -2 to 1"),
        (
            "Squeeze",
            &["x"],
            vec![ints("axes", &[1])],
            &[2, 3],
            "squeeze: axis is 1, expected one of size 1 of [2, 3]",
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
            "onnx: axis is 0, expected none: a single number has no axes",
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
            "gemm: both operands need two axes (a [2, 4], b [3])",
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
            "max_pool2d: padding makes images of 1099511627780 × 4 of the input (input [1, 1, 4, 4]); at \
             most 1024 times as many numbers are allowed: export it with smaller pads",
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
        (
            "Add",
            &["x", "column"],
            vec![],
            &[2, 3],
            "onnx: the second input is a column of integers, expected an array of numbers",
        ),
        (
            "Reshape",
            &["x", "two_open"],
            vec![],
            &[2, 3],
            "reshape: shape is [-1, -1], expected sizes whose product is 6, at most one of them open (-1); the input is [2, 3]",
        ),
        (
            "Reshape",
            &["x", "negative"],
            vec![],
            &[2, 3],
            "reshape: shape is [-2, 3], expected sizes whose product is 6, at most one of them open (-1); the input is [2, 3]",
        ),
        (
            "Reshape",
            &["x", "open"],
            vec![],
            &[2, 3],
            "reshape: shape is [-1, 4], expected sizes whose product is 6, at most one of them open (-1); the input is [2, 3]",
        ),
        (
            "Reshape",
            &["x", "kept"],
            vec![],
            &[6],
            "reshape: shape is [6, 0], expected sizes whose product is 6, at most one of them open (-1); the input is [6]",
        ),
        (
            "Cast",
            &["x"],
            vec![int("to", 7)],
            &[2, 3],
            "cast: to is INT64, expected one of FLOAT, FLOAT16, DOUBLE, BFLOAT16 for an array of numbers; export the model without rounding to integers",
        ),
        (
            "Cast",
            &["x"],
            vec![int("to", 99)],
            &[2, 3],
            "cast: to is 99 of onnx.proto, expected one of FLOAT, FLOAT16, DOUBLE, BFLOAT16 for an array of numbers; export the model without rounding to integers",
        ),
        (
            "Gather",
            &["sizes"],
            vec![],
            &[2, 3],
            "onnx: the second input is missing, expected the indices of sizes in a shape",
        ),
        (
            "Gather",
            &["nothing", "sizes"],
            vec![],
            &[2, 3],
            "onnx: index is 5, expected none: the list is empty",
        ),
        (
            "ScatterND",
            &["x", "column", "w"],
            vec![],
            &[],
            "onnx: row is 9, expected none: the array has no rows",
        ),
        (
            "ScatterND",
            &["x", "first", "w"],
            vec![],
            &[2, 3],
            "scatter_rows: input has 3 rows, expected 1, one for each place (input [3])",
        ),
        (
            "ScatterND",
            &["x", "first", "row"],
            vec![],
            &[2, 3],
            "onnx: the rows have another shape than the data's (data [2, 3], rows [1, 2])",
        ),
        (
            "ScatterND",
            &["x", "twice", "x"],
            vec![],
            &[2, 3],
            "scatter_rows: place is 1, expected each place once",
        ),
        (
            "Squeeze",
            &["x"],
            vec![ints("axes", &[1, -1])],
            &[2, 1],
            "squeeze: axes is [1, -1], expected each axis once",
        ),
        (
            "Unsqueeze",
            &["x"],
            vec![ints("axes", &[0, 0])],
            &[2, 1],
            "unsqueeze: axes is [0, 0], expected each axis once",
        ),
        (
            "Unsqueeze",
            &["x"],
            vec![ints("axes", &[3])],
            &[2, 3],
            "onnx: axis is 3, expected -3 to 2",
        ),
        (
            "AveragePool",
            &["x"],
            vec![ints("kernel_shape", &[2, 2]), ints("pads", &[1 << 40, 0, 0, 0])],
            &[1, 1, 4, 4],
            "avg_pool2d: padding makes images of 1099511627780 × 4 of the input (input [1, 1, 4, 4]); at most 1024 times as many numbers are allowed: export it with smaller pads",
        ),
        (
            "Conv",
            &["x", "x"],
            vec![ints("pads", &[1 << 40, 0, 0, 0])],
            &[1, 1, 4, 4],
            "conv2d: padding makes images of 1099511627780 × 4 of the input (input [1, 1, 4, 4]); at most 1024 times as many numbers are allowed: export it with smaller pads",
        ),
        (
            "Gemm",
            &["x", "w"],
            vec![int("transA", 1)],
            &[3],
            "gemm: both operands need two axes (a [3], b [3])",
        ),
    ]
}

/// A model of one node in place of `add`, with integers to go into it and a row of two numbers.
fn with_node(node: NodeProto, opset: i64) -> OnnxNetwork {
    let mut model = model();
    model.opset_import[0].version = Some(opset);
    let graph = model.graph.as_mut().unwrap();
    integers(graph, "size", &[1], &[2]);
    integers(graph, "sizes", &[2], &[5, 7]);
    integers(graph, "nothing", &[0], &[]);
    integers(graph, "open", &[2], &[-1, 4]);
    integers(graph, "two_open", &[2], &[-1, -1]);
    integers(graph, "negative", &[2], &[-2, 3]);
    integers(graph, "kept", &[2], &[6, 0]);
    integers(graph, "column", &[1, 1], &[9]);
    integers(graph, "first", &[1, 1], &[0]);
    integers(graph, "twice", &[2, 1], &[1, 1]);
    graph.initializer.push(TensorProto {
        dims: vec![1, 2],
        float_data: vec![4.0, 5.0],
        name: Some("row".to_owned()),
        ..graph.initializer[0].clone()
    });
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
        "n: softmax: axis is 1, expected the last of 3 axes, which is 2; before version 13 softmax \
         joins all axes from its own on: export for that one or a later one"
            .to_owned(),
    )]);
}

#[test]
fn an_output_of_integers_is_told() {
    let network = with_node(node("n", "Shape", &["x"]), 13);
    let text = "onnx: the model's output is a list of integers, expected an array of numbers; export \
                a part of the model that ends with numbers";
    check([(told(&network, &[2, 3]), text.to_owned())]);
}

/// The sum over no axes is the input, over all a single number: which of them, the node says.
#[test]
fn reductions_without_axes() {
    let rows = [(0, vec![], 1), (1, vec![], 6), (0, vec![ints("axes", &[])], 1)];
    for (noop, axes, expected) in rows {
        let attribute =
            [vec![int("noop_with_empty_axes", noop), int("keepdims", 0)], axes].concat();
        for inputs in [&["x"][..], &["x", ""], &["x", "nothing"]] {
            let attribute = attribute.clone();
            let node = NodeProto { attribute, ..node("n", "ReduceSum", inputs) };
            let y = run(&with_node(node, 13), &[2, 3]).unwrap();
            assert_eq!((y.len(), y.as_slice().iter().sum::<f32>()), (expected, 15.0));
        }
    }
}
