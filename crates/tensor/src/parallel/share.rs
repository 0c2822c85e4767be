//! Element-wise work on long slices, shared by the threads that train.

use super::{join, team};

/// Numbers that a thread works through in about the time that it takes to hand some to another, when
/// that is awake.
const SMALL: usize = 16_384;

/// Where slices are cut: whole blocks of the kernels, and whole cache lines.
const BLOCK: usize = 128;

/// Slices of one length that are cut at the same place.
pub trait Slices: Send + Sized {
    /// The length of each.
    fn len(&self) -> usize;

    /// Whether there is nothing in them.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What is before `middle`, and the rest.
    fn split_at(self, middle: usize) -> (Self, Self);
}

impl<T: Send + Sync> Slices for (&mut [T], &[T]) {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn split_at(self, middle: usize) -> (Self, Self) {
        let (a, b) = (self.0.split_at_mut(middle), self.1.split_at(middle));
        ((a.0, b.0), (a.1, b.1))
    }
}

/// Calls `work` with the slices, cut into a part for each thread of the [`team`] where they are long.
/// For work on the elements alone, whose results do not depend on where the cuts are.
///
/// ```
/// use tensor::parallel::share;
/// let (mut sums, terms) = ([1, 2, 3], [10, 20, 30]);
/// share((&mut sums[..], &terms[..]), &|(sums, terms): (&mut [i32], &[i32])| {
///     sums.iter_mut().zip(terms).for_each(|(sum, term)| *sum += term);
/// });
/// assert_eq!(sums, [11, 22, 33]);
/// ```
pub fn share<S: Slices>(slices: S, work: &(impl Fn(S) + Sync)) {
    among(team(), slices, work);
}

fn among<S: Slices>(threads: usize, slices: S, work: &(impl Fn(S) + Sync)) {
    if threads == 1 || slices.len() < SMALL {
        return work(slices);
    }
    let few = threads / 2;
    let middle = (slices.len() / threads * few).next_multiple_of(BLOCK);
    let (left, right) = slices.split_at(middle);
    join(|| among(few, left, work), || among(threads - few, right, work));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_is_worked_on_once() {
        for threads in [1, 2, 3, 7] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            for len in [0, 1, SMALL - 1, SMALL, SMALL + 1, 5 * SMALL + 77] {
                let mut sums: Vec<usize> = (0..len).collect();
                let terms: Vec<usize> = (0..len).map(|i| 3 * i).collect();
                let add = |(sums, terms): (&mut [usize], &[usize])| {
                    assert_eq!(sums.len(), terms.len());
                    sums.iter_mut().zip(terms).for_each(|(sum, term)| *sum += term);
                };
                pool.install(|| share((&mut sums[..], &terms[..]), &add));
                assert!(sums.iter().enumerate().all(|(i, &sum)| sum == 4 * i), "{threads} {len}");
            }
        }
    }
}
