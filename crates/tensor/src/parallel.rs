//! Large operations are split over threads here, and only here.
//!
//! A small network is trained on several shards of a batch at once, and its operations are too
//! small to be worth another split. A large layer is: its output is cut into pieces that are
//! computed independently of each other, so the result has the same bits however many threads
//! take part.

use rayon::prelude::*;

/// Work that is done sooner by one thread than it takes to wake another, in floating-point
/// operations: some 100 µs.
const SMALL: f64 = 1e7;

/// Calls `work` with the number and the elements of each piece of `out`, `piece` elements long
/// (the last may be shorter), on the threads of the rayon pool that the caller is in. `flops` is
/// the work of all pieces together. The pieces are the same whether or not threads take part.
///
/// # Panics
/// Where `piece` is 0.
pub fn for_each_piece<T: Send>(
    out: &mut [T],
    piece: usize,
    flops: f64,
    work: impl Fn(usize, &mut [T]) + Sync,
) {
    if out.len() <= piece || threads(flops) == 1 {
        out.chunks_mut(piece).enumerate().for_each(|(i, piece)| work(i, piece));
    } else {
        out.par_chunks_mut(piece).enumerate().for_each(|(i, piece)| work(i, piece));
    }
}

/// The number of threads of the rayon pool that the caller is in; 1 outside of any.
pub fn team() -> usize {
    if rayon::current_thread_index().is_some() { rayon::current_num_threads() } else { 1 }
}

/// Calls `work` with each of the tasks, which together are `flops` floating-point operations, on
/// the threads of the rayon pool that the caller is in.
pub fn for_each_task<T: Send>(tasks: Vec<T>, flops: f64, work: impl Fn(T) + Sync + Send) {
    if tasks.len() < 2 || threads(flops) == 1 {
        tasks.into_iter().for_each(work);
    } else {
        tasks.into_par_iter().with_max_len(1).for_each(work);
    }
}

/// The threads that share `flops` floating-point operations. Results must not depend on it.
pub fn threads(flops: f64) -> usize {
    if flops < SMALL { 1 } else { rayon::current_num_threads() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_is_visited_once_with_its_number() {
        for (len, piece, flops) in [(0, 3, 1.0), (7, 3, 1.0), (7, 3, 1e9), (6, 3, 1e9), (2, 3, 1e9)]
        {
            let mut out = vec![usize::MAX; len];
            for_each_piece(&mut out, piece, flops, |i, out| {
                for (j, out) in out.iter_mut().enumerate() {
                    assert_eq!(*out, usize::MAX);
                    *out = i * piece + j;
                }
            });
            assert_eq!(out, (0..len).collect::<Vec<_>>());
        }
    }
}
