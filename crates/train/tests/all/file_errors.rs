//! What is told of files, threads and output that the system refuses, word for word.

use crate::common::{Small, batches};
use layers::{
    BatchNorm2d, Conv2d, Dense, Flatten, Sequential, SoftmaxCrossEntropyWithLogits, Target,
};
use optim::Sgd;
use std::fs;
use std::io::{self, Write};
use std::process::Command;
use tensor::Tensor;
use train::{
    Batch, Callback, Checkpointing, CsvLogger, Epochs, LossMonitor, Matrix, Model, ModelCheckpoint,
    TensorBoard, TrainingCheckpoint, Validation, save_weights,
};

fn model() -> Model<Small> {
    let loss = SoftmaxCrossEntropyWithLogits::new();
    Model::new(Small::new(), loss, Sgd::new(0.1).unwrap()).threads(1)
}

fn trained_with(callback: &mut dyn Callback, epochs: impl Into<Epochs>) -> String {
    let history = model().fit(epochs, &batches(8, 4), Validation::none(), &mut [callback]);
    history.unwrap_err().to_string()
}

#[test]
fn files_and_folders_that_the_system_refuses() {
    let folder = tempfile::tempdir().unwrap();
    let (file, missing) = (folder.path().join("file"), folder.path().join("missing"));
    fs::write(&file, [0xff]).unwrap();
    let (shown, absent) = (file.display(), fs::read(&missing).unwrap_err());
    let exists = fs::create_dir(&file).unwrap_err();
    let no_folder = fs::read_dir(&file).unwrap_err();
    let no_text = fs::read_to_string(&file).unwrap_err();

    assert_eq!(
        TrainingCheckpoint::read(&missing).unwrap_err().to_string(),
        format!("{}: the training checkpoint could not be read: {absent}", missing.display())
    );
    assert_eq!(
        TrainingCheckpoint::newest(&file).unwrap_err().to_string(),
        format!("{shown}: the directory of checkpoints could not be read: {no_folder}")
    );
    let mut kept = model().checkpointing(Checkpointing::new(&file));
    assert_eq!(
        kept.train(1, &batches(8, 4)).unwrap_err().to_string(),
        format!("{shown}: the directory for checkpoints could not be made: {exists}")
    );
    assert_eq!(
        ModelCheckpoint::new(&file).unwrap_err().to_string(),
        format!("{shown}: the directory for checkpoints could not be made: {exists}")
    );
    assert_eq!(
        trained_with(&mut TensorBoard::new(&file), 1),
        format!(
            "{}: the event file could not be made: {}",
            file.join("train").display(),
            fs::create_dir(file.join("train")).unwrap_err()
        )
    );
    assert_eq!(
        trained_with(&mut CsvLogger::new(&file), 1..2),
        format!("{shown}: the log could not be read: {no_text}")
    );

    let beside = missing.join("weights.safetensors");
    assert_eq!(
        trained_with(&mut CsvLogger::new(&beside), 1),
        format!("`{}`: cannot create a temporary file beside it: {absent}", beside.display())
    );
    let mut dense = Dense::new(1, 1);
    dense.weight.set(Tensor::zeros([1, 1])).unwrap();
    dense.bias.as_mut().unwrap().set(Tensor::zeros([1])).unwrap();
    assert_eq!(
        save_weights(&dense, &beside).unwrap_err().to_string(),
        format!("`{}`: cannot create a temporary file beside it: {absent}", beside.display())
    );
}

/// A directory stands where an old checkpoint would be.
#[test]
fn a_checkpoint_that_cannot_be_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let checkpointing = || Checkpointing::new(folder.path()).every_steps(1).unwrap();
    model().checkpointing(checkpointing()).train(1, &batches(12, 4)).unwrap();
    let old = folder.path().join("step-000000001.safetensors");
    fs::create_dir(&old).unwrap();
    let checkpoint = TrainingCheckpoint::newest(folder.path()).unwrap().unwrap();
    fs::remove_file(checkpoint.path()).unwrap();
    let checkpoint = TrainingCheckpoint::newest(folder.path()).unwrap().unwrap();
    assert_eq!(checkpoint.step(), 2);
    let mut model = model().checkpointing(checkpointing());
    let error = model.resume(&checkpoint, &batches(12, 4), Validation::none(), &mut []);
    assert_eq!(
        error.unwrap_err().to_string(),
        format!(
            "{}: the old checkpoint could not be deleted: {}",
            old.display(),
            fs::remove_file(&old).unwrap_err()
        )
    );
}

