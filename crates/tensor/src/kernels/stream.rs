//! Stores past the cache, for results that other processors read next.

use crate::Float;

/// How a kernel writes its result.
///
/// What one processor writes and the others read is in everyone's cache as a copy, and the next
/// write to it must first call all copies back, line by line: 29 ns a line were measured between
/// two virtual processors, ten times the time of the update itself. A streaming store sends whole lines
/// to memory and calls copies back on the way, without waiting. Where only one thread computes,
/// the cache is the better place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    /// Into the cache.
    Cached,
    /// Past the cache, where the processor can (x86-64) and the elements are `f32`.
    Streaming,
}

impl Store {
    /// The better one for what `threads` threads will read.
    pub fn shared_by(threads: usize) -> Self {
        if threads > 1 { Store::Streaming } else { Store::Cached }
    }

    /// Copies `from` to `to`, which may be shorter.
    ///
    /// Streaming stores are weakly ordered, so [`Store::finish`] must follow before another
    /// thread may read `to`.
    #[inline(always)]
    pub(super) fn write<T: Float>(self, to: &mut [T], from: &[T]) {
        let from = &from[..to.len()];
        #[cfg(target_arch = "x86_64")]
        if self == Store::Streaming
            && let Some(from) = T::f32s(from)
            && let Some(to) = T::f32s_mut(to)
        {
            return x86::stream(to, from);
        }
        to.copy_from_slice(from);
    }

    /// Makes everything written so far visible to whoever synchronises with this thread.
    #[inline(always)]
    pub(super) fn finish(self) {
        #[cfg(target_arch = "x86_64")]
        if self == Store::Streaming {
            // SAFETY: SSE belongs to x86-64.
            unsafe { std::arch::x86_64::_mm_sfence() };
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{_mm_loadu_ps, _mm_stream_ps};

    /// Four f32, the width of the one streaming store that every x86-64 processor has. The processor
    /// gathers neighbouring ones to whole lines, so wider ones gain nothing.
    const WIDTH: usize = 4;

    #[inline(always)]
    pub(super) fn stream(to: &mut [f32], from: &[f32]) {
        let head = to.as_ptr().align_offset(WIDTH * size_of::<f32>()).min(to.len());
        let (to_head, to) = to.split_at_mut(head);
        let (from_head, from) = from.split_at(head);
        to_head.copy_from_slice(from_head);
        let (to, to_tail) = to.as_chunks_mut::<WIDTH>();
        let (from, from_tail) = from.as_chunks::<WIDTH>();
        for (to, from) in to.iter_mut().zip(from) {
            // SAFETY: both are four f32, and `to` is aligned as the head was chosen. SSE belongs
            // to x86-64.
            unsafe { _mm_stream_ps(to.as_mut_ptr(), _mm_loadu_ps(from.as_ptr())) };
        }
        to_tail.copy_from_slice(from_tail);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_write_every_element_at_any_alignment_and_length() {
        let from: Vec<f32> = (0..80).map(|i| i as f32).collect();
        for store in [Store::Cached, Store::Streaming] {
            for start in 0..8 {
                for len in 0..=70 {
                    let mut to = vec![f32::NAN; 80];
                    store.write(&mut to[start..start + len], &from);
                    store.finish();
                    assert_eq!(to[start..start + len], from[..len]);
                    let rest = to[..start].iter().chain(&to[start + len..]);
                    assert!(rest.copied().all(f32::is_nan));
                }
            }
            let mut to = [0.0_f64; 3];
            store.write(&mut to, &[1.0, 2.0, 3.0]);
            assert_eq!(to, [1.0, 2.0, 3.0]);
        }
    }
}
