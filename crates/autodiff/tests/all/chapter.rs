//! The equations of the chapter's §3.2, each evaluated by plain loops, against the tape in f64.
//!
//! The network is that of fig. 3.4: n inputs, p hidden units with ReLU, q outputs with sigmoid.

use autodiff::{Gradients, Tape, Var};
use tensor::Tensor;
use tensor::random::Stream;

const N: usize = 4;
const P: usize = 5;
const Q: usize = 3;

/// w_ji and w_j0, v_kj and v_k0.
#[derive(Clone)]
struct Weights {
    w: [[f64; N]; P],
    w0: [f64; P],
    v: [[f64; P]; Q],
    v0: [f64; Q],
}

struct Sample {
    x: [f64; N],
    y: [f64; Q],
}

/// What the equations of a forward pass give.
struct Forward {
    /// ĥ_j of eq. (3.3), before the activation.
    h_hat: [f64; P],
    h: [f64; P],
    /// ỹ_k of eq. (3.4).
    y: [f64; Q],
}

fn draw<const LEN: usize>(stream: &mut Stream) -> [f64; LEN] {
    std::array::from_fn(|_| stream.uniform_in(-1.0, 1.0))
}

fn weights() -> Weights {
    let mut stream = Stream::new(32, "chapter", 0, 0);
    Weights {
        w: std::array::from_fn(|_| draw(&mut stream)),
        w0: draw(&mut stream),
        v: std::array::from_fn(|_| draw(&mut stream)),
        v0: draw(&mut stream),
    }
}

fn samples(count: u64) -> Vec<Sample> {
    let sample = |index| {
        let mut stream = Stream::new(33, "chapter", 0, index);
        Sample { x: draw(&mut stream), y: draw::<Q>(&mut stream).map(f64::abs) }
    };
    (0..count).map(sample).collect()
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Eqs. (3.3) and (3.4).
fn forward(weights: &Weights, x: &[f64; N]) -> Forward {
    let h_hat: [f64; P] = std::array::from_fn(|j| {
        weights.w0[j] + (0..N).map(|i| weights.w[j][i] * x[i]).sum::<f64>()
    });
    let h = h_hat.map(|h| if h > 0.0 { h } else { 0.0 });
    let y = std::array::from_fn(|k| {
        sigmoid(weights.v0[k] + (0..P).map(|j| weights.v[k][j] * h[j]).sum::<f64>())
    });
    Forward { h_hat, h, y }
}

/// The gradients of J = Σ_k J_k for one sample, from the closed forms (3.8), (3.9) and (3.10).
fn closed_form(weights: &Weights, sample: &Sample) -> Weights {
    let f = forward(weights, &sample.x);
    // ỹ_k (ỹ_k - y_k) (1 - ỹ_k): what (3.8) and (3.9) share.
    let delta: [f64; Q] = std::array::from_fn(|k| f.y[k] * (f.y[k] - sample.y[k]) * (1.0 - f.y[k]));
    let e: [f64; P] = std::array::from_fn(|j| (0..Q).map(|k| delta[k] * weights.v[k][j]).sum());
    let slope = f.h_hat.map(|h| if h > 0.0 { 1.0 } else { 0.0 });
    Weights {
        w: std::array::from_fn(|j| std::array::from_fn(|i| e[j] * slope[j] * sample.x[i])),
        w0: std::array::from_fn(|j| e[j] * slope[j]),
        v: std::array::from_fn(|k| std::array::from_fn(|j| delta[k] * f.h[j])),
        v0: delta,
    }
}

/// The weights as leaves of a tape.
struct Leaves<'t> {
    w: Var<'t, f64>,
    w0: Var<'t, f64>,
    v: Var<'t, f64>,
    v0: Var<'t, f64>,
}

impl<'t> Leaves<'t> {
    fn new(tape: &'t Tape<f64>, weights: &Weights) -> Self {
        let matrix = |rows: usize, numbers: &[f64]| {
            tape.leaf(Tensor::from_vec([rows, numbers.len() / rows], numbers).unwrap())
        };
        let vector =
            |numbers: &[f64]| tape.leaf(Tensor::from_vec([numbers.len()], numbers).unwrap());
        Leaves {
            w: matrix(P, weights.w.as_flattened()),
            w0: vector(&weights.w0),
            v: matrix(Q, weights.v.as_flattened()),
            v0: vector(&weights.v0),
        }
    }

