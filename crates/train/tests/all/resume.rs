//! A run that was interrupted after any of its steps ends with the bits of one that was not.

use crate::common::{Small, images};
use datasets::{Batches, Dataset, transforms::GaussianNoise};
use layers::{
    Dense, Dropout, Flatten, Layer, ModuleExt, SoftmaxCrossEntropyWithLogits, Tanh, Var, module,
};
use optim::{Adam, CosineDecayLr, Momentum, Plateau};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use train::{
    Accuracy, Callback, Checkpointing, ConfusionMatrix, CsvLogger, EarlyStopping, Error, Fbeta,
    History, LambdaCallback, Model, ModelCheckpoint, Precision, Recall, ReduceLrOnPlateau, RocAuc,
    StepHistory, TopKCategoricalAccuracy, TrainingCheckpoint, save_weights,
};

/// What a run ends with: the bytes of its weights, and its history without times.
#[derive(Debug, PartialEq)]
struct End {
    weights: Vec<u8>,
    history: serde_json::Value,
}

impl End {
    fn of(network: &impl Layer, history: &History, folder: &Path) -> Self {
        let file = folder.join("weights.safetensors");
        save_weights(network, &file).unwrap();
        let mut history = serde_json::to_value(history).unwrap();
        for epoch in history.as_array_mut().unwrap() {
            for time in ["seconds", "evaluation_seconds"] {
                assert!(epoch[time].as_f64().unwrap() > 0.0);
                epoch[time] = 0.into();
            }
        }
        End { weights: std::fs::read(file).unwrap(), history }
    }
}

/// Trains `epochs` with a checkpoint after every step, then resumes each of them, and compares.
/// `build` makes model and callbacks anew each time, with files in the folder that it is given.
fn resumes_everywhere<N: Layer, D: Dataset>(
    epochs: usize,
    (data, test): (&Batches<D>, &Batches<D>),
    build: impl Fn(&Path) -> (Model<N>, Vec<Box<dyn Callback>>),
) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("kept");
    let checkpointing = Checkpointing::new(&kept).every_steps(1).unwrap().keep_last(1000).unwrap();
    let (model, mut callbacks) = build(folder.path());
    let mut model = model.checkpointing(checkpointing);
    let mut given: Vec<&mut dyn Callback> =
        callbacks.iter_mut().map(|c| &mut **c as &mut dyn Callback).collect();
    let history = model.fit(epochs, data, Some(test), &mut given).unwrap();
    let end = End::of(model.network(), &history, folder.path());
    let states: Vec<_> = callbacks.iter().map(|callback| callback.state()).collect();

    let mut files: Vec<_> = std::fs::read_dir(&kept).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort_unstable();
    let steps: usize = history.epochs.iter().map(|epoch| epoch.steps).sum();
    assert_eq!(files.len(), steps);
    for file in &files {
        let checkpoint = TrainingCheckpoint::read(file).unwrap();
        let (model, mut callbacks) = build(folder.path());
        // Another number of threads, too.
        let mut model = model.threads(1 + checkpoint.step() % 3);
        let mut given: Vec<&mut dyn Callback> =
            callbacks.iter_mut().map(|c| &mut **c as &mut dyn Callback).collect();
        let history = model.resume(&checkpoint, data, Some(test), &mut given).unwrap();
        let resumed = End::of(model.network(), &history, folder.path());
        assert!(resumed == end, "{}: {resumed:?}\n{end:?}", file.display());
        let resumed: Vec<_> = callbacks.iter().map(|callback| callback.state()).collect();
        assert_eq!(resumed, states, "{}", file.display());
    }
    steps
}

fn loss() -> SoftmaxCrossEntropyWithLogits {
    SoftmaxCrossEntropyWithLogits::new()
}

#[test]
fn momentum_with_every_metric() {
    let (data, test) = (images(70).batch(20).unwrap(), images(33).batch(10).unwrap());
    let steps = resumes_everywhere(3, (&data, &test), |folder| {
        let rate = CosineDecayLr::new(0.0, 0.1, 12).unwrap();
        let model = Model::new(Small::new(), loss(), Momentum::new(rate, 0.9).unwrap())
            .metric(Accuracy::new())
            .metric(ConfusionMatrix::new())
            .metric(Fbeta::f1())
            .metric(Precision::new())
            .metric(Recall::new())
            .metric(RocAuc::new())
            .metric(TopKCategoricalAccuracy::new(2).unwrap());
        let best = ModelCheckpoint::new(folder.join("best")).unwrap().keep_best("eval_loss");
        let log = CsvLogger::new(folder.join("log.csv"));
        let steps = StepHistory::new().mean_score("accuracy");
        (model, vec![Box::new(best), Box::new(log), Box::new(steps)])
    });
    assert_eq!(steps, 12);
}

struct Dropping {
    flatten: Flatten,
    fc1: Dense,
    tanh: Tanh,
    dropout: Dropout,
    fc2: Dense,
}

