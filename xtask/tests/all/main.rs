//! `cargo xtask` as it is built first: it knows all commands, and has the rarer ones' program run.

use std::process::{Command, Output};

fn xtask(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(arguments);
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn run(arguments: &[&str]) -> Output {
    xtask(arguments).output().unwrap()
}

#[test]
fn the_help_lists_every_command() {
    let help = text(&run(&["--help"]).stdout);
    let commands = xtask::elsewhere::COMMANDS.map(|(name, _)| name);
    for name in ["train-lenet", "fetch-mnist", "eval", "help"].iter().chain(&commands) {
        assert!(help.contains(&format!("\n  {name} ")), "{name}: {help}");
    }
}

#[test]
fn a_misspelt_command_of_the_other_program_is_known_too() {
    let output = run(&["predictt", "a.png"]);
    assert_eq!(output.status.code(), Some(2));
    let expected = "error: unrecognized subcommand 'predictt'\n\n  tip: some similar \
                    subcommands exist: 'parity', 'predict'\n";
    assert!(text(&output.stderr).starts_with(expected), "{}", text(&output.stderr));
}

/// A cargo that prints what it was called with, and fails in its own way.
#[cfg(unix)]
fn printing_cargo() -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cargo");
    std::fs::write(&path, "#!/bin/sh\nprintf '%s\\n' \"$@\"\nexit 7\n").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

#[cfg(unix)]
#[test]
fn the_other_program_gets_every_word_and_gives_its_exit_code() {
    let cargo = printing_cargo();
    for line in [&["-q", "predict", "a b.png", "--json"][..], &["help", "report"]] {
        let output = xtask(line).env("CARGO", cargo.path().join("cargo")).output().unwrap();
        assert_eq!(output.status.code(), Some(7));
        let words = text(&output.stdout);
        let words: Vec<_> = words.lines().collect();
        assert_eq!(words[..2], ["run", "--release"]);
        assert!(words.windows(2).any(|pair| pair == ["--bin", "workbench"]), "{words:?}");
        let (_, arguments) = words.split_at(words.iter().position(|&word| word == "--").unwrap());
        assert_eq!(&arguments[1..], line);
    }
}

#[test]
fn a_machine_without_cargo_is_told() {
    let output = xtask(&["predict"]).env("CARGO", "/no/cargo").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let expected = "error: cargo cannot be run to build the program `workbench`: ";
    assert!(text(&output.stderr).starts_with(expected), "{}", text(&output.stderr));
}
