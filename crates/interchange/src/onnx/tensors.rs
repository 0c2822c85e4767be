//! Arrays in a file: weights, shapes, constants.

use super::FORMAT;
use super::message::{TensorProto, data_type};
use crate::{Error, Result};
use tensor::{Shape, Tensor};

/// An array that is known when the file is read.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Constant {
    /// Numbers to compute with.
    Floats(Tensor),
    /// A list of sizes or indices; `scalar` where it has no axis.
    Ints { values: Vec<i64>, scalar: bool },
    /// Indices of rows, one below the other.
    Column(Vec<i64>),
}

impl Constant {
    pub(super) fn floats(values: &[f32], scalar: bool) -> Self {
        let shape = if scalar { Shape::from([]) } else { Shape::from([values.len()]) };
        Constant::Floats(Tensor::from_fn(&shape, |i| values[i]))
    }

    pub(super) fn ints(values: Vec<i64>, scalar: bool) -> Self {
        Constant::Ints { values, scalar }
    }

    /// Reads an array, which messages call `name`. Its size is held to the bytes that are there before anything is made of it.
    pub(super) fn of(name: &str, tensor: &TensorProto) -> Result<Self> {
        let damaged =
            |detail: String| Error::Damaged { format: FORMAT, detail: format!("{name} {detail}") };
        if tensor.data_location.unwrap_or(0) != 0 {
            let what = format!("{name}, whose numbers are in another file,");
            let detail = "export with the weights inside (external_data=False)".to_owned();
            return Err(Error::Unsupported { what, detail });
        }
        let kind = tensor.data_type.unwrap_or_default();
        let size = match kind {
            data_type::FLOAT | data_type::INT32 => 4,
            data_type::DOUBLE | data_type::INT64 => 8,
            _ => 1,
        };
        if let Some(raw) = tensor.raw_data.as_deref().filter(|raw| raw.len() % size != 0) {
            let found = raw.len();
            return Err(damaged(format!("has {found} bytes, expected a multiple of {size}")));
        }
        let raw = tensor.raw_data.as_deref();
        let mut floats = Vec::new();
        let mut ints = Vec::new();
        match (kind, raw) {
            (data_type::FLOAT, None) => floats.clone_from(&tensor.float_data),
            (data_type::FLOAT, Some(raw)) => floats.extend(read(raw, f32::from_le_bytes)),
            (data_type::DOUBLE, None) => {
                floats.extend(tensor.double_data.iter().map(|&x| x as f32));
            }
            (data_type::DOUBLE, Some(raw)) => {
                floats.extend(read(raw, f64::from_le_bytes).map(|x| x as f32));
            }
            (data_type::INT64, None) => ints.clone_from(&tensor.int64_data),
            (data_type::INT64, Some(raw)) => ints.extend(read(raw, i64::from_le_bytes)),
            (data_type::INT32 | data_type::BOOL, None) => {
                ints.extend(tensor.int32_data.iter().map(|&x| i64::from(x)));
            }
            (data_type::INT32, Some(raw)) => {
                ints.extend(read(raw, i32::from_le_bytes).map(i64::from));
            }
            (data_type::BOOL, Some(raw)) => ints.extend(raw.iter().map(|&x| i64::from(x))),
            _ => {
                let what = format!("{name}: the element type {}", type_name(kind));
                let detail = "known are FLOAT, DOUBLE, INT32, INT64 and BOOL; export the model in \
                              single precision (float32)"
                    .to_owned();
                return Err(Error::Unsupported { what, detail });
            }
        }
        let dims = &tensor.dims;
        let axes: Option<Vec<_>> = dims.iter().map(|&dim| usize::try_from(dim).ok()).collect();
        let elements = axes
            .as_ref()
            .and_then(|axes| axes.iter().try_fold(1_usize, |size, &axis| size.checked_mul(axis)));
        let found = floats.len() + ints.len();
        let (Some(axes), true) = (axes, elements == Some(found)) else {
            return Err(damaged(format!("has the shape {dims:?}, but {found} numbers")));
        };
        let float = [data_type::FLOAT, data_type::DOUBLE].contains(&kind);
        match (float, axes.len()) {
            (true, _) => Ok(Constant::Floats(Tensor::from_fn(&Shape::from(axes), |i| floats[i]))),
            (false, rank @ (0 | 1)) => Ok(Constant::ints(ints, rank == 0)),
            (false, 2) if axes[1] == 1 => Ok(Constant::Column(ints)),
            (false, _) => {
                let what = format!("{name}, an array of integers of the shape {dims:?},");
                let detail =
                    "integers are sizes or indices here: a number, a list [n] or a column \
                              [n, 1]; numbers to compute with are FLOAT"
                        .to_owned();
                Err(Error::Unsupported { what, detail })
            }
        }
    }
}

