//! [`Comparison`]: one piece of ours against the same piece elsewhere.

use crate::record::record;
use serde_json::json;
use std::cmp::Ordering;
use tensor::{Float, Tensor};

/// One piece of this workspace, compared with the same piece of another system.
#[derive(Clone, Debug)]
pub struct Comparison {
    group: String,
    piece: String,
    peer: String,
}

impl Comparison {
    /// `group` is what kind of piece it is, in the singular (`operation`, `layer`, `loss`,
    /// `optimizer`, `schedule`, `metric`, `transform`); `piece` its name here (`Conv2d`); `peer`
    /// the other system with its version ([`Reference::peer`](crate::Reference::peer)).
    pub fn new(group: &str, piece: &str, peer: &str) -> Self {
        let [group, piece, peer] = [group, piece, peer].map(str::to_owned);
        Comparison { group, piece, peer }
    }

    /// Compares a tensor: `what` says which (`forward`, `gradients`, `50 steps`).
    ///
    /// # Panics
    /// Where the shapes differ, or the [`difference`] is more than `tolerance` or NaN.
    #[track_caller]
    pub fn check<T: Float>(
        &self,
        what: &str,
        found: &Tensor<T>,
        expected: &Tensor<f64>,
        scale: f64,
        tolerance: f64,
    ) {
        let Comparison { group, piece, peer } = self;
        assert_eq!(found.shape(), expected.shape(), "{group} {piece}, {what}: shapes, ours first");
        let difference = difference(found, expected, scale);
        let precision = std::any::type_name::<T>();
        record(&json!({
            "group": group, "piece": piece, "peer": peer, "what": what, "precision": precision,
            "difference": difference, "tolerance": tolerance,
        }));
        if let Some(complaint) = self.complaint(what, precision, difference, tolerance) {
            panic!("{complaint}");
        }
    }

    /// What is wrong with a difference, if anything: also where it is NaN.
    fn complaint(&self, what: &str, precision: &str, found: f64, allowed: f64) -> Option<String> {
        let Comparison { group, piece, peer } = self;
        (!matches!(found.partial_cmp(&allowed), Some(Ordering::Less | Ordering::Equal))).then(
            || {
                format!(
                    "{group} {piece}, {what}, in {precision}: differs from {peer} by {found:.1e}, \
                 relative to the largest number; at most {allowed:.0e} is allowed"
                )
            },
        )
    }

    /// As [`Comparison::check`], for plain numbers.
    ///
    /// # Panics
    /// As [`Comparison::check`].
    #[track_caller]
    pub fn check_numbers(&self, what: &str, found: &[f64], expected: &[f64], tolerance: f64) {
        let tensor = |numbers: &[f64]| Tensor::from_fn([numbers.len()], |i| numbers[i]);
        self.check(what, &tensor(found), &tensor(expected), 0.0, tolerance);
    }
}

/// Records that `piece` deliberately differs from MindSpore: what MindSpore does, what is done
/// here, and why. Call it in the test that shows what is done here.
pub fn deviation(group: &str, piece: &str, mindspore: &str, here: &str, reason: &str) {
    record(&json!({
        "group": group, "piece": piece, "mindspore": mindspore, "here": here, "reason": reason,
    }));
}

/// The largest absolute number of a tensor.
pub fn size<T: Float>(tensor: &Tensor<T>) -> f64 {
    tensor.as_slice().iter().fold(0.0, |size, x| x.to_f64().abs().max(size))
}

/// The largest difference, relative to the largest expected number or to `scale` if that is
/// larger; 0 where the tensors are equal, NaN where only one of two numbers is NaN.
///
/// A sum of many terms may cancel, so that the error of one element is only bounded by the size
/// of the terms, which `scale` gives.
pub fn difference<T: Float>(found: &Tensor<T>, expected: &Tensor<f64>, scale: f64) -> f64 {
    assert_eq!(found.shape(), expected.shape());
    let mut most = 0.0_f64;
    for (&found, &expected) in found.as_slice().iter().zip(expected.as_slice()) {
        let found = found.to_f64();
        // Infinities are equal to themselves although their difference is NaN.
        let equal = found == expected || (found.is_nan() && expected.is_nan());
        let difference = if equal { 0.0 } else { (found - expected).abs() };
        // NaN must not pass as the smaller of two.
        most = if difference <= most || most.is_nan() { most } else { difference };
    }
    if most == 0.0 { 0.0 } else { most / size(expected).max(scale) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers<const N: usize>(numbers: [f64; N]) -> Tensor<f64> {
        Tensor::from_fn([N], |i| numbers[i])
    }

    #[test]
    fn the_difference_is_relative_to_the_largest_number() {
        let expected = numbers([1.0, -4.0, 0.0]);
        assert_eq!(difference(&numbers([1.0, -4.0, 0.0]), &expected, 0.0), 0.0);
        assert_eq!(difference(&numbers([1.0, -4.0, 0.5]), &expected, 0.0), 0.125);
        assert_eq!(difference(&numbers([1.0, -4.0, 0.5]), &expected, 8.0), 0.0625);
    }

    #[test]
    fn what_is_not_a_number_never_passes() {
        let expected = numbers([1.0, f64::INFINITY]);
        assert_eq!(difference(&numbers([1.0, f64::INFINITY]), &expected, 0.0), 0.0);
        for found in [[f64::NAN, f64::INFINITY], [1.0, f64::NEG_INFINITY], [f64::NAN, 3.0]] {
            let difference = difference(&numbers(found), &numbers([1.0, 2.0]), 0.0);
            assert!(!difference.is_finite(), "{found:?}: {difference}");
        }
    }

    #[test]
    fn a_difference_is_told() {
        let row = Comparison::new("operation", "relu", "PyTorch 2.0");
        assert_eq!(row.complaint("forward", "f64", 1e-12, 1e-12), None);
        assert_eq!(
            row.complaint("forward", "f64", 0.1, 1e-12).unwrap(),
            "operation relu, forward, in f64: differs from PyTorch 2.0 by 1.0e-1, relative to the \
             largest number; at most 1e-12 is allowed"
        );
        assert!(row.complaint("forward", "f64", f64::NAN, 1e-12).is_some());
    }
}
