//! The computed data sets: their geometry, their noise, and what they refuse.

use datasets::synthetic::{Blobs, Spirals, TruthTable, TwoMoons};
use datasets::{ArrayDataset, Dataset, Result, TargetKind};

fn points(data: &ArrayDataset) -> Vec<[f64; 2]> {
    let inputs = data.inputs();
    inputs.rows().into_iter().map(|row| [f64::from(row[0]), f64::from(row[1])]).collect()
}

fn close(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{found} instead of {expected}");
}

#[test]
fn truth_tables_have_every_row_in_order() {
    let cases = [
        (TruthTable::and(), [0, 0, 0, 1]),
        (TruthTable::or(), [0, 1, 1, 1]),
        (TruthTable::xor(), [0, 1, 1, 0]),
        (TruthTable::new(2, |bits| bits[0]), [0, 0, 1, 1]),
    ];
    for (table, labels) in cases {
        let data = table.copies(2).generate(5).unwrap();
        assert_eq!(data.target(), TargetKind::Class { classes: 2 });
        assert_eq!(data.labels().unwrap(), [labels, labels].concat());
        let rows = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
        assert_eq!(points(&data), [rows, rows].concat());
    }
}

#[test]
fn labels_become_numbers() {
    let xor = || TruthTable::xor().generate(1).unwrap();
    let signed = xor().label_values(&[-1.0, 1.0]).unwrap();
    assert_eq!(signed.target(), TargetKind::Values { shape: &[1] });
    assert_eq!(signed.labels(), None);
    assert_eq!(signed.values().unwrap().as_slice().unwrap(), [-1.0, 1.0, 1.0, -1.0]);
    let vectors = xor().one_hot().unwrap();
    let expected = [1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0];
    assert_eq!(vectors.values().unwrap().shape(), [4, 2]);
    assert_eq!(vectors.values().unwrap().as_slice().unwrap(), expected);
    let cases = [
        (
            xor().label_values(&[1.0]),
            "label_values: values is 1 numbers for 2 classes, expected one for each class",
        ),
        (
            signed.clone().label_values(&[0.0, 1.0]),
            "label_values: the dataset's target is values of shape [1], expected class labels",
        ),
        (
            signed.one_hot(),
            "one_hot: the dataset's target is values of shape [1], expected class labels",
        ),
    ];
    for (result, message) in cases {
        assert_eq!(result.unwrap_err().to_string(), message);
    }
}

/// `sklearn.datasets.make_moons(7, shuffle=False)` of scikit-learn 1.9.
#[test]
fn moons_are_those_of_scikit_learn() {
    let half = 0.866_025_4;
    let expected = [
        [1.0, 0.0],
        [0.0, 1.0],
        [-1.0, 0.0],
        [0.0, 0.5],
        [0.5, 0.5 - half],
        [1.5, 0.5 - half],
        [2.0, 0.5],
    ];
    let data = TwoMoons::new(7).generate(1).unwrap();
    assert_eq!(data.labels().unwrap(), [0, 0, 0, 1, 1, 1, 1]);
    for (found, expected) in points(&data).iter().zip(expected) {
        close(found[0], expected[0], 1e-7);
        close(found[1], expected[1], 1e-7);
    }
}

#[test]
fn a_spiral_winds_from_the_origin_to_the_unit_circle() {
    let (samples, classes, turns) = (103, 4, 1.5);
    let data = Spirals::new(samples, classes).turns(turns).generate(1).unwrap();
    let (points, labels) = (points(&data), data.labels().unwrap());
    for class in 0..classes {
        let arm: Vec<[f64; 2]> = (0..samples)
            .filter(|&index| labels[index] as usize == class)
            .map(|index| points[index])
            .collect();
        assert!((25..=26).contains(&arm.len()));
        for (number, [x, y]) in arm.iter().enumerate() {
            let along = (number + 1) as f64 / arm.len() as f64;
            close(x.hypot(*y), along, 1e-6);
            let angle = turns * along + class as f64 / classes as f64;
            let turn = y.atan2(*x) / std::f64::consts::TAU;
            close((angle - turn + 0.5).rem_euclid(1.0), 0.5, 1e-6);
        }
    }
}

