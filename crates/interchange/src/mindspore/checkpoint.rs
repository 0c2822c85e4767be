//! [`Checkpoint`]: named values, to and from bytes, to and from a network.

use super::message::{self, Entry, FORMAT, TensorMessage};
use super::value::{Part, Value};
use crate::error::read_file;
use crate::{Error, Result};
use layers::{Module, ModuleExt};
use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use tensor::Tensor;

/// MindSpore splits longer values into several with one name.
const MOST_BYTES: usize = 512 << 20;

/// A checkpoint: named values, in the file's order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checkpoint {
    values: Vec<(String, Value)>,
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
                return Err(tensor::Error::state("checkpoint", detail).at(&name).into());
            };
            checkpoint.set(&name, Value::of_tensor(value));
        }
        Ok(checkpoint)
    }

    /// Adds a value, or replaces the one of this name.
    pub fn set(&mut self, name: &str, value: Value) {
        match self.values.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value,
            None => self.values.push((name.to_owned(), value)),
        }
    }

    /// The value of this name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Gives every parameter of a network its value. Values that are no parameter's (those of the
    /// optimizer, for one) are left alone.
    ///
    /// # Errors
    /// [`Error::Mismatch`] where a parameter has no value here, or one of another shape or type.
    /// The network has not changed then.
    pub fn load_into(&self, module: &mut dyn Module) -> Result<()> {
        let mut tensors: HashMap<String, Tensor> = HashMap::new();
        for (name, parameter) in module.parameters() {
            let expected = parameter.shape();
            let mismatch = |detail| Error::Mismatch { name: name.clone(), detail };
            let Some(value) = self.get(&name) else {
                let known: Vec<_> = self.iter().map(|(name, _)| name).collect();
                return Err(mismatch(format!(
                    "the checkpoint has no such value; it has {}",
                    known.join(", ")
                )));
            };
            match value.to_tensor() {
                Some(tensor) if tensor.shape() == expected => tensors.insert(name, tensor),
                _ => {
                    let found = value.describe();
                    return Err(mismatch(format!(
                        "the checkpoint has {found}, the network expects Float32 {expected}"
                    )));
                }
            };
        }
        let mut result = Ok(());
        module.each_parameter_mut(&mut |name, parameter| {
            if let (Some(tensor), true) = (tensors.remove(name), result.is_ok()) {
                result = parameter.set(tensor);
            }
        });
        Ok(result?)
    }

    /// Reads a checkpoint from its bytes; a checksum at their end is verified.
    ///
    /// # Errors
    /// [`Error::Checksum`], [`Error::Damaged`], and [`Error::Unsupported`] for maps of tensors and
    /// four-bit integers.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let mut checkpoint = Checkpoint::new();
        let mut open: Option<(String, Part)> = None;
        let damaged = |detail| Error::Damaged { format: FORMAT, detail };
        for Entry { tag, tensor, map_tensor } in message::decode(message::split(bytes)?)? {
            if map_tensor.is_some() {
                let (what, detail) =
                    (format!("{tag}, a map of tensors"), "known are arrays and texts".to_owned());
                return Err(Error::Unsupported { what, detail });
            }
            let tensor = tensor.ok_or_else(|| damaged(format!("{tag} has no value")))?;
            let part = Value::of_message(&tag, tensor)?;
            let part = match open.take() {
                None if checkpoint.get(&tag).is_some() => {
                    return Err(damaged(format!("{tag} comes twice")));
                }
                None => part,
                Some((name, first)) => join(&name, first, &tag, part)?,
            };
            match part.missing {
                0 => checkpoint.values.push((tag, part.value)),
                _ => open = Some((tag, part)),
            }
        }
        match open {
            Some((name, part)) => Err(damaged(format!(
                "{name} is {}, but {} bytes of its content are missing",
                part.value.describe(),
                part.missing
            ))),
            None => Ok(checkpoint),
        }
    }

    /// The bytes of a checkpoint file without a checksum: MindSpore's default.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.encode(MOST_BYTES)
    }

    /// The bytes with a checksum: MindSpore's `crc_check=True`.
    pub fn to_checked_bytes(&self) -> Vec<u8> {
        let mut bytes = self.to_bytes();
        message::seal(&mut bytes);
        bytes
    }

    fn encode(&self, most: usize) -> Vec<u8> {
        let mut entries = Vec::new();
        for (name, value) in &self.values {
            let whole = value.clone().into_message();
            let content = whole.tensor_content.clone();
            let parts: Vec<_> = match value {
                Value::Array { .. } if content.len() > most => {
                    content.chunks(most).map(<[u8]>::to_vec).collect()
                }
                _ => vec![content],
            };
            entries.extend(parts.into_iter().map(|tensor_content| {
                let tensor = Some(TensorMessage { tensor_content, ..whole.clone() });
                Entry { tag: name.clone(), tensor, map_tensor: None }
            }));
        }
        message::encode(entries)
    }

    /// Reads a checkpoint file, as [`Checkpoint::from_bytes`].
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::In`] with the faults of [`Checkpoint::from_bytes`].
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let bytes = read_file(path)?;
        Checkpoint::from_bytes(&bytes).map_err(|fault| fault.in_file(path))
    }

    /// Writes a checkpoint file with a checksum. It appears whole or not at all.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        let bytes = self.to_checked_bytes();
        Ok(datasets::files::atomic_write(path, |file| file.write_all(&bytes))?)
    }
}

/// Appends the next part of a split array.
fn join(name: &str, first: Part, tag: &str, next: Part) -> Result<Part> {
    let fits = match (&first.value, &next.value) {
        (Value::Array { kind: a, shape: b, .. }, Value::Array { kind: c, shape: d, .. }) => {
            (name, a, b) == (tag, c, d)
        }
        _ => false,
    };
    let (Value::Array { kind, shape, mut bytes }, Value::Array { bytes: more, .. }, true) =
        (first.value, next.value, fits)
    else {
        let detail =
            format!("{name} lacks {} bytes of its content, but {tag} follows", first.missing);
        return Err(Error::Damaged { format: FORMAT, detail });
    };
    let Some(missing) = first.missing.checked_sub(more.len()) else {
        let detail = format!("{name} has {} bytes of content too many", more.len() - first.missing);
        return Err(Error::Damaged { format: FORMAT, detail });
    };
    bytes.extend(more);
    Ok(Part { value: Value::Array { kind, shape, bytes }, missing })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint() -> Checkpoint {
        let mut checkpoint = Checkpoint::new();
        checkpoint.set("w", Value::of_tensor(&Tensor::from_fn([2, 3], |i| i as f32)));
        checkpoint.set("step", Value::of_i64(7));
        checkpoint.set("note", Value::Text("héllo".to_owned()));
        checkpoint.set("empty", Value::of_tensor(&Tensor::zeros([0, 3])));
        checkpoint
    }

    #[test]
    fn what_is_written_is_read() {
        let original = checkpoint();
        assert_eq!(Checkpoint::from_bytes(&original.to_bytes()).unwrap(), original);
        assert_eq!(Checkpoint::from_bytes(&original.to_checked_bytes()).unwrap(), original);
    }

    #[test]
    fn long_values_are_split_and_joined() {
        let original = checkpoint();
        for most in [1, 4, 5, 23, 24, 25] {
            assert_eq!(Checkpoint::from_bytes(&original.encode(most)).unwrap(), original, "{most}");
        }
    }

    #[test]
    fn a_truncated_file_is_never_taken_for_a_whole_one() {
        let original = checkpoint();
        let bytes = original.to_bytes();
        let mut whole = 0;
        for end in 0..bytes.len() {
            // Cut between two values, a file without a checksum is a file of fewer values.
            if let Ok(found) = Checkpoint::from_bytes(&bytes[..end]) {
                assert_eq!(found.values[..], original.values[..found.values.len()]);
                whole += 1;
            }
        }
        assert_eq!(whole, original.values.len() - 1);
        let bytes = original.to_checked_bytes();
        for i in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[i] ^= 1;
            let found = Checkpoint::from_bytes(&flipped);
            assert!(found.is_err(), "bit 0 of byte {i}");
        }
    }
}
