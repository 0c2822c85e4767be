//! IDX files: round trips of every element type, and every kind of damage.

use datasets::idx::{DEFAULT_LIMIT, IdxArray, IdxError};
use datasets::{Error, Mnist};
use flate2::{Compression, write::GzEncoder};
use ndarray::{Array, ArrayD, IxDyn, array};
use proptest::prelude::*;
use std::fs;
use std::io::Write;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn written(array: &IdxArray) -> Vec<u8> {
    let mut file = Vec::new();
    array.write(&mut file).unwrap();
    file
}

/// Arrays of up to five axes of up to four elements, of every type.
fn any_array() -> impl Strategy<Value = IdxArray> {
    fn filled<T: Clone>(axes: &[usize], value: impl Fn(u64) -> T, seed: u64) -> ArrayD<T> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            value(state >> 7)
        };
        ArrayD::from_shape_simple_fn(IxDyn(axes), &mut next)
    }
    (prop::collection::vec(0_usize..5, 0..6), any::<u64>(), 0..6).prop_map(|(axes, seed, kind)| {
        match kind {
            0 => filled(&axes, |bits| bits as u8, seed).into(),
            1 => filled(&axes, |bits| bits as i8, seed).into(),
            2 => filled(&axes, |bits| bits as i16, seed).into(),
            3 => filled(&axes, |bits| bits as i32, seed).into(),
            4 => filled(&axes, |bits| bits as f32 - 1e15, seed).into(),
            _ => filled(&axes, |bits| (bits as f64).sin(), seed).into(),
        }
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read(array in any_array()) {
        let file = written(&array);
        prop_assert_eq!(&IdxArray::read(file.as_slice()).unwrap(), &array);
        prop_assert_eq!(&IdxArray::read(gzip(&file).as_slice()).unwrap(), &array);
        let (front, back) = file.split_at(file.len() / 2);
        let members = [gzip(front), gzip(back)].concat();
        prop_assert_eq!(&IdxArray::read(members.as_slice()).unwrap(), &array);
    }

    #[test]
    fn any_cut_and_any_extra_byte_is_an_error(array in any_array(), cut in any::<prop::sample::Index>()) {
        let mut file = written(&array);
        let packed = gzip(&file);
        prop_assert!(IdxArray::read(&packed[..cut.index(packed.len())]).is_err());
        prop_assert!(IdxArray::read(&file[..cut.index(file.len())]).is_err());
        file.push(0);
        prop_assert!(IdxArray::read(file.as_slice()).is_err());
        prop_assert!(IdxArray::read(gzip(&file).as_slice()).is_err());
    }

    #[test]
    fn no_bytes_make_the_reader_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..64),
        header in prop::sample::select(vec![vec![], vec![0, 0], vec![0, 0, 8, 3], vec![0, 0, 14, 1], vec![0x1f, 0x8b, 8]]),
    ) {
        let file = [header, bytes].concat();
        let _ = IdxArray::read(file.as_slice());
        let _ = IdxArray::read(gzip(&file).as_slice());
    }
}

#[test]
fn files_are_written_plain_or_packed_by_their_names() {
    let folder = tempfile::tempdir().unwrap();
    // Larger than the chunks in which elements are converted, and not a multiple of them.
    let array: IdxArray = Array::from_shape_fn((3, 33_333), |(i, j)| (i * 70_000 + j) as i32 - 5)
        .reversed_axes()
        .into();
    for (name, first) in [("array", [0, 0]), ("array.gz", [0x1f, 0x8b])] {
        let path = folder.path().join(name);
        array.write_file(&path).unwrap();
        assert_eq!(fs::read(&path).unwrap()[..2], first);
        assert_eq!(IdxArray::read_file(&path).unwrap(), array);
    }
}

#[test]
fn bytes_are_those_of_the_format() {
    let file = written(&array![[1.5_f32, -2.0]].into());
    let expected = [0, 0, 0x0d, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0x3f, 0xc0, 0, 0, 0xc0, 0, 0, 0];
    assert_eq!(file, expected);
}

