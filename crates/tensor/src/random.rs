//! Random numbers as pure functions of *(seed, purpose, epoch, index)*.
//!
//! A [`Stream`] is counter-based (Philox4x32-10, Salmon et al. 2011): no state is shared between
//! streams, so what a stream yields does not depend on which thread asks, in which order, or how
//! many numbers another stream has given.

/// An endless sequence of random numbers, named by *(seed, purpose, epoch, index)*.
///
/// ```
/// use tensor::random::Stream;
/// let mut shuffle = Stream::new(1, "shuffle", 0, 0);
/// let mut order = [0, 1, 2, 3, 4];
/// shuffle.shuffle(&mut order);
/// let mut again = [0, 1, 2, 3, 4];
/// Stream::new(1, "shuffle", 0, 0).shuffle(&mut again);
/// assert_eq!(order, again);
/// ```
#[derive(Clone, Debug)]
pub struct Stream {
    key: [u32; 2],
    counter: [u32; 4],
    block: [u32; 4],
    used: usize,
}

impl Stream {
    /// The stream of this name. `epoch` and `index` count whatever `purpose` says they count.
    pub fn new(seed: u64, purpose: &str, epoch: u64, index: u64) -> Self {
        // FNV-1a tells purposes apart; SplitMix64 spreads the little that small seeds differ by.
        let name = purpose.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        let key = split_mix(split_mix(seed).wrapping_add(name) ^ split_mix(epoch >> 32));
        Stream {
            key: [key as u32, (key >> 32) as u32],
            counter: [0, index as u32, (index >> 32) as u32, epoch as u32],
            block: [0; 4],
            used: 4,
        }
    }

    /// 32 uniform bits.
    pub fn next_u32(&mut self) -> u32 {
        if self.used == 4 {
            self.block = philox(self.counter, self.key);
            self.counter[0] = self.counter[0].wrapping_add(1);
            self.used = 0;
        }
        self.used += 1;
        self.block[self.used - 1]
    }

    /// The next sixty-four numbers of [`Stream::next_u32`], of a stream whose last block is used
    /// up; sixteen blocks at a time, so that it vectorises.
    #[inline(always)]
    pub(crate) fn next_64(&mut self) -> [u32; 64] {
        debug_assert_eq!(self.used, 4);
        let first = self.counter[0];
        let mut counters = self.counter.map(|part| [part; 16]);
        counters[0] = std::array::from_fn(|block| first.wrapping_add(block as u32));
        self.counter[0] = first.wrapping_add(16);
        let blocks = philox_16(counters, self.key);
        std::array::from_fn(|i| blocks[i % 4][i / 4])
    }

    /// 64 uniform bits.
    pub fn next_u64(&mut self) -> u64 {
        u64::from(self.next_u32()) | u64::from(self.next_u32()) << 32
    }

