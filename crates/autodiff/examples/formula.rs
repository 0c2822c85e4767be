//! The gradient of a formula of your own, checked against central differences.
//!
//!     cargo run -p autodiff --example formula
//!
//! The formula is the loss of one neuron, J = ½ (sigmoid(w·x + b) - t)², the chapter's eq. (3.5).
#![expect(clippy::print_stdout, reason = "printing is what an example does")]

use autodiff::{Error, Tape, Var, check_gradients};
use tensor::Tensor;

/// Inputs: x `[1, 3]`, w `[1, 3]`, b `[1]`. Result: a scalar.
fn loss<'t>(tape: &'t Tape<f64>, inputs: &[Var<'t, f64>]) -> Result<Var<'t, f64>, Error> {
    let [x, w, b] = inputs else { unreachable!("the caller passes three inputs") };
    let target = tape.constant(Tensor::full([1, 1], 1.0));
    let output = x.clone().linear(w, Some(b))?.sigmoid();
    Ok(output.sub(&target)?.square().sum().scale(0.5))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let x = Tensor::from_vec([1, 3], [1.0, 2.0, -1.0])?;
    let w = Tensor::from_vec([1, 3], [0.5, -0.25, 0.75])?;
    let b = Tensor::from_vec([1], [0.1])?;

    let tape = Tape::new();
    let leaves = [tape.leaf(x.clone()), tape.leaf(w.clone()), tape.leaf(b.clone())];
    let j = loss(&tape, &leaves)?;
    println!("J     = {:.6}", j.value().item()?);
    let gradients = j.backward()?;
    for (name, leaf) in ["dJ/dx", "dJ/dw", "dJ/db"].iter().zip(&leaves) {
        let gradient = gradients.of(leaf).ok_or("J depends on every input")?;
        println!("{name} = {:.6?}", gradient.as_slice());
    }

    check_gradients(&[x, w, b], loss)?;
    println!("central differences agree");
    Ok(())
}
