//! Prints what the MNIST files hold, and some digits: `cargo run -p datasets --example
//! inspect_mnist [INDEX]...` (indices of training images; without any, the first of each class).

use datasets::{LabeledImages, Mnist, MnistFiles};
use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

/// From background to ink.
const SHADES: &[u8] = b" .:-=+*#%@";

fn main() -> ExitCode {
    match run(&mut io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let wanted: Vec<usize> = std::env::args()
        .skip(1)
        .map(|index| index.parse().map_err(|_| format!("`{index}` is not the index of an image")))
        .collect::<Result<_, _>>()?;
    let files = MnistFiles::find(None)?;
    let mnist = Mnist::load_files(&files)?;
    writeln!(out, "{}", files.train_images.display())?;
    for (name, images) in [("train", &mnist.train), ("test", &mnist.test)] {
        write!(
            out,
            "{name:>6}: {} images of {}×{};",
            images.len(),
            images.rows(),
            images.columns()
        )?;
        for class in 0..Mnist::CLASSES {
            let count =
                images.labels().iter().filter(|&&label| usize::from(label) == class).count();
            write!(out, "  {class}: {count}")?;
        }
        writeln!(out)?;
    }
    let labels = mnist.train.labels();
    let first_of = |class| labels.iter().position(|&label| usize::from(label) == class);
    let indices: Vec<usize> =
        if wanted.is_empty() { (0..Mnist::CLASSES).filter_map(first_of).collect() } else { wanted };
    for three in indices.chunks(3) {
        draw(out, &mnist.train, three)?;
    }
    Ok(())
}

/// Draws images side by side, two rows of pixels to a line: a character is twice as high as wide.
fn draw(
    out: &mut impl Write,
    images: &LabeledImages,
    indices: &[usize],
) -> Result<(), Box<dyn Error>> {
    writeln!(out)?;
    let mut pictures = Vec::new();
    for &index in indices {
        let none = || format!("there is no image {index}, only 0..={}", images.len() - 1);
        pictures.push(images.image(index).ok_or_else(none)?);
        write!(out, "{:30}", format!("#{index}: {}", images.labels()[index]))?;
    }
    writeln!(out)?;
    for row in (0..images.rows()).step_by(2) {
        for picture in &pictures {
            let line: String = (0..images.columns())
                .map(|column| {
                    let below = picture.get([row + 1, column]).copied().unwrap_or(0);
                    let ink = (usize::from(picture[[row, column]]) + usize::from(below)) / 2;
                    SHADES[ink * (SHADES.len() - 1) / 255] as char
                })
                .collect();
            write!(out, "{line:30}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}
