//! [`Scores`]: what metrics found, by name.

use crate::{Error, Metric, Result, Value};

/// Values of metrics, by name, in the order in which the metrics were added.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scores(Vec<(String, Value)>);

impl Scores {
    pub(crate) fn of(metrics: &[Box<dyn Metric>]) -> Result<Self> {
        let values = metrics.iter().map(|m| Ok((m.name().to_owned(), m.eval()?)));
        Ok(Scores(values.collect::<Result<_>>()?))
    }

    pub(crate) fn from_values(values: impl IntoIterator<Item = (String, Value)>) -> Self {
        Scores(values.into_iter().collect())
    }

    /// The number that the metric of this name yields.
    ///
    /// # Errors
    /// [`Error::Score`], which lists those that exist; [`Error::NoNumber`] where the metric yields
    /// something else: read that by [`Scores::value`].
    pub fn get(&self, name: &str) -> Result<f64> {
        match self.value(name)? {
            Value::Number(number) => Ok(*number),
            other => Err(Error::NoNumber { name: name.to_owned(), found: other.kind() }),
        }
    }

    /// What the metric of this name yields.
    ///
    /// # Errors
    /// [`Error::Score`], which lists those that exist.
    pub fn value(&self, name: &str) -> Result<&Value> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value).ok_or_else(|| {
            let known: Vec<_> = self.0.iter().map(|(name, _)| name.as_str()).collect();
            Error::Score { name: name.to_owned(), known: known.join(", ") }
        })
    }

    /// Names and values of the metrics that yield a number.
    pub fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        self.values().filter_map(|(name, value)| match value {
            Value::Number(number) => Some((name, *number)),
            _ => None,
        })
    }

    /// Names and values of all metrics.
    pub fn values(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }
}

impl serde::Serialize for Scores {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.values())
    }
}
