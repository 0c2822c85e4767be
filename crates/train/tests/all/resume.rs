//! A run that was interrupted after any of its steps ends with the bits of one that was not.

use crate::common::{Small, images};
use datasets::{
    ArrayDataset, Batches, Dataset, Draw, TargetKind, TargetMut, transforms::GaussianNoise,
};
use layers::{
    BatchNorm2d, Conv2d, Dense, Dropout, Flatten, Layer, ModuleExt, Sequential,
    SoftmaxCrossEntropyWithLogits, Tanh, Var, module,
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

/// What a run ends with: the bytes of its weights, which of them are frozen, and its history without
/// times.
#[derive(Debug, PartialEq)]
struct End {
    weights: Vec<u8>,
    frozen: Vec<String>,
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
        let parameters = network.parameters().into_iter();
        let frozen = parameters.filter(|(_, p)| !p.is_trainable()).map(|(name, _)| name).collect();
        End { weights: std::fs::read(file).unwrap(), frozen, history }
    }
}

/// Trains `epochs` with a checkpoint after every step, then resumes each of them, and compares.
/// `build` makes model and callbacks anew each time, with files in the folder that it is given. Returns
/// the number of steps, and the history.
fn resumes_everywhere<N: Layer, D: Dataset>(
    epochs: usize,
    (data, test): (&Batches<D>, &Batches<D>),
    build: impl Fn(&Path) -> (Model<N>, Vec<Box<dyn Callback>>),
) -> (usize, History) {
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
    (steps, history)
}

fn loss() -> SoftmaxCrossEntropyWithLogits {
    SoftmaxCrossEntropyWithLogits::new()
}

#[test]
fn momentum_with_every_metric() {
    let (data, test) = (images(70).batch(20).unwrap(), images(33).batch(10).unwrap());
    let (steps, _) = resumes_everywhere(3, (&data, &test), |folder| {
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

/// The running statistics are parameters that are never trained; they are kept as they are, and what
/// was frozen stays frozen. The validation, which is part of the history, uses them.
#[test]
fn batch_normalisation_with_its_running_statistics() {
    let (data, test) = (images(70).batch(20).unwrap(), images(33).batch(10).unwrap());
    let (steps, history) = resumes_everywhere(3, (&data, &test), |_| {
        let network = Sequential::new().add(Conv2d::new(1, 4, 3)).add(BatchNorm2d::new(4));
        let network = network.add(Tanh::new()).add(Flatten::new()).add(Dense::new(144, 3));
        let model = Model::new(network, loss(), Momentum::new(0.05, 0.9).unwrap());
        let freeze = LambdaCallback::new().on_train_epoch_begin(|run| {
            let freeze = run.epoch == 2;
            run.network_mut().each_parameter_mut(&mut |name, parameter| {
                if name.ends_with("gamma") && freeze {
                    parameter.set_trainable(false);
                }
            });
            Ok(())
        });
        (model, vec![Box::new(freeze)])
    });
    assert_eq!(steps, 12);
    let losses: Vec<f64> = history.series("eval_loss").unwrap().iter().map(|(_, x)| *x).collect();
    assert!(losses[0] != losses[1] && losses[1] != losses[2], "{losses:?}");
}

#[test]
fn a_plateau_and_early_stopping_that_restores() {
    let (data, test) = (images(70).batch(20).unwrap(), images(33).batch(10).unwrap());
    let (steps, history) = resumes_everywhere(40, (&data, &test), |_| {
        let model = Model::new(Small::new(), loss(), Momentum::new(0.1, 0.9).unwrap());
        let plateau = Plateau::new(0.5).unwrap().patience(1);
        let reduce = ReduceLrOnPlateau::new("eval_loss", plateau);
        let stop = EarlyStopping::new("eval_loss").patience(3).restore_best_weights(true);
        (model, vec![Box::new(reduce), Box::new(stop)])
    });
    assert!((16..160).contains(&steps), "stopped early, but not at once: {steps} steps");
    // Halved once and again, so that the rate, the best score and the epochs waited all matter.
    let rates: Vec<f64> = history.epochs.iter().map(|epoch| epoch.learning_rate).collect();
    assert!(rates[0] == 0.1 && rates[rates.len() - 1] <= 0.025, "{rates:?}");
    assert!(rates.windows(2).all(|pair| pair[1] == pair[0] || pair[1] == pair[0] / 2.0));
}

#[test]
fn a_stop_that_a_callback_asked_for_is_kept() {
    let (data, test) = (images(70).batch(20).unwrap(), images(33).batch(10).unwrap());
    let (steps, _) = resumes_everywhere(3, (&data, &test), |_| {
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

/// A data set that reads its records when they are asked for, one of which may be damaged.
struct Records {
    images: ArrayDataset,
    damaged: Option<usize>,
}

impl Dataset for Records {
    fn len(&self) -> usize {
        self.images.len()
    }

    fn input_shape(&self) -> &[usize] {
        self.images.input_shape()
    }

    fn target(&self) -> TargetKind<'_> {
        self.images.target()
    }

    fn fetch(
        &self,
        draw: Draw,
        indices: &[usize],
        input: &mut [f32],
        target: TargetMut<'_>,
    ) -> datasets::Result<()> {
        if let Some(record) = self.damaged.filter(|record| indices.contains(record)) {
            return Err(datasets::Error::Other(format!("record {record} is damaged").into()));
        }
        self.images.fetch(draw, indices, input, target)
    }
}

/// A record that cannot be read ends training, with any number of threads, and costs no step: once it
/// is mended, the run goes on.
#[test]
fn a_damaged_record_ends_training_and_loses_nothing() {
    let records = |damaged| Records { images: images(70), damaged }.batch(20).unwrap();
    let model = || Model::new(Small::new(), loss(), Momentum::new(0.1, 0.9).unwrap());
    let none = train::Validation::none;
    let folder = tempfile::tempdir().unwrap();
    let mut whole = model();
    let history = whole.fit(3, &records(None), none(), &mut []).unwrap();
    let end = End::of(whole.network(), &history, folder.path());
    for threads in [1, 2] {
        let kept = folder.path().join(threads.to_string());
        let checkpointing = Checkpointing::new(&kept).every_steps(1).unwrap();
        let mut first = model().threads(threads).checkpointing(checkpointing);
        let error = first.fit(3, &records(Some(41)), none(), &mut []).unwrap_err();
        assert_eq!(error.to_string(), "record 41 is damaged");

        // What came before is the last checkpoint, if the record was not among the first.
        let mut second = model();
        let history = match TrainingCheckpoint::newest(&kept).unwrap() {
            Some(checkpoint) => second.resume(&checkpoint, &records(None), none(), &mut []),
            None => second.fit(3, &records(None), none(), &mut []),
        };
        assert_eq!(End::of(second.network(), &history.unwrap(), folder.path()), end);
        // In every epoch each record is seen once, so the damage was met in the first.
        assert!(first.optimizer().steps() < 4);
    }
}
