//! What is wrong where an input does not fit a network, with the arithmetic.

use autodiff::Span;
use tensor::{Error, Shape};

/// Says in `error` which layer it is, and where its numbers come from.
///
/// `path` is the layer's; `input` the shape of a sample, and `spans` what ran before.
pub(super) fn explain(error: Error, path: &str, input: &[usize], spans: &[Span]) -> Error {
    match error {
        Error::At { path, cause } => {
            let cause = Box::new(explain_here(*cause, input, spans));
            Error::At { path, cause }
        }
        error if path.is_empty() => explain_here(error, input, spans),
        error => explain_here(error, input, spans).at(path),
    }
}

fn explain_here(error: Error, input: &[usize], spans: &[Span]) -> Error {
    let Error::Shape { op, detail, operands, hint } = error else { return error };
    let found = operands.iter().find(|(name, _)| *name == "input").map(|(_, shape)| shape.clone());
    let weight = operands.iter().find(|(name, _)| *name == "weight").map(|(_, shape)| shape);
    let whole = Shape::from([&[1], input].concat());
    let hint = match (found, weight) {
        (Some(found), _) if found == whole && found.rank() != 4 && detail.contains("4 axes") => {
            Some(format!(
                "the shape {input:?} was given for one sample, to which the batch axis is added; \
                 an image is [channels, height, width], such as [1, 32, 32]"
            ))
        }
        (Some(found), Some(weight)) if op == "linear" => {
            let expected = weight.get(1).copied().unwrap_or_default();
            let arithmetic = arithmetic(&found, expected, spans);
            let parts: Vec<_> = [arithmetic, hint].into_iter().flatten().collect();
            (!parts.is_empty()).then(|| parts.join(": "))
        }
        _ => hint,
    };
    Error::Shape { op, detail, operands, hint }
}

/// `16·5·5 = 400 expected, got 16·6·6 = 576`, where the features of a dense layer were maps.
fn arithmetic(found: &Shape, expected: usize, spans: &[Span]) -> Option<String> {
    let last = spans.last()?;
    let (before, features) = (last.input.get(1..)?, *found.last()?);
    if last.output != *found || before.len() < 2 || before.iter().product::<usize>() != features {
        return None;
    }
    let product = |sizes: &[usize]| {
        let sizes: Vec<_> = sizes.iter().map(ToString::to_string).collect();
        sizes.join("·")
    };
    let channels = before[0];
    let side = (expected / channels.max(1)).isqrt();
    let expected = match before {
        [_, _, _] if side > 0 && channels * side * side == expected => {
            format!("{} = {expected}", product(&[channels, side, side]))
        }
        _ => expected.to_string(),
    };
    Some(format!("{expected} expected, got {} = {features}", product(before)))
}
