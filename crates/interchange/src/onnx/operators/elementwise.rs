//! Arithmetic and functions, element by element.

use super::limits::{broadcast, check_growth};
use super::{Attributes, Inputs, Operator, Value};
use crate::Result;
use crate::onnx::tensors::type_name;
use layers::{Activation, Var};

#[derive(Debug)]
enum Elementwise {
    Neg,
    Exp,
    Log,
    /// -1, 0 or 1.
    Sign,
    Activation(Activation),
    /// The input as it is.
    Identity,
    /// The input as it is, too: between types that are one here. This is the type to cast to.
    Cast(i64),
}

/// Arithmetic of two arrays, which are broadcast to each other.
#[derive(Debug)]
enum Arithmetic {
    Add,
    Sub,
    Mul,
    Div,
}

pub(super) fn parse(name: &str, a: &mut Attributes) -> Result<Option<Box<dyn Operator>>> {
    let arithmetic = match name {
        "Add" => Some(Arithmetic::Add),
        "Sub" => Some(Arithmetic::Sub),
        "Mul" => Some(Arithmetic::Mul),
        "Div" => Some(Arithmetic::Div),
        _ => None,
    };
    if let Some(arithmetic) = arithmetic {
        return Ok(Some(Box::new(arithmetic)));
    }
    Ok(Some(Box::new(match name {
        "Neg" => Elementwise::Neg,
        "Exp" => Elementwise::Exp,
        "Log" => Elementwise::Log,
        "Relu" => Elementwise::Activation(Activation::Relu),
        "Sigmoid" => Elementwise::Activation(Activation::Sigmoid),
        "Tanh" => Elementwise::Activation(Activation::Tanh),
        "Softplus" => Elementwise::Activation(Activation::Softplus),
        "LeakyRelu" => {
            let alpha = a.float("alpha", 0.01)?.into();
            Elementwise::Activation(Activation::LeakyRelu { alpha })
        }
        "Elu" => {
            let alpha = a.float("alpha", 1.0)?.into();
            Elementwise::Activation(Activation::Elu { alpha })
        }
        "Gelu" => {
            let approximate = match a.text("approximate", "none")?.as_str() {
                "none" => false,
                "tanh" => true,
                other => {
                    let what = format!("approximate {other}");
                    return Err(a.unsupported(&what, "none and tanh are"));
                }
            };
            Elementwise::Activation(Activation::Gelu { approximate })
        }
        "Sign" => Elementwise::Sign,
        "Identity" => Elementwise::Identity,
        // A model is exported to be evaluated, where dropout does nothing.
        "Dropout" => {
            a.int("seed", 0)?;
            a.float("ratio", 0.5)?;
            Elementwise::Identity
        }
        "Cast" => {
            a.int("saturate", 0)?;
            Elementwise::Cast(a.int("to", 0)?)
        }
        _ => return Ok(None),
    })))
}

impl Operator for Elementwise {
    fn run<'t>(&self, mut inputs: Inputs<'t>) -> tensor::Result<Value<'t>> {
        if let Elementwise::Identity | Elementwise::Cast(_) = self {
            return match inputs.take(0) {
                Some(Value::Var(x)) => self.checked(x).map(Value::Var),
                Some(value) => Ok(value),
                None => Ok(Value::Var(inputs.var(0)?)),
            };
        }
        let x = inputs.var(0)?;
        Ok(Value::Var(match self {
            Elementwise::Neg => -x,
            Elementwise::Exp => x.exp(),
            Elementwise::Log => x.ln(),
            Elementwise::Sign => {
                let negative = (-x.clone()).step();
                x.step().sub(&negative)?
            }
            Elementwise::Activation(activation) => activation.apply(x)?,
            Elementwise::Identity | Elementwise::Cast(_) => x,
        }))
    }
}

impl Elementwise {
    /// Refuses to cast numbers that are computed with to a type that would round them.
    fn checked<'t>(&self, x: Var<'t>) -> tensor::Result<Var<'t>> {
        const FLOATS: [&str; 4] = ["FLOAT", "FLOAT16", "DOUBLE", "BFLOAT16"];
        let &Elementwise::Cast(to) = self else { return Ok(x) };
        let name = i32::try_from(to).map_or_else(|_| to.to_string(), type_name);
        if FLOATS.contains(&name.as_str()) {
            return Ok(x);
        }
        let expected = format!("one of {} for an array of numbers", FLOATS.join(", "));
        Err(tensor::Error::argument("cast", "to", name, expected)
            .hint("export the model without rounding to integers"))
    }
}

impl Operator for Arithmetic {
    fn run<'t>(&self, mut inputs: Inputs<'t>) -> tensor::Result<Value<'t>> {
        let (x, y) = (inputs.var(0)?, inputs.var(1)?);
        let (a, b) = (x.shape(), y.shape());
        check_growth("broadcasting", [a, b], &broadcast(a, b))?;
        Ok(Value::Var(match self {
            Arithmetic::Add => x.add(&y)?,
            Arithmetic::Sub => x.sub(&y)?,
            Arithmetic::Mul => x.mul(&y)?,
            Arithmetic::Div => x.div(&y)?,
        }))
    }
}
