//! What transforms draw, what they leave alone, and what they refuse.

use datasets::transforms::{
    Border, Compose, Crop, GaussianNoise, Normalize, Pad, PadMode, RandomAffine, RandomCrop,
    RandomErasing, RandomHorizontalFlip, RandomRotation, RandomScale, RandomTranslation, Rescale,
    Resize, Sample, Sampling, Stream, Transform,
};
use datasets::{ArrayDataset, Dataset, Draw, ImageDataset, LabeledImages, TargetMut};
use ndarray::{Array2, Array3, Array4};

/// `count` images of one channel; every pixel is another number.
fn images(count: usize, rows: usize, columns: usize) -> ArrayDataset {
    let value = |(n, _, y, x)| ((n * rows + y) * columns + x + 1) as f32;
    let inputs = Array4::from_shape_fn((count, 1, rows, columns), value);
    ArrayDataset::with_classes(inputs, vec![0; count], 1).unwrap()
}

/// The samples `indices`, each as it is drawn.
fn fetch(data: &impl Dataset, draw: Draw, indices: &[usize]) -> Vec<Vec<f32>> {
    let size: usize = data.input_shape().iter().product();
    let (mut input, mut labels) = (vec![f32::NAN; indices.len() * size], vec![9; indices.len()]);
    data.fetch(draw, indices, &mut input, TargetMut::Class(&mut labels)).unwrap();
    assert!(input.iter().all(|x| x.is_finite()));
    input.chunks(size.max(1)).map(<[f32]>::to_vec).collect()
}

fn one(transform: impl Transform, data: ArrayDataset) -> Vec<f32> {
    fetch(&data.map(transform).unwrap(), Draw { seed: 1, epoch: 0 }, &[0]).remove(0)
}

/// All random transforms in a chain that changes the size twice.
fn everything() -> Compose {
    Compose::new()
        .then(RandomAffine::new().rotate(20.0).translate(0.1, 0.2).scale(0.8, 1.3).shear(9.0, 5.0))
        .then(RandomRotation::new((5.0, 30.0)))
        .then(RandomTranslation::new(0.2, 0.0).sampling(Sampling::nearest()))
        .then(RandomScale::new(0.7, 1.1))
        .then(RandomHorizontalFlip::new(0.5))
        .then(RandomCrop::new(6, 7).padding(Pad::all(2).mode(PadMode::Symmetric)))
        .then(RandomErasing::new(0.7))
        .then(GaussianNoise::new(0.5))
        .then(Resize::new(5, 4))
}

#[test]
fn a_sample_is_the_same_alone_and_in_any_batch_and_on_any_thread() {
    let data = images(40, 8, 9).map(everything()).unwrap();
    assert_eq!(data.input_shape(), [1, 5, 4]);
    let draw = Draw { seed: 7, epoch: 3 };
    let all: Vec<usize> = (0..40).collect();
    let batch = fetch(&data, draw, &all);
    let shuffled = fetch(&data, draw, &[39, 0, 12, 12]);
    assert_eq!(shuffled, [&batch[39], &batch[0], &batch[12], &batch[12]].map(Clone::clone));
    std::thread::scope(|scope| {
        let (data, batch) = (&data, &batch);
        for part in all.chunks(10) {
            scope.spawn(move || {
                for &index in part.iter().rev() {
                    assert_eq!(fetch(data, draw, &[index])[0], batch[index]);
                }
            });
        }
    });
}

#[test]
fn every_epoch_seed_and_sample_has_draws_of_its_own() {
    let data = images(1, 8, 9).select(vec![0, 0]).unwrap().map(everything()).unwrap();
    let at = |seed, epoch| fetch(&data, Draw { seed, epoch }, &[0, 1]);
    let first = at(1, 0);
    assert_eq!(first, at(1, 0));
    assert_ne!(first[0], first[1], "two samples that are equal before");
    assert_ne!(first, at(1, 1));
    assert_ne!(first, at(2, 0));
}

/// Mapping twice draws independently: were it one stream, equal amounts of noise would add up.
#[test]
fn mapping_again_uses_another_stream() {
    let zeros = ArrayDataset::with_classes(Array2::zeros((1, 1000)), vec![0], 1).unwrap();
    let noise = || GaussianNoise::new(1.0);
    let twice = zeros.map(noise()).unwrap().map(noise()).unwrap();
    let values = fetch(&twice, Draw { seed: 1, epoch: 0 }, &[0]).remove(0);
    let variance = values.iter().map(|x| x * x).sum::<f32>() / 1000.0;
    assert!((variance - 2.0).abs() < 0.4, "{variance} instead of 2; 4 for one stream");
}

