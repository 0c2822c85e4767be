//! Tables of text.

use crate::{ArrayDataset, Error, Result};
use ::csv::{ErrorKind, Position, ReaderBuilder, StringRecord, Trim};
use ndarray::Array2;
use std::fs;
use std::path::{Path, PathBuf};

/// A CSV file with a sample in each line: one column is the target, all others are the input.
///
/// Needs the feature `csv`.
///
/// ```
/// use datasets::{CsvFile, Dataset};
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("iris.csv");
/// # std::fs::write(&path, "length,width,species\n5.1,3.5,setosa\n7.0,3.2,versicolor\n").unwrap();
/// let iris = CsvFile::with_classes(&path, "species").read()?;
/// assert_eq!(iris.classes, ["setosa", "versicolor"]);
/// assert_eq!((iris.samples.len(), iris.samples.input_shape()), (2, &[2][..]));
/// # Ok::<(), datasets::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct CsvFile {
    path: PathBuf,
    target: Column,
    kind: Kind,
    header: bool,
    delimiter: u8,
}

#[derive(Clone, Debug)]
enum Kind {
    /// The names of the classes, if they are known beforehand.
    Classes(Option<Vec<String>>),
    Values,
}

/// A column of a table: by its name in the header (from a `&str`) or by its index, counted from 0
/// (from a `usize`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// By name.
    Name(String),
    /// By index.
    Index(usize),
}

impl From<&str> for Column {
    fn from(name: &str) -> Self {
        Column::Name(name.to_owned())
    }
}

impl From<usize> for Column {
    fn from(index: usize) -> Self {
        Column::Index(index)
    }
}

/// What a [`CsvFile`] holds.
#[derive(Clone, Debug)]
pub struct CsvData {
    /// A sample for each line, with inputs `[columns]` and class labels or targets `[1]`.
    pub samples: ArrayDataset,
    /// The names of the inputs; their indices where there is no header.
    pub columns: Vec<String>,
    /// The names of the classes; none where targets are values.
    pub classes: Vec<String>,
}

impl CsvFile {
    /// A table with a class in the column `target`: numbers or words.
    ///
    /// The classes are ordered as numbers if they all are whole numbers, else as words.
    pub fn with_classes(path: impl AsRef<Path>, target: impl Into<Column>) -> Self {
        CsvFile {
            path: path.as_ref().to_owned(),
            target: target.into(),
            kind: Kind::Classes(None),
            header: true,
            delimiter: b',',
        }
    }

    /// A table with a number to be predicted in the column `target`.
    pub fn with_values(path: impl AsRef<Path>, target: impl Into<Column>) -> Self {
        CsvFile { kind: Kind::Values, ..CsvFile::with_classes(path, target) }
    }

    /// The classes in the order of their labels, for a file that may lack some: give a test set
    /// the [`classes`](CsvData::classes) of its training set. The target is then a class.
    #[must_use]
    pub fn classes<S: Into<String>>(mut self, classes: impl IntoIterator<Item = S>) -> Self {
        self.kind = Kind::Classes(Some(classes.into_iter().map(Into::into).collect()));
        self
    }

    /// Whether the first line names the columns, as it does unless set.
    #[must_use]
    pub fn header(mut self, header: bool) -> Self {
        self.header = header;
        self
    }

    /// What is between two cells; a comma unless set.
    #[must_use]
    pub fn delimiter(mut self, delimiter: u8) -> Self {
        self.delimiter = delimiter;
        self
    }

    /// Reads the whole file.
    ///
    /// # Errors
    /// [`Error::Cell`] with line and column for a cell that is no finite number or, in the target's
    /// column, no class; [`Error::Line`] for a line with more or fewer cells than the first or that
    /// is not UTF-8; [`Error::InFile`] for a column that does not exist or a table without samples;
    /// [`Error::Argument`] for known classes of which there is none, or one twice; [`Error::Io`].
    pub fn read(&self) -> Result<CsvData> {
        let text =
            fs::read(&self.path).map_err(|cause| Error::io(&self.path, "read the table", cause))?;
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
        let table = Table { path: &self.path, text };
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .delimiter(self.delimiter)
            .trim(Trim::All)
            .from_reader(text);
        let mut records = reader.records().map(|record| record.map_err(|error| table.error(error)));
        let in_file = |error: Error| error.in_file(&self.path);
        let empty = || in_file(Error::Empty { operation: "CsvFile" });
        let first = records.next().ok_or_else(empty)??;
        let names: Vec<String> = if self.header {
            first.iter().map(str::to_owned).collect()
        } else {
            (0..first.len()).map(|index| index.to_string()).collect()
        };
        let target = self.find(&names).map_err(in_file)?;
        self.check_classes()?;

        let (mut inputs, mut targets) = (Vec::new(), Vec::new());
        for record in (!self.header).then_some(Ok(first)).into_iter().chain(records) {
            let record = record?;
            for (index, cell) in record.iter().enumerate() {
                if index != target {
                    inputs.push(table.number(cell, &names[index], &record)?);
                }
            }
            targets.push(record);
        }
        if targets.is_empty() {
            return Err(empty());
        }
        let shape = (targets.len(), names.len() - 1);
        let inputs = Array2::from_shape_vec(shape, inputs).expect("a number for each cell");
        let (samples, classes) = match &self.kind {
            Kind::Classes(known) => {
                let (labels, classes) = table.labels(&targets, target, &names[target], known)?;
                (ArrayDataset::with_classes(inputs, labels, classes.len())?, classes)
            }
            Kind::Values => {
                let number = |row: &StringRecord| table.number(&row[target], &names[target], row);
                let values = targets.iter().map(number).collect::<Result<Vec<_>>>()?;
                let values = Array2::from_shape_vec((values.len(), 1), values).expect("a column");
                (ArrayDataset::with_values(inputs, values)?, Vec::new())
            }
        };
        let mut columns = names;
        columns.remove(target);
        Ok(CsvData { samples, columns, classes })
    }

