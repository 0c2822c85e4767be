//! Kernels for a few row-major images: vectors lie along the rows.
//!
//! With stride 1 a plane can be taken as one long line. Where the output has the padded image's
//! width too, every tap of the kernel reads the line at a constant distance from the output:
//!
//! ```text
//! y[p] = Σ_{c,ky,kx} w[c,ky,kx] · x[c, p + ky · dilation · width + kx · dilation]
//! ```
//!
//! So loads are contiguous and narrow images fill vectors as well as wide ones; what comes out in
//! the last columns, where the window leaves the row, is not copied to the output. The input's
//! gradient is the same sum over the output's gradient with zeros between its rows, and the
//! weight's gradient is made of dot products of the two lines, unless there are so many output
//! channels that it is better to have those side by side.
//!
//! A kernel is serial, allocates nothing, overwrites all of its outputs and reads none of their
//! old contents; sums are formed in an order that depends on the sizes and the instruction set
//! alone, and an image's results do not depend on the rest of the batch.

// A register block is a small matrix: its rows and columns are channels and vectors, or taps.
#![expect(clippy::needless_range_loop)]

pub mod conv2d;
mod correlation;
pub mod dense;
mod dots;
mod lines;
mod sizes;
mod taps;
