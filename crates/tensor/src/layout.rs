//! How a tensor's elements lie in memory.
//!
//! Whoever uses a [`Tensor`] sees it row-major. Inside a network, operations may hand each other
//! values with sixteen samples interleaved, because every kernel of a small network then fills
//! the widest vector registers: see [`kernels::lanes`]. `autodiff` keeps such values to itself
//! and turns them row-major wherever one is asked for.

use crate::kernels::isa::isa;
use crate::kernels::lanes;
use crate::{Element, Float, Shape, Tensor};

/// How a tensor's elements lie in memory; its shape does not depend on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Layout {
    /// Row-major.
    #[default]
    Plain,
    /// `[⌈N/16⌉, .., 16]` for the shape `[N, ..]`, f32 only; unused lanes are finite, and zero in
    /// gradients.
    Lanes,
}

impl Layout {
    /// How many elements a tensor of this shape stores.
    pub(crate) fn stored(self, shape: &Shape) -> Option<usize> {
        match (self, &shape[..]) {
            (Layout::Lanes, [samples, sample @ ..]) => {
                let sample = sample.iter().try_fold(1usize, |len, &axis| len.checked_mul(axis))?;
                samples.checked_next_multiple_of(lanes::LANES)?.checked_mul(sample)
            }
            _ => shape.checked_elements(),
        }
    }
}

impl<T: Element> Tensor<T> {
    /// How the elements lie in memory.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// The elements as they are stored, in whatever layout, unused lanes included.
    pub fn stored(&self) -> &[T] {
        self.buffer.as_slice()
    }

    /// The elements as they are stored, for writing; copies them first where another tensor
    /// shares the buffer.
    pub fn stored_mut(&mut self) -> &mut [T] {
        std::sync::Arc::make_mut(&mut self.buffer).as_mut_slice()
    }
}

impl<T: Float> Tensor<T> {
    /// The tensor with its elements laid out in this way. A tensor of another type than f32, or
    /// without axes, stays plain.
    #[must_use]
    pub fn into_layout(self, layout: Layout) -> Self {
        if self.layout == layout {
            return self;
        }
        let Some(&samples) = self.shape().first() else { return self };
        let mut other = Tensor::stale_in(self.shape(), layout);
        let (Some(from), Some(to)) = (T::f32s(self.stored()), T::f32s_mut(other.stored_mut()))
        else {
            return self;
        };
        match layout {
            Layout::Lanes => lanes::layout::pack(isa(), samples, from, to),
            Layout::Plain => lanes::layout::unpack(isa(), samples, from, to),
        }
        other
    }

    /// The tensor row-major.
    #[must_use]
    pub fn into_plain(self) -> Self {
        self.into_layout(Layout::Plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_trip_keeps_the_elements_and_zeroes_the_unused_lanes() {
        for samples in [0, 1, 2, 15, 16, 17, 40] {
            for sample in [0, 1, 3, 16, 35] {
                let plain = Tensor::from_fn([samples, sample], |i| i as f32 + 1.0);
                let packed = plain.clone().into_layout(Layout::Lanes);
                assert_eq!(packed.layout(), Layout::Lanes);
                assert_eq!(packed.shape(), plain.shape());
                let used: f32 = plain.as_slice().iter().sum();
                assert_eq!(packed.stored().iter().sum::<f32>(), used, "{samples} x {sample}");
                assert_eq!(packed.into_plain(), plain);
            }
        }
    }

    #[test]
    fn only_f32_is_interleaved() {
        let doubles = Tensor::<f64>::zeros([4, 2]).into_layout(Layout::Lanes);
        assert_eq!(doubles.layout(), Layout::Plain);
        assert_eq!(Tensor::<f32>::scalar(1.0).into_layout(Layout::Lanes).layout(), Layout::Plain);
    }
}
