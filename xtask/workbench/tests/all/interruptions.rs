//! What a run does when it is asked to end, and when its folder cannot take its files.

use crate::common::{Folder, stderr, stdout, succeed, train};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// As the shell's `kill`.
fn send(signal: &str, child: &Child) {
    let status = Command::new("kill").args([format!("-{signal}"), child.id().to_string()]).status();
    assert!(status.unwrap().success());
}

/// A run that has come to its second epoch, and the rest of what it will say.
fn under_way(arguments: &[&str]) -> (Child, BufReader<std::process::ChildStderr>) {
    let mut child = train(arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("epoch 1/") {
        line.clear();
        assert!(lines.read_line(&mut line).unwrap() > 0, "it ended before its second epoch");
    }
    (child, lines)
}

/// The rest of the text.
fn rest(mut lines: impl BufRead) -> String {
    let mut text = String::new();
    lines.read_to_string(&mut text).unwrap();
    text
}

/// The last three lines say what was saved and how to go on.
#[test]
fn a_signal_saves_the_run_and_says_how_to_go_on() {
    let folder = Folder::new();
    let run = ["--epochs", "60", "--seed", "3"];
    let whole = folder.path("whole");
    succeed(train(&run).args(["--out", &whole]));
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let out = folder.path(signal);
        let mut arguments = run.to_vec();
        arguments.extend(["--out", &out]);
        let (mut child, lines) = under_way(&arguments);
        send(signal, &child);
        assert_eq!(child.wait().unwrap().code(), Some(code));
        let text = rest(lines);
        let at = text.find("interrupted after epoch ").expect(&text);
        let (what, how) = text[at..].split_once('\n').unwrap();
        assert!(what.ends_with(", which is saved; to go on:"), "{text}");
        assert_eq!(how, format!("  cargo xtask train-lenet --resume {out}\n"));
        assert_eq!(folder.names(&format!("{signal}/checkpoints")).len(), 1);

        let resumed = succeed(&mut train(&["--resume", &out]));
        assert!(stderr(&resumed).contains("\nresuming   after epoch "), "{}", stderr(&resumed));
        let weights = |run: &str| folder.read(&format!("{run}/weights.safetensors"));
        assert!(weights(signal) == weights("whole"), "{signal}: other weights");
    }
}

/// Nobody reads what it prints, so that it waits within its first step and cannot act on a signal.
#[test]
fn a_second_signal_ends_it_at_once() {
    let folder = Folder::new();
    let out = folder.path("run");
    let (reader, mut full) = std::io::pipe().unwrap();
    let stdout = full.try_clone().unwrap();
    // Ends with the reader.
    let filling = std::thread::spawn(move || while full.write_all(&[b'\n'; 4096]).is_ok() {});
    let run = ["--batch-size", "320", "--out", &out];
    let mut child = train(&run).stdout(stdout).stderr(Stdio::null()).spawn().unwrap();
    // The folder is made after signals are watched.
    while !folder.file("run/checkpoints").exists() {
        assert!(child.try_wait().unwrap().is_none(), "it ended before its first step");
        std::thread::sleep(Duration::from_millis(5));
    }
    send("INT", &child);
    std::thread::sleep(Duration::from_millis(100));
    assert!(child.try_wait().unwrap().is_none(), "the first signal waits for the step");
    send("TERM", &child);
    assert_eq!(child.wait().unwrap().code(), Some(143));
    assert!(folder.names("run/checkpoints").is_empty());
    drop(reader);
    filling.join().unwrap();
}