module!(Dropping { flatten, fc1, tanh, dropout, fc2 });

impl Dropping {
    fn new() -> Self {
        Dropping {
            flatten: Flatten::new(),
            fc1: Dense::new(64, 20),
            tanh: Tanh::new(),
            dropout: Dropout::new(0.4),
            fc2: Dense::new(20, 3),
        }
    }
}

impl Layer for Dropping {
    fn forward<'t>(&self, x: Var<'t>) -> layers::Result<Var<'t>> {
        let x = self.tanh.forward(self.fc1.forward(self.flatten.forward(x)?)?)?;
        self.fc2.forward(self.dropout.forward(x)?)
    }
}

#[test]
fn adam_with_dropout_augmentation_accumulation_and_a_frozen_layer() {
    let noisy = |samples| images(samples).map(GaussianNoise::new(0.3)).unwrap().batch(20).unwrap();
    let (data, test) = (noisy(70), noisy(33));
    resumes_everywhere(3, (&data, &test), |_| {
        let optimizer = Adam::new(0.01).unwrap().accumulate(3).unwrap().clip_norm(0.5).unwrap();
        let model = Model::new(Dropping::new(), loss(), optimizer).metric(Accuracy::new()).seed(7);
        let freeze = LambdaCallback::new().on_train_epoch_begin(|run| {
            let freeze = run.epoch == 2;
            run.network_mut().each_parameter_mut(&mut |name, parameter| {
                parameter.set_trainable(!(freeze && name.starts_with("fc1")));
            });
            Ok(())
        });
        (model, vec![Box::new(freeze)])
    });
}

#[test]
fn a_plateau_and_early_stopping_that_restores() {
    let (data, test) = (images(70).batch(20).unwrap(), images(33).batch(10).unwrap());
    let steps = resumes_everywhere(40, (&data, &test), |_| {
        let model = Model::new(Small::new(), loss(), Momentum::new(0.1, 0.9).unwrap());
        let plateau = Plateau::new(0.5).unwrap().patience(1);
        let reduce = ReduceLrOnPlateau::new("eval_loss", plateau);
        let stop = EarlyStopping::new("eval_loss").patience(3).restore_best_weights(true);
        (model, vec![Box::new(reduce), Box::new(stop)])
    });
    assert!((16..160).contains(&steps), "stopped early, but not at once: {steps} steps");
}

#[test]
fn a_stop_that_a_callback_asked_for_is_kept() {
    let (data, test) = (images(70).batch(20).unwrap(), images(33).batch(10).unwrap());
    let steps = resumes_everywhere(3, (&data, &test), |_| {
        let model = Model::new(Small::new(), loss(), Momentum::new(0.1, 0.9).unwrap());
        let stop = LambdaCallback::new().on_train_step_end(|run| {
            if run.global_step() == 6 {
                run.request_stop();
            }
            Ok(())
        });
        (model, vec![Box::new(stop)])
    });
    assert_eq!(steps, 6);
}

/// As a signal does: the step is finished, a checkpoint is written, and the error says where.
#[test]
fn an_interrupted_run_says_where_it_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (data, kept) = (images(70).batch(20).unwrap(), folder.path().join("kept"));
    let model = || Model::new(Small::new(), loss(), Momentum::new(0.1, 0.9).unwrap());
    let none = train::Validation::none;

    let mut whole = model();
    let history = whole.fit(3, &data, none(), &mut []).unwrap();
    let end = End::of(whole.network(), &history, folder.path());

    let stop = Arc::new(AtomicBool::new(false));
    let checkpointing = Checkpointing::new(&kept).stop_when(stop.clone()).configuration("{}");
    let mut signal = LambdaCallback::new().on_train_step_begin(move |run| {
        stop.store(run.global_step() == 7, Ordering::Relaxed);
        Ok(())
    });
    let mut first = model().checkpointing(checkpointing.clone());
    let error = first.fit(3, &data, none(), &mut [&mut signal]).unwrap_err();
    let file = kept.join("step-000000007.safetensors");
    assert_eq!(
        error.to_string(),
        format!("interrupted after epoch 2 step 3; Model::resume goes on from {}", file.display())
    );
    assert!(matches!(error, Error::Interrupted { epoch: 2, step: 3, .. }));

    let checkpoint = TrainingCheckpoint::newest(&kept).unwrap().unwrap();
    assert_eq!((checkpoint.path(), checkpoint.configuration()), (&*file, "{}"));
    assert_eq!((checkpoint.epoch(), checkpoint.step(), checkpoint.global_step()), (2, 3, 7));
    assert_eq!((checkpoint.epochs(), checkpoint.seed()), (3, 1));
    let mut second = model();
    let history = second.resume(&checkpoint, &data, none(), &mut []).unwrap();
    assert_eq!(End::of(second.network(), &history, folder.path()), end);
}
