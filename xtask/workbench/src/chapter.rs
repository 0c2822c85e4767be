//! `cargo xtask chapter`: runs every command of `CHAPTER.md` and holds what it prints to what the
//! guide says, so that the guide cannot rot.

mod blocks;
mod pattern;

use anyhow::{Context, Result, bail};
use blocks::Step;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;
use xtask::{output, workspace};

/// The guided reading in English; the Chinese one has the same commands, which a test checks.
const GUIDE: &str = "CHAPTER.md";

/// Run the commands of CHAPTER.md and compare what they print with what it says.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo xtask chapter
  cargo xtask chapter --list
  cargo xtask chapter --only summary")]
pub(crate) struct Args {
    /// Only the commands that contain this text.
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,

    /// List the commands and run none.
    #[arg(long)]
    list: bool,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<()> {
    let root = workspace::root()?;
    let text = std::fs::read_to_string(root.join(GUIDE)).with_context(|| GUIDE.to_owned())?;
    let mut steps = blocks::steps(&text).with_context(|| GUIDE.to_owned())?;
    steps.retain(|step| step.command.contains(&args.only));
    if args.list {
        steps.iter().for_each(|step| output::result(format_args!("{}", step.command)));
        return Ok(());
    }
    if steps.is_empty() {
        bail!("{GUIDE} has no command with \"{}\"; --list shows those that it has", args.only);
    }
    let mut failed = 0;
    for step in &steps {
        let start = Instant::now();
        let outcome = follow(step, &root)?;
        let seconds = start.elapsed().as_secs_f64();
        let word = if outcome.is_none() { "ok" } else { "WRONG" };
        output::result(format_args!("{word:5}  {seconds:6.1} s  {}", step.command));
        if let Some(complaint) = outcome {
            failed += 1;
            output::note(format_args!("{GUIDE}, line {}: {complaint}", step.line));
        }
    }
    match failed {
        0 => Ok(()),
        _ => bail!("{failed} of {} commands do not do what {GUIDE} says", steps.len()),
    }
}

/// Runs a command; what is wrong with it, if anything.
fn follow(step: &Step, root: &Path) -> Result<Option<String>> {
    let done = command(step)?
        .current_dir(root)
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("{}: cannot be run", step.command))?;
    let printed = String::from_utf8_lossy(&done.stdout);
    if !done.status.success() {
        let errors = String::from_utf8_lossy(&done.stderr);
        return Ok(Some(format!("{}: {}\n{printed}{errors}", step.command, done.status)));
    }
    let missing = pattern::missing(&step.expected, &printed);
    Ok(missing.map(|line| {
        format!("{} does not print, in this place,\n    {line}\nbut\n{printed}", step.command)
    }))
}

/// The program to start: this one for `cargo xtask`, which saves a look at the workspace.
fn command(step: &Step) -> Result<Command> {
    let mut words = step.command.split_whitespace().skip(1).peekable();
    let mut command = if words.next_if_eq(&"xtask").is_some() {
        Command::new(std::env::current_exe().context("this program cannot be found")?)
    } else {
        workspace::cargo()
    };
    command.args(words);
    Ok(command)
}
