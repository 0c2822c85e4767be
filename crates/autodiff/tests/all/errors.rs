//! What a person reads whose operands do not fit. Convolutions, poolings, losses and options are
//! told the same through layers, and tested there.

use autodiff::{Result, Tape, Var, ops::BceOptions};
use tensor::{Conv2dOptions, Pool2dOptions, Tensor};

type Operation = for<'t> fn(Vec<Var<'t>>) -> Result<Var<'t>>;

/// Operands' shapes, what is done with them, and what it says.
const CASES: &[(&[&[usize]], Operation, &str)] = &[
    (
        &[&[2, 3], &[2, 4]],
        |x| x[0].clone().add(&x[1]),
        "add: axis 1 has size 3 on the left and 4 on the right (left [2, 3], right [2, 4]); \
         broadcasting needs equal sizes, or a size of 1",
    ),
    (
        &[&[2, 3], &[3]],
        |x| x[0].clone().matmul(&x[1]),
        "matmul: both operands need two axes (left [2, 3], right [3]); a vector is a matrix of one \
         row or one column: reshape it",
    ),
    (
        &[&[2, 3], &[2, 4]],
        |x| x[0].clone().matmul(&x[1]),
        "matmul: left has 3 columns, right has 2 rows (left [2, 3], right [2, 4])",
    ),
    (
        &[&[2, 3], &[3]],
        |x| x[0].clone().linear(&x[1], None),
        "linear: weight needs two axes [outputs, inputs] (input [2, 3], weight [3])",
    ),
    (
        &[&[2, 3], &[5, 3], &[3]],
        |x| x[0].clone().linear(&x[1], Some(&x[2])),
        "linear: bias has shape [3], expected [5] (input [2, 3], weight [5, 3])",
    ),
    (
        &[&[1, 1, 4, 4], &[6, 1, 3, 3], &[1, 6]],
        |x| x[0].clone().conv2d(&x[1], Some(&x[2]), &Conv2dOptions::default()),
        "conv2d: bias has shape [1, 6], expected [6] (input [1, 1, 4, 4], weight [6, 1, 3, 3])",
    ),
    (
        &[&[4], &[4], &[4]],
        |x| Ok(x[0].clone().batch_norm(&x[1], &x[2], 1e-5)?.0),
        "batch_norm: input needs axes [batch, channels, ..], none of them empty but the batch \
         (input [4])",
    ),
    (
        &[&[4, 1], &[4]],
        |x| x[0].clone().bce_with_logits(&x[1].value().clone(), &BceOptions::default()),
        "bce_with_logits: logits and targets differ in shape (logits [4, 1], targets [4])",
    ),
    (&[&[2, 3]], |x| x[0].clone().mean_axis(2), "mean_axis: axis is 2, expected an axis of [2, 3]"),
    (&[&[2, 3]], |x| x[0].clone().sum_axis(2), "sum_axis: axis is 2, expected an axis of [2, 3]"),
    (
        &[&[2, 3]],
        |x| x[0].clone().log_softmax(2),
        "log_softmax: axis is 2, expected an axis of [2, 3]",
    ),
    (
        &[&[4, 2], &[2], &[2], &[3]],
        |x| x[0].clone().batch_norm_with(&x[1], &x[2], [&x[3], &x[1]], 1e-5),
        "batch_norm: mean has shape [3], expected [2] (input [4, 2])",
    ),
    (
        &[&[4, 2], &[2], &[2], &[3]],
        |x| x[0].clone().batch_norm_with(&x[1], &x[2], [&x[1], &x[3]], 1e-5),
        "batch_norm: variance has shape [3], expected [2] (input [4, 2])",
    ),
    (
        &[&[4, 2], &[2], &[3]],
        |x| Ok(x[0].clone().batch_norm(&x[1], &x[2], 1e-5)?.0),
        "batch_norm: input has 2 channels, beta has shape [3], not [2] (input [4, 2])",
    ),
    (
        &[&[1, 2, 4, 4], &[2], &[3]],
        |x| x[0].clone().subsampling(&x[1], &x[2], &Pool2dOptions::default()),
        "subsampling: input has 2 channels, bias has shape [3], not [2] (input [1, 2, 4, 4])",
    ),
    (
        &[&[4, 1]],
        |x| x[0].clone().softmax_cross_entropy(&Tensor::full([4], 1)),
        "softmax_cross_entropy: label 1 at position 0 is out of range, expected 0..=0 for 1 \
         classes; correct the label, or give the network an output for every class",
    ),
    (&[&[2, 3]], |x| x[0].clone().softmax(2), "softmax: axis is 2, expected an axis of [2, 3]"),
    (
        &[&[2, 3]],
        |x| x[0].clone().flatten(1, 2),
        "flatten: axes is 1..=2, expected axes of [2, 3], the first not behind the last",
    ),
    (
        &[&[2, 3]],
        |x| x[0].clone().permute(&[0, 2]),
        "permute: axes is [0, 2], expected a permutation of the axes of [2, 3]",
    ),
    (
        &[&[2, 3]],
        |x| x[0].clone().reshape([5]),
        "reshape: shape [5] holds 5 elements, the tensor has 6 (input [2, 3])",
    ),
];

#[test]
fn operands_that_do_not_fit() {
    for (shapes, operation, expected) in CASES {
        let tape = Tape::inference();
        let operands = shapes.iter().map(|&shape| tape.constant(Tensor::zeros(shape))).collect();
        assert_eq!(operation(operands).unwrap_err().to_string(), *expected);
    }
}
