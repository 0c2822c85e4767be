//! What a tensor can hold, and what arithmetic is defined on.

use crate::Tensor;
use crate::buffer::{Local, Pool};
use crate::kernels::gemm::{Mat, MatMut, product_f32, product_f64};
use crate::kernels::isa::Isa;
use crate::kernels::math::Elementary;
use std::fmt::{Debug, Display};
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};

/// A number that a [`Tensor`](crate::Tensor) can hold: `f32`, `f64`, `u32` (labels, indices) or
/// `u8` (images). Sealed: the set is closed, so that kernels can rely on it.
pub trait Element:
    Copy + Default + PartialEq + Debug + Display + Send + Sync + 'static + Sealed
{
    /// The free buffers of this type.
    #[doc(hidden)]
    fn pool() -> &'static Pool<Self>;
    /// Calls `work` with the thread's own free buffers; the default where the thread is ending.
    #[doc(hidden)]
    fn local<R: Default>(work: impl FnOnce(&Local<Self>) -> R) -> R;
}

/// `f32` or `f64`. Networks compute in `f32`; `f64` exists so that gradients can be checked to
/// many digits.
pub trait Float:
    Element
    + Elementary
    + ndarray::LinalgScalar
    + PartialOrd
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
    + Sum
    + From<u8>
{
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// +∞.
    const INFINITY: Self;
    /// The nearest value of this type.
    fn from_f64(value: f64) -> Self;
    /// The value in double precision, exactly.
    fn to_f64(self) -> f64;
    /// Natural logarithm.
    fn ln(self) -> Self;
    /// Square root.
    fn sqrt(self) -> Self;
    /// Absolute value.
    fn abs(self) -> Self;
    /// A tensor of this type with the values of an f32 one; shares its buffer where the types
    /// are the same.
    fn cast_from_f32(tensor: &Tensor<f32>) -> Tensor<Self>;
    /// The elements as f32, where that is what they are: the interleaved kernels take no others.
    fn f32s(elements: &[Self]) -> Option<&[f32]>;
    /// As [`Float::f32s`], for writing.
    fn f32s_mut(elements: &mut [Self]) -> Option<&mut [f32]>;
    /// `c := a · b + beta · c`; only [`kernels::gemm`](crate::kernels::gemm) calls it.
    #[doc(hidden)]
    fn product(
        isa: Isa,
        a: Mat<'_, Self>,
        b: Mat<'_, Self>,
        beta: Self,
        c: MatMut<'_, Self>,
        scratch: &mut [Self],
    );
}

/// Closes [`Element`].
#[doc(hidden)]
pub trait Sealed {}

macro_rules! element {
    ($($t:ident)*) => {$(
        impl Sealed for $t {}
        impl Element for $t {
            fn pool() -> &'static Pool<Self> {
                static POOL: Pool<$t> = Pool::new();
                &POOL
            }
            fn local<R: Default>(work: impl FnOnce(&Local<Self>) -> R) -> R {
                thread_local!(static LOCAL: Local<$t> = const { Local::new() });
                LOCAL.try_with(work).unwrap_or_default()
            }
        }
    )*};
}

element!(f32 f64 u32 u8);

/// [`Float::product`] of one type.
type Product<T> = fn(Isa, Mat<'_, T>, Mat<'_, T>, T, MatMut<'_, T>, &mut [T]);

macro_rules! float {
    ($t:ident, $product:expr, $cast:expr, $f32s:expr, $f32s_mut:expr) => {
        impl Float for $t {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const INFINITY: Self = $t::INFINITY;

            #[inline(always)]
            fn from_f64(value: f64) -> Self {
                value as $t
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }
            #[inline(always)]
            fn ln(self) -> Self {
                self.ln()
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                self.sqrt()
            }
            #[inline(always)]
            fn abs(self) -> Self {
                self.abs()
            }
            fn cast_from_f32(tensor: &Tensor<f32>) -> Tensor<Self> {
                let cast: fn(&Tensor<f32>) -> Tensor<Self> = $cast;
                cast(tensor)
            }
            fn f32s(elements: &[Self]) -> Option<&[f32]> {
                let f32s: fn(&[Self]) -> Option<&[f32]> = $f32s;
                f32s(elements)
            }
            fn f32s_mut(elements: &mut [Self]) -> Option<&mut [f32]> {
                let f32s_mut: fn(&mut [Self]) -> Option<&mut [f32]> = $f32s_mut;
                f32s_mut(elements)
            }
            fn product(
                isa: Isa,
                a: Mat<'_, Self>,
                b: Mat<'_, Self>,
                beta: Self,
                c: MatMut<'_, Self>,
                scratch: &mut [Self],
            ) {
                let product: Product<$t> = $product;
                product(isa, a, b, beta, c, scratch);
            }
        }
    };
}

float!(f32, product_f32, Tensor::clone, |elements| Some(elements), |elements| Some(elements));
float!(f64, |_, a, b, beta, c, _| product_f64(a, b, beta, c), Tensor::cast, |_| None, |_| None);
