//! Checks of hyper-parameters.

use tensor::{Error, Result};

/// Checks a hyper-parameter: finite and within `least..=most`.
pub(crate) fn check_number(
    op: &'static str,
    argument: &'static str,
    value: f64,
    least: f64,
    most: f64,
) -> Result<()> {
    if value.is_finite() && value >= least && value <= most {
        return Ok(());
    }
    let expected = if most.is_finite() {
        format!("a number from {least} to {most}")
    } else {
        format!("a finite number, at least {least}")
    };
    Err(Error::argument(op, argument, value, expected))
}

/// Checks a hyper-parameter that is 0 or more.
pub(crate) fn not_negative(op: &'static str, argument: &'static str, value: f64) -> Result<()> {
    check_number(op, argument, value, 0.0, f64::INFINITY)
}

/// Checks a hyper-parameter that is more than 0.
pub(crate) fn positive(op: &'static str, argument: &'static str, value: f64) -> Result<()> {
    if value.is_finite() && value > 0.0 {
        return Ok(());
    }
    Err(Error::argument(op, argument, value, "a finite number above 0"))
}

/// Checks the factor of a running mean: from 0 up to, but not including, 1.
pub(crate) fn below_one(op: &'static str, argument: &'static str, value: f64) -> Result<()> {
    if (0.0..1.0).contains(&value) {
        return Ok(());
    }
    Err(Error::argument(op, argument, value, "a number from 0 up to, but not including, 1"))
}
