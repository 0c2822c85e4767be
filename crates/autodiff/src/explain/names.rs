//! The names of steps, and formulas that are written before all names are known.

use crate::Backward;
use std::collections::HashSet;
use tensor::Float;

/// A formula in which characters for private use stand for the names of inputs and result: a
/// value may be named after it was used.
#[derive(Debug)]
pub(crate) struct Template(String);

const INPUTS: char = '\u{e000}';
const RESULT: char = '\u{f8ff}';

/// What stands for input `i` until its name is known.
fn placeholder(i: usize) -> String {
    char::from_u32(u32::from(INPUTS) + i as u32).expect("an input's number is small").to_string()
}

fn placeholders(present: &[bool]) -> Vec<String> {
    let name = |(i, &present): (usize, &bool)| if present { placeholder(i) } else { String::new() };
    present.iter().enumerate().map(name).collect()
}

/// A rule's formula.
pub(crate) fn formula<T: Float>(rule: &dyn Backward<T>, present: &[bool]) -> Template {
    let names = placeholders(present);
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    Template(rule.formula(&names))
}

/// A rule's local derivative by input `i`.
pub(crate) fn derivative<T: Float>(
    rule: &dyn Backward<T>,
    i: usize,
    present: &[bool],
) -> Option<Template> {
    let names = placeholders(present);
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    rule.derivative(i, &RESULT.to_string(), &names).map(Template)
}

/// The formula of an operation on one input that has no rule.
pub(crate) fn formula_of_one(formula: impl FnOnce(&str) -> String) -> Template {
    Template(formula(&placeholder(0)))
}

impl Template {
    /// The formula in these names.
    pub(crate) fn write(&self, result: &str, inputs: &[&str]) -> String {
        let mut text = String::with_capacity(self.0.len());
        for c in self.0.chars() {
            match (u32::from(c)).checked_sub(u32::from(INPUTS)) {
                _ if c == RESULT => text.push_str(result),
                Some(i) if (i as usize) < inputs.len() => text.push_str(inputs[i as usize]),
                _ => text.push(c),
            }
        }
        text
    }
}

/// A name for each value, from the name that it was given, if any, and its operation. A name that
/// was given again gets a prime; x, c and t with a number stand for leaves and parameters, for
/// constants and for the results of operations without a name.
pub(crate) fn unique<'a>(
    given: impl Iterator<Item = (Option<&'a str>, &'static str)> + Clone,
) -> Vec<String> {
    let reserved: HashSet<&str> = given.clone().filter_map(|(name, _)| name).collect();
    let mut taken = HashSet::new();
    let mut counts = [0; 3];
    let mut names = Vec::new();
    for (name, operation) in given {
        let name = match name {
            Some(name) => {
                let mut name = name.to_owned();
                while taken.contains(&name) {
                    name.push('′');
                }
                name
            }
            None => {
                let (letter, count) = match operation {
                    "leaf" | "parameter" => ('x', &mut counts[0]),
                    "constant" => ('c', &mut counts[1]),
                    _ => ('t', &mut counts[2]),
                };
                loop {
                    *count += 1;
                    let name = format!("{letter}{count}");
                    if !reserved.contains(&*name) {
                        break name;
                    }
                }
            }
        };
        taken.insert(name.clone());
        names.push(name);
    }
    names
}