#[test]
fn damage_is_told_exactly() {
    let cases: &[(&[u8], &str)] = &[
        (
            b"",
            "not an IDX file: it begins with nothing (the file is empty), expected 00 00, an element type \
             (08, 09, 0b, 0c, 0d or 0e) and the number of axes: check that this is the right file, or get it again",
        ),
        (
            b"<html><body>",
            "not an IDX file: it begins with 3c 68 74 6d (\"<htm\"), expected 00 00, an element type \
             (08, 09, 0b, 0c, 0d or 0e) and the number of axes: check that this is the right file, or get it again",
        ),
        (
            &[0, 0, 8],
            "not an IDX file: it begins with 00 00 08, expected 00 00, an element type \
             (08, 09, 0b, 0c, 0d or 0e) and the number of axes: check that this is the right file, or get it again",
        ),
        (
            &[0, 0, 0x0a, 1, 0, 0, 0, 0],
            "IDX element type 0x0a does not exist, expected 0x08 (u8), 0x09 (i8), 0x0b (i16), \
             0x0c (i32), 0x0d (f32) or 0x0e (f64): the file is damaged, get it again",
        ),
        (
            &[0, 0, 8, 3, 0, 0, 0, 1, 0, 0],
            "the IDX header of 3 axes takes 16 bytes, found 10: the file is cut short, get it again",
        ),
        (
            &[0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3],
            "the IDX header announces [2, 2] elements of u8, 4 bytes, but only 3 follow: \
             the file is cut short, get it again",
        ),
        (
            &[0, 0, 0x0b, 1, 0, 0, 0, 2, 1, 2, 3],
            "the IDX header announces [2] elements of i16, 4 bytes, but only 3 follow: \
             the file is cut short, get it again",
        ),
        (
            &[0, 0, 8, 1, 0, 0, 0, 2, 1, 2, 3],
            "the IDX header announces [2] elements of u8, 2 bytes, but more follow: \
             the file or its header is damaged, get it again",
        ),
        (
            &[0, 0, 14, 2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            "the IDX header announces [4294967295, 4294967295] elements of f64, \
             more than can be addressed: the file is damaged, get it again",
        ),
        (
            &[0, 0, 8, 3, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            "the IDX header announces [0, 4294967295, 4294967295] elements of u8, \
             more than can be addressed: the file is damaged, get it again",
        ),
        (
            &[0, 0, 8, 1, 0xff, 0xff, 0xff, 0xff],
            "the IDX header announces [4294967295] elements of u8, 4294967295 bytes, \
             expected at most 1073741824: the file is damaged, or read it with a higher limit",
        ),
    ];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    for (bytes, message) in cases {
        assert_eq!(IdxArray::read(*bytes).unwrap_err().to_string(), *message);
        assert_eq!(IdxArray::read(gzip(bytes).as_slice()).unwrap_err().to_string(), *message);
        fs::write(&path, bytes).unwrap();
        let error = IdxArray::read_file(&path).unwrap_err();
        assert_eq!(error.to_string(), format!("`{}`: {message}", path.display()));
    }
}

#[test]
fn damaged_gzip_is_told_from_damaged_content() {
    let file = gzip(&written(&Array::from_iter((0..1000).map(|i| (i * i) as u8)).into()));
    for cut in [2, 11, file.len() / 2, file.len() - 1] {
        let error = IdxArray::read(&file[..cut]).unwrap_err();
        let message = "the gzip data ends too early: the file is cut short, get it again";
        assert_eq!(error.to_string(), message, "cut at {cut}");
    }
    let mut wrong_checksum = file.clone();
    let place = file.len() - 8;
    wrong_checksum[place] ^= 1;
    let error = IdxArray::read(wrong_checksum.as_slice()).unwrap_err();
    let message = "the gzip data is damaged (corrupt gzip stream does not have a matching checksum): \
                   get the file again";
    assert_eq!(error.to_string(), message);
    let trailing = [file.as_slice(), b"trailing bytes"].concat();
    let error = IdxArray::read(trailing.as_slice()).unwrap_err();
    assert!(matches!(error, IdxError::GzipDamaged { .. }), "{error}");
}

/// 100 MB of zeros in 100 kB: the header's word bounds what is unpacked.
#[test]
fn a_gzip_bomb_is_not_unpacked() {
    let mut bomb = vec![0, 0, 8, 1, 0, 0, 0, 4];
    bomb.resize(100_000_000, 0);
    let error = IdxArray::read(gzip(&bomb).as_slice()).unwrap_err();
    assert!(matches!(error, IdxError::TrailingBytes { expected: 4, .. }), "{error}");
    bomb[4..8].copy_from_slice(&99_999_992_u32.to_be_bytes());
    let error = IdxArray::read_limited(gzip(&bomb).as_slice(), 1 << 20).unwrap_err();
    assert!(matches!(error, IdxError::TooLarge { limit: 1_048_576, .. }), "{error}");
    const { assert!(DEFAULT_LIMIT > 60_000 * 32 * 32 * 4) }
}

#[test]
fn another_element_type_is_named() {
    let array: IdxArray = array![1_i16].into();
    assert_eq!(
        array.into_u8().unwrap_err().to_string(),
        "the IDX elements are i16, expected u8: check that this is the right file"
    );
}

#[test]
fn arrays_that_the_format_cannot_hold_are_refused() {
    let array: IdxArray = ArrayD::<u8>::zeros(vec![1; 256]).into();
    let message = array.write(Vec::new()).unwrap_err().to_string();
    assert!(message.starts_with("an IDX file holds at most 255 axes"), "{message}");
    let widest: IdxArray = ArrayD::<u8>::zeros(vec![1; 255]).into();
    assert_eq!(IdxArray::read(written(&widest).as_slice()).unwrap(), widest);
}

#[test]
fn folders_and_missing_files_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().display();
    assert_eq!(
        IdxArray::read_file(folder.path()).unwrap_err().to_string(),
        format!(
            "`{path}` is a directory, expected an IDX file (plain or gzip): name a file inside it"
        )
    );
    let missing = folder.path().join("nothing");
    let error = IdxArray::read_file(&missing).unwrap_err();
    assert!(matches!(&error, Error::Io { action: "open the file", .. }), "{error}");
    assert!(
        error.to_string().starts_with(&format!("`{}`: cannot open the file: ", missing.display()))
    );
}

/// Writes four files of MNIST's names, loads them, and gives the error with the folder cut out.
fn load_error(train_images: IdxArray, train_labels: IdxArray) -> String {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        ("train-images-idx3-ubyte", train_images),
        ("train-labels-idx1-ubyte.gz", train_labels),
        ("t10k-images-idx3-ubyte", Array::<u8, _>::zeros((1, 28, 28)).into()),
        ("t10k-labels-idx1-ubyte", array![9_u8].into()),
    ];
    for (name, array) in files {
        array.write_file(folder.path().join(name)).unwrap();
    }
    let message = Mnist::load(folder.path()).unwrap_err().to_string();
    message.replace(&format!("{}/", folder.path().display()), "")
}

