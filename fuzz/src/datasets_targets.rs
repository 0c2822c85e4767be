//! Files of samples.

use datasets::ImageFolder;
use datasets::idx::IdxArray;

/// The most bytes that a file may unpack to.
const LIMIT: u64 = 1 << 20;

/// IDX files: what can be read can be written and read again.
pub fn idx(bytes: &[u8]) {
    if let Ok(array) = IdxArray::read_limited(bytes, LIMIT) {
        let written = write(&array);
        // Not the arrays: NaN is no NaN's equal.
        assert!(write(&IdxArray::read_limited(&written[..], LIMIT).unwrap()) == written);
    }
}

fn write(array: &IdxArray) -> Vec<u8> {
    let mut bytes = Vec::new();
    array.write(&mut bytes).unwrap();
    bytes
}

/// The same, compressed: the bytes are those behind the first two.
pub fn gzip(bytes: &[u8]) {
    let stream = [&[0x1f, 0x8b], bytes].concat();
    idx(&stream);
}

/// An image in a folder of images: PNG, JPEG and PNM.
pub fn image(bytes: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let class = folder.path().join("class");
    std::fs::create_dir(&class).unwrap();
    std::fs::write(class.join("image"), bytes).unwrap();
    let _ = ImageFolder::new(folder.path()).size(8, 8).read();
}
