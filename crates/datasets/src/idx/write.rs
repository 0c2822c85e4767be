//! Writing.

use super::element::Element;
use super::{IdxArray, IdxError, for_any};
use crate::files::atomic_write;
use crate::{Error, Result};
use byteorder::{BigEndian, WriteBytesExt};
use flate2::{Compression, write::GzEncoder};
use ndarray::ArrayD;
use std::io::{self, Write};
use std::path::Path;

impl IdxArray {
    /// Writes the array as an uncompressed IDX file.
    ///
    /// # Errors
    /// [`IdxError::Unwritable`] for more than 255 axes or an axis longer than a `u32` counts;
    /// [`IdxError::Io`].
    pub fn write(&self, writer: impl Write) -> Result<(), IdxError> {
        self.check_writable()?;
        self.write_to(writer).map_err(IdxError::Io)
    }

    /// Writes the file at `path`, gzip-compressed if its name ends in `.gz`: complete, or not at
    /// all (see [`atomic_write`]).
    ///
    /// # Errors
    /// As [`write`](IdxArray::write), with the path.
    pub fn write_file(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        self.check_writable().map_err(|cause| Error::Idx { path: path.into(), cause })?;
        let compress = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("gz"));
        atomic_write(path, |file| {
            if compress {
                let mut encoder = GzEncoder::new(file, Compression::default());
                self.write_to(&mut encoder)?;
                encoder.finish()?;
                Ok(())
            } else {
                self.write_to(file)
            }
        })
    }

    fn check_writable(&self) -> Result<(), IdxError> {
        let axes = self.shape();
        if axes.len() > 255 || axes.iter().any(|&axis| u32::try_from(axis).is_err()) {
            return Err(IdxError::Unwritable { axes: axes.to_vec() });
        }
        Ok(())
    }

    fn write_to(&self, mut writer: impl Write) -> io::Result<()> {
        writer.write_all(&[0, 0, self.element_type().code(), self.shape().len() as u8])?;
        for &axis in self.shape() {
            writer.write_u32::<BigEndian>(axis as u32)?;
        }
        for_any!(self, array => write_elements(array, &mut writer))?;
        writer.flush()
    }
}

fn write_elements<T: Element>(array: &ArrayD<T>, writer: &mut impl Write) -> io::Result<()> {
    let array = array.as_standard_layout();
    T::write(array.as_slice().expect("made row-major just above"), writer)
}
