//! Finds vertical edges in a small picture: tensors, a geometry, a kernel, ndarray.
//!
//! `cargo run --release -p tensor --example convolve`

use tensor::kernels::{conv2d, elementwise};
use tensor::{Conv2dGeometry, Conv2dOptions, PadMode, Result, Tensor};

fn main() -> Result<()> {
    // A bright square on a dark ground: one image, one channel, 8×16 pixels.
    let image = Tensor::from_fn([1, 1, 8, 16], |i| {
        let (row, column) = (i / 16, i % 16);
        if (2..6).contains(&row) && (5..11).contains(&column) { 1.0_f32 } else { 0.0 }
    });
    // Sobel's kernel answers where brightness rises from left to right.
    let sobel = Tensor::from_vec([1, 1, 3, 3], [-1.0, 0.0, 1.0, -2.0, 0.0, 2.0, -1.0, 0.0, 1.0])?;

    let options = Conv2dOptions::default().pad_mode(PadMode::Same);
    let geometry = Conv2dGeometry::new(image.shape(), sobel.shape(), &options)?;
    let mut edges = Tensor::stale(geometry.output_shape());
    let mut scratch = Tensor::stale([geometry.scratch_len()]);
    let (x, w) = (image.as_slice(), sobel.as_slice());
    conv2d::forward(&geometry, x, w, None, edges.as_mut_slice(), scratch.as_mut_slice());
    elementwise::relu(edges.as_mut_slice());

    for (title, picture) in [("image", &image), ("rising edges", &edges)] {
        println!("{title}");
        for row in picture.as_slice().chunks(16) {
            let line: String = row.iter().map(|&x| shade(x)).collect();
            println!("  {line}");
        }
    }
    let strongest = edges.view().fold(0.0_f32, |most, &x| most.max(x));
    println!("the strongest edge is {strongest}");
    Ok(())
}

fn shade(x: f32) -> char {
    match x {
        x if x <= 0.0 => '.',
        x if x < 2.0 => 'o',
        _ => '#',
    }
}
