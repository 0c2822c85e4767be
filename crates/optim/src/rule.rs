//! [`Rule`]: what one optimizer does with a weight, and no more.

use std::fmt::Debug;
use tensor::kernels::optimizer::Update;
use tensor::kernels::stream::Store;
use tensor::{Element, Float, Result};

/// How a gradient changes a parameter: all that tells one optimizer from another.
///
/// [`Descent`](crate::Descent) does the rest for every rule: learning rates, decay, clipping,
/// groups, accumulation, and keeping and saving what the rule remembers. Here is signed gradient
/// descent with a memory:
///
/// ```
/// use optim::{Descent, Rule, Slot, Step, slots};
/// use tensor::{Float, Tensor};
///
/// /// m := 0.9 m + 0.1 g, w := w - lr · sign(m).
/// #[derive(Debug)]
/// struct SignedMomentum;
///
/// impl Rule for SignedMomentum {
///     fn name(&self) -> &'static str {
///         "signed_momentum"
///     }
///
///     fn slots(&self) -> Vec<Slot> {
///         vec![Slot::new("moments", 0.0)]
///     }
///
///     fn update<T: Float>(&self, w: &mut [T], kept: &mut [&mut [T]], g: &[T], step: &Step) {
///         let [m] = slots(kept);
///         let (rate, share) = (T::from_f64(step.rate), T::from_f64(0.1));
///         for ((w, m), &g) in w.iter_mut().zip(m).zip(g) {
///             let g = step.gradient(*w, g);
///             *m += share * (g - *m);
///             *w = if *m > T::ZERO { *w - rate } else { *w + rate };
///         }
///     }
/// }
///
/// let optimizer = Descent::by(SignedMomentum, 0.01)?.weight_decay(1e-4)?.clip_norm(1.0)?;
/// # Ok::<(), tensor::Error>(())
/// ```
///
/// The rules of this crate call a kernel instead of the loop.
pub trait Rule: Debug + Send + Sync {
    /// The optimizer's name, which begins its error messages.
    fn name(&self) -> &'static str;

    /// What is remembered for every parameter from step to step, one number for each weight.
    fn slots(&self) -> Vec<Slot>;

    /// Changes the weights `w`, and what is kept for them in the order of [`Rule::slots`], each weight
    /// by itself: threads share a large parameter, and each gives its part. Nothing but the arguments
    /// may decide the result: of a small network every thread has a copy, and all must stay alike.
    fn update<T: Float>(&self, w: &mut [T], kept: &mut [&mut [T]], g: &[T], step: &Step);

    /// Whether the options fit together; asked before the first step.
    ///
    /// # Errors
    /// [`Error::State`](crate::Error::State) where they do not.
    fn check(&self) -> Result<()> {
        Ok(())
    }
}

/// Numbers that a [`Rule`] keeps for every weight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slot {
    /// MindSpore's name for it, which is put before the parameter's: `moments.conv1.weight`.
    pub name: &'static str,
    /// What each number is before the first step.
    pub initial: f64,
}

impl Slot {
    /// A slot that begins as `initial`.
    pub fn new(name: &'static str, initial: f64) -> Self {
        Slot { name, initial }
    }
}

/// What a [`Rule`] is given besides weights and gradients.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// The learning rate.
    pub rate: f64,
    /// How many steps this parameter has been given before.
    pub count: u64,
    /// A factor of the gradient: the share of accumulated gradients, and clipping by norm.
    pub scale: f64,
    /// The largest absolute gradient.
    pub limit: f64,
    /// The factor of the weight's sign.
    pub l1: f64,
    /// The factor of the weight.
    pub l2: f64,
    /// How weights are written.
    pub store: Store,
}

impl Step {
    /// A step with the gradient as it is.
    pub fn new(rate: f64, count: u64) -> Self {
        let (scale, limit, l1, l2) = (1.0, f64::INFINITY, 0.0, 0.0);
        Step { rate, count, scale, limit, l1, l2, store: Store::Cached }
    }

    /// What a kernel takes.
    pub fn update<T: Float>(&self) -> Update<T> {
        let [rate, scale, limit, l1, l2] =
            [self.rate, self.scale, self.limit, self.l1, self.l2].map(T::from_f64);
        Update { rate, scale, limit, l1, l2, store: self.store }
    }

    /// clamp(scale · g, -limit, limit) + l2 · w + l1 · sign(w), for rules without a kernel.
    pub fn gradient<T: Float>(&self, w: T, g: T) -> T {
        self.update().gradient(w, g)
    }
}

/// What is kept, as slices: as many as the rule has slots.
///
/// # Panics
/// Where the rule asks for another number than it declared.
pub fn slots<'a, T: Element, const N: usize>(kept: &'a mut [&mut [T]]) -> [&'a mut [T]; N] {
    assert_eq!(kept.len(), N, "a rule keeps as many numbers as it declares");
    let mut kept = kept.iter_mut();
    std::array::from_fn(|_| &mut **kept.next().expect("counted above"))
}
