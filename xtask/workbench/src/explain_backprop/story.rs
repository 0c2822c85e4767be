//! The text: each equation in the chapter's symbols, then with numbers. Factors are what the
//! equation names; results are the tape's.
#![expect(clippy::needless_range_loop, reason = "the loops run over the equations' indices")]

use super::network::{Network, gradient, value};
use super::{Activation, at};
use anyhow::Result;
use autodiff::Explanation;
use serde::Serialize;

/// The columns of the text, and how far what follows an equation is indented.
const WIDTH: usize = 98;
const INDENT: &str = "    ";

/// A part of the text.
#[derive(Debug, Serialize)]
pub(crate) struct Section {
    pub(crate) title: String,
    pub(crate) lines: Vec<Line>,
}

/// A line of a section.
#[derive(Debug, Serialize)]
pub(crate) struct Line {
    /// The number n of the equation (3.n) that the line states; `None` for one with numbers.
    pub(crate) equation: Option<u8>,
    pub(crate) text: String,
}

impl Section {
    /// The section as it is printed.
    pub(crate) fn printed(&self) -> impl Iterator<Item = String> {
        let lines = self.lines.iter().map(|line| match line.equation {
            Some(number) => format!("  {:7}{}", format!("(3.{number})"), line.text),
            None => line.text.clone(),
        });
        std::iter::once(self.title.clone()).chain(lines)
    }
}

