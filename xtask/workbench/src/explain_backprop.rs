//! `cargo xtask explain-backprop`: the network of fig. 3.4, there and back, number by number.

mod network;
mod story;

use anyhow::{Result, ensure};
use autodiff::compare_gradients;
use clap::ValueEnum;
pub(crate) use network::{Network, gradient, value};
use serde::Deserialize;
use std::io::Write;
use std::path::{Path, PathBuf};
pub(crate) use story::tell;
use tensor::Tensor;
use xtask::output::{note, result};
use xtask::workspace;

/// The relative difference between the tape's gradients and central differences that is allowed.
const ALLOWED: f64 = 1e-6;

/// Walk back-propagation through the network of the chapter's fig. 3.4, number by number.
///
/// Weights, input and target are drawn with two decimals, so that everything can be followed with
/// a pocket calculator: eqs. (3.3) to (3.5) forward, (3.6) to (3.10) back, (3.11) for one step of
/// gradient descent. At the end every gradient is checked against central differences; if one
/// does not agree, the exit code is 1.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo xtask explain-backprop
  cargo xtask explain-backprop --inputs 3 --hidden 2 --outputs 1 --activation tanh --seed 7
  cargo xtask explain-backprop --svg tape.svg --dot tape.dot   # draws the tape")]
pub(crate) struct Args {
    /// n, the number of inputs: 1 to 4.
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=4))]
    inputs: u8,
    /// p, the number of hidden units: 1 to 4.
    #[arg(long, value_name = "P", default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=4))]
    hidden: u8,
    /// q, the number of outputs: 1 to 4.
    #[arg(long, value_name = "Q", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=4))]
    outputs: u8,
    /// The hidden layer's activation α1; the output's is a sigmoid.
    #[arg(long, value_enum, default_value_t = Activation::Relu)]
    activation: Activation,
    /// α, the learning rate of the update (3.11).
    #[arg(long, value_name = "RATE", default_value_t = 0.5)]
    learning_rate: f64,
    /// The seed of weights, input and target.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Draws the tape into this SVG file.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Writes the tape into this file in Graphviz' DOT language.
    #[arg(long, value_name = "FILE")]
    dot: Option<PathBuf>,
}

/// The activations of §3.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Activation {
    Relu,
    Sigmoid,
    Tanh,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let rate = args.learning_rate;
    ensure!(rate.is_finite() && rate > 0.0, "--learning-rate {rate}: expected a number above 0");
    let sizes = [args.inputs, args.hidden, args.outputs].map(usize::from);
    let network = Network::draw(sizes, args.activation, args.seed);
    let explanation = network.explain()?;
    let after = network.updated(&explanation, rate)?;
    for (i, section) in story::tell(&network, &explanation, &after, rate)?.iter().enumerate() {
        if i > 0 {
            result(format_args!(""));
        }
        section.printed().for_each(|line| result(format_args!("{line}")));
    }

    let pairs = compare_gradients(&network.weights, |tape, weights| {
        network.loss(tape.constant(network.x.clone()), weights)
    })?;
    let largest = pairs.iter().map(autodiff::GradientPair::difference).fold(0.0, f64::max);
    write(args.svg.as_deref(), &explanation.to_svg())?;
    write(args.dot.as_deref(), &explanation.to_dot())?;
    result(format_args!(
        "\nThe check: (J(w + ε) - J(w - ε)) / 2ε for each of the {} weights",
        pairs.len()
    ));
    // Not `>`, so that NaN fails too.
    let agrees = largest <= ALLOWED;
    result(format_args!(
        "  The largest difference from the tape's gradients is {largest:.1e}, {ALLOWED:.0e} is allowed: {}.",
        if agrees { "they agree" } else { "THEY DO NOT AGREE" }
    ));
    ensure!(agrees, "back-propagation and central differences disagree by {largest:e}");
    Ok(())
}

fn write(path: Option<&Path>, text: &str) -> Result<()> {
    let Some(path) = path else { return Ok(()) };
    datasets::files::atomic_write(path, |file| file.write_all(text.as_bytes()))?;
    note(format_args!("the tape is drawn in {}", workspace::shown(path)));
    Ok(())
}

/// Element (j, i) of a matrix.
fn at(matrix: &Tensor<f64>, j: usize, i: usize) -> f64 {
    matrix.as_slice()[j * matrix.shape()[1] + i]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every shape and activation agrees with central differences, loses loss by a step, and fits
    /// into a hundred columns.
    #[test]
    fn every_network_can_be_told() {
        for activation in [Activation::Relu, Activation::Sigmoid, Activation::Tanh] {
            for sizes in [[1, 1, 1], [2, 3, 2], [4, 4, 4], [3, 1, 4]] {
                let network = Network::draw(sizes, activation, 3);
                let explanation = network.explain().unwrap();
                let after = network.updated(&explanation, 0.5).unwrap();
                let loss = |network: &Network| {
                    let explanation = network.explain().unwrap();
                    explanation.step("J").unwrap().value.item().unwrap()
                };
                assert!(loss(&after) <= loss(&network));
                let pairs = compare_gradients(&network.weights, |tape, weights| {
                    network.loss(tape.constant(network.x.clone()), weights)
                });
                assert!(pairs.unwrap().iter().all(|pair| pair.difference() < 1e-8));
                let sections = story::tell(&network, &explanation, &after, 0.5).unwrap();
                let lines: Vec<_> = sections.iter().flat_map(story::Section::printed).collect();
                for line in &lines {
                    let width = line.chars().filter(|c| !('\u{300}'..='\u{36f}').contains(c));
                    assert!(width.count() <= 100, "{line}");
                }
                let text = lines.join("\n");
                for equation in 3..=11 {
                    assert!(text.contains(&format!("(3.{equation})")), "(3.{equation})");
                }
            }
        }
    }
}
