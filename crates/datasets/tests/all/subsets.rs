//! Parts of datasets, and datasets joined.

use datasets::{ArrayDataset, Dataset, Draw, TargetMut, synthetic::Blobs};
use ndarray::{Array1, Array2};
use std::collections::BTreeMap;

/// Samples whose input is their own number, in `labels.len()` samples.
fn numbered(labels: &[u32], classes: usize) -> ArrayDataset {
    let inputs = Array1::from_iter((0..labels.len()).map(|n| n as f32));
    ArrayDataset::with_classes(inputs, labels.to_vec(), classes).unwrap()
}

/// Inputs and labels of the samples `indices`.
fn fetch(data: &impl Dataset, indices: &[usize]) -> (Vec<f32>, Vec<u32>) {
    let (mut input, mut labels) = (vec![f32::NAN; indices.len()], vec![99; indices.len()]);
    data.fetch(Draw::default(), indices, &mut input, TargetMut::Class(&mut labels)).unwrap();
    (input, labels)
}

fn all(data: &impl Dataset) -> (Vec<f32>, Vec<u32>) {
    fetch(data, &(0..data.len()).collect::<Vec<_>>())
}

#[test]
fn selected_and_taken_samples_are_those_of_the_dataset() {
    let data = || numbered(&[3, 1, 2, 0], 4);
    let some = data().select(vec![2, 0, 2]).unwrap();
    assert_eq!((some.len(), some.input_shape()), (3, &[][..]));
    assert_eq!(all(&some), (vec![2.0, 0.0, 2.0], vec![2, 3, 2]));
    assert_eq!(fetch(&some, &[1]), (vec![0.0], vec![3]));
    assert_eq!(all(&data().take(2)), (vec![0.0, 1.0], vec![3, 1]));
    assert_eq!(data().take(9).len(), 4);
    assert!(data().take(0).is_empty());
    assert_eq!(
        data().select(vec![0, 4]).unwrap_err().to_string(),
        "sample 4 does not exist, the dataset has 4: expected an index below 4"
    );
    let mut labels = [0];
    let error = some.fetch(Draw::default(), &[3], &mut [0.0], TargetMut::Class(&mut labels));
    assert_eq!(
        error.unwrap_err().to_string(),
        "sample 3 does not exist, the dataset has 3: expected an index below 3"
    );
}

#[test]
fn joined_datasets_follow_one_another() {
    let data = numbered(&[3, 1], 4).concat(numbered(&[0, 0, 2], 4)).unwrap();
    assert_eq!(data.len(), 5);
    assert_eq!(all(&data), (vec![0.0, 1.0, 0.0, 1.0, 2.0], vec![3, 1, 0, 0, 2]));
    assert_eq!(fetch(&data, &[4, 1, 0, 2]), (vec![2.0, 1.0, 0.0, 0.0], vec![2, 1, 3, 0]));
    assert_eq!(fetch(&data, &[]), (vec![], vec![]));

    let values = |shape| ArrayDataset::with_values(Array2::zeros((2, 1)), Array2::zeros(shape));
    let joined = values((2, 3)).unwrap().concat(values((2, 3)).unwrap()).unwrap();
    let (mut input, mut target) = ([f32::NAN; 2], [f32::NAN; 6]);
    joined.fetch(Draw::default(), &[3, 0], &mut input, TargetMut::Values(&mut target)).unwrap();
    assert_eq!((input, target), ([0.0; 2], [0.0; 6]));
}

#[test]
fn datasets_that_differ_are_not_joined() {
    let values = |columns, outputs| {
        ArrayDataset::with_values(Array2::zeros((2, columns)), Array2::zeros((2, outputs))).unwrap()
    };
    let cases = [
        (
            values(3, 1).concat(values(2, 1)),
            "the second dataset's input has shape [2], expected [3] as in the first",
        ),
        (
            values(3, 1).concat(values(3, 2)),
            "concat: the second dataset's target is values of shape [2], expected values of shape [1] as in the first",
        ),
        (
            numbered(&[0], 2).concat(numbered(&[0], 3)),
            "concat: the second dataset's target is 3 classes, expected 2 classes as in the first",
        ),
    ];
    for (result, message) in cases {
        assert_eq!(result.unwrap_err().to_string(), message);
    }
}

/// Every class is divided as the whole is, to one sample, and nothing is lost or doubled.
#[test]
fn a_split_keeps_the_proportions_of_the_classes() {
    let labels: Vec<u32> = (0..997).map(|n| [0, 0, 0, 1, 2, 0, 1][n % 7]).collect();
    let data = || numbered(&labels, 4);
    let whole = count(&labels);
    for samples in [0, 1, 7, 100, 500, 996, 997] {
        let (first, second) = data().split(samples, 3).unwrap();
        assert_eq!((first.len(), second.len()), (samples, 997 - samples));
        for (&class, &found) in &count(&all(&first).1) {
            let share = (whole[&class] * samples) as f64 / 997.0;
            assert!((found as f64 - share).abs() < 1.0, "{found} of class {class} for {share}");
        }
        let mut both = [first.indices(), second.indices()].concat();
        assert!(first.indices().is_sorted() && second.indices().is_sorted());
        both.sort_unstable();
        assert_eq!(both, (0..997).collect::<Vec<_>>());
    }
    let part = |seed| data().split(0.3, seed).unwrap().0.indices().to_vec();
    assert_eq!(part(1).len(), 299);
    assert_eq!(part(1), part(1));
    assert_ne!(part(1), part(2));
}

fn count(labels: &[u32]) -> BTreeMap<u32, usize> {
    labels.iter().fold(BTreeMap::new(), |mut counts, &label| {
        *counts.entry(label).or_default() += 1;
        counts
    })
}

#[test]
fn values_are_split_at_random() {
    let inputs = Array2::zeros((100, 2));
    let data = ArrayDataset::with_values(inputs.clone(), inputs).unwrap();
    let (first, second) = data.split(0.25, 1).unwrap();
    assert_eq!((first.len(), second.len()), (25, 75));
    assert_ne!(first.indices(), (0..25).collect::<Vec<_>>());
}

#[test]
fn shares_that_make_no_sense_are_refused() {
    let blobs = || Blobs::new(10, 2).generate(1).unwrap();
    let cases = [
        (
            blobs().split(11, 1),
            "split: share is 11 samples of 10, expected no more samples than the dataset has",
        ),
        (blobs().split(-0.1, 1), "split: share is -0.1, expected a fraction in 0..=1"),
        (blobs().split(1.5, 1), "split: share is 1.5, expected a fraction in 0..=1"),
        (blobs().split(f64::NAN, 1), "split: share is NaN, expected a fraction in 0..=1"),
    ];
    for (result, message) in cases {
        assert_eq!(result.unwrap_err().to_string(), message);
    }
}
