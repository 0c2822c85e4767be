//! Training checkpoints whose checksum is right and whose content is not: what is told of them, word
//! for word.

use crate::common::{Small, batches};
use crate::signed::{Parts, signed_anew};
use layers::{ModuleExt, SoftmaxCrossEntropyWithLogits};
use optim::Momentum;
use safetensors::Dtype;
use serde_json::{Value, json};
use std::path::Path;
use train::{
    Accuracy, Callback, Checkpointing, EarlyStopping, LambdaCallback, Metric, Model,
    ModelCheckpoint, RocAuc, StepHistory, TrainingCheckpoint, Validation,
};

fn model() -> Model<Small> {
    let optimizer = Momentum::new(0.1, 0.9).unwrap();
    Model::new(Small::new(), SoftmaxCrossEntropyWithLogits::new(), optimizer)
        .metric(Accuracy::new())
}

fn early_stopping() -> EarlyStopping {
    EarlyStopping::new("loss").patience(9).restore_best_weights(true)
}

/// Trains two epochs of four steps with early stopping and a history of steps; the checkpoint is that
/// after step 7.
fn trained(folder: &Path) -> Vec<u8> {
    let checkpointing = Checkpointing::new(folder.join("kept")).every_steps(7).unwrap();
    let (mut stop, mut steps) = (early_stopping(), StepHistory::new().mean_score("accuracy"));
    let callbacks: &mut [&mut dyn Callback] = &mut [&mut stop, &mut steps];
    let mut model = model().checkpointing(checkpointing);
    model.fit(2, &batches(70, 20), Validation::none(), callbacks).unwrap();
    std::fs::read(folder.join("kept/step-000000007.safetensors")).unwrap()
}

/// What is said of the file that was changed so, once it is read.
fn refused(whole: &[u8], path: &Path, change: impl FnOnce(&mut Parts)) -> (String, usize) {
    let (bytes, length) = signed_anew(whole, change);
    std::fs::write(path, bytes).unwrap();
    let error = TrainingCheckpoint::read(path).unwrap_err().to_string();
    let detail = error.strip_prefix(&format!("{}: ", path.display())).unwrap();
    let detail = detail.strip_prefix("this is not a whole training checkpoint: ").unwrap();
    (detail.strip_suffix("; use an older one").unwrap().to_owned(), length)
}

#[test]
fn what_is_signed_anew_and_not_changed_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, path) = (trained(folder.path()), folder.path().join("changed"));
    std::fs::write(&path, signed_anew(&whole, |_| {}).0).unwrap();
    let checkpoint = TrainingCheckpoint::read(&path).unwrap();
    assert_eq!((checkpoint.epoch(), checkpoint.step(), checkpoint.epochs()), (2, 3, 2));
}

#[test]
fn a_document_that_lies_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, path) = (trained(folder.path()), folder.path().join("changed"));
    let moment = |name: &str, value: Value| {
        refused(&whole, &path, |parts| parts.document["moment"][name] = value).0
    };
    let place = |text: &str| format!("it is of {text}, which cannot be");
    assert_eq!(moment("epoch", 0.into()), place("epoch 0 of 2, step 3 of 4"));
    assert_eq!(moment("epoch", 3.into()), place("epoch 3 of 2, step 3 of 4"));
    assert_eq!(moment("step", 0.into()), place("epoch 2 of 2, step 0 of 4"));
    assert_eq!(moment("step", 5.into()), place("epoch 2 of 2, step 5 of 4"));
    assert_eq!(
        moment("epochs", u64::MAX.into()),
        place("epoch 2 of 18446744073709551615, step 3 of 4")
    );
    assert_eq!(moment("stream_epoch", u64::MAX.into()), place("epoch 2 of 2, step 3 of 4"));
    assert_eq!(
        moment("samples", 61.into()),
        "it has seen 61 samples after 3 batches of 20 from 70, which cannot be"
    );
    assert_eq!(
        moment("batch_size", u64::MAX.into()),
        "it has seen 60 samples after 3 batches of 18446744073709551615 from 70, which cannot be"
    );

    let (error, length) = refused(&whole, &path, |parts| {
        parts.document.as_object_mut().unwrap().remove("seed").unwrap();
    });
    assert_eq!(error, format!("missing field `seed` at line 1 column {length}"));
    let (error, _) = refused(&whole, &path, |parts| {
        // Keys are sorted, so this one comes first.
        parts.document["callbacks"] = json!([{"name": "X", "numbers": {"a": "six"}, "texts": {}}]);
    });
    assert_eq!(error, "`six` is no number at line 1 column 47");
}

