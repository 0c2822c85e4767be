//! Scales: from values to positions, and where the ticks are.

use crate::output::thousands;

/// How values are spread over an axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) log: bool,
}

/// A tick: where it is, and what is written at it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tick {
    pub(super) value: f64,
    pub(super) label: String,
}

impl Scale {
    /// 0 at the low end, 1 at the high end; `None` where there is no position (a logarithm of
    /// nothing, NaN).
    pub(super) fn position(&self, value: f64) -> Option<f64> {
        let of = |value: f64| if self.log { value.log10() } else { value };
        let (low, high) = (of(self.low), of(self.high));
        Some((of(value) - low) / (high - low)).filter(|position| position.is_finite())
    }

    /// About `count` ticks at round values; every decade at least, on a logarithmic scale.
    pub(super) fn ticks(&self, count: f64) -> Vec<Tick> {
        if self.log { self.log_ticks(count) } else { self.linear_ticks(count) }
    }

    fn linear_ticks(&self, count: f64) -> Vec<Tick> {
        let rough = (self.high - self.low) / count.max(1.0);
        let power = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0]
            .map(|factor| factor * power)
            .into_iter()
            .find(|step| *step >= 0.7 * rough)
            .unwrap_or(10.0 * power);
        let decimals = (-step.log10().floor()).max(0.0) as usize;
        let first = (self.low / step - 1e-6).ceil() as i64;
        let last = (self.high / step + 1e-6).floor() as i64;
        (first..=last)
            .map(|i| i as f64 * step)
            .map(|value| Tick { value, label: number(value, decimals) })
            .collect()
    }

    fn log_ticks(&self, count: f64) -> Vec<Tick> {
        let (low, high) = (self.low.log10(), self.high.log10());
        let decades = high - low;
        let every = (decades / count.max(1.0)).ceil().max(1.0) as i64;
        let between: &[f64] = if decades < 1.5 { &[1.0, 2.0, 5.0] } else { &[1.0] };
        let powers = (low - 1e-6).floor() as i64..=(high + 1e-6).floor() as i64;
        let mut ticks = Vec::new();
        for power in powers.filter(|power| power.rem_euclid(every) == 0) {
            for factor in between {
                let value = factor * 10_f64.powi(power as i32);
                if (self.low * 0.999..=self.high * 1.001).contains(&value) {
                    ticks.push(Tick { value, label: power_label(*factor, power) });
                }
            }
        }
        ticks
    }
}

/// A number with a true minus sign, and commas from 10,000 on.
fn number(value: f64, decimals: usize) -> String {
    if decimals == 0 && value.abs() >= 10_000.0 {
        let sign = if value < 0.0 { "\u{2212}" } else { "" };
        return format!("{sign}{}", thousands(value.abs().round() as usize));
    }
    let text = format!("{value:.decimals$}");
    let is_zero = text.trim_matches(['-', '0', '.']).is_empty();
    let text = if is_zero { text.trim_start_matches('-') } else { &text };
    text.replace('-', "\u{2212}")
}

/// `0.02`, `1`, `500`; powers of ten beyond that.
fn power_label(factor: f64, power: i64) -> String {
    match power {
        -2..=3 => number(factor * 10_f64.powi(power as i32), (-power).max(0) as usize),
        _ if factor == 1.0 => format!("10^{power}"),
        _ => format!("{factor}·10^{power}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(low: f64, high: f64, log: bool, count: f64) -> Vec<String> {
        Scale { low, high, log }.ticks(count).into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn ticks_are_at_round_numbers() {
        assert_eq!(labels(0.0, 10.0, false, 5.0), ["0", "2", "4", "6", "8", "10"]);
        assert_eq!(
            labels(-1.2, 1.2, false, 5.0),
            ["\u{2212}1.0", "\u{2212}0.5", "0.0", "0.5", "1.0"]
        );
        assert_eq!(labels(0.93, 0.991, false, 3.0), ["0.94", "0.96", "0.98"]);
        assert_eq!(
            labels(0.0, 45_000.0, false, 4.0),
            ["0", "10,000", "20,000", "30,000", "40,000"]
        );
    }

    #[test]
    fn logarithmic_ticks_are_decades_and_between_them_where_there_are_few() {
        assert_eq!(labels(1e-6, 1e2, true, 4.0), ["10^-6", "10^-4", "0.01", "1", "100"]);
        assert_eq!(labels(0.02, 0.5, true, 5.0), ["0.02", "0.05", "0.1", "0.2", "0.5"]);
    }

    #[test]
    fn a_logarithmic_scale_has_no_place_for_zero() {
        let scale = Scale { low: 0.1, high: 10.0, log: true };
        assert_eq!(scale.position(1.0), Some(0.5));
        assert_eq!(scale.position(0.0), None);
        assert_eq!(scale.position(f64::NAN), None);
    }
}
