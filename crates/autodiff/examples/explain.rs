//! Back-propagation written out: the loss of a small network, step by step, there and back.
//!
//!     cargo run -p autodiff --example explain
//!     cargo run -p autodiff --example explain -- tape.svg    # draws it, too
//!
//! The network is that of the chapter's fig. 3.4, with two inputs, three hidden units and one
//! output.
#![expect(clippy::print_stdout, reason = "printing is what an example does")]

use autodiff::Tape;
use tensor::Tensor;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let tape = Tape::<f64>::new().explained();
    let x = tape.constant(Tensor::from_vec([1, 2], [1.0, -2.0])?).named("x");
    let y = tape.constant(Tensor::from_vec([1, 1], [1.0])?).named("y");
    let weights = [0.5, -0.25, 0.1, 0.75, -0.6, -0.2];
    let w = tape.leaf(Tensor::from_vec([3, 2], weights)?).named("w");
    let w0 = tape.leaf(Tensor::from_vec([3], [0.1, 0.2, 0.3])?).named("w0");
    let v = tape.leaf(Tensor::from_vec([1, 3], [0.4, -0.3, 0.8])?).named("v");
    let v0 = tape.leaf(Tensor::from_vec([1], [-0.1])?).named("v0");

    let h = x.linear(&w, Some(&w0))?.named("ĥ").relu().named("h");
    let output = h.linear(&v, Some(&v0))?.named("ŷ").sigmoid().named("ỹ");
    let loss = output.sub(&y)?.square().sum().scale(0.5).named("J");
    loss.backward()?;

    let explanation = tape.explanation()?;
    print!("{explanation}");
    if let Some(file) = std::env::args_os().nth(1) {
        std::fs::write(file, explanation.to_svg())?;
    }
    Ok(())
}
