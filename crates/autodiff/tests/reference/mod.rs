//! Reading of reference files: what `reference_file.py` writes.

use safetensors::{Dtype, SafeTensors};
use serde_json::Value;
use tensor::{Float, Tensor};

/// An open reference file.
pub(crate) struct Reference<'a> {
    tensors: SafeTensors<'a>,
    cases: Vec<Value>,
}

impl<'a> Reference<'a> {
    /// Opens a file; one without cases is refused, because it would test nothing.
    pub(crate) fn open(bytes: &'a [u8]) -> Self {
        let (_, metadata) = SafeTensors::read_metadata(bytes).expect("a safetensors file");
        let entries = metadata.metadata().as_ref().expect("metadata");
        let json: Value = serde_json::from_str(&entries["reference"]).expect("JSON");
        assert!(json["versions"]["torch"].is_string(), "the file says which PyTorch wrote it");
        let cases = json["cases"].as_array().expect("a list of cases").clone();
        assert!(!cases.is_empty(), "the file has cases");
        Reference { tensors: SafeTensors::deserialize(bytes).expect("a safetensors file"), cases }
    }

    /// The cases, in the script's order.
    pub(crate) fn cases(&self) -> &[Value] {
        &self.cases
    }

    /// A tensor by name, in the precision that the test computes in.
    pub(crate) fn tensor<T: Float>(&self, name: &str) -> Tensor<T> {
        let view = self.tensors.tensor(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        let numbers: Vec<f64> = match view.dtype() {
            Dtype::F32 => view
                .data()
                .chunks_exact(4)
                .map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap()).into())
                .collect(),
            Dtype::F64 => view
                .data()
                .chunks_exact(8)
                .map(|bytes| f64::from_le_bytes(bytes.try_into().unwrap()))
                .collect(),
            other => panic!("{name}: the files have no tensors of {other:?}"),
        };
        Tensor::from_fn(view.shape(), |i| T::from_f64(numbers[i]))
    }
}

/// The largest absolute number of a tensor.
pub(crate) fn size<T: Float>(tensor: &Tensor<T>) -> f64 {
    tensor.as_slice().iter().fold(0.0, |size, x| x.to_f64().abs().max(size))
}

/// The largest difference, relative to the largest expected number or to `scale` if that is
/// larger; 0 where the tensors are equal.
///
/// A sum of many terms may cancel, so that the error of one element is only bounded by the size
/// of the terms, which `scale` gives.
pub(crate) fn difference<T: Float>(found: &Tensor<T>, expected: &Tensor<f64>, scale: f64) -> f64 {
    assert_eq!(found.shape(), expected.shape());
    let mut most = 0.0_f64;
    for (&found, &expected) in found.as_slice().iter().zip(expected.as_slice()) {
        let difference = (found.to_f64() - expected).abs();
        // NaN must not pass as the smaller of two.
        most = if difference <= most { most } else { difference };
    }
    if most == 0.0 { 0.0 } else { most / size(expected).max(scale) }
}

/// Element `i` of tensor number `tensor`: a hash of both, as a number in [-1, 1). The scripts have
/// the same function, so that weights and images need not be stored.
#[allow(dead_code, reason = "only the tests of whole networks use it")]
pub(crate) fn formula(tensor: usize, i: usize) -> f64 {
    let mut x = (i + tensor * 1_000_003) as u32;
    for (shift, factor) in [(16, 0x7feb_352d), (15, 0x846c_a68b)] {
        x = (x ^ (x >> shift)).wrapping_mul(factor);
    }
    x ^= x >> 16;
    f64::from(x) / 2.0_f64.powi(31) - 1.0
}
