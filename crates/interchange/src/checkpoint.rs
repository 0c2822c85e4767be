//! [`Checkpoint`]: named values, to and from files, to and from a network.

use crate::error::read_file;
use crate::names::{Names, alias};
use crate::onnx::OnnxNetwork;
use crate::{Error, Format, Result, Value, mindspore, safetensors};
use layers::{Module, ModuleExt};
use std::collections::{BTreeSet, HashMap};
use std::io::Write;
use std::path::Path;
use tensor::Tensor;

/// Named values, in a file's order: what every format of weights comes down to.
///
/// Names are ours, which are MindSpore's (`bn1.gamma`); where a format has PyTorch's
/// (`bn1.weight`), [`Checkpoint::load_into`] finds them, and [`Names`] writes them.
#[derive(Clone, Debug, Default)]
pub struct Checkpoint {
    values: Vec<(String, Value)>,
    /// Where each name is.
    places: HashMap<String, usize>,
}

impl PartialEq for Checkpoint {
    fn eq(&self, other: &Self) -> bool {
        self.values == other.values
    }
}

impl Checkpoint {
    /// No values yet.
    pub fn new() -> Self {
        Checkpoint::default()
    }

    /// The parameters of a network.
    ///
    /// # Errors
    /// [`Error::Tensor`] where one has no value yet.
    pub fn of(module: &dyn Module) -> Result<Self> {
        let mut checkpoint = Checkpoint::new();
        for (name, parameter) in module.parameters() {
            let Some(value) = parameter.value() else {
                let detail = "the parameter has no value to save";
                return Err(tensor::Error::state("checkpoint", detail)
                    .hint("call initialize(seed) on the network, or load weights")
                    .at(&name)
                    .into());
            };
            checkpoint.set(&name, Value::of_tensor(value));
        }
        Ok(checkpoint)
    }

    /// Adds a value, or replaces the one of this name.
    pub fn set(&mut self, name: &str, value: Value) {
        match self.places.get(name) {
            Some(&place) => self.values[place].1 = value,
            None => {
                self.places.insert(name.to_owned(), self.values.len());
                self.values.push((name.to_owned(), value));
            }
        }
    }

    /// The value of this name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.places.get(name).map(|&place| &self.values[place].1)
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Gives every parameter of a network its value, by its own name or by PyTorch's. Returns the
    /// names of the values that are no parameter's (those of an optimizer, for one), which are left
    /// alone.
    ///
    /// # Errors
    /// [`Error::Mismatch`] where a parameter has no value here, or one of another shape or type.
    /// The network has not changed then.
    pub fn load_into(&self, module: &mut dyn Module) -> Result<Vec<String>> {
        let mut tensors: HashMap<String, Tensor> = HashMap::new();
        let parameters = module.parameters();
        let own: BTreeSet<&str> = parameters.iter().map(|(name, _)| name.as_str()).collect();
        let mut rest: BTreeSet<&str> = self.iter().map(|(name, _)| name).collect();
        for (name, parameter) in &parameters {
            let expected = parameter.shape();
            let mismatch = |detail| Error::Mismatch { name: name.clone(), detail };
            let other = alias(name).filter(|other| !own.contains(other.as_str()));
            let found = self.get_key(name).or_else(|| self.get_key(other.as_deref()?));
            let Some((key, value)) = found else {
                let known: Vec<_> = self.iter().map(|(name, _)| name).collect();
                let known = match known[..] {
                    [] => "it is empty".to_owned(),
                    _ => format!("it has {}", known.join(", ")),
                };
                return Err(mismatch(format!("the checkpoint has no such value; {known}")));
            };
            rest.remove(key);
            match value.to_tensor() {
                Some(tensor) if tensor.shape() == expected => {
                    tensors.insert(name.clone(), tensor);
                }
                _ => {
                    let found = value.describe_bytes();
                    return Err(mismatch(format!(
                        "the checkpoint has {found}, the network expects Float32 {expected}; make \
                         the layer as it was saved, or load a checkpoint of this network"
                    )));
                }
            }
        }
        let rest = rest.into_iter().map(str::to_owned).collect();
        let mut result = Ok(());
        module.each_parameter_mut(&mut |name, parameter| {
            if let (Some(tensor), true) = (tensors.remove(name), result.is_ok()) {
                result = parameter.set(tensor);
            }
        });
        result?;
        Ok(rest)
    }

    fn get_key(&self, name: &str) -> Option<(&str, &Value)> {
        let place = *self.places.get(name)?;
        let (name, value) = &self.values[place];
        Some((name, value))
    }

    /// Reads a file's bytes, whatever their [`Format`]. Of an ONNX model it takes the weights.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for another format; the errors of [`safetensors::decode`],
    /// [`mindspore::decode`] and [`OnnxNetwork::from_bytes`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        match Format::of(bytes)? {
            Format::Safetensors => safetensors::decode(bytes),
            Format::Ckpt => mindspore::decode(bytes),
            Format::Onnx => Checkpoint::of(&OnnxNetwork::from_bytes(bytes)?),
        }
    }

    /// Reads a file, as [`Checkpoint::from_bytes`].
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::In`] with the faults of [`Checkpoint::from_bytes`].
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let bytes = read_file(path)?;
        Checkpoint::from_bytes(&bytes).map_err(|fault| fault.in_file(path))
    }

    /// Writes MindSpore's `.ckpt` with a checksum. The file appears whole or not at all.
    ///
    /// # Errors
    /// [`Error::Write`], and the errors of [`mindspore::encode`].
    pub fn write_ckpt(&self, path: impl AsRef<Path>) -> Result<()> {
        let bytes = mindspore::encode_checked(self)?;
        Ok(datasets::files::atomic_write(path, |file| file.write_all(&bytes))?)
    }

    /// Writes a safetensors file for the system that `names` says. It appears whole or not at all.
    ///
    /// # Errors
    /// [`Error::Write`], and the errors of [`safetensors::encode`].
    pub fn write_safetensors(&self, path: impl AsRef<Path>, names: Names) -> Result<()> {
        let bytes = safetensors::encode(self, names)?;
        Ok(datasets::files::atomic_write(path, |file| file.write_all(&bytes))?)
    }
}
