//! The hyperbolic tangent in `f32`, and scaled as in the 1998 LeNet-5.

use super::isa::multiversion;
use crate::Float;

/// tanh(9.011) is the first that rounds to 1.
const SATURATED: f32 = 9.011;

/// x P(x²) / Q(x²), lowest power first: fitted to tanh on ±9.05 for the smallest largest relative
/// error, which is 2e-8 before rounding.
const P: [f32; 5] = [1.0, 0.133_777_48, 3.491_695e-3, 2.054_497_8e-5, 1.326_567_3e-8];
const Q: [f32; 5] = [1.0, 0.467_110_63, 2.586_217_2e-2, 3.279_266_8e-4, 7.740_176e-7];

/// tanh x within 5 units in the last place; ±1 from ±9.011 on, NaN for NaN. It has no branch, so
/// that loops over it vectorise, and fuses nothing, so that every instruction set gives the same
/// bits.
#[inline(always)]
pub(crate) fn tanh(x: f32) -> f32 {
    let inside = if x > SATURATED { SATURATED } else { x };
    let inside = if inside < -SATURATED { -SATURATED } else { inside };
    let z = inside * inside;
    let p = (((P[4] * z + P[3]) * z + P[2]) * z + P[1]) * z + P[0];
    let q = (((Q[4] * z + Q[3]) * z + Q[2]) * z + Q[1]) * z + Q[0];
    let y = inside * p / q;
    let y = if y > 1.0 || x >= SATURATED { 1.0 } else { y };
    if y < -1.0 || x <= -SATURATED { -1.0 } else { y }
}

multiversion! {
    /// x := amplitude · tanh(slope · x).
    pub fn scaled_tanh<T: Float>(x: &mut [T], amplitude: T, slope: T) {
        for x in x {
            *x = amplitude * (slope * *x).tanh();
        }
    }
}

multiversion! {
    /// dy := dy · amplitude · slope · (1 - (y / amplitude)²), for y = amplitude · tanh(slope · x).
    pub fn scaled_tanh_backward<T: Float>(dy: &mut [T], y: &[T], amplitude: T, slope: T) {
        assert_eq!(dy.len(), y.len());
        let (most, share) = (amplitude * slope, slope / amplitude);
        for (dy, &y) in dy.iter_mut().zip(y) {
            *dy *= most - share * (y * y);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every 97th of the floats, so that all exponents and all kinds of mantissas occur.
    #[test]
    fn tanh_is_within_five_units_in_the_last_place() {
        let mut most = 0.0_f64;
        for bits in (0..=f32::INFINITY.to_bits()).step_by(97) {
            let x = f32::from_bits(bits);
            let (found, expected) = (tanh(x), f64::from(x).tanh());
            assert_eq!(tanh(-x), -found);
            assert!((0.0..=1.0).contains(&found), "tanh {x:e} is {found:e}");
            let rounded = expected as f32;
            let unit = f64::from(f32::from_bits(rounded.to_bits() + 1) - rounded);
            most = most.max((f64::from(found) - expected).abs() / unit);
        }
        assert!(most < 5.5, "{most}");
        assert_eq!([9.011, 50.0, f32::INFINITY].map(tanh), [1.0; 3]);
        assert_eq!(tanh(0.0).to_bits(), 0);
        assert_eq!(tanh(-0.0).to_bits(), (-0.0_f32).to_bits());
        assert!(tanh(f32::NAN).is_nan());
    }

    /// With the paper's constants f(1) = 1 and f(-1) = -1 to four digits: that is why it has them.
    #[test]
    fn scaled_tanh_passes_through_one() {
        let mut x = [1.0, -1.0, 0.0, 100.0];
        scaled_tanh::<f64>(&mut x, 1.7159, 2.0 / 3.0);
        assert!((x[0] - 1.0).abs() < 1e-4 && x[0] == -x[1], "{x:?}");
        assert_eq!(x[2..], [0.0, 1.7159]);
    }
}
