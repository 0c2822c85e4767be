//! Buffers that are recycled rather than freed.
//!
//! A training step makes the same few dozen tensors every time. Taking them from the allocator
//! and giving them back costs more than the arithmetic: the allocator returns the pages to the
//! system, and the next step faults them in again. So a dropped buffer goes to a free list of
//! its size class, and the next tensor of that class takes it as it is, **stale contents and
//! all**: outputs are overwritten in full, so nothing is ever zero-filled for them.

use crate::Element;
use std::cell::RefCell;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many buffers were ever taken from the allocator rather than from a free list.
static FRESH: AtomicU64 = AtomicU64::new(0);

/// How many buffers tensors have taken from the allocator so far, over all threads. In a training
/// loop it stops growing after the first steps; if it does not, something keeps tensors alive.
pub fn fresh_buffers() -> u64 {
    FRESH.load(Ordering::Relaxed)
}

/// Buffers start on a cache line, which is also the width of the widest vector register.
const ALIGN: usize = 64;

/// Size classes: powers of two and the middle between two of them, in elements.
const CLASSES: usize = 64;

/// The free list of one class holds at most this many bytes, and always a few buffers.
const CLASS_BYTES: usize = 32 << 20;
const CLASS_BUFFERS: usize = 4;

/// A thread keeps buffers of at most this many bytes for itself, what a second-level cache holds,
/// and of each class at most this many.
const LOCAL_BYTES: usize = 1 << 20;
const LOCAL_BUFFERS: usize = 8;

/// An owned, aligned run of elements that returns to its pool when dropped.
pub(crate) struct Buffer<T: Element> {
    store: Vec<T>,
    start: usize,
    len: usize,
}

impl<T: Element> Buffer<T> {
    /// A buffer of `len` elements with unspecified (but initialised) contents.
    pub(crate) fn stale(len: usize) -> Self {
        let class = class_of(len);
        let store = T::local(|local| local.take(class)).unwrap_or_else(|| T::pool().take(class));
        let start = store.as_ptr().align_offset(ALIGN);
        Buffer { store, start, len }
    }

    pub(crate) fn as_slice(&self) -> &[T] {
        &self.store[self.start..self.start + self.len]
    }

    pub(crate) fn as_mut_slice(&mut self) -> &mut [T] {
        &mut self.store[self.start..self.start + self.len]
    }
}

impl<T: Element> Clone for Buffer<T> {
    fn clone(&self) -> Self {
        let mut copy = Buffer::stale(self.len);
        copy.as_mut_slice().copy_from_slice(self.as_slice());
        copy
    }
}

impl<T: Element> Drop for Buffer<T> {
    fn drop(&mut self) {
        let class = class_of(self.len);
        let mut store = Some(std::mem::take(&mut self.store));
        T::local(|local| local.give(class, &mut store));
        if let Some(store) = store {
            T::pool().give(class, store);
        }
    }
}

/// A thread's own free buffers by size class.
#[doc(hidden)]
#[derive(Debug)]
pub struct Local<T: Element>(RefCell<[Vec<Vec<T>>; LOCAL_CLASSES]>);

/// Every class up to [`LOCAL_BYTES`] of the widest element.
const LOCAL_CLASSES: usize = class_of(LOCAL_BYTES / size_of::<u8>()) + 1;

impl<T: Element> Local<T> {
    pub(crate) const fn new() -> Self {
        Local(RefCell::new([const { Vec::new() }; LOCAL_CLASSES]))
    }

    fn take(&self, class: usize) -> Option<Vec<T>> {
        self.0.borrow_mut().get_mut(class)?.pop()
    }

    /// Takes the buffer, unless it is large or there are enough of its class.
    fn give(&self, class: usize, buffer: &mut Option<Vec<T>>) {
        if capacity_of(class) * size_of::<T>() > LOCAL_BYTES {
            return;
        }
        if let Some(list) = self.0.borrow_mut().get_mut(class)
            && list.len() < LOCAL_BUFFERS
        {
            list.extend(buffer.take());
        }
    }
}

/// What an ending thread has left goes to the others.
impl<T: Element> Drop for Local<T> {
    fn drop(&mut self) {
        for (class, list) in self.0.get_mut().iter_mut().enumerate() {
            list.drain(..).for_each(|buffer| T::pool().give(class, buffer));
        }
    }
}

/// The free buffers of all threads by size class.
#[doc(hidden)]
#[derive(Debug)]
pub struct Pool<T>([Mutex<Vec<Vec<T>>>; CLASSES]);

impl<T: Element> Pool<T> {
    pub(crate) const fn new() -> Self {
        Pool([const { Mutex::new(Vec::new()) }; CLASSES])
    }

    fn take(&self, class: usize) -> Vec<T> {
        let recycled = self.0.get(class).and_then(|list| lock(list).pop());
        recycled.unwrap_or_else(|| {
            FRESH.fetch_add(1, Ordering::Relaxed);
            // A large fresh buffer is zeroed by the system, lazily and at no cost to us.
            vec![T::default(); capacity_of(class) + ALIGN / size_of::<T>()]
        })
    }

    fn give(&self, class: usize, buffer: Vec<T>) {
        let Some(list) = self.0.get(class) else { return };
        let mut list = lock(list);
        let most = (CLASS_BYTES / (capacity_of(class) * size_of::<T>())).max(CLASS_BUFFERS);
        if list.len() < most {
            list.push(buffer);
        }
    }
}

/// A panic elsewhere cannot leave a free list half changed, so a poisoned lock is still good.
fn lock<T>(list: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    list.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// The smallest class whose buffers hold `len` elements.
///
/// Classes 0, 1, 2, 3, 4, 5 ... hold 16, 24, 32, 48, 64, 96 ... elements. Small classes matter
/// little; large ones waste at most a third.
const fn class_of(len: usize) -> usize {
    let len = if len < 16 { 16 } else { len };
    let power = (len - 1).ilog2() as usize; // 2^power < len <= 2^(power+1), power >= 3
    let below = 1usize << power;
    if len <= below + below / 2 && power >= 4 { 2 * (power - 4) + 1 } else { 2 * (power - 3) }
}

fn capacity_of(class: usize) -> usize {
    let power = 16usize << (class / 2);
    if class.is_multiple_of(2) { power } else { power + power / 2 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_the_smallest_that_fits() {
        for len in 0..5000 {
            let class = class_of(len);
            assert!(capacity_of(class) >= len, "{len} in class {class}");
            assert!(class == 0 || capacity_of(class - 1) < len, "{len} in class {class}");
        }
    }

    #[test]
    fn buffers_are_aligned_and_recycled() {
        // A length that no other test uses, so that the free list is this test's own.
        let len = (3 << 15) - 7;
        let first = Buffer::<f32>::stale(len);
        let address = first.as_slice().as_ptr();
        assert_eq!(address.addr() % ALIGN, 0);
        assert_eq!(first.as_slice().len(), len);
        drop(first);
        assert_eq!(Buffer::<f32>::stale(len - 1).as_slice().as_ptr(), address);
    }

    #[test]
    fn a_free_list_is_bounded() {
        let pool = Pool::<u8>::new();
        let class = class_of(20 << 20);
        for _ in 0..10 {
            pool.give(class, Vec::new());
        }
        assert_eq!(lock(&pool.0[class]).len(), CLASS_BUFFERS);
    }
}
