//! Elementary functions that vectorise.
//!
//! The `f32` ones are polynomials in plain arithmetic, without branches, tables or calls, so a
//! loop over them becomes vector instructions in every version of a kernel, with the same bits in
//! each. Their largest errors, in units in the last place, are held by the tests below. The `f64`
//! ones, which only serve to check gradients, are the standard library's where it has them.

use crate::Float;

/// Elementary functions of a [`Float`].
pub trait Elementary: Copy {
    /// e^x.
    fn exp(self) -> Self;
    /// e^x - 1, without cancellation for small x.
    fn exp_m1(self) -> Self;
    /// ln(1 + x) for x in 0..=1.
    fn ln_1p(self) -> Self;
    /// Hyperbolic tangent.
    fn tanh(self) -> Self;
    /// The standard normal distribution function Φ(x) = (1 + erf(x / √2)) / 2 and e^(-x²/2), each
    /// with all its digits in the tails too.
    fn normal(self) -> (Self, Self);
}

impl Elementary for f32 {
    #[inline(always)]
    fn exp(self) -> f32 {
        // Beyond these e^x is 0 and ∞, which the scaling below gives.
        let reduced = Reduced::new(keep_between(-104.0, self, 89.0));
        let half = reduced.n >> 1;
        // In two factors: 2^128 and what is below 2^-126 are not numbers to multiply by.
        (1.0 + reduced.exp_m1()) * power_of_2(half) * power_of_2(reduced.n - half)
    }

    #[inline(always)]
    fn exp_m1(self) -> f32 {
        let reduced = Reduced::new(keep_between(-18.0, self, 88.722_84));
        let half = power_of_2(reduced.n - 1);
        let y = 2.0 * (half * reduced.exp_m1() + (half - 0.5));
        if self > 88.722_84 { f32::INFINITY } else { y }
    }

    #[inline(always)]
    fn ln_1p(self) -> f32 {
        // ln((1 + s) / (1 - s)) = 2 atanh s = 2s + s³ (2/3 + 2/5 s² + ..)
        let s = self / (2.0 + self);
        let w = s * s;
        let h = 0.232_243_3;
        let h = h * w + 0.217_065_76;
        let h = h * w + 0.285_923_58;
        let h = h * w + 0.399_997_06;
        let h = h * w + 0.666_666_7;
        2.0 * s + s * w * h
    }

    #[inline(always)]
    fn tanh(self) -> f32 {
        super::tanh::tanh(self)
    }

    #[inline(always)]
    fn normal(self) -> (f32, f32) {
        // Φ(-15) is below the smallest number.
        let size = keep_between(0.0, self.abs(), 15.0);
        // A square of twelve bits is exact; the rest of the square is small.
        let head = f32::from_bits(size.to_bits() & !0xfff);
        let rest = -0.5 * (size - head) * (size + head);
        let bell = Elementary::exp(-0.5 * head * head) * Elementary::exp(rest);
        let tail = bell * scaled_tail::<f32, 12>(size);
        (if self > 0.0 { 1.0 - tail } else { tail }, bell)
    }
}

impl Elementary for f64 {
    fn exp(self) -> f64 {
        self.exp()
    }

    fn exp_m1(self) -> f64 {
        self.exp_m1()
    }

    fn ln_1p(self) -> f64 {
        self.ln_1p()
    }

    fn tanh(self) -> f64 {
        self.tanh()
    }

    fn normal(self) -> (f64, f64) {
        let size = keep_between(0.0, self.abs(), 39.0);
        let head = f64::from_bits(size.to_bits() & !0x7ff_ffff);
        let rest = -0.5 * (size - head) * (size + head);
        let bell = (-0.5 * head * head).exp() * rest.exp();
        let tail = bell * scaled_tail::<f64, 28>(size);
        (if self > 0.0 { 1.0 - tail } else { tail }, bell)
    }
}