#[test]
fn two_runs_do_not_share_a_folder() {
    let folder = Folder::new();
    let out = folder.path("run");
    let (mut child, _lines) = under_way(&["--epochs", "100000", "--out", &out]);
    for arguments in [["--resume", &out], ["--out", &out]] {
        let refused = train(&arguments).output().unwrap();
        assert_eq!(refused.status.code(), Some(1));
        assert_eq!(
            stderr(&refused),
            format!(
                "error: {out}: another process is training in this folder; wait for its end, or \
                 choose another folder\n"
            )
        );
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

/// An unfinished run is not overwritten, and one without a checkpoint goes on from its first step.
#[test]
fn an_unfinished_run_is_kept() {
    let folder = Folder::new();
    let out = folder.path("run");
    let run = ["--epochs", "2", "--checkpoint-every", "3", "--out", &out];
    succeed(&mut train(&run));
    let weights = folder.read("run/weights.safetensors");
    fs::remove_file(folder.file("run/history.json")).unwrap();
    let refused = train(&run).output().unwrap();
    assert_eq!(
        stderr(&refused).lines().last().unwrap(),
        format!(
            "error: {out} holds an unfinished run, which --resume {out} finishes; choose another \
             folder for a new one, or delete {out}/checkpoints"
        )
    );

    fs::remove_dir_all(folder.file("run/checkpoints")).unwrap();
    fs::remove_file(folder.file("run/weights.safetensors")).unwrap();
    let resumed = succeed(&mut train(&["--resume", &out]));
    assert!(folder.read("run/weights.safetensors") == weights);
    assert!(stdout(&resumed).contains("epoch: 1 step: 10, loss is "), "{}", stdout(&resumed));
}

#[test]
fn a_damaged_checkpoint_is_left_out() {
    let folder = Folder::new();
    let out = folder.path("run");
    let run = ["--epochs", "2", "--checkpoint-every", "3", "--out", &out];
    succeed(&mut train(&run));
    let weights = folder.read("run/weights.safetensors");
    let checkpoints = ["step-000000015.safetensors", "step-000000018.safetensors"];
    assert_eq!(folder.names("run/checkpoints"), checkpoints);
    let newest = folder.file("run/checkpoints").join(checkpoints[1]);
    let mut bytes = fs::read(&newest).unwrap();
    bytes.pop();
    fs::write(&newest, bytes).unwrap();
    fs::remove_file(folder.file("run/history.json")).unwrap();

    let resumed = succeed(&mut train(&["--resume", &out]));
    let text = stderr(&resumed);
    let expected = format!(
        "resuming   after epoch 2, step 5, from {out}/checkpoints/{}\nleft out   {}: this is not a \
         whole training checkpoint: ",
        checkpoints[0],
        newest.display()
    );
    assert!(text.contains(&expected), "{text}");
    assert!(folder.read("run/weights.safetensors") == weights);

    // With no good one left, that is told.
    fs::remove_file(folder.file("run/history.json")).unwrap();
    for name in folder.names("run/checkpoints") {
        fs::write(folder.file("run/checkpoints").join(name), "").unwrap();
    }
    let refused = train(&["--resume", &out]).output().unwrap();
    let start = format!(
        "error: no checkpoint of the run can be read; to train from its first step, delete \
         {out}/checkpoints: "
    );
    assert!(stderr(&refused).starts_with(&start), "{}", stderr(&refused));
}

/// Files may not grow beyond a size that weights have, but training checkpoints do not: as on a
/// disk that is full.
#[test]
fn a_full_disk_loses_nothing() {
    let folder = Folder::new();
    let (whole, out) = (folder.path("whole"), folder.path("run"));
    let run = ["--epochs", "2", "--checkpoint-every", "7"];
    succeed(train(&run).args(["--out", &whole]));
    // An earlier run in the same folder.
    succeed(&mut train(&["--epochs", "2", "--out", &out]));
    let earlier = folder.read("run/weights.safetensors");

    let inner = train(&run);
    let mut limited = Command::new("sh");
    // In units of 512 bytes; the weights take 247 kB, a checkpoint twice that.
    limited.args(["-c", "trap '' XFSZ; ulimit -f 700; exec \"$@\"", "sh"]).arg(inner.get_program());
    limited
        .args(inner.get_args())
        .args(["--out", &out])
        .env("SPORELET_DATA_DIR", crate::common::data());
    let full = limited.output().unwrap();
    assert_eq!(full.status.code(), Some(1));
    let text = stderr(&full);
    let expected = format!(
        "error: `{out}/checkpoints/step-000000007.safetensors`: cannot write the file: File too large \
         (os error 27)\nwhen that is mended, the run goes on by\n  cargo xtask train-lenet --resume \
         {out}\n"
    );
    assert!(text.ends_with(&expected), "{text}");
    assert!(folder.names("run/checkpoints").is_empty(), "no half file");
    assert!(folder.read("run/weights.safetensors") == earlier);

    succeed(&mut train(&["--resume", &out]));
    assert!(folder.read("run/weights.safetensors") == folder.read("whole/weights.safetensors"));
}

/// A folder that is a file, since one without permissions stops everyone but root.
#[test]
fn a_folder_that_cannot_be_written_is_told_before_training() {
    let folder = Folder::new();
    fs::write(folder.file("file"), "").unwrap();
    let out = folder.path("file/run");
    let refused = train(&["--out", &out]).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert_eq!(
        stderr(&refused),
        format!("error: --out {out}: the folder cannot be made: Not a directory (os error 20)\n")
    );
    let refused = train(&["--resume", &out]).output().unwrap();
    assert_eq!(
        stderr(&refused),
        format!(
            "error: {out}/run.json: no run can be read there; cargo xtask train-lenet --out makes \
             one: Not a directory (os error 20)\n"
        )
    );
}