#[test]
fn tensors_that_belong_to_nothing_or_hold_no_numbers_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, path) = (trained(folder.path()), folder.path().join("changed"));
    let renamed = |name: &'static str| {
        let change = |parts: &mut Parts| parts.tensor("callbacks.1.loss").0 = name.to_owned();
        refused(&whole, &path, change).0
    };
    assert_eq!(renamed("loss"), "it holds a tensor loss, which belongs to nothing");
    assert_eq!(renamed("callbacks.1"), "it holds a tensor callbacks.1, which belongs to nothing");
    assert_eq!(renamed("extra.loss"), "it holds a tensor extra.loss, which belongs to nothing");
    // The state of a callback that is not there.
    assert_eq!(
        renamed("callbacks.2.loss"),
        "it holds tensors of callbacks.2, which it does not name"
    );
    assert_eq!(renamed("metrics.x.loss"), "it holds tensors of metrics.x, which it does not name");
    let change = |parts: &mut Parts| parts.tensor("weights.fc.bias").1 = Dtype::I32;
    assert_eq!(
        refused(&whole, &path, change).0,
        "weights.fc.bias holds I32, expected F32; convert it before it is saved"
    );
}

/// Resumes the changed file with the callbacks that it had, sees that the model and the callbacks are
/// as before, and returns what is told after the file's name.
fn not_resumed(whole: &[u8], path: &Path, change: impl FnOnce(&mut Parts)) -> String {
    std::fs::write(path, signed_anew(whole, change).0).unwrap();
    let checkpoint = TrainingCheckpoint::read(path).unwrap();
    let mut model = model();
    model.network_mut().initialize(1).unwrap();
    let (mut stop, mut steps) = (early_stopping(), StepHistory::new().mean_score("accuracy"));
    let before = (model.optimizer().state(), stop.state(), steps.state());
    let bias = |model: &Model<Small>| model.network().parameters()[3].1.value().unwrap().clone();
    let weights = bias(&model);
    let callbacks: &mut [&mut dyn Callback] = &mut [&mut stop, &mut steps];
    let error = model.resume(&checkpoint, &batches(70, 20), Validation::none(), callbacks);
    assert_eq!((model.optimizer().state(), stop.state(), steps.state()), before);
    assert_eq!(bias(&model), weights);
    let error = error.unwrap_err().to_string();
    error.strip_prefix(&format!("{}: ", path.display())).unwrap().to_owned()
}

#[test]
fn tensors_that_are_missing_or_of_another_shape_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, path) = (trained(folder.path()), folder.path().join("changed"));
    let missing = |name: &str| not_resumed(&whole, &path, |parts| parts.without(name));
    let turned = |name: &str| {
        not_resumed(&whole, &path, |parts| {
            let tensor = parts.tensor(name);
            tensor.2 = tensor.2.iter().rev().copied().chain([1]).collect();
        })
    };
    assert_eq!(
        missing("weights.fc.bias"),
        "no tensor is named fc.bias; the file holds: conv.bias, conv.weight, fc.weight"
    );
    assert_eq!(
        turned("weights.fc.weight"),
        "fc.weight has shape [36, 3, 1], the network expects [3, 36]"
    );
    assert_eq!(
        missing("optimizer.moments.fc.bias"),
        "momentum: the state has no moments.fc.bias; load a state that this optimizer has saved for \
         this network"
    );
    assert_eq!(
        turned("optimizer.moments.fc.bias"),
        "momentum: the state's moments.fc.bias does not have its parameter's shape (state [3, 1], \
         parameter [3])"
    );
    assert_eq!(
        missing("callbacks.1.loss"),
        "StepHistory: the kept state has no values of loss; load what this StepHistory has kept"
    );
}

#[test]
fn states_that_cannot_be_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, path) = (trained(folder.path()), folder.path().join("changed"));
    let number = |kind: &str, place: usize, name: &str, value: &str| {
        not_resumed(&whole, &path, |parts| {
            parts.document[kind][place]["numbers"][name] = value.into();
        })
    };
    assert_eq!(
        number("callbacks", 0, "wait", "-1"),
        "EarlyStopping: the kept state has -1.0 as wait, expected a whole number from 0 to 9007199254740992; load \
         what this EarlyStopping has kept"
    );
    // One more would be more than there are.
    assert_eq!(
        number("callbacks", 0, "wait", "1e300"),
        "EarlyStopping: the kept state has 1e300 as wait, expected a whole number from 0 to \
         9007199254740992; load what this EarlyStopping has kept"
    );
    assert_eq!(
        number("metrics", 1, "correct", "NaN"),
        "accuracy: the kept state has NaN as correct, expected a whole number from 0 to 9007199254740992; load \
         what this accuracy has kept"
    );
    assert_eq!(
        number("metrics", 1, "correct", "61"),
        "accuracy: the kept state has 61 right ones of 60 samples; load what this accuracy has kept"
    );
}

