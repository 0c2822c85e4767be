//! [`Signals`]: what asks a run to end, Ctrl-C among them.

use crate::output::thousands;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Whether SIGINT (Ctrl-C) or SIGTERM has come. The second one ends the process at once.
pub(super) struct Signals {
    stop: Arc<AtomicBool>,
    which: Arc<AtomicUsize>,
}

impl Signals {
    /// Watches for signals from now on.
    pub(super) fn watch() -> std::io::Result<Self> {
        let signals = Signals { stop: Arc::default(), which: Arc::default() };
        for signal in [SIGINT, SIGTERM] {
            // In this order: the first signal finds `stop` still false, and sets it.
            flag::register_conditional_shutdown(signal, 128 + signal, signals.stop.clone())?;
            flag::register_usize(signal, signals.which.clone(), signal as usize)?;
            flag::register(signal, signals.stop.clone())?;
        }
        Ok(signals)
    }

    /// True once a signal has come.
    pub(super) fn stop(&self) -> Arc<AtomicBool> {
        self.stop.clone()
    }

    /// The number of the signal that has come.
    pub(super) fn which(&self) -> usize {
        self.which.load(Ordering::Relaxed)
    }
}

/// A run that a signal ended, and how to go on with it.
#[derive(Debug, thiserror::Error)]
#[error(
    "interrupted after epoch {epoch}, step {}, which is saved; to go on:\n  {resume}",
    thousands(*step)
)]
pub struct Interrupted {
    pub(super) signal: usize,
    pub(super) epoch: usize,
    pub(super) step: usize,
    pub(super) resume: String,
}

impl Interrupted {
    /// What shells expect of a program that a signal ended.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(128 + self.signal as u8)
    }
}
