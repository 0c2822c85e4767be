//! Learning XOR with a training loop written by hand.
//!
//!     cargo run -p optim --example xor
//!
//! One neuron cannot do it, a hidden layer can (the chapter's §3.1).
#![expect(clippy::print_stdout, reason = "printing is what an example does")]

use layers::{
    Activation, Error, Layer, Loss, Mlp, ModuleExt, SoftmaxCrossEntropyWithLogits, Tape, Target,
};
use optim::{Momentum, Optimizer};
use tensor::Tensor;

fn main() -> Result<(), Error> {
    let x = Tensor::from_vec([4, 2], [0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0])?;
    let target = Target::Class(Tensor::from_vec([4], [0, 1, 1, 0])?);

    let mut net = Mlp::new(2).hidden(8, Activation::Tanh).output(2)?;
    net.initialize(1)?;
    let loss = SoftmaxCrossEntropyWithLogits::new();
    let mut optimizer = Momentum::new(0.1, 0.9)?;

    for step in 1..=200 {
        // A tape lives for one step: forward, backward, update.
        let tape = Tape::new();
        let logits = net.forward(tape.constant(x.clone()))?;
        let j = loss.forward(logits, &target)?;
        if step % 40 == 0 {
            println!("step {step}: loss {:.4}", j.value().item()?);
        }
        optimizer.step(&mut net, &j.backward()?)?;
    }

    let tape = Tape::inference();
    let probabilities = net.forward(tape.constant(x.clone()))?.softmax(1)?;
    for (input, p) in x.as_slice().chunks(2).zip(probabilities.value().as_slice().chunks(2)) {
        println!(
            "{} xor {}: {:.1} % sure of {}",
            input[0],
            input[1],
            100.0 * p[0].max(p[1]),
            u8::from(p[1] > p[0])
        );
    }
    Ok(())
}
