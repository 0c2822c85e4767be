//! Weights in files: the safetensors format, with PyTorch's and MindSpore's names and shapes.

use crate::{Error, Result};
use layers::{Module, ModuleExt};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use tensor::Tensor;

/// Writes all parameters to a safetensors file: `conv1.weight` and so on, f32.
///
/// The file appears whole or not at all: it is written under a temporary name, synced and
/// renamed.
///
/// # Errors
/// [`Error::File`] where it cannot be written, [`Error::Tensor`] where a parameter has no value.
pub fn save_weights(module: &dyn Module, path: &Path) -> Result<()> {
    let mut stored = Vec::new();
    for (name, parameter) in module.parameters() {
        let Some(value) = parameter.value() else {
            let detail = "the parameter has no value to save";
            return Err(tensor::Error::state("save_weights", detail).at(&name).into());
        };
        let bytes: Vec<u8> = value.as_slice().iter().flat_map(|x| x.to_le_bytes()).collect();
        stored.push((name, value.shape().to_vec(), bytes));
    }
    let fail = |error: &dyn std::fmt::Display| Error::File {
        path: path.to_owned(),
        detail: format!("the weights could not be written: {error}"),
    };
    let mut views = Vec::new();
    for (name, shape, bytes) in &stored {
        let view = TensorView::new(Dtype::F32, shape.clone(), bytes).map_err(|e| fail(&e))?;
        views.push((name, view));
    }
    // PyTorch's loaders look for this entry.
    let metadata = HashMap::from([("format".to_owned(), "pt".to_owned())]);
    let bytes = safetensors::serialize(views, Some(metadata)).map_err(|e| fail(&e))?;
    datasets::files::atomic_write(path, |file| file.write_all(&bytes))?;
    Ok(())
}

/// Reads all parameters from a safetensors file, by name: one of our own, or PyTorch's
/// `save_file(model.state_dict(), path)`.
///
/// # Errors
/// [`Error::File`] where the file cannot be read, is damaged, lacks a parameter, has another
/// shape or element type for one, or holds a tensor that the network does not have. The network
/// has not changed then.
pub fn load_weights(module: &mut dyn Module, path: &Path) -> Result<()> {
    let fail = |detail: String| Error::File { path: path.to_owned(), detail };
    let bytes = std::fs::read(path)
        .map_err(|error| fail(format!("the weights could not be read: {error}")))?;
    let file = SafeTensors::deserialize(&bytes)
        .map_err(|error| fail(format!("this is not a whole safetensors file: {error}")))?;

    let mut values = HashMap::new();
    for (name, parameter) in module.parameters() {
        let view = file.tensor(&name).map_err(|_| {
            let found = file.names().join(", ");
            fail(format!("no tensor is named {name}; the file holds: {found}"))
        })?;
        if view.shape() != &parameter.shape()[..] {
            let (found, expected) = (view.shape(), parameter.shape());
            return Err(fail(format!(
                "{name} has shape {found:?}, the network expects {expected}"
            )));
        }
        if view.dtype() != Dtype::F32 {
            return Err(fail(format!("{name} holds {:?}, expected F32", view.dtype())));
        }
        let numbers: Vec<f32> =
            view.data().as_chunks::<4>().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
        values.insert(name, Tensor::from_vec(parameter.shape(), numbers)?);
    }
    if let Some(name) = file.names().into_iter().find(|&name| !values.contains_key(name)) {
        return Err(fail(format!("the file holds {name}, which the network does not have")));
    }
    let mut result = Ok(());
    module.each_parameter_mut(&mut |name, parameter| {
        if let (Ok(()), Some(value)) = (&result, values.remove(name)) {
            result = parameter.set(value);
        }
    });
    Ok(result?)
}
