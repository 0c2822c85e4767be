//! `cargo xtask`: the project's commands.
#![forbid(unsafe_code)]

mod activations;
mod bench;
mod chapter;
mod chart;
mod ci;
mod completions;
mod curves;
mod eval;
mod explain_backprop;
mod export;
mod fetch_mnist;
mod figures;
mod find_lr;
mod generalisation;
mod host;
mod import;
mod network;
mod output;
mod parity;
mod playground;
mod predict;
mod progress;
mod reader;
mod report;
mod summary;
mod train_lenet;
mod workspace;

use clap::{CommandFactory, Parser, Subcommand};
use std::process::ExitCode;

/// Sporelet's commands: train small networks, look into them, measure.
#[derive(Debug, Parser)]
#[command(name = "xtask", bin_name = "cargo xtask", version, arg_required_else_help = true)]
#[command(after_help = "Examples:
  cargo xtask train-lenet --report    # about 99 % of the test digits in a few seconds
  cargo xtask help train-lenet
  eval \"$(cargo xtask completions bash)\"

Results go to standard output, everything else to standard error. Exit codes: 0 done, 1 failed, \
2 wrong usage; 130 and 143 where a signal ended it. NO_COLOR=1 switches colours off.")]
struct Cli {
    /// Print nothing but results and errors.
    #[arg(long, short, global = true)]
    quiet: bool,
    #[command(subcommand)]
    command: Command,
}

// Where there are numbers, a negative one is a value to be refused, not an option that does not exist.
#[derive(Debug, Subcommand)]
enum Command {
    #[command(allow_negative_numbers = true)]
    TrainLenet(train_lenet::Args),
    FetchMnist(fetch_mnist::Args),
    Summary(summary::Args),
    Bench(bench::Args),
    Figures(figures::Args),
    #[command(allow_negative_numbers = true)]
    FindLr(find_lr::Args),
    #[command(allow_negative_numbers = true)]
    Generalisation(generalisation::Args),
    Parity(parity::Args),
    Chapter(chapter::Args),
    #[command(allow_negative_numbers = true)]
    ExplainBackprop(explain_backprop::Args),
    Export(export::Args),
    Import(import::Args),
    Eval(eval::Args),
    Predict(predict::Args),
    Playground(playground::Args),
    Report(report::Args),
    Completions(completions::Args),
    Ci(ci::Args),
}

fn main() -> ExitCode {
    let Cli { quiet, command } = Cli::parse();
    if quiet {
        output::be_quiet();
    }
    let result = match command {
        Command::TrainLenet(args) => train_lenet::run(&args),
        Command::FetchMnist(args) => fetch_mnist::run(&args),
        Command::Summary(args) => summary::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Figures(args) => figures::run(&args),
        Command::FindLr(args) => find_lr::run(&args),
        Command::Generalisation(args) => generalisation::run(&args),
        Command::Parity(args) => parity::run(&args),
        Command::Chapter(args) => chapter::run(&args),
        Command::ExplainBackprop(args) => explain_backprop::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Import(args) => import::run(&args),
        Command::Eval(args) => eval::run(&args),
        Command::Predict(args) => predict::run(&args),
        Command::Playground(args) => playground::run(&args),
        Command::Report(args) => report::run(&args),
        Command::Completions(args) => completions::run(&args, &mut Cli::command()),
        Command::Ci(args) => ci::run(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if let Some(interrupted) = error.downcast_ref::<train_lenet::Interrupted>() {
                output::note(format_args!("{interrupted}"));
                return interrupted.exit_code();
            }
            output::error(format_args!("{}", output::told(&error)));
            ExitCode::FAILURE
        }
    }
}