    /// Whether the classes that are known beforehand can be told apart.
    fn check_classes(&self) -> Result<()> {
        let Kind::Classes(Some(classes)) = &self.kind else { return Ok(()) };
        let twice =
            classes.iter().enumerate().find(|(place, class)| classes[..*place].contains(class));
        let found = match twice {
            _ if classes.is_empty() => "an empty list".to_owned(),
            Some((_, class)) => format!("a list with `{class}` twice"),
            None => return Ok(()),
        };
        Err(Error::argument("CsvFile", "classes", found, "every class once"))
    }

    /// The index of the target's column.
    fn find(&self, names: &[String]) -> Result<usize> {
        let all = || {
            let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            quoted.join(", ")
        };
        let error = |found, expected| Err(Error::argument("CsvFile", "target", found, expected));
        if names.len() < 2 {
            let expected = "one of at least two columns: without a second one there is no input";
            return error(format!("in a table with {} column", names.len()), expected.to_owned());
        }
        match &self.target {
            Column::Name(name) if !self.header => {
                error(format!("`{name}`"), "an index, where there is no header".into())
            }
            Column::Name(name) => {
                let mut same = (0..names.len()).filter(|&index| names[index] == *name);
                match (same.next(), same.next()) {
                    (Some(index), None) => Ok(index),
                    (Some(first), Some(second)) => error(
                        format!("`{name}`, as columns {first} and {second} are called"),
                        "the name of one column: give its index instead".to_owned(),
                    ),
                    (None, _) => error(format!("`{name}`"), format!("one of {}", all())),
                }
            }
            &Column::Index(index) if index < names.len() => Ok(index),
            Column::Index(index) => error(index.to_string(), format!("0..={}", names.len() - 1)),
        }
    }
}

/// The text of a file, for errors that say where they are.
struct Table<'a> {
    path: &'a Path,
    text: &'a [u8],
}

impl Table<'_> {
    fn number(&self, cell: &str, column: &str, record: &StringRecord) -> Result<f32> {
        match cell.parse::<f32>() {
            Ok(number) if number.is_finite() => Ok(number),
            _ => Err(self.cell_error(cell, column, record, "a finite number".into())),
        }
    }

    /// The label of each row, and the names of the classes.
    fn labels(
        &self,
        rows: &[StringRecord],
        target: usize,
        column: &str,
        known: &Option<Vec<String>>,
    ) -> Result<(Vec<u32>, Vec<String>)> {
        if let Some(row) = rows.iter().find(|row| row[target].is_empty()) {
            return Err(self.cell_error("", column, row, "a class".into()));
        }
        let classes = known.clone().unwrap_or_else(|| {
            let mut classes: Vec<String> = rows.iter().map(|row| row[target].to_owned()).collect();
            classes.sort_unstable();
            classes.dedup();
            if classes.iter().all(|class| class.parse::<i64>().is_ok()) {
                classes.sort_by_key(|class| class.parse::<i64>().unwrap_or_default());
            }
            classes
        });
        let label = |row: &StringRecord| {
            let label = classes.iter().position(|class| *class == row[target]);
            label.map(|label| label as u32).ok_or_else(|| {
                let expected = format!("one of the classes {}", classes.join(", "));
                self.cell_error(&row[target], column, row, expected)
            })
        };
        let labels = rows.iter().map(label).collect::<Result<_>>()?;
        Ok((labels, classes))
    }

    fn cell_error(&self, cell: &str, column: &str, row: &StringRecord, expected: String) -> Error {
        let found = if cell.is_empty() { "an empty cell".into() } else { format!("`{cell}`") };
        let (path, line) = (self.path.to_owned(), self.line(row.position()));
        Error::Cell { path, line, column: column.to_owned(), found, expected }
    }

    fn error(&self, error: ::csv::Error) -> Error {
        let path = self.path.to_owned();
        match error.into_kind() {
            ErrorKind::Io(cause) => Error::Io { path, action: "read the table", cause },
            ErrorKind::UnequalLengths { pos, expected_len, len } => Error::Line {
                path,
                line: self.line(pos.as_ref()),
                found: format!("{len} cell{}", if len == 1 { "" } else { "s" }),
                expected: format!("{expected_len} as in the first line"),
            },
            ErrorKind::Utf8 { pos, .. } => Error::Line {
                path,
                line: self.line(pos.as_ref()),
                found: "bytes that are not UTF-8".into(),
                expected: "text".into(),
            },
            other => Error::other(format!("`{}`: {other:?}", path.display())),
        }
    }

    /// The line of what was read from `position` on, counted from 1. The reader's own count stands
    /// before the empty lines that it passes over.
    fn line(&self, position: Option<&Position>) -> u64 {
        let start = position.map_or(0, |position| position.byte() as usize).min(self.text.len());
        let empty = self.text[start..].iter().take_while(|byte| b"\r\n".contains(byte)).count();
        let before = &self.text[..start + empty];
        1 + before.iter().filter(|&&byte| byte == b'\n').count() as u64
    }
}