#[test]
fn what_is_not_mapped_stays() {
    let data = images(3, 8, 9);
    let mapped = data.clone().map(everything()).unwrap();
    fetch(&mapped, Draw::default(), &[0, 1, 2]);
    let draw = Draw::default();
    assert_eq!(fetch(mapped.dataset(), draw, &[2]), fetch(&data, draw, &[2]));
    assert_eq!((mapped.len(), mapped.target()), (data.len(), data.target()));
}

#[test]
fn settings_without_effect_change_nothing() {
    let still = Compose::new()
        .then(RandomAffine::new())
        .then(RandomAffine::new().sampling(Sampling::nearest()))
        .then(RandomRotation::new((360.0, 360.0)))
        .then(RandomTranslation::new(0.0, 0.0).sampling(Sampling::bilinear().border(Border::Edge)))
        .then(RandomScale::new(1.0, 1.0))
        .then(RandomHorizontalFlip::new(0.0))
        .then(RandomErasing::new(0.0))
        .then(GaussianNoise::new(0.0))
        .then(RandomCrop::new(5, 70))
        .then(Resize::new(5, 70))
        .then(Rescale::new(1.0, 0.0));
    let data = images(2, 5, 70);
    let draw = Draw { seed: 3, epoch: 1 };
    assert_eq!(fetch(&data.clone().map(still).unwrap(), draw, &[1]), fetch(&data, draw, &[1]));
}

/// Angles are uniform over the range: a dot far from the centre says where it went.
#[test]
fn angles_are_uniform_and_positive_ones_counter_clockwise() {
    let mut image = Array4::zeros((1, 1, 65, 65));
    image[[0, 0, 32, 62]] = 1000.0;
    let dot = ArrayDataset::with_classes(image, vec![0], 1).unwrap();
    let count = 4000;
    let data = dot.select(vec![0; count]).unwrap().map(RandomRotation::new((-20.0, 60.0))).unwrap();
    let mut bins = [0_u32; 8];
    for index in 0..count {
        let turned = fetch(&data, Draw { seed: 1, epoch: 0 }, &[index]).remove(0);
        let (mut x, mut y) = (0.0, 0.0);
        for (place, value) in turned.iter().enumerate() {
            x += f64::from(*value) * ((place % 65) as f64 - 32.0);
            y -= f64::from(*value) * ((place / 65) as f64 - 32.0);
        }
        let degrees = y.atan2(x).to_degrees();
        assert!((-20.5..60.5).contains(&degrees), "{degrees}");
        bins[((degrees + 20.0) / 10.0).clamp(0.0, 7.0) as usize] += 1;
    }
    let expected = f64::from(count as u32) / 8.0;
    let chi: f64 = bins.iter().map(|&n| (f64::from(n) - expected).powi(2) / expected).sum();
    // 7 degrees of freedom: more in one of a thousand seeds.
    assert!(chi < 24.3, "chi-squared {chi}: {bins:?}");
}

#[test]
fn flips_crops_and_noise_have_their_distributions() {
    let count = 4000;
    let draw = Draw { seed: 5, epoch: 0 };
    let all: Vec<usize> = (0..count).collect();
    let same = |rows, columns| images(1, rows, columns).select(vec![0; count]).unwrap();

    let flipped = fetch(&same(1, 2).map(RandomHorizontalFlip::new(0.3)).unwrap(), draw, &all);
    let share = flipped.iter().filter(|image| image[0] == 2.0).count() as f64 / count as f64;
    assert!((share - 0.3).abs() < 0.03, "{share}");

    // Every one of the 2 × 3 places comes up one time in six.
    let cropped = fetch(&same(3, 5).map(RandomCrop::new(2, 3)).unwrap(), draw, &all);
    for first in [1.0, 2.0, 3.0, 6.0, 7.0, 8.0] {
        let share = cropped.iter().filter(|image| image[0] == first).count() as f64 / count as f64;
        assert!((share - 1.0 / 6.0).abs() < 0.025, "{share} for {first}");
    }

    let noisy = fetch(&same(2, 5).map(GaussianNoise::new(3.0)).unwrap(), draw, &all);
    let noise: Vec<f64> = noisy
        .iter()
        .flat_map(|image| image.iter().enumerate().map(|(i, x)| f64::from(*x) - (i + 1) as f64))
        .collect();
    let mean = |values: &mut dyn Iterator<Item = f64>| values.sum::<f64>() / noise.len() as f64;
    let found = mean(&mut noise.iter().copied());
    assert!(found.abs() < 0.05, "mean {found}");
    let found = mean(&mut noise.iter().map(|x| x * x / 9.0));
    assert!((found - 1.0).abs() < 0.03, "variance {found}");
    let found = mean(&mut noise.iter().map(|x| f64::from(x.abs() > 6.0)));
    assert!((found - 0.0455).abs() < 0.004, "{found} are beyond two deviations");
    let found = mean(&mut noise.windows(2).map(|pair| pair[0] * pair[1] / 9.0));
    assert!(found.abs() < 0.03, "correlation {found}");
}