#[test]
fn mnist_files_that_do_not_fit_are_told_exactly() {
    let images = |count, rows| IdxArray::from(Array::<u8, _>::zeros((count, rows, 28)));
    let cases = [
        (
            load_error(images(2, 28), array![1_u8, 2, 3].into()),
            "`train-labels-idx1-ubyte.gz`: 3 labels for 2 images, expected one each: \
             the two do not belong together",
        ),
        (
            load_error(images(3, 28), array![1_u8, 2, 11].into()),
            "`train-labels-idx1-ubyte.gz`: label 11 at position 2 is out of range, expected 0..=9 for 10 classes: \
             correct the label or state the right number of classes",
        ),
        (
            load_error(images(3, 27), array![1_u8, 2, 3].into()),
            "`train-images-idx3-ubyte`: images has shape [3, 27, 28], \
             expected [N, 28, 28]: MNIST's images have 28 rows and 28 columns",
        ),
        (
            load_error(images(3, 28), images(3, 28)),
            "`train-labels-idx1-ubyte.gz`: labels has shape [3, 28, 28], expected [N]: one label per image",
        ),
        (
            load_error(images(3, 28), array![1_i32, 2, 3].into()),
            "`train-labels-idx1-ubyte.gz`: the IDX elements are i32, expected u8: check that this is the right file",
        ),
    ];
    for (found, expected) in cases {
        assert_eq!(found, expected);
    }
}

#[test]
fn mnist_is_whole() {
    let mnist = Mnist::load_default().unwrap();
    assert_eq!(mnist.train.images().dim(), (60_000, 28, 28));
    assert_eq!(mnist.test.images().dim(), (10_000, 28, 28));
    assert_eq!(mnist.train.labels()[..10], [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    let mean = |images: &datasets::LabeledImages| {
        images.images().iter().map(|&pixel| f64::from(pixel)).sum::<f64>()
            / images.images().len() as f64
    };
    assert!((mean(&mnist.train) / 255.0 - 0.1307).abs() < 1e-4);
    let fives = mnist.train.labels().iter().filter(|&&label| label == 5).count();
    assert_eq!(fives, 5421);
}
