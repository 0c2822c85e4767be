//! The vectors of x86-64. SSE2, which every such processor has, is written out here too: left to
//! itself the compiler vectorises loops over four numbers across registers, at a third of the
//! speed.

mod avx2;
mod avx512;
mod sse2;

pub(super) use avx2::Avx2;
pub(super) use avx512::Avx512;
pub(super) use sse2::Sse2;
