//! Trains a network on a CSV file of your own.
//!
//!     cargo run -p train --features csv --example own_csv [FILE COLUMN]
//!
//! COLUMN has the class to predict, as a word or a number; all other columns are numbers. Without
//! a file: which of three species is an iris? (Fisher's 150 flowers of 1936, in
//! `examples/data/iris.csv`.)

use datasets::transforms::Normalize;
use datasets::{CsvFile, Dataset};
use layers::{Activation, Mlp, SoftmaxCrossEntropyWithLogits};
use optim::Adam;
use train::{Accuracy, ConfusionMatrix, Model};

const IRIS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/iris.csv");

fn main() -> train::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().unwrap_or_else(|| IRIS.to_owned());
    let column = arguments.next().unwrap_or_else(|| "species".to_owned());

    let table = CsvFile::with_classes(&file, column.as_str()).read()?;
    println!("{} samples of {}", table.samples.len(), table.columns.join(", "));
    println!("classes: {}", table.classes.join(", "));

    // Columns of any unit get mean 0 and standard deviation 1, as measured on the training part.
    let (train, test) = table.samples.split(0.8, 1)?;
    let normalize = Normalize::of(&train)?;
    let train = train.map(normalize.clone())?.batch(16)?;
    let test = test.map(normalize)?.batch(16)?;

    let (inputs, classes) = (table.columns.len(), table.classes.len());
    let network = Mlp::new(inputs).hidden(16, Activation::Relu).output(classes)?;
    let loss = SoftmaxCrossEntropyWithLogits::new();
    let mut model = Model::new(network, loss, Adam::new(0.01)?)
        .metric(Accuracy::new())
        .metric(ConfusionMatrix::new().labels(table.classes));
    model.train(50, &train)?;

    let scores = model.eval(&test)?;
    println!("accuracy on {} others: {:.3}", test.dataset().len(), scores.get("accuracy")?);
    println!("{}", scores.value("confusion_matrix")?);
    Ok(())
}