/// The sections from what is given to the loss after the update.
pub(crate) fn tell(
    network: &Network,
    explanation: &Explanation,
    after: &Network,
    rate: f64,
) -> Result<Vec<Section>> {
    let [w, w0, v, v0] = &network.weights;
    let [p, n] = w.shape()[..] else { unreachable!("w is a matrix") };
    let q = v0.len();
    let numbers = |name: &str| Ok::<_, anyhow::Error>(value(explanation, name)?.to_vec());
    let slopes = |name: &str| Ok::<_, anyhow::Error>(gradient(explanation, name)?.to_vec());
    let (x, y) = (network.x.as_slice(), network.y.as_slice());
    let (h_hat, h, y_hat, output) = (numbers("ĥ")?, numbers("h")?, numbers("ŷ")?, numbers("ỹ")?);
    let (losses, loss) = (numbers("J_k")?, value(explanation, "J")?.item()?);
    let (dw, dv) = (gradient(explanation, "w")?, gradient(explanation, "v")?);
    let (dw0, dv0, e) = (slopes("w0")?, slopes("v0")?, slopes("h")?);
    let (activation, formula, slope) = match network.activation {
        Activation::Relu => ("ReLU", "max(ĥ_j, 0)", "1 if ĥ_j > 0, else 0"),
        Activation::Sigmoid => ("sigmoid", "1 / (1 + e^-ĥ_j)", "h_j (1 - h_j)"),
        Activation::Tanh => ("tanh", "tanh ĥ_j", "1 - h_j²"),
    };

    let mut text = Text::default();
    text.heading("Back-propagation through the network of fig. 3.4");
    text.line(format!(
        "n = {n} inputs, p = {p} hidden units ({activation}), q = {q} outputs (sigmoid)"
    ));
    text.line("x_i ─ w_ji → ĥ_j ─ α1 → h_j ─ v_kj → ŷ_k ─ α2 → ỹ_k → J_k, and J = Σ_k J_k");

    text.heading(
        "Given: the input x, the target y, and the weights w and v (i = 0, j = 0: biases)",
    );
    text.row((0..n).map(|i| format!("x_{} = {}", i + 1, given(x[i]))));
    text.row((0..q).map(|k| format!("y_{} = {}", k + 1, given(y[k]))));
    for j in 0..p {
        let weights = (0..=n).map(|i| if i == 0 { w0.as_slice()[j] } else { at(w, j, i - 1) });
        text.row(weights.enumerate().map(|(i, w)| format!("w_{}{i} = {}", j + 1, given(w))));
    }
    for k in 0..q {
        let weights = (0..=p).map(|j| if j == 0 { v0.as_slice()[k] } else { at(v, k, j - 1) });
        text.row(weights.enumerate().map(|(j, v)| format!("v_{}{j} = {}", k + 1, given(v))));
    }

    text.heading("Going forward");
    text.equation(3, &format!("ĥ_j = w_j0 + Σ_i w_ji x_i,   h_j = α1(ĥ_j) = {formula}"));
    for j in 0..p {
        let terms: Vec<_> = (0..n).map(|i| (at(w, j, i), x[i])).collect();
        let sum = sum(Some(w0.as_slice()[j]), &terms);
        let result = format!("= {}   h_{} = {}", four(h_hat[j]), j + 1, four(h[j]));
        text.long(&format!("ĥ_{} = {sum}", j + 1), &result);
    }
    text.equation(4, "ŷ_k = v_k0 + Σ_j v_kj h_j,   ỹ_k = α2(ŷ_k) = 1 / (1 + e^-ŷ_k)");
    for k in 0..q {
        let terms: Vec<_> = (0..p).map(|j| (at(v, k, j), h[j])).collect();
        let sum = sum(Some(v0.as_slice()[k]), &terms);
        let result = format!("= {}   ỹ_{} = {}", four(y_hat[k]), k + 1, four(output[k]));
        text.long(&format!("ŷ_{} = {sum}", k + 1), &result);
    }
    text.equation(5, "J_k = ½ (ỹ_k - y_k)²");
    for k in 0..q {
        let (y, target) = (four(output[k]), given(y[k]));
        text.result(&format!("J_{} = ½ ({} -{target})²", k + 1, y.trim()), losses[k]);
    }
    let names: Vec<_> = (1..=q).map(|k| format!("J_{k}")).collect();
    text.result(&format!("J = {}", names.join(" + ")), loss);

    text.heading("Coming back: the output layer");
    text.equation(
        6,
        "∂J_k/∂v_kj = ∂J_k/∂ỹ_k · ∂ỹ_k/∂ŷ_k · ∂ŷ_k/∂v_kj, of which the first is ỹ_k - y_k",
    );
    for (k, slope) in slopes("ỹ")?.into_iter().enumerate() {
        let (y, target) = (four(output[k]), given(y[k]));
        text.result(&format!("∂J_{0}/∂ỹ_{0} = {1} -{target}", k + 1, y.trim()), slope);
    }
    text.equation(7, "∂ỹ_k/∂ŷ_k = ỹ_k (1 - ỹ_k)");
    for k in 0..q {
        let y = output[k];
        let factors = format!("{} · {}", four(y).trim(), four(1.0 - y).trim());
        text.result(&format!("∂ỹ_{0}/∂ŷ_{0} = {factors}", k + 1), y * (1.0 - y));
    }
    text.equation(8, "∂J_k/∂v_kj = δ_k h_j with δ_k = ỹ_k (ỹ_k - y_k)(1 - ỹ_k), and h_0 = 1");
    for k in 0..q {
        let delta = factor(dv0[k]);
        text.result(&format!("∂J/∂v_{}0 = δ_{}", k + 1, k + 1), dv0[k]);
        for j in 0..p {
            let what = format!("∂J/∂v_{}{} = {delta} · {}", k + 1, j + 1, factor(h[j]));
            text.result(&what, at(dv, k, j));
        }
    }

    text.heading("Coming back: the hidden layer");
    text.equation(
        9,
        "e_hj = ∂J/∂h_j = Σ_k δ_k v_kj: h_j is used by every output, so parts add up (3.2)",
    );
    for j in 0..p {
        let terms: Vec<_> = (0..q).map(|k| (dv0[k], at(v, k, j))).collect();
        text.long(&format!("e_h{} = {}", j + 1, sum(None, &terms)), &format!("= {}", four(e[j])));
    }
    text.equation(
        10,
        &format!("∂J/∂w_ji = e_hj · ∂h_j/∂ĥ_j · x_i with ∂h_j/∂ĥ_j = {slope}, and x_0 = 1"),
    );
    for j in 0..p {
        let slope = match network.activation {
            Activation::Relu => f64::from(u8::from(h_hat[j] > 0.0)),
            Activation::Sigmoid => h[j] * (1.0 - h[j]),
            Activation::Tanh => 1.0 - h[j] * h[j],
        };
        let (head, slope) = (factor(e[j]), short(slope));
        text.result(&format!("∂J/∂w_{}0 = {head} · {slope}", j + 1), dw0[j]);
        for i in 0..n {
            let what = format!("∂J/∂w_{}{} = {head} · {slope} · {}", j + 1, i + 1, factor(x[i]));
            text.result(&what, at(dw, j, i));
        }
    }

    text.heading("One step of gradient descent");
    text.equation(11, &format!("w := w - α/b Σ ∂J/∂w with α = {rate} and a mini-batch of b = 1"));
    let [w, w0, v, v0] = &after.weights;
    for j in 0..p {
        let weights = (0..=n).map(|i| if i == 0 { w0.as_slice()[j] } else { at(w, j, i - 1) });
        text.row(weights.enumerate().map(|(i, w)| format!("w_{}{i} = {}", j + 1, four(w))));
    }
    for k in 0..q {
        let weights = (0..=p).map(|j| if j == 0 { v0.as_slice()[k] } else { at(v, k, j - 1) });
        text.row(weights.enumerate().map(|(j, v)| format!("v_{}{j} = {}", k + 1, four(v))));
    }
    let now = value(&after.explain()?, "J")?.item()?;
    text.line(format!("{INDENT}J was {loss:.6} and is now {now:.6}"));
    Ok(text.sections)
}

