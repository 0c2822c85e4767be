//! The factors of dropout.

use super::isa::multiversion;
use crate::Float;
use crate::random::Stream;

multiversion! {
    /// factors := 0 with the probability `dropped` / 2³², else `kept`: element i by the stream's
    /// i-th number. The stream has not been drawn from yet.
    pub fn factors<T: Float>(stream: &mut Stream, dropped: u32, kept: T, factors: &mut [T]) {
        for factors in factors.chunks_mut(64) {
            for (factor, bits) in factors.iter_mut().zip(stream.next_64()) {
                *factor = if bits < dropped { T::ZERO } else { kept };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_depends_on_its_own_number_alone() {
        for len in [0, 1, 63, 64, 65, 200] {
            let stream = || Stream::new(3, "dropout", 4, 5);
            let mut found = vec![f32::NAN; len];
            factors(&mut stream(), 1 << 31, 2.0, &mut found);
            let mut numbers = stream();
            for factor in found {
                let expected = if numbers.next_u32() < 1 << 31 { 0.0 } else { 2.0 };
                assert_eq!(factor, expected);
            }
        }
    }
}