    /// Uniform in [0, 1), on a grid of 2⁻⁵³.
    pub fn uniform(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Uniform in [low, high).
    pub fn uniform_in(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// Standard normal, by the Box-Muller transform.
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// Uniform in `0..bound`, without modulo bias (Lemire 2019). `bound` is at least 1.
    pub fn below(&mut self, bound: usize) -> usize {
        debug_assert!(bound > 0);
        let bound = bound as u64;
        loop {
            let wide = u128::from(self.next_u64()) * u128::from(bound);
            if wide as u64 >= bound.wrapping_neg() % bound {
                return (wide >> 64) as usize;
            }
        }
    }

    /// `count` different numbers of `0..population`, drawn uniformly without replacement, in the
    /// order in which they were drawn. `count` is at most `population`.
    ///
    /// ```
    /// use tensor::random::Stream;
    /// let batch = Stream::new(1, "mini-batch", 0, 0).sample(60_000, 32);
    /// assert_eq!(batch.len(), 32);
    /// assert!(batch.iter().all(|&index| index < 60_000));
    /// ```
    pub fn sample(&mut self, population: usize, count: usize) -> Vec<usize> {
        debug_assert!(count <= population);
        // The first `count` steps of Fisher-Yates on 0..population, of which only the numbers that
        // were moved are kept: the cost depends on `count` alone.
        let mut moved = std::collections::HashMap::with_capacity(2 * count);
        let draw = |place| {
            let other = place + self.below(population - place);
            let here = *moved.get(&place).unwrap_or(&place);
            moved.insert(other, here).unwrap_or(other)
        };
        (0..count).map(draw).collect()
    }

    /// Puts `items` into a uniformly random order (Fisher-Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

fn split_mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Philox4x32 with ten rounds: a bijection of the counter, keyed.
fn philox(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    for _ in 0..10 {
        let left = u64::from(counter[0]) * 0xd251_1f53;
        let right = u64::from(counter[2]) * 0xcd9e_8d57;
        counter = [
            (right >> 32) as u32 ^ counter[1] ^ key[0],
            right as u32,
            (left >> 32) as u32 ^ counter[3] ^ key[1],
            left as u32,
        ];
        key = [key[0].wrapping_add(0x9e37_79b9), key[1].wrapping_add(0xbb67_ae85)];
    }
    counter
}

/// [`philox`] of sixteen counters, whose parts lie side by side.
#[inline(always)]
fn philox_16(mut counters: [[u32; 16]; 4], mut key: [u32; 2]) -> [[u32; 16]; 4] {
    for _ in 0..10 {
        let [a, b, c, d] = counters;
        for i in 0..16 {
            let left = u64::from(a[i]) * 0xd251_1f53;
            let right = u64::from(c[i]) * 0xcd9e_8d57;
            counters[0][i] = (right >> 32) as u32 ^ b[i] ^ key[0];
            counters[1][i] = right as u32;
            counters[2][i] = (left >> 32) as u32 ^ d[i] ^ key[1];
            counters[3][i] = left as u32;
        }
        key = [key[0].wrapping_add(0x9e37_79b9), key[1].wrapping_add(0xbb67_ae85)];
    }
    counters
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The known answers of the Random123 distribution.
    #[test]
    fn philox_known_answers() {
        let ones = u32::MAX;
        let cases = [
            ([0; 4], [0; 2], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
            ([ones; 4], [ones; 2], [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
            (
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
                [0xa409_3822, 0x299f_31d0],
                [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
            ),
        ];
        for (counter, key, expected) in cases {
            assert_eq!(philox(counter, key), expected);
        }
    }

    #[test]
    fn sixty_four_at_a_time_are_the_same_numbers() {
        let mut one = Stream::new(5, "bits", 1 << 33, 1 << 40);
        let mut many = one.clone();
        for _ in 0..3 {
            assert_eq!(many.next_64(), std::array::from_fn(|_| one.next_u32()));
        }
    }

    #[test]
    fn streams_differ_in_every_part_of_their_name() {
        let first =
            |seed, purpose, epoch, index| Stream::new(seed, purpose, epoch, index).next_u64();
        let base = first(1, "init", 0, 0);
        for other in [
            first(2, "init", 0, 0),
            first(1, "shuffle", 0, 0),
            first(1, "init", 1, 0),
            first(1, "init", 1 << 32, 0),
            first(1, "init", 0, 1),
            first(1, "init", 0, 1 << 32),
        ] {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn uniform_and_normal_have_their_moments() {
        let mut stream = Stream::new(7, "moments", 0, 0);
        let count = 200_000;
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..count {
            let x = stream.uniform();
            assert!((0.0..1.0).contains(&x));
            sum += x;
        }
        assert!((sum / f64::from(count) - 0.5).abs() < 0.003);
        sum = 0.0;
        for _ in 0..count {
            let x = stream.normal();
            sum += x;
            squares += x * x;
        }
        assert!((sum / f64::from(count)).abs() < 0.01);
        assert!((squares / f64::from(count) - 1.0).abs() < 0.02);
    }

    /// Each of the twenty ordered pairs of five numbers comes up equally often (chi-squared, 19
    /// degrees, 99.99 % point 50.8), whole populations are permutations, and no number comes twice.
    #[test]
    fn samples_are_uniform_and_without_replacement() {
        let mut seen = std::collections::BTreeMap::new();
        for index in 0..20_000 {
            let pair = Stream::new(3, "sample", 0, index).sample(5, 2);
            *seen.entry(pair).or_insert(0) += 1;
        }
        assert_eq!(seen.len(), 20, "and none is a number twice");
        let chi: f64 = seen.values().map(|&n| (f64::from(n) - 1000.0).powi(2) / 1000.0).sum();
        assert!((3.0..50.8).contains(&chi), "chi-squared {chi}");
        for population in 0..30 {
            let mut all = Stream::new(4, "sample", 0, 0).sample(population, population);
            all.sort_unstable();
            assert_eq!(all, (0..population).collect::<Vec<_>>());
        }
    }

    /// Every order of three items comes up, each about one time in six (chi-squared, 5 degrees).
    #[test]
    fn shuffle_is_uniform() {
        let mut seen = std::collections::BTreeMap::new();
        for index in 0..6000 {
            let mut items = [0, 1, 2];
            Stream::new(3, "shuffle", 0, index).shuffle(&mut items);
            *seen.entry(items).or_insert(0) += 1;
        }
        assert_eq!(seen.len(), 6);
        let chi: f64 = seen.values().map(|&n| (f64::from(n) - 1000.0).powi(2) / 1000.0).sum();
        assert!(chi < 20.5, "chi-squared {chi}");
    }
}
