//! The values of a checkpoint, with their element types.

use super::message::{FORMAT, TensorMessage};
use crate::{Error, Result};
use half::{bf16, f16};
use tensor::{Shape, Tensor};

/// A value of a checkpoint.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// An array, or a number where the shape has no axes.
    Array {
        /// The type of its elements.
        kind: Kind,
        /// Its axes.
        shape: Vec<usize>,
        /// Its elements, row-major, little-endian.
        bytes: Vec<u8>,
    },
    /// A text.
    Text(String),
}

macro_rules! kinds {
    ($($name:ident, $text:literal, $size:literal;)*) => {
        /// The element types of arrays.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "the names say it")]
        pub enum Kind {
            $($name,)*
        }

        impl Kind {
            const NAMES: &[&str] = &[$($text),*];

            /// MindSpore's name, such as `Float32`.
            pub fn name(self) -> &'static str {
                match self {
                    $(Kind::$name => $text,)*
                }
            }

            /// Bytes of an element.
            pub fn size(self) -> usize {
                match self {
                    $(Kind::$name => $size,)*
                }
            }

            fn of(name: &str) -> Option<Self> {
                match name {
                    $($text => Some(Kind::$name),)*
                    _ => None,
                }
            }
        }
    };
}

kinds! {
    Int8, "Int8", 1;
    UInt8, "UInt8", 1;
    Int16, "Int16", 2;
    UInt16, "UInt16", 2;
    Int32, "Int32", 4;
    UInt32, "UInt32", 4;
    Int64, "Int64", 8;
    UInt64, "UInt64", 8;
    Float16, "Float16", 2;
    Float32, "Float32", 4;
    Float64, "Float64", 8;
    Bool, "Bool", 1;
    BFloat16, "BFloat16", 2;
}

/// A text is an array of this type: one code point in four bytes each.
const TEXT: &str = "str";

impl Value {
    /// An array of `f32`.
    pub fn of_tensor(tensor: &Tensor) -> Self {
        let bytes = tensor.as_slice().iter().flat_map(|x| x.to_le_bytes()).collect();
        Value::Array { kind: Kind::Float32, shape: tensor.shape().to_vec(), bytes }
    }

    /// A number as Python's `float` is saved: one `Float32`.
    pub fn of_f32(number: f32) -> Self {
        let bytes = number.to_le_bytes().to_vec();
        Value::Array { kind: Kind::Float32, shape: Vec::new(), bytes }
    }

    /// A number as Python's `int` is saved: one `Int64`.
    pub fn of_i64(number: i64) -> Self {
        let bytes = number.to_le_bytes().to_vec();
        Value::Array { kind: Kind::Int64, shape: Vec::new(), bytes }
    }

    /// The elements as `f64`; `None` for a text. Integers above 2⁵³ are rounded.
    pub fn to_f64(&self) -> Option<Vec<f64>> {
        let Value::Array { kind, bytes, .. } = self else { return None };
        macro_rules! read {
            ($type:ty) => {{
                let chunks = bytes.chunks_exact(size_of::<$type>());
                chunks.map(|chunk| <$type>::from_le_bytes(chunk.try_into().unwrap()))
            }};
        }
        Some(match kind {
            Kind::Int8 => read!(i8).map(f64::from).collect(),
            Kind::UInt8 | Kind::Bool => read!(u8).map(f64::from).collect(),
            Kind::Int16 => read!(i16).map(f64::from).collect(),
            Kind::UInt16 => read!(u16).map(f64::from).collect(),
            Kind::Int32 => read!(i32).map(f64::from).collect(),
            Kind::UInt32 => read!(u32).map(f64::from).collect(),
            Kind::Int64 => read!(i64).map(|x| x as f64).collect(),
            Kind::UInt64 => read!(u64).map(|x| x as f64).collect(),
            Kind::Float16 => read!(f16).map(f64::from).collect(),
            Kind::Float32 => read!(f32).map(f64::from).collect(),
            Kind::Float64 => read!(f64).collect(),
            Kind::BFloat16 => read!(bf16).map(f64::from).collect(),
        })
    }

    /// The array as a tensor of `f32`; `None` for a text or an array that is not of floating-point
    /// numbers. `Float64` is rounded, as MindSpore does when it loads one into an `f32` parameter.
    pub fn to_tensor(&self) -> Option<Tensor> {
        let Value::Array { kind, shape, .. } = self else { return None };
        let floats = [Kind::Float16, Kind::Float32, Kind::Float64, Kind::BFloat16];
        let numbers = floats.contains(kind).then(|| self.to_f64()).flatten()?;
        Some(Tensor::from_fn(&Shape::from(shape.as_slice()), |i| numbers[i] as f32))
    }

    /// What it is, for messages: `Float32 [6, 1, 5, 5]`.
    pub(super) fn describe(&self) -> String {
        match self {
            Value::Array { kind, shape, .. } => format!("{} {shape:?}", kind.name()),
            Value::Text(_) => "a text".to_owned(),
        }
    }

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
            let detail = format!("known are {}, {TEXT}", Kind::NAMES.join(", "));
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

/// A value, of which the last bytes may be missing still.
pub(super) struct Part {
    pub(super) value: Value,
    pub(super) missing: usize,
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
            "this is not a whole MindSpore checkpoint: w has the shape [2, -1], with a negative axis"
        );
        assert_eq!(
            error(&[1], "Float32", &[0; 8]),
            "this is not a whole MindSpore checkpoint: w is Float32 [1], but has 8 bytes of content"
        );
        let huge = error(&[i64::MAX, i64::MAX], "Float32", &[0; 8]);
        assert!(huge.contains("but has 8 bytes of content"), "{huge}");
        assert_eq!(
            error(&[0], "str", &[0; 3]),
            "this is not a whole MindSpore checkpoint: w is a text of 3 bytes, expected a multiple of 4"
        );
        assert_eq!(
            error(&[0], "str", &[0, 0, 0xff, 0]),
            "this is not a whole MindSpore checkpoint: w is a text with 0xff0000, which is no character"
        );
        assert_eq!(
            error(&[4], "Int4", &[0; 2]),
            "w: the element type \"Int4\" is not supported: known are Int8, UInt8, Int16, UInt16, Int32, UInt32, Int64, \
             UInt64, Float16, Float32, Float64, Bool, BFloat16, str"
        );
    }
}
