//! [`RunConfiguration`]: what a run is repeated and resumed with, in `run.json`.

use super::Data;
use crate::network::Network;
use crate::workspace;
use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use optim::{ConstantLr, CosineDecayLr, LearningRate, PolynomialDecayLr};
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Everything that a run's result depends on, and where its data were. `train-lenet` writes it
/// before the first step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunConfiguration {
    pub version: u32,
    /// When the run began, in seconds since 1970: it tells runs in the same folder apart.
    pub started: String,
    pub network: Network,
    pub epochs: usize,
    pub batch_size: usize,
    pub learning_rate: f64,
    pub schedule: Schedule,
    pub momentum: f64,
    pub seed: u64,
    /// The checksum of all images and labels.
    pub data_crc32: String,
    /// The folder of the data, where one was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_dir: Option<PathBuf>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint_every: Option<usize>,
}

impl RunConfiguration {
    /// The file's name within the folder of a run.
    pub const FILE: &str = "run.json";
    /// The version of the file's format.
    pub const VERSION: u32 = 1;
    /// Images in a mini-batch, unless the user wants another number.
    pub const BATCH_SIZE: usize = 32;

    /// A run that begins now, with what learns the digits well and fast.
    pub fn new(network: Network, data: &Data) -> Self {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        RunConfiguration {
            version: Self::VERSION,
            started: format!("{}.{:09}", now.as_secs(), now.subsec_nanos()),
            network,
            epochs: match network {
                Network::Lenet5 => 2,
                Network::Classic => 3,
            },
            batch_size: data.train.batch_size(),
            learning_rate: 0.02,
            schedule: Schedule::Cosine,
            momentum: 0.9,
            seed: 1,
            data_crc32: data.crc32.clone(),
            data_dir: data.named.clone(),
            checkpoint_every: None,
        }
    }

    /// Reads the configuration of the run in `folder`.
    ///
    /// # Errors
    /// What is wrong where there is no such file, it is damaged or of another version.
    pub fn read(folder: &Path) -> Result<Self> {
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }
        let path = folder.join(Self::FILE);
        let shown = path.display();
        let bytes = std::fs::read(&path).with_context(|| {
            format!("{shown}: no run can be read there; cargo xtask train-lenet --out makes one")
        })?;
        let damaged = || {
            format!(
                "{shown}: this is not the configuration of a run; train anew into another folder"
            )
        };
        let Version { version } = serde_json::from_slice(&bytes).with_context(damaged)?;
        if version != Self::VERSION {
            bail!(
                "{shown}: the configuration is of format version {version}, expected {}; use the \
                 version of Sporelet that wrote it",
                Self::VERSION
            );
        }
        let configuration: Self = serde_json::from_slice(&bytes).with_context(damaged)?;
        for (name, number) in [
            ("epochs", configuration.epochs),
            ("batch_size", configuration.batch_size),
            ("checkpoint_every", configuration.checkpoint_every.unwrap_or(1)),
        ] {
            if number == 0 {
                bail!("{}: {name} is 0, expected at least 1", damaged());
            }
        }
        Ok(configuration)
    }

    /// Writes it into `folder`.
    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        datasets::files::atomic_write(folder.join(Self::FILE), |file| {
            serde_json::to_writer_pretty(&*file, self)?;
            writeln!(file)
        })?;
        Ok(())
    }

    /// The command that repeats the run.
    pub fn command(&self) -> String {
        let mut command = format!(
            "cargo xtask train-lenet --network {} --epochs {} --batch-size {} --learning-rate {} \
             --schedule {} --momentum {} --seed {}",
            self.network.argument(),
            self.epochs,
            self.batch_size,
            self.learning_rate,
            self.schedule.name(),
            self.momentum,
            self.seed,
        );
        if let Some(folder) = &self.data_dir {
            command += &format!(" --data-dir {}", workspace::argument(folder));
        }
        command
    }

    /// On one line, as training checkpoints keep it.
    pub(super) fn text(&self) -> Result<String> {
        Ok(serde_json::to_string(self)?)
    }
}

/// How the learning rate changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Schedule {
    /// It stays.
    Constant,
    /// Down to 0 along half a cosine.
    Cosine,
    /// Down to 0 along a straight line.
    Linear,
}

impl Schedule {
    /// The rates of a run of so many steps.
    pub fn of(self, rate: f64, steps: u64) -> Result<LearningRate, optim::Error> {
        Ok(match self {
            Schedule::Constant => ConstantLr(rate).into(),
            Schedule::Cosine => CosineDecayLr::new(0.0, rate, steps)?.into(),
            Schedule::Linear => PolynomialDecayLr::new(rate, 0.0, steps, 1.0)?.into(),
        })
    }

    /// As it is written on the command line.
    pub fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn configuration() -> RunConfiguration {
        RunConfiguration {
            version: 1,
            started: "1795419459.123456789".to_owned(),
            network: Network::Classic,
            epochs: 3,
            batch_size: 32,
            // A number that a reader of JSON which does not care for the last bit gets wrong.
            learning_rate: 0.010_000_000_000_000_002,
            schedule: Schedule::Linear,
            momentum: 0.9,
            seed: u64::MAX,
            data_crc32: "0123abcd".to_owned(),
            data_dir: None,
            checkpoint_every: Some(7),
        }
    }

    fn error(text: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("run.json"), text).unwrap();
        let error = format!("{:#}", RunConfiguration::read(folder.path()).unwrap_err());
        error.strip_prefix(&format!("{}/run.json: ", folder.path().display())).unwrap().to_owned()
    }

    #[test]
    fn every_bit_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut written = configuration();
        for rate in (1..2000).map(|i| f64::from(i).sqrt() * 1e-4) {
            written.learning_rate = rate;
            let text = written.text().unwrap();
            assert_eq!(serde_json::from_str::<RunConfiguration>(&text).unwrap(), written);
        }
        written.data_dir = Some("some folder/ü".into());
        written.write(folder.path()).unwrap();
        assert_eq!(RunConfiguration::read(folder.path()).unwrap(), written);
    }

    #[test]
    fn what_is_wrong_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let missing = format!("{:#}", RunConfiguration::read(folder.path()).unwrap_err());
        let expected = format!(
            "{}/run.json: no run can be read there; cargo xtask train-lenet --out makes one: ",
            folder.path().display()
        );
        assert!(missing.starts_with(&expected), "{missing}");

        let damaged = "this is not the configuration of a run; train anew into another folder: ";
        let whole = configuration().text().unwrap();
        assert_eq!(
            error(&whole[..30]),
            format!("{damaged}EOF while parsing a string at line 1 column 30")
        );
        assert_eq!(
            error(&whole.replace("\"epochs\":3", "\"epochs\":-3")),
            format!("{damaged}invalid value: integer `-3`, expected usize at line 1 column 84")
        );
        assert_eq!(
            error(&whole.replace("\"batch_size\":32", "\"batch_size\":0")),
            format!("{damaged}batch_size is 0, expected at least 1")
        );
        assert_eq!(
            error("{\"version\": 2, \"anything\": []}"),
            "the configuration is of format version 2, expected 1; use the version of Sporelet that \
             wrote it"
        );
    }
}
