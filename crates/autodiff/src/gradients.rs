//! [`Gradients`]: what a backward pass found.

use crate::Var;
use crate::tape::NodeId;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tensor::{Float, Tensor, kernels::elementwise, parallel};

/// The identity of a parameter, by which its gradient is found again.
///
/// It only ever tells things apart; no number or order that a computation sees depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(u64);

impl Key {
    /// A key that nothing else in this process has.
    pub fn unique() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Key(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// The gradients of the leaves that a value depends on, in the order of the leaves' creation.
#[derive(Clone, Debug)]
pub struct Gradients<T: Float = f32> {
    entries: Vec<Entry<T>>,
    passes: usize,
}

#[derive(Clone, Debug)]
struct Entry<T: Float> {
    /// The tape and the place on it.
    leaf: (Key, NodeId),
    key: Option<Key>,
    gradient: Tensor<T>,
}

impl<T: Float> Default for Gradients<T> {
    fn default() -> Self {
        Gradients { entries: Vec::new(), passes: 0 }
    }
}

impl<T: Float> Gradients<T> {
    pub(crate) fn insert(&mut self, leaf: (Key, NodeId), key: Option<Key>, gradient: Tensor<T>) {
        self.entries.push(Entry { leaf, key, gradient });
    }

    /// The backward pass meets the leaves last first; users want them first first.
    pub(crate) fn finish(&mut self) {
        self.entries.reverse();
        self.passes = 1;
    }

    /// How many backward passes were added up: 1 as a pass returns them, 0 for the default.
    pub fn passes(&self) -> usize {
        self.passes
    }

    /// The gradient of a leaf, or `None` where the differentiated value does not depend on it.
    pub fn of(&self, leaf: &Var<'_, T>) -> Option<&Tensor<T>> {
        let leaf = (leaf.tape().id, leaf.node()?);
        self.entries.iter().find(|entry| entry.leaf == leaf).map(|entry| &entry.gradient)
    }

    /// The gradient of the parameter with this key, or `None` where the value does not depend on
    /// it.
    pub fn get(&self, key: Key) -> Option<&Tensor<T>> {
        self.entries.iter().find(|entry| entry.key == Some(key)).map(|entry| &entry.gradient)
    }

    /// The gradients of all parameters, with their keys.
    pub fn iter(&self) -> impl Iterator<Item = (Key, &Tensor<T>)> {
        self.entries.iter().filter_map(|entry| Some((entry.key?, &entry.gradient)))
    }

    /// Multiplies every gradient by `factor`.
    pub fn scale(&mut self, factor: T) {
        for entry in &mut self.entries {
            elementwise::affine(entry.gradient.as_mut_slice(), factor, T::ZERO);
        }
    }

    /// Adds another pass's parameter gradients to these: the parts of a batch add up.
    /// A parameter that only the other pass used is taken over.
    pub fn accumulate(&mut self, other: Gradients<T>) {
        self.passes += other.passes;
        let mut more: Vec<Option<Tensor<T>>> = self.entries.iter().map(|_| None).collect();
        for (i, entry) in other.entries.into_iter().enumerate() {
            let Some(key) = entry.key else { continue };
            // Passes over parts of one batch list the same parameters at the same places.
            let place = match self.entries.get(i) {
                Some(mine) if mine.key == Some(key) => Some(i),
                _ => self.entries.iter().position(|mine| mine.key == Some(key)),
            };
            match place {
                Some(place) => more[place] = Some(entry.gradient),
                None => {
                    self.entries.push(entry);
                    more.push(None);
                }
            }
        }
        let pairs = self.entries.iter_mut().zip(&more).filter_map(|(entry, more)| {
            Some((entry.gradient.as_mut_slice(), more.as_ref()?.as_slice()))
        });
        parallel::share(pairs, &|(sum, more)| elementwise::add(sum, more));
    }

    /// Whether no gradient of a parameter has a NaN or an infinity.
    pub fn all_finite(&self) -> bool {
        let finite = AtomicBool::new(true);
        let gradients = self.iter().map(|(_, gradient)| gradient.as_slice());
        parallel::share(gradients, &|gradient| {
            if !elementwise::all_finite(gradient) {
                finite.store(false, Ordering::Relaxed);
            }
        });
        finite.into_inner()
    }
}
