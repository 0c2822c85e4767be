//! Weights in files: the safetensors format, with PyTorch's and MindSpore's names and shapes.

use crate::{Error, Result};
use layers::{Module, ModuleExt};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use std::collections::{BTreeMap, HashMap};
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
pub fn save_weights(module: &dyn Module, path: impl AsRef<Path>) -> Result<()> {
    let path = path.as_ref();
    let mut stored = Vec::new();
    for (name, parameter) in module.parameters() {
        let Some(value) = parameter.value() else {
            let detail = "the parameter has no value to save";
            return Err(tensor::Error::state("save_weights", detail)
                .hint("initialize or load the network first")
                .at(&name)
                .into());
        };
        stored.push((name, value.shape().to_vec(), bytes_of(value)));
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
/// `save_file(model.state_dict(), path)`. Normalisation layers have other names there, which
/// `interchange::Checkpoint` knows.
///
/// # Errors
/// [`Error::File`] where the file cannot be read, is damaged, lacks a parameter, has another
/// shape or element type for one, or holds a tensor that the network does not have. The network
/// has not changed then.
pub fn load_weights(module: &mut dyn Module, path: impl AsRef<Path>) -> Result<()> {
    let path = path.as_ref();
    let fail = |detail: String| Error::File { path: path.to_owned(), detail };
    let bytes = std::fs::read(path)
        .map_err(|error| fail(format!("the weights could not be read: {error}")))?;
    let file = SafeTensors::deserialize(&bytes).map_err(|error| {
        fail(format!("this is not a whole safetensors file: {error}; save or fetch it again"))
    })?;

    let mut names = file.names();
    names.sort_unstable();
    let shape = |name: &str| Some(file.tensor(name).ok()?.shape().to_vec());
    check_parameters(module, &names, shape).map_err(fail)?;
    let mut values = BTreeMap::new();
    for name in names {
        let view = file.tensor(name).map_err(|error| fail(error.to_string()))?;
        values.insert(name.to_owned(), tensor_of(name, &view).map_err(fail)?);
    }
    assign(module, &values)
}

/// Whether tensors of these names and shapes are the values of all parameters of `module`.
pub(crate) fn check_parameters(
    module: &dyn Module,
    names: &[&str],
    shape: impl Fn(&str) -> Option<Vec<usize>>,
) -> Result<(), String> {
    let parameters = module.parameters();
    for (name, parameter) in &parameters {
        let Some(found) = shape(name) else {
            return Err(format!("no tensor is named {name}; the file holds: {}", names.join(", ")));
        };
        if found[..] != parameter.shape()[..] {
            let expected = parameter.shape();
            return Err(format!("{name} has shape {found:?}, the network expects {expected}"));
        }
    }
    let known = |name: &&str| parameters.iter().any(|(parameter, _)| parameter == name);
    match names.iter().find(|name| !known(name)) {
        Some(name) => Err(format!("the file holds {name}, which the network does not have")),
        None => Ok(()),
    }
}

/// The tensor that a file holds under `name`.
pub(crate) fn tensor_of(name: &str, view: &TensorView<'_>) -> Result<Tensor, String> {
    if view.dtype() != Dtype::F32 {
        return Err(format!(
            "{name} holds {:?}, expected F32; convert it before it is saved",
            view.dtype()
        ));
    }
    let numbers: Vec<f32> =
        view.data().as_chunks::<4>().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
    Tensor::from_vec(view.shape(), numbers).map_err(|error| error.to_string())
}

/// The numbers of a tensor as a file holds them.
pub(crate) fn bytes_of(value: &Tensor) -> Vec<u8> {
    value.as_slice().iter().flat_map(|x| x.to_le_bytes()).collect()
}

/// The values of all parameters that have one. They share memory with the network until the next
/// update.
pub(crate) fn values(module: &dyn Module) -> BTreeMap<String, Tensor> {
    let parameters = module.parameters().into_iter();
    parameters.filter_map(|(name, p)| Some((name, p.value()?.clone()))).collect()
}

/// Gives each parameter that is named in `values` its value.
pub(crate) fn assign(module: &mut dyn Module, values: &BTreeMap<String, Tensor>) -> Result<()> {
    let mut result = Ok(());
    module.each_parameter_mut(&mut |name, parameter| {
        if let (Ok(()), Some(value)) = (&result, values.get(name)) {
            result = parameter.set(value.clone()).map_err(|error| error.at(name));
        }
    });
    Ok(result?)
}
