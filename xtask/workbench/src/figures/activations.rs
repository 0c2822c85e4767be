//! Fig. 3.2: the three activations of §3.1, each with its derivative.

use anyhow::{Context, Result};
use autodiff::{Tape, Var};
use tensor::Tensor;
use xtask::chart::{Axis, Color, Figure, Line, Panel};

type Activation = for<'t> fn(Var<'t, f64>) -> Var<'t, f64>;

/// The curves over -5..5; the derivatives are what the backward pass gives.
pub(super) fn figure() -> Result<Figure> {
    let activations: [(&str, Activation, (f64, f64)); 3] = [
        ("sigmoid(x) = 1 / (1 + e⁻ˣ)", |x| x.sigmoid(), (-0.1, 1.1)),
        ("tanh(x) = (eˣ \u{2212} e⁻ˣ) / (eˣ + e⁻ˣ)", |x| x.tanh(), (-1.2, 1.2)),
        ("ReLU(x) = max(x, 0)", |x| x.relu(), (-0.5, 5.0)),
    ];
    let mut figure = Figure::new("Activation functions and their derivatives (fig. 3.2)")
        .panel_size(240.0, 220.0);
    for (title, activation, range) in activations {
        let (curve, slope) = curves(activation)?;
        let panel = Panel::new(title)
            .x(Axis::new("x").range(-5.0, 5.0))
            .y(Axis::new("").range(range.0, range.1))
            .line(Line::new("activation f(x)", curve))
            .line(Line::new("derivative f′(x)", with_gaps(&slope)).color(Color::Orange).dashed());
        figure = figure.panel(panel);
    }
    Ok(figure)
}

type Curve = Vec<(f64, f64)>;

/// An activation at -5, -4.95, .. 5, and its derivative there.
fn curves(activation: Activation) -> Result<(Curve, Curve)> {
    let xs: Vec<f64> = (-100..=100).map(|i| f64::from(i) / 20.0).collect();
    let tape = Tape::new();
    let x = tape.leaf(Tensor::from_vec([xs.len()], &xs)?);
    let y = activation(x.clone());
    let values = y.value().as_slice().to_vec();
    let gradients = y.sum().backward()?;
    let slopes = gradients.of(&x).context("an activation has a derivative")?.as_slice().to_vec();
    Ok((xs.iter().copied().zip(values).collect(), xs.iter().copied().zip(slopes).collect()))
}

/// The curve with a break where it jumps, as ReLU's derivative does at 0.
fn with_gaps(curve: &[(f64, f64)]) -> Curve {
    let jumps = |i: usize| i > 0 && (curve[i].1 - curve[i - 1].1).abs() > 0.5;
    let gap = |i: usize| jumps(i).then_some((curve[i].0, f64::NAN));
    (0..curve.len()).flat_map(|i| gap(i).into_iter().chain([curve[i]])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The derivatives of §3.1's formulas, at every point of the curves.
    #[test]
    fn the_derivatives_are_those_of_the_formulas() {
        let activations: [Activation; 3] = [|x| x.sigmoid(), |x| x.tanh(), |x| x.relu()];
        let expected: [fn(f64) -> f64; 3] = [
            |x| (-x).exp() / (1.0 + (-x).exp()).powi(2),
            |x| 1.0 - x.tanh().powi(2),
            |x| if x > 0.0 { 1.0 } else { 0.0 },
        ];
        for (activation, expected) in activations.into_iter().zip(expected) {
            for (x, slope) in curves(activation).unwrap().1 {
                assert!((slope - expected(x)).abs() < 1e-12, "at {x}: {slope}");
            }
        }
    }
}
