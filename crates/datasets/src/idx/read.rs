//! Reading, with nothing allocated on a header's word.

use super::element::Element;
use super::header::{Header, stream_error};
use super::{ElementType, IdxArray, IdxError};
use crate::gzip::Decoded;
use crate::{Error, Result};
use ndarray::{ArrayD, IxDyn};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// The most bytes of elements that are read unless a higher limit is given: 1 GiB.
///
/// It bounds what a hostile or damaged gzip file can unpack to.
pub const DEFAULT_LIMIT: u64 = 1 << 30;

impl IdxArray {
    /// Reads an array, plain or gzip-compressed (told apart by the first bytes), to the end of
    /// `reader`.
    ///
    /// # Errors
    /// Any damage: wrong first bytes, more elements than [`DEFAULT_LIMIT`], an end too early or
    /// bytes left over, a gzip stream that is cut short or fails its checksum.
    pub fn read(reader: impl Read) -> Result<Self, IdxError> {
        Self::read_limited(reader, DEFAULT_LIMIT)
    }

    /// As [`read`](IdxArray::read), for at most `limit` bytes of elements.
    ///
    /// # Errors
    /// As [`read`](IdxArray::read).
    pub fn read_limited(reader: impl Read, limit: u64) -> Result<Self, IdxError> {
        read_any(BufReader::new(reader), limit, 0)
    }

    /// Reads the file at `path`, as [`read`](IdxArray::read) does.
    ///
    /// # Errors
    /// [`Error::Directory`], [`Error::Io`], and [`Error::Idx`] for damage.
    pub fn read_file(path: impl AsRef<Path>) -> Result<Self> {
        Self::read_file_limited(path, DEFAULT_LIMIT)
    }

    /// As [`read_file`](IdxArray::read_file), for at most `limit` bytes of elements.
    ///
    /// # Errors
    /// As [`read_file`](IdxArray::read_file).
    pub fn read_file_limited(path: impl AsRef<Path>, limit: u64) -> Result<Self> {
        let path = path.as_ref();
        let file = open(path)?;
        let size = file.get_ref().metadata().map_or(0, |metadata| metadata.len());
        read_any(file, limit, size).map_err(|cause| at(path, cause))
    }
}

/// The elements of the file at `path`, which must be of type `u8`, and the length of each axis.
pub(crate) fn read_u8_file(path: &Path) -> Result<(Vec<usize>, Vec<u8>)> {
    let array = IdxArray::read_file(path)?.into_u8().map_err(|cause| at(path, cause))?;
    let axes = array.shape().to_vec();
    Ok((axes, array.into_raw_vec_and_offset().0))
}

/// Opens a file for reading, but no folder.
pub(crate) fn open(path: &Path) -> Result<BufReader<File>> {
    let file = File::open(path).map_err(|cause| Error::io(path, "open the file", cause))?;
    let metadata = file.metadata().map_err(|cause| Error::io(path, "look at the file", cause))?;
    if metadata.is_dir() {
        return Err(Error::Directory { path: path.into() });
    }
    Ok(BufReader::with_capacity(1 << 16, file))
}

fn at(path: &Path, cause: IdxError) -> Error {
    match cause {
        IdxError::Io(cause) => Error::io(path, "read the file", cause),
        cause => Error::Idx { path: path.into(), cause },
    }
}

/// `size` is the size of the file, or 0 if that is not known.
fn read_any(reader: impl BufRead, limit: u64, size: u64) -> Result<IdxArray, IdxError> {
    let mut reader = Decoded::new(reader).map_err(IdxError::Io)?;
    let header = Header::read(&mut reader, limit)?;
    // What a file of this size can hold is reserved at once, which saves up to half of the peak
    // memory. A header that announces more is not believed.
    let possible = size.saturating_mul(reader.largest_ratio());
    let reserve = if header.bytes() <= possible { header.count } else { 0 };
    Ok(match header.element {
        ElementType::U8 => IdxArray::U8(read_elements(&mut reader, header, reserve)?),
        ElementType::I8 => IdxArray::I8(read_elements(&mut reader, header, reserve)?),
        ElementType::I16 => IdxArray::I16(read_elements(&mut reader, header, reserve)?),
        ElementType::I32 => IdxArray::I32(read_elements(&mut reader, header, reserve)?),
        ElementType::F32 => IdxArray::F32(read_elements(&mut reader, header, reserve)?),
        ElementType::F64 => IdxArray::F64(read_elements(&mut reader, header, reserve)?),
    })
}

fn read_elements<T: Element>(
    reader: &mut impl Read,
    header: Header,
    reserve: usize,
) -> Result<ArrayD<T>, IdxError> {
    let expected = header.bytes();
    let mut elements = Vec::new();
    elements
        .try_reserve_exact(reserve)
        .map_err(|cause| IdxError::Io(io::Error::new(io::ErrorKind::OutOfMemory, cause)))?;
    let found = T::read(reader, header.count, &mut elements).map_err(stream_error)?;
    let Header { element, axes, .. } = header;
    if found < expected {
        return Err(IdxError::CutShort { axes, element, expected, found });
    }
    // Reading to the very end also has the checksum of the gzip stream compared.
    let mut next = [0];
    let more = read_one(reader, &mut next).map_err(stream_error)?;
    if more {
        return Err(IdxError::TrailingBytes { axes, element, expected });
    }
    let array = ArrayD::from_shape_vec(IxDyn(&axes), elements);
    Ok(array.expect("the header was checked and as many elements were read"))
}

fn read_one(reader: &mut impl Read, byte: &mut [u8; 1]) -> io::Result<bool> {
    loop {
        match reader.read(byte) {
            Ok(read) => return Ok(read == 1),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
