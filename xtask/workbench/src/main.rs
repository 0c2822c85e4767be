//! All of `cargo xtask`: the commands of the package `xtask`, and the rarer ones.
#![forbid(unsafe_code)]

mod activations;
mod bench;
mod chapter;
mod completions;
mod curves;
mod explain_backprop;
mod export;
mod figures;
mod generalisation;
mod import;
mod parity;
mod playground;
mod predict;
mod report;

use clap::{CommandFactory, Parser, Subcommand};
use std::process::ExitCode;
use xtask::command_line::{self, CommandLine};

// Where there are numbers, a negative one is a value to be refused, not an option that does not exist.
#[derive(Debug, Subcommand)]
enum Command {
    #[command(flatten)]
    First(command_line::Command),
    Bench(bench::Args),
    Chapter(chapter::Args),
    Completions(completions::Args),
    #[command(allow_negative_numbers = true)]
    ExplainBackprop(explain_backprop::Args),
    Export(export::Args),
    Figures(figures::Args),
    #[command(allow_negative_numbers = true)]
    Generalisation(generalisation::Args),
    Import(import::Args),
    Parity(parity::Args),
    Playground(playground::Args),
    Predict(predict::Args),
    Report(report::Args),
}

fn main() -> ExitCode {
    CommandLine::<Command>::parse().run(|command| match command {
        Command::First(command) => {
            command.run(&|folder, data_dir| report::write(folder, data_dir, None))
        }
        Command::Bench(args) => bench::run(&args),
        Command::Chapter(args) => chapter::run(&args),
        Command::Completions(args) => {
            completions::run(&args, &mut CommandLine::<Command>::command())
        }
        Command::ExplainBackprop(args) => explain_backprop::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Figures(args) => figures::run(&args),
        Command::Generalisation(args) => generalisation::run(&args),
        Command::Import(args) => import::run(&args),
        Command::Parity(args) => parity::run(&args),
        Command::Playground(args) => playground::run(&args),
        Command::Predict(args) => predict::run(&args),
        Command::Report(args) => report::run(&args),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_other_program_lists_the_commands_of_this_one() {
        let all = CommandLine::<Command>::command();
        let first = CommandLine::<command_line::Command>::command();
        let mine: Vec<_> = all
            .get_subcommands()
            .filter(|command| first.find_subcommand(command.get_name()).is_none())
            .map(|command| (command.get_name(), command.get_about().unwrap().to_string()))
            .collect();
        let listed = xtask::elsewhere::COMMANDS.map(|(name, about)| (name, about.to_owned()));
        assert_eq!(mine, listed);
    }
}
