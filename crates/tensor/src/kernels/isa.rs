//! Which vector instructions the kernels use, decided at run time.
//!
//! A kernel's body is written once, in safe Rust; the macro `multiversion` compiles it for AVX-512, for
//! AVX2 and for the target's baseline, and picks by what the processor has. So a program built
//! without `target-cpu=native`, and any crate that depends on this one, gets the fast version.
//! A body neither reassociates sums nor fuses multiply-adds by itself, so all versions of an
//! element-wise kernel give the same bits.

use std::fmt;
use std::sync::LazyLock;

/// A set of vector instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Isa {
    /// What the target guarantees: SSE2 on x86-64, NEON on aarch64.
    Portable,
    /// AVX2 and FMA: eight f32 at a time.
    Avx2,
    /// AVX-512 F, VL, DQ and BW: sixteen f32 at a time.
    Avx512,
}

impl Isa {
    /// This set, or the best one below it that the processor has.
    #[must_use]
    pub fn available(self) -> Isa {
        static BEST: LazyLock<Isa> = LazyLock::new(detect);
        self.min(*BEST)
    }
}

impl fmt::Display for Isa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Isa::Portable => "portable",
            Isa::Avx2 => "avx2",
            Isa::Avx512 => "avx512",
        })
    }
}

/// The best set that this processor has, or the one that the environment variable `SPORELET_ISA`
/// names (`portable`, `avx2`, `avx512`) where the processor has it; any other value means the
/// best. Read once.
pub fn isa() -> Isa {
    static CHOSEN: LazyLock<Isa> = LazyLock::new(|| {
        let wanted = match std::env::var("SPORELET_ISA").as_deref() {
            Ok("portable") => Isa::Portable,
            Ok("avx2") => Isa::Avx2,
            _ => Isa::Avx512,
        };
        wanted.available()
    });
    *CHOSEN
}

#[cfg(target_arch = "x86_64")]
fn detect() -> Isa {
    if !(is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")) {
        Isa::Portable
    } else if is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512bw")
    {
        Isa::Avx512
    } else {
        Isa::Avx2
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn detect() -> Isa {
    Isa::Portable
}

/// Defines a kernel whose body is compiled once per [`Isa`].
macro_rules! multiversion {
    ($(#[$meta:meta])* pub fn $name:ident<$T:ident: Float>(
        $($arg:ident: $ty:ty),* $(,)?
    ) $(-> $out:ty)? $body:block) => {
        $(#[$meta])*
        pub fn $name<$T: Float>($($arg: $ty),*) $(-> $out)? {
            #[inline(always)]
            fn body<$T: Float>($($arg: $ty),*) $(-> $out)? $body

            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")]
                fn avx512<$T: Float>($($arg: $ty),*) $(-> $out)? {
                    body($($arg),*)
                }
                #[target_feature(enable = "avx2,fma")]
                fn avx2<$T: Float>($($arg: $ty),*) $(-> $out)? {
                    body($($arg),*)
                }
                match $crate::kernels::isa::isa() {
                    // SAFETY: `isa` returns a set only where the processor has it.
                    $crate::kernels::isa::Isa::Avx512 => return unsafe { avx512($($arg),*) },
                    // SAFETY: as above.
                    $crate::kernels::isa::Isa::Avx2 => return unsafe { avx2($($arg),*) },
                    $crate::kernels::isa::Isa::Portable => {}
                }
            }
            body($($arg),*)
        }
    };
}

pub(crate) use multiversion;
