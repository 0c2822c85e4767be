//! Values as the messages of the format.

use super::message::{FORMAT, TensorMessage};
use crate::{Error, Kind, Result, Value};

/// A text is an array of this type: one code point in four bytes each.
const TEXT: &str = "str";

/// A value, of which the last bytes may be missing still.
pub(super) struct Part {
    pub(super) value: Value,
    pub(super) missing: usize,
}

impl Value {
    /// The message's value; its content may be shorter than its dimensions say, as the first part
    /// of an array that is split.
    pub(super) fn of_message(name: &str, message: TensorMessage) -> Result<Part> {
        let TensorMessage { dims, tensor_type, tensor_content: bytes } = message;
        let damaged =
            |detail| Error::Damaged { format: FORMAT, detail: format!("{name} {detail}") };
        if tensor_type == TEXT {
            let text = text(&bytes).map_err(damaged)?;
            return Ok(Part { value: Value::Text(text), missing: 0 });
        }
        let Some(kind) = Kind::of(&tensor_type) else {
            let what = format!("{name}: the element type {tensor_type:?}");
            let detail = format!(
                "known are {}, {TEXT}; cast it in MindSpore before it is saved",
                Kind::NAMES.join(", ")
            );
            return Err(Error::Unsupported { what, detail });
        };
        // Older writers give a number the dimensions [0].
        let number = dims == [0] && bytes.len() == kind.size();
        let dims = if number { Vec::new() } else { dims };
        let shape: Option<Vec<_>> = dims.iter().map(|&dim| usize::try_from(dim).ok()).collect();
        let Some(shape) = shape else {
            return Err(damaged(format!("has the shape {dims:?}, with a negative axis")));
        };
        let size = shape.iter().try_fold(kind.size(), |size, &axis| size.checked_mul(axis));
        match size.and_then(|size| size.checked_sub(bytes.len())) {
            Some(missing) => Ok(Part { value: Value::Array { kind, shape, bytes }, missing }),
            None => {
                let (found, name) = (bytes.len(), kind.name());
                Err(damaged(format!("is {name} {shape:?}, but has {found} bytes of content")))
            }
        }
    }

    pub(super) fn into_message(self) -> TensorMessage {
        match self {
            Value::Array { kind, shape, bytes } => TensorMessage {
                dims: shape.iter().map(|&axis| axis as i64).collect(),
                tensor_type: kind.name().to_owned(),
                tensor_content: bytes,
            },
            Value::Text(text) => TensorMessage {
                dims: vec![0],
                tensor_type: TEXT.to_owned(),
                tensor_content: text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect(),
            },
        }
    }
}

fn text(bytes: &[u8]) -> Result<String, String> {
    let (chunks, []) = bytes.as_chunks::<4>() else {
        return Err(format!("is a text of {} bytes, expected a multiple of 4", bytes.len()));
    };
    let chars = chunks.iter().map(|&chunk| {
        let code = u32::from_le_bytes(chunk);
        char::from_u32(code)
            .ok_or_else(|| format!("is a text with {code:#x}, which is no character"))
    });
    chars.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(dims: &[i64], kind: &str, bytes: &[u8]) -> TensorMessage {
        let (tensor_type, tensor_content) = (kind.to_owned(), bytes.to_vec());
        TensorMessage { dims: dims.to_vec(), tensor_type, tensor_content }
    }

    fn error(dims: &[i64], kind: &str, bytes: &[u8]) -> String {
        match Value::of_message("w", message(dims, kind, bytes)) {
            Ok(_) => panic!("no error"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn element_types_are_read() {
        let cases: [(&str, &[u8], f64); 13] = [
            ("Int8", &[0xff], -1.0),
            ("UInt8", &[0xff], 255.0),
            ("Int16", &[0xfe, 0xff], -2.0),
            ("UInt16", &[0xfe, 0xff], 65534.0),
            ("Int32", &[1, 0, 0, 0x80], -2147483647.0),
            ("UInt32", &[1, 0, 0, 0x80], 2147483649.0),
            ("Int64", &[0xff; 8], -1.0),
            ("UInt64", &[1, 0, 0, 0, 1, 0, 0, 0], 4294967297.0),
            ("Float16", &[0, 0x3e], 1.5),
            ("BFloat16", &[0xc0, 0x3f], 1.5),
            ("Float32", &[0, 0, 0xc0, 0x3f], 1.5),
            ("Float64", &[0, 0, 0, 0, 0, 0, 0xf8, 0x3f], 1.5),
            ("Bool", &[1], 1.0),
        ];
        for (kind, bytes, expected) in cases {
            let part = Value::of_message("w", message(&[], kind, bytes)).unwrap();
            assert_eq!(part.value.to_f64().unwrap(), [expected], "{kind}");
            assert_eq!(part.value.clone().into_message(), message(&[], kind, bytes), "{kind}");
            let old = Value::of_message("w", message(&[0], kind, bytes)).unwrap();
            assert_eq!((old.value, old.missing), (part.value, 0), "{kind}");
        }
    }

    #[test]
    fn faults_are_named() {
        assert_eq!(
            error(&[2, -1], "Float32", &[]),
            "this is not a whole MindSpore checkpoint: w has the shape [2, -1], with a negative axis; fetch \
             or write it again"
        );
        assert_eq!(
            error(&[1], "Float32", &[0; 8]),
            "this is not a whole MindSpore checkpoint: w is Float32 [1], but has 8 bytes of content; fetch \
             or write it again"
        );
        assert_eq!(
            error(&[i64::MAX, i64::MAX], "Float32", &[0; 8]),
            "this is not a whole MindSpore checkpoint: w is Float32 [9223372036854775807, 9223372036854775807], but has \
             8 bytes of content; fetch or write it again"
        );
        assert_eq!(
            error(&[0], "str", &[0; 3]),
            "this is not a whole MindSpore checkpoint: w is a text of 3 bytes, expected a multiple of 4; \
             fetch or write it again"
        );
        assert_eq!(
            error(&[0], "str", &[0, 0, 0xff, 0]),
            "this is not a whole MindSpore checkpoint: w is a text with 0xff0000, which is no character; \
             fetch or write it again"
        );
        assert_eq!(
            error(&[4], "Int4", &[0; 2]),
            "w: the element type \"Int4\" is not supported: known are Int8, UInt8, Int16, UInt16, Int32, UInt32, Int64, \
             UInt64, Float16, Float32, Float64, Bool, BFloat16, str; cast it in MindSpore before it is saved"
        );
    }
}
