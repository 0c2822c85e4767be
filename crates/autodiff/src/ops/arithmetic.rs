//! Sum, difference, product and quotient, element by element, with broadcasting.

use crate::var::same_tape;
use crate::{Backward, Sink, Var};
use tensor::{Float, Result, Shape, Tensor, kernels::elementwise};

/// y = a + sign · b.
#[derive(Debug)]
struct Sum {
    negative: bool,
    a: Shape,
    b: Shape,
}

impl<T: Float> Backward<T> for Sum {
    fn name(&self) -> &'static str {
        if self.negative { "sub" } else { "add" }
    }

    fn backward(self: Box<Self>, dy: Tensor<T>, sink: &mut Sink<'_, T>) {
        if sink.wants(1) {
            let mut db = dy.clone().sum_to(&self.b);
            if self.negative {
                elementwise::affine(db.as_mut_slice(), -T::ONE, T::ZERO);
            }
            sink.give(1, db);
        }
        if sink.wants(0) {
            sink.give(0, dy.sum_to(&self.a));
        }
    }

    fn formula(&self, x: &[&str]) -> String {
        format!("{} {} {}", x[0], if self.negative { '-' } else { '+' }, x[1])
    }

    fn derivative(&self, i: usize, y: &str, x: &[&str]) -> Option<String> {
        Some(format!("∂{y}/∂{} = {}", x[i], if self.negative && i == 1 { "-1" } else { "1" }))
    }
}

/// y = a b: dy/da = b, dy/db = a. An operand is saved only where the other needs a gradient.
#[derive(Debug)]
struct Product<T: Float> {
    a: Option<Tensor<T>>,
    b: Option<Tensor<T>>,
    shapes: [Shape; 2],
}

impl<T: Float> Backward<T> for Product<T> {
    fn name(&self) -> &'static str {
        "mul"
    }

    fn backward(self: Box<Self>, dy: Tensor<T>, sink: &mut Sink<'_, T>) {
        if let Some(a) = &self.a {
            sink.give(1, times(dy.clone(), a).sum_to(&self.shapes[1]));
        }
        if let Some(b) = &self.b {
            sink.give(0, times(dy, b).sum_to(&self.shapes[0]));
        }
    }

    fn formula(&self, x: &[&str]) -> String {
        format!("{} · {}", x[0], x[1])
    }

    fn derivative(&self, i: usize, y: &str, x: &[&str]) -> Option<String> {
        Some(format!("∂{y}/∂{} = {}", x[i], x[1 - i]))
    }
}

/// y = a / b: dy/da = 1 / b, dy/db = -y / b.
#[derive(Debug)]
struct Quotient<T: Float> {
    b: Tensor<T>,
    y: Option<Tensor<T>>,
    a: Shape,
}

impl<T: Float> Backward<T> for Quotient<T> {
    fn name(&self) -> &'static str {
        "div"
    }

    fn backward(self: Box<Self>, dy: Tensor<T>, sink: &mut Sink<'_, T>) {
        let over_b = broadcast("div", dy, &self.b, |g, b| g / b, elementwise::div)
            .expect("the operands broadcast in the forward pass");
        if let Some(y) = &self.y {
            let mut db = times(over_b.clone(), y);
            elementwise::affine(db.as_mut_slice(), -T::ONE, T::ZERO);
            sink.give(1, db.sum_to(self.b.shape()));
        }
        if sink.wants(0) {
            sink.give(0, over_b.sum_to(&self.a));
        }
    }

    fn formula(&self, x: &[&str]) -> String {
        format!("{} / {}", x[0], x[1])
    }

    fn derivative(&self, i: usize, y: &str, x: &[&str]) -> Option<String> {
        let [a, b] = x else { return None };
        Some(match i {
            0 => format!("∂{y}/∂{a} = 1 / {b}"),
            _ => format!("∂{y}/∂{b} = -{y} / {b}"),
        })
    }
}

