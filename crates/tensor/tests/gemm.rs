//! Matrix products against their definition.

mod naive;

use naive::{assert_close, numbers, stale};
use tensor::Float;
use tensor::kernels::gemm::{Mat, gemm};

/// Compares one product in all four arrangements of its operands, with and without old contents.
fn compare<T: Float>([m, k, n]: [usize; 3], tolerance: f64) {
    let (a, b): (Vec<T>, Vec<T>) = (numbers(m * k, 1), numbers(k * n, 2));
    let old: Vec<T> = numbers(m * n, 3);
    let transpose = |data: &[T], rows: usize, cols: usize| -> Vec<T> {
        (0..rows * cols).map(|i| data[i % rows * cols + i / rows]).collect()
    };
    let (at, bt) = (transpose(&a, m, k), transpose(&b, k, n));
    let product: Vec<T> =
        (0..m * n).map(|i| (0..k).map(|l| a[i / n * k + l] * b[l * n + i % n]).sum()).collect();
    let (a, at) = (Mat::new(&a, m, k), Mat::new(&at, k, m).t());
    let (b, bt) = (Mat::new(&b, k, n), Mat::new(&bt, n, k).t());
    for (a, b, flags) in [(a, b, "ab"), (at, b, "a'b"), (a, bt, "ab'"), (at, bt, "a'b'")] {
        let what = |beta: f64| move || format!("{flags} of {m} x {k} x {n} with beta {beta}");
        let mut c = stale(m * n);
        gemm(a, b, T::ZERO, &mut c);
        assert_close(&c, &product, tolerance, what(0.0));
        for beta in [1.0, -0.5] {
            let expected: Vec<T> =
                old.iter().zip(&product).map(|(&c, &p)| T::from_f64(beta) * c + p).collect();
            let mut c = old.clone();
            gemm(a, b, T::from_f64(beta), &mut c);
            assert_close(&c, &expected, tolerance, what(beta));
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

/// With beta 0 the output is written, never scaled: 0 · NaN would be NaN.
#[test]
fn stale_outputs_do_not_matter() {
    for sizes in [[1, 5, 3], [3, 5, 1], [4, 0, 4], [9, 7, 11], [1, 0, 3]] {
        let [m, k, n] = sizes;
        let (a, b): (Vec<f32>, Vec<f32>) = (numbers(m * k, 1), numbers(k * n, 2));
        let product = |old: f32| {
            let mut c = vec![old; m * n];
            gemm(Mat::new(&a, m, k), Mat::new(&b, k, n), 0.0, &mut c);
            c
        };
        let expected = product(0.0);
        for old in [f32::NAN, f32::INFINITY, 1e38] {
            assert_eq!(product(old), expected, "{sizes:?} over {old}");
        }
    }
}

#[test]
#[should_panic(expected = "the inner sizes of a product")]
fn operands_that_do_not_fit_are_refused() {
    gemm(Mat::new(&[1.0_f32; 6], 2, 3), Mat::new(&[1.0; 4], 2, 2), 0.0, &mut [0.0; 4]);
}

#[test]
#[should_panic(expected = "a 2 x 3 matrix")]
fn a_matrix_fills_its_slice() {
    let _ = Mat::new(&[1.0_f32; 5], 2, 3);
}
