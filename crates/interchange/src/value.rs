//! The values of a checkpoint, with their element types.

use crate::Error;
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
            pub(crate) const NAMES: &[&str] = &[$($text),*];

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

            /// The type of MindSpore's name.
            pub(crate) fn of(name: &str) -> Option<Self> {
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

    /// The array as a tensor of `f32`; `None` for a text, an array that is not of floating-point
    /// numbers, or one whose bytes are not those of its shape. `Float64` is rounded, as MindSpore does when it loads one into an `f32` parameter.
    pub fn to_tensor(&self) -> Option<Tensor> {
        let Value::Array { kind, shape, .. } = self else { return None };
        if !self.is_whole() {
            return None;
        }
        let floats = [Kind::Float16, Kind::Float32, Kind::Float64, Kind::BFloat16];
        let numbers = floats.contains(kind).then(|| self.to_f64()).flatten()?;
        Some(Tensor::from_fn(&Shape::from(shape.as_slice()), |i| numbers[i] as f32))
    }

    /// Whether it has as many bytes as its shape says: one that was made by hand may not.
    pub(crate) fn is_whole(&self) -> bool {
        let Value::Array { kind, shape, bytes } = self else { return true };
        let size = shape.iter().try_fold(kind.size(), |size, &axis| size.checked_mul(axis));
        size == Some(bytes.len())
    }

    /// What it is, for messages: `Float32 [6, 1, 5, 5]`.
    pub(crate) fn describe(&self) -> String {
        match self {
            Value::Array { kind, shape, .. } => format!("{} {shape:?}", kind.name()),
            Value::Text(_) => "a text".to_owned(),
        }
    }

    /// The same, with the number of its bytes where that is not what the shape says.
    pub(crate) fn describe_bytes(&self) -> String {
        match self {
            Value::Array { bytes, .. } if !self.is_whole() => {
                format!("{} with {} bytes of content", self.describe(), bytes.len())
            }
            _ => self.describe(),
        }
    }

    /// What to tell of one that cannot be written.
    pub(crate) fn wrong_bytes(&self, name: &str) -> Error {
        let detail =
            format!("the value is {}; give it the bytes of its shape", self.describe_bytes());
        Error::Mismatch { name: name.to_owned(), detail }
    }
}
