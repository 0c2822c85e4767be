//! What the processor can do at best: the yardstick that the other kernels are held to.

// A chain has the same place in registers and in memory.
#![expect(clippy::needless_range_loop)]

use super::isa::Isa;
use super::lanes::LANES;
use super::vector::{Kernel, Vector, dispatch};

/// Independent chains of multiply-adds. Enough to fill two pipelines of four cycles, and with
/// two operands few enough for sixteen registers.
const CHAINS: usize = 12;

/// Numbers that [`multiply_adds`] works on.
pub const STATE: usize = CHAINS * LANES;

/// Replaces each number `x` by `x / 2 + 1`, `rounds` times, without leaving the registers: as
/// many multiply-adds in a row as the processor can execute. A round is `2 · STATE`
/// floating-point operations.
///
/// ```
/// use tensor::kernels::{ceiling::{STATE, multiply_adds}, isa::isa};
/// let mut state = [6.0; STATE];
/// multiply_adds(isa(), 2, &mut state);
/// assert_eq!(state, [3.0; STATE]);
/// ```
pub fn multiply_adds(isa: Isa, rounds: usize, state: &mut [f32; STATE]) {
    // SAFETY: the kernel stays inside its array.
    unsafe { dispatch(isa, MultiplyAdds { rounds, state }) };
}

struct MultiplyAdds<'a> {
    rounds: usize,
    state: &'a mut [f32; STATE],
}

impl Kernel for MultiplyAdds<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        // Narrow vectors take several turns, so that the work is the same for all.
        for state in self.state.chunks_exact_mut(CHAINS * V::LEN) {
            // SAFETY: the chunk holds `CHAINS` vectors.
            unsafe {
                let (half, one) = (V::splat(0.5), V::splat(1.0));
                let mut chains = [half; CHAINS];
                for i in 0..CHAINS {
                    chains[i] = V::load(state.as_ptr().add(i * V::LEN));
                }
                for _ in 0..self.rounds {
                    for i in 0..CHAINS {
                        chains[i] = chains[i].mul_add(half, one);
                    }
                }
                for i in 0..CHAINS {
                    chains[i].store(state.as_mut_ptr().add(i * V::LEN));
                }
            }
        }
    }
}

/// The sum of all numbers, read once from memory, at the speed of the memory.
///
/// ```
/// use tensor::kernels::{ceiling::sum, isa::isa};
/// assert_eq!(sum(isa(), &[1.0, 2.0, 4.0]), 7.0);
/// ```
pub fn sum(isa: Isa, numbers: &[f32]) -> f32 {
    let mut total = 0.0;
    // SAFETY: the kernel reads its slice alone.
    unsafe { dispatch(isa, Sum { numbers, total: &mut total }) };
    total
}

struct Sum<'a> {
    numbers: &'a [f32],
    total: &'a mut f32,
}

impl Kernel for Sum<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        const PARTS: usize = 8;
        let blocks = self.numbers.chunks_exact(PARTS * V::LEN);
        let rest: f32 = blocks.remainder().iter().sum();
        // SAFETY: each block holds `PARTS` vectors.
        unsafe {
            let mut sums = [V::splat(0.0); PARTS];
            for block in blocks {
                for i in 0..PARTS {
                    sums[i] = sums[i].add(V::load(block.as_ptr().add(i * V::LEN)));
                }
            }
            let mut total = sums[0];
            for sum in &sums[1..] {
                total = total.add(*sum);
            }
            *self.total = total.sum() + rest;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISAS: [Isa; 3] = [Isa::Portable, Isa::Avx2, Isa::Avx512];

    #[test]
    fn every_number_goes_through_every_round() {
        for (isa, rounds) in ISAS.into_iter().flat_map(|isa| [0, 1, 7, 200].map(|n| (isa, n))) {
            let mut state: [f32; STATE] = std::array::from_fn(|i| i as f32);
            let expected = state.map(|x| (0..rounds).fold(x, |x, _| x / 2.0 + 1.0));
            multiply_adds(isa, rounds, &mut state);
            assert_eq!(state, expected, "{isa}, {rounds} rounds");
        }
    }

    #[test]
    fn sums_are_those_of_a_loop() {
        let numbers: Vec<f32> = (0..1000).map(|i| (i * 7 % 31) as f32).collect();
        for (isa, len) in ISAS.into_iter().flat_map(|isa| (0..1000).map(move |n| (isa, n))) {
            let expected: f32 = numbers[..len].iter().sum();
            assert_eq!(sum(isa, &numbers[..len]), expected, "{isa}, {len} numbers");
        }
    }
}
