//! Reading of reference files: what `reference_file.py` writes.

use safetensors::{Dtype, SafeTensors};
use serde_json::Value;
use tensor::{Float, Tensor};

/// An open reference file.
#[derive(Debug)]
pub struct Reference<'a> {
    tensors: SafeTensors<'a>,
    cases: Vec<Value>,
    peer: String,
}

impl<'a> Reference<'a> {
    /// Opens a file.
    ///
    /// # Panics
    /// Where it is not a reference file, or has no cases: it would test nothing.
    pub fn open(bytes: &'a [u8]) -> Self {
        let (_, metadata) = SafeTensors::read_metadata(bytes).expect("a safetensors file");
        let entries = metadata.metadata().as_ref().expect("metadata");
        let json: Value = serde_json::from_str(&entries["reference"]).expect("JSON");
        let peer = json["peer"].as_str().expect("the file says which system's numbers it has");
        let cases = json["cases"].as_array().expect("a list of cases").clone();
        assert!(!cases.is_empty(), "the file has cases");
        let tensors = SafeTensors::deserialize(bytes).expect("a safetensors file");
        Reference { tensors, cases, peer: peer.to_owned() }
    }

    /// The system whose numbers these are, with its version: `PyTorch 2.15.0`.
    pub fn peer(&self) -> String {
        self.peer.clone()
    }

    /// The cases, in the script's order.
    pub fn cases(&self) -> &[Value] {
        &self.cases
    }

    /// A tensor by name, in the precision that the test computes in.
    ///
    /// # Panics
    /// Where there is none of that name, or not of floating-point numbers.
    pub fn tensor<T: Float>(&self, name: &str) -> Tensor<T> {
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

/// Element `i` of tensor number `tensor`: a hash of both, as a number in [-1, 1). The scripts have
/// the same function, so that weights and images need not be stored.
pub fn formula(tensor: usize, i: usize) -> f64 {
    let mut x = (i + tensor * 1_000_003) as u32;
    for (shift, factor) in [(16, 0x7feb_352d), (15, 0x846c_a68b)] {
        x = (x ^ (x >> shift)).wrapping_mul(factor);
    }
    x ^= x >> 16;
    f64::from(x) / 2.0_f64.powi(31) - 1.0
}
