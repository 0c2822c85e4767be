//! A run that is killed at any moment, and resumed, ends with the bytes of one that was not.

use crate::common::{Folder, stderr, succeed, train};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};
use tensor::random::Stream;
use train::TrainingCheckpoint;

/// Sixty steps, each followed by a checkpoint.
const RUN: [&str; 8] =
    ["--epochs", "6", "--checkpoint-every", "1", "--learning-rate", "0.05", "--seed", "5"];

/// When a process is killed.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// So long after it began.
    After(Duration),
    /// As soon as the temporary file of a checkpoint is seen, after so many others.
    InSave(u32),
}

#[test]
fn killed_at_any_moment_it_ends_with_the_same_bytes() {
    let kills = std::env::var("SPORELET_KILLS").map_or(5, |kills| kills.parse().unwrap());
    let folder = Folder::new();
    let whole = folder.path("whole");
    let start = Instant::now();
    succeed(train(&RUN).args(["--out", &whole]));
    let takes = start.elapsed();
    let expected = folder.read("whole/weights.safetensors");
    let history = epochs(&folder.file("whole/history.json"));

    let mut random = Stream::new(std::process::id().into(), "kills", 0, 0);
    let (mut killed, mut in_save, mut runs) = (0, 0, 0);
    while killed < kills {
        let name = format!("run-{runs}");
        let out = folder.path(&name);
        let checkpoints = folder.file(&name).join("checkpoints");
        let mut reached = 0;
        loop {
            let begun = folder.file(&name).join("run.json").exists();
            let mut command = if begun { train(&["--resume", &out]) } else { train(&RUN) };
            if !begun {
                command.args(["--out", &out]);
            }
            let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
            let share = random.uniform();
            let moment = if killed % 2 == 0 {
                Moment::After(takes.mul_f64(share))
            } else {
                Moment::InSave((8.0 * share) as u32)
            };
            if !kill(child, moment, &checkpoints) {
                break;
            }
            killed += 1;
            in_save += u32::from(half_written(&checkpoints));
            // Whatever the moment was, the newest checkpoint is whole, and nothing is lost.
            let newest = TrainingCheckpoint::newest(&checkpoints).unwrap();
            let step = newest.as_ref().map_or(0, TrainingCheckpoint::global_step);
            assert!(newest.is_none_or(|newest| newest.skipped().is_empty()), "{moment:?}");
            assert!(step >= reached, "{moment:?}: step {step}, it was {reached} before");
            reached = step;
        }
        assert_eq!(folder.read(&format!("{name}/weights.safetensors")), expected, "{name}");
        assert_eq!(epochs(&folder.file(&format!("{name}/history.json"))), history, "{name}");
        for folder in [&checkpoints, &folder.file(&name)] {
            assert!(!half_written(folder), "{}: temporary files are left", folder.display());
        }
        runs += 1;
    }
    println!("{killed} kills, {in_save} of them within a save, in {runs} runs");
}

/// Whether the process could be killed before it came to its end, which has to be a good one.
fn kill(mut child: Child, moment: Moment, checkpoints: &Path) -> bool {
    let start = Instant::now();
    let mut saves = 0;
    let mut seen = false;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            let output = child.wait_with_output().unwrap();
            assert!(status.success(), "{moment:?}: {}", stderr(&output));
            return false;
        }
        let now = match moment {
            Moment::After(time) => start.elapsed() >= time,
            Moment::InSave(wanted) => {
                let saving = half_written(checkpoints);
                saves += u32::from(saving && !seen);
                seen = saving;
                saves > wanted
            }
        };
        if now {
            child.kill().unwrap();
            // It may have come to its end a moment before.
            return !child.wait().unwrap().success();
        }
        if let Moment::After(_) = moment {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Whether there is a temporary file, as while a checkpoint is written.
fn half_written(checkpoints: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(checkpoints) else { return false };
    entries.flatten().any(|entry| entry.path().extension().is_some_and(|end| end == "tmp"))
}

/// What the history tells of the epochs, but for how long they took.
fn epochs(path: &Path) -> serde_json::Value {
    let mut history: serde_json::Value =
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    for epoch in history["epochs"].as_array_mut().unwrap() {
        for time in ["seconds", "evaluation_seconds"] {
            assert!(epoch[time].as_f64().unwrap() > 0.0);
            epoch[time] = 0.into();
        }
    }
    history["epochs"].take()
}
