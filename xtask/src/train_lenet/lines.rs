//! JSON for people and programs: objects line by line, lists on one line.

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{Formatter, PrettyFormatter};
use std::io::{self, Write};

/// Writes a document and a line break. Thousands of numbers would be as many lines otherwise.
pub(super) fn write(out: impl Write, document: &impl Serialize) -> io::Result<()> {
    let mut serializer = Serializer::with_formatter(out, Lines(PrettyFormatter::new()));
    document.serialize(&mut serializer)?;
    serializer.into_inner().write_all(b"\n")
}

struct Lines(PrettyFormatter<'static>);

impl Formatter for Lines {
    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        out.write_all(if first { b"" } else { b", " })
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object(out)
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object(out)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object_value(out)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object_value(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lists_are_on_one_line() {
        let document = json!({ "a": [1, 2.5, "x"], "b": [{ "c": [] }, {}], "d": { "e": null } });
        let mut text = Vec::new();
        write(&mut text, &document).unwrap();
        let expected = "{\n  \"a\": [1, 2.5, \"x\"],\n  \"b\": [{\n    \"c\": []\n  }, {}],\n  \"d\": {\n    \"e\": null\n  }\n}\n";
        assert_eq!(String::from_utf8(text).unwrap(), expected);
    }
}
