//! [`Names`]: what a parameter is called in other systems.

use crate::Checkpoint;

/// Whose names a file has.
///
/// Names are the same for all layers but normalisation: the weight and bias of `BatchNorm2d` and
/// `LayerNorm` are `gamma` and `beta` here, as in MindSpore.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// `bn1.gamma`, `bn1.beta`, `bn1.moving_mean`, `bn1.moving_variance`: ours too.
    MindSpore,
    /// `bn1.weight`, `bn1.bias`, `bn1.running_mean`, `bn1.running_var`.
    PyTorch,
}

/// The last parts of names that differ: ours, PyTorch's.
const NORMALISATION: [(&str, &str); 4] = [
    ("gamma", "weight"),
    ("beta", "bias"),
    ("moving_mean", "running_mean"),
    ("moving_variance", "running_var"),
];

/// PyTorch's name where it may be another one: `bn1.weight` for `bn1.gamma`.
pub(crate) fn alias(name: &str) -> Option<String> {
    let (path, last) = match name.rsplit_once('.') {
        Some((path, last)) => (format!("{path}."), last),
        None => (String::new(), name),
    };
    let (_, other) = NORMALISATION.iter().find(|(own, _)| *own == last)?;
    Some(format!("{path}{other}"))
}

impl Names {
    /// What a value of a checkpoint is called: its name here, unless it is PyTorch's that is asked
    /// for and no other value has that.
    pub(crate) fn of(self, name: &str, checkpoint: &Checkpoint) -> String {
        let other = match self {
            Names::MindSpore => None,
            Names::PyTorch => alias(name).filter(|other| checkpoint.get(other).is_none()),
        };
        other.unwrap_or_else(|| name.to_owned())
    }

    /// What the metadata of a safetensors file says.
    pub(crate) fn format(self) -> &'static str {
        match self {
            Names::MindSpore => "ms",
            Names::PyTorch => "pt",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn only_normalisation_has_other_names() {
        assert_eq!(alias("net.bn1.moving_variance").as_deref(), Some("net.bn1.running_var"));
        assert_eq!(alias("gamma").as_deref(), Some("weight"));
        assert_eq!(alias("gamma.weight"), None);
        let same: HashSet<_> = NORMALISATION.iter().flat_map(|&(a, b)| [a, b]).collect();
        assert_eq!(same.len(), 8);
    }
}
