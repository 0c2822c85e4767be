//! `cargo xtask predict`: which digits pictures show.

mod show;
mod sources;

use anyhow::{Result, ensure};
use ndarray::Array2;
use serde_json::{Value, json};
use std::path::PathBuf;
use xtask::network::Network;
use xtask::output::{self, counted, note, result};
use xtask::reader::Reader;
use xtask::workspace;

/// Read the handwritten digits in pictures.
///
/// A picture shows one digit: PNG, JPEG or PNM (PGM, PPM), of any size, in colour or grey, dark on
/// light or light on dark. It is brought into the form that MNIST's digits have (found by its
/// distance from the background, scaled into a box of 20x20, centred by mass in 28x28), which is
/// what is printed beside the probabilities, and then goes the way of the training images. A picture
/// that cannot be read is reported, the others are read all the same, and the exit code is 1.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo xtask predict seven.png
  cargo xtask predict --brief scans/             # every picture in a folder, a line each
  cargo xtask predict --weights my-run *.jpg --json
  cat seven.pgm | cargo xtask predict -")]
pub(crate) struct Args {
    /// Pictures, folders of pictures, or - for a picture on standard input.
    #[arg(required = true, value_name = "IMAGE")]
    images: Vec<PathBuf>,
    /// The weights, or the folder of a run [default: the newest run under target/runs].
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    /// Which network [default: the one that the weights are of].
    #[arg(long, value_enum)]
    network: Option<Network>,
    /// Print one line for each picture: name, digit, probability, separated by tabs.
    #[arg(long)]
    brief: bool,
    /// Print a JSON array with an object for each picture.
    #[arg(long, conflicts_with = "brief")]
    json: bool,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let reader = Reader::load(args.weights.as_deref(), args.network)?;
    note(format_args!("{} from {}", reader.network.name(), workspace::shown(&reader.weights)));
    let (mut failed, mut total) = (0, 0);
    let mut documents = Vec::new();
    for source in sources::all(&args.images) {
        let (name, digit) = (source.name(), source.digit());
        match digit.and_then(|digit| Ok((reader.read(std::slice::from_ref(&digit))?, digit))) {
            Ok((readings, digit)) => {
                for reading in &readings {
                    match (args.json, args.brief) {
                        (true, _) => documents.push(document(&name, reading)),
                        (_, true) => result(format_args!("{}", show::line(&name, reading))),
                        _ => result(format_args!("{}", show::card(&name, &digit, reading))),
                    }
                }
            }
            Err(error) => {
                failed += 1;
                output::error(format_args!("{name}: {error:#}"));
                documents.push(json!({ "file": name, "error": format!("{error:#}") }));
            }
        }
        total += 1;
    }
    if args.json {
        result(format_args!("{:#}", Value::from(documents)));
    }
    ensure!(failed == 0, "{failed} of {} could not be read", counted(total, "picture"));
    Ok(())
}

fn document(name: &str, reading: &xtask::reader::Reading) -> Value {
    let (digit, _) = reading.best();
    json!({ "file": name, "digit": digit, "probabilities": reading.probabilities })
}

/// A digit in MNIST's form.
type Digit = Array2<u8>;

#[cfg(test)]
mod tests {
    use super::*;
    use datasets::{Dataset, Mnist, Picture};
    use layers::SoftmaxCrossEntropyWithLogits;
    use ndarray::ArrayView2;
    use optim::{CosineDecayLr, Momentum};
    use std::path::Path;
    use train::Model;
    use xtask::train_lenet::batches;

    const DIGITS: usize = 500;

    /// A digit drawn seven times as large with a blue pen on yellow paper, away from the middle, in
    /// light that falls from one side, in the PPM format.
    fn drawn(digit: &ArrayView2<'_, u8>) -> Vec<u8> {
        let (rows, columns, scale) = (260, 300, 7);
        let mut file = format!("P6 {columns} {rows} 255\n").into_bytes();
        for y in 0..rows {
            for x in 0..columns {
                let place = |at: usize, from: usize| at.checked_sub(from).map(|at| at / scale);
                let pixel = place(y, 50).zip(place(x, 15)).and_then(|(y, x)| digit.get([y, x]));
                let ink = f64::from(*pixel.unwrap_or(&0)) / 255.0;
                let light = 1.0 - 0.3 * x as f64 / columns as f64;
                let mix = |paper: f64, pen: f64| (light * (paper + ink * (pen - paper))) as u8;
                file.extend([mix(250.0, 20.0), mix(240.0, 40.0), mix(170.0, 160.0)]);
            }
        }
        file
    }

    /// What a network that was trained on MNIST reads of its test digits, it reads of pictures of
    /// them too.
    #[test]
    fn pictures_of_digits_are_read_as_the_digits_are() {
        let mnist = Mnist::load_default().unwrap();
        let train = batches(mnist.train, 32).unwrap();
        let part = train.dataset().clone().take(12_000).batch(32).unwrap();
        let network = Network::Lenet5;
        let rate = CosineDecayLr::new(0.0, 0.02, part.len() as u64).unwrap();
        let optimizer = Momentum::new(rate, 0.9).unwrap();
        let loss = SoftmaxCrossEntropyWithLogits::new();
        let mut model = Model::new(network.build(), loss, optimizer);
        model.train(1, &part).unwrap();
        let weights = Path::new("").to_owned();
        let reader = Reader { network, layers: model.into_network(), weights };

        let accuracy = |digits: Vec<Digit>| {
            let read = reader.read(&digits).unwrap();
            let pairs = read.iter().zip(mnist.test.labels());
            let right = pairs.filter(|(read, label)| read.best().0 == usize::from(**label));
            right.count() as f64 / DIGITS as f64
        };
        let digits = || (0..DIGITS).map(|index| mnist.test.image(index).unwrap());
        let found = |file: Vec<u8>| Picture::decode(&file).unwrap().digit().unwrap();
        let itself = accuracy(digits().map(|digit| digit.to_owned()).collect());
        let plain = accuracy(
            digits()
                .map(|digit| {
                    let header = b"P5 28 28 255\n".iter().copied();
                    found(header.chain(digit.iter().map(|ink| 255 - ink)).collect())
                })
                .collect(),
        );
        let large = accuracy(digits().map(|digit| found(drawn(&digit))).collect());
        println!("itself {itself}, dark on light {plain}, drawn {large}");
        assert!(itself > 0.94, "{itself}");
        assert!(plain > itself - 0.005, "{itself} {plain}");
        assert!(large > itself - 0.02, "{itself} {large}");
    }
}
