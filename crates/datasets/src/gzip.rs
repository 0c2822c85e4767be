//! Data that may be gzip-compressed: recognised by its first bytes, not by a file's name.

use flate2::bufread::MultiGzDecoder;
use std::io::{self, BufRead, Chain, Cursor, Read};

/// The first bytes of a gzip stream (RFC 1952, section 2.3.1).
const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// The data of a reader, unpacked where it is gzip (of one or several members).
pub(crate) enum Decoded<R: BufRead> {
    Plain(Peeked<R>),
    Gzip(Box<MultiGzDecoder<Peeked<R>>>),
}

type Peeked<R> = Chain<Cursor<Vec<u8>>, R>;

impl<R: BufRead> Decoded<R> {
    pub(crate) fn new(mut reader: R) -> io::Result<Self> {
        let mut first = Vec::with_capacity(2);
        reader.by_ref().take(2).read_to_end(&mut first)?;
        let is_gzip = first == MAGIC;
        let whole = Cursor::new(first).chain(reader);
        Ok(if is_gzip {
            Decoded::Gzip(Box::new(MultiGzDecoder::new(whole)))
        } else {
            Decoded::Plain(whole)
        })
    }
}

impl<R: BufRead> Decoded<R> {
    /// The most bytes that one stored byte can stand for: deflate reaches 1032.
    pub(crate) fn largest_ratio(&self) -> u64 {
        match self {
            Decoded::Plain(_) => 1,
            Decoded::Gzip(_) => 1032,
        }
    }
}

impl<R: BufRead> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Decoded::Plain(reader) => reader.read(buffer),
            Decoded::Gzip(reader) => reader.read(buffer),
        }
    }
}
