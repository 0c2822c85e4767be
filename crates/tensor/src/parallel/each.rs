//! Work that each thread of a team does for itself.

use super::{join, member};
use std::sync::Mutex;

/// Calls `work` with each of the tasks: the task with a thread's number on that thread, unless
/// another thread is there sooner. The result must not depend on it.
///
/// ```
/// use tensor::parallel::each_member;
/// let mut numbers = [1, 2];
/// each_member(numbers.iter_mut().collect(), &|number| *number *= 2);
/// assert_eq!(numbers, [2, 4]);
/// ```
pub fn each_member<T: Send>(tasks: Vec<T>, work: &(impl Fn(T) + Sync)) {
    let count = tasks.len();
    let tasks: Vec<_> = tasks.into_iter().map(|task| Mutex::new(Some(task))).collect();
    // There are as many calls as tasks, so each finds one.
    let one = || {
        let own = member();
        let mut candidates = (0..count).map(|i| &tasks[(own + i) % count]);
        let task = candidates.find_map(|task| task.lock().ok()?.take());
        task.into_iter().for_each(work);
    };
    fork(count, &one);
}

fn fork(count: usize, one: &(impl Fn() + Sync)) {
    match count {
        0 => {}
        1 => one(),
        _ => {
            join(|| fork(count / 2, one), || fork(count - count / 2, one));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_task_is_done_once() {
        for threads in [1, 2, 5] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            for count in [0, 1, threads, threads + 3] {
                let mut numbers = vec![0; count];
                let tasks = numbers.iter_mut().enumerate().collect();
                pool.install(|| {
                    each_member(tasks, &|(i, number): (usize, &mut usize)| *number += i + 1);
                });
                assert_eq!(numbers, (1..=count).collect::<Vec<_>>(), "{threads} threads");
            }
        }
    }
}
