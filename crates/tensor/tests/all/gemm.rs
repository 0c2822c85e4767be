//! Matrix products against their definition.

use crate::naive::{assert_close, numbers, stale};
use tensor::Float;
use tensor::kernels::gemm::{self, Mat, MatMut, Start};
use tensor::kernels::isa::Isa;
use tensor::ops::matmul;

const SETS: [Isa; 3] = [Isa::Portable, Isa::Avx2, Isa::Avx512];

/// c := a · b + start with one set of instructions, in scratch memory full of NaN.
fn product<T: Float>(isa: Isa, a: Mat<'_, T>, b: Mat<'_, T>, start: Start<'_, T>, c: &mut [T]) {
    let ([m, k], [_, n]) = (a.size(), b.size());
    let mut scratch = stale(gemm::scratch_len([m, k, n]));
    gemm::product(isa, a, b, start, MatMut::new(c, m, n), &mut scratch);
}

/// Compares one product in all four arrangements of its operands, for every start and set of
/// instructions.
fn compare<T: Float>([m, k, n]: [usize; 3], tolerance: f64) {
    let (a, b): (Vec<T>, Vec<T>) = (numbers(m * k, 1), numbers(k * n, 2));
    let old: Vec<T> = numbers(m * n, 3);
    let transpose = |data: &[T], rows: usize, cols: usize| -> Vec<T> {
        (0..rows * cols).map(|i| data[i % rows * cols + i / rows]).collect()
    };
    let (at, bt) = (transpose(&a, m, k), transpose(&b, k, n));
    let product_of_ab: Vec<T> =
        (0..m * n).map(|i| (0..k).map(|l| a[i / n * k + l] * b[l * n + i % n]).sum()).collect();
    let (a, at) = (Mat::new(&a, m, k), Mat::new(&at, k, m).t());
    let (b, bt) = (Mat::new(&b, k, n), Mat::new(&bt, n, k).t());
    for (a, b, flags) in [(a, b, "ab"), (at, b, "a'b"), (a, bt, "ab'"), (at, bt, "a'b'")] {
        for isa in SETS {
            let what = |start: &str| format!("{flags} of {m} x {k} x {n}, {isa}, {start}");
            let mut c = stale(m * n);
            product(isa, a, b, Start::Scaled(T::ZERO), &mut c);
            assert_close(&c, &product_of_ab, tolerance, || what("alone"));
            for beta in [1.0, -0.5] {
                let beta = T::from_f64(beta);
                let mut c = old.clone();
                product(isa, a, b, Start::Scaled(beta), &mut c);
                let sum = |(&c, &p): (&T, &T)| beta * c + p;
                let expected: Vec<T> = old.iter().zip(&product_of_ab).map(sum).collect();
                assert_close(&c, &expected, tolerance, || what("scaled"));
            }
            let (rows, columns) = (&numbers::<T>(m, 4), &numbers::<T>(n, 5));
            for (start, per_row) in [(Start::Rows(rows), true), (Start::Columns(columns), false)] {
                let mut c = stale(m * n);
                product(isa, a, b, start, &mut c);
                let bias = |i: usize| if per_row { rows[i / n] } else { columns[i % n] };
                let sum = |(i, &p): (usize, &T)| bias(i) + p;
                let expected: Vec<T> = product_of_ab.iter().enumerate().map(sum).collect();
                assert_close(&c, &expected, tolerance, || what("with bias"));
            }
        }
    }
}

#[test]
fn every_small_product_agrees_with_the_definition() {
    for i in 0..7 * 7 * 7 {
        let sizes = [i / 49, i / 7 % 7, i % 7];
        compare::<f64>(sizes, 1e-13);
        compare::<f32>(sizes, 1e-6);
    }
}

#[test]
fn vectors_of_every_length_agree_with_the_definition() {
    for len in (0..70).chain([127, 400]) {
        for other in [1, 2, 3, 4, 5, 8, 9] {
            for sizes in [[1, len, other], [other, len, 1], [1, other, len], [len, other, 1]] {
                compare::<f64>(sizes, 1e-12);
                compare::<f32>(sizes, 1e-4);
            }
        }
    }
}

#[test]
fn products_beyond_one_block_agree_with_the_definition() {
    for sizes in [[16, 150, 100], [70, 33, 90], [130, 600, 17], [5, 1100, 40]] {
        compare::<f64>(sizes, 1e-11);
        compare::<f32>(sizes, 1e-3);
    }
}

/// Every count of rows and columns up to more than two register blocks.
#[test]
fn every_register_block_agrees_with_the_definition() {
    for m in 1..=30 {
        compare::<f32>([m, 9, 37], 1e-5);
    }
    for n in 1..=70 {
        compare::<f32>([15, 9, n], 1e-5);
    }
}

/// Sizes around the blocks for the caches, and rows that are multiples of 1024 apart.
#[test]
fn every_cache_block_agrees_with_the_definition() {
    let sizes = [
        [3, 255, 520],
        [57, 257, 513],
        [60, 515, 1030],
        [130, 20, 1024],
        [43, 1024, 65],
        [57, 200, 600],
    ];
    for sizes in sizes {
        compare::<f32>(sizes, 1e-3);
    }
}

