//! The networks that the commands know by name.

use clap::ValueEnum;
use layers::{Layer, LeNet5, LeNet5Classic};
use serde::{Deserialize, Serialize};

/// Which LeNet-5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
pub enum Network {
    /// As in the chapter's listing: ReLU and max-pooling (§3.4.2).
    #[serde(rename = "lenet5")]
    Lenet5,
    /// As published in 1998: scaled tanh, trainable subsampling, a connection table (§3.4.1).
    #[serde(rename = "lenet5-classic")]
    Classic,
}

impl Network {
    /// The network, its parameters not drawn yet.
    pub fn build(self) -> Box<dyn Layer> {
        match self {
            Network::Lenet5 => Box::new(LeNet5::new()),
            Network::Classic => Box::new(LeNet5Classic::new()),
        }
    }

    /// The shape of an image.
    pub fn input(self) -> [usize; 3] {
        [1, 32, 32]
    }

    /// Its name in files and folders.
    pub fn name(self) -> &'static str {
        match self {
            Network::Lenet5 => "lenet5",
            Network::Classic => "lenet5-classic",
        }
    }

    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Network::Lenet5 => "LeNet-5",
            Network::Classic => "LeNet-5 of 1998",
        }
    }

    /// As it is written on the command line.
    pub fn argument(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}
