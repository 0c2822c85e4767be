//! Operators and attributes that are not supported: told when the model is read.

use super::*;

/// A node's operator and attributes, and what is said after `node n (Operator)`.
fn rows() -> Vec<(&'static str, Vec<AttributeProto>, &'static str)> {
    let kernel = || ints("kernel_shape", &[2, 2]);
    vec![
        (
            "Relu",
            vec![int("alpha", 1)],
            ": the attribute alpha is not supported: remove it, or export for opset 17",
        ),
        (
            "Conv",
            vec![int("strides", 2)],
            "has the attribute strides of the type INT, expected INTS",
        ),
        (
            "LeakyRelu",
            vec![int("alpha", 1)],
            "has the attribute alpha of the type INT, expected FLOAT",
        ),
        (
            "Conv",
            vec![ints("strides", &[-1, 1])],
            ": strides [-1, 1] is not supported: only sizes of at least 0 are",
        ),
        (
            "Conv",
            vec![ints("strides", &[2])],
            ": strides [2] is not supported: expected two numbers, height and width: images have two dimensions here",
        ),
        (
            "Conv",
            vec![ints("pads", &[1, 1])],
            ": pads [1, 1] is not supported: expected top, left, bottom and right: images have two dimensions here",
        ),
        (
            "Conv",
            vec![text("auto_pad", "SAME_LOWER")],
            ": auto_pad SAME_LOWER is not supported: NOTSET, VALID and SAME_UPPER are",
        ),
        ("Conv", vec![int("group", 0)], "has group 0, expected at least 1"),
        ("Conv", vec![int("group", -2)], "has group -2, expected at least 1"),
        ("MaxPool", vec![], "has no attribute kernel_shape"),
        (
            "AveragePool",
            vec![ints("kernel_shape", &[2, 2, 2])],
            ": kernel_shape [2, 2, 2] is not supported: expected two numbers, height and width: images have two \
             dimensions here",
        ),
        (
            "MaxPool",
            vec![kernel(), ints("dilations", &[2, 1])],
            ": dilations [2, 1] is not supported: only [1, 1], without gaps, is",
        ),
        (
            "AveragePool",
            vec![kernel(), ints("dilations", &[1, 3])],
            ": dilations [1, 3] is not supported: only [1, 1], without gaps, is",
        ),
        (
            "MaxPool",
            vec![kernel(), int("ceil_mode", 1)],
            ": ceil_mode 1 is not supported: a window has to lie within the padded image; export with ceil_mode 0 \
             and larger pads",
        ),
        (
            "BatchNormalization",
            vec![int("training_mode", 1)],
            ": training_mode 1 is not supported: export the model for evaluation (in PyTorch, model.eval())",
        ),
        (
            "Gelu",
            vec![text("approximate", "erf")],
            ": approximate erf is not supported: none and tanh are",
        ),
        (
            "ScatterND",
            vec![text("reduction", "add")],
            ": reduction add is not supported: only replacing rows is",
        ),
        (
            "Gather",
            vec![int("axis", 1)],
            ": an axis other than 0 is not supported: numbers are gathered from a shape",
        ),
        (
            "Concat",
            vec![int("axis", 1)],
            ": an axis other than 0 is not supported: only parts of a shape are joined",
        ),
        (
            "Transpose",
            vec![ints("perm", &[0, -1])],
            ": perm [0, -1] is not supported: only sizes of at least 0 are",
        ),
    ]
}

#[test]
fn attributes_are_told() {
    check(rows().into_iter().map(|(operator, attribute, text)| {
        let found = refusal(|model| {
            let node = NodeProto { attribute, ..node("n", operator, &["x", "w"]) };
            model.graph.as_mut().unwrap().node = vec![node];
        });
        let expected = match text.starts_with(':') {
            true => format!("node n ({operator}){text}"),
            false => damaged(&format!("node n ({operator}) {text}")),
        };
        (found, expected)
    }));
}

#[test]
fn operators_are_told() {
    let known = "known are Add, AveragePool, BatchNormalization, Cast, Concat, Constant, Conv, Div, Dropout, Elu, \
                 Exp, Flatten, Gather, Gemm, Gelu, GlobalAveragePool, Identity, LayerNormalization, LeakyRelu, Log, \
                 LogSoftmax, MatMul, MaxPool, Mul, Neg, ReduceMean, ReduceSum, Relu, Reshape, ScatterND, Shape, \
                 Sigmoid, Sign, Softmax, Softplus, Squeeze, Sub, Tanh, Transpose, Unsqueeze";
    let told = |change: fn(&mut NodeProto)| {
        refusal(|model| change(&mut model.graph.as_mut().unwrap().node[0]))
    };
    check([
        (
            told(|node| node.op_type = Some("LSTM".to_owned())),
            format!("node add (LSTM) is not supported: {known}"),
        ),
        (
            told(|node| node.op_type = None),
            format!("node add (without an operator) is not supported: {known}"),
        ),
        (
            told(|node| {
                node.op_type = Some("LSTM".to_owned());
                node.name = None;
            }),
            format!("node y (LSTM) is not supported: {known}"),
        ),
        (
            told(|node| node.domain = Some("com.microsoft".to_owned())),
            "node add (com.microsoft.Add) is not supported: only ONNX's own operators are; export the model without \
             those of others"
                .to_owned(),
        ),
    ]);
}
