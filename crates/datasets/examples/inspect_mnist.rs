//! Prints what the MNIST files hold, and some digits: `cargo run -p datasets --example
//! inspect_mnist [INDEX]...` (indices of training images; without any, the first of each class).
#![allow(clippy::print_stdout)]

use datasets::{LabeledImages, Mnist, MnistFiles};
use std::error::Error;

/// From background to ink.
const SHADES: &[u8] = b" .:-=+*#%@";

fn main() -> Result<(), Box<dyn Error>> {
    let wanted =
        std::env::args().skip(1).map(|index| index.parse()).collect::<Result<Vec<_>, _>>()?;
    let files = MnistFiles::find(None)?;
    let mnist = Mnist::load_files(&files)?;
    println!("{}", files.train_images.display());
    for (name, images) in [("train", &mnist.train), ("test", &mnist.test)] {
        print!("{name:>6}: {} images of {}×{};", images.len(), images.rows(), images.columns());
        for class in 0..Mnist::CLASSES {
            let count =
                images.labels().iter().filter(|&&label| usize::from(label) == class).count();
            print!("  {class}: {count}");
        }
        println!();
    }
    let first_of_each = || {
        let first = |class: usize| {
            mnist.train.labels().iter().position(|&label| usize::from(label) == class)
        };
        (0..Mnist::CLASSES).filter_map(first).collect()
    };
    let indices: Vec<usize> = if wanted.is_empty() { first_of_each() } else { wanted };
    for three in indices.chunks(3) {
        draw(&mnist.train, three)?;
    }
    Ok(())
}

/// Draws images side by side, two rows of pixels to a line: a character is twice as high as wide.
fn draw(images: &LabeledImages, indices: &[usize]) -> Result<(), String> {
    println!();
    let mut pictures = Vec::new();
    for &index in indices {
        let none = || format!("there is no image {index}, only 0..={}", images.len() - 1);
        pictures.push(images.image(index).ok_or_else(none)?);
        print!("{:30}", format!("#{index}: {}", images.labels()[index]));
    }
    println!();
    for row in (0..images.rows()).step_by(2) {
        for picture in &pictures {
            let line: String = (0..images.columns())
                .map(|column| {
                    let below = picture.get([row + 1, column]).copied().unwrap_or(0);
                    let ink = (usize::from(picture[[row, column]]) + usize::from(below)) / 2;
                    SHADES[ink * (SHADES.len() - 1) / 255] as char
                })
                .collect();
            print!("{line:30}");
        }
        println!();
    }
    Ok(())
}
