//! Activations, normalisation and dropout, which read and write every number once: on one thread,
//! through the operations of `autodiff`.

use super::Plan;
use super::kernels::numbers;
use super::measure::repeat;
use super::report::{Job, Report};
use anyhow::Result;
use autodiff::{Randomness, Tape, Var};
use std::hint::black_box;

/// 65,536 numbers, which fit into the second-level cache: planes, or rows of a dense layer.
const PLANES: &[usize] = &[32, 16, 16, 8];
const ROWS: &[usize] = &[256, 256];
/// About as many, as the scores of ten classes.
const SCORES: &[usize] = &[6554, 10];

/// An operation on an input, and on a gamma and a beta if it has them.
type Operation = for<'t> fn(Var<'t>, &[Var<'t>; 2]) -> tensor::Result<Var<'t>>;

const PIECES: [(&str, &[usize], Operation); 15] = [
    ("relu", PLANES, |x, _| Ok(x.relu())),
    ("leaky_relu", PLANES, |x, _| x.leaky_relu(0.2)),
    ("sigmoid", PLANES, |x, _| Ok(x.sigmoid())),
    ("tanh", PLANES, |x, _| Ok(x.tanh())),
    ("elu", PLANES, |x, _| x.elu(1.0)),
    ("gelu", PLANES, |x, _| Ok(x.gelu())),
    ("gelu_tanh", PLANES, |x, _| Ok(x.gelu_tanh())),
    ("silu", PLANES, |x, _| Ok(x.silu())),
    ("softplus", PLANES, |x, _| Ok(x.softplus())),
    ("softmax", SCORES, |x, _| x.softmax(1)),
    ("log_softmax", SCORES, |x, _| x.log_softmax(1)),
    ("dropout", PLANES, |x, _| x.dropout(0.5, "dropout")),
    ("batch_norm", PLANES, |x, [gamma, beta]| Ok(x.batch_norm(gamma, beta, 1e-5)?.0)),
    ("batch_norm_rows", ROWS, |x, [gamma, beta]| Ok(x.batch_norm(gamma, beta, 1e-5)?.0)),
    ("layer_norm", ROWS, |x, [gamma, beta]| x.layer_norm(gamma, beta, 1e-5)),
];

/// Measures the forward pass, which includes a copy of the input where the operation would
/// overwrite it, and the forward pass with all gradients.
pub(crate) fn run(report: &mut Report, plan: &Plan) -> Result<()> {
    let mut titled = false;
    for (name, shape, operation) in PIECES {
        let x = numbers(shape);
        let [gamma, beta] = [(); 2].map(|()| numbers([shape[1]]));
        for (pass, gradients) in [("forward", false), ("forward_backward", true)] {
            let name = format!("{name}_{pass}");
            if !report.wants(&name) {
                continue;
            }
            let samples = repeat(plan.kernel, &mut || {
                let tape = Tape::new().with_randomness(Randomness::default());
                let parameters = [&gamma, &beta].map(|tensor| tape.leaf(tensor.clone()));
                let y = operation(tape.leaf(x.clone()), &parameters)?;
                match gradients {
                    true => drop(black_box(y.backward_from(x.clone())?)),
                    false => drop(black_box(y.into_value())),
                }
                Ok(())
            })?;
            if !std::mem::replace(&mut titled, true) {
                report.heading("Activations and normalisation: 65,536 numbers, 1 thread");
            }
            let label = name.replace("_forward_backward", " + grads").replace("_forward", "");
            let batch = shape[0];
            let job =
                Job { name: &name, label: &label, batch, threads: 1, flops: None, images: None };
            report.time(&job, &samples);
        }
    }
    Ok(())
}
