//! The six element types and how their bytes are read and written.

use byteorder::{BigEndian, ByteOrder};
use std::fmt;
use std::io::{self, Read, Write};

/// The type of the elements of an IDX file: the third byte of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // The variants are named as the types.
pub enum ElementType {
    U8 = 0x08,
    I8 = 0x09,
    I16 = 0x0b,
    I32 = 0x0c,
    F32 = 0x0d,
    F64 = 0x0e,
}

impl ElementType {
    /// The type that `code` stands for.
    pub fn from_code(code: u8) -> Option<Self> {
        use ElementType::*;
        [U8, I8, I16, I32, F32, F64].into_iter().find(|kind| kind.code() == code)
    }

    /// The byte that stands for this type.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// The bytes of one element.
    pub fn size(self) -> usize {
        match self {
            ElementType::U8 | ElementType::I8 => 1,
            ElementType::I16 => 2,
            ElementType::I32 | ElementType::F32 => 4,
            ElementType::F64 => 8,
        }
    }
}

impl fmt::Display for ElementType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ElementType::U8 => "u8",
            ElementType::I8 => "i8",
            ElementType::I16 => "i16",
            ElementType::I32 => "i32",
            ElementType::F32 => "f32",
            ElementType::F64 => "f64",
        })
    }
}

/// Elements are converted in steps of this many bytes.
const CHUNK: usize = 1 << 16;

pub(crate) trait Element: Copy + Default {
    const TYPE: ElementType;

    fn decode(bytes: &[u8], elements: &mut [Self]);

    fn encode(elements: &[Self], bytes: &mut [u8]);

    /// Appends `count` elements to `elements`, or fewer if the data ends; returns the bytes read.
    fn read(reader: &mut impl Read, count: usize, elements: &mut Vec<Self>) -> io::Result<u64> {
        let size = Self::TYPE.size();
        let mut total = 0;
        let mut bytes = Vec::with_capacity(CHUNK);
        while elements.len() < count {
            let wanted = ((count - elements.len()) * size).min(CHUNK);
            bytes.clear();
            let found = reader.by_ref().take(wanted as u64).read_to_end(&mut bytes)?;
            total += found as u64;
            let start = elements.len();
            elements.resize(start + found / size, Self::default());
            Self::decode(&bytes[..found / size * size], &mut elements[start..]);
            if found < wanted {
                break;
            }
        }
        Ok(total)
    }

    fn write(elements: &[Self], writer: &mut impl Write) -> io::Result<()> {
        let size = Self::TYPE.size();
        let mut bytes = vec![0; CHUNK];
        for chunk in elements.chunks(CHUNK / size) {
            let bytes = &mut bytes[..chunk.len() * size];
            Self::encode(chunk, bytes);
            writer.write_all(bytes)?;
        }
        Ok(())
    }
}

impl Element for u8 {
    const TYPE: ElementType = ElementType::U8;

    fn decode(bytes: &[u8], elements: &mut [u8]) {
        elements.copy_from_slice(bytes);
    }

    fn encode(elements: &[u8], bytes: &mut [u8]) {
        bytes.copy_from_slice(elements);
    }

    /// Bytes need no decoding: they go where they stay.
    fn read(reader: &mut impl Read, count: usize, elements: &mut Vec<u8>) -> io::Result<u64> {
        Ok(reader.by_ref().take(count as u64).read_to_end(elements)? as u64)
    }
}

impl Element for i8 {
    const TYPE: ElementType = ElementType::I8;

    fn decode(bytes: &[u8], elements: &mut [i8]) {
        for (element, &byte) in elements.iter_mut().zip(bytes) {
            *element = byte.cast_signed();
        }
    }

    fn encode(elements: &[i8], bytes: &mut [u8]) {
        for (byte, &element) in bytes.iter_mut().zip(elements) {
            *byte = element.cast_unsigned();
        }
    }
}

macro_rules! big_endian {
    ($($type:ty, $kind:ident, $read:ident, $write:ident;)*) => {$(
        impl Element for $type {
            const TYPE: ElementType = ElementType::$kind;

            fn decode(bytes: &[u8], elements: &mut [$type]) {
                BigEndian::$read(bytes, elements);
            }

            fn encode(elements: &[$type], bytes: &mut [u8]) {
                BigEndian::$write(elements, bytes);
            }
        }
    )*};
}

big_endian! {
    i16, I16, read_i16_into, write_i16_into;
    i32, I32, read_i32_into, write_i32_into;
    f32, F32, read_f32_into, write_f32_into;
    f64, F64, read_f64_into, write_f64_into;
}
