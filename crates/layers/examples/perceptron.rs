//! What one neuron can learn and what it cannot (the chapter's §3.1).
//!
//!     cargo run -p layers --example perceptron
#![expect(clippy::print_stdout, reason = "printing is what an example does")]

use layers::{Error, Layer, Perceptron, Tape};
use tensor::Tensor;

fn main() -> Result<(), Error> {
    let x = Tensor::from_vec([4, 2], [0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0])?;
    for (name, labels) in [("AND", [0, 0, 0, 1]), ("OR", [0, 1, 1, 1]), ("XOR", [0, 1, 1, 0])] {
        let mut perceptron = Perceptron::new(2);
        let learned = perceptron.learn(&x, &Tensor::from_vec([4], labels)?, 100)?;

        let answers = perceptron.forward(Tape::inference().constant(x.clone()))?.into_value();
        let weight = perceptron.weight.value().expect("it has learnt").as_slice();
        let bias = perceptron.bias.value().expect("it has learnt").item()?;
        let epochs = learned.mistakes.len();
        if learned.converged() {
            println!("{name}: learnt in {epochs} epochs:");
        } else {
            println!("{name}: not learnt in {epochs} epochs, for no line separates it:");
        }
        println!("  f({bias} + {} x1 + {} x2)", weight[0], weight[1]);
        for (x, (y, label)) in x.as_slice().chunks(2).zip(answers.as_slice().iter().zip(labels)) {
            let verdict = if *y == label as f32 { "" } else { "  wrong" };
            println!("  {} {name} {} = {y}{verdict}", x[0], x[1]);
        }
    }
    Ok(())
}