    fn hidden(&self, x: Var<'t, f64>) -> Var<'t, f64> {
        x.linear(&self.w, Some(&self.w0)).unwrap().relu()
    }

    fn output(&self, h: Var<'t, f64>) -> Var<'t, f64> {
        h.linear(&self.v, Some(&self.v0)).unwrap().sigmoid()
    }

    /// The numbers of w, w0, v, v0 in this order.
    fn gradients(&self, gradients: &Gradients<f64>) -> Vec<f64> {
        let leaves = [&self.w, &self.w0, &self.v, &self.v0];
        leaves.iter().flat_map(|leaf| gradients.of(leaf).unwrap().to_vec()).collect()
    }
}

/// The numbers of w, w0, v, v0 in this order.
fn flat(weights: &Weights) -> Vec<f64> {
    let [w, v] = [weights.w.as_flattened(), weights.v.as_flattened()];
    [w, &weights.w0, v, &weights.v0].concat()
}

/// Eq. (3.5) for each output: ½ (ỹ_k - y_k)².
fn half_squares<'t>(output: Var<'t, f64>, target: &Var<'t, f64>) -> Var<'t, f64> {
    output.sub(target).unwrap().square().scale(0.5)
}

fn row<'t>(tape: &'t Tape<f64>, numbers: &[f64]) -> Var<'t, f64> {
    tape.constant(Tensor::from_vec([1, numbers.len()], numbers).unwrap())
}

/// The seed that picks output k alone.
fn only(k: usize) -> Tensor<f64> {
    Tensor::from_fn([1, Q], |i| f64::from(u8::from(i == k)))
}

/// The tape's ∂J_k/∂v for one output k.
fn output_weight_gradient(weights: &Weights, sample: &Sample, k: usize) -> Vec<f64> {
    let tape = Tape::new();
    let leaves = Leaves::new(&tape, weights);
    let y = leaves.output(leaves.hidden(row(&tape, &sample.x)));
    let gradients = half_squares(y, &row(&tape, &sample.y)).backward_from(only(k)).unwrap();
    gradients.of(&leaves.v).unwrap().to_vec()
}

fn close(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
        let most = 1e-12 * expected.abs().max(1e-3);
        assert!((found - expected).abs() <= most, "element {i}: {found:e}, expected {expected:e}");
    }
}

/// (3.1): ∂z/∂x = ∂z/∂y · ∂y/∂x for y = tanh x, z = e^y.
#[test]
fn equation_3_1_the_chain_rule() {
    let x = 0.7_f64;
    let y = x.tanh();
    let tape = Tape::new();
    let leaf = tape.leaf(Tensor::scalar(x));
    let gradients = leaf.clone().tanh().exp().backward().unwrap();
    close(gradients.of(&leaf).unwrap().as_slice(), &[y.exp() * (1.0 - y * y)]);
}

/// (3.2): ∂z/∂s = ∂z/∂x · ∂x/∂s + ∂z/∂y · ∂y/∂s for x = s², y = e^s, z = x y.
#[test]
fn equation_3_2_a_value_used_twice() {
    let s = 0.6_f64;
    let (x, y) = (s * s, s.exp());
    let tape = Tape::new();
    let leaf = tape.leaf(Tensor::scalar(s));
    let z = leaf.clone().square().mul(&leaf.clone().exp()).unwrap();
    let gradients = z.backward().unwrap();
    close(gradients.of(&leaf).unwrap().as_slice(), &[y * 2.0 * s + x * y]);
}

/// (3.3): ĥ_j = w_j0 + Σ_i w_ji x_i, h_j = α1(ĥ_j) with ReLU for α1.
#[test]
fn equation_3_3_the_hidden_layer() {
    let weights = weights();
    let tape = Tape::inference();
    let leaves = Leaves::new(&tape, &weights);
    let mut switched_off = 0;
    for sample in samples(8) {
        let expected = forward(&weights, &sample.x);
        switched_off += expected.h.iter().filter(|&&h| h == 0.0).count();
        let h_hat = row(&tape, &sample.x).linear(&leaves.w, Some(&leaves.w0)).unwrap();
        close(h_hat.value().as_slice(), &expected.h_hat);
        close(h_hat.relu().value().as_slice(), &expected.h);
    }
    assert!(switched_off > 0 && switched_off < 8 * P, "both sides of ReLU were met");
}

