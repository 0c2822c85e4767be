//! Resizing against PyTorch's; `reference/make.py` made the values.

use datasets::resize_bilinear;
use ndarray::Array2;

#[test]
fn equals_pytorch() {
    let lines: Vec<&str> = include_str!("../reference/resize.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    assert_eq!(lines.len() % 3, 0);
    assert!(lines.len() >= 27);
    for case in lines.chunks(3) {
        let sizes: Vec<usize> =
            case[0].split([' ', '-', '>']).filter_map(|word| word.parse().ok()).collect();
        let values = |line: &str| line.split(' ').map(|value| value.parse().unwrap()).collect();
        let image = Array2::<f32>::from_shape_vec((sizes[0], sizes[1]), values(case[1])).unwrap();
        let expected: Vec<f32> = values(case[2]);
        let resized = resize_bilinear(&image, sizes[2], sizes[3]).unwrap();
        assert_eq!(resized.dim(), (sizes[2], sizes[3]));
        for (index, (found, expected)) in resized.iter().zip(expected).enumerate() {
            // Relative to the range of the pixels: near 0 an f32 of this range resolves no more.
            let error = (found - expected).abs() / expected.max(255.0);
            assert!(
                error <= 1e-6,
                "{}: element {index} is {found}, PyTorch has {expected}",
                case[0]
            );
        }
    }
}

#[test]
fn a_constant_image_stays_constant() {
    for value in [0.0_f32, 0.1, 1.0, 255.0] {
        let resized = resize_bilinear(&Array2::from_elem((28, 28), value), 37, 19).unwrap();
        assert!(resized.iter().all(|&pixel| pixel == value));
    }
}
