//! How a network prints: nested text, as MindSpore prints a `Cell`.

use crate::{Layer, ModuleExt};
use std::fmt;
use tensor::PadMode;

/// A module's own line when a network is printed: its type and its arguments,
/// `Dense(input_channels=2, output_channels=3, has_bias=True)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    kind: &'static str,
    arguments: String,
}

impl Description {
    /// The type's name alone, without its path.
    pub fn of<M: ?Sized>() -> Self {
        let name = std::any::type_name::<M>();
        let name = name.split('<').next().unwrap_or(name);
        let kind = name.rsplit("::").next().unwrap_or(name);
        Description { kind, arguments: String::new() }
    }

    /// With arguments, such as `p=0.5`; MindSpore's names, and Python's `True` and `(5, 5)`.
    #[must_use]
    pub fn arguments(self, arguments: impl Into<String>) -> Self {
        Description { arguments: arguments.into(), ..self }
    }
}

/// Writes descriptions below each other while a visitor walks over a network.
#[derive(Debug, Default)]
pub(crate) struct Printer {
    text: String,
    depth: usize,
}

/// Where a module's text ends before its fields are written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Opened(usize);

impl Printer {
    /// Begins a module; `name` is its field's, or empty for the whole network.
    pub(crate) fn open(&mut self, name: &str, description: &Description) -> Opened {
        if !name.is_empty() {
            self.new_line();
            self.text.push_str(&format!("({name}): "));
        }
        self.text.push_str(&format!("{}({}", description.kind, description.arguments));
        self.depth += 1;
        Opened(self.text.len())
    }

    /// Ends it: on a line of its own where fields were written.
    pub(crate) fn close(&mut self, opened: Opened) {
        self.depth -= 1;
        if self.text.len() > opened.0 {
            self.new_line();
        }
        self.text.push(')');
    }

    pub(crate) fn into_text(self) -> String {
        self.text
    }

    fn new_line(&mut self) {
        self.text.push('\n');
        self.text.extend(std::iter::repeat_n("  ", self.depth));
    }
}

/// Python's spelling.
pub(crate) fn flag(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

/// `(5, 5)`.
pub(crate) fn pair([height, width]: [usize; 2]) -> String {
    format!("({height}, {width})")
}

/// How MindSpore writes the border's treatment: its name and how much is added.
pub(crate) fn padding(mode: PadMode) -> (&'static str, String) {
    match mode {
        PadMode::Valid => ("valid", "0".to_owned()),
        PadMode::Same => ("same", "0".to_owned()),
        PadMode::Pad([top, bottom, left, right]) => {
            ("pad", format!("({top}, {bottom}, {left}, {right})"))
        }
    }
}

impl fmt::Display for dyn Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.describe_all())
    }
}