/// The noise has the deviation asked for, is independent from one coordinate and sample to the
/// next, and differs between seeds and not between runs.
#[test]
fn noise_is_normal_and_seeded() {
    let clean = points(&TwoMoons::new(4000).generate(1).unwrap());
    let noisy = |seed| points(&TwoMoons::new(4000).noise(0.3).generate(seed).unwrap());
    assert_eq!(noisy(1), noisy(1));
    assert_ne!(noisy(1), noisy(2));
    let noise: Vec<f64> = noisy(1)
        .iter()
        .zip(&clean)
        .flat_map(|(noisy, clean)| [noisy[0] - clean[0], noisy[1] - clean[1]])
        .map(|noise| noise / 0.3)
        .collect();
    let mean = |values: &mut dyn Iterator<Item = f64>| values.sum::<f64>() / noise.len() as f64;
    close(mean(&mut noise.iter().copied()), 0.0, 0.04);
    close(mean(&mut noise.iter().map(|x| x * x)), 1.0, 0.06);
    close(mean(&mut noise.iter().map(|x| f64::from(x.abs() < 1.0))), 0.6827, 0.02);
    close(mean(&mut noise.windows(2).map(|pair| pair[0] * pair[1])), 0.0, 0.04);
}

#[test]
fn blobs_lie_round_the_unit_circle() {
    let data = Blobs::new(3000, 3).noise(0.1).generate(4).unwrap();
    let (points, labels) = (points(&data), data.labels().unwrap());
    for (class, centre) in [[1.0, 0.0], [-0.5, 0.866], [-0.5, -0.866]].iter().enumerate() {
        for axis in 0..2 {
            let of_class = (0..3000).filter(|&index| labels[index] as usize == class);
            close(
                of_class.map(|index| points[index][axis]).sum::<f64>() / 1000.0,
                centre[axis],
                0.015,
            );
        }
    }
}

#[test]
fn bad_arguments_are_told() {
    let moons = |samples, noise| TwoMoons::new(samples).noise(noise).generate(1);
    let cases: [(Result<ArrayDataset>, &str); 14] = [
        (moons(0, 0.0), "TwoMoons: samples is 0, expected at least one for each class"),
        (moons(1, 0.0), "TwoMoons: samples is 1, expected at least one for each class"),
        (
            moons(9, -0.1),
            "TwoMoons: noise is -0.1, expected a standard deviation: finite, and 0 or more",
        ),
        (
            moons(9, f64::NAN),
            "TwoMoons: noise is NaN, expected a standard deviation: finite, and 0 or more",
        ),
        (
            Spirals::new(2, 3).generate(1),
            "Spirals: samples is 2, expected at least one for each class",
        ),
        (Spirals::new(2, 0).generate(1), "Spirals: classes is 0, expected at least 1"),
        (
            Spirals::new(9, 2).turns(f64::INFINITY).generate(1),
            "Spirals: turns is inf, expected a finite number",
        ),
        (
            Spirals::new(9, 2).noise(f64::INFINITY).generate(1),
            "Spirals: noise is inf, expected a standard deviation: finite, and 0 or more",
        ),
        (Blobs::new(9, 0).generate(1), "Blobs: classes is 0, expected at least 1"),
        (
            Blobs::new(9, 3).noise(-1.0).generate(1),
            "Blobs: noise is -1, expected a standard deviation: finite, and 0 or more",
        ),
        (TruthTable::xor().copies(0).generate(1), "TruthTable: copies is 0, expected at least 1"),
        (
            TruthTable::xor().copies(1 << 63).generate(1),
            "TruthTable: copies is 9223372036854775808, expected at most 144115188075855871",
        ),
        (TruthTable::new(0, |_| true).generate(1), "TruthTable: bits is 0, expected 1..=16"),
        (
            TruthTable::and().noise(-0.5).generate(1),
            "TruthTable: noise is -0.5, expected a standard deviation: finite, and 0 or more",
        ),
    ];
    for (result, message) in cases {
        assert_eq!(result.unwrap_err().to_string(), message);
    }
}
