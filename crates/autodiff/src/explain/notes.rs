//! What a tape writes down while it runs, and how that becomes an [`Explanation`].

use super::names::{self, Template};
use super::{Explanation, Part, Step};
use crate::tape::NodeId;
use crate::{Attribute, Backward, Key, Tape, Var};
use std::collections::HashMap;
use tensor::{Error, Float, Result, Tensor};

/// The notes of a tape: one for each value that has a place on it.
#[derive(Debug)]
pub(crate) struct Notes<T: Float> {
    /// The place of the first note.
    first: usize,
    notes: Vec<Note<T>>,
    /// The named layers under way, outermost first.
    layers: Vec<Key>,
    /// The names of parameters.
    parameters: HashMap<Key, String>,
    differentiated: Option<usize>,
}

#[derive(Debug)]
struct Note<T: Float> {
    name: Option<String>,
    key: Option<Key>,
    layer: Option<Key>,
    operation: &'static str,
    attributes: Vec<(&'static str, Attribute)>,
    custom: bool,
    inputs: Vec<Option<usize>>,
    formula: Option<Template>,
    derivatives: Vec<Option<Template>>,
    value: Tensor<T>,
    needs_gradient: bool,
    gradient: Option<Tensor<T>>,
    parts: Vec<(usize, usize, Tensor<T>)>,
}

impl<T: Float> Notes<T> {
    fn add(&mut self, operation: &'static str, value: &Tensor<T>, needs_gradient: bool) {
        self.notes.push(Note {
            name: None,
            key: None,
            layer: self.layers.last().copied(),
            operation,
            attributes: Vec::new(),
            custom: false,
            inputs: Vec::new(),
            formula: None,
            derivatives: Vec::new(),
            value: value.clone().into_plain(),
            needs_gradient,
            gradient: None,
            parts: Vec::new(),
        });
    }

    /// Notes a leaf, a parameter or a constant.
    pub(crate) fn given(
        &mut self,
        key: Option<Key>,
        operation: &'static str,
        value: &Tensor<T>,
        needs_gradient: bool,
    ) {
        self.add(operation, value, needs_gradient);
        self.last().key = key;
    }

    /// The note that was just added.
    fn last(&mut self) -> &mut Note<T> {
        self.notes.last_mut().expect("a note was just added")
    }

    /// Says that the last operation's rule is not one of this crate's.
    pub(crate) fn custom(&mut self) {
        self.last().custom = true;
    }

    /// Notes that a layer begins; returns how many are under way outside of it.
    pub(crate) fn enter(&mut self, layer: Key) -> usize {
        self.layers.push(layer);
        self.layers.len() - 1
    }

    /// Notes that a layer came to its end, and those within it.
    pub(crate) fn leave(&mut self, depth: usize) {
        self.layers.truncate(depth);
    }

    /// Notes an operation.
    pub(crate) fn operation(
        &mut self,
        inputs: &[Option<NodeId>],
        value: &Tensor<T>,
        rule: &dyn Backward<T>,
        needs_gradient: bool,
    ) {
        let inputs: Vec<_> = inputs.iter().map(|input| input.map(|id| id.0 - self.first)).collect();
        let present: Vec<_> = inputs.iter().map(Option::is_some).collect();
        let formula = names::formula(rule, &present);
        let derivatives = inputs.iter().enumerate().map(|(i, input)| {
            let wanted = input.is_some_and(|input| self.notes[input].needs_gradient);
            wanted.then(|| names::derivative(rule, i, &present)).flatten()
        });
        let derivatives = derivatives.collect();
        self.add(rule.name(), value, needs_gradient);
        let note = self.last();
        (note.inputs, note.formula, note.derivatives) = (inputs, Some(formula), derivatives);
        note.attributes = rule.attributes();
    }

    /// Notes an operation through which nothing flows back.
    pub(crate) fn without_gradient(
        &mut self,
        operation: &'static str,
        input: NodeId,
        value: &Tensor<T>,
        formula: impl FnOnce(&str) -> String,
    ) {
        self.add(operation, value, false);
        let input = input.0 - self.first;
        let note = self.last();
        (note.inputs, note.derivatives) = (vec![Some(input)], vec![None]);
        note.formula = Some(names::formula_of_one(formula));
    }

    /// Notes which value is differentiated.
    pub(crate) fn begin_backward(&mut self, output: NodeId) {
        self.differentiated = Some(output.0 - self.first);
    }

    /// Notes the whole gradient of a value.
    pub(crate) fn gradient(&mut self, of: NodeId, gradient: &Tensor<T>) {
        self.notes[of.0 - self.first].gradient = Some(gradient.clone().into_plain());
    }