#[test]
fn erased_rectangles_have_the_size_asked_for() {
    let count = 1000;
    let data = images(1, 20, 30).select(vec![0; count]).unwrap();
    let data = data.map(RandomErasing::new(0.8).area(0.1, 0.3).value(-1.0)).unwrap();
    let mut erased = 0;
    for index in 0..count {
        let image = fetch(&data, Draw { seed: 2, epoch: 0 }, &[index]).remove(0);
        let holes: Vec<usize> = (0..600).filter(|&place| image[place] == -1.0).collect();
        if holes.is_empty() {
            continue;
        }
        erased += 1;
        let side = |side: &dyn Fn(usize) -> usize| {
            let sides = || holes.iter().map(|&place| side(place));
            sides().max().unwrap() - sides().min().unwrap() + 1
        };
        let (rows, columns) = (side(&|place| place / 30), side(&|place| place % 30));
        assert_eq!(rows * columns, holes.len(), "a whole rectangle");
        assert!((40..=200).contains(&holes.len()), "{} pixels", holes.len());
        let ratio = rows as f64 / columns as f64;
        assert!((0.25..4.0).contains(&ratio), "{ratio}");
    }
    assert!((740..860).contains(&erased), "{erased} of 1000");
}

/// What comes into view is what a pixel of 0 has become, before and after normalising.
#[test]
fn empty_space_is_the_background() {
    let pixels = Array3::from_elem((1, 3, 3), 255);
    let images = ImageDataset::new(LabeledImages::new(pixels, vec![0], 1).unwrap());
    let away = || RandomTranslation::new((1.0, 1.0), 0.0);
    let before = images.clone().rescale(0.5, 0.0).unwrap().normalize(10.0, 2.0).unwrap();
    assert_eq!(before.background(), [-5.0]);
    let found = fetch(&before.map(away()).unwrap(), Draw::default(), &[0]);
    assert_eq!(found[0], [-5.0; 9]);
    let units = Compose::new().then(Rescale::new(0.5, 0.0)).then(Normalize::new([10.0], [2.0]));
    let after = images.map(units.then(away()).then(Pad::new(1, 0, 0, 0))).unwrap();
    assert_eq!(after.background(), [-5.0]);
    assert_eq!(fetch(&after, Draw::default(), &[0])[0], [-5.0; 12]);

    let colours = ArrayDataset::with_classes(Array4::ones((1, 2, 1, 1)), vec![0], 1).unwrap();
    let colours = colours.map(Normalize::new([1.0, 4.0], [1.0, 2.0])).unwrap();
    assert_eq!(colours.background(), [-1.0, -2.0]);
    let found = one(Pad::all(0), images_of(&colours));
    assert_eq!(found, [0.0, -1.5]);
    let padded = colours.map(Pad::new(1, 0, 0, 0)).unwrap();
    assert_eq!(fetch(&padded, Draw::default(), &[0])[0], [-1.0, 0.0, -2.0, -1.5]);
}

/// A mapped dataset's only sample in memory.
fn images_of(data: &impl Dataset) -> ArrayDataset {
    let values = fetch(data, Draw::default(), &[0]).remove(0);
    let inputs = Array4::from_shape_vec((1, values.len(), 1, 1), values).unwrap();
    ArrayDataset::with_classes(inputs, vec![0], 1).unwrap()
}

/// Padding wider than the image mirrors again and again, as NumPy's `pad` does.
#[test]
fn wide_padding() {
    let row = |mode| one(Pad::new(5, 0, 4, 0).mode(mode), images(1, 1, 3));
    assert_eq!(row(PadMode::Reflect), [2., 1., 2., 3., 2., 1., 2., 3., 2., 1., 2., 3.]);
    assert_eq!(row(PadMode::Symmetric), [2., 3., 3., 2., 1., 1., 2., 3., 3., 2., 1., 1.]);
    assert_eq!(row(PadMode::Edge), [1., 1., 1., 1., 1., 1., 2., 3., 3., 3., 3., 3.]);
    let single = one(Pad::all(1).mode(PadMode::Reflect), images(1, 1, 1));
    assert_eq!(single, [1.0; 9]);
}

