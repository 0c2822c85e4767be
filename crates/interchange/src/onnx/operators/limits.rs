//! How much a few bytes of a file may ask for.

use tensor::{Error, PadMode, Result, Shape};

/// The most numbers that padding makes of one.
const PADDED: usize = 1 << 10;
/// Inputs count as at least this long there, since small images have more border.
const SMALL: usize = 1 << 12;
/// The most numbers of a result that is larger than each of its operands: 1 GiB of them.
const GROWN: usize = 1 << 28;

/// Refuses a sliding window whose padding is out of all proportion to the images `[N, C, H, W]`:
/// sizes in a file cost nothing, and memory for them does.
pub(super) fn check_padding(
    op: &'static str,
    input: &Shape,
    pad_mode: PadMode,
    kernel: [usize; 2],
    dilation: [usize; 2],
) -> Result<()> {
    let [height, width] = match pad_mode {
        PadMode::Valid => return Ok(()),
        // At most as much as the window covers.
        PadMode::Same => [0, 1].map(|axis| dilation[axis].saturating_mul(kernel[axis])),
        PadMode::Pad([top, bottom, left, right]) => {
            [top.saturating_add(bottom), left.saturating_add(right)]
        }
    };
    let &[samples, channels, rows, columns] = &input[..] else { return Ok(()) };
    let [rows, columns] = [rows.saturating_add(height), columns.saturating_add(width)];
    let padded = product(&[samples, channels, rows, columns]);
    match padded <= PADDED.saturating_mul(input.elements().max(SMALL)) {
        true => Ok(()),
        false => {
            let detail = format!("padding makes images of {rows} × {columns} of the input");
            Err(Error::shape(op, detail).operand("input", input).hint(format!(
                "at most {PADDED} times as many numbers are allowed: export it with smaller pads"
            )))
        }
    }
}

/// Refuses a result of two operands that is far larger than both.
pub(super) fn check_growth(
    op: &'static str,
    operands: [&Shape; 2],
    result: &[usize],
) -> Result<()> {
    let elements = product(result);
    let largest = operands.map(Shape::elements).into_iter().max().unwrap_or_default();
    match elements <= GROWN.max(largest) {
        true => Ok(()),
        false => {
            let detail = format!("the result would have the shape {result:?}");
            let [a, b] = operands;
            Err(Error::shape(op, detail).operand("first", a).operand("second", b).hint(format!(
                "at most {GROWN} numbers are allowed: give it a smaller batch, or mend the operands' \
                 shapes"
            )))
        }
    }
}

/// The shape of two arrays that are broadcast to each other, or something like it where they do not
/// fit.
pub(super) fn broadcast(a: &Shape, b: &Shape) -> Vec<usize> {
    let rank = a.rank().max(b.rank());
    let axis =
        |shape: &Shape, i: usize| (i + shape.rank()).checked_sub(rank).map_or(1, |i| shape[i]);
    (0..rank).map(|i| axis(a, i).max(axis(b, i))).collect()
}

fn product(shape: &[usize]) -> usize {
    shape.iter().fold(1, |product: usize, &axis| product.saturating_mul(axis))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_has_a_limit() {
        let image = Shape::from([1, 1, 28, 28]);
        let check = |pads| check_padding("conv2d", &image, pads, [5; 2], [1; 2]);
        check(PadMode::Pad([2; 4])).unwrap();
        check(PadMode::Same).unwrap();
        assert_eq!(
            check(PadMode::Pad([1 << 40, 0, 0, 0])).unwrap_err().to_string(),
            "conv2d: padding makes images of 1099511627804 × 28 of the input (input [1, 1, 28, 28]); at most 1024 \
             times as many numbers are allowed: export it with smaller pads"
        );
        assert!(check(PadMode::Pad([usize::MAX; 4])).is_err());
        assert!(check_padding("conv2d", &image, PadMode::Same, [5; 2], [1 << 40; 2]).is_err());
    }

    #[test]
    fn results_have_a_limit() {
        let [column, row] = [Shape::from([1 << 20, 1]), Shape::from([1, 1 << 20])];
        assert_eq!(
            check_growth("add", [&column, &row], &broadcast(&column, &row))
                .unwrap_err()
                .to_string(),
            "add: the result would have the shape [1048576, 1048576] (first [1048576, 1], second \
             [1, 1048576]); at most 268435456 numbers are allowed: give it a smaller batch, or mend the operands' shapes"
        );
        check_growth("add", [&column, &column], &broadcast(&column, &column)).unwrap();
        assert_eq!(broadcast(&Shape::from([3]), &Shape::from([2, 1])), [2, 3]);
    }
}
