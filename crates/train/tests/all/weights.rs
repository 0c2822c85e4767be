//! Weights files: what is written can be read, and a file that does not fit changes nothing.

use crate::common::Small;
use layers::{Dense, ModuleExt};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use std::path::Path;
use tensor::Tensor;
use train::{load_weights, save_weights};

fn initialized(seed: u64) -> Small {
    let mut network = Small::new();
    network.initialize(seed).unwrap();
    network
}

fn values(network: &Small) -> Vec<(String, Tensor)> {
    let parameters = network.parameters().into_iter();
    parameters.map(|(name, p)| (name, p.value().unwrap().clone())).collect()
}

#[test]
fn what_is_saved_is_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weights.safetensors");
    let saved = initialized(1);
    save_weights(&saved, &path).unwrap();
    // Into another network, and into one that has no values yet; over an older file, too.
    for mut network in [initialized(2), Small::new()] {
        load_weights(&mut network, &path).unwrap();
        assert_eq!(values(&network), values(&saved));
        save_weights(&network, &path).unwrap();
    }

    let bytes = std::fs::read(&path).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let mut names = file.names();
    names.sort_unstable();
    assert_eq!(names, ["conv.bias", "conv.weight", "fc.bias", "fc.weight"]);
    assert_eq!(file.tensor("conv.weight").unwrap().shape(), [4, 1, 3, 3]);
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "no temporary file is left: {left:?}");
}

#[test]
fn the_same_weights_give_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second] = ["a", "b"].map(|name| folder.path().join(name));
    save_weights(&initialized(1), &first).unwrap();
    save_weights(&initialized(1), &second).unwrap();
    assert_eq!(std::fs::read(first).unwrap(), std::fs::read(second).unwrap());
}

/// Writes a file with the tensors of `Small`, changed by `change`.
fn write_changed(path: &Path, change: impl Fn(&mut Vec<(String, Dtype, Vec<usize>, Vec<u8>)>)) {
    let mut tensors: Vec<_> = values(&initialized(3))
        .into_iter()
        .map(|(name, value)| {
            let bytes = value.as_slice().iter().flat_map(|x| x.to_le_bytes()).collect();
            (name, Dtype::F32, value.shape().to_vec(), bytes)
        })
        .collect();
    change(&mut tensors);
    let views = tensors.iter().map(|(name, dtype, shape, bytes)| {
        (name, TensorView::new(*dtype, shape.clone(), bytes).unwrap())
    });
    std::fs::write(path, safetensors::serialize(views, None).unwrap()).unwrap();
}

#[test]
fn a_file_that_does_not_fit_is_described_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weights.safetensors");
    let mut network = initialized(1);
    let before = values(&network);
    let mut fail = |expected: &str| {
        let error = load_weights(&mut network, &path).unwrap_err().to_string();
        assert_eq!(error, format!("{}: {expected}", path.display()));
        assert_eq!(values(&network), before);
    };

    let missing = std::fs::read(&path).unwrap_err();
    fail(&format!("the weights could not be read: {missing}"));
    let damaged = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        let error = SafeTensors::deserialize(bytes).unwrap_err();
        format!("this is not a whole safetensors file: {error}; save or fetch it again")
    };
    fail(&damaged(b"not weights at all"));

    let held = "no tensor is named fc.bias; the file holds: conv.bias, conv.weight, fc.weight";
    write_changed(&path, |tensors| tensors.retain(|tensor| tensor.0 != "fc.bias"));
    fail(held);
    write_changed(&path, |tensors| tensors[3].0 = "fc.offset".to_owned());
    fail(&held.replace("fc.weight", "fc.offset, fc.weight"));
    write_changed(&path, |tensors| {
        tensors.push(("fc2.bias".to_owned(), Dtype::F32, vec![1], vec![0; 4]));
    });
    fail("the file holds fc2.bias, which the network does not have");
    write_changed(&path, |tensors| tensors[0].2 = vec![4, 9]);
    fail("conv.weight has shape [4, 9], the network expects [4, 1, 3, 3]");
    write_changed(&path, |tensors| tensors[0].1 = Dtype::I32);
    fail("conv.weight holds I32, expected F32; convert it before it is saved");

    write_changed(&path, |_| {});
    let whole = std::fs::read(&path).unwrap();
    for length in [0, 7, 8, 60, whole.len() - 1] {
        fail(&damaged(&whole[..length]));
    }
    let mut huge = whole;
    huge[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    fail(&damaged(&huge));
}

#[test]
fn a_network_without_values_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let error = save_weights(&Dense::new(2, 1), folder.path().join("w")).unwrap_err().to_string();
    assert_eq!(
        error,
        "weight: save_weights: the parameter has no value to save; initialize or load the network \
         first"
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
