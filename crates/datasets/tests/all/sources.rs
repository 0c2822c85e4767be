//! Samples from iterators, tables and folders of images.

use datasets::{
    ArrayDataset, CsvFile, Dataset, Draw, FolderImages, ImageFolder, Result, TargetKind, TargetMut,
};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

#[test]
fn an_iterator_is_collected() {
    let samples = (0..4).map(|n| (vec![n as f32; 6], n % 2));
    let data = ArrayDataset::collect_classes(samples, &[2, 3], 2).unwrap();
    assert_eq!(data.inputs().shape(), [4, 2, 3]);
    assert_eq!(data.inputs()[[3, 1, 2]], 3.0);
    assert_eq!(data.labels().unwrap(), [0, 1, 0, 1]);
    let data = ArrayDataset::collect_values([([1.0], [2.0, 3.0])], &[1], &[2]).unwrap();
    assert_eq!(data.values().unwrap().as_slice().unwrap(), [2.0, 3.0]);
    let none: [([f32; 2], u32); 0] = [];
    let data = ArrayDataset::collect_classes(none, &[2], 2).unwrap();
    assert_eq!((data.len(), data.input_shape()), (0, &[2][..]));
}

#[test]
fn samples_that_do_not_fit_are_refused() {
    let ragged = [(vec![1.0, 2.0], 0), (vec![3.0], 1)];
    let cases = [
        (
            ArrayDataset::collect_classes(ragged.clone(), &[2], 2),
            "collect_classes: an input is 1 numbers in sample 1, expected 2, for the shape [2]",
        ),
        (
            ArrayDataset::collect_classes(ragged[..1].iter().cloned(), &[2], 0),
            "label 0 at position 0 is out of range, expected none at all for 0 classes: correct the \
             label or state the right number of classes",
        ),
        (
            ArrayDataset::collect_values([([1.0], [2.0])], &[1], &[1, 2]),
            "collect_values: a target is 1 numbers in sample 0, expected 2, for the shape [1, 2]",
        ),
    ];
    for (result, message) in cases {
        assert_eq!(result.unwrap_err().to_string(), message);
    }
}

/// A file in a folder of its own.
fn file(text: impl AsRef<[u8]>) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.csv");
    fs::write(&path, text).unwrap();
    (folder, path)
}

#[test]
fn tables_are_read() {
    let text = "\u{feff}a, kind ,b\n1,cat, -2.5\n\n3e2,\"dog, small\",0\n5,cat,7\n";
    let (_folder, path) = file(text);
    let data = CsvFile::with_classes(&path, "kind").read().unwrap();
    assert_eq!(data.columns, ["a", "b"]);
    assert_eq!(data.classes, ["cat", "dog, small"]);
    assert_eq!(data.samples.labels().unwrap(), [0, 1, 0]);
    let inputs = data.samples.inputs();
    assert_eq!(inputs.as_slice().unwrap(), [1.0, -2.5, 300.0, 0.0, 5.0, 7.0]);
    let known = CsvFile::with_classes(&path, 1).classes(["dog, small", "bird", "cat"]);
    let known = known.read().unwrap();
    assert_eq!(known.samples.labels().unwrap(), [2, 0, 2]);
    assert_eq!(known.samples.target(), TargetKind::Class { classes: 3 });

    // Whole numbers are ordered as numbers, here without a header.
    let (_folder, path) = file("10;0.5\n9;1.5\n-1;2\n10;3");
    let table = CsvFile::with_classes(&path, 0).header(false).delimiter(b';').read().unwrap();
    assert_eq!(table.classes, ["-1", "9", "10"]);
    assert_eq!(table.columns, ["1"]);
    assert_eq!(table.samples.labels().unwrap(), [2, 1, 0, 2]);
    let table = CsvFile::with_values(&path, 1).header(false).delimiter(b';').read().unwrap();
    assert_eq!(table.samples.values().unwrap().as_slice().unwrap(), [0.5, 1.5, 2.0, 3.0]);
    assert_eq!(table.samples.target(), TargetKind::Values { shape: &[1] });
    assert!(table.classes.is_empty());
}

/// A table, how it is read, and what is said of it.
type Mistake<'a> = (&'a [u8], fn(&Path) -> CsvFile, &'a str);

