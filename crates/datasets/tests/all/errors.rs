//! What is told of mistakes, word for word, where no other module of this program does.

use datasets::idx::{IdxArray, IdxError};
use datasets::transforms::{
    Affine, Border, CenterCrop, Erase, GaussianNoise, Normalize, Pad, PadMode, RandomAffine,
    RandomErasing, RandomTranslation, Rescale, Resize, Sampling, Transform,
};
use datasets::{
    ArrayDataset, CsvFile, Dataset, Error, ImageFolder, LabeledImages, Mnist, Picture, Result,
    TargetMut, resize_bilinear,
};
use ndarray::{Array2, Array3, Array4, ArrayD};
use std::fs;

#[test]
fn settings_of_transforms() {
    let (nan, inf) = (f64::NAN, f32::INFINITY);
    let cases: Vec<(Box<dyn Transform>, &str)> = vec![
        (
            Box::new(Affine::new().translate(nan, 0.0)),
            "Affine: right is NaN, expected a finite number",
        ),
        (
            Box::new(Affine::new().translate(0.0, nan)),
            "Affine: down is NaN, expected a finite number",
        ),
        (
            Box::new(Affine::new().shear(0.0, -90.0)),
            "Affine: shear y is -90, expected degrees between -90 and 90",
        ),
        (
            Box::new(Affine::new().sampling(Sampling::nearest().border(Border::Value(inf)))),
            "Affine: the border's value is inf, expected a finite number",
        ),
        (
            Box::new(RandomAffine::new().rotate(nan)),
            "RandomAffine: degrees is from NaN to NaN, expected finite numbers",
        ),
        (
            Box::new(RandomAffine::new().translate(1.5, 0.0)),
            "RandomAffine: right is from -1.5 to 1.5, expected fractions of the image, in -1..=1",
        ),
        (
            Box::new(RandomAffine::new().scale(0.0, 1.0)),
            "RandomAffine: scale is from 0 to 1, expected positive factors",
        ),
        (
            Box::new(RandomAffine::new().shear((5.0, -5.0), 0.0)),
            "RandomAffine: shear x is from 5 to -5, expected the smaller number first",
        ),
        (
            Box::new(RandomTranslation::new(nan, 0.0)),
            "RandomTranslation: right is from NaN to NaN, expected finite numbers",
        ),
        (
            Box::new(RandomErasing::new(0.5).area(0.5, 0.1)),
            "RandomErasing: area is from 0.5 to 0.1, expected the smaller number first",
        ),
        (
            Box::new(RandomErasing::new(0.5).ratio(0.5, nan)),
            "RandomErasing: ratio is from 0.5 to NaN, expected finite numbers",
        ),
        (
            Box::new(RandomErasing::new(0.5).value(inf)),
            "RandomErasing: value is inf, expected a finite number",
        ),
        (
            Box::new(Erase::new(0, 0, 1, 1).value(f32::NAN)),
            "Erase: value is NaN, expected a finite number",
        ),
        (
            Box::new(Pad::all(1).mode(PadMode::Constant(inf))),
            "Pad: the padding's value is inf, expected a finite number",
        ),
        (
            Box::new(CenterCrop::new(9, 9)),
            "CenterCrop: rows × columns is 9 × 9, expected at least 1 × 1 and at most 8 × 9, the image",
        ),
        (Box::new(Resize::new(16_385, 1)), "Resize: rows is 16385, expected 1..=16384"),
        (
            Box::new(Rescale::new(1.0, f64::INFINITY)),
            "Rescale: shift is inf, expected a finite number",
        ),
        (
            Box::new(GaussianNoise::new(nan)),
            "GaussianNoise: std is NaN, expected a standard deviation: finite, and 0 or more",
        ),
        (
            Box::new(Normalize::new([0.0], [])),
            "Normalize: std is 0 numbers for samples [1, 8, 9], expected 1, or one for each channel",
        ),
        (
            Box::new(Normalize::new([nan], [1.0])),
            "Normalize: mean is NaN, expected a finite number",
        ),
    ];
    for (transform, message) in cases {
        let images = ArrayDataset::with_classes(Array4::zeros((1, 1, 8, 9)), vec![0], 1).unwrap();
        assert_eq!(images.map(transform).unwrap_err().to_string(), message);
    }
}

#[test]
fn images_that_cannot_be() {
    assert_eq!(
        resize_bilinear(&Array2::<f32>::zeros((0, 3)), 2, 2).unwrap_err().to_string(),
        "image has shape [0, 3], expected at least one row and one column, and fewer than 2³²"
    );
    // 250 TB, more than a process can address.
    let count = 1_000_000;
    let images = LabeledImages::new(Array3::zeros((count, 1, 1)), vec![0; count], 1).unwrap();
    assert_eq!(
        images.resize(16_384, 16_384).unwrap_err().to_string(),
        "resize: rows × columns is 16384 × 16384 for 1000000 images, expected as many pixels as \
         memory holds"
    );
    let label = |classes| LabeledImages::new(Array3::zeros((1, 1, 1)), vec![7], classes);
    assert_eq!(
        label(1).unwrap_err().to_string(),
        "label 7 at position 0 is out of range, expected 0 for 1 class: correct the label or state \
         the right number of classes"
    );
}