/// Rows and columns that are computed on their own have the same bits.
#[test]
fn parts_of_a_product_have_its_bits() {
    let [m, k, n] = [90, 300, 600];
    let (a, b): (Vec<f32>, Vec<f32>) = (numbers(m * k, 1), numbers(k * n, 2));
    let transposed: Vec<f32> = (0..n * k).map(|i| b[i % k * n + i / k]).collect();
    for isa in [Isa::Avx2, Isa::Avx512] {
        if isa.available() != isa {
            continue;
        }
        for b in [Mat::new(&b, k, n), Mat::new(&transposed, n, k).t()] {
            let a = Mat::new(&a, m, k);
            let mut whole = stale(m * n);
            product(isa, a, b, Start::Scaled(0.0), &mut whole);
            for (rows, columns) in [(0..17, 30..600), (17..90, 0..33), (80..82, 599..600)] {
                let (a, b) = (a.rows(rows.clone()), b.columns(columns.clone()));
                let mut part: Vec<f32> = stale(rows.len() * columns.len());
                if columns.len() > 1 {
                    product(isa, a, b, Start::Scaled(0.0), &mut part);
                    let mut part = part.chunks_exact(columns.len());
                    for row in rows {
                        let expected = &whole[row * n..][columns.clone()];
                        assert_eq!(part.next().unwrap(), expected, "{isa}, row {row}");
                    }
                }
            }
        }
    }
}

/// A part of a larger matrix is written, and nothing beside it.
#[test]
fn a_part_of_a_matrix_is_written_in_place() {
    let (a, b): (Vec<f32>, Vec<f32>) = (numbers(20 * 7, 1), numbers(7 * 40, 2));
    for isa in SETS {
        let mut expected: Vec<f32> = stale(20 * 40);
        product(isa, Mat::new(&a, 20, 7), Mat::new(&b, 7, 40), Start::Scaled(0.0), &mut expected);
        for (row, column) in [(0, 0), (3, 5), (19, 33), (4, 38)] {
            let mut c = vec![7.0_f32; 20 * 40];
            let part = MatMut::new(&mut c, 20, 40).split_at_row(row).1.split_at_column(column).1;
            let (a, b) =
                (Mat::new(&a, 20, 7).rows(row..20), Mat::new(&b, 7, 40).columns(column..40));
            let mut scratch = stale(gemm::scratch_len([20, 7, 40]));
            gemm::product(isa, a, b, Start::Scaled(0.0), part, &mut scratch);
            for (i, (&found, &expected)) in c.iter().zip(&expected).enumerate() {
                if i / 40 >= row && i % 40 >= column {
                    assert!((found - expected).abs() < 1e-5, "{isa}: {found}, not {expected}");
                } else {
                    assert_eq!(found, 7.0, "{isa} wrote at {i}");
                }
            }
        }
    }
}

/// Large products are split over threads, which changes no bit.
#[test]
fn threads_do_not_change_a_product() {
    for [m, k, n] in [[300, 290, 310], [70, 1000, 1100], [1500, 400, 20], [2, 4000, 4000]] {
        let (a, b): (Vec<f32>, Vec<f32>) = (numbers(m * k, 1), numbers(k * n, 2));
        let bias = numbers(n, 3);
        let with_threads = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let mut c = stale(m * n);
            let (a, b) = (Mat::new(&a, m, k), Mat::new(&b, k, n));
            pool.install(|| matmul::product(a, b, Start::Columns(&bias), &mut c));
            c
        };
        let one = with_threads(1);
        let mut c = stale(m * n);
        let start = Start::Columns(&bias[..]);
        product(tensor::kernels::isa::isa(), Mat::new(&a, m, k), Mat::new(&b, k, n), start, &mut c);
        assert_eq!(one, c);
        for threads in [2, 3, 7] {
            assert_eq!(with_threads(threads), one, "{m} x {k} x {n} on {threads} threads");
        }
    }
}

/// With beta 0 the output is written, never scaled: 0 · NaN would be NaN.
#[test]
fn stale_outputs_do_not_matter() {
    for sizes in [[1, 5, 3], [3, 5, 1], [4, 0, 4], [9, 7, 11], [1, 0, 3]] {
        let [m, k, n] = sizes;
        let (a, b): (Vec<f32>, Vec<f32>) = (numbers(m * k, 1), numbers(k * n, 2));
        let over = |isa: Isa, old: f32| {
            let mut c = vec![old; m * n];
            let (a, b) = (Mat::new(&a, m, k), Mat::new(&b, k, n));
            product(isa, a, b, Start::Scaled(0.0), &mut c);
            c
        };
        for isa in SETS {
            let expected = over(isa, 0.0);
            for old in [f32::NAN, f32::INFINITY, 1e38] {
                assert_eq!(over(isa, old), expected, "{sizes:?} over {old}");
            }
        }
    }
}

#[test]
#[should_panic(expected = "the inner sizes of a product")]
fn operands_that_do_not_fit_are_refused() {
    let (a, b) = (Mat::new(&[1.0_f32; 6], 2, 3), Mat::new(&[1.0; 4], 2, 2));
    gemm::gemm(a, b, 0.0, &mut [0.0; 4], &mut []);
}

#[test]
#[should_panic(expected = "a 2 x 3 matrix")]
fn a_matrix_fills_its_slice() {
    let _ = Mat::new(&[1.0_f32; 5], 2, 3);
}