/// x = n ln 2 + r with a whole n and |r| of at most about ln 2 / 2.
struct Reduced {
    n: i32,
    r: f32,
}

impl Reduced {
    #[inline(always)]
    fn new(x: f32) -> Self {
        // Adding 1.5 · 2²³ leaves no bits behind the point, and the whole number in the lowest.
        const SHIFT: f32 = 12_582_912.0;
        let shifted = x * std::f32::consts::LOG2_E + SHIFT;
        let n = shifted - SHIFT;
        // ln 2 in two parts, the first so short that its product with n is exact.
        let r = (x - n * 0.693_359_4) - n * -2.121_944_4e-4;
        Reduced { n: (shifted.to_bits() as i32).wrapping_sub(SHIFT.to_bits() as i32), r }
    }

    /// e^r - 1 = r + r² (1/2 + r/6 + ..)
    #[inline(always)]
    fn exp_m1(&self) -> f32 {
        let r = self.r;
        let q = 1.989_108e-4;
        let q = q * r + 1.393_373_1e-3;
        let q = q * r + 8.333_311e-3;
        let q = q * r + 4.166_646_4e-2;
        let q = q * r + 0.166_666_67;
        let q = q * r + 0.5;
        r + r * r * q
    }
}

/// 2^n for n in -126..=127; anything for other n, which only NaN leads to.
#[inline(always)]
fn power_of_2(n: i32) -> f32 {
    f32::from_bits((n.wrapping_add(127) << 23) as u32)
}

/// x, or the bound that it passes; NaN stays NaN.
#[inline(always)]
pub(crate) fn keep_between<T: PartialOrd>(low: T, x: T, high: T) -> T {
    let x = if x < low { low } else { x };
    if x > high { high } else { x }
}

/// Φ(-x) e^(x²/2) for x of at least 0: t · g(t) with t = 1 / (1 + x / √8), where g is smooth on
/// 0..=1. It is summed by Clenshaw's recurrence from g's first `TERMS` Chebyshev coefficients.
#[inline(always)]
fn scaled_tail<T: Float, const TERMS: usize>(x: T) -> T {
    let t = T::ONE / (T::ONE + x * T::from_f64(std::f64::consts::FRAC_1_SQRT_2 / 2.0));
    let y = t + t - T::ONE;
    let (mut b, mut b_before) = (T::ZERO, T::ZERO);
    for &c in TAIL[1..TERMS].iter().rev() {
        (b, b_before) = ((y + y) * b - b_before + T::from_f64(c), b);
    }
    t * (y * b - b_before + T::from_f64(TAIL[0]))
}

