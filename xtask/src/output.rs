//! What the commands print: results on standard output, everything about the run on standard
//! error, so that piping a command gives its results alone.

use std::fmt::Arguments;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

static QUIET: AtomicBool = AtomicBool::new(false);

/// Prints nothing but results and errors from now on.
pub fn be_quiet() {
    QUIET.store(true, Ordering::Relaxed);
}

/// Whether nothing but results and errors is printed.
pub fn is_quiet() -> bool {
    QUIET.load(Ordering::Relaxed)
}

/// Prints a line of results.
pub fn result(line: Arguments<'_>) {
    // A reader that went away is no reason to fail.
    let _ = writeln!(io::stdout(), "{line}");
}

/// Prints a line about the run.
pub fn note(line: Arguments<'_>) {
    if !is_quiet() {
        let _ = writeln!(io::stderr(), "{line}");
    }
}

/// Prints what went wrong: the first word red, on a terminal that has colours and may use them.
pub fn error(line: Arguments<'_>) {
    let red = anstyle::AnsiColor::Red.on_default().bold();
    let _ = writeln!(anstream::stderr(), "{red}error:{red:#} {line}");
}

/// An error and what caused it, each cause once: some errors tell theirs themselves.
pub fn told(error: &anyhow::Error) -> String {
    error.chain().fold(String::new(), |mut told, cause| {
        let cause = cause.to_string();
        if !told.contains(&cause) {
            told += if told.is_empty() { "" } else { ": " };
            told += &cause;
        }
        told
    })
}

/// Standard output for whoever wants to write there, which a reader that went away does not fail.
#[derive(Debug)]
pub struct Results;

impl Write for Results {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match io::stdout().write(bytes) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(bytes.len()),
            result => result,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match io::stdout().flush() {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            result => result,
        }
    }
}

/// How many columns the terminal on standard error has; `None` where there is no terminal.
pub fn columns() -> Option<usize> {
    let stderr = io::stderr();
    let size = terminal_size::terminal_size_of(&stderr).map(|(width, _)| usize::from(width.0));
    size.filter(|_| stderr.is_terminal())
}

/// `61,706`.
pub fn thousands(number: usize) -> String {
    indicatif::HumanCount(number as u64).to_string()
}

/// `1 epoch`, `1,875 steps`.
pub fn counted(number: usize, thing: &str) -> String {
    format!("{} {thing}{}", thousands(number), if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::{Context, anyhow};

    #[test]
    fn a_cause_is_told_once() {
        let error = Err::<(), _>(anyhow!("no such file")).context("a.png").unwrap_err();
        assert_eq!(told(&error), "a.png: no such file");
        let error =
            Err::<(), _>(anyhow!("too wide")).context("fc1: too wide; mend it").unwrap_err();
        assert_eq!(told(&error), "fc1: too wide; mend it");
    }
}
