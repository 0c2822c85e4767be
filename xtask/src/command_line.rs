//! What the programs that carry out `cargo xtask` have in common: options, exit codes, errors.

use crate::{ci, eval, fetch_mnist, find_lr, output, summary, train_lenet};
use anyhow::Result;
use clap::{Parser, Subcommand};
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
pub struct CommandLine<C: Subcommand> {
    /// Print nothing but results and errors.
    #[arg(long, short, global = true)]
    quiet: bool,
    #[command(subcommand)]
    command: C,
}

/// The commands that this package carries out.
// Where there are numbers, a negative one is a value to be refused, not an option that does not exist.
#[derive(Debug, Subcommand)]
pub enum Command {
    #[command(allow_negative_numbers = true)]
    TrainLenet(train_lenet::Args),
    FetchMnist(fetch_mnist::Args),
    Summary(summary::Args),
    #[command(allow_negative_numbers = true)]
    FindLr(find_lr::Args),
    Eval(eval::Args),
    Ci(ci::Args),
}

impl Command {
    /// Carries it out; `report` writes the report of a run where one is asked for.
    pub fn run(&self, report: train_lenet::Reporter<'_>) -> Result<()> {
        match self {
            Command::TrainLenet(args) => train_lenet::run(args, report),
            Command::FetchMnist(args) => fetch_mnist::run(args),
            Command::Summary(args) => summary::run(args),
            Command::FindLr(args) => find_lr::run(args),
            Command::Eval(args) => eval::run(args),
            Command::Ci(args) => ci::run(args),
        }
    }
}

impl<C: Subcommand> CommandLine<C> {
    /// Carries the command out by `run`, and tells its error.
    pub fn run(self, run: impl FnOnce(C) -> Result<()>) -> ExitCode {
        if self.quiet {
            output::be_quiet();
        }
        match run(self.command) {
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
}