#[test]
fn a_transform_that_breaks_its_word_is_told() {
    #[derive(Debug)]
    struct Liar;
    impl Transform for Liar {
        fn apply(&self, sample: &mut Sample, _: &mut Stream) {
            sample.replace(1, 1, |_, image| image.fill(0.0));
        }
    }
    let data = images(1, 2, 3).map(Liar).unwrap();
    let target = TargetMut::Class(&mut [0]);
    let error = data.fetch(Draw::default(), &[0], &mut [0.0; 6], target).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the transform's result has shape [1, 1, 1], expected [1, 2, 3], as its `format` says"
    );
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    let nan = f64::NAN;
    let cases: Vec<(Box<dyn Transform>, &str)> = vec![
        (
            Box::new(RandomRotation::new(nan)),
            "RandomRotation: degrees is from NaN to NaN, expected finite numbers",
        ),
        (
            Box::new(RandomRotation::new((20.0, -20.0))),
            "RandomRotation: degrees is from 20 to -20, expected the smaller number first",
        ),
        (
            Box::new(RandomTranslation::new(0.5, 1.5)),
            "RandomTranslation: down is from -1.5 to 1.5, expected fractions of the image, in -1..=1",
        ),
        (
            Box::new(RandomScale::new(0.0, 1.0)),
            "RandomScale: scale is from 0 to 1, expected positive factors",
        ),
        (
            Box::new(RandomScale::new(1.2, 0.8)),
            "RandomScale: scale is from 1.2 to 0.8, expected the smaller number first",
        ),
        (
            Box::new(RandomAffine::new().shear(0.0, 90.0)),
            "RandomAffine: shear y is from -90 to 90, expected degrees between -90 and 90",
        ),
        (
            Box::new(
                RandomAffine::new()
                    .sampling(Sampling::bilinear().border(Border::Value(f32::INFINITY))),
            ),
            "RandomAffine: the border's value is inf, expected a finite number",
        ),
        (
            Box::new(datasets::transforms::Affine::new().rotate(f64::INFINITY)),
            "Affine: degrees is inf, expected a finite number",
        ),
        (
            Box::new(datasets::transforms::Affine::new().scale(-1.0)),
            "Affine: scale is -1, expected a positive, finite number",
        ),
        (
            Box::new(datasets::transforms::Affine::new().shear(nan, 0.0)),
            "Affine: shear x is NaN, expected degrees between -90 and 90",
        ),
        (
            Box::new(RandomHorizontalFlip::new(1.5)),
            "RandomHorizontalFlip: probability is 1.5, expected a probability in 0..=1",
        ),
        (
            Box::new(RandomErasing::new(-0.1)),
            "RandomErasing: probability is -0.1, expected a probability in 0..=1",
        ),
        (
            Box::new(RandomErasing::new(0.5).area(0.1, 1.1)),
            "RandomErasing: area is from 0.1 to 1.1, expected shares of the image, in 0..=1",
        ),
        (
            Box::new(RandomErasing::new(0.5).ratio(0.0, 1.0)),
            "RandomErasing: ratio is from 0 to 1, expected positive ratios",
        ),
        (
            Box::new(GaussianNoise::new(-0.1)),
            "GaussianNoise: std is -0.1, expected a standard deviation: finite, and 0 or more",
        ),
        (
            Box::new(RandomCrop::new(13, 5).padding(Pad::all(2))),
            "RandomCrop: rows × columns is 13 × 5, expected at least 1 × 1 and at most 12 × 13, \
             the image with its padding",
        ),
        (
            Box::new(RandomCrop::new(0, 5)),
            "RandomCrop: rows × columns is 0 × 5, expected at least 1 × 1 and at most 8 × 9, the \
             image with its padding",
        ),
        (
            Box::new(Crop::new(6, 0, 3, 3)),
            "Crop: rows × columns is 3 × 3, expected at least 1 × 1 and at most 2 × 9, the image \
             from there on",
        ),
        (Box::new(Pad::new(0, 0, 20_000, 0)), "Pad: right is 20000, expected at most 16384 pixels"),
        (Box::new(Resize::new(5, 0)), "Resize: columns is 0, expected 1..=16384"),
        (Box::new(Rescale::new(nan, 0.0)), "Rescale: scale is NaN, expected a finite number"),
        (
            Box::new(Normalize::new([0.0, 0.0], [1.0])),
            "Normalize: mean is 2 numbers for samples [1, 8, 9], expected 1, or one for each channel",
        ),
        (
            Box::new(Normalize::new([0.0], [0.0])),
            "Normalize: std is 0, expected a positive, finite number",
        ),
        (
            Box::new(Compose::new().then(Resize::new(4, 4)).then(RandomCrop::new(5, 4))),
            "RandomCrop: rows × columns is 5 × 4, expected at least 1 × 1 and at most 4 × 4, the \
             image with its padding",
        ),
    ];
    for (transform, message) in cases {
        assert_eq!(images(1, 8, 9).map(transform).unwrap_err().to_string(), message);
    }
    let points = ArrayDataset::with_classes(Array2::zeros((1, 2)), vec![0], 1).unwrap();
    assert_eq!(
        points.map(RandomRotation::new(1.0)).unwrap_err().to_string(),
        "RandomRotation: the sample's shape is [2], expected an image: [rows, columns] or \
         [channels, rows, columns], at least one of each"
    );
}
