//! [`Experiment`]: a run's model, its steps, and its files.

use super::history::{self, Phase};
use super::{Data, RunConfiguration, RunFolder};
use anyhow::{Context, Result};
use layers::{Layer, ModuleExt, SoftmaxCrossEntropyWithLogits};
use optim::Momentum;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;
use train::{
    Accuracy, Callback, Checkpointing, History, Model, StepHistory, TrainingCheckpoint,
    save_weights,
};

/// A run that can begin: whatever is wrong with its configuration has come up.
pub struct Experiment {
    pub run: RunConfiguration,
    pub data: Data,
    pub threads: usize,
    model: Model<Box<dyn Layer>>,
    steps: StepHistory,
}

impl Experiment {
    /// The run on this data; on all processors, where no number of threads is given.
    pub fn new(run: RunConfiguration, data: Data, threads: Option<usize>) -> Result<Self> {
        let steps = run
            .epochs
            .checked_mul(data.train.len())
            .with_context(|| format!("--epochs {}: so many steps cannot be counted", run.epochs))?;
        let rate = run.schedule.of(run.learning_rate, steps as u64)?;
        let optimizer = Momentum::new(rate, run.momentum)?;
        let mut network = run.network.build();
        network.initialize(run.seed)?;
        let all = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = threads.unwrap_or(all);
        let model = Model::new(network, SoftmaxCrossEntropyWithLogits::new(), optimizer)
            .metric(Accuracy::new())
            .seed(run.seed)
            .threads(threads);
        let steps = StepHistory::new().mean_score("accuracy");
        Ok(Experiment { run, data, threads, model, steps })
    }

    /// Keeps checkpoints in the folder of the run: `every` so many steps, and when `stop` ends it.
    pub fn kept_in(
        mut self,
        folder: &RunFolder,
        every: Option<usize>,
        stop: Arc<AtomicBool>,
    ) -> Result<Self> {
        let mut checkpointing = Checkpointing::new(folder.checkpoints())
            .configuration(self.run.text()?)
            .stop_when(stop);
        if let Some(steps) = every {
            checkpointing = checkpointing.every_steps(steps)?;
        }
        self.model = self.model.checkpointing(checkpointing);
        Ok(self)
    }

    /// Trains to the end, from `checkpoint` on if there is one.
    pub fn train(
        &mut self,
        checkpoint: Option<&TrainingCheckpoint>,
        callbacks: &mut [&mut dyn Callback],
    ) -> train::Result<History> {
        let (train, test) = (&self.data.train, &self.data.test);
        let mut all: Vec<&mut dyn Callback> = vec![&mut self.steps];
        for callback in callbacks {
            all.push(&mut **callback);
        }
        match checkpoint {
            Some(checkpoint) => self.model.resume(checkpoint, train, Some(test), &mut all),
            None => self.model.fit(self.run.epochs, train, Some(test), &mut all),
        }
    }

    /// Writes weights and history. The history comes last: it says that the run has ended.
    pub fn save(&self, folder: &RunFolder, history: &History) -> Result<()> {
        let start = Instant::now();
        save_weights(self.network(), folder.weights())?;
        let saving = Phase::new("saving the weights", start.elapsed().as_secs_f64());
        let [training, testing] = Phase::of(history);
        let loading = Phase::new("reading the data", self.data.seconds);
        let phases = [loading, training, testing, saving];
        let numbers = (history, &self.steps);
        history::write(&folder.history(), &self.run, self.threads, numbers, &phases)?;
        // A run that kept no checkpoint leaves no folder for them.
        let _ = std::fs::remove_dir(folder.checkpoints());
        Ok(())
    }

    /// The network as it is now.
    pub fn network(&self) -> &dyn Layer {
        &**self.model.network()
    }

    /// The network, when the run has ended.
    pub fn into_network(self) -> Box<dyn Layer> {
        self.model.into_network()
    }
}
