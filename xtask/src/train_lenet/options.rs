//! The options of `train-lenet` that its result depends on.

use super::{Data, RunConfiguration, Schedule, count, positive};
use crate::network::Network;
use anyhow::{Result, bail};
use std::path::Path;

/// What is not given has its default, or with `--resume` what the run began with.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Which network [default: lenet5].
    #[arg(long, value_enum)]
    network: Option<Network>,
    /// Passes over the 60,000 training images [default: 2; classic: 3].
    #[arg(long, value_name = "N", value_parser = count)]
    epochs: Option<usize>,
    /// Images in a mini-batch [default: 32].
    #[arg(long, value_name = "N", value_parser = count)]
    batch_size: Option<usize>,
    /// The learning rate of the first step [default: 0.02].
    #[arg(long, value_name = "RATE", value_parser = positive)]
    learning_rate: Option<f64>,
    /// How the learning rate goes on from there, over all epochs [default: cosine].
    #[arg(long, value_enum)]
    schedule: Option<Schedule>,
    /// The share of the last step's velocity that is kept, 0 to 1 [default: 0.9].
    #[arg(long, value_name = "SHARE")]
    momentum: Option<f64>,
    /// The seed of everything random: first weights and the order of the images [default: 1].
    #[arg(long)]
    seed: Option<u64>,
}

impl Options {
    pub(super) fn batch_size(&self) -> usize {
        self.batch_size.unwrap_or(RunConfiguration::BATCH_SIZE)
    }

    /// The configuration of a new run.
    pub(super) fn configuration(
        &self,
        data: &Data,
        checkpoint_every: Option<usize>,
    ) -> RunConfiguration {
        let network = self.network.unwrap_or(Network::Lenet5);
        let default = RunConfiguration::new(network, data);
        RunConfiguration {
            epochs: self.epochs.unwrap_or(default.epochs),
            learning_rate: self.learning_rate.unwrap_or(default.learning_rate),
            schedule: self.schedule.unwrap_or(default.schedule),
            momentum: self.momentum.unwrap_or(default.momentum),
            seed: self.seed.unwrap_or(default.seed),
            checkpoint_every,
            ..default
        }
    }

    /// What is given has to be what the run in `folder` began with.
    pub(super) fn check(&self, run: &RunConfiguration, folder: &Path) -> Result<()> {
        fn text(value: Option<impl ToString>) -> Option<String> {
            value.map(|value| value.to_string())
        }
        let pairs = [
            ("network", text(self.network.map(Network::argument)), run.network.argument()),
            ("epochs", text(self.epochs), run.epochs.to_string()),
            ("batch-size", text(self.batch_size), run.batch_size.to_string()),
            ("learning-rate", text(self.learning_rate), run.learning_rate.to_string()),
            ("schedule", text(self.schedule.map(Schedule::name)), run.schedule.name()),
            ("momentum", text(self.momentum), run.momentum.to_string()),
            ("seed", text(self.seed), run.seed.to_string()),
        ];
        for (option, given, kept) in pairs {
            if let Some(given) = given
                && given != kept
            {
                bail!(
                    "--{option} {given} contradicts --resume {}, a run that began with --{option} \
                     {kept}; leave --{option} out, or train anew without --resume",
                    folder.display()
                );
            }
        }
        Ok(())
    }
}