    /// Notes what one use of a value sent back to it.
    pub(crate) fn part(&mut self, of: NodeId, user: NodeId, input: usize, gradient: &Tensor<T>) {
        let part = (user.0 - self.first, input, gradient.clone().into_plain());
        self.notes[of.0 - self.first].parts.push(part);
    }

    fn explanation(&self) -> Explanation {
        let given = self.notes.iter().map(|note| {
            let parameter = || self.parameters.get(&note.key?).map(String::as_str);
            (note.name.as_deref().or_else(parameter), note.operation)
        });
        let names = names::unique(given);
        let steps = self.notes.iter().enumerate().map(|(place, note)| {
            let inputs = note.inputs.iter().map(|input| input.map_or("", |i| &*names[i]));
            let inputs: Vec<_> = inputs.collect();
            let write = |template: &Template| template.write(&names[place], &inputs);
            let part = |(user, input, gradient): &(usize, usize, Tensor<T>)| Part {
                user: *user,
                input: *input,
                gradient: gradient.cast(),
            };
            Step {
                name: names[place].clone(),
                key: note.key,
                layer: note.layer,
                operation: note.operation,
                attributes: note.attributes.clone(),
                custom: note.custom,
                inputs: note.inputs.clone(),
                formula: note.formula.as_ref().map(write),
                derivatives: note.derivatives.iter().map(|t| t.as_ref().map(write)).collect(),
                value: note.value.cast(),
                needs_gradient: note.needs_gradient,
                gradient: note.gradient.as_ref().map(Tensor::cast),
                parts: note.parts.iter().map(part).collect(),
            }
        });
        Explanation { steps: steps.collect(), differentiated: self.differentiated }
    }
}

impl<T: Float> Tape<T> {
    /// Makes the tape keep every value - leaves, constants and the results of all operations -
    /// with its formula, and in a backward pass its gradient, for [`Tape::explanation`]. This
    /// holds all values in memory until the tape is dropped; other tapes pay nothing for it.
    ///
    /// The results are the same. The crate's [`explain`](crate::explain) module has an example.
    #[must_use]
    pub fn explained(self) -> Self {
        let first = self.first_free();
        self.notes.replace(Some(Notes {
            first,
            notes: Vec::new(),
            layers: Vec::new(),
            parameters: HashMap::new(),
            differentiated: None,
        }));
        self
    }

    /// Whether the tape was made by [`Tape::explained`].
    pub fn is_explained(&self) -> bool {
        self.notes.borrow().is_some()
    }

    /// Everything that was computed on the tape so far, and the gradients of its last backward
    /// pass.
    ///
    /// # Errors
    /// [`Error::State`] where the tape was not made by [`Tape::explained`].
    pub fn explanation(&self) -> Result<Explanation> {
        match &*self.notes.borrow() {
            Some(notes) => Ok(notes.explanation()),
            None => Err(Error::state("explanation", "the tape keeps nothing to be explained")
                .hint("make it with Tape::new().explained()")),
        }
    }

    /// Gives the parameter of this `key` the name under which an [explained](Tape::explained) tape
    /// shows it, such as `fc1.weight`; does nothing on any other tape.
    pub fn name_parameter(&self, key: Key, name: &str) {
        self.noted(|notes| {
            notes.parameters.insert(key, name.to_owned());
        });
    }

    pub(crate) fn noted(&self, note: impl FnOnce(&mut Notes<T>)) {
        if let Some(notes) = &mut *self.notes.borrow_mut() {
            note(notes);
        }
    }

    /// Whether a gradient is wanted for a value that has a place: always, unless the tape is
    /// explained, which gives a place to everything.
    pub(crate) fn wants(&self, id: NodeId) -> bool {
        match &*self.notes.borrow() {
            Some(notes) => notes.notes[id.0 - notes.first].needs_gradient,
            None => true,
        }
    }
}

impl<T: Float> Var<'_, T> {
    /// Gives the value a name, under which an [explained](Tape::explained) tape shows it, such as
    /// `ĥ` or `fc1.weight`; does nothing on any other tape.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        self.tape().noted(|notes| {
            // On such a tape every value has a place, and nothing is deferred.
            let id = self.node().expect("every value of an explained tape has a place");
            notes.notes[id.0 - notes.first].name = Some(name.to_owned());
        });
        self
    }

    /// The value's position among the [steps](Explanation::steps) of an
    /// [explained](Tape::explained) tape; `None` on any other.
    pub fn place(&self) -> Option<usize> {
        let first = self.tape().notes.borrow().as_ref()?.first;
        self.node().map(|id| id.0 - first)
    }
}
