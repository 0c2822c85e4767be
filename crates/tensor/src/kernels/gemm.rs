//! Matrix products: the only file that names a gemm crate.

/// `c := alpha * a * b + beta * c` in f32.
///
/// # Safety
/// As [`Float::raw_gemm`](crate::Float).
pub(crate) unsafe fn sgemm(
    [m, k, n]: [usize; 3],
    alpha: f32,
    (a, [rsa, csa]): (*const f32, [isize; 2]),
    (b, [rsb, csb]): (*const f32, [isize; 2]),
    beta: f32,
    (c, [rsc, csc]): (*mut f32, [isize; 2]),
) {
    // SAFETY: the caller vouches for the bounds and for `c` being apart from `a` and `b`.
    unsafe {
        matrixmultiply::sgemm(m, k, n, alpha, a, rsa, csa, b, rsb, csb, beta, c, rsc, csc);
    }
}

/// `c := alpha * a * b + beta * c` in f64.
///
/// # Safety
/// As [`Float::raw_gemm`](crate::Float).
pub(crate) unsafe fn dgemm(
    [m, k, n]: [usize; 3],
    alpha: f64,
    (a, [rsa, csa]): (*const f64, [isize; 2]),
    (b, [rsb, csb]): (*const f64, [isize; 2]),
    beta: f64,
    (c, [rsc, csc]): (*mut f64, [isize; 2]),
) {
    // SAFETY: the caller vouches for the bounds and for `c` being apart from `a` and `b`.
    unsafe {
        matrixmultiply::dgemm(m, k, n, alpha, a, rsa, csa, b, rsb, csb, beta, c, rsc, csc);
    }
}
