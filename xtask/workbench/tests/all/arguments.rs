//! What a person reads whose command cannot be run: exit code 2 where its words are wrong, 1 where
//! what they ask for cannot be had. Nothing goes to standard output then.

use crate::common::{stderr, stdout};
use std::process::Command;

/// The code and the text that a command line ends with.
fn says(line: &str) -> (Option<i32>, String) {
    let output =
        Command::new(env!("CARGO_BIN_EXE_workbench")).args(line.split(' ')).output().unwrap();
    assert_eq!(stdout(&output), "", "{line}");
    (output.status.code(), stderr(&output))
}

#[test]
fn words_that_are_no_command() {
    let cases = [
        (
            "train-lenett",
            "unrecognized subcommand 'train-lenett'\n\n  tip: a similar subcommand exists: \
             'train-lenet'\n\nUsage: cargo xtask [OPTIONS] <COMMAND>",
        ),
        (
            "train-lenet --epochs 0",
            "invalid value '0' for '--epochs <N>': expected a whole number, at least 1",
        ),
        (
            "train-lenet --learning-rate -1",
            "invalid value '-1' for '--learning-rate <RATE>': expected a finite number above 0",
        ),
        (
            "train-lenet --learning-rate nan",
            "invalid value 'nan' for '--learning-rate <RATE>': expected a finite number above 0",
        ),
        (
            "train-lenet --schedule cosin",
            "invalid value 'cosin' for '--schedule <SCHEDULE>'\n  [possible values: constant, \
             cosine, linear]\n\n  tip: a similar value exists: 'cosine'",
        ),
        (
            "train-lenet --network lenet6",
            "invalid value 'lenet6' for '--network <NETWORK>'\n  [possible values: lenet5, \
             classic]\n\n  tip: a similar value exists: 'lenet5'",
        ),
        (
            "summary --input 1xax3",
            "invalid value '1xax3' for '--input <SHAPE>': expected whole numbers with x between, \
             as 1x32x32",
        ),
        (
            "find-lr --steps 0",
            "invalid value '0' for '--steps <N>': expected a whole number, at least 1",
        ),
        (
            "explain-backprop --activation sigmoyd",
            "invalid value 'sigmoyd' for '--activation <ACTIVATION>'\n  [possible values: relu, \
             sigmoid, tanh]\n\n  tip: a similar value exists: 'sigmoid'",
        ),
        ("explain-backprop --inputs 0", "invalid value '0' for '--inputs <N>': 0 is not in 1..=4"),
        (
            "generalisation --wrong-labels -0.1",
            "invalid value '-0.1' for '--wrong-labels <SHARE>': expected a number from 0 to 1",
        ),
        (
            "fetch-mnist --dataset cifar",
            "invalid value 'cifar' for '--dataset <NAME>'\n  [possible values: mnist, \
             fashion-mnist, kmnist]",
        ),
    ];
    for (line, expected) in cases {
        let expected = format!("error: {expected}\n\nFor more information, try '--help'.\n");
        assert_eq!(says(line), (Some(2), expected), "{line}");
    }
}

#[test]
fn what_cannot_be_had() {
    let cases = [
        (
            "train-lenet --data-dir /nowhere",
            "the MNIST files were not found; looked in\n  `/nowhere` (the folder given): no such \
             folder\nget them with `cargo xtask fetch-mnist`, or name the folder that holds them",
        ),
        // Told once, though it is an error in an error.
        (
            "summary --input 1x28x28",
            "fc1: linear: input has 256 features, weight expects 400 (input [1, 256], weight [120, \
             400]); 16·5·5 = 400 expected, got 16·4·4 = 256: resize what the network is fed, or \
             make this layer Dense::new(256, 120)",
        ),
        ("find-lr --from 1 --to 0.1", "range_lr: to is 0.1, expected more than from, 1"),
        ("explain-backprop --learning-rate 0", "--learning-rate 0: expected a number above 0"),
        (
            "figures --only nothing",
            "--only nothing: no figure's name contains that; there are activations, \
             decision-regions, lenet5-training",
        ),
        (
            "chapter --only nosuch",
            "CHAPTER.md has no command with \"nosuch\"; --list shows those that it has",
        ),
    ];
    for (line, expected) in cases {
        assert_eq!(says(line), (Some(1), format!("error: {expected}\n")), "{line}");
    }
}
