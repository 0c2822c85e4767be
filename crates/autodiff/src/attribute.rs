//! [`Attribute`]: what an operation was told beside its inputs.

use tensor::WindowAxis;

/// A setting of an operation as data: a stride, an axis, a slope.
///
/// [`Backward::attributes`](crate::Backward::attributes) tells them, and an
/// [explained](crate::Tape::explained) tape keeps them for each step, for whoever writes a
/// computation down in another form.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Attribute {
    /// A number of something, or an axis.
    Size(usize),
    /// Several: a shape, a stride by rows and columns, places.
    Sizes(Vec<usize>),
    /// A real number.
    Number(f64),
    /// Whether something is so.
    Flag(bool),
}

/// The attributes of a window that slides over an image: `kernel` and `stride` as
/// `[height, width]`, and `pads` as `[top, left, bottom, right]`.
pub(crate) fn window(height: &WindowAxis, width: &WindowAxis) -> Vec<(&'static str, Attribute)> {
    let pads = [height.pad_before, width.pad_before, height.pad_after, width.pad_after];
    vec![
        ("kernel", Attribute::Sizes(vec![height.kernel, width.kernel])),
        ("stride", Attribute::Sizes(vec![height.stride, width.stride])),
        ("pads", Attribute::Sizes(pads.to_vec())),
    ]
}
