//! Safetensors files, as PyTorch and MindSpore write and read them.
//!
//! PyTorch's are `safetensors.torch.save_file(model.state_dict(), path)`; MindSpore's are
//! `save_checkpoint(net, path, format="safetensors")`, which may have a checksum in their metadata.

use crate::{Checkpoint, Error, Kind, Names, Result, Value};
use ::safetensors::tensor::{Metadata, TensorView};
use ::safetensors::{Dtype, SafeTensorError, SafeTensors};
use std::collections::HashMap;

pub(crate) const FORMAT: &str = "safetensors file";

/// MindSpore's checksum in the metadata: a CRC-32 of the sorted names, each with its bytes, as a
/// decimal number.
const CHECKSUM: &str = "crc_num";

/// Reads a file; MindSpore's checksum is verified where there is one.
///
/// # Errors
/// [`Error::Damaged`], [`Error::Checksum`], and [`Error::Unsupported`] for element types that
/// networks are not made of.
pub fn decode(bytes: &[u8]) -> Result<Checkpoint> {
    let damaged = |detail: String| Error::Damaged { format: FORMAT, detail };
    let (_, metadata) =
        SafeTensors::read_metadata(bytes).map_err(|error| damaged(fault(bytes, &error)))?;
    let file = SafeTensors::deserialize(bytes).map_err(|error| damaged(fault(bytes, &error)))?;
    let mut views = file.tensors();
    views.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut checkpoint = Checkpoint::new();
    for (name, view) in &views {
        let Some(kind) = kind(view.dtype()) else {
            let what = format!("{name}: the element type {:?}", view.dtype());
            let known = TYPES.map(|(dtype, _)| dtype.to_string());
            let detail = format!("known are {}; save it as F32 (float32)", known.join(", "));
            return Err(Error::Unsupported { what, detail });
        };
        let (shape, bytes) = (view.shape().to_vec(), view.data().to_vec());
        checkpoint.set(name, Value::Array { kind, shape, bytes });
    }
    match stored_checksum(&metadata)? {
        Some(stored) if stored != checksum(&checkpoint) => {
            Err(Error::Checksum { stored, computed: checksum(&checkpoint) })
        }
        _ => Ok(checkpoint),
    }
}

/// The bytes of a file for the system whose names it has: the same for the same values.
///
/// # Errors
/// [`Error::Unsupported`] for texts, which the format does not have.
pub fn encode(checkpoint: &Checkpoint, names: Names) -> Result<Vec<u8>> {
    let mut views = Vec::new();
    for (name, value) in checkpoint.iter() {
        let Value::Array { kind, shape, bytes } = value else {
            let what = format!("{name}, a text,");
            let detail = "a safetensors file holds arrays alone; write a .ckpt".to_owned();
            return Err(Error::Unsupported { what, detail });
        };
        let view = TensorView::new(dtype(*kind), shape.clone(), bytes);
        let view = view.map_err(|_| value.wrong_bytes(name))?;
        views.push((names.of(name, checkpoint), view));
    }
    // MindSpore's checksum, which is optional, would be a second entry, and their order is random.
    let metadata = HashMap::from([("format".to_owned(), names.format().to_owned())]);
    let bytes = ::safetensors::serialize(views, Some(metadata));
    bytes.map_err(|error| Error::Damaged { format: FORMAT, detail: error.to_string() })
}

/// What is wrong with the bytes, in numbers where the library gives none.
fn fault(bytes: &[u8], error: &SafeTensorError) -> String {
    let size = bytes.len();
    match (error, bytes.first_chunk()) {
        (SafeTensorError::InvalidHeaderLength, Some(header)) => {
            let header = u64::from_le_bytes(*header);
            format!("its header has {header} bytes from byte 8 on, but the file has {size} in all")
        }
        (SafeTensorError::HeaderTooSmall, _) => {
            format!("it has {size} bytes, but 8 alone say how long its header is")
        }
        (SafeTensorError::MetadataIncompleteBuffer, _) => {
            format!("it has {size} bytes, but its header describes another number of them")
        }
        _ => error.to_string(),
    }
}

fn stored_checksum(metadata: &Metadata) -> Result<Option<u32>> {
    let Some(text) = metadata.metadata().as_ref().and_then(|texts| texts.get(CHECKSUM)) else {
        return Ok(None);
    };
    text.parse().map(Some).map_err(|_| Error::Damaged {
        format: FORMAT,
        detail: format!("its {CHECKSUM} is {text:?}, expected a number of 32 bits"),
    })
}

fn checksum(checkpoint: &Checkpoint) -> u32 {
    let mut sorted: Vec<_> = checkpoint.iter().collect();
    sorted.sort_by_key(|(name, _)| *name);
    let mut hasher = crc32fast::Hasher::new();
    for (name, value) in sorted {
        hasher.update(name.as_bytes());
        if let Value::Array { bytes, .. } = value {
            hasher.update(bytes);
        }
    }
    hasher.finalize()
}

const TYPES: [(Dtype, Kind); 13] = [
    (Dtype::I8, Kind::Int8),
    (Dtype::U8, Kind::UInt8),
    (Dtype::I16, Kind::Int16),
    (Dtype::U16, Kind::UInt16),
    (Dtype::I32, Kind::Int32),
    (Dtype::U32, Kind::UInt32),
    (Dtype::I64, Kind::Int64),
    (Dtype::U64, Kind::UInt64),
    (Dtype::F16, Kind::Float16),
    (Dtype::F32, Kind::Float32),
    (Dtype::F64, Kind::Float64),
    (Dtype::BOOL, Kind::Bool),
    (Dtype::BF16, Kind::BFloat16),
];

fn kind(dtype: Dtype) -> Option<Kind> {
    TYPES.iter().find(|(known, _)| *known == dtype).map(|&(_, kind)| kind)
}

fn dtype(kind: Kind) -> Dtype {
    TYPES.iter().find(|(_, known)| *known == kind).expect("the table has every kind").0
}
