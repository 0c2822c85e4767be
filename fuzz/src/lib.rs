//! What the fuzzer runs. The same functions are run by the crates' tests on the files in `seeds`.
#![forbid(unsafe_code)]

pub mod datasets_targets;
pub mod interchange_targets;
