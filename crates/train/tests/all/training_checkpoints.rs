//! Files of training checkpoints: which are kept, what is told of one that does not fit, and that
//! nothing is half loaded.

use crate::common::{Small, batches};
use layers::{Dense, Flatten, Layer, ModuleExt, Sequential, SoftmaxCrossEntropyWithLogits};
use optim::{Adam, Momentum};
use safetensors::{SafeTensors, serialize};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use tensor::Tensor;
use train::{
    Accuracy, Callback, Checkpointing, EarlyStopping, Model, TrainingCheckpoint, Validation,
};

fn model() -> Model<Small> {
    of(Small::new())
}

fn of<N: Layer>(network: N) -> Model<N> {
    let optimizer = Momentum::new(0.1, 0.9).unwrap();
    Model::new(network, SoftmaxCrossEntropyWithLogits::new(), optimizer)
}

/// Trains two epochs of four steps; the checkpoints after steps 6 and 8 are kept.
fn trained(folder: &Path) -> PathBuf {
    let checkpointing = Checkpointing::new(folder).every_steps(2).unwrap();
    let mut model = model().checkpointing(checkpointing);
    model.train(2, &batches(80, 20)).unwrap();
    folder.join("step-000000008.safetensors")
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort_unstable();
    names
}

fn read_error(path: &Path) -> String {
    let error = TrainingCheckpoint::read(path).unwrap_err().to_string();
    error.strip_prefix(&format!("{}: ", path.display())).unwrap().to_owned()
}

#[test]
fn the_last_ones_are_kept_and_a_damaged_one_is_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let newest = trained(folder.path());
    let older = "step-000000006.safetensors";
    assert_eq!(names(folder.path()), [older, "step-000000008.safetensors"]);

    let bytes = std::fs::read(&newest).unwrap();
    std::fs::write(&newest, &bytes[..bytes.len() - 1]).unwrap();
    std::fs::write(folder.path().join(".abcdef.tmp"), "half a checkpoint").unwrap();
    let checkpoint = TrainingCheckpoint::newest(folder.path()).unwrap().unwrap();
    assert_eq!(checkpoint.path(), folder.path().join(older));
    assert_eq!(checkpoint.skipped().len(), 1);
    let start = format!("{}: this is not a whole training checkpoint: ", newest.display());
    assert!(checkpoint.skipped()[0].starts_with(&start), "{:?}", checkpoint.skipped());

    // Resuming takes the damaged one and the temporary file away, once there is a newer good one.
    let checkpointing =
        Checkpointing::new(folder.path()).every_steps(1).unwrap().keep_last(1).unwrap();
    let mut resumed = model().checkpointing(checkpointing);
    resumed.resume(&checkpoint, &batches(80, 20), Validation::none(), &mut []).unwrap();
    assert_eq!(names(folder.path()), ["step-000000008.safetensors"]);
    assert_eq!(TrainingCheckpoint::read(&newest).unwrap().step(), 4);

    // With no good one left, the newest one's mistake is told.
    std::fs::write(&newest, "").unwrap();
    let error = TrainingCheckpoint::newest(folder.path()).unwrap_err().to_string();
    assert!(error.starts_with(&start), "{error}");
    assert!(TrainingCheckpoint::newest(folder.path().join("missing")).unwrap().is_none());
}

#[test]
fn a_new_run_does_not_mix_with_an_old_one() {
    let folder = tempfile::tempdir().unwrap();
    let newest = trained(folder.path());
    let mut again = model().checkpointing(Checkpointing::new(folder.path()));
    let error = again.train(1, &batches(80, 20)).unwrap_err().to_string();
    let expected = "this is a checkpoint of an earlier run; resume it, or keep the checkpoints of the \
                    new run in another directory";
    assert_eq!(error, format!("{}: {expected}", newest.display()));
}

#[test]
fn every_damage_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = trained(folder.path());
    let whole = std::fs::read(&path).unwrap();
    let damaged = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        read_error(&path)
    };
    let start = "this is not a whole training checkpoint: ";
    for length in [0, 7, 8, 100, whole.len() / 2, whole.len() - 1] {
        let error = damaged(&whole[..length]);
        assert!(error.starts_with(start), "{length}: {error}");
    }
    for place in (0..whole.len()).step_by(61).chain([whole.len() - 1]) {
        let mut bytes = whole.clone();
        bytes[place] ^= 1 << (place % 8);
        damaged(&bytes);
    }
    let mut bytes = whole.clone();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let error = damaged(&bytes);
    assert!(error.starts_with(&format!("{start}its SHA-256 checksum is ")), "{error}");
    assert!(error.ends_with("; use an older one"), "{error}");
    for size in [u64::MAX, 1 << 40, whole.len() as u64] {
        let mut bytes = whole.clone();
        bytes[..8].copy_from_slice(&size.to_le_bytes());
        let error = damaged(&bytes);
        assert!(error.starts_with(start), "{error}");
    }
    let huge =
        br#"{"weights.a":{"dtype":"F32","shape":[18446744073709551615,9],"data_offsets":[0,4]}}"#;
    let mut bytes = (huge.len() as u64).to_le_bytes().to_vec();
    bytes.extend(huge);
    let error = damaged(&bytes);
    assert!(error.starts_with(start), "{error}");

    std::fs::write(&path, &whole).unwrap();
    TrainingCheckpoint::read(&path).unwrap();
}

