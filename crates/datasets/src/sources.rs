//! The published data sets: their files, what those must contain, and who serves them.

use crate::data_dir::{TEST_IMAGES, TEST_LABELS, TRAIN_IMAGES, TRAIN_LABELS};

/// A published data set of four IDX files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// The name used in commands and folders, e.g. `mnist`.
    pub name: &'static str,
    /// The title for people, with the authors and the licence.
    pub title: &'static str,
    /// The four files.
    pub files: &'static [SourceFile],
    /// Addresses that serve `NAME.gz` for each file, in the order in which to ask them.
    pub mirrors: &'static [&'static str],
}

/// One file of a [`Source`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// The name, without `.gz`.
    pub name: &'static str,
    /// The bytes of the IDX file, unpacked.
    pub bytes: u64,
    /// What proves that the file is the published one.
    pub proof: Proof,
}

/// A SHA-256, in hexadecimal, that a file must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Of the unpacked IDX file. The gzip wrapper differs from mirror to mirror and proves nothing.
    Payload(&'static str),
    /// Of the `.gz` file, where nobody has published that of its content.
    Gzip(&'static str),
}

impl Source {
    /// The data set called `name`: `mnist`, `fashion-mnist` or `kmnist`.
    pub fn by_name(name: &str) -> Option<&'static Source> {
        SOURCES.into_iter().find(|source| source.name == name)
    }
}

/// All data sets, as [`Source::by_name`] knows them.
pub const SOURCES: [&Source; 3] = [&MNIST, &FASHION_MNIST, &KMNIST];

const fn payload(name: &'static str, bytes: u64, sha256: &'static str) -> SourceFile {
    SourceFile { name, bytes, proof: Proof::Payload(sha256) }
}

const fn gzip(name: &'static str, bytes: u64, sha256: &'static str) -> SourceFile {
    SourceFile { name, bytes, proof: Proof::Gzip(sha256) }
}

const TRAIN_IMAGES_BYTES: u64 = 16 + 60_000 * 28 * 28;
const TRAIN_LABELS_BYTES: u64 = 8 + 60_000;
const TEST_IMAGES_BYTES: u64 = 16 + 10_000 * 28 * 28;
const TEST_LABELS_BYTES: u64 = 8 + 10_000;

/// The handwritten digits. The authors' own site has refused downloads for years, so it is no
/// mirror.
pub const MNIST: Source = Source {
    name: "mnist",
    title: "MNIST (Yann LeCun, Corinna Cortes, Christopher J. C. Burges; CC BY-SA 3.0)",
    files: &[
        payload(
            TRAIN_IMAGES,
            TRAIN_IMAGES_BYTES,
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        ),
        payload(
            TRAIN_LABELS,
            TRAIN_LABELS_BYTES,
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        ),
        payload(
            TEST_IMAGES,
            TEST_IMAGES_BYTES,
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        ),
        payload(
            TEST_LABELS,
            TEST_LABELS_BYTES,
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    ],
    mirrors: &[
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
    ],
};

/// Zalando's articles of clothing.
pub const FASHION_MNIST: Source = Source {
    name: "fashion-mnist",
    title: "Fashion-MNIST (Han Xiao, Kashif Rasul, Roland Vollgraf, Zalando; MIT)",
    files: &[
        payload(
            TRAIN_IMAGES,
            TRAIN_IMAGES_BYTES,
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        ),
        payload(
            TRAIN_LABELS,
            TRAIN_LABELS_BYTES,
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        ),
        payload(
            TEST_IMAGES,
            TEST_IMAGES_BYTES,
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        ),
        payload(
            TEST_LABELS,
            TEST_LABELS_BYTES,
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        ),
    ],
    mirrors: &[
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
    ],
};

/// Cursive Japanese characters. Only the hashes of the `.gz` files are published (TensorFlow
/// Datasets).
pub const KMNIST: Source = Source {
    name: "kmnist",
    title: "KMNIST (Center for Open Data in the Humanities; adapted from the Kuzushiji Dataset; CC BY-SA 4.0)",
    files: &[
        gzip(
            TRAIN_IMAGES,
            TRAIN_IMAGES_BYTES,
            "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
        ),
        gzip(
            TRAIN_LABELS,
            TRAIN_LABELS_BYTES,
            "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
        ),
        gzip(
            TEST_IMAGES,
            TEST_IMAGES_BYTES,
            "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
        ),
        gzip(
            TEST_LABELS,
            TEST_LABELS_BYTES,
            "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
        ),
    ],
    mirrors: &[
        "https://codh.rois.ac.jp/kmnist/dataset/kmnist/",
        "http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
    ],
};