/// (3.4): ŷ_k = v_k0 + Σ_j v_kj h_j, ỹ_k = α2(ŷ_k) with sigmoid for α2.
#[test]
fn equation_3_4_the_output_layer() {
    let weights = weights();
    let tape = Tape::inference();
    let leaves = Leaves::new(&tape, &weights);
    for sample in samples(8) {
        let y = leaves.output(leaves.hidden(row(&tape, &sample.x)));
        close(y.value().as_slice(), &forward(&weights, &sample.x).y);
    }
}

/// (3.5): J_k = ½ (ỹ_k - y_k)².
#[test]
fn equation_3_5_half_the_squared_error() {
    let tape = Tape::inference();
    for sample in samples(8) {
        let y = forward(&weights(), &sample.x).y;
        let j: [f64; Q] = std::array::from_fn(|k| 0.5 * (y[k] - sample.y[k]).powi(2));
        let found = half_squares(row(&tape, &y), &row(&tape, &sample.y));
        close(found.value().as_slice(), &j);
    }
}

/// (3.6): ∂J_k/∂v_kj as the product of its three factors, each differentiated on a tape of its own:
/// ∂J_k/∂ỹ_k = ỹ_k - y_k, ∂ỹ_k/∂ŷ_k, and ∂ŷ_k/∂v_kj = h_j.
#[test]
fn equation_3_6_the_chain_to_an_output_weight() {
    let weights = weights();
    for sample in samples(4) {
        let f = forward(&weights, &sample.x);
        let tape = Tape::new();
        let y = tape.leaf(Tensor::from_vec([1, Q], f.y).unwrap());
        let loss = half_squares(y.clone(), &row(&tape, &sample.y)).sum();
        let loss_by_y = loss.backward().unwrap().of(&y).unwrap().to_vec();
        let differences: [f64; Q] = std::array::from_fn(|k| f.y[k] - sample.y[k]);
        close(&loss_by_y, &differences);

        for k in 0..Q {
            let tape = Tape::new();
            let leaves = Leaves::new(&tape, &weights);
            let h = row(&tape, &f.h);
            let y_hat = h.linear(&leaves.v, Some(&leaves.v0)).unwrap();
            let by_v = y_hat.backward_from(only(k)).unwrap().of(&leaves.v).unwrap().clone();
            let mut expected = [[0.0; P]; Q];
            expected[k] = f.h;
            close(by_v.as_slice(), expected.as_flattened());

            let whole = output_weight_gradient(&weights, &sample, k);
            let product = |h: f64| loss_by_y[k] * (f.y[k] * (1.0 - f.y[k])) * h;
            expected[k] = f.h.map(product);
            close(&whole, expected.as_flattened());
        }
    }
}

/// (3.7): ∂ỹ_k/∂ŷ_k = ỹ_k (1 - ỹ_k).
#[test]
fn equation_3_7_the_slope_of_sigmoid() {
    for y_hat in [-30.0, -2.5, -0.1, 0.0, 0.7, 4.0, 30.0] {
        let tape = Tape::new();
        let leaf = tape.leaf(Tensor::scalar(y_hat));
        let gradients = leaf.clone().sigmoid().backward().unwrap();
        // 1 - ỹ as sigmoid(-ŷ), which is exact where ỹ is near 1.
        let found = gradients.of(&leaf).unwrap().item().unwrap();
        let expected = sigmoid(y_hat) * sigmoid(-y_hat);
        assert!((found - expected).abs() <= 1e-12 * expected.max(1e-3), "{found} {expected}");
    }
}

/// (3.8): ∂J_k/∂v_kj = ỹ_k (ỹ_k - y_k)(1 - ỹ_k) h_j, and 0 for the other outputs' weights.
#[test]
fn equation_3_8_the_gradient_of_an_output_weight() {
    let weights = weights();
    for sample in samples(4) {
        let f = forward(&weights, &sample.x);
        for k in 0..Q {
            let delta = f.y[k] * (f.y[k] - sample.y[k]) * (1.0 - f.y[k]);
            let mut expected = [[0.0; P]; Q];
            expected[k] = f.h.map(|h| delta * h);
            close(&output_weight_gradient(&weights, &sample, k), expected.as_flattened());
        }
    }
}