/// The numbers of `raw`, whose length is a multiple of theirs.
fn read<T, const N: usize>(raw: &[u8], of: fn([u8; N]) -> T) -> impl Iterator<Item = T> {
    raw.as_chunks::<N>().0.iter().map(move |&chunk| of(chunk))
}

/// The name of an element type in `onnx.proto`.
pub(super) fn type_name(kind: i32) -> String {
    const NAMES: [&str; 17] = [
        "UNDEFINED",
        "FLOAT",
        "UINT8",
        "INT8",
        "UINT16",
        "INT16",
        "INT32",
        "INT64",
        "STRING",
        "BOOL",
        "FLOAT16",
        "DOUBLE",
        "UINT32",
        "UINT64",
        "COMPLEX64",
        "COMPLEX128",
        "BFLOAT16",
    ];
    let name = usize::try_from(kind).ok().and_then(|kind| NAMES.get(kind));
    name.map_or_else(|| format!("{kind} of onnx.proto"), |name| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensor(dims: &[i64], kind: i32, raw: &[u8]) -> TensorProto {
        TensorProto {
            dims: dims.to_vec(),
            data_type: Some(kind),
            raw_data: Some(raw.to_vec()),
            ..TensorProto::default()
        }
    }

    #[test]
    fn arrays_are_read() {
        let ints = Constant::of(
            "w",
            &tensor(
                &[2],
                data_type::INT64,
                &[1, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255],
            ),
        );
        assert_eq!(ints.unwrap(), Constant::ints(vec![1, -1], false));
        let floats = Constant::of("w", &tensor(&[1, 1], data_type::FLOAT, &[0, 0, 0xc0, 0x3f]));
        assert_eq!(floats.unwrap(), Constant::Floats(Tensor::full([1, 1], 1.5)));
        let typed = TensorProto {
            raw_data: None,
            float_data: vec![2.5],
            ..tensor(&[], data_type::FLOAT, &[])
        };
        assert_eq!(Constant::of("w", &typed).unwrap(), Constant::floats(&[2.5], true));
    }

    #[test]
    fn faults_are_named() {
        let error = |tensor: &TensorProto| Constant::of("w", tensor).unwrap_err().to_string();
        assert_eq!(
            error(&tensor(&[2, 1 << 62], data_type::FLOAT, &[0; 8])),
            "this is not a whole ONNX model: w has the shape [2, 4611686018427387904], but 2 numbers; fetch \
             or write it again"
        );
        assert_eq!(
            error(&tensor(&[-1], data_type::FLOAT, &[0; 4])),
            "this is not a whole ONNX model: w has the shape [-1], but 1 numbers; fetch or write it again"
        );
        assert_eq!(
            error(&tensor(&[1], data_type::FLOAT, &[0; 7])),
            "this is not a whole ONNX model: w has 7 bytes, expected a multiple of 4; fetch or write it again"
        );
        assert_eq!(
            error(&tensor(&[1], 10, &[0; 2])),
            "w: the element type FLOAT16 is not supported: known are FLOAT, DOUBLE, INT32, INT64 and BOOL; export the \
             model in single precision (float32)"
        );
        let mut outside = tensor(&[1], data_type::FLOAT, &[]);
        outside.data_location = Some(1);
        assert_eq!(
            error(&outside),
            "w, whose numbers are in another file, is not supported: export with the weights inside \
             (external_data=False)"
        );
    }
}
