//! Transforms with fixed settings, against SciPy, Pillow and MindSpore; `reference/transforms.py`
//! made the values.

use datasets::transforms::{
    Affine, Border, CenterCrop, Crop, Erase, HorizontalFlip, Normalize, Pad, PadMode, Rescale,
    Resize, Sampling, Transform,
};
use datasets::{ArrayDataset, Dataset, Draw, TargetMut, resize_bilinear};
use ndarray::{Array4, Axis};
use reference::{Comparison, Reference, deviation};
use serde_json::Value;
use tensor::Tensor;

const FILL: f32 = 40.0;

/// The transform of an image `[channels, rows, columns]`, by way of a dataset.
fn apply(transform: impl Transform, image: &Tensor) -> Tensor {
    let &[channels, rows, columns] = &image.shape()[..] else { panic!("three axes") };
    let images = Array4::from_shape_vec((1, channels, rows, columns), image.to_vec()).unwrap();
    let data = ArrayDataset::with_classes(images, vec![0], 1).unwrap().map(transform).unwrap();
    let mut result = Tensor::stale(data.input_shape());
    let target = TargetMut::Class(&mut [0]);
    data.fetch(Draw::default(), &[0], result.as_mut_slice(), target).unwrap();
    result
}

fn numbers<const N: usize>(case: &Value, name: &str) -> Option<[f64; N]> {
    let list = case[name].as_array()?;
    Some(std::array::from_fn(|i| list[i].as_f64().unwrap()))
}

fn sizes<const N: usize>(case: &Value, name: &str) -> [usize; N] {
    numbers(case, name).unwrap().map(|number: f64| number as usize)
}

fn affine(case: &Value) -> Affine {
    let mut affine = Affine::new();
    if let Some(degrees) = case["degrees"].as_f64() {
        affine = affine.rotate(degrees);
    }
    if let Some([right, down]) = numbers(case, "translate") {
        affine = affine.translate(right, down);
    }
    if let Some(scale) = case["scale"].as_f64() {
        affine = affine.scale(scale);
    }
    if let Some([x, y]) = numbers(case, "shear") {
        affine = affine.shear(x, y);
    }
    let sampling = match case["interpolation"].as_str() {
        Some("nearest") => Sampling::nearest(),
        _ => Sampling::bilinear(),
    };
    let edge = case["border"].as_str() == Some("edge");
    affine.sampling(sampling.border(if edge { Border::Edge } else { Border::Value(FILL) }))
}

fn pad(case: &Value) -> Pad {
    let [left, top, right, bottom] = sizes(case, "pad");
    Pad::new(left, top, right, bottom).mode(match case["mode"].as_str().unwrap() {
        "constant" => PadMode::Constant(FILL),
        "edge" => PadMode::Edge,
        "reflect" => PadMode::Reflect,
        "symmetric" => PadMode::Symmetric,
        other => panic!("no mode {other}"),
    })
}

/// The piece of this crate that a case is about, and it.
fn transform(case: &Value, output: &Tensor<f64>) -> (&'static str, Box<dyn Transform>) {
    match case["kind"].as_str().unwrap() {
        "affine" => ("Affine", Box::new(affine(case))),
        "resize" => ("Resize", Box::new(Resize::new(output.shape()[1], output.shape()[2]))),
        "flip" => ("HorizontalFlip", Box::new(HorizontalFlip)),
        "pad" => ("Pad", Box::new(pad(case))),
        "crop" => {
            let [top, left, rows, columns] = sizes(case, "crop");
            ("Crop", Box::new(Crop::new(top, left, rows, columns)))
        }
        "center_crop" => {
            let [rows, columns] = sizes(case, "size");
            ("CenterCrop", Box::new(CenterCrop::new(rows, columns)))
        }
        "erase" => {
            let [top, left, rows, columns] = sizes(case, "erase");
            ("Erase", Box::new(Erase::new(top, left, rows, columns).value(FILL)))
        }
        "rescale" => {
            let [scale, shift] = numbers(case, "to").unwrap();
            ("Rescale", Box::new(Rescale::new(scale, shift)))
        }
        "normalize" => {
            let [mean, std] = ["mean", "std"].map(|name| numbers::<3>(case, name).unwrap());
            ("Normalize", Box::new(Normalize::new(mean, std)))
        }
        other => panic!("no transform {other}"),
    }
}

/// Compares all cases; `tolerance` is relative to the largest number of the result.
fn compare(bytes: &[u8], tolerance: impl Fn(&Value) -> f64) {
    let file = Reference::open(bytes);
    for case in file.cases() {
        let name = case["name"].as_str().unwrap();
        let expected = file.tensor::<f64>(&format!("{name}/output"));
        let (piece, transform) = transform(case, &expected);
        let found = apply(transform, &file.tensor(&format!("{name}/input")));
        let what = case["kind"].as_str().unwrap();
        let row = Comparison::new("transform", piece, &file.peer());
        row.check(what, &found, &expected, 0.0, tolerance(case));
    }
}

/// SciPy computes in f64; the rest is the rounding of f32.
#[test]
fn scipy() {
    compare(include_bytes!("../reference/transforms_scipy.safetensors"), |_| 1e-6);
}

/// Pillow computes coordinates in f64 and pixels in f32.
#[test]
fn pillow() {
    compare(include_bytes!("../reference/transforms_pillow.safetensors"), |_| 1e-6);
}

/// MindSpore (OpenCV) looks for moved pixels on a grid of 1/32, so that they may be off by 1/64 of
/// the difference between neighbours in each direction. The images are smooth: neighbours differ
/// by up to a fifth of the range.
#[test]
fn mindspore() {
    let tolerance = |case: &Value| if case["kind"] == "affine" { 6e-3 } else { 1e-6 };
    compare(include_bytes!("../reference/transforms_mindspore.safetensors"), tolerance);
}

/// A quarter turn counter-clockwise carries the middle of the top to the left, exactly.
#[test]
fn positive_angles_are_counter_clockwise() {
    let image = Tensor::from_fn([1, 5, 5], |i| if i == 2 { 255.0 } else { 0.0 });
    let turned = apply(Affine::new().rotate(90.0), &image);
    let expected = Tensor::from_fn([1, 5, 5], |i| if i == 10 { 255.0 } else { 0.0 });
    assert_eq!(turned.as_slice(), expected.as_slice());
    deviation(
        "transform",
        "RandomAffine",
        "positive degrees turn clockwise, while RandomRotation's turn counter-clockwise",
        "positive degrees turn counter-clockwise everywhere",
        "one convention; ranges that are symmetric would hide the difference",
    );
    deviation(
        "transform",
        "RandomRotation, RandomAffine",
        "the nearest pixel unless `resample` is given",
        "bilinear interpolation unless `sampling` is given",
        "small images lose strokes to the nearest pixel",
    );
}

/// The transform and the function that resizes once are the same.
#[test]
fn resizing_when_drawn_is_resizing_before() {
    let image = Tensor::from_fn([2, 6, 7], |i| reference::formula(1, i) as f32);
    let found = apply(Resize::new(9, 4), &image);
    for channel in 0..2 {
        let plane = image.to_vec()[channel * 42..][..42].to_vec();
        let plane = ndarray::Array2::from_shape_vec((6, 7), plane).unwrap();
        let expected = resize_bilinear(&plane, 9, 4).unwrap();
        let found = &found.as_slice()[channel * 36..][..36];
        assert_eq!(expected.len_of(Axis(0)), 9);
        for (found, expected) in found.iter().zip(&expected) {
            assert!((found - expected).abs() < 1e-6, "{found} instead of {expected}");
        }
    }
}
