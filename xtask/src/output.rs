//! What the commands print: results on standard output, everything about the run on standard
//! error, so that piping a command gives its results alone.

use std::fmt::Arguments;
use std::io::Write;

/// Prints a line of results.
pub(crate) fn result(line: Arguments<'_>) {
    // A reader that went away is no reason to fail.
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Prints a line about the run.
pub(crate) fn note(line: Arguments<'_>) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// `61,706`.
pub(crate) fn thousands(number: usize) -> String {
    indicatif::HumanCount(number as u64).to_string()
}

/// `1 epoch`, `1,875 steps`.
pub(crate) fn counted(number: usize, thing: &str) -> String {
    format!("{} {thing}{}", thousands(number), if number == 1 { "" } else { "s" })
}
