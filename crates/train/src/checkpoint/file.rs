//! The bytes of a training checkpoint.

use super::TrainingCheckpoint;
use super::document::{Document, RecordDocument, StateDocument, exact, plain};
use crate::weights::{bytes_of, tensor_of};
use crate::{History, State};
use optim::OptimizerState;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use tensor::Tensor;

/// The key of the document in the metadata, which is also what tells the version.
const KEY: &str = "sporelet_training_checkpoint_1";
/// What such keys of any version begin with.
const ANY_VERSION: &str = "sporelet_training_checkpoint_";
/// Stands for the checksum while it is computed.
const UNKNOWN: &str = "0000000000000000000000000000000000000000000000000000000000000000";

pub(super) fn encode(checkpoint: &TrainingCheckpoint) -> Result<Vec<u8>, String> {
    let fail = |error: &dyn std::fmt::Display| format!("the checkpoint has no bytes: {error}");
    let document = Document {
        sha256: UNKNOWN.to_owned(),
        seed: checkpoint.seed,
        isa: checkpoint.isa.clone(),
        moment: (&checkpoint.moment).into(),
        frozen: checkpoint.frozen.clone(),
        optimizer: exact(&checkpoint.optimizer.scalars),
        callbacks: checkpoint.callbacks.iter().map(StateDocument::of).collect(),
        metrics: checkpoint.metrics.iter().map(StateDocument::of).collect(),
        history: checkpoint.history.epochs.iter().map(RecordDocument::from).collect(),
        configuration: checkpoint.configuration.clone(),
    };
    let text = serde_json::to_string(&document).map_err(|error| fail(&error))?;
    let stored: Vec<_> = tensors(checkpoint)
        .into_iter()
        .map(|(name, value)| (name, value.shape().to_vec(), bytes_of(value)))
        .collect();
    let mut views = Vec::new();
    for (name, shape, bytes) in &stored {
        let view = TensorView::new(Dtype::F32, shape.clone(), bytes).map_err(|e| fail(&e))?;
        views.push((name, view));
    }
    let metadata = HashMap::from([(KEY.to_owned(), text)]);
    let mut bytes = safetensors::serialize(views, Some(metadata)).map_err(|e| fail(&e))?;
    let place = find(&bytes, UNKNOWN).ok_or_else(|| fail(&"no place for the checksum"))?;
    let checksum = checksum(&bytes);
    bytes[place..place + UNKNOWN.len()].copy_from_slice(checksum.as_bytes());
    Ok(bytes)
}

/// All tensors, by their names in the file.
fn tensors(checkpoint: &TrainingCheckpoint) -> Vec<(String, &Tensor)> {
    let mut tensors: Vec<(String, &Tensor)> = Vec::new();
    tensors.extend(checkpoint.weights.iter().map(|(name, x)| (format!("weights.{name}"), x)));
    let optimizer = checkpoint.optimizer.tensors.iter();
    tensors.extend(optimizer.map(|(name, x)| (format!("optimizer.{name}"), x)));
    for (kind, states) in [("callbacks", &checkpoint.callbacks), ("metrics", &checkpoint.metrics)] {
        for (number, (_, state)) in states.iter().enumerate() {
            let named = |(name, x)| (format!("{kind}.{number}.{name}"), x);
            tensors.extend(state.tensors.iter().map(named));
        }
    }
    tensors
}

/// Reads and checks everything. The length of nothing is believed before the bytes are there.
pub(super) fn decode(bytes: &[u8]) -> Result<TrainingCheckpoint, String> {
    let damaged = |error: &dyn std::fmt::Display| {
        format!("this is not a whole training checkpoint: {error}; use an older one")
    };
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(|error| damaged(&error))?;
    let texts = metadata.metadata().as_ref();
    let found = texts.and_then(|texts| texts.iter().find(|(key, _)| key.starts_with(ANY_VERSION)));
    let Some((key, text)) = found else {
        return Err("this is a safetensors file, but no training checkpoint; to load weights \
                    alone, use load_weights"
            .to_owned());
    };
    if key != KEY {
        let version = key.trim_start_matches(ANY_VERSION);
        return Err(format!(
            "the training checkpoint is of format version {version}, expected 1; resume it with the \
             version of Sporelet that wrote it"
        ));
    }
    let document: Document = serde_json::from_str(text).map_err(|error| damaged(&error))?;
    let mut blank = bytes.to_vec();
    if let (Some(place), 64) = (find(bytes, &document.sha256), document.sha256.len()) {
        blank[place..place + 64].copy_from_slice(UNKNOWN.as_bytes());
    }
    let checksum = checksum(&blank);
    if checksum != document.sha256 {
        let recorded = &document.sha256;
        return Err(damaged(&format!(
            "its SHA-256 checksum is {checksum}, recorded is {recorded}"
        )));
    }

    let file = SafeTensors::deserialize(bytes).map_err(|error| damaged(&error))?;
    let mut groups: BTreeMap<String, BTreeMap<String, Tensor>> = BTreeMap::new();
    for (name, view) in file.iter() {
        let (group, rest) = group(name).ok_or_else(|| {
            damaged(&format!("it holds a tensor {name}, which belongs to nothing"))
        })?;
        let value = tensor_of(name, &view).map_err(|error| damaged(&error))?;
        groups.entry(group.to_owned()).or_default().insert(rest.to_owned(), value);
    }
    let mut take = |group: &str| groups.remove(group).unwrap_or_default();
    let mut states = |kind: &str, documents: Vec<StateDocument>| -> Vec<(String, State)> {
        let numbered = documents.into_iter().enumerate();
        numbered.map(|(number, state)| state.state(take(&format!("{kind}.{number}")))).collect()
    };
    let callbacks = states("callbacks", document.callbacks);
    let metrics = states("metrics", document.metrics);
    let checkpoint = TrainingCheckpoint {
        path: PathBuf::new(),
        skipped: Vec::new(),
        moment: document.moment.checked().map_err(|error| damaged(&error))?,
        seed: document.seed,
        isa: document.isa,
        configuration: document.configuration,
        weights: take("weights"),
        frozen: document.frozen,
        optimizer: OptimizerState {
            tensors: take("optimizer"),
            scalars: plain(document.optimizer),
        },
        callbacks,
        metrics,
        history: History { epochs: document.history.into_iter().map(Into::into).collect() },
    };
    match groups.keys().next() {
        Some(group) => {
            Err(damaged(&format!("it holds tensors of {group}, which it does not name")))
        }
        None => Ok(checkpoint),
    }
}

/// `callbacks.0` and `conv1.weight` of `callbacks.0.conv1.weight`.
fn group(name: &str) -> Option<(&str, &str)> {
    let (kind, rest) = name.split_once('.')?;
    match kind {
        "weights" | "optimizer" => Some((kind, rest)),
        "callbacks" | "metrics" => {
            let (_, rest) = rest.split_once('.')?;
            Some((&name[..name.len() - rest.len() - 1], rest))
        }
        _ => None,
    }
}

fn checksum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Where `text` first stands.
fn find(bytes: &[u8], text: &str) -> Option<usize> {
    bytes.windows(text.len().max(1)).position(|window| window == text.as_bytes())
}
