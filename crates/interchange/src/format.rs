//! [`Format`]: what a file is, told from its bytes.

use crate::{Error, Result};

/// A format of files that hold weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Arrays under names, as PyTorch, MindSpore and this workspace write them.
    Safetensors,
    /// MindSpore's checkpoints.
    Ckpt,
    /// ONNX models.
    Onnx,
}

impl Format {
    /// What a file with these bytes is, or wants to be: only its beginning is looked at.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for everything else; where the format is a known one, the message
    /// says what to do.
    pub fn of(bytes: &[u8]) -> Result<Self> {
        let unsupported = |what: String, detail: &str| {
            Err(Error::Unsupported { what, detail: detail.to_owned() })
        };
        match bytes {
            [a, b, c, d, e, f, g, h, b'{', ..]
                if u64::from_le_bytes([*a, *b, *c, *d, *e, *f, *g, *h]) < 1 << 32 =>
            {
                Ok(Format::Safetensors)
            }
            // Field 1 of a file, a message, whose field 1 is a text. A length takes up to five bytes.
            [0x0a, rest @ ..] if inner(rest) == Some(0x0a) => Ok(Format::Ckpt),
            // Field 1, a number, or the graph or the operators where they come first.
            [0x08 | 0x3a | 0x42, ..] => Ok(Format::Onnx),
            [0xd8..=0xda, 0x5e, 0x3a, 0x7f, ..] => unsupported(
                "an encrypted MindSpore checkpoint".to_owned(),
                "load it in MindSpore with its key (dec_key) and save it without",
            ),
            [b'P', b'K', ..] | [0x80, 0x02..=0x05, ..] => unsupported(
                "a pickle, such as torch.save writes,".to_owned(),
                "in PyTorch, save the weights by safetensors.torch.save_file(model.state_dict(), path)",
            ),
            [] => unsupported("an empty file".to_owned(), KNOWN),
            _ => {
                let start: Vec<_> =
                    bytes.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
                unsupported(format!("a file that begins with the bytes {}", start.join(" ")), KNOWN)
            }
        }
    }

    /// The name for messages.
    pub fn name(self) -> &'static str {
        match self {
            Format::Safetensors => crate::safetensors::FORMAT,
            Format::Ckpt => crate::mindspore::FORMAT,
            Format::Onnx => crate::onnx::FORMAT,
        }
    }
}

const KNOWN: &str = "known are safetensors files, MindSpore checkpoints (.ckpt) and ONNX models";

/// The first byte of a message, behind its length.
fn inner(bytes: &[u8]) -> Option<u8> {
    let end = bytes.iter().take(5).position(|byte| byte & 0x80 == 0)?;
    bytes.get(end + 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(bytes: &[u8]) -> String {
        Format::of(bytes).unwrap_err().to_string()
    }

    #[test]
    fn formats_are_told_from_their_first_bytes() {
        assert_eq!(Format::of(b"\x10\0\0\0\0\0\0\0{\"a\"").unwrap(), Format::Safetensors);
        assert_eq!(Format::of(b"\x0a\x21\x0a\x04bias").unwrap(), Format::Ckpt);
        assert_eq!(Format::of(b"\x0a\xa1\x80\x80\x02\x0a\x04bias").unwrap(), Format::Ckpt);
        assert_eq!(Format::of(b"\x08\x07\x12\x08Sporelet").unwrap(), Format::Onnx);
        assert_eq!(Format::Onnx.name(), "ONNX model");
    }

    #[test]
    fn other_formats_are_told_with_a_way_out() {
        assert_eq!(
            error(b"PK\x03\x04"),
            "a pickle, such as torch.save writes, is not supported: in PyTorch, save the weights by \
             safetensors.torch.save_file(model.state_dict(), path)"
        );
        assert_eq!(
            error(b"\xd8\x5e\x3a\x7f\x10"),
            "an encrypted MindSpore checkpoint is not supported: load it in MindSpore with its key (dec_key) and save \
             it without"
        );
        let known = "known are safetensors files, MindSpore checkpoints (.ckpt) and ONNX models";
        assert_eq!(error(b""), format!("an empty file is not supported: {known}"));
        assert_eq!(
            error(b"\x89HDF\r\n\x1a\n and more"),
            format!(
                "a file that begins with the bytes 89 48 44 46 0d 0a 1a 0a is not supported: {known}"
            )
        );
    }
}
