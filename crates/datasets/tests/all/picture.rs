//! Digits in pictures, against MNIST's own digits drawn in other ways.

use datasets::{Error, Mnist, Picture};
use ndarray::{Array2, ArrayView2};
use std::sync::OnceLock;

/// Test images that each way of drawing is tried on.
const DIGITS: usize = 40;

fn digits() -> impl Iterator<Item = ArrayView2<'static, u8>> {
    static MNIST: OnceLock<Mnist> = OnceLock::new();
    let test = &MNIST.get_or_init(|| Mnist::load_default().unwrap()).test;
    (0..DIGITS).map(|index| test.image(index).unwrap())
}

/// A file in the PPM format whose pixels are `colour(row, column)`.
fn ppm([rows, columns]: [usize; 2], colour: impl Fn(usize, usize) -> [u8; 3]) -> Vec<u8> {
    let pixels = (0..rows).flat_map(|y| (0..columns).map(move |x| (y, x)));
    let header = format!("P6 {columns} {rows} 255\n").into_bytes();
    header.into_iter().chain(pixels.flat_map(|(y, x)| colour(y, x))).collect()
}

/// The mean difference of two digits' pixels, by the mean of the ink: 0 for the same, 2 for none in
/// common.
fn difference(a: &Array2<u8>, b: &ArrayView2<'_, u8>) -> f64 {
    let difference: f64 = a.iter().zip(b).map(|(&a, &b)| f64::from(a.abs_diff(b))).sum();
    difference / b.iter().map(|&b| f64::from(b)).sum::<f64>()
}

/// The mean difference of the digits from what becomes of them when they are drawn by `draw`.
fn mean_difference(draw: impl Fn(&ArrayView2<'_, u8>) -> Vec<u8>) -> f64 {
    let differences = digits().map(|digit| {
        let found = Picture::decode(&draw(&digit)).unwrap().digit().unwrap();
        difference(&found, &digit)
    });
    differences.sum::<f64>() / DIGITS as f64
}

/// A digit's ink at a place in units of its pixels, interpolated.
fn ink(digit: &ArrayView2<'_, u8>, y: f64, x: f64) -> f64 {
    let pixel = |y: f64, x: f64| {
        let inside = (0.0..28.0).contains(&y) && (0.0..28.0).contains(&x);
        if inside { f64::from(digit[[y as usize, x as usize]]) } else { 0.0 }
    };
    let (y, x) = (y - 0.5, x - 0.5);
    let (top, left) = (y.floor(), x.floor());
    let (down, right) = (y - top, x - left);
    (1.0 - down) * ((1.0 - right) * pixel(top, left) + right * pixel(top, left + 1.0))
        + down * ((1.0 - right) * pixel(top + 1.0, left) + right * pixel(top + 1.0, left + 1.0))
}

#[test]
fn a_digit_of_mnist_stays_what_it_is() {
    let plain = |digit: &ArrayView2<'_, u8>| ppm([28, 28], |y, x| [digit[[y, x]]; 3]);
    let difference = mean_difference(plain);
    assert!(difference < 0.05, "{difference}");
}

#[test]
fn it_does_not_matter_how_a_digit_is_drawn() {
    let enlarged = |digit: &ArrayView2<'_, u8>, colour: &dyn Fn(f64) -> [u8; 3]| {
        ppm([28 * 7, 28 * 7], |y, x| {
            colour(ink(digit, (y as f64 + 0.5) / 7.0, (x as f64 + 0.5) / 7.0) / 255.0)
        })
    };
    let mix = |from: [f64; 3], to: [f64; 3]| {
        move |ink: f64| std::array::from_fn(|i| (from[i] + ink * (to[i] - from[i])).round() as u8)
    };
    type Draw<'a> = Box<dyn Fn(&ArrayView2<'_, u8>) -> Vec<u8> + 'a>;
    let ways: [(&str, Draw<'_>); 5] = [
        ("dark on light", Box::new(|d| ppm([28, 28], |y, x| [255 - d[[y, x]]; 3]))),
        ("large", Box::new(|d| enlarged(d, &|ink| [(ink * 255.0).round() as u8; 3]))),
        (
            "red on blue of the same brightness",
            Box::new(|d| enlarged(d, &mix([30.0, 60.0, 200.0], [190.0, 40.0, 10.0]))),
        ),
        ("faint", Box::new(|d| enlarged(d, &mix([235.0; 3], [200.0; 3])))),
        (
            "in a corner of a wide picture, in light from one side",
            Box::new(|d| {
                ppm([120, 300], |y, x| {
                    let light = 250.0 - 0.35 * x as f64 - 0.2 * y as f64;
                    let ink = ink(d, (y as f64 - 50.0) / 2.0, (x as f64 - 220.0) / 2.0) / 255.0;
                    [(light * (1.0 - 0.75 * ink)).round() as u8; 3]
                })
            }),
        ),
    ];
    for (way, draw) in ways {
        let difference = mean_difference(draw);
        println!("{way}: {difference:.3}");
        assert!(difference < 0.3, "{way}: {difference}");
    }
}