/// Somewhere that nothing more can be written to.
struct Full;

impl Write for Full {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::Error::other("no room"))
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_line_that_cannot_be_printed() {
    let mut monitor = LossMonitor::new(1).unwrap().print_to(Full);
    assert_eq!(trained_with(&mut monitor, 1), "callback: a line cannot be printed: no room");
}

/// Runs itself again with stacks that no address space holds.
#[cfg(target_os = "linux")]
#[test]
fn threads_that_cannot_be_started() {
    const CHILD: &str = "TRAIN_TEST_NO_THREADS";
    if std::env::var_os(CHILD).is_some() {
        let error = model().threads(3).train(1, &batches(40, 40)).unwrap_err();
        let again = io::Error::from_raw_os_error(11);
        assert_eq!(
            error.to_string(),
            format!("Model: 3 threads cannot be started: {again}; ask for fewer by Model::threads")
        );
        println!("compared");
        return;
    }
    let name = "file_errors::threads_that_cannot_be_started";
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture", "--test-threads=1"])
        .env(CHILD, "1")
        .env("RUST_MIN_STACK", (1_u64 << 48).to_string())
        .output()
        .unwrap();
    let (out, log) =
        (String::from_utf8_lossy(&child.stdout), String::from_utf8_lossy(&child.stderr));
    assert!(child.status.success() && out.contains("compared"), "{out}\n{log}");
}

#[test]
fn epochs_that_cannot_be_told_apart() {
    let error = |epochs: Epochs| model().train(epochs, &batches(4, 4)).unwrap_err().to_string();
    assert_eq!(error((1 << 32).into()), "train: epochs is 4294967296, expected at most 4294967295");
    assert_eq!(
        error((usize::MAX - 1..usize::MAX).into()),
        "train: epochs is 18446744073709551614..18446744073709551615, expected at most 4294967295"
    );
}

#[test]
fn what_is_not_finite_outside_of_an_epoch() {
    let batch = |value: f32| {
        let labels = Target::Class(Tensor::zeros([2]));
        Batch::new(Tensor::full([2, 1, 8, 8], value), labels).unwrap()
    };
    let end = "training stopped before this step's update, so the weights are those of the step \
               before; lower the learning rate (0.1 now) or check the inputs";
    assert_eq!(
        model().train_step(&batch(f32::NAN)).unwrap_err().to_string(),
        format!("step 1: loss is NaN; {end}")
    );
    // The variance of 1e30 is more than f32 holds; the normalised inputs are 0.
    let network = Sequential::new().add(BatchNorm2d::new(1)).add(Conv2d::new(1, 1, 3));
    let network = network.add(Flatten::new()).add(Dense::new(36, 3));
    let loss = SoftmaxCrossEntropyWithLogits::new();
    let mut model = Model::new(network, loss, Sgd::new(0.1).unwrap());
    let mut x = Tensor::full([2, 1, 8, 8], 1e30_f32);
    x.as_mut_slice()[0] = -1e30;
    let batch = Batch::new(x, Target::Class(Tensor::zeros([2]))).unwrap();
    let error = model.train_step(&batch).unwrap_err().to_string();
    assert_eq!(error, format!("step 1: a running statistic is inf; {end}"));
}

/// A matrix of somebody's own metric may be anything.
#[test]
fn a_matrix_without_names_is_shown_all_the_same() {
    let matrix = Matrix { labels: vec!["cat".to_owned()], rows: vec![vec![1.0, 2.0], vec![3.0]] };
    assert_eq!(
        matrix.to_string(),
        "            predicted\n            cat  1\ntruth  cat    1  2\n       1      3"
    );
    let empty = Matrix { labels: Vec::new(), rows: vec![vec![]] };
    assert_eq!(empty.to_string(), "          predicted\n          0\ntruth  0");
}
