//! Trains a convolutional network on a folder of images of your own.
//!
//!     cargo run --release -p train --features images --example own_images [FOLDER]
//!
//! FOLDER has a folder of PNG, JPEG or PNM files for each class, of any sizes: `pets/cat/1.jpg`,
//! `pets/dog/2.png`. Without one, digits are written to such a folder first.

use datasets::transforms::{Normalize, RandomTranslation};
use datasets::{Dataset, ImageFolder, Mnist};
use layers::{Conv2d, Dense, Flatten, MaxPool2d, Relu, Sequential, SoftmaxCrossEntropyWithLogits};
use optim::Adam;
use std::error::Error;
use std::path::{Path, PathBuf};
use train::{Accuracy, LossMonitor, Model};

fn main() -> Result<(), Box<dyn Error>> {
    let digits = tempfile::tempdir()?;
    let folder = match std::env::args_os().nth(1) {
        Some(folder) => PathBuf::from(folder),
        None => write_digits(digits.path(), 2000)?,
    };

    let images = ImageFolder::new(folder).size(32, 32).read()?;
    println!("{} images of {}", images.len(), images.classes().join(", "));
    let network = network(images.classes().len());

    // Only training images are moved about. Both parts get the units of the training part.
    let (train, test) = images.split(0.8, 1)?;
    let normalize = Normalize::of(&train)?;
    let train = train.map(RandomTranslation::new(0.1, 0.1))?.map(normalize.clone())?.batch(32)?;
    let test = test.map(normalize)?.batch(32)?;

    let loss = SoftmaxCrossEntropyWithLogits::new();
    let mut model = Model::new(network, loss, Adam::new(0.002)?).metric(Accuracy::new());
    model.fit(5, &train, Some(&test), &mut [&mut LossMonitor::new(50)?])?;
    println!("accuracy: {:.3}", model.eval(&test)?.get("accuracy")?);
    Ok(())
}

/// 3×32×32 to 8×14×14 to 16×5×5 to the classes.
fn network(classes: usize) -> Sequential {
    Sequential::new()
        .add(Conv2d::new(3, 8, 5))
        .add(Relu::new())
        .add(MaxPool2d::new(2))
        .add(Conv2d::new(8, 16, 5))
        .add(Relu::new())
        .add(MaxPool2d::new(2))
        .add(Flatten::new())
        .add(Dense::new(16 * 5 * 5, classes))
}

/// Writes the first `count` digits of MNIST as `0/17.pgm` and so on.
fn write_digits(folder: &Path, count: usize) -> Result<PathBuf, Box<dyn Error>> {
    let digits = Mnist::load_default()?.train;
    for (index, label) in digits.labels().iter().take(count).enumerate() {
        let class = folder.join(label.to_string());
        std::fs::create_dir_all(&class)?;
        let header = format!("P5 {} {} 255\n", digits.columns(), digits.rows());
        let pixels = digits.image(index).ok_or("fewer digits than asked for")?;
        let bytes: Vec<u8> = header.bytes().chain(pixels.iter().copied()).collect();
        std::fs::write(class.join(format!("{index}.pgm")), bytes)?;
    }
    Ok(folder.to_owned())
}
