//! A reading as text.

use super::Digit;
use xtask::reader::Reading;

/// The shade from which half a character is set.
const SET: u8 = 80;
/// Characters of a bar for 100 %.
const BAR: f32 = 24.0;
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// `seven.png`, `7`, `0.9981`, with tabs between.
pub(super) fn line(name: &str, reading: &Reading) -> String {
    let (digit, probability) = reading.best();
    format!("{name}\t{digit}\t{probability:.4}")
}

/// The digit as the network was given it, and the probabilities as bars beside it.
pub(super) fn card(name: &str, digit: &Digit, reading: &Reading) -> String {
    let (best, probability) = reading.best();
    let mut card = format!("{name}: {best} ({})\n", percent(probability).trim_start());
    let (rows, columns) = digit.dim();
    for (line, y) in (0..rows).step_by(2).enumerate() {
        let set = |y: usize, x: usize| digit.get([y, x]).is_some_and(|&shade| shade >= SET);
        let drawn = (0..columns).map(|x| match (set(y, x), set(y + 1, x)) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        });
        let drawn: String = drawn.collect();
        // Ten lines of bars in the middle of fourteen.
        let row = match line
            .checked_sub(2)
            .and_then(|class| Some((class, reading.probabilities.get(class)?)))
        {
            Some((class, &share)) => {
                format!("  {drawn}  {class} {} {}", percent(share), bar(share))
            }
            None => format!("  {drawn}"),
        };
        card += row.trim_end();
        card.push('\n');
    }
    card
}

/// ` 99.8 %`, five digits wide.
fn percent(share: f32) -> String {
    format!("{:>5.1} %", 100.0 * share)
}

fn bar(share: f32) -> String {
    let eighths = (share * BAR * 8.0).round() as usize;
    "█".repeat(eighths / 8) + EIGHTHS[eighths % 8]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(best: usize, probability: f32) -> Reading {
        let other = (1.0 - probability) / 9.0;
        let probabilities = (0..10).map(|class| if class == best { probability } else { other });
        Reading { probabilities: probabilities.collect() }
    }

    #[test]
    fn a_line_is_for_programs() {
        assert_eq!(line("a/7.png", &reading(7, 0.99)), "a/7.png\t7\t0.9900");
    }

    #[test]
    fn a_card_shows_the_digit_and_the_bars() {
        let digit = Digit::from_shape_fn((28, 28), |(y, x)| {
            if (4..24).contains(&y) && (13..15).contains(&x) { 255 } else { 0 }
        });
        let card = card("one.png", &digit, &reading(1, 0.91));
        let lines: Vec<_> = card.lines().collect();
        assert_eq!(lines.len(), 15);
        assert_eq!(lines[0], "one.png: 1 (91.0 %)");
        assert_eq!(lines[1], "");
        let left = |ink: &str| format!("  {}{ink}{}", " ".repeat(13), " ".repeat(13));
        assert_eq!(lines[3], format!("{}  0   1.0 % ▎", left("██")));
        assert_eq!(lines[4], format!("{}  1  91.0 % █████████████████████▉", left("██")));
        assert_eq!(lines[12], format!("{}  9   1.0 % ▎", left("██")));
        assert_eq!(lines[14], "");
    }

    #[test]
    fn half_a_character_is_a_pixel() {
        let digit = Digit::from_shape_fn((28, 28), |(y, x)| if y == x && y < 2 { 255 } else { 0 });
        let card = card("x", &digit, &reading(0, 1.0));
        assert_eq!(card.lines().nth(1), Some("  ▀▄"));
    }
}
