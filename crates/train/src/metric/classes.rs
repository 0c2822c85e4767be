//! Which class was predicted, and which is true.

use super::check::{no_nan, unfit};
use crate::{Outcome, Result};
use layers::Target;

/// Calls `each` with the predicted and the true class of every sample; returns the number of
/// classes.
///
/// Predictions are `[N, classes]`, of which the first largest counts, with labels `[N]`, or
/// `[N, classes]` whose largest names the class. Or they are `[N, 1]`: one score for the second of
/// two classes, which is predicted where the score is above `threshold`; then a target `[N, 1]` is
/// 0 or 1.
pub(super) fn each_class(
    op: &'static str,
    outcome: Outcome<'_>,
    threshold: f32,
    mut each: impl FnMut(usize, usize),
) -> Result<usize> {
    let fail = || {
        let detail = "predictions need the shape [samples, classes] or [samples, 1], targets \
                      [samples] or that of the predictions";
        unfit(op, detail, outcome)
    };
    let Outcome { prediction, target, .. } = outcome;
    let [samples, columns] = prediction.shape()[..] else { return Err(fail()) };
    if samples == 0 || columns == 0 {
        return Err(fail());
    }
    no_nan(op, prediction)?;
    let classes = columns.max(2);
    let class = |row: &[f32], threshold: f32| match row {
        [score] => usize::from(*score > threshold),
        row => largest(row),
    };
    let rows = prediction.as_slice().chunks_exact(columns).map(|row| class(row, threshold));
    match target {
        Target::Class(labels) if labels.shape()[..] == [samples] => {
            for (position, (found, &label)) in rows.zip(labels.as_slice()).enumerate() {
                if label as usize >= classes {
                    return Err(tensor::Error::Label { op, label, position, classes }.into());
                }
                each(found, label as usize);
            }
        }
        Target::Values(values) if values.shape() == prediction.shape() => {
            let truths = values.as_slice().chunks_exact(columns).map(|row| class(row, 0.5));
            rows.zip(truths).for_each(|(found, truth)| each(found, truth));
        }
        _ => return Err(fail()),
    }
    Ok(classes)
}

/// The position of the first largest element.
fn largest(row: &[f32]) -> usize {
    row.iter().enumerate().fold(0, |best, (k, x)| if *x > row[best] { k } else { best })
}