#[test]
fn another_version_and_another_kind_of_file_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = trained(folder.path());
    let whole = std::fs::read(&path).unwrap();
    let rewritten = |metadata: Option<HashMap<String, String>>| {
        let file = SafeTensors::deserialize(&whole).unwrap();
        std::fs::write(&path, serialize(file.iter(), metadata).unwrap()).unwrap();
        read_error(&path)
    };
    let key = "sporelet_training_checkpoint_2".to_owned();
    assert_eq!(
        rewritten(Some(HashMap::from([(key, "{}".to_owned())]))),
        "the training checkpoint is of format version 2, expected 1; resume it with the version of \
         Sporelet that wrote it"
    );
    assert_eq!(
        rewritten(None),
        "this is a safetensors file, but no training checkpoint; to load weights alone, use \
         load_weights"
    );
}

/// Resumes what `trained` wrote with something else, and sees that nothing has changed.
fn refused<N: Layer>(
    mut model: Model<N>,
    samples: usize,
    callbacks: &mut [&mut dyn Callback],
) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = trained(folder.path());
    let checkpoint = TrainingCheckpoint::read(&path).unwrap();
    model.network_mut().initialize(1).unwrap();
    let values = |model: &Model<N>| -> Vec<Tensor> {
        let parameters = model.network().parameters().into_iter();
        parameters.map(|(_, p)| p.value().unwrap().clone()).collect()
    };
    let before = (values(&model), model.optimizer().state());
    let data = batches(samples, 20);
    let error = model.resume(&checkpoint, &data, Validation::none(), callbacks).unwrap_err();
    assert_eq!((values(&model), model.optimizer().state()), before);
    let error = error.to_string();
    error.strip_prefix(&format!("{}: ", path.display())).unwrap_or(&error).to_owned()
}

#[test]
fn what_does_not_fit_is_told_and_changes_nothing() {
    let other = Sequential::new().add(Flatten::new()).add(Dense::new(64, 3));
    assert_eq!(
        refused(of(other), 80, &mut []),
        "no tensor is named 1.weight; the file holds: conv.bias, conv.weight, fc.bias, fc.weight"
    );
    let mut wide = Small::new();
    wide.fc = Dense::new(36, 4);
    assert_eq!(
        refused(of(wide), 80, &mut []),
        "fc.weight has shape [3, 36], the network expects [4, 36]"
    );
    let end = "build it as the run that is to be resumed";
    assert_eq!(
        refused(model().seed(2), 80, &mut []),
        format!("the seed of the checkpoint's run: 1; of this model: 2; {end}")
    );
    assert_eq!(
        refused(model(), 100, &mut []),
        format!(
            "the data of the checkpoint's run: 80 samples in 4 batches of 20; of this model: 100 \
             samples in 5 batches of 20; {end}"
        )
    );
    assert_eq!(
        refused(model().metric(Accuracy::new()), 80, &mut []),
        format!("the metrics of the checkpoint's run: loss; of this model: loss, accuracy; {end}")
    );
    assert_eq!(
        refused(model(), 80, &mut [&mut EarlyStopping::new("loss")]),
        "the checkpoint's run had no callback EarlyStopping, or fewer of them; resume it with the \
         callbacks that it had"
    );
    let loss = SoftmaxCrossEntropyWithLogits::new();
    let error = refused(Model::new(Small::new(), loss, Adam::new(0.1).unwrap()), 80, &mut []);
    assert!(error.starts_with("adam: the state has no moment1.conv.weight"), "{error}");
}

#[test]
fn numbers_of_0_are_refused() {
    let error = Checkpointing::new("x").every_steps(0).unwrap_err().to_string();
    assert_eq!(error, "Checkpointing: every_steps is 0, expected at least 1 step");
    let error = Checkpointing::new("x").keep_last(0).unwrap_err().to_string();
    assert_eq!(error, "Checkpointing: keep_last is 0, expected at least 1 checkpoint");
}
