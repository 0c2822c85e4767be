//! Operations, their gradients, and the tape. One program: a second one would compile the generic kernels again.

mod chapter;
mod drawing;
mod errors;
mod explain;
mod gradients;
mod layouts;
mod pytorch;
mod scatter_rows;
mod tape;
