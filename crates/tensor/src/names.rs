//! Finding what a person meant by a name.

use crate::{Error, Result};

/// The place of `wanted` among `names`, in any case and with or without `_` and `-`. `op` and
/// `argument` say whose name it is.
///
/// # Errors
/// [`Error::Argument`], which lists the names and suggests the nearest.
///
/// ```
/// use tensor::names::find;
/// let names = ["relu", "leaky_relu"];
/// assert_eq!(find("activation", "name", "LeakyReLU", &names)?, 1);
/// assert_eq!(
///     find("activation", "name", "rely", &names).unwrap_err().to_string(),
///     "activation: name is \"rely\", expected one of relu, leaky_relu; did you mean relu?"
/// );
/// # Ok::<(), tensor::Error>(())
/// ```
pub fn find(
    op: &'static str,
    argument: &'static str,
    wanted: &str,
    names: &[&str],
) -> Result<usize> {
    let letters = |name: &str| name.replace(['_', '-'], "").to_lowercase();
    let found = names.iter().position(|known| letters(known) == letters(wanted));
    found.ok_or_else(|| {
        let expected = format!("one of {}", names.join(", "));
        let error = Error::argument(op, argument, format!("{wanted:?}"), expected);
        match nearest(wanted, names) {
            Some(near) => error.hint(format!("did you mean {near}?")),
            None => error,
        }
    })
}

/// The one of `names` that `wanted` is most likely a slip of, or `None` where none is near:
/// at most one letter in three may be wrong, missing or too much. Case does not matter.
///
/// ```
/// use tensor::names::nearest;
/// assert_eq!(nearest("sigmoyd", &["relu", "sigmoid", "tanh"]), Some("sigmoid"));
/// assert_eq!(nearest("banana", &["relu", "sigmoid", "tanh"]), None);
/// ```
pub fn nearest<'a>(wanted: &str, names: &[&'a str]) -> Option<&'a str> {
    let distances = names.iter().map(|name| (distance(wanted, name), *name));
    let (edits, name) = distances.min_by_key(|(edits, _)| *edits)?;
    (3 * edits <= wanted.chars().count().max(3)).then_some(name)
}

/// The number of letters to insert, delete or replace (Levenshtein's distance).
fn distance(a: &str, b: &str) -> usize {
    let letters = |text: &str| text.to_lowercase().chars().collect::<Vec<_>>();
    let (a, b) = (letters(a), letters(b));
    // The distances from the letters of `a` so far to every beginning of `b`.
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (a, b, expected) in
            [("", "", 0), ("", "abc", 3), ("abc", "", 3), ("ReLU", "relu", 0), ("rela", "relu", 1)]
        {
            assert_eq!(distance(a, b), expected, "{a} {b}");
        }
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("tanhs", "tanh"), 1);
    }

    #[test]
    fn only_a_near_name_is_suggested() {
        assert_eq!(nearest("rel", &["relu", "elu"]), Some("relu"));
        assert_eq!(nearest("x", &["relu", "elu"]), None);
        assert_eq!(nearest("", &["relu"]), None);
        assert_eq!(nearest("relu", &[]), None);
    }
}
