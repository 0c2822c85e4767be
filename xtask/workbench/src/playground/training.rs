//! A training run within the server, and what the page sees of it.

use super::state::{Loaded, State, lock};
use anyhow::{Result, bail};
use layers::{Module, ModuleExt};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tensor::Tensor;
use train::{Callback, Error, RunContext, save_weights};
use xtask::network::Network;
use xtask::reader::Reader;
use xtask::train_lenet::{Data, Experiment, RunConfiguration, RunFolder};
use xtask::workspace;

/// Points that the curve of the loss has at most.
const POINTS: usize = 400;
/// How often the page can read with the weights of a run under way.
const SHOWN: Duration = Duration::from_millis(200);

/// What the page asks for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    network: String,
    epochs: usize,
    learning_rate: f64,
    seed: u64,
}

/// The run, or none yet.
#[derive(Default)]
pub(super) struct Training {
    progress: Mutex<Progress>,
    stop: Arc<AtomicBool>,
}

/// How far a run is.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Progress {
    /// Counts the runs since the server was started; 0 before the first.
    run: usize,
    status: Status,
    network: &'static str,
    epochs: usize,
    /// Steps in all, and steps taken.
    steps: usize,
    step: usize,
    images_per_second: f64,
    /// Step and mean loss since the last point.
    losses: Vec<(usize, f64)>,
    tests: Vec<Test>,
    /// Why it failed, or where the weights are.
    message: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Status {
    #[default]
    None,
    Running,
    Stopped,
    Finished,
    Failed,
}

/// Scores after an epoch, on the images trained on and on the test images.
#[derive(Clone, Debug, Serialize)]
struct Test {
    step: usize,
    train_loss: f64,
    train_accuracy: f64,
    test_loss: f64,
    test_accuracy: f64,
}

impl Training {
    /// How far the run is; of the losses those from point `from` on.
    pub(super) fn progress(&self, from: usize) -> Progress {
        let progress = lock(&self.progress);
        let losses = progress.losses.get(from..).unwrap_or_default().to_vec();
        Progress { losses, ..progress.clone() }
    }

    /// Lets the run end after the step under way; it can be resumed.
    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Claims the one place for a run.
    fn begin(&self, network: Network, epochs: usize) -> Result<()> {
        let mut progress = lock(&self.progress);
        if progress.status == Status::Running {
            bail!("{} is being trained: stop it first, or wait for its end", progress.network);
        }
        let run = progress.run + 1;
        let (status, network) = (Status::Running, network.name());
        *progress = Progress { run, status, network, epochs, ..Progress::default() };
        self.stop.store(false, Ordering::Relaxed);
        Ok(())
    }
}

/// What is wrong with a request, before anything is begun.
pub(super) fn check(request: &Request) -> Result<Network> {
    let network = super::api::network(&request.network)?;
    if !(1..=20).contains(&request.epochs) {
        bail!("epochs is {}, expected 1 to 20", request.epochs);
    }
    let rate = request.learning_rate;
    if !(rate > 0.0 && rate <= 1.0) {
        bail!("learning_rate is {rate}, expected a number above 0 and at most 1");
    }
    Ok(network)
}

/// Begins a run on a thread of its own.
pub(super) fn start(state: &Arc<State>, request: &Request) -> Result<()> {
    let network = check(request)?;
    state.training.begin(network, request.epochs)?;
    let (shared, request) = (state.clone(), request.clone());
    let before = state.loaded(network);
    let work = move || {
        let result = train(&shared, network, &request);
        if result.is_err() {
            // Half-trained weights are no use to anybody.
            shared.replace(network, before);
        }
        let mut progress = lock(&shared.training.progress);
        (progress.status, progress.message) = match result {
            Ok(end) => end,
            Err(error) => (Status::Failed, format!("{error:#}")),
        };
    };
    std::thread::Builder::new().name("training".to_owned()).spawn(work).map(drop).map_err(|error| {
        lock(&state.training.progress).status = Status::Failed;
        anyhow::Error::new(error).context("no thread to train on")
    })
}

