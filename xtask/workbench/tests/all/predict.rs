//! `cargo xtask predict` and `eval`, as programs.

use crate::common::root;
use layers::{LeNet5, ModuleExt};
use serde_json::Value;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// A folder with weights, which are drawn and not trained.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut network = LeNet5::new();
    network.initialize(1).unwrap();
    train::save_weights(&network, folder.path().join("weights.safetensors")).unwrap();
    folder
}

fn run(folder: &Path, arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_workbench"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

/// A thick 1, or an empty sheet, in the PGM format.
fn picture(ink: u8) -> Vec<u8> {
    let pixel = |i: usize| {
        if (8..32).contains(&(i / 40)) && (18..22).contains(&(i % 40)) { ink } else { 255 }
    };
    b"P5 40 40 255\n".iter().copied().chain((0..1600).map(pixel)).collect()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn what_can_be_read_is_read_and_the_rest_is_reported() {
    let folder = folder();
    let path = folder.path();
    std::fs::create_dir(path.join("scans")).unwrap();
    std::fs::create_dir(path.join("none")).unwrap();
    std::fs::write(path.join("scans/b.pgm"), picture(0)).unwrap();
    std::fs::write(path.join("scans/a.PGM"), picture(0)).unwrap();
    std::fs::write(path.join("scans/notes.txt"), "not a picture").unwrap();
    std::fs::write(path.join("empty.pgm"), picture(255)).unwrap();
    std::fs::write(path.join("broken.png"), "x").unwrap();
    let arguments = [
        "predict",
        "--weights",
        ".",
        "--brief",
        "missing.png",
        "scans",
        "none",
        "empty.pgm",
        "broken.png",
        "-",
    ];
    let output = run(path, &arguments, &picture(0));
    assert_eq!(output.status.code(), Some(1));
    let lines: Vec<_> = text(&output.stdout).lines().collect();
    let names: Vec<_> = lines.iter().map(|line| line.split('\t').next().unwrap()).collect();
    assert_eq!(names, ["scans/a.PGM", "scans/b.pgm", "-"]);
    let digits: Vec<_> = lines.iter().map(|line| line.split_once('\t').unwrap().1).collect();
    assert!(digits.iter().all(|digit| *digit == digits[0]), "{digits:?}");
    let errors: Vec<_> = text(&output.stderr).lines().collect();
    assert_eq!(errors[0], "lenet5 from ./weights.safetensors");
    assert_eq!(
        errors[1],
        "error: missing.png: cannot be read: No such file or directory (os error 2)"
    );
    assert_eq!(
        errors[2],
        "error: none: no pictures in this folder, expected files that end in .png, .jpg, .jpeg, \
         .pgm, .ppm, .pbm, .pnm"
    );
    assert_eq!(
        errors[3],
        "error: empty.pgm: nothing is drawn here, expected a digit that stands out from its background"
    );
    assert!(
        errors[4].starts_with("error: broken.png: not a PNG, JPEG or PNM image: "),
        "{}",
        errors[4]
    );
    assert_eq!(errors[5], "error: 4 of 7 pictures could not be read");
    assert_eq!(errors.len(), 6);
}

#[test]
fn json_is_an_array_of_all_pictures() {
    let folder = folder();
    std::fs::write(folder.path().join("one.pgm"), picture(0)).unwrap();
    let output =
        run(folder.path(), &["predict", "--weights", ".", "--json", "one.pgm", "two.pgm"], b"");
    assert_eq!(output.status.code(), Some(1));
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&value[0]["file"], &value[1]["file"]), (&"one.pgm".into(), &"two.pgm".into()));
    let sum: f64 =
        value[0]["probabilities"].as_array().unwrap().iter().map(|p| p.as_f64().unwrap()).sum();
    assert!((sum - 1.0).abs() < 1e-5);
    assert_eq!(value[1]["error"], "cannot be read: No such file or directory (os error 2)");
}

#[test]
fn eval_counts_every_test_image() {
    let folder = folder();
    let data = root().join("data/mnist");
    let arguments = ["eval", "--weights", ".", "--json", "--data-dir", data.to_str().unwrap()];
    let output = run(folder.path(), &arguments, b"");
    assert!(output.status.success(), "{}", text(&output.stderr));
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    let rows = value["confusion_matrix"].as_array().unwrap().iter();
    let rows: Vec<Vec<f64>> =
        rows.map(|row| serde_json::from_value(row.clone()).unwrap()).collect();
    let right: f64 = (0..10).map(|digit| rows[digit][digit]).sum();
    assert_eq!(rows.iter().flatten().sum::<f64>(), 10_000.0);
    assert_eq!(value["accuracy"].as_f64().unwrap(), right / 10_000.0);
    assert_eq!(value["images"], 10_000);
}
