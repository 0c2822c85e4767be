//! The IDX format: arrays of any rank and six element types, plain or gzip-compressed.
//!
//! Two zero bytes, a byte that names the element type, a byte that counts the axes, the length of
//! each axis as a big-endian `u32`, then the elements, big-endian, last axis fastest
//! (Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits").
//!
//! ```
//! use datasets::idx::IdxArray;
//! use ndarray::array;
//!
//! let mut file = Vec::new();
//! IdxArray::from(array![[1_i16, -2], [3, 4]]).write(&mut file)?;
//! assert_eq!(&file[..6], [0, 0, 0x0b, 2, 0, 0]);
//! let read = IdxArray::read(file.as_slice())?.into_i16()?;
//! assert_eq!(read, array![[1, -2], [3, 4]].into_dyn());
//! # Ok::<(), datasets::idx::IdxError>(())
//! ```

mod element;
mod error;
mod header;
mod read;
mod write;

pub use element::ElementType;
pub use error::IdxError;
pub use read::DEFAULT_LIMIT;

pub(crate) use read::{open, read_u8_file};

use ndarray::{Array, ArrayD, Dimension};

/// The array of an IDX file, of whichever element type the file has.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)] // The variants are named as their element types.
pub enum IdxArray {
    U8(ArrayD<u8>),
    I8(ArrayD<i8>),
    I16(ArrayD<i16>),
    I32(ArrayD<i32>),
    F32(ArrayD<f32>),
    F64(ArrayD<f64>),
}

/// Evaluates `$body` with `$array` bound to the array inside, whatever its element type.
macro_rules! for_any {
    ($value:expr, $array:ident => $body:expr) => {
        match $value {
            IdxArray::U8($array) => $body,
            IdxArray::I8($array) => $body,
            IdxArray::I16($array) => $body,
            IdxArray::I32($array) => $body,
            IdxArray::F32($array) => $body,
            IdxArray::F64($array) => $body,
        }
    };
}
use for_any;

impl IdxArray {
    /// The length of each axis.
    pub fn shape(&self) -> &[usize] {
        for_any!(self, array => array.shape())
    }

    /// The type of the elements.
    pub fn element_type(&self) -> ElementType {
        match self {
            IdxArray::U8(_) => ElementType::U8,
            IdxArray::I8(_) => ElementType::I8,
            IdxArray::I16(_) => ElementType::I16,
            IdxArray::I32(_) => ElementType::I32,
            IdxArray::F32(_) => ElementType::F32,
            IdxArray::F64(_) => ElementType::F64,
        }
    }
}

macro_rules! typed {
    ($($variant:ident $type:ty, $into:ident;)*) => {
        impl IdxArray {$(
            #[doc = concat!("The array, which must be of `", stringify!($type), "`.")]
            ///
            /// # Errors
            /// [`IdxError::ElementType`] if the elements are of another type.
            pub fn $into(self) -> Result<ArrayD<$type>, IdxError> {
                match self {
                    IdxArray::$variant(array) => Ok(array),
                    other => Err(IdxError::ElementType {
                        expected: ElementType::$variant,
                        found: other.element_type(),
                    }),
                }
            }
        )*}

        $(impl<D: Dimension> From<Array<$type, D>> for IdxArray {
            fn from(array: Array<$type, D>) -> Self {
                IdxArray::$variant(array.into_dyn())
            }
        })*
    };
}

typed! {
    U8 u8, into_u8;
    I8 i8, into_i8;
    I16 i16, into_i16;
    I32 i32, into_i32;
    F32 f32, into_f32;
    F64 f64, into_f64;
}
