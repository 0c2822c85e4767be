//! [`EventFile`]: TensorBoard's files.
//!
//! A file is a sequence of records: the length of the data (u64, little-endian), a masked CRC-32C of
//! these eight bytes, the data, and a masked CRC-32C of the data. The data is a message `Event` of
//! Protocol Buffers (`tensorflow/core/util/event.proto`), of which scalars need five fields:
//!
//! ```proto
//! message Event   { double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5; }
//! message Summary { repeated Value value = 1; }
//! message Value   { string tag = 1; float simple_value = 2; }
//! ```

use crate::{Error, Result};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// An open event file.
#[derive(Debug)]
pub(super) struct EventFile {
    path: PathBuf,
    out: BufWriter<File>,
}

impl EventFile {
    /// A new file in `directory`, which is made if it is not there. TensorBoard reads the files of a
    /// directory in the order of their names, which begin with the time.
    pub(super) fn create(directory: &Path) -> Result<Self> {
        let fail = |path: &Path, error: std::io::Error| Error::File {
            path: path.to_owned(),
            detail: format!("the event file could not be made: {error}"),
        };
        std::fs::create_dir_all(directory).map_err(|error| fail(directory, error))?;
        let (seconds, process) = (now() as u64, std::process::id());
        let mut number = 0;
        let (path, file) = loop {
            let name = format!("events.out.tfevents.{seconds:010}.sporelet.{process}.{number:04}");
            let path = directory.join(name);
            match File::create_new(&path) {
                Ok(file) => break (path, file),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => number += 1,
                Err(error) => return Err(fail(&path, error)),
            }
        };
        let mut events = EventFile { path, out: BufWriter::new(file) };
        let mut event = wall_time();
        bytes_field(&mut event, 3, b"brain.Event:2");
        events.record(&event)?;
        events.flush()?;
        Ok(events)
    }

    /// Adds an event with these scalars.
    pub(super) fn scalars(
        &mut self,
        step: usize,
        scalars: impl IntoIterator<Item = (String, f64)>,
    ) -> Result<()> {
        let mut summary = Vec::new();
        for (tag, value) in scalars {
            let mut field = Vec::new();
            bytes_field(&mut field, 1, tag.as_bytes());
            key(&mut field, 2, FOUR_BYTES);
            field.extend((value as f32).to_le_bytes());
            bytes_field(&mut summary, 1, &field);
        }
        let mut event = wall_time();
        key(&mut event, 2, VARINT);
        varint(&mut event, step as u64);
        bytes_field(&mut event, 5, &summary);
        self.record(&event)
    }

    /// Makes what has been written visible to readers.
    pub(super) fn flush(&mut self) -> Result<()> {
        let done = self.out.flush();
        self.check(done)
    }

    fn record(&mut self, data: &[u8]) -> Result<()> {
        let length = (data.len() as u64).to_le_bytes();
        let mut record = Vec::with_capacity(data.len() + 16);
        record.extend(length);
        record.extend(masked_crc32c(&length).to_le_bytes());
        record.extend(data);
        record.extend(masked_crc32c(data).to_le_bytes());
        let done = self.out.write_all(&record);
        self.check(done)
    }

    fn check(&self, done: std::io::Result<()>) -> Result<()> {
        done.map_err(|error| Error::File {
            path: self.path.clone(),
            detail: format!("the event could not be written: {error}"),
        })
    }
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |time| time.as_secs_f64())
}

/// The wire types of Protocol Buffers.
const VARINT: u64 = 0;
const EIGHT_BYTES: u64 = 1;
const LENGTH_AND_BYTES: u64 = 2;
const FOUR_BYTES: u64 = 5;

/// An event's first field.
fn wall_time() -> Vec<u8> {
    let mut event = Vec::new();
    key(&mut event, 1, EIGHT_BYTES);
    event.extend(now().to_le_bytes());
    event
}

fn key(out: &mut Vec<u8>, field: u64, wire_type: u64) {
    varint(out, field << 3 | wire_type);
}

fn bytes_field(out: &mut Vec<u8>, field: u64, bytes: &[u8]) {
    key(out, field, LENGTH_AND_BYTES);
    varint(out, bytes.len() as u64);
    out.extend(bytes);
}

/// Seven bits in a byte, the lowest first; all but the last have the highest bit set.
fn varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// TensorFlow masks checksums, since a checksum of data with a checksum in it would be weak.
fn masked_crc32c(data: &[u8]) -> u32 {
    crc32c(data).rotate_right(15).wrapping_add(0xa282_ead8)
}

/// The cyclic redundancy check of Castagnoli's polynomial, bit by bit: events are short.
fn crc32c(data: &[u8]) -> u32 {
    !data.iter().fold(!0, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0x82f6_3b78 * (crc & 1)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 3720, B.4, and the check value of the algorithm's catalogue.
    #[test]
    fn checksums_are_those_of_the_standard() {
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
        assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc32c(&[0xff; 32]), 0x62a8_ab43);
    }

    #[test]
    fn numbers_take_seven_bits_a_byte() {
        let written = |number| {
            let mut out = Vec::new();
            varint(&mut out, number);
            out
        };
        assert_eq!(written(0), [0]);
        assert_eq!(written(127), [127]);
        assert_eq!(written(300), [0xac, 0x02]);
        assert_eq!(written(u64::MAX).len(), 10);
    }
}
