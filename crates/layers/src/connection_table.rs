//! [`ConnectionTable`]: which input maps each output map of a convolution sees.

use std::fmt;
use std::sync::Arc;
use tensor::{Error, Result};

/// Which input maps each output map of a [`TableConv2d`](crate::TableConv2d) sees: the connection
/// table of LeCun et al. (1998), table I.
///
/// ```
/// use layers::ConnectionTable;
/// // Two output maps; the first sees maps 0 and 1, the second map 2 alone.
/// let table = ConnectionTable::new(3, [vec![0, 1], vec![2]])?;
/// assert_eq!((table.in_maps(), table.out_maps(), table.connections()), (3, 2, 3));
/// assert_eq!(table.inputs_of(0), [0, 1]);
/// # Ok::<(), layers::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ConnectionTable {
    in_maps: usize,
    /// The input maps of each output map.
    inputs: Vec<Vec<usize>>,
    /// Each connection's place among all pairs, output · in_maps + input.
    pub(crate) places: Arc<[usize]>,
}

impl ConnectionTable {
    /// A table over `in_maps` input maps; `outputs` lists the input maps of each output map.
    ///
    /// # Errors
    /// [`Error::Argument`] where there are no maps, where an output map has no input, or where it
    /// names an input map twice or one that does not exist.
    pub fn new(
        in_maps: usize,
        outputs: impl IntoIterator<Item = impl Into<Vec<usize>>>,
    ) -> Result<Self> {
        let inputs: Vec<Vec<usize>> = outputs.into_iter().map(Into::into).collect();
        let fail = |argument, found: String, expected: String| {
            Err(Error::argument("connection table", argument, found, expected))
        };
        for (argument, maps) in [("in_maps", in_maps), ("out_maps", inputs.len())] {
            if maps == 0 {
                return fail(argument, "0".to_owned(), "at least 1".to_owned());
            }
        }
        let mut places = Vec::new();
        for (output, row) in inputs.iter().enumerate() {
            if row.is_empty() {
                let found = format!("an empty list for output map {output}");
                return fail("inputs", found, "at least one input map for each".to_owned());
            }
            for (i, &input) in row.iter().enumerate() {
                if input >= in_maps {
                    let found = format!("map {input} for output map {output}");
                    let expected = format!("maps 0..={} of the {in_maps} there are", in_maps - 1);
                    return fail("inputs", found, expected);
                }
                if row[..i].contains(&input) {
                    let found = format!("map {input} twice for output map {output}");
                    return fail("inputs", found, "each input map once".to_owned());
                }
                places.push(output * in_maps + input);
            }
        }
        Ok(ConnectionTable { in_maps, inputs, places: places.into() })
    }

    /// Table I of the paper, LeNet-5's layer C3: 16 maps over 6. Maps 0 to 5 see three neighbours,
    /// 6 to 11 four, 12 to 14 four in two pairs, and 15 all six; so the symmetry between the maps
    /// is broken and they learn different features.
    pub fn lenet5() -> Self {
        let neighbours = |first: usize, count: usize| {
            let mut maps: Vec<_> = (first..first + count).map(|map| map % 6).collect();
            maps.sort_unstable();
            maps
        };
        let three = (0..6).map(|first| neighbours(first, 3));
        let four = (0..6).map(|first| neighbours(first, 4));
        let pairs = [[0, 1, 3, 4], [1, 2, 4, 5], [0, 2, 3, 5]].map(Vec::from);
        let outputs = three.chain(four).chain(pairs).chain([neighbours(0, 6)]);
        ConnectionTable::new(6, outputs).expect("the paper's table is one")
    }

    /// The number of input maps.
    pub fn in_maps(&self) -> usize {
        self.in_maps
    }

    /// The number of output maps.
    pub fn out_maps(&self) -> usize {
        self.inputs.len()
    }

    /// The number of pairs of an output and an input map that are connected.
    pub fn connections(&self) -> usize {
        self.places.len()
    }

    /// The input maps that an output map sees, in the order given.
    ///
    /// # Panics
    /// Where there is no such output map.
    pub fn inputs_of(&self, output: usize) -> &[usize] {
        &self.inputs[output]
    }
}

/// As the paper prints it: a row for each input map, a column for each output map.
impl fmt::Display for ConnectionTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let left = (self.in_maps - 1).to_string().len();
        let width = (self.out_maps() - 1).to_string().len() + 1;
        write!(f, "{:left$}", "")?;
        for output in 0..self.out_maps() {
            write!(f, "{output:>width$}")?;
        }
        for input in 0..self.in_maps {
            let mut line = format!("{input:>left$}");
            for row in &self.inputs {
                line += &format!("{:>width$}", if row.contains(&input) { "X" } else { "" });
            }
            write!(f, "\n{}", line.trim_end())?;
        }
        Ok(())
    }
}

impl fmt::Debug for ConnectionTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ConnectionTable").field(&self.in_maps).field(&self.inputs).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_one_of_the_paper() {
        let printed = "   0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15
0  X           X  X  X        X  X  X  X     X  X
1  X  X           X  X  X        X  X  X  X     X
2  X  X  X           X  X  X        X     X  X  X
3     X  X  X        X  X  X  X        X     X  X
4        X  X  X        X  X  X  X     X  X     X
5           X  X  X        X  X  X  X     X  X  X";
        let table = ConnectionTable::lenet5();
        assert_eq!(table.to_string(), printed);
        assert_eq!(table.connections(), 60);
    }

    #[test]
    fn tables_that_cannot_be() {
        let says = |maps, outputs: &[&[usize]]| {
            let rows = outputs.iter().map(|row| row.to_vec());
            ConnectionTable::new(maps, rows).unwrap_err().to_string()
        };
        let cases = [
            (says(0, &[&[0]]), "in_maps is 0, expected at least 1"),
            (says(6, &[]), "out_maps is 0, expected at least 1"),
            (
                says(6, &[&[0, 1], &[2, 6]]),
                "inputs is map 6 for output map 1, expected maps 0..=5 of the 6 there are",
            ),
            (
                says(6, &[&[0, 1], &[]]),
                "inputs is an empty list for output map 1, expected at least one input map for \
                 each",
            ),
            (
                says(6, &[&[3, 1, 3]]),
                "inputs is map 3 twice for output map 0, expected each input map once",
            ),
        ];
        for (found, expected) in cases {
            assert_eq!(found, format!("connection table: {expected}"));
        }
    }
}
