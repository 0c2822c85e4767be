//! Back-propagation through a small network, as data for the page to step through.

use crate::explain_backprop::{Activation, Network, gradient, tell as story, value};
use anyhow::{Result, ensure};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Which network.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    inputs: usize,
    hidden: usize,
    outputs: usize,
    activation: Activation,
    learning_rate: f64,
    seed: u64,
}

/// The steps of the text, and the numbers of the network before and after.
pub(super) fn tell(request: &Request) -> Result<Value> {
    let Request { inputs, hidden, outputs, activation, learning_rate, seed } = *request;
    for (name, units) in [("inputs", inputs), ("hidden", hidden), ("outputs", outputs)] {
        ensure!((1..=4).contains(&units), "{name} is {units}, expected 1 to 4");
    }
    ensure!(
        learning_rate > 0.0 && learning_rate <= 100.0,
        "learning_rate is {learning_rate}, expected a number above 0 and at most 100"
    );
    let network = Network::draw([inputs, hidden, outputs], activation, seed);
    let explanation = network.explain()?;
    let after = network.updated(&explanation, learning_rate)?;
    let sections = story(&network, &explanation, &after, learning_rate)?;
    let (mut values, mut gradients) = (Map::new(), Map::new());
    for name in ["x", "y", "ĥ", "h", "ŷ", "ỹ", "J_k", "J", "w", "w0", "v", "v0"] {
        values.insert(name.to_owned(), json!(value(&explanation, name)?.as_slice()));
    }
    for name in ["w", "w0", "v", "v0", "h", "ĥ", "ŷ", "ỹ"] {
        gradients.insert(name.to_owned(), json!(gradient(&explanation, name)?.as_slice()));
    }
    let weights = ["w", "w0", "v", "v0"].into_iter().zip(&after.weights);
    let weights = weights.map(|(name, tensor)| (name.to_owned(), json!(tensor.as_slice())));
    Ok(json!({
        "sizes": [inputs, hidden, outputs],
        "sections": sections,
        "values": values,
        "gradients": gradients,
        "updated": weights.collect::<Map<_, _>>(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(change: impl FnOnce(&mut Request)) -> Request {
        let mut request = Request {
            inputs: 2,
            hidden: 3,
            outputs: 2,
            activation: Activation::Tanh,
            learning_rate: 0.5,
            seed: 1,
        };
        change(&mut request);
        request
    }

    #[test]
    fn every_equation_is_a_step_and_the_update_follows_the_gradient() {
        let lesson = tell(&request(|_| {})).unwrap();
        let sections = lesson["sections"].as_array().unwrap();
        let lines = sections.iter().flat_map(|section| section["lines"].as_array().unwrap());
        let equations: Vec<_> = lines.filter_map(|line| line["equation"].as_u64()).collect();
        assert_eq!(equations, (3..=11).collect::<Vec<_>>());
        for name in ["w", "w0", "v", "v0"] {
            let numbers = |of: &str| {
                let list = lesson[of][name].as_array().unwrap();
                list.iter().map(|x| x.as_f64().unwrap()).collect::<Vec<_>>()
            };
            let (before, slopes, after) =
                (numbers("values"), numbers("gradients"), numbers("updated"));
            for i in 0..before.len() {
                assert!((before[i] - 0.5 * slopes[i] - after[i]).abs() < 1e-12, "{name} {i}");
            }
        }
    }

    #[test]
    fn what_is_too_large_is_refused() {
        let error = |change: fn(&mut Request)| tell(&request(change)).unwrap_err().to_string();
        assert_eq!(error(|r| r.hidden = 5), "hidden is 5, expected 1 to 4");
        assert_eq!(error(|r| r.inputs = 0), "inputs is 0, expected 1 to 4");
        assert_eq!(
            error(|r| r.learning_rate = f64::NAN),
            "learning_rate is NaN, expected a number above 0 and at most 100"
        );
    }
}
