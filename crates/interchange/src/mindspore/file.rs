//! The bytes of a checkpoint file.

use super::message::{self, Entry, FORMAT, TensorMessage};
use super::tensor_message::Part;
use crate::{Checkpoint, Error, Result, Value};

/// MindSpore splits longer values into several with one name.
const MOST_BYTES: usize = 512 << 20;

/// Reads a checkpoint; a checksum at its end is verified.
///
/// # Errors
/// [`Error::Checksum`], [`Error::Damaged`], and [`Error::Unsupported`] for maps of tensors and
/// four-bit integers.
pub fn decode(bytes: &[u8]) -> Result<Checkpoint> {
    let mut checkpoint = Checkpoint::new();
    let mut open: Option<(String, Part)> = None;
    let damaged = |detail| Error::Damaged { format: FORMAT, detail };
    for Entry { tag, tensor, map_tensor } in message::decode(message::split(bytes)?)? {
        if map_tensor.is_some() {
            let what = format!("{tag}, a map of tensors,");
            let detail = "known are arrays and texts; leave it out by the choice_func of \
                          MindSpore's save_checkpoint"
                .to_owned();
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
            0 => checkpoint.set(&tag, part.value),
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
///
/// # Errors
/// [`Error::Mismatch`] for an array that has not the bytes of its shape.
pub fn encode(checkpoint: &Checkpoint) -> Result<Vec<u8>> {
    encode_split(checkpoint, MOST_BYTES)
}

/// The bytes with a checksum: MindSpore's `crc_check=True`.
///
/// # Errors
/// Those of [`encode`].
pub fn encode_checked(checkpoint: &Checkpoint) -> Result<Vec<u8>> {
    let mut bytes = encode(checkpoint)?;
    message::seal(&mut bytes);
    Ok(bytes)
}

fn encode_split(checkpoint: &Checkpoint, most: usize) -> Result<Vec<u8>> {
    let mut entries = Vec::new();
    for (name, value) in checkpoint.iter() {
        let splits = matches!(value, Value::Array { .. });
        if !value.is_whole() {
            return Err(value.wrong_bytes(name));
        }
        let mut message = value.clone().into_message();
        let content = std::mem::take(&mut message.tensor_content);
        let parts: Vec<_> = match splits && content.len() > most {
            true => content.chunks(most).map(<[u8]>::to_vec).collect(),
            false => vec![content],
        };
        entries.extend(parts.into_iter().map(|tensor_content| {
            let tensor = Some(TensorMessage { tensor_content, ..message.clone() });
            Entry { tag: name.to_owned(), tensor, map_tensor: None }
        }));
    }
    Ok(message::encode(entries))
}

/// Appends the next part of a split array.
fn join(name: &str, first: Part, tag: &str, next: Part) -> Result<Part> {
    let fits = match (&first.value, &next.value) {
        (Value::Array { kind: a, shape: b, .. }, Value::Array { kind: c, shape: d, .. }) => {
            (name, a, b) == (tag, c, d)
        }
        _ => false,
    };
    let found = next.value.describe();
    let (Value::Array { kind, shape, mut bytes }, Value::Array { bytes: more, .. }, true) =
        (first.value, next.value, fits)
    else {
        let detail = format!(
            "{name} lacks {} bytes of its content, but {tag}, {found}, follows",
            first.missing
        );
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
    use tensor::Tensor;

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
        assert_eq!(decode(&encode(&original).unwrap()).unwrap(), original);
        assert_eq!(decode(&encode_checked(&original).unwrap()).unwrap(), original);
    }

    #[test]
    fn long_values_are_split_and_joined() {
        let original = checkpoint();
        for most in [1, 4, 5, 23, 24, 25] {
            assert_eq!(
                decode(&encode_split(&original, most).unwrap()).unwrap(),
                original,
                "{most}"
            );
        }
    }

    #[test]
    fn a_truncated_file_is_never_taken_for_a_whole_one() {
        let original = checkpoint();
        let bytes = encode(&original).unwrap();
        let mut whole = 0;
        for end in 0..bytes.len() {
            // Cut between two values, a file without a checksum is a file of fewer values.
            if let Ok(found) = decode(&bytes[..end]) {
                assert!(found.iter().eq(original.iter().take(found.len())));
                whole += 1;
            }
        }
        assert_eq!(whole, original.len() - 1);
        let bytes = encode_checked(&original).unwrap();
        for i in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[i] ^= 1;
            let found = decode(&flipped);
            assert!(found.is_err(), "bit 0 of byte {i}");
        }
    }
}