#[derive(Default)]
struct Text {
    sections: Vec<Section>,
}

impl Text {
    fn push(&mut self, equation: Option<u8>, text: String) {
        if let Some(section) = self.sections.last_mut() {
            section.lines.push(Line { equation, text });
        }
    }

    fn line(&mut self, line: impl Into<String>) {
        self.push(None, line.into());
    }

    fn heading(&mut self, heading: &str) {
        self.sections.push(Section { title: heading.to_owned(), lines: Vec::new() });
    }

    fn equation(&mut self, number: u8, equation: &str) {
        self.push(Some(number), equation.to_owned());
    }

    /// Short equations beside each other.
    fn row(&mut self, cells: impl Iterator<Item = String>) {
        let cells: Vec<_> = cells.collect();
        self.line(format!("{INDENT}{}", cells.join("   ")));
    }

    /// A product or difference and its result, which stand below each other.
    fn result(&mut self, what: &str, result: f64) {
        let gap = " ".repeat(44_usize.saturating_sub(what.chars().count()));
        self.line(format!("{INDENT}{what}{gap} = {}", four(result)));
    }

    /// A sum and its result, on the next line where there is no room.
    fn long(&mut self, what: &str, result: &str) {
        let width = |text: &str| text.chars().count();
        if INDENT.len() + width(what) + 1 + width(result) <= WIDTH {
            return self.line(format!("{INDENT}{what} {result}"));
        }
        self.line(format!("{INDENT}{what}"));
        self.line(format!("{INDENT}    {result}"));
    }
}

/// Σ a b with an optional first term: `0.25 + 0.5·0.75 - 0.1·(-0.2)`.
fn sum(first: Option<f64>, terms: &[(f64, f64)]) -> String {
    let mut text = first.map(short).unwrap_or_default();
    for &(a, b) in terms {
        match (text.is_empty(), a < 0.0) {
            (true, _) => text.push_str(&short(a)),
            (false, true) => text.push_str(&format!(" - {}", short(-a))),
            (false, false) => text.push_str(&format!(" + {}", short(a))),
        }
        text.push('·');
        text.push_str(&factor(b));
    }
    text
}

/// A factor: in brackets if it is negative.
fn factor(x: f64) -> String {
    if x < 0.0 { format!("({})", short(x)) } else { short(x) }
}

/// Up to four decimals.
fn short(x: f64) -> String {
    let text = format!("{x:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// A number that was given, with its sign's place kept.
fn given(x: f64) -> String {
    format!("{x:>5.2}")
}

/// A number that was computed, with its sign's place kept.
fn four(x: f64) -> String {
    format!("{:>7.4}", if x == 0.0 { 0.0 } else { x })
}