#[test]
fn specks_and_noise_are_left_out() {
    let difference = mean_difference(|digit| {
        let mut noise = tensor::random::Stream::new(1, "paper", 0, 0);
        let mut noises = (0..140 * 140).map(|_| noise.uniform_in(-9.0, 9.0));
        let noises: Vec<f64> = noises.by_ref().collect();
        ppm([140, 140], |y, x| {
            let speck = (y.abs_diff(6) < 2 && x.abs_diff(130) < 2) as u8;
            let ink = ink(digit, (y as f64 + 0.5) / 5.0, (x as f64 + 0.5) / 5.0);
            let ink = ink.max(255.0 * f64::from(speck));
            [(225.0 - 0.7 * ink + noises[y * 140 + x]).clamp(0.0, 255.0) as u8; 3]
        })
    });
    assert!(difference < 0.3, "{difference}");
}

#[test]
fn thin_strokes_become_as_thick_as_those_of_mnist() {
    // A 1 of a single pixel's width, 400 pixels high.
    let drawn =
        ppm([500, 300], |y, x| [if x == 150 && (50..450).contains(&y) { 0 } else { 255 }; 3]);
    let digit = Picture::decode(&drawn).unwrap().digit().unwrap();
    let rows = digit.rows().into_iter().filter(|row| row.iter().any(|&ink| ink > 128)).count();
    assert!((19..=20).contains(&rows), "{rows}");
    let middle: u32 = digit.row(14).iter().map(|&ink| u32::from(ink)).sum();
    assert!((300..650).contains(&middle), "{middle}");
}

#[test]
fn transparent_pictures_have_a_ground_of_their_own() {
    let pam = |ink: u8| {
        let pixel = |(y, x): (usize, usize)| {
            if (4..16).contains(&y) && (9..12).contains(&x) { [ink, 255] } else { [ink, 0] }
        };
        let places = (0..20).flat_map(|y| (0..20).map(move |x| (y, x)));
        let header =
            b"P7\nWIDTH 20\nHEIGHT 20\nDEPTH 2\nMAXVAL 255\nTUPLTYPE GRAYSCALE_ALPHA\nENDHDR\n";
        header.iter().copied().chain(places.flat_map(pixel)).collect::<Vec<u8>>()
    };
    let digit = |ink: u8| Picture::decode(&pam(ink)).unwrap().digit().unwrap();
    assert_eq!(digit(0), digit(255));
    assert_eq!(digit(0)[[14, 14]], 255);
}

#[test]
fn pictures_of_a_single_line_are_digits_too() {
    for size in [[1, 60], [60, 1], [2, 2], [1, 3]] {
        let last = [size[0] - 1, size[1] - 1];
        let drawn = ppm(size, |y, x| [if [y, x] == last { 0 } else { 255 }; 3]);
        let digit = Picture::decode(&drawn).unwrap().digit().unwrap();
        assert_eq!(digit[[14, 14]], 255, "{size:?}");
    }
}

#[test]
fn what_is_no_digit_is_told() {
    let empty = "nothing is drawn here, expected a digit that stands out from its background";
    let mut noise = tensor::random::Stream::new(2, "paper", 0, 0);
    let paper: Vec<u8> = (0..64 * 64).map(|_| noise.uniform_in(225.0, 240.0) as u8).collect();
    let slope = ppm([64, 64], |y, x| [(100 + y + x) as u8; 3]);
    for drawn in [ppm([9, 9], |_, _| [255; 3]), ppm([64, 64], |y, x| [paper[y * 64 + x]; 3]), slope]
    {
        let error = Picture::decode(&drawn).unwrap().digit().unwrap_err();
        assert!(matches!(error, Error::NothingDrawn));
        assert_eq!(error.to_string(), empty);
    }
    let error = Picture::decode(b"%PDF-1.7").unwrap_err().to_string();
    assert!(error.starts_with("not a PNG, JPEG or PNM image: "), "{error}");
    let large = Picture::decode(b"P5 100000 100000 255\n").unwrap_err().to_string();
    assert_eq!(large, "100000 × 100000 pixels, expected at most 67108864: make it smaller");
    let small = Picture::decode_within(&ppm([3, 4], |_, _| [0; 3]), 11).unwrap_err().to_string();
    assert_eq!(small, "4 × 3 pixels, expected at most 11: make it smaller");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("7.png");
    let error = Picture::open(&path).unwrap_err().to_string();
    assert!(error.starts_with(&format!("`{}`: cannot be read: ", path.display())), "{error}");
}