#[test]
fn mistakes_in_tables_have_a_place() {
    let cases: &[Mistake<'_>] = &[
        (
            b"a,b\n1,x\n\n2.5x,y\n",
            |path| CsvFile::with_classes(path, "b"),
            "`PATH`, line 4, column `a`: found `2.5x`, expected a finite number",
        ),
        (
            b"\xef\xbb\xbfa,b\r\n1,x\r\n\r\n\r\n\"1\n2\",y\r\n",
            |path| CsvFile::with_classes(path, "b"),
            "`PATH`, line 5, column `a`: found `1\n2`, expected a finite number",
        ),
        (
            b"a,b\n1,x\n\n2\n",
            |path| CsvFile::with_classes(path, "b"),
            "`PATH`, line 4: found 1 cell, expected 2 as in the first line",
        ),
        (
            b"a,b\n1,x\n,y\n",
            |path| CsvFile::with_classes(path, "b"),
            "`PATH`, line 3, column `a`: found an empty cell, expected a finite number",
        ),
        (
            b"a,b\n1,x\n2,\n",
            |path| CsvFile::with_classes(path, "b"),
            "`PATH`, line 3, column `b`: found an empty cell, expected a class",
        ),
        (
            b"1,2\n3,NaN\n",
            |path| CsvFile::with_values(path, 1).header(false),
            "`PATH`, line 2, column `1`: found `NaN`, expected a finite number",
        ),
        (
            b"a,b\n1,x\n2,z\n",
            |path| CsvFile::with_classes(path, "b").classes(["x", "y"]),
            "`PATH`, line 3, column `b`: found `z`, expected one of the classes x, y",
        ),
        (
            b"a,b\n1,x\n2\n",
            |path| CsvFile::with_classes(path, "b"),
            "`PATH`, line 3: found 1 cell, expected 2 as in the first line",
        ),
        (
            b"a,b\n1,\xff\n",
            |path| CsvFile::with_classes(path, "b"),
            "`PATH`, line 2: found bytes that are not UTF-8, expected text",
        ),
        (
            b"a,b\n1,x\n",
            |path| CsvFile::with_classes(path, "c"),
            "`PATH`: CsvFile: target is `c`, expected one of `a`, `b`",
        ),
        (
            b"a,b\n1,x\n",
            |path| CsvFile::with_classes(path, 2),
            "`PATH`: CsvFile: target is 2, expected 0..=1",
        ),
        (
            b"1,2\n",
            |path| CsvFile::with_classes(path, "b").header(false),
            "`PATH`: CsvFile: target is `b`, expected an index, where there is no header",
        ),
        (
            b"b\n1\n",
            |path| CsvFile::with_classes(path, "b"),
            "`PATH`: CsvFile: target is in a table with 1 column, expected one of at least two \
             columns: without a second one there is no input",
        ),
        (
            b"a,b\n",
            |path| CsvFile::with_classes(path, "b"),
            "`PATH`: CsvFile: the dataset is empty, expected at least one sample: check the data or \
             the filter that made it",
        ),
    ];
    for (text, table, message) in cases {
        let (_folder, path) = file(text);
        let message = message.replace("PATH", &path.display().to_string());
        assert_eq!(table(&path).read().unwrap_err().to_string(), message);
    }
    let error = CsvFile::with_classes("no/such.csv", 0).read().unwrap_err().to_string();
    assert!(error.starts_with("`no/such.csv`: cannot read the table: "), "{error}");
}

const PNG: &[u8] = include_bytes!("../reference/images/colour.png");
const JPEG: &[u8] = include_bytes!("../reference/images/colour.jpg");

/// A folder of `(path, content)`.
fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, content) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    folder
}

fn sample(data: &FolderImages, index: usize) -> (Vec<f32>, u32) {
    let mut input = vec![f32::NAN; data.input_shape().iter().product()];
    let mut label = [9];
    data.fetch(Draw::default(), &[index], &mut input, TargetMut::Class(&mut label)).unwrap();
    (input, label[0])
}

