//! Threads that stay awake between the steps of a loop.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// After this long without work a thread sleeps instead of looking on: something else than
/// training is going on, such as a callback that writes a file.
const PATIENCE: Duration = Duration::from_millis(1);

/// How long it then sleeps at a time.
const NAP: Duration = Duration::from_micros(200);

/// Runs `work` while the other threads of the current rayon pool look for work without falling
/// asleep.
///
/// A small network's step takes a fraction of a millisecond, and is followed by a serial part
/// that is long enough for rayon's idle threads to fall asleep. Waking one up takes the system
/// 20 to 200 µs, step after step.
pub fn keep_awake<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    let others = rayon::current_num_threads() - 1;
    if others == 0 || super::is_serial() || rayon::current_thread_index().is_none() {
        return work();
    }
    let (started, done) = (AtomicUsize::new(0), AtomicBool::new(false));
    rayon::scope(|scope| {
        let _done = SetOnDrop(&done);
        for _ in 0..others {
            scope.spawn(|_| {
                started.fetch_add(1, Ordering::Release);
                look_for_work(&done);
            });
        }
        // While `work` waits for a part of its own it executes whatever job it finds; it must not
        // find one of these.
        while started.load(Ordering::Acquire) < others {
            std::thread::yield_now();
        }
        work()
    })
}

/// `rayon::join` whose caller looks for work rather than fall asleep while it waits for `right`.
pub fn join<L: Send, R: Send>(
    left: impl FnOnce() -> L + Send,
    right: impl FnOnce() -> R + Send,
) -> (L, R) {
    if super::is_serial() {
        return (left(), right());
    }
    let (mut found, done) = (None, AtomicBool::new(false));
    let left = rayon::scope(|scope| {
        scope.spawn(|_| {
            let _done = SetOnDrop(&done);
            found = Some(right());
        });
        let left = left();
        look_for_work(&done);
        left
    });
    (left, found.expect("a scope ends after all that was spawned in it"))
}

/// Executes what the pool has to do, until `done`.
///
/// Between two looks it does not let other programs run, as rayon's idle threads do: where the
/// machine is busy, the system would then come back after milliseconds, many steps later. Only
/// where there are more threads than processors must the one that has the work get its turn.
fn look_for_work(done: &AtomicBool) {
    let crowded = rayon::current_num_threads() > *PROCESSORS;
    let mut idle_since = None;
    while !done.load(Ordering::Acquire) {
        if rayon::yield_now() == Some(rayon::Yield::Executed) {
            idle_since = None;
        } else if crowded {
            std::thread::yield_now();
        } else if idle_since.get_or_insert_with(Instant::now).elapsed() < PATIENCE {
            std::hint::spin_loop();
        } else {
            std::thread::sleep(NAP);
        }
    }
}

static PROCESSORS: LazyLock<usize> =
    LazyLock::new(|| std::thread::available_parallelism().map_or(1, usize::from));

/// Ends the other threads' search also where `work` panics.
struct SetOnDrop<'a>(&'a AtomicBool);

impl Drop for SetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_done_by_the_pools_threads_and_its_result_returned() {
        for threads in [1, 2, 5] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let sum = pool.install(|| {
                keep_awake(|| {
                    let sum = |n: u64| rayon::join(|| n, || n + 1);
                    (0..100).map(sum).map(|(a, b)| a + b).sum::<u64>()
                })
            });
            assert_eq!(sum, (0..100).map(|n| 2 * n + 1).sum::<u64>());
        }
        assert_eq!(keep_awake(|| 7), 7, "outside of a pool");
    }

    #[test]
    fn a_panic_passes_through() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        let work = || pool.install(|| keep_awake(|| panic!("on purpose")));
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
        assert!(caught.is_err());
    }
}
