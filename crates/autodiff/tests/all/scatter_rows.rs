//! What `scatter_rows` refuses.

use autodiff::Tape;
use tensor::Tensor;

#[test]
fn places_that_cannot_be() {
    let tape = Tape::<f64>::new();
    let says = |places: &[usize], rows| {
        let x = tape.leaf(Tensor::zeros([2, 3]));
        x.scatter_rows(places, rows).unwrap_err().to_string()
    };
    let cases = [
        (says(&[0], 4), "input has 2 rows, expected 1, one for each place (input [2, 3])"),
        (says(&[1, 4], 4), "place is 4, expected less than 4, the number of rows"),
        (says(&[1, 1], 4), "place is 1, expected each place once"),
    ];
    for (found, expected) in cases {
        assert_eq!(found, format!("scatter_rows: {expected}"));
    }
}

/// Rows of no numbers, and no rows at all, are rows too.
#[test]
fn empty_rows() {
    let tape = Tape::<f64>::new();
    let y = tape.leaf(Tensor::zeros([2, 0])).scatter_rows([1, 0], 3).unwrap();
    assert_eq!(y.shape()[..], [3, 0]);
    let y = tape.leaf(Tensor::zeros([0, 2])).scatter_rows([], 3).unwrap();
    assert_eq!(y.value(), &Tensor::zeros([3, 2]));
    y.backward_from(Tensor::zeros([3, 2])).unwrap();
}
