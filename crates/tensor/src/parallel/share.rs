//! Element-wise work on many slices, shared by the threads that train.

use super::{join, team};

/// Numbers that a thread works through in about the time that it takes to hand some to another, when
/// that is awake: fewer are not shared.
pub const FEWEST: usize = 16_384;

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

impl<T: Sync> Slices for &[T] {
    fn len(&self) -> usize {
        <[T]>::len(self)
    }

    fn split_at(self, middle: usize) -> (Self, Self) {
        <[T]>::split_at(self, middle)
    }
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

/// Calls `work` with all of the slices. Where they are long together, each thread of the [`team`] is
/// given as much as any other, some of them cut. For work on the elements alone, whose results do
/// not depend on where the cuts are.
///
/// The same slices are always cut at the same places, so what a thread wrote it finds again.
///
/// ```
/// use tensor::parallel::share;
/// let (mut sums, terms) = ([1, 2, 3], [10, 20, 30]);
/// share([(&mut sums[..], &terms[..])], &|(sums, terms): (&mut [i32], &[i32])| {
///     sums.iter_mut().zip(terms).for_each(|(sum, term)| *sum += term);
/// });
/// assert_eq!(sums, [11, 22, 33]);
/// ```
pub fn share<S: Slices>(slices: impl IntoIterator<Item = S>, work: &(impl Fn(S) + Sync)) {
    match team() {
        1 => slices.into_iter().for_each(work),
        threads => among(threads, slices.into_iter().collect(), work),
    }
}

fn among<S: Slices>(threads: usize, slices: Vec<S>, work: &(impl Fn(S) + Sync)) {
    let len: usize = slices.iter().map(S::len).sum();
    if threads == 1 || len < FEWEST {
        return slices.into_iter().for_each(work);
    }
    let few = threads / 2;
    let (left, right) = cut(slices, len / threads * few);
    join(|| among(few, left, work), || among(threads - few, right, work));
}

/// About the first `middle` elements of the slices, and the rest.
fn cut<S: Slices>(slices: Vec<S>, middle: usize) -> (Vec<S>, Vec<S>) {
    let (mut left, mut right) =
        (Vec::with_capacity(slices.len()), Vec::with_capacity(slices.len()));
    let mut missing = middle;
    for slices in slices {
        let len = slices.len().min(missing.next_multiple_of(BLOCK));
        missing = missing.saturating_sub(len);
        match len {
            0 => right.push(slices),
            len if len == slices.len() => left.push(slices),
            len => {
                let (before, after) = slices.split_at(len);
                left.push(before);
                right.push(after);
            }
        }
    }
    (left, right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_is_worked_on_once() {
        for threads in [1, 2, 3, 7] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            for len in [0, 1, FEWEST - 1, FEWEST, FEWEST + 1, 5 * FEWEST + 77] {
                let mut sums: Vec<usize> = (0..len).collect();
                let terms: Vec<usize> = (0..len).map(|i| 3 * i).collect();
                let add = |(sums, terms): (&mut [usize], &[usize])| {
                    assert_eq!(sums.len(), terms.len());
                    sums.iter_mut().zip(terms).for_each(|(sum, term)| *sum += term);
                };
                let first = len / 5;
                let (a, b) = sums.split_at_mut(first);
                let slices = [(a, &terms[..first]), (b, &terms[first..])];
                pool.install(|| share(slices, &add));
                assert!(sums.iter().enumerate().all(|(i, &sum)| sum == 4 * i), "{threads} {len}");
            }
        }
    }

    #[test]
    fn a_cut_halves_what_there_is() {
        let numbers: Vec<usize> = (0..10 * BLOCK + 3).collect();
        let lengths =
            |slices: &[&[usize]]| -> Vec<usize> { slices.iter().map(Slices::len).collect() };
        let slices =
            || vec![&numbers[..6], &numbers[6..6], &numbers[6..9 * BLOCK], &numbers[9 * BLOCK..]];
        let (left, right) = cut(slices(), 5 * BLOCK);
        assert_eq!(lengths(&left), [6, 5 * BLOCK]);
        assert_eq!(lengths(&right), [0, 4 * BLOCK - 6, BLOCK + 3]);
        assert_eq!(left.concat().len() + right.concat().len(), numbers.len());
        let (left, right) = cut(slices(), 6);
        assert_eq!((lengths(&left), right.len()), (vec![6], 3));
    }
}
