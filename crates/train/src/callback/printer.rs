//! Where a callback prints its lines.

use crate::{Error, Result};
use std::fmt::Arguments;
use std::io::Write;

/// Standard output, unless the user gave another place.
pub(crate) struct Printer(Box<dyn Write + Send>);

impl Default for Printer {
    fn default() -> Self {
        Printer(Box::new(std::io::stdout()))
    }
}

impl Printer {
    pub(crate) fn to(out: impl Write + Send + 'static) -> Self {
        Printer(Box::new(out))
    }

    /// Prints a line at once.
    pub(crate) fn line(&mut self, line: Arguments<'_>) -> Result<()> {
        let written = writeln!(self.0, "{line}").and_then(|()| self.0.flush());
        written
            .map_err(|error| Error::Callback(format!("a line cannot be printed: {error}").into()))
    }
}

impl std::fmt::Debug for Printer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Printer")
    }
}

/// A number as Python prints it: `0.1`, `2.0`, `1e-05`, `nan`.
pub(crate) fn python_float(x: f64) -> String {
    let text = format!("{x:e}");
    let Some((digits, exponent)) = text.split_once('e') else {
        return text.to_lowercase();
    };
    match exponent.parse::<i32>() {
        Ok(-4..=15) => format!("{x:?}"),
        Ok(exponent) => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", exponent.abs())
        }
        Err(_) => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Python 3 prints for the same numbers.
    #[test]
    fn floats_look_as_in_python() {
        let cases = [
            (2.3430960178375244, "2.3430960178375244"),
            (2.0, "2.0"),
            (-0.0, "-0.0"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (1.25e-7, "1.25e-07"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (-1.5e100, "-1.5e+100"),
            (f64::NAN, "nan"),
            (f64::NEG_INFINITY, "-inf"),
        ];
        for (x, expected) in cases {
            assert_eq!(python_float(x), expected);
        }
    }
}
