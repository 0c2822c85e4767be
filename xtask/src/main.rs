//! `cargo xtask`: the project's commands.
#![forbid(unsafe_code)]

use clap::{CommandFactory, FromArgMatches};
use std::ffi::OsString;
use std::process::ExitCode;
use xtask::command_line::{Command, CommandLine};
use xtask::{elsewhere, output};

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    if elsewhere::concerns(&arguments) {
        return match elsewhere::WORKBENCH.run(arguments) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                output::error(format_args!("{error:#}"));
                ExitCode::FAILURE
            }
        };
    }
    // For the list of commands, and for what is said of a word that is none.
    let others = elsewhere::COMMANDS.map(|(name, about)| clap::Command::new(name).about(about));
    let matches = CommandLine::<Command>::command().subcommands(others).get_matches();
    match CommandLine::<Command>::from_arg_matches(&matches) {
        Ok(line) => line.run(|command| command.run(&elsewhere::report)),
        Err(error) => error.exit(),
    }
}
