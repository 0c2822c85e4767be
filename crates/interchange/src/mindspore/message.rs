//! The messages of the format (Protocol Buffers, version 2), and the trailer after them.

use crate::{Error, Result};
use prost::Message;

pub(crate) const FORMAT: &str = "MindSpore checkpoint";

/// The whole file: a repeated field, so files may be written message after message.
#[derive(Clone, PartialEq, Message)]
pub(super) struct File {
    #[prost(message, repeated, tag = "1")]
    pub(super) values: Vec<Entry>,
}

/// A named value.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Entry {
    #[prost(string, required, tag = "1")]
    pub(super) tag: String,
    #[prost(message, optional, tag = "2")]
    pub(super) tensor: Option<TensorMessage>,
    /// A map of tensors, for embeddings: only noticed, never read.
    #[prost(bytes = "vec", optional, tag = "3")]
    pub(super) map_tensor: Option<Vec<u8>>,
}

/// An array.
#[derive(Clone, PartialEq, Message)]
pub(super) struct TensorMessage {
    /// Not packed: MindSpore's reader knows only this way.
    #[prost(int64, repeated, packed = "false", tag = "1")]
    pub(super) dims: Vec<i64>,
    #[prost(string, required, tag = "2")]
    pub(super) tensor_type: String,
    #[prost(bytes = "vec", required, tag = "3")]
    pub(super) tensor_content: Vec<u8>,
}

/// What comes before the checksum.
const MARK: &[u8] = b"crc_num";
/// The mark and ten bytes: the CRC-32 of all that precedes them, as a big-endian number.
const TRAILER: usize = MARK.len() + 10;

/// The messages of a file, and the checksum in its trailer if it has one. A checksum that does not
/// fit is an error.
pub(super) fn split(bytes: &[u8]) -> Result<&[u8]> {
    let Some(end) = bytes.len().checked_sub(TRAILER) else { return Ok(bytes) };
    let (messages, trailer) = bytes.split_at(end);
    let Some(number) = trailer.strip_prefix(MARK) else { return Ok(bytes) };
    let (high, low) = number.split_at(6);
    let stored = low.iter().fold(0, |number: u32, &byte| number << 8 | u32::from(byte));
    let computed = crc32fast::hash(messages);
    if high.iter().any(|&byte| byte != 0) || stored != computed {
        return Err(Error::Checksum { stored, computed });
    }
    Ok(messages)
}

/// Appends the trailer to a file's messages.
pub(super) fn seal(bytes: &mut Vec<u8>) {
    let checksum = crc32fast::hash(bytes);
    bytes.extend_from_slice(MARK);
    bytes.extend_from_slice(&[0; 6]);
    bytes.extend_from_slice(&checksum.to_be_bytes());
}

/// Reads the messages. What is allocated is a copy of the bytes and no more, whatever lengths they
/// pretend to.
pub(super) fn decode(messages: &[u8]) -> Result<Vec<Entry>> {
    let damaged = |detail: String| Error::Damaged { format: FORMAT, detail };
    if messages.is_empty() {
        return Err(damaged("it is empty".to_owned()));
    }
    let decoded = File::decode(messages);
    let values = decoded.map_err(|error| damaged(locate(messages, &error)))?.values;
    match values.is_empty() {
        // Fields of other messages are skipped.
        true => Err(damaged("it holds no values".to_owned())),
        false => Ok(values),
    }
}

/// Which value is damaged, and where it begins.
fn locate(messages: &[u8], error: &prost::DecodeError) -> String {
    let (mut rest, mut number) = (messages, 1);
    loop {
        let at = messages.len() - rest.len();
        // The first field of a file, a message, is a value.
        let [0x0a, body @ ..] = rest else {
            return format!("at byte {at}: {error}");
        };
        let mut body = body;
        let length = prost::decode_length_delimiter(&mut body);
        let content = length.as_ref().map(|&length| body.split_at_checked(length));
        match content {
            Ok(Some((value, after))) => match Entry::decode(value) {
                Ok(_) => (rest, number) = (after, number + 1),
                Err(error) => return format!("value {number}, at byte {at}: {error}"),
            },
            Ok(None) => {
                let (length, left) = (length.unwrap_or_default(), body.len());
                return format!(
                    "value {number}, at byte {at}, has {length} bytes, but the file ends after \
                     {left} of them"
                );
            }
            Err(error) => return format!("value {number}, at byte {at}: {error}"),
        }
    }
}

pub(super) fn encode(values: Vec<Entry>) -> Vec<u8> {
    File { values }.encode_to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of MindSpore's own bytes: Dense(2, 3)'s bias, zeros.
    #[test]
    fn the_bytes_are_mindspores() {
        let dims = vec![3];
        let tensor =
            TensorMessage { dims, tensor_type: "Float32".to_owned(), tensor_content: vec![0; 12] };
        let entry = Entry { tag: "bias".to_owned(), tensor: Some(tensor), map_tensor: None };
        let mut expected = b"\x0a\x21\x0a\x04bias\x12\x19\x08\x03\x12\x07Float32\x1a\x0c".to_vec();
        expected.extend([0; 12]);
        assert_eq!(encode(vec![entry.clone()]), expected);
        assert_eq!(decode(&expected).unwrap(), [entry]);
        assert_eq!(
            decode(b"0\x030\x03").unwrap_err().to_string(),
            "this is not a whole MindSpore checkpoint: it holds no values; fetch or write it again"
        );
    }

    #[test]
    fn the_checksum_is_that_of_the_messages() {
        let mut bytes = b"abc".to_vec();
        seal(&mut bytes);
        assert_eq!(bytes[3..], *b"crc_num\0\0\0\0\0\0\x35\x24\x41\xc2");
        assert_eq!(split(&bytes).unwrap(), b"abc");
        bytes[1] = b'x';
        assert_eq!(
            split(&bytes).unwrap_err().to_string(),
            "the checksum does not fit: the file says 352441c2, its bytes give 8509bb19; it was damaged after it was \
             written, so fetch or write it again"
        );
        assert_eq!(split(b"abc").unwrap(), b"abc");
    }
}
