//! Faults of the model itself: its version, its inputs and outputs, its values.

use super::*;

type Change = fn(&mut ModelProto, &mut GraphProto);

/// Changes, and what is said of them after `this is not a whole ONNX model: `.
const DAMAGED: &[(Change, &str)] = &[
    (
        |model, _| model.opset_import.clear(),
        "it does not say which version of ONNX's operators it uses (opset_import)",
    ),
    (
        |model, _| model.opset_import[0].version = None,
        "it does not say which version of ONNX's operators it uses (opset_import)",
    ),
    (
        |model, _| model.opset_import[0].domain = Some("ai.onnx.ml".to_owned()),
        "it does not say which version of ONNX's operators it uses (opset_import)",
    ),
    (|_, graph| graph.output = vec![value("z")], "nothing computes its output z"),
    (|_, graph| graph.initializer.push(graph.initializer[0].clone()), "two values are named w"),
    (|_, graph| graph.node[0].output = vec!["x".to_owned()], "two values are named x"),
    (
        |_, graph| graph.node[0].input[1] = "z".to_owned(),
        "node add (Add) reads z, which nothing before it computes",
    ),
    (
        |_, graph| graph.node[0].input[1] = "y".to_owned(),
        "node add (Add) reads y, which nothing before it computes",
    ),
    (|_, graph| graph.node[0].output.clear(), "node add (Add) has no output"),
    (
        |_, graph| {
            graph.node[0].output.clear();
            graph.node[0].name = None;
        },
        "node without a name (Add) has no output",
    ),
    (|_, graph| graph.initializer[0].dims = vec![4], "w has the shape [4], but 3 numbers"),
    (
        |_, graph| {
            let constant = AttributeProto {
                t: Some(TensorProto { dims: vec![2], ..graph.initializer[0].clone() }),
                ..attribute("value", AttributeKind::Tensor)
            };
            graph.node.insert(0, constant_node(vec![constant]));
        },
        "node two (Constant) has the shape [2], but 3 numbers",
    ),
    (
        |_, graph| {
            let float =
                AttributeProto { f: Some(2.0), ..attribute("value_int", AttributeKind::Float) };
            graph.node.insert(0, constant_node(vec![float]));
        },
        "node two (Constant) has the attribute value_int of the type FLOAT, expected INT",
    ),
];

/// Changes, and all that is said of them.
const UNSUPPORTED: &[(Change, &str)] = &[
    (
        |model, _| model.opset_import[0].version = Some(8),
        "version 8 of ONNX's operators is not supported: export the model for one from 9 to 25",
    ),
    (
        |model, _| model.opset_import[0].version = Some(26),
        "version 26 of ONNX's operators is not supported: export the model for one from 9 to 25",
    ),
    (
        |_, graph| graph.input.clear(),
        "a graph without an input is not supported: a network turns one array into one; export a part of the model \
         that does",
    ),
    (
        |_, graph| graph.input.push(value("mask")),
        "a graph with 2 inputs (x, mask) is not supported: a network turns one array into one; export a part of the \
         model that does",
    ),
    (
        |_, graph| graph.output.clear(),
        "a graph without an output is not supported: a network turns one array into one; export a part of the model \
         that does",
    ),
    (
        |_, graph| graph.output.push(value("x")),
        "a graph with 2 outputs (y, x) is not supported: a network turns one array into one; export a part of the \
         model that does",
    ),
    (
        |_, graph| graph.initializer[0].data_type = Some(data_type::FLOAT + 15),
        "w: the element type BFLOAT16 is not supported: known are FLOAT, DOUBLE, INT32, INT64 and BOOL; export the \
         model in single precision (float32)",
    ),
    (
        |_, graph| graph.initializer[0].data_type = Some(99),
        "w: the element type 99 of onnx.proto is not supported: known are FLOAT, DOUBLE, INT32, INT64 and BOOL; \
         export the model in single precision (float32)",
    ),
    (
        |_, graph| integers(graph, "table", &[2, 2], &[1, 2, 3, 4]),
        "table, an array of integers of the shape [2, 2], is not supported: integers are sizes or indices here: a \
         number, a list [n] or a column [n, 1]; numbers to compute with are FLOAT",
    ),
    (
        |_, graph| graph.node.insert(0, constant_node(vec![text("value_string", "two")])),
        "node two (Constant): a constant given by the attribute value_string is not supported: known are value, \
         value_float, value_floats, value_int and value_ints",
    ),
    (
        |_, graph| graph.node.insert(0, constant_node(Vec::new())),
        "node two (Constant): a constant without a value is not supported: known are value, value_float, \
         value_floats, value_int and value_ints",
    ),
];

fn constant_node(attribute: Vec<AttributeProto>) -> NodeProto {
    NodeProto { output: vec!["two".to_owned()], attribute, ..node("two", "Constant", &[]) }
}

fn told(change: Change) -> Option<String> {
    refusal(|model| {
        let mut graph = model.graph.take().unwrap();
        change(model, &mut graph);
        model.graph = Some(graph);
    })
}

#[test]
fn a_damaged_model_is_told() {
    check(DAMAGED.iter().map(|&(change, expected)| (told(change), damaged(expected))));
    check([(refusal(|model| model.graph = None), damaged("it holds no graph"))]);
    // The rest of this text is the protobuf library's.
    let bytes = model().encode_to_vec();
    let cut = OnnxNetwork::from_bytes(&bytes[..20]).unwrap_err().to_string();
    let start =
        "this is not a whole ONNX model: failed to decode Protobuf message: ModelProto.graph: ";
    assert!(cut.starts_with(start) && cut.ends_with("; fetch or write it again"), "{cut}");
}

#[test]
fn what_is_not_supported_of_a_model_is_told() {
    check(UNSUPPORTED.iter().map(|&(change, expected)| (told(change), expected.to_owned())));
}

/// Writers of Protocol Buffers' third version leave out zeros.
#[test]
fn a_constant_without_its_number_is_zero() {
    for (name, kind) in [("value_float", AttributeKind::Float), ("value_int", AttributeKind::Int)] {
        let mut model = model();
        let graph = model.graph.as_mut().unwrap();
        graph.node.insert(0, constant_node(vec![attribute(name, kind)]));
        graph.node[1].input[1] = "two".to_owned();
        let network = read(&model).unwrap();
        match kind {
            AttributeKind::Float => {
                assert_eq!(run(&network, &[1, 2]).unwrap().as_slice(), [0.0, 1.0]);
            }
            _ => assert_eq!(
                run(&network, &[1, 2]).unwrap_err().to_string(),
                "add: onnx: the second input is a list of integers, expected an array of numbers"
            ),
        }
    }
}
