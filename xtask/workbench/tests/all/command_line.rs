//! The command line as a whole: helps, the README's table of commands, streams and exit codes.

use crate::common::{Folder, root, run, stderr, stdout, succeed, train};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::Read;
use std::process::Stdio;

fn help(arguments: &[&str]) -> String {
    stdout(&succeed(&mut run(&[arguments, &["--help"]].concat())))
}

/// The names under `Commands:`.
fn commands() -> BTreeSet<String> {
    let text = help(&[]);
    let (_, list) = text.split_once("Commands:\n").unwrap();
    let (list, _) = list.split_once("\n\n").unwrap();
    let names = list.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    names.filter(|name| !name.is_empty() && *name != "help").map(str::to_owned).collect()
}

#[test]
fn every_command_has_a_help_with_examples() {
    assert!(commands().len() > 10);
    for name in commands() {
        let text = help(&[&name]);
        assert!(text.contains(&format!("Usage: cargo xtask {name}")), "{text}");
        let (_, examples) = text.split_once("Examples:\n").unwrap_or_else(|| panic!("{text}"));
        assert!(examples.contains(&format!("cargo xtask {name}")), "{text}");
        assert!(text.contains("--quiet"), "{text}");
    }
}

#[test]
fn the_readme_has_every_command_with_options_that_exist() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let mut listed = BTreeSet::new();
    for row in readme.lines().filter_map(|line| line.strip_prefix("| `cargo xtask ")) {
        let (usage, what) = row.split_once("` |").unwrap();
        let name = usage.split(' ').next().unwrap();
        listed.insert(name.to_owned());
        let text = help(&[name]);
        for option in what.split("`--").skip(1) {
            let option = option.split(['`', ' ']).next().unwrap();
            assert!(text.contains(&format!("--{option}")), "{name} --{option}: {text}");
        }
    }
    assert_eq!(listed, commands());
}

#[test]
fn exit_codes_tell_failure_from_wrong_usage() {
    let code = |arguments: &[&str]| run(arguments).output().unwrap().status.code();
    assert_eq!(code(&["summary"]), Some(0));
    assert_eq!(code(&["summary", "--input", "1x28x28"]), Some(1));
    assert_eq!(code(&["summary", "--input", "28"]), Some(1));
    assert_eq!(code(&["summary", "--input", "a"]), Some(2));
    assert_eq!(code(&["no-such-command"]), Some(2));
    assert_eq!(code(&["summary", "--no-such-option"]), Some(2));
    let text = help(&[]);
    let codes = "Exit codes: 0 done, 1 failed, 2 wrong usage; 130 and 143 where a signal ended it.";
    assert!(text.split_whitespace().collect::<Vec<_>>().join(" ").contains(codes), "{text}");
}

#[test]
fn results_are_all_that_is_on_standard_output() {
    let folder = Folder::new();
    let out = folder.path("run");
    let trained = succeed(&mut train(&["--epochs", "1", "--out", &out]));
    for line in stdout(&trained).lines() {
        let starts = ["epoch: 1 step: ", "Eval result: epoch 1, metrics: {", "test accuracy: 0."];
        assert!(starts.iter().any(|start| line.starts_with(start)), "{line}");
    }
    let told = stderr(&trained);
    for line in [
        format!("weights  {out}/weights.safetensors\n"),
        format!("history  {out}/history.json\n"),
        format!("next     cargo xtask report {out}\n"),
    ] {
        assert!(told.contains(&line), "{told}");
    }
    assert!(!told.contains('\u{1b}'), "colours and bars are for terminals: {told}");
    let quiet = succeed(&mut train(&["--epochs", "1", "--out", &out, "--quiet"]));
    assert_eq!(
        (stderr(&quiet), stdout(&quiet).lines().count()),
        (String::new(), stdout(&trained).lines().count())
    );
}

#[test]
fn errors_are_told_in_spite_of_quiet_and_without_colours() {
    let failed = run(&["summary", "--input", "1x28x28", "-q"]).output().unwrap();
    let text = stderr(&failed);
    assert!(text.starts_with("error: fc1: "), "{text:?}");
    assert_eq!(text.matches("256 features").count(), 1, "{text:?}");
    let mut coloured = run(&["summary", "--input", "1x28x28"]);
    let text = stderr(&coloured.env("CLICOLOR_FORCE", "1").output().unwrap());
    assert!(text.starts_with("\u{1b}[1m\u{1b}[31merror:\u{1b}[0m fc1: "), "{text:?}");
    let text =
        stderr(&coloured.env_remove("CLICOLOR_FORCE").env("NO_COLOR", "1").output().unwrap());
    assert!(text.starts_with("error: fc1: "), "{text:?}");
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let folder = Folder::new();
    let out = folder.path("run");
    let mut long = train(&["--epochs", "1", "--out", &out]);
    for command in [&mut run(&["summary"]), &mut run(&["completions", "bash"]), &mut long] {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut told = String::new();
        child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
        assert!(child.wait().unwrap().success(), "{command:?}: {told}");
        assert!(!told.contains("panicked") && !told.contains("error"), "{command:?}: {told}");
    }
    assert!(folder.file("run/history.json").is_file());
}

#[test]
fn json_is_one_document() {
    let parsed = |text: String| serde_json::from_str::<Value>(&text).unwrap();
    let summary = parsed(stdout(&succeed(&mut run(&["summary", "--json"]))));
    assert_eq!(summary["parameters"], 61_706);
    assert_eq!(summary["layers"][0]["output"], serde_json::json!([1, 6, 28, 28]));
    let folder = Folder::new();
    let out = folder.path("run");
    let results = parsed(stdout(&succeed(&mut train(&["--epochs", "1", "--json", "--out", &out]))));
    let history: Value = serde_json::from_slice(&folder.read("run/history.json")).unwrap();
    assert_eq!(results["test_accuracy"], history["test_accuracy"]);
    assert_eq!(results["weights"], format!("{out}/weights.safetensors"));
    let plot = folder.path("plot.svg");
    let mut finder =
        run(&["find-lr", "--steps", "40", "--from", "0.001", "--json", "--out", &plot]);
    let found = parsed(stdout(&succeed(finder.env("SPORELET_DATA_DIR", crate::common::data()))));
    let points = found["points"].as_array().unwrap();
    assert!(points.iter().any(|point| point["learning_rate"] == found["learning_rate"]));
}

#[test]
fn every_command_is_completed() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = stdout(&succeed(&mut run(&["completions", shell])));
        for name in commands() {
            assert!(script.contains(&name), "{shell}: {name}");
        }
        assert!(script.contains("cargo xtask"), "{shell}: the function");
    }
    let script = stdout(&succeed(&mut run(&["completions", "bash"])));
    // Where there is a bash, it completes.
    let question = format!(
        "{script}\nCOMP_WORDS=(xtask train); COMP_CWORD=1; _xtask xtask train xtask; echo \"${{COMPREPLY[@]}}\""
    );
    if let Ok(answer) = std::process::Command::new("bash").args(["-c", &question]).output() {
        assert_eq!(stdout(&answer), "train-lenet\n", "{}", stderr(&answer));
    }
}