/// The Chebyshev coefficients of g, from 60-digit arithmetic.
const TAIL: [f64; 28] = [
    0.288_516_869_308_234_84,
    0.177_718_460_635_249_24,
    0.032_547_579_414_393_26,
    0.001_835_571_197_918_319_6,
    -0.000_556_422_371_676_316_2,
    -8.037_914_957_689_04e-5,
    1.639_015_787_086_568_5e-5,
    2.721_220_822_752_508e-6,
    -7.577_332_776_585_741e-7,
    -7.148_804_090_584_932e-8,
    4.117_304_413_709_747e-8,
    -6.481_423_426_153_281e-10,
    -2.077_360_815_507_599e-9,
    3.173_529_139_181_405_6e-10,
    7.160_411_356_128_112e-11,
    -3.080_195_052_602_293e-11,
    1.030_606_927_736_084_8e-12,
    1.785_746_574_423_852_2e-12,
    -4.293_211_421_625_898e-13,
    -3.072_800_106_895_315e-14,
    3.709_362_874_298_308_5e-14,
    -6.447_521_377_516_163e-15,
    -1.179_363_192_855_316_2e-15,
    7.864_674_690_842_956e-16,
    -1.139_148_311_977_323_3e-16,
    -3.156_165_225_378_215e-17,
    1.795_838_176_590_746e-17,
    -2.524_904_574_923_865e-18,
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The largest error of an f32 function in units in the last place of the true value, which
    /// the f64 one gives, over many numbers of `-most..=most`.
    fn most_ulps(most: f32, f: fn(f32) -> f32, exact: fn(f64) -> f64) -> f64 {
        let steps = 40_000;
        let mut ulps = 0.0_f64;
        for i in 0..=steps {
            // Evenly, and towards 0 by powers.
            let even = most * (2.0 * i as f32 / steps as f32 - 1.0);
            let small = most * (-0.0007 * i as f32).exp();
            for x in [even, small, -small] {
                let expected = exact(f64::from(x));
                let unit =
                    f64::from((expected as f32).abs().max(f32::MIN_POSITIVE)) * 2.0_f64.powi(-23);
                let error = (f64::from(f(x)) - expected).abs() / unit;
                assert!(error.is_finite(), "{x}");
                ulps = ulps.max(error);
            }
        }
        ulps
    }

    #[test]
    fn f32_functions_are_right_to_a_few_units_in_the_last_place() {
        for (name, bound, ulps) in [
            ("exp", 1.0, most_ulps(87.0, Elementary::exp, f64::exp)),
            ("exp_m1", 1.5, most_ulps(88.0, Elementary::exp_m1, f64::exp_m1)),
            ("ln_1p", 1.5, most_ulps(1.0, |x| Elementary::ln_1p(x.abs()), |x| x.abs().ln_1p())),
            ("Φ", 4.0, most_ulps(12.0, |x| x.normal().0, |x| x.normal().0)),
            ("bell", 2.0, most_ulps(12.0, |x| x.normal().1, |x| x.normal().1)),
        ] {
            assert!(ulps < bound, "{name}: {ulps} units in the last place");
        }
    }

    /// Values of 30-digit arithmetic.
    #[test]
    fn the_f64_normal_distribution_is_right_to_the_last_digits() {
        for (x, expected) in [
            (0.0, 0.5),
            (0.1, 0.539_827_837_277_029),
            (1.0, 0.841_344_746_068_542_9),
            (-1.0, 0.158_655_253_931_457_05),
            (-5.0, 2.866_515_718_791_939e-7),
            (-10.0, 7.619_853_024_160_526e-24),
            (-37.0, 5.725_571_222_524_577e-300),
            (9.0, 1.0),
        ] {
            let found = f64::normal(x).0;
            assert!((found / expected - 1.0).abs() <= 1e-15, "{x}: {found:e}");
        }
    }

    #[test]
    fn ends_of_the_line() {
        let inf = f32::INFINITY;
        assert_eq!([-inf, -104.0, 89.0, inf].map(Elementary::exp), [0.0, 0.0, inf, inf]);
        assert_eq!(Elementary::exp(0.0_f32), 1.0);
        assert!(Elementary::exp(88.722_83_f32) < inf, "the largest number that does not overflow");
        assert_eq!(Elementary::exp(-103.0_f32), 1e-45, "the smallest number");
        assert_eq!([-inf, -30.0, inf].map(Elementary::exp_m1), [-1.0, -1.0, inf]);
        assert_eq!([-inf, -20.0, 20.0, inf].map(Elementary::tanh), [-1.0, -1.0, 1.0, 1.0]);
        assert_eq!([-inf, inf].map(|x: f32| x.normal().0), [0.0, 1.0]);
        assert_eq!([-f64::INFINITY, f64::INFINITY].map(|x| x.normal().0), [0.0, 1.0]);
        assert!(Elementary::tanh(-0.0_f32).is_sign_negative());
        assert!(
            [Elementary::exp, Elementary::exp_m1, Elementary::tanh]
                .iter()
                .all(|f| f(f32::NAN).is_nan())
        );
        assert!(f32::NAN.normal().0.is_nan() && f64::NAN.normal().0.is_nan());
    }
}