/// These show once the run goes on.
#[test]
fn states_that_do_not_fit_the_run_end_it() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, path) = (trained(folder.path()), folder.path().join("changed"));
    let resumed = |change: &dyn Fn(&mut Parts)| {
        std::fs::write(&path, signed_anew(&whole, change).0).unwrap();
        let checkpoint = TrainingCheckpoint::read(&path).unwrap();
        let (mut stop, mut steps) = (early_stopping(), StepHistory::new().mean_score("accuracy"));
        let callbacks: &mut [&mut dyn Callback] = &mut [&mut stop, &mut steps];
        let history = model().resume(&checkpoint, &batches(70, 20), Validation::none(), callbacks);
        history.map(|history| history.epochs.len()).map_err(|error| error.to_string())
    };
    assert_eq!(resumed(&|_| {}), Ok(2));
    let told = |detail: &str, owner: &str| {
        Err(format!("{owner}: the kept state {detail}; load what this {owner} has kept"))
    };
    assert_eq!(
        resumed(&|parts| parts.document["callbacks"][1]["numbers"]["samples"] = "70".into()),
        told("has 70 samples for an epoch that is at 70", "StepHistory")
    );
    assert_eq!(
        resumed(&|parts| parts.without("callbacks.0.fc.bias")),
        told("has no fc.bias, which the network has", "EarlyStopping")
    );
    assert_eq!(
        resumed(&|parts| parts.tensor("callbacks.0.fc.bias").2 = vec![3, 1]),
        told("has fc.bias of shape [3, 1], the network expects [3]", "EarlyStopping")
    );
}

#[test]
fn callbacks_that_remember_something_must_be_those_of_the_run() {
    let folder = tempfile::tempdir().unwrap();
    trained(folder.path());
    let checkpoint = TrainingCheckpoint::newest(folder.path().join("kept")).unwrap().unwrap();
    let path = checkpoint.path().display();
    let resume = |callbacks: &mut [&mut dyn Callback]| {
        let history = model().resume(&checkpoint, &batches(70, 20), Validation::none(), callbacks);
        history.map(|history| history.epochs.len()).map_err(|error| error.to_string())
    };
    let stop = early_stopping;
    let steps = || StepHistory::new().mean_score("accuracy");
    let lambda = LambdaCallback::new;
    // One that remembers nothing may come.
    assert_eq!(resume(&mut [&mut lambda(), &mut stop(), &mut steps()]), Ok(2));
    let end = "resume it with the callbacks that it had";
    assert_eq!(
        resume(&mut [&mut stop()]),
        Err(format!(
            "{path}: the checkpoint's run had a callback StepHistory, which remembers something; {end}"
        ))
    );
    assert_eq!(
        resume(&mut [&mut stop(), &mut steps(), &mut stop()]),
        Err(format!(
            "{path}: the checkpoint's run had no callback EarlyStopping, or fewer of them; {end}"
        ))
    );

    // And one that remembers nothing may go.
    let kept = folder.path().join("lambda");
    let checkpointing = Checkpointing::new(&kept).every_steps(3).unwrap();
    let mut with = model().checkpointing(checkpointing);
    with.fit(1, &batches(70, 20), Validation::none(), &mut [&mut lambda()]).unwrap();
    let checkpoint = TrainingCheckpoint::newest(&kept).unwrap().unwrap();
    model().resume(&checkpoint, &batches(70, 20), Validation::none(), &mut []).unwrap();
}

#[test]
fn scores_without_columns_are_refused() {
    let mut state = RocAuc::new().state().unwrap();
    state.tensors.insert("labels".to_owned(), tensor::Tensor::zeros([4]));
    assert_eq!(
        RocAuc::new().load_state(&state).unwrap_err().to_string(),
        "auc: the kept state has 0 scores for 4 samples of 0 columns; load what this auc has kept"
    );
}

/// Whatever a state lists: files that another program has written are not deleted.
#[test]
fn files_of_others_are_not_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("weights");
    std::fs::create_dir(&directory).unwrap();
    let files = [
        folder.path().join("CKP-1_4.safetensors"),
        directory.join("thesis.txt"),
        directory.join("CKP-best.safetensors"),
        directory.join("CKP-1_4.safetensors"),
    ];
    let mut state = train::State::default();
    for (number, file) in files.iter().enumerate() {
        std::fs::write(file, "").unwrap();
        state.texts.insert(format!("written.{number}"), file.display().to_string());
    }
    let mut callback = ModelCheckpoint::new(&directory).unwrap().keep_last(1).unwrap();
    callback.load_state(&state).unwrap();
    model().fit(1, &batches(8, 4), Validation::none(), &mut [&mut callback]).unwrap();
    assert_eq!(files.map(|file| file.exists()), [true, true, true, false]);
}
