//! `train-lenet` as a person runs it: the program itself, on a few images of MNIST.

use crate::common::{self, Folder, stderr, stdout, succeed, train};
use serde_json::Value;
use std::fs;

#[test]
fn a_run_leaves_its_configuration_weights_and_history() {
    let folder = Folder::new();
    let out = folder.path("run");
    succeed(&mut train(&["--epochs", "2", "--out", &out]));
    assert_eq!(folder.names("run"), [".lock", "history.json", "run.json", "weights.safetensors"]);

    let run: Value = serde_json::from_slice(&folder.read("run/run.json")).unwrap();
    for (name, expected) in [
        ("version", Value::from(1)),
        ("network", "lenet5".into()),
        ("epochs", 2.into()),
        ("batch_size", 32.into()),
        ("learning_rate", 0.02.into()),
        ("schedule", "cosine".into()),
        ("momentum", 0.9.into()),
        ("seed", 1.into()),
        ("data_dir", common::data().to_str().into()),
    ] {
        assert_eq!(run[name], expected, "{name}");
    }
    assert!(run.get("checkpoint_every").is_none());
    let history: Value = serde_json::from_slice(&folder.read("run/history.json")).unwrap();
    assert_eq!(history["started"], run["started"]);
    assert_eq!(history["epochs"].as_array().unwrap().len(), 2);
    let isa = history["environment"]["isa"].as_str().unwrap();
    assert!(["avx512", "avx2", "portable"].contains(&isa), "{isa}");
}

/// The same command, twice, and with other numbers of threads.
#[test]
fn one_seed_gives_the_same_bytes() {
    let folder = Folder::new();
    let weights = |name: &str, arguments: &[&str]| {
        let out = folder.path(name);
        let run =
            ["--epochs", "2", "--batch-size", "100", "--learning-rate", "0.05", "--out", &out];
        succeed(common::few_images(&run).args(arguments));
        folder.read(&format!("{name}/weights.safetensors"))
    };
    let one = weights("one", &["--threads", "1"]);
    for threads in ["1", "2", "4"] {
        assert!(weights(threads, &["--threads", threads]) == one, "{threads} threads");
    }
    assert!(weights("seed", &["--seed", "2"]) != one);
}

/// A finished run says so, and stays as it is.
#[test]
fn a_finished_run_is_not_resumed() {
    let folder = Folder::new();
    let out = folder.path("run");
    let first =
        train(&["--epochs", "1", "--checkpoint-every", "4", "--out", &out]).output().unwrap();
    assert!(first.status.success(), "{}", stderr(&first));
    let before = folder.read("run/history.json");
    let again = succeed(&mut train(&["--resume", &out]));
    assert_eq!(
        stderr(&again),
        format!("the run in {out} is finished, after 1 epoch; nothing is left to do\n")
    );
    assert_eq!(stdout(&again).lines().last(), stdout(&first).lines().last());
    assert_eq!(folder.read("run/history.json"), before);

    // A new run takes its place, checkpoints included.
    succeed(&mut train(&["--epochs", "1", "--out", &out]));
    assert_eq!(folder.names("run"), [".lock", "history.json", "run.json", "weights.safetensors"]);
}

#[test]
fn options_that_contradict_the_run_are_told() {
    let folder = Folder::new();
    let out = folder.path("run");
    succeed(&mut train(&["--epochs", "1", "--out", &out]));
    for (option, given, kept) in [
        ("network", "classic", "lenet5"),
        ("epochs", "2", "1"),
        ("batch-size", "16", "32"),
        ("learning-rate", "0.1", "0.02"),
        ("schedule", "linear", "cosine"),
        ("momentum", "0.5", "0.9"),
        ("seed", "7", "1"),
    ] {
        let option = format!("--{option}");
        let refused = train(&["--resume", &out, &option, given]).output().unwrap();
        assert_eq!(refused.status.code(), Some(1));
        assert_eq!(
            stderr(&refused),
            format!(
                "error: {option} {given} contradicts --resume {out}, a run that began with {option} \
                 {kept}; leave {option} out, or train anew without --resume\n"
            )
        );
        succeed(&mut train(&["--resume", &out, &option, kept]));
    }
    let both = train(&["--resume", &out, "--out", &out]).output().unwrap();
    assert_eq!(both.status.code(), Some(2));
    let text = stderr(&both);
    assert!(text.contains("'--resume <DIR>' cannot be used with '--out <DIR>'"), "{text}");
}

#[test]
fn a_run_is_not_resumed_with_other_data() {
    let folder = Folder::new();
    let out = folder.path("run");
    succeed(&mut train(&["--epochs", "1", "--out", &out]));
    fs::remove_file(folder.file("run/history.json")).unwrap();
    let other = folder.path("other");
    fs::create_dir(&other).unwrap();
    common::write_data(other.as_ref(), 1);
    let refused = common::program(&["--resume", &out, "--data-dir", &other]).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    let text = stderr(&refused);
    let start = format!("error: the data in {other} (checksum ");
    assert!(text.starts_with(&start), "{text}");
    assert!(text.ends_with("; name the folder of those with --data-dir\n"), "{text}");
    assert!(text.contains(&format!(") are not those that the run in {out} began with (checksum ")));
}