/// The chapter's experiment, as `train-lenet` runs it, in a folder like those of its runs.
fn train(state: &State, network: Network, request: &Request) -> Result<(Status, String)> {
    let data = Data::load(state.data_dir.as_deref(), RunConfiguration::BATCH_SIZE)?;
    let steps = request.epochs * data.train.len();
    lock(&state.training.progress).steps = steps;
    let run = RunConfiguration {
        epochs: request.epochs,
        learning_rate: request.learning_rate,
        seed: request.seed,
        ..RunConfiguration::new(network, &data)
    };
    let experiment = Experiment::new(run.clone(), data, None)?;
    let folder = workspace::free_folder(&state.runs, network.name())?;
    let folder = RunFolder::start(Some(&folder), &run)?;
    let mut experiment = experiment.kept_in(&folder, None, state.training.stop.clone())?;
    let mut watch = Watch::new(state, network, steps);
    let (path, shown) = (folder.weights(), workspace::shown(&folder.weights()));
    let (status, message) = match experiment.train(None, &mut [&mut watch]) {
        Ok(history) => {
            experiment.save(&folder, &history)?;
            let run = workspace::argument(folder.path());
            (Status::Finished, format!("{shown}; a report of it: cargo xtask report {run}"))
        }
        Err(Error::Interrupted { .. }) => {
            save_weights(experiment.network(), &path)?;
            (Status::Stopped, format!("{shown}; to go on: {}", folder.resume_command()))
        }
        Err(error) => return Err(error.into()),
    };
    let reader = Reader { network, layers: experiment.into_network(), weights: path };
    state.replace(network, Some(Loaded { reader: Arc::new(reader), origin: shown }));
    Ok((status, message))
}

/// Writes down what happens, and lets the page read with the weights so far.
struct Watch<'a> {
    state: &'a State,
    network: Network,
    /// Steps that a point of the curve averages.
    per_point: usize,
    sum: f64,
    count: usize,
    started: Instant,
    shown: Instant,
}

impl<'a> Watch<'a> {
    fn new(state: &'a State, network: Network, steps: usize) -> Self {
        let (per_point, now) = (steps.div_ceil(POINTS), Instant::now());
        Watch { state, network, per_point, sum: 0.0, count: 0, started: now, shown: now }
    }
}

impl Callback for Watch<'_> {
    fn on_train_epoch_begin(&mut self, _: &mut RunContext<'_>) -> train::Result<()> {
        self.started = Instant::now();
        Ok(())
    }

    fn on_train_step_end(&mut self, run: &mut RunContext<'_>) -> train::Result<()> {
        let training = &self.state.training;
        self.sum += run.loss;
        self.count += 1;
        if self.count == self.per_point {
            let mut progress = lock(&training.progress);
            progress.step = run.global_step();
            progress.images_per_second = run.samples as f64 / self.started.elapsed().as_secs_f64();
            progress.losses.push((run.global_step(), self.sum / self.count as f64));
            (self.sum, self.count) = (0.0, 0);
        }
        if self.shown.elapsed() > SHOWN {
            self.shown = Instant::now();
            let origin = format!("in training, step {}", run.global_step());
            let reader = copy(self.network, run.network())?;
            self.state.replace(self.network, Some(Loaded { reader: Arc::new(reader), origin }));
        }
        Ok(())
    }

    fn on_train_epoch_end(&mut self, run: &mut RunContext<'_>) -> train::Result<()> {
        let (train, test) = (run.scores()?, run.evaluation);
        let of_test =
            |name: &str| test.and_then(|scores| scores.get(name).ok()).unwrap_or(f64::NAN);
        let test = Test {
            step: run.global_step(),
            train_loss: train.get("loss")?,
            train_accuracy: train.get("accuracy")?,
            test_loss: of_test("loss"),
            test_accuracy: of_test("accuracy"),
        };
        let mut progress = lock(&self.state.training.progress);
        progress.step = run.global_step();
        progress.tests.push(test);
        Ok(())
    }
}

/// A network of the same weights, which training does not change.
fn copy(network: Network, trained: &dyn Module) -> train::Result<Reader> {
    let values: BTreeMap<String, Option<Tensor>> = trained
        .parameters()
        .into_iter()
        .map(|(name, parameter)| (name, parameter.value().cloned()))
        .collect();
    let mut layers = network.build();
    let mut result = Ok(());
    layers.each_parameter_mut(&mut |name, parameter| {
        if let (Ok(()), Some(Some(value))) = (&result, values.get(name)) {
            result = parameter.set(value.clone());
        }
    });
    result?;
    Ok(Reader { network, layers, weights: Path::new("").to_owned() })
}
