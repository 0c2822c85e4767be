//! A layer of your own, inside a network, with its gradients checked.
//!
//!     cargo run -p layers --example own_layer
//!
//! The layer is a learnable activation, y = x · sigmoid(a · x), with one `a` for each feature.
#![expect(clippy::print_stdout, reason = "printing is what an example does")]

use layers::{
    Dense, Error, Initializer, Layer, ModuleExt, Parameter, Scope, Var, check_layer_gradients,
    module,
};
use tensor::{Float, Tensor};

/// y = x · sigmoid(slope · x), element by element: x and y `[.., features]`, slope `[features]`.
struct Swish {
    scope: Scope,
    slope: Parameter,
}

module!(Swish { scope, slope });

impl Swish {
    fn new(features: usize) -> Self {
        let slope = Parameter::new([features], Initializer::ONE);
        Swish { scope: Scope::default(), slope }
    }
}

/// For every `Float`: `f32` to train, `f64` to check gradients.
impl<T: Float> Layer<T> for Swish {
    fn forward<'t>(&self, input: Var<'t, T>) -> Result<Var<'t, T>, Error> {
        // Errors inside carry the layer's path.
        self.scope.run("Swish", input, |x| {
            let slope = self.slope.on(x.tape())?;
            x.clone().mul(&x.mul(&slope)?.sigmoid())
        })
    }
}

struct Net {
    hidden: Dense,
    swish: Swish,
    output: Dense,
}

module!(Net { hidden, swish, output });

impl<T: Float> Layer<T> for Net {
    fn forward<'t>(&self, x: Var<'t, T>) -> Result<Var<'t, T>, Error> {
        self.output.forward(self.swish.forward(self.hidden.forward(x)?)?)
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // With respect to the input and to the slope, in f64.
    let mut layer = Swish::new(3);
    layer.initialize(1)?;
    check_layer_gradients(&layer, [2, 3], 1)?;
    println!("gradients agree with central differences");

    let mut net = Net { hidden: Dense::new(4, 3), swish: Swish::new(3), output: Dense::new(3, 2) };
    net.initialize(1)?;
    for (name, parameter) in net.parameters() {
        println!("{name:15} {}", parameter.shape());
    }
    let tape = autodiff::Tape::<f32>::inference();
    let wrong = tape.constant(Tensor::zeros([5, 7]));
    if let Err(error) = net.forward(wrong) {
        println!("a wrong input says: {error}");
    }
    Ok(())
}