/// The gradient of a result times an operand that broadcast to it.
fn times<T: Float>(gradient: Tensor<T>, operand: &Tensor<T>) -> Tensor<T> {
    broadcast("mul", gradient, operand, |a, b| a * b, elementwise::mul)
        .expect("the operands broadcast in the forward pass")
}

/// `f` over broadcast operands; in place by `kernel` where the shapes are equal.
fn broadcast<T: Float>(
    op: &'static str,
    mut a: Tensor<T>,
    b: &Tensor<T>,
    f: impl Fn(T, T) -> T,
    kernel: impl Fn(&mut [T], &[T]),
) -> Result<Tensor<T>> {
    if a.shape() != b.shape() {
        return a.zip_broadcast(op, b, f);
    }
    kernel(a.as_mut_slice(), b.as_slice());
    Ok(a)
}

#[expect(
    clippy::should_implement_trait,
    reason = "a shape mismatch is an error here; the operator traits could only panic"
)]
impl<'t, T: Float> Var<'t, T> {
    /// y = self + other, broadcasting.
    ///
    /// # Errors
    /// [`Error::Shape`](crate::Error::Shape) where the shapes do not broadcast,
    /// [`Error::State`](crate::Error::State) where the operands are on different tapes; so for
    /// the other three.
    ///
    /// ```
    /// # use autodiff::Tape;
    /// # use tensor::Tensor;
    /// let tape = Tape::<f64>::new();
    /// let x = tape.leaf(Tensor::full([2, 3], 1.0));
    /// let b = tape.leaf(Tensor::full([3], 0.5));
    /// let gradients = x.add(&b)?.sum().backward()?;
    /// assert_eq!(gradients.of(&b).unwrap().as_slice(), [2.0, 2.0, 2.0]);
    /// # Ok::<(), tensor::Error>(())
    /// ```
    pub fn add(self, other: &Var<'t, T>) -> Result<Self> {
        self.sum_or_difference(other, false)
    }

    /// y = self - other, broadcasting.
    pub fn sub(self, other: &Var<'t, T>) -> Result<Self> {
        self.sum_or_difference(other, true)
    }

    fn sum_or_difference(self, other: &Var<'t, T>, negative: bool) -> Result<Self> {
        let op = if negative { "sub" } else { "add" };
        let (tape, input, a) = self.into_parts();
        same_tape(op, tape, other)?;
        let rule = Sum { negative, a: a.shape().clone(), b: other.shape().clone() };
        let y = if negative {
            broadcast(op, a, other.value(), |a, b| a - b, elementwise::sub)?
        } else {
            broadcast(op, a, other.value(), |a, b| a + b, elementwise::add)?
        };
        Ok(tape.operation([input, other.node()], y, |_| rule))
    }

    /// y = self · other, element by element, broadcasting.
    pub fn mul(self, other: &Var<'t, T>) -> Result<Self> {
        let (tape, input, a) = self.into_parts();
        same_tape("mul", tape, other)?;
        let rule = Product {
            shapes: [a.shape().clone(), other.shape().clone()],
            a: other.needs_gradient().then(|| a.clone()),
            b: input.is_some().then(|| other.value().clone()),
        };
        let y = broadcast("mul", a, other.value(), |a, b| a * b, elementwise::mul)?;
        Ok(tape.operation([input, other.node()], y, |_| rule))
    }

    /// y = self / other, element by element, broadcasting.
    pub fn div(self, other: &Var<'t, T>) -> Result<Self> {
        let (tape, input, a) = self.into_parts();
        same_tape("div", tape, other)?;
        let a_shape = a.shape().clone();
        let y = broadcast("div", a, other.value(), |a, b| a / b, elementwise::div)?;
        Ok(tape.operation([input, other.node()], y, |y| Quotient {
            b: other.value().clone(),
            y: other.needs_gradient().then(|| y.clone()),
            a: a_shape,
        }))
    }
}
