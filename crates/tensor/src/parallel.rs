//! Large operations are split over threads here, and only here.
//!
//! A small network is trained on several shards of a batch at once, and its operations are too
//! small to be worth another split. A large layer is: its output is cut into pieces that are
//! computed independently of each other, so the result has the same bits however many threads
//! take part.

mod awake;
mod each;
mod share;

pub use awake::{join, keep_awake};
pub use each::each_member;
pub use share::{FEWEST, Slices, share};

use rayon::ThreadPool;
use rayon::prelude::*;
use std::cell::RefCell;
use std::sync::Arc;

/// Work that is done sooner by one thread than it takes to wake another, in floating-point
/// operations: some 100 µs.
const SMALL: f64 = 1e7;

/// Where the operations that a thread runs may be split.
#[derive(Clone)]
enum Threads {
    /// The rayon pool that it is in.
    Ambient,
    /// The pool that it was told to use, or none.
    Chosen(Option<Arc<ThreadPool>>),
}

thread_local! {
    /// Which threads compute; what they compute does not depend on it.
    static THREADS: RefCell<Threads> = const { RefCell::new(Threads::Ambient) };
}

/// Runs `work` on the thread of the caller. Large operations in it are split over the threads of
/// `pool`, or over none.
///
/// For work that is mostly small: handing it to a pool as a whole costs 10 µs or more.
///
/// ```
/// use tensor::parallel;
/// assert_eq!(parallel::on(None, parallel::is_serial), true);
/// assert_eq!(parallel::is_serial(), false);
/// ```
pub fn on<R>(pool: Option<Arc<ThreadPool>>, work: impl FnOnce() -> R) -> R {
    /// Puts back what was before, also where `work` panics.
    struct Before(Threads);
    impl Drop for Before {
        fn drop(&mut self) {
            THREADS.set(self.0.clone());
        }
    }
    let _before = Before(THREADS.replace(Threads::Chosen(pool)));
    work()
}

/// Whether this thread was told to do everything itself.
pub fn is_serial() -> bool {
    THREADS.with_borrow(|threads| matches!(threads, Threads::Chosen(None)))
}

/// Calls `work` with the number and the elements of each piece of `out`, `piece` elements long
/// (the last may be shorter), on the threads that [`on`] gives it, else of the rayon pool that the
/// caller is in. `flops` is the work of all pieces together. The pieces are the same whether or
/// not threads take part.
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
        split(|| out.par_chunks_mut(piece).enumerate().for_each(|(i, piece)| work(i, piece)));
    }
}

/// The number of threads of the rayon pool that the caller is in; 1 outside of any, and where the
/// caller's thread does everything but large operations.
pub fn team() -> usize {
    let chosen = THREADS.with_borrow(|threads| matches!(threads, Threads::Chosen(_)));
    let ambient = !chosen && rayon::current_thread_index().is_some();
    if ambient { rayon::current_num_threads() } else { 1 }
}

/// The number of the caller's thread in the rayon pool that it is in, from 0; 0 outside of any.
pub fn member() -> usize {
    rayon::current_thread_index().unwrap_or(0)
}

/// Calls `work` with each of the tasks, which together are `flops` floating-point operations, on
/// the threads that [`for_each_piece`] uses.
pub fn for_each_task<T: Send>(tasks: Vec<T>, flops: f64, work: impl Fn(T) + Sync + Send) {
    if tasks.len() < 2 || threads(flops) == 1 {
        tasks.into_iter().for_each(work);
    } else {
        split(|| tasks.into_par_iter().with_max_len(1).for_each(work));
    }
}

/// Runs `work`, which rayon splits, in the pool that was chosen for this thread, if any.
fn split<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    match THREADS.with_borrow(Threads::clone) {
        Threads::Chosen(Some(pool)) => pool.install(work),
        _ => work(),
    }
}

/// The threads that share `flops` floating-point operations. Results must not depend on it.
pub fn threads(flops: f64) -> usize {
    THREADS.with_borrow(|threads| match threads {
        _ if flops < SMALL => 1,
        Threads::Chosen(None) => 1,
        Threads::Chosen(Some(pool)) => pool.current_num_threads(),
        Threads::Ambient => rayon::current_num_threads(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_is_visited_once_with_its_number() {
        for (len, piece, flops) in [(0, 3, 1.0), (7, 3, 1.0), (7, 3, 1e9), (6, 3, 1e9), (2, 3, 1e9)]
        {
            let visit = || {
                let mut out = vec![usize::MAX; len];
                for_each_piece(&mut out, piece, flops, |i, out| {
                    for (j, out) in out.iter_mut().enumerate() {
                        assert_eq!(*out, usize::MAX);
                        *out = i * piece + j;
                    }
                });
                assert_eq!(out, (0..len).collect::<Vec<_>>());
            };
            visit();
            on(None, visit);
            let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
            on(Some(Arc::new(pool)), visit);
        }
    }

    #[test]
    fn pieces_are_worked_on_where_they_should_be() {
        let workers = |len: usize| {
            let mut threads = vec![None; len];
            for_each_piece(&mut threads, 1, 1e9, |_, thread| {
                thread[0] = Some(std::thread::current().id());
            });
            threads
        };
        let here = Some(std::thread::current().id());
        assert!(on(None, || workers(9)).iter().all(|&thread| thread == here));
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        let pool = Some(Arc::new(pool));
        assert!(on(pool.clone(), || workers(9)).iter().all(|&thread| thread != here));
        on(pool, || assert_eq!((team(), is_serial()), (1, false)));
        on(None, || assert_eq!((team(), is_serial()), (1, true)));
        assert!(!is_serial());
    }
}
