//! The commands as they are run, and the project's documents. One program: a second one would be linked again.

mod arguments;
mod chapter;
mod command_line;
mod common;
#[cfg(unix)]
mod interruptions;
mod kills;
mod playground;
mod predict;
mod readme;
mod report;
mod runs;
