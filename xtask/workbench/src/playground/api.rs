//! What the page asks, and the answers.

use super::http::{Request, Response};
use super::state::State;
use super::{assets, lesson, training};
use crate::activations::activations;
use anyhow::{Context, Result};
use clap::ValueEnum;
use datasets::Picture;
use layers::summary;
use serde_json::{Value, json};
use std::sync::Arc;
use xtask::network::Network;
use xtask::reader;

/// Pixels of a picture that is sent here.
const MAX_PIXELS: u64 = 16 << 20;

pub(super) fn answer(request: &Request, state: &Arc<State>) -> Response {
    let (method, path) = (request.method.as_str(), request.path.as_str());
    let result = match (method, path) {
        ("GET", "/api/networks") => networks(state),
        ("GET", "/api/sample") => sample(request, state),
        ("POST", "/api/read") => return read(request, state),
        ("GET", "/api/training") => progress(request, state),
        ("POST", "/api/training") => start(request, state),
        ("POST", "/api/training/stop") => {
            state.training.stop();
            Ok(json!({}))
        }
        ("POST", "/api/lesson") => lesson(request),
        (_, "/api/networks" | "/api/sample") => return not_allowed(request, "GET"),
        (_, "/api/training") => return not_allowed(request, "GET, POST"),
        (_, "/api/read" | "/api/training/stop" | "/api/lesson") => {
            return not_allowed(request, "POST");
        }
        ("GET", _) => {
            let missing = || Response::error(404, format!("{path}: there is nothing here"));
            return assets::file(path).unwrap_or_else(missing);
        }
        _ => return not_allowed(request, "GET"),
    };
    match result {
        Ok(value) => Response::json(&value),
        Err(error) => Response::error(400, format!("{error:#}")),
    }
}

fn not_allowed(request: &Request, allow: &'static str) -> Response {
    Response::method_not_allowed(&request.method, &request.path, allow)
}

/// The network of this name.
pub(super) fn network(name: &str) -> Result<Network> {
    let found = Network::value_variants().iter().find(|network| network.name() == name);
    let names =
        || Network::value_variants().iter().map(|n| n.name()).collect::<Vec<_>>().join(", ");
    found.copied().with_context(|| format!("network is {name:?}, expected one of {}", names()))
}

/// What networks there are, with their layers, and whether they can read.
fn networks(state: &State) -> Result<Value> {
    let networks = Network::value_variants().iter().map(|&network| {
        let summary = summary(&*network.build(), &[1, 32, 32])?;
        let layers = summary.rows.iter().map(|row| {
            json!({ "path": row.path, "kind": row.kind, "shape": row.output[1..], "parameters": row.parameters })
        });
        Ok(json!({
            "name": network.name(),
            "parameters": summary.parameters,
            "layers": layers.collect::<Vec<_>>(),
            "origin": state.loaded(network).map(|loaded| loaded.origin),
        }))
    });
    Ok(json!({ "networks": networks.collect::<Result<Vec<_>>>()? }))
}

/// A test image.
fn sample(request: &Request, state: &State) -> Result<Value> {
    let index = request.parameter("index").unwrap_or("0");
    let index: usize =
        index.parse().with_context(|| format!("index is {index:?}, expected a whole number"))?;
    let (image, label) = state.sample(index)?;
    Ok(json!({ "pixels": image.iter().collect::<Vec<_>>(), "label": label }))
}

/// What the networks make of a picture.
fn read(request: &Request, state: &State) -> Response {
    let digit = match Picture::decode_within(&request.body, MAX_PIXELS) {
        Ok(picture) => picture.digit(),
        Err(error) => return Response::error(400, error),
    };
    let digit = match digit {
        Ok(digit) => digit,
        Err(error) => return Response::error(422, error),
    };
    let readings = || -> Result<Value> {
        let input = reader::input(std::slice::from_ref(&digit))?;
        let mut networks = serde_json::Map::new();
        for (network, loaded) in state.networks() {
            let (layers, _) = activations(&*loaded.reader.layers, input.clone())?;
            let reading = loaded.reader.read(std::slice::from_ref(&digit))?;
            let layers = layers.iter().map(|layer| {
                let largest = layer.values.iter().fold(0.0_f32, |m, value| m.max(value.abs()));
                json!({ "path": layer.path, "shape": layer.shape, "largest": largest, "values": signed_bytes(&layer.values, largest) })
            });
            let value = json!({
                "origin": loaded.origin,
                "probabilities": reading.first().map(|reading| &reading.probabilities),
                "layers": layers.collect::<Vec<_>>(),
            });
            networks.insert(network.name().to_owned(), value);
        }
        let input = input.as_slice();
        let (low, high) =
            input.iter().fold((f32::MAX, f32::MIN), |(l, h), &x| (l.min(x), h.max(x)));
        let grey = input.iter().map(|x| ((x - low) / (high - low) * 255.0).round() as u8);
        Ok(json!({
            "digit": digit.iter().collect::<Vec<_>>(),
            "input": grey.collect::<Vec<_>>(),
            "networks": networks,
        }))
    };
    match readings() {
        Ok(value) => Response::json(&value),
        Err(error) => Response::error(500, format!("{error:#}")),
    }
}

/// Values as whole numbers of -127 to 127, which is all that a picture of them needs.
fn signed_bytes(values: &[f32], largest: f32) -> Vec<i8> {
    let scale = if largest > 0.0 { 127.0 / largest } else { 0.0 };
    values.iter().map(|value| (value * scale).round() as i8).collect()
}

fn progress(request: &Request, state: &State) -> Result<Value> {
    let from = request.parameter("from").unwrap_or("0");
    let from =
        from.parse().with_context(|| format!("from is {from:?}, expected a whole number"))?;
    Ok(serde_json::to_value(state.training.progress(from))?)
}

fn start(request: &Request, state: &Arc<State>) -> Result<Value> {
    let request: training::Request = serde_json::from_slice(&request.body)
        .context("expected a JSON object with network, epochs, learning_rate and seed")?;
    training::start(state, &request)?;
    Ok(json!({}))
}

fn lesson(request: &Request) -> Result<Value> {
    let request: lesson::Request = serde_json::from_slice(&request.body).context(
        "expected a JSON object with inputs, hidden, outputs, activation, learning_rate and seed",
    )?;
    lesson::tell(&request)
}
