//! `cargo xtask completions`: so that a shell completes commands and options.

use anyhow::Result;
use clap::Command;
use clap_complete::{Shell, generate};
use std::io::Write;
use xtask::output::Results;

/// The word that is completed: a shell completes programs by their names, and cargo has its own
/// completion.
const NAME: &str = "xtask";

/// Print a script that lets a shell complete `xtask`, which it makes short for `cargo xtask`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  eval \"$(cargo xtask completions bash)\"
  source <(cargo xtask completions zsh)
  cargo xtask completions fish | source")]
pub(crate) struct Args {
    /// Which shell.
    #[arg(value_enum)]
    shell: Shell,
}

pub(crate) fn run(args: &Args, command: &mut Command) -> Result<()> {
    let mut script = Vec::new();
    generate(args.shell, command, NAME, &mut script);
    let function = match args.shell {
        Shell::Bash | Shell::Zsh => "\nxtask() { cargo xtask \"$@\"; }\n",
        Shell::Fish => "\nfunction xtask; cargo xtask $argv; end\n",
        Shell::PowerShell => "\nfunction xtask { cargo xtask @args }\n",
        Shell::Elvish => "\nfn xtask {|@a| cargo xtask $@a }\n",
        _ => "",
    };
    script.extend_from_slice(function.as_bytes());
    Results.write_all(&script)?;
    Ok(())
}
