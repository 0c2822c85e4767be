//! Looking up pixels between pixels.

use super::{Format, finite};
use crate::Result;

/// How a moved image gets its pixels from the original.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sampling {
    pub(super) interpolation: Interpolation,
    pub(super) border: Border,
}

/// What lies between the centres of pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Interpolation {
    /// The four nearest pixels, weighted by their distances; what is outside the image counts as
    /// its [`Border`].
    #[default]
    Bilinear,
    /// The nearest pixel; halfway, the one further right and down.
    Nearest,
}

/// What lies outside an image.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Border {
    /// Empty space, as [`Format::background`] says.
    #[default]
    Background,
    /// This value.
    Value(f32),
    /// The nearest pixel of the image.
    Edge,
}

impl Sampling {
    /// Bilinear interpolation, background outside: the default. (MindSpore's is the nearest pixel.)
    pub fn bilinear() -> Self {
        Sampling::default()
    }

    /// The nearest pixel, background outside.
    pub fn nearest() -> Self {
        Sampling { interpolation: Interpolation::Nearest, border: Border::Background }
    }

    /// What lies outside an image.
    #[must_use]
    pub fn border(mut self, border: Border) -> Self {
        self.border = border;
        self
    }

    pub(super) fn check(self, operation: &'static str, input: &Format) -> Result<()> {
        input.image(operation)?;
        match self.border {
            Border::Value(value) => finite(operation, "the border's value", value.into()),
            Border::Background | Border::Edge => Ok(()),
        }
    }
}
