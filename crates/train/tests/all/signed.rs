//! Training checkpoints whose content a test has changed, with the checksum of what they then hold.

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::HashMap;

const KEY: &str = "sporelet_training_checkpoint_1";
const UNKNOWN: [u8; 64] = [b'0'; 64];

/// What a checkpoint's file is made of.
pub(crate) struct Parts {
    pub(crate) document: Value,
    pub(crate) tensors: Vec<(String, Dtype, Vec<usize>, Vec<u8>)>,
}

impl Parts {
    /// The tensor of this name.
    pub(crate) fn tensor(&mut self, name: &str) -> &mut (String, Dtype, Vec<usize>, Vec<u8>) {
        self.tensors.iter_mut().find(|tensor| tensor.0 == name).unwrap()
    }

    /// Takes the tensor of this name out.
    pub(crate) fn without(&mut self, name: &str) {
        let before = self.tensors.len();
        self.tensors.retain(|tensor| tensor.0 != name);
        assert_eq!(self.tensors.len(), before - 1);
    }
}

/// The file with another content, and the checksum of that. Also returns the length of its document.
pub(crate) fn signed_anew(file: &[u8], change: impl FnOnce(&mut Parts)) -> (Vec<u8>, usize) {
    let (_, metadata) = SafeTensors::read_metadata(file).unwrap();
    let tensors = SafeTensors::deserialize(file).unwrap();
    let mut parts = Parts {
        document: serde_json::from_str(&metadata.metadata().as_ref().unwrap()[KEY]).unwrap(),
        tensors: tensors
            .iter()
            .map(|(name, x)| (name.to_owned(), x.dtype(), x.shape().to_vec(), x.data().to_vec()))
            .collect(),
    };
    change(&mut parts);
    parts.document["sha256"] = String::from_utf8_lossy(&UNKNOWN).into();
    let text = parts.document.to_string();
    let length = text.len();
    let views = parts.tensors.iter().map(|(name, dtype, shape, bytes)| {
        (name, TensorView::new(*dtype, shape.clone(), bytes).unwrap())
    });
    let metadata = HashMap::from([(KEY.to_owned(), text)]);
    let mut bytes = safetensors::serialize(views, Some(metadata)).unwrap();
    let checksum: String = Sha256::digest(&bytes).iter().map(|b| format!("{b:02x}")).collect();
    let place = bytes.windows(64).position(|window| window == UNKNOWN).unwrap();
    bytes[place..place + 64].copy_from_slice(checksum.as_bytes());
    (bytes, length)
}