/// Grey values as Pillow 13 makes them: `reference/images.py`.
#[test]
fn images_in_class_folders_are_read() {
    let pets = folder(&[
        ("dog/b.png", PNG),
        (
            "cat/2.ppm",
            b"P3 4 3 255 9 8 7 9 8 7 9 8 7 9 8 7 9 8 7 9 8 7 9 8 7 9 8 7 9 8 7 9 8 7 9 8 7 9 8 7",
        ),
        ("cat/10.pgm", b"P2 4 3 255 1 2 3 4 5 6 7 8 9 10 11 12"),
        ("cat/.hidden", b"not an image"),
        ("about.txt", b"not a class"),
    ]);
    let data = ImageFolder::new(&pets).read().unwrap();
    assert_eq!(data.classes(), ["cat", "dog"]);
    assert_eq!((data.len(), data.input_shape()), (3, &[3, 3, 4][..]));
    assert_eq!(data.target(), TargetKind::Class { classes: 2 });
    assert_eq!(data.files()[0], pets.path().join("cat/10.pgm"));
    let grey: Vec<f32> = (1..=12).map(|x| x as f32).collect();
    assert_eq!(sample(&data, 0), ([&grey[..]; 3].concat(), 0));
    assert_eq!(sample(&data, 1), ([[9.0; 12], [8.0; 12], [7.0; 12]].concat(), 0));
    let (colours, label) = sample(&data, 2);
    assert_eq!((&colours[..4], label), (&[0.0, 60.0, 120.0, 180.0][..], 1));
    assert_eq!(colours[16..20], [100.0, 100.0, 100.0, 100.0]);
    assert_eq!(colours[24..28], [0.0, 97.0, 194.0, 35.0]);

    let data = ImageFolder::new(&pets).grey().read().unwrap();
    assert_eq!(data.input_shape(), [1, 3, 4]);
    assert_eq!(sample(&data, 2).0, GREY);
}

const GREY: [f32; 12] =
    [0.0, 29.0, 58.0, 58.0, 65.0, 94.0, 123.0, 123.0, 129.0, 158.0, 158.0, 187.0];

#[test]
fn images_are_resized() {
    let pets = folder(&[("cat/1.png", PNG), ("cat/2.jpeg", JPEG)]);
    let data = ImageFolder::new(&pets).size(2, 5).read().unwrap();
    assert_eq!(data.input_shape(), [3, 2, 5]);
    let (flat, _) = sample(&data, 1);
    for (values, expected) in flat.chunks(10).zip([200.0, 30.0, 90.0]) {
        assert!(values.iter().all(|value| (value - expected).abs() <= 2.0), "{values:?}");
    }
}

#[test]
fn folders_that_are_no_data_set_are_refused() {
    let refused = |folder: &TempDir, read: &dyn Fn(ImageFolder) -> Result<FolderImages>| {
        let error = read(ImageFolder::new(folder)).unwrap_err().to_string();
        error.replace(&folder.path().display().to_string(), "PETS")
    };
    let bad = folder(&[
        ("cat/1.png", PNG),
        ("cat/2.png", &PNG[..40]),
        ("dog/3.jpg", b"not an image"),
        ("dog/4.jpg", JPEG),
    ]);
    let error = refused(&bad, &|images| images.read());
    let lines: Vec<&str> = error.lines().collect();
    assert_eq!(lines[0], "3 images cannot be used:");
    assert!(lines[1].starts_with("  `PETS/cat/2.png`: not a PNG, JPEG or PNM image: "), "{error}");
    assert!(lines[2].starts_with("  `PETS/dog/3.jpg`: not a PNG, JPEG or PNM image: "), "{error}");
    assert_eq!(
        lines[3],
        "  `PETS/dog/4.jpg`: 8 × 8, expected 3 × 4 as the first image: ask for one size by \
         `.size(rows, columns)`"
    );
    assert_eq!(lines[4], "mend them or take them out of the folder");

    let empty = folder(&[("cat/.keep", b"")]);
    assert_eq!(
        refused(&empty, &|images| images.read()),
        "`PETS/cat`: ImageFolder: images is none, expected at least one, of this class"
    );
    let flat = folder(&[("1.png", PNG)]);
    assert_eq!(
        refused(&flat, &|images| images.read()),
        "`PETS`: ImageFolder: folders is none, expected at least one, with the images of a class"
    );
    assert_eq!(
        refused(&flat, &|images| images.size(0, 4).read()),
        "ImageFolder: rows is 0, expected 1..=16384"
    );
    let error = ImageFolder::new("no/such/folder").read().unwrap_err().to_string();
    assert!(error.starts_with("`no/such/folder`: cannot list the folder: "), "{error}");
}
