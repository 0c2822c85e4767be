//! Several transforms as one.

use super::{Format, Sample, Stream, Transform};
use crate::Result;
use std::sync::Arc;

/// Transforms one after another: MindSpore's and torchvision's `Compose`.
///
/// They draw from one stream, in turn.
#[derive(Clone, Debug, Default)]
pub struct Compose {
    transforms: Vec<Arc<dyn Transform>>,
}

impl Compose {
    /// None yet: samples stay as they are.
    pub fn new() -> Self {
        Compose::default()
    }

    /// Adds a transform behind those that are there.
    #[must_use]
    pub fn then(mut self, transform: impl Transform + 'static) -> Self {
        self.transforms.push(Arc::new(transform));
        self
    }
}

impl Transform for Compose {
    fn format(&self, input: Format) -> Result<Format> {
        self.transforms.iter().try_fold(input, |format, transform| transform.format(format))
    }

    fn apply(&self, sample: &mut Sample, random: &mut Stream) {
        for transform in &self.transforms {
            transform.apply(sample, random);
        }
    }
}

macro_rules! forward {
    ($($pointer:ident),*) => {$(
        impl<T: Transform + ?Sized> Transform for $pointer<T> {
            fn format(&self, input: Format) -> Result<Format> {
                (**self).format(input)
            }
            fn apply(&self, sample: &mut Sample, random: &mut Stream) {
                (**self).apply(sample, random);
            }
        }
    )*};
}

forward!(Box, Arc);
