//! What can be wrong with an IDX stream.

use super::ElementType;
use std::fmt;
use std::io;

/// Why a stream is not a whole, sound IDX array, or an array cannot become one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IdxError {
    /// The first bytes are not those of an IDX file.
    #[error(
        "not an IDX file: it begins with {}, expected 00 00, an element type (08, 09, 0b, 0c, 0d or 0e) \
         and the number of axes: check that this is the right file, or get it again",
        Bytes(found)
    )]
    Magic {
        /// The first bytes, at most four.
        found: Vec<u8>,
    },
    /// The third byte names no element type.
    #[error(
        "IDX element type {code:#04x} does not exist, expected 0x08 (u8), 0x09 (i8), 0x0b (i16), \
         0x0c (i32), 0x0d (f32) or 0x0e (f64): the file is damaged, get it again"
    )]
    UnknownElementType {
        /// The byte found.
        code: u8,
    },
    /// The file ends among the lengths of the axes.
    #[error(
        "the IDX header of {axes} axes takes {expected} bytes, found {found}: the file is cut short, get it again"
    )]
    HeaderCutShort {
        /// The number of axes that the header announces.
        axes: usize,
        /// The bytes of the whole header.
        expected: usize,
        /// The bytes found.
        found: usize,
    },
    /// More elements than this machine can address.
    #[error(
        "the IDX header announces {axes:?} elements of {element}, more than can be addressed: the file is damaged, get it again"
    )]
    Overflow {
        /// The length of each axis.
        axes: Vec<usize>,
        /// The type of the elements.
        element: ElementType,
    },
    /// More data than the reader was told to accept.
    #[error(
        "the IDX header announces {axes:?} elements of {element}, {bytes} bytes, expected at most {limit}: \
         the file is damaged, or read it with a higher limit"
    )]
    TooLarge {
        /// The length of each axis.
        axes: Vec<usize>,
        /// The type of the elements.
        element: ElementType,
        /// The bytes announced.
        bytes: u64,
        /// The bytes accepted.
        limit: u64,
    },
    /// The file ends before the last element.
    #[error(
        "the IDX header announces {axes:?} elements of {element}, {expected} bytes, but only {found} follow: \
         the file is cut short, get it again"
    )]
    CutShort {
        /// The length of each axis.
        axes: Vec<usize>,
        /// The type of the elements.
        element: ElementType,
        /// The bytes announced.
        expected: u64,
        /// The bytes that follow the header.
        found: u64,
    },
    /// The file goes on after the last element.
    #[error(
        "the IDX header announces {axes:?} elements of {element}, {expected} bytes, but more follow: \
         the file or its header is damaged, get it again"
    )]
    TrailingBytes {
        /// The length of each axis.
        axes: Vec<usize>,
        /// The type of the elements.
        element: ElementType,
        /// The bytes announced.
        expected: u64,
    },
    /// The gzip stream ends too early.
    #[error("the gzip data ends too early: the file is cut short, get it again")]
    GzipCutShort,
    /// The gzip stream is damaged.
    #[error("the gzip data is damaged ({cause}): get the file again")]
    GzipDamaged {
        /// What the decompressor says.
        cause: String,
    },
    /// Another element type than the caller needs.
    #[error("the IDX elements are {found}, expected {expected}: check that this is the right file")]
    ElementType {
        /// The type needed.
        expected: ElementType,
        /// The type found.
        found: ElementType,
    },
    /// An array that the format cannot hold.
    #[error(
        "an IDX file holds at most 255 axes of at most 4294967295 elements each, found {axes:?}: reshape the array"
    )]
    Unwritable {
        /// The length of each axis.
        axes: Vec<usize>,
    },
    /// Reading or writing failed.
    #[error("{0}")]
    Io(io::Error),
}

/// Bytes in hexadecimal and, where they are text, as text.
struct Bytes<'a>(&'a [u8]);

impl fmt::Display for Bytes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("nothing (the file is empty)");
        }
        let hex: Vec<String> = self.0.iter().map(|byte| format!("{byte:02x}")).collect();
        f.write_str(&hex.join(" "))?;
        if self.0.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ') {
            write!(f, " (\"{}\")", String::from_utf8_lossy(self.0))?;
        }
        Ok(())
    }
}
