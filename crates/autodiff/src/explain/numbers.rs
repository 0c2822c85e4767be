//! Numbers as a person writes them: rounded, aligned, and only as many as one can take in.

use tensor::Tensor;

/// Rows and columns of what is shown number by number.
const MOST: usize = 8;

/// A shape as people say it: `16×6×5×5`; nothing for a scalar.
pub(crate) fn shape(axes: &[usize]) -> String {
    let axes: Vec<_> = axes.iter().map(ToString::to_string).collect();
    axes.join("×")
}

/// A number alone.
pub(crate) fn number(x: f64) -> String {
    Style::of(&[x]).write(x)
}

/// The lines of a tensor: a number, a row `[ 1  2 ]`, a matrix of a line for each row, or for what
/// is larger its shape and range.
pub(crate) fn lines(tensor: &Tensor<f64>) -> Vec<String> {
    let numbers = tensor.as_slice();
    let columns = tensor.shape().last().copied().unwrap_or(1);
    let rows = numbers.len().checked_div(columns).unwrap_or(0);
    if tensor.shape().rank() > 2 || rows > MOST || columns > MOST || numbers.is_empty() {
        return vec![summary(tensor)];
    }
    let style = Style::of(numbers);
    let texts: Vec<_> = numbers.iter().map(|&x| style.write(x)).collect();
    if tensor.shape().rank() == 0 {
        return texts;
    }
    let width = texts.iter().map(String::len).max().unwrap_or(0);
    let row = |(i, texts): (usize, &[String])| {
        let (left, right) = match i {
            _ if rows == 1 => ('[', ']'),
            0 => ('⎡', '⎤'),
            _ if i + 1 == rows => ('⎣', '⎦'),
            _ => ('⎢', '⎥'),
        };
        let texts: Vec<_> = texts.iter().map(|text| format!("{text:>width$}")).collect();
        format!("{left} {} {right}", texts.join("  "))
    };
    texts.chunks(columns).enumerate().map(row).collect()
}

/// `6×1×5×5 numbers from -0.1994 to 0.1987`.
fn summary(tensor: &Tensor<f64>) -> String {
    let (shape, numbers) = (shape(tensor.shape()), tensor.as_slice());
    if numbers.is_empty() {
        return format!("{shape} numbers: none");
    }
    if let Some(odd) = numbers.iter().find(|x| !x.is_finite()) {
        return format!("{shape} numbers, among them {odd}");
    }
    let least = numbers.iter().copied().fold(f64::INFINITY, f64::min);
    let most = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if least == most {
        return format!("{shape} numbers, all {}", number(most));
    }
    format!("{shape} numbers from {} to {}", number(least), number(most))
}

/// How the numbers of a tensor are written, all in the same way.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Style {
    Fixed(usize),
    Scientific,
}

impl Style {
    fn of(numbers: &[f64]) -> Style {
        let sizes = || numbers.iter().map(|x| x.abs()).filter(|x| x.is_finite() && *x > 0.0);
        let (most, least) = (sizes().fold(0.0, f64::max), sizes().fold(f64::INFINITY, f64::min));
        let whole = sizes().all(|x| x.fract() == 0.0);
        // A small number beside a large one may lose its digits, but not to the last.
        if most >= 1e6 || !whole && (most < 1e-2 || least < 5e-5) {
            return Style::Scientific;
        }
        let decimals = (0..4).find(|&decimals| {
            let scale = 10_f64.powi(decimals);
            sizes().all(|x| ((x * scale).round() - x * scale).abs() < 1e-9 * scale)
        });
        Style::Fixed(decimals.unwrap_or(4) as usize)
    }

    fn write(self, x: f64) -> String {
        match self {
            _ if x == 0.0 => "0".to_owned(),
            _ if !x.is_finite() => x.to_string(),
            Style::Fixed(decimals) => format!("{x:.decimals$}"),
            Style::Scientific => format!("{x:.3e}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_to_what_one_reads() {
        for (x, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (2.0, "2"),
            (0.5, "0.5"),
            (1.0 / 3.0, "0.3333"),
            (-1234.56789, "-1234.5679"),
            (1.0e-5, "1.000e-5"),
            (0.00123, "1.230e-3"),
            (1.5e7, "1.500e7"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(number(x), text);
        }
    }

    #[test]
    fn matrices_are_aligned_and_large_tensors_told_by_their_range() {
        let matrix = Tensor::from_vec([3, 2], [1.0, -0.25, 0.0, 10.0, 3.0, 4.0]).unwrap();
        let expected = ["⎡  1.00  -0.25 ⎤", "⎢     0  10.00 ⎥", "⎣  3.00   4.00 ⎦"];
        assert_eq!(lines(&matrix), expected);
        assert_eq!(lines(&Tensor::from_vec([2], [1.0, -2.0]).unwrap()), ["[  1  -2 ]"]);
        assert_eq!(lines(&Tensor::full([1, 1], 0.5)), ["[ 0.5 ]"]);
        let large = Tensor::from_fn([3, 2, 5], |i| i as f64 / 4.0);
        assert_eq!(lines(&large), ["3×2×5 numbers from 0 to 7.25"]);
        assert_eq!(lines(&Tensor::zeros([9])), ["9 numbers, all 0"]);
        assert_eq!(lines(&Tensor::zeros([0, 3])), ["0×3 numbers: none"]);
        assert_eq!(lines(&Tensor::full([9], f64::NAN)), ["9 numbers, among them NaN"]);
    }
}
