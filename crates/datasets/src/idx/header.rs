//! The header: what it announces, checked before anything is built on it.

use super::{ElementType, IdxError};
use byteorder::{BigEndian, ByteOrder};
use std::io::{self, Read};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) element: ElementType,
    pub(crate) axes: Vec<usize>,
    /// The number of elements.
    pub(crate) count: usize,
}

impl Header {
    pub(crate) fn read(reader: &mut impl Read, limit: u64) -> Result<Self, IdxError> {
        let magic = read_up_to(reader, 4)?;
        let &[0, 0, code, rank] = magic.as_slice() else {
            return Err(IdxError::Magic { found: magic });
        };
        let element = ElementType::from_code(code).ok_or(IdxError::UnknownElementType { code })?;
        let rank = usize::from(rank);
        let lengths = read_up_to(reader, 4 * rank)?;
        if lengths.len() < 4 * rank {
            return Err(IdxError::HeaderCutShort {
                axes: rank,
                expected: 4 + 4 * rank,
                found: 4 + lengths.len(),
            });
        }
        let axes: Vec<usize> =
            lengths.chunks_exact(4).map(|length| BigEndian::read_u32(length) as usize).collect();
        let Some(count) = addressable(&axes, element) else {
            return Err(IdxError::Overflow { axes, element });
        };
        let header = Header { element, axes, count };
        let bytes = header.bytes();
        if bytes > limit {
            return Err(IdxError::TooLarge { axes: header.axes, element, bytes, limit });
        }
        Ok(header)
    }

    /// The bytes of all elements.
    pub(crate) fn bytes(&self) -> u64 {
        (self.count * self.element.size()) as u64
    }
}

/// The number of elements, if an array of this shape can exist.
///
/// An axis of length 0 makes an array empty but not boundless: ndarray wants the product of the
/// other axes addressable too.
fn addressable(axes: &[usize], element: ElementType) -> Option<usize> {
    let mut bytes = element.size();
    for &axis in axes.iter().filter(|&&axis| axis > 0) {
        bytes = bytes.checked_mul(axis).filter(|&bytes| bytes <= isize::MAX as usize)?;
    }
    Some(if axes.contains(&0) { 0 } else { bytes / element.size() })
}

fn read_up_to(reader: &mut impl Read, count: usize) -> Result<Vec<u8>, IdxError> {
    let mut bytes = Vec::new();
    reader.by_ref().take(count as u64).read_to_end(&mut bytes).map_err(stream_error)?;
    Ok(bytes)
}

/// Tells damage of a gzip stream from a failure to read.
pub(crate) fn stream_error(cause: io::Error) -> IdxError {
    match cause.kind() {
        io::ErrorKind::UnexpectedEof => IdxError::GzipCutShort,
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
            IdxError::GzipDamaged { cause: cause.to_string() }
        }
        _ => IdxError::Io(cause),
    }
}