/// (3.9): e_hj = ∂J/∂h_j = Σ_k ỹ_k (ỹ_k - y_k)(1 - ỹ_k) v_kj, which an explained tape keeps.
#[test]
fn equation_3_9_the_error_of_the_hidden_layer() {
    let weights = weights();
    for sample in samples(4) {
        let f = forward(&weights, &sample.x);
        let tape = Tape::new().explained();
        let leaves = Leaves::new(&tape, &weights);
        let h = leaves.hidden(row(&tape, &sample.x)).named("h");
        half_squares(leaves.output(h), &row(&tape, &sample.y)).sum().backward().unwrap();
        let e: [f64; P] = std::array::from_fn(|j| {
            (0..Q).map(|k| f.y[k] * (f.y[k] - sample.y[k]) * (1.0 - f.y[k]) * weights.v[k][j]).sum()
        });
        let explanation = tape.explanation().unwrap();
        let found = explanation.step("h").unwrap().gradient.as_ref().unwrap();
        close(found.as_slice(), &e);
    }
}

/// (3.10): ∂J/∂w_ji = e_hj · ∂h_j/∂ĥ_j · x_i; and with it all weights and biases at once.
#[test]
fn equation_3_10_the_gradient_of_a_hidden_weight() {
    let weights = weights();
    for sample in samples(8) {
        let tape = Tape::new();
        let leaves = Leaves::new(&tape, &weights);
        let y = leaves.output(leaves.hidden(row(&tape, &sample.x)));
        let gradients = half_squares(y, &row(&tape, &sample.y)).sum().backward().unwrap();
        let expected = closed_form(&weights, &sample);
        close(gradients.of(&leaves.w).unwrap().as_slice(), expected.w.as_flattened());
        close(&leaves.gradients(&gradients), &flat(&expected));
    }
}

/// (3.10) at the kink: ReLU's derivative is 0 for ĥ_j <= 0, so 0 at 0 itself.
#[test]
fn equation_3_10_the_slope_of_relu() {
    let tape = Tape::new();
    let h_hat = tape.leaf(Tensor::from_vec([4], [-1.0, -0.0, 0.0, 1e-300]).unwrap());
    let gradients = h_hat.clone().relu().sum().backward().unwrap();
    assert_eq!(gradients.of(&h_hat).unwrap().as_slice(), [0.0, 0.0, 0.0, 1.0]);
}

/// (3.11): three steps w_t = w_(t-1) - (α/b) Σ ∂J of a mini-batch, by loops and by the tape.
#[test]
fn equation_3_11_the_mini_batch_step() {
    let (rate, batch) = (0.5, samples(6));
    let size = batch.len();
    let (mut by_loops, mut by_tape) = (weights(), weights());
    for _ in 0..3 {
        let each: Vec<_> = batch.iter().map(|s| flat(&closed_form(&by_loops, s))).collect();
        let mean = |i: usize| each.iter().map(|gradient| gradient[i]).sum::<f64>() / size as f64;
        step(&mut by_loops, |i| rate * mean(i));

        let tape = Tape::new();
        let leaves = Leaves::new(&tape, &by_tape);
        let stack = |rows: Vec<f64>| {
            tape.constant(Tensor::from_vec([size, rows.len() / size], rows).unwrap())
        };
        let x = stack(batch.iter().flat_map(|sample| sample.x).collect());
        let y = stack(batch.iter().flat_map(|sample| sample.y).collect());
        let losses = half_squares(leaves.output(leaves.hidden(x)), &y);
        let loss = losses.sum_axis(1).unwrap().mean();
        let gradient = leaves.gradients(&loss.backward().unwrap());
        step(&mut by_tape, |i| rate * gradient[i]);
        close(&flat(&by_tape), &flat(&by_loops));
    }
    let (after, before) = (flat(&by_tape), flat(&weights()));
    let moved = after.iter().zip(&before).filter(|(after, before)| (*after - *before).abs() > 1e-4);
    assert!(moved.count() > before.len() / 2, "the steps moved the weights");
}

/// Subtracts `change(i)` from the i-th number, in the order of [`flat`].
fn step(weights: &mut Weights, change: impl Fn(usize) -> f64) {
    let (w, v) = (weights.w.as_flattened_mut(), weights.v.as_flattened_mut());
    let numbers = w.iter_mut().chain(&mut weights.w0).chain(v).chain(&mut weights.v0);
    for (i, number) in numbers.enumerate() {
        *number -= change(i);
    }
}
