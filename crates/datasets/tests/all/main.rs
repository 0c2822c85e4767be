//! Files, sources and transformations. One program: a second one would compile the generic kernels again.

mod errors;
mod fuzzed;
mod idx;
mod picture;
mod resize;
mod sources;
mod subsets;
mod synthetic;
mod transforms;
mod transforms_reference;
