//! `cargo xtask`: the project's commands.
#![forbid(unsafe_code)]

mod activations;
mod bench;
mod chapter;
mod chart;
mod eval;
mod explain_backprop;
mod export;
mod fetch_mnist;
mod figures;
mod find_lr;
mod generalisation;
mod import;
mod network;
mod output;
mod parity;
mod playground;
mod predict;
mod progress;
mod reader;
mod summary;
mod train_lenet;
mod workspace;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Sporelet's commands.
#[derive(Debug, Parser)]
#[command(name = "xtask", bin_name = "cargo xtask", version, arg_required_else_help = true)]
struct Cli {
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
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
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
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if let Some(interrupted) = error.downcast_ref::<train_lenet::Interrupted>() {
                output::note(format_args!("{interrupted}"));
                return interrupted.exit_code();
            }
            output::note(format_args!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