#[test]
fn buffers_of_the_other_kind() {
    let data = ArrayDataset::with_values(Array2::zeros((1, 1)), Array2::zeros((1, 1))).unwrap();
    let mut labels = [0];
    let told = "fetch: the dataset's targets are values, the buffer is for class labels: match the \
                loss to the dataset";
    let fetched = data.fetch(Default::default(), &[0], &mut [0.0], TargetMut::Class(&mut labels));
    assert_eq!(fetched.unwrap_err().to_string(), told);
    assert_eq!(TargetMut::Class(&mut labels).values().unwrap_err().to_string(), told);
    assert_eq!(
        TargetMut::Values(&mut []).class().unwrap_err().to_string(),
        "fetch: the dataset's targets are class labels, the buffer is for values: match the loss to \
         the dataset"
    );
    assert_eq!(Error::other("the tape is torn").to_string(), "the tape is torn");
}

#[test]
fn columns_and_classes_that_cannot_be_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.csv");
    fs::write(&path, "a,b,a\n1,3,2\n").unwrap();
    let error = |table: CsvFile| table.read().unwrap_err().to_string();
    assert_eq!(
        error(CsvFile::with_classes(&path, "a")),
        format!(
            "`{}`: CsvFile: target is `a`, as columns 0 and 2 are called, expected the name of one \
             column: give its index instead",
            path.display()
        )
    );
    CsvFile::with_classes(&path, 0).read().unwrap();
    assert_eq!(
        error(CsvFile::with_classes(&path, "b").classes(["x", "y", "x"])),
        "CsvFile: classes is a list with `x` twice, expected every class once"
    );
    assert_eq!(
        error(CsvFile::with_classes(&path, "b").classes([""; 0])),
        "CsvFile: classes is an empty list, expected every class once"
    );
}

/// Where the words are the system's or a library's, they are compared with what that says itself.
#[test]
fn files_that_the_system_refuses() {
    let folder = tempfile::tempdir().unwrap();
    let (file, missing) = (folder.path().join("file"), folder.path().join("missing"));
    fs::write(&file, "").unwrap();
    let (shown, absent) = (missing.display(), fs::read(&missing).unwrap_err());
    let told = |result: Result<()>, message: String| {
        assert_eq!(result.unwrap_err().to_string(), message);
    };
    told(
        IdxArray::read_file(&missing).map(drop),
        format!("`{shown}`: cannot open the file: {absent}"),
    );
    told(
        CsvFile::with_classes(&missing, 0).read().map(drop),
        format!("`{shown}`: cannot read the table: {absent}"),
    );
    told(
        ImageFolder::new(&missing).read().map(drop),
        format!("`{shown}`: cannot list the folder: {absent}"),
    );
    told(Picture::open(&missing).map(drop), format!("`{shown}`: cannot be read: {absent}"));
    told(
        Mnist::load(&file).map(drop),
        format!(
            "the MNIST files were not found; looked in\n  `{}` (the folder given): a file, expected \
             a folder\nget them with `cargo xtask fetch-mnist`, or name the folder that holds them",
            file.display()
        ),
    );
    let inside = missing.join("array.gz");
    let array: IdxArray = ArrayD::<u8>::zeros(vec![2]).into();
    told(
        array.write_file(&inside),
        format!("`{}`: cannot create a temporary file beside it: {absent}", inside.display()),
    );
    let deep: IdxArray = ArrayD::<u8>::zeros(vec![1; 256]).into();
    let unwritable = format!(
        "an IDX file holds at most 255 axes of at most 4294967295 elements each, found {:?}: reshape \
         the array",
        vec![1; 256]
    );
    assert_eq!(deep.write(Vec::new()).unwrap_err().to_string(), unwritable);
    told(deep.write_file(&file), format!("`{}`: {unwritable}", file.display()));
    let error = IdxError::Io(std::io::Error::other("no disk"));
    assert_eq!(error.to_string(), "no disk");
}

#[test]
fn pictures_that_are_none() {
    let none = "not a PNG, JPEG or PNM image: The image format could not be determined";
    assert_eq!(Picture::decode(b"%PDF-1.7").unwrap_err().to_string(), none);
    let none = "not a PNG, JPEG or PNM image: Format error decoding Png: Invalid PNG signature.";
    let folder = tempfile::tempdir().unwrap();
    let class = folder.path().join("cat");
    fs::create_dir(&class).unwrap();
    for number in 10..22 {
        fs::write(class.join(format!("{number}.png")), "no picture").unwrap();
    }
    let lines: String = (10..20)
        .map(|n| format!("\n  `{}`: {none}", class.join(format!("{n}.png")).display()))
        .collect();
    assert_eq!(
        ImageFolder::new(&folder).size(2, 2).read().unwrap_err().to_string(),
        format!(
            "12 images cannot be used:{lines}\n  and 2 more\nmend them or take them out of the folder"
        )
    );
    for number in 11..22 {
        fs::remove_file(class.join(format!("{number}.png"))).unwrap();
    }
    assert_eq!(
        ImageFolder::new(&folder).size(2, 2).read().unwrap_err().to_string(),
        format!(
            "1 image cannot be used:\n  `{}`: {none}\nmend them or take them out of the folder",
            class.join("10.png").display()
        )
    );
}
