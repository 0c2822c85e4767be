//! [`ParameterGroup`]: some of a network's parameters, with options of their own.

use crate::LearningRate;
use crate::check::not_negative;
use std::fmt;
use tensor::{Error, Result};

/// Some of a network's parameters, with a learning rate, decay or freedom of their own.
///
/// ```
/// use optim::{Momentum, ParameterGroup};
/// let optimizer = Momentum::new(0.01, 0.9)?
///     .weight_decay(1e-4)?
///     .group(ParameterGroup::layer("conv1").frozen())
///     .group(ParameterGroup::named(["fc3.weight", "fc3.bias"])?.learning_rate(0.1)?)
///     .group(ParameterGroup::matching(|name| name.ends_with("bias")).weight_decay(0.0)?);
/// # Ok::<(), optim::Error>(())
/// ```
///
/// (`fc3.bias` is in two of these groups, which the first step refuses.) What a group does not say
/// is the optimizer's own. A group that sets a decay decays all its parameters, whatever they are
/// called. As MindSpore's dictionaries of `params`, `lr` and `weight_decay`, except that the
/// parameters in no group need no group, and keep the rule about names.
pub struct ParameterGroup {
    members: Members,
    pub(crate) rate: GroupRate,
    pub(crate) l1: Option<f64>,
    pub(crate) l2: Option<f64>,
    pub(crate) frozen: bool,
}

enum Members {
    Named(Vec<String>),
    Layer(String),
    Matching(Box<dyn Fn(&str) -> bool + Send + Sync>),
}

/// A group's learning rate.
#[derive(Debug)]
pub(crate) enum GroupRate {
    /// The optimizer's, times a factor.
    Factor(f64),
    /// Its own.
    Own(LearningRate),
}

impl ParameterGroup {
    /// The parameters with these names, each of which the network must have.
    ///
    /// # Errors
    /// [`Error::Argument`] where there is none.
    pub fn named<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Result<Self> {
        let names: Vec<String> = names.into_iter().map(S::into).collect();
        if names.is_empty() {
            return Err(Error::argument(OP, "names", "an empty list", "at least one name"));
        }
        Ok(ParameterGroup::of(Members::Named(names)))
    }

    /// The parameters of the layer or block at this path: `conv1` means `conv1.weight` and
    /// `conv1.bias`, not those of `conv10`. The network must have it.
    pub fn layer(path: impl Into<String>) -> Self {
        ParameterGroup::of(Members::Layer(path.into()))
    }

    /// The parameters whose name `holds`; there must be one.
    pub fn matching(holds: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        ParameterGroup::of(Members::Matching(Box::new(holds)))
    }

    fn of(members: Members) -> Self {
        ParameterGroup { members, rate: GroupRate::Factor(1.0), l1: None, l2: None, frozen: false }
    }

    /// A learning rate of its own: a number or a schedule.
    ///
    /// # Errors
    /// [`Error::Argument`] where the rate of the first step is negative or not finite.
    pub fn learning_rate(mut self, rate: impl Into<LearningRate>) -> Result<Self> {
        let rate = rate.into();
        not_negative(OP, "learning rate", rate.at(0))?;
        self.rate = GroupRate::Own(rate);
        Ok(self)
    }

    /// The optimizer's learning rate times `factor`, at every step.
    ///
    /// # Errors
    /// [`Error::Argument`] where it is negative or not finite.
    pub fn learning_rate_factor(mut self, factor: f64) -> Result<Self> {
        not_negative(OP, "learning_rate_factor", factor)?;
        self.rate = GroupRate::Factor(factor);
        Ok(self)
    }

    /// The factor of L2 decay for all parameters of the group; 0 for none.
    ///
    /// # Errors
    /// [`Error::Argument`] where it is negative or not finite.
    pub fn weight_decay(mut self, decay: f64) -> Result<Self> {
        not_negative(OP, "weight_decay", decay)?;
        self.l2 = Some(decay);
        Ok(self)
    }

    /// The factor of L1 decay for all parameters of the group; 0 for none.
    ///
    /// # Errors
    /// [`Error::Argument`] where it is negative or not finite.
    pub fn l1_decay(mut self, decay: f64) -> Result<Self> {
        not_negative(OP, "l1_decay", decay)?;
        self.l1 = Some(decay);
        Ok(self)
    }

    /// The optimizer leaves the parameters alone. Their gradients are still computed; to save that
    /// too, freeze them by [`layers::Parameter::set_trainable`].
    #[must_use]
    pub fn frozen(mut self) -> Self {
        self.frozen = true;
        self
    }

    /// Whether the parameter belongs to it.
    pub(crate) fn contains(&self, parameter: &str) -> bool {
        match &self.members {
            Members::Named(names) => names.iter().any(|name| name == parameter),
            Members::Layer(path) => match parameter.strip_prefix(path.as_str()) {
                Some(rest) => rest.is_empty() || rest.starts_with('.') || path.is_empty(),
                None => false,
            },
            Members::Matching(holds) => holds(parameter),
        }
    }

    /// What it asks for and the network does not have.
    pub(crate) fn missing(&self, parameters: &[String]) -> Option<String> {
        match &self.members {
            Members::Named(names) => {
                let unknown = names.iter().find(|name| !parameters.contains(name))?;
                Some(format!("names {unknown}, which the network does not have"))
            }
            _ if parameters.iter().any(|name| self.contains(name)) => None,
            Members::Layer(path) => {
                Some(format!("is layer {path}, which the network does not have"))
            }
            Members::Matching(_) => Some("matches no parameter".to_owned()),
        }
    }
}

const OP: &str = "parameter group";

impl fmt::Debug for ParameterGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let members = match &self.members {
            Members::Named(names) => format!("named {}", names.join(", ")),
            Members::Layer(path) => format!("layer {path}"),
            Members::Matching(_) => "matching".to_owned(),
        };
        f.debug_struct("ParameterGroup")
            .field("members", &members)
            .field("rate", &self.rate)
            .field("l1", &self.l1)
            .field("l2", &self.l2)
            .field("frozen", &self.frozen)
            .finish()
    }
}
