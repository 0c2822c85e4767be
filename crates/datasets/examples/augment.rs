//! Prints a digit as each transform draws it in four epochs: `cargo run -p datasets --example
//! augment [INDEX]` (the index of a training image; 5 without it).

use datasets::transforms::{
    Compose, GaussianNoise, RandomAffine, RandomErasing, RandomRotation, RandomScale,
    RandomTranslation, Transform,
};
use datasets::{Dataset, Draw, ImageDataset, Mnist, TargetMut};
use std::error::Error;
use std::io::{self, Write};

/// From background to ink.
const SHADES: &[u8] = b" .:-=+*#%@";
const EPOCHS: u64 = 4;

fn main() -> Result<(), Box<dyn Error>> {
    let index = std::env::args().nth(1).map_or(Ok(5), |index| index.parse::<usize>())?;
    let digits = ImageDataset::new(Mnist::load_default()?.train);
    let all = Compose::new()
        .then(RandomAffine::new().rotate(15.0).translate(0.1, 0.1).scale(0.8, 1.2).shear(15.0, 0.0))
        .then(RandomErasing::new(1.0).area(0.05, 0.1))
        .then(GaussianNoise::new(30.0));
    let shown: [(&str, Box<dyn Transform>); 5] = [
        ("rotated by up to 30 degrees", Box::new(RandomRotation::new(30.0))),
        ("moved by up to a fifth", Box::new(RandomTranslation::new(0.2, 0.2))),
        ("scaled by 0.6 to 1.4", Box::new(RandomScale::new(0.6, 1.4))),
        ("with noise of 60 levels", Box::new(GaussianNoise::new(60.0))),
        ("moved in all ways, with a hole and noise", Box::new(all)),
    ];
    let mut out = io::stdout().lock();
    for (name, transform) in shown {
        writeln!(out, "{name}")?;
        show(&mut out, &digits.clone().map(transform)?, index)?;
    }
    Ok(())
}

/// One sample in several epochs, side by side.
fn show(out: &mut impl Write, data: &impl Dataset, index: usize) -> Result<(), Box<dyn Error>> {
    let &[_, rows, columns] = data.input_shape() else { return Err("not an image".into()) };
    let mut pictures = Vec::new();
    for epoch in 0..EPOCHS {
        let mut image = vec![0.0; rows * columns];
        let target = TargetMut::Class(&mut [0]);
        data.fetch(Draw { seed: 1, epoch }, &[index], &mut image, target)?;
        pictures.push(image);
    }
    // Two rows of pixels to a line: a character is twice as high as wide.
    for row in (0..rows).step_by(2) {
        for image in &pictures {
            let pixel = |row: usize, column: usize| {
                image.get(row * columns + column).map_or(0.0, |pixel| pixel.clamp(0.0, 255.0))
            };
            let line = (0..columns).map(|column| {
                let ink = (pixel(row, column) + pixel(row + 1, column)) / 2.0;
                char::from(SHADES[(ink / 256.0 * SHADES.len() as f32) as usize])
            });
            write!(out, "{} |", line.collect::<String>())?;
        }
        writeln!(out)?;
    }
    Ok(())
}
