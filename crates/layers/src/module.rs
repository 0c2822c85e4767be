//! [`Module`]: whatever holds parameters, and walks over it.

use crate::description::Printer;
use crate::{Description, Layer, Parameter, Scope};
use autodiff::{Key, Tape};
use std::fmt;
use tensor::{Float, Result};

/// Something that holds parameters, under the names of its fields.
///
/// Let [`module!`](crate::module) write it. Names join with dots: `conv1.weight`, `block.0.bias`,
/// as in MindSpore and PyTorch.
pub trait Module: Send + Sync {
    /// Shows every field to `visitor`, in order.
    fn visit<'a>(&'a self, visitor: &mut Visitor<'_, 'a>);

    /// As [`Module::visit`], for writing.
    fn visit_mut<'a>(&'a mut self, visitor: &mut VisitorMut<'_, 'a>);

    /// Its own line when a network is printed; `None` for what is not printed, as parameters are
    /// not.
    fn describe(&self) -> Option<Description> {
        Some(Description::of::<Self>())
    }
}

/// Implements [`Module`] for a struct from the names of the fields that are modules: layers,
/// [`Parameter`]s, and `Vec`s, `Option`s and boxes of them. It also implements
/// [`Display`](std::fmt::Display), which prints the network as MindSpore does.
///
/// ```
/// use layers::{Conv2d, Dense, module};
/// struct Net { conv: Conv2d, head: Vec<Dense>, classes: usize }
/// module!(Net { conv, head });
///
/// let net = Net { conv: Conv2d::new(1, 6, 5), head: vec![Dense::new(600, 10)], classes: 10 };
/// assert!(net.to_string().ends_with("\
///   (head): Vec(
///     (0): Dense(input_channels=600, output_channels=10, has_bias=True)
///   )
/// )"));
/// ```
///
/// A layer with arguments of its own names a function that writes them, for what is printed:
/// `module!(Scale { scope } => |layer: &Scale| format!("factor={}", layer.factor))`.
#[macro_export]
macro_rules! module {
    ($type:ty { $($field:ident),* $(,)? } $(=> $arguments:expr)?) => {
        impl $crate::Module for $type {
            fn visit<'a>(&'a self, visitor: &mut $crate::Visitor<'_, 'a>) {
                let _ = &visitor;
                $(visitor.field(stringify!($field), &self.$field);)*
            }

            fn visit_mut<'a>(&'a mut self, visitor: &mut $crate::VisitorMut<'_, 'a>) {
                let _ = &visitor;
                $(visitor.field(stringify!($field), &mut self.$field);)*
            }

            fn describe(&self) -> ::std::option::Option<$crate::Description> {
                let description = $crate::Description::of::<Self>();
                $(let description = description.arguments(($arguments)(self));)?
                ::std::option::Option::Some(description)
            }
        }

        impl ::std::fmt::Display for $type {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(&$crate::ModuleExt::describe_all(self))
            }
        }
    };
}

/// Walks over a module, reading.
pub struct Visitor<'f, 'a> {
    path: String,
    each: &'f mut dyn FnMut(&str, &'a Parameter),
    couples_batch: bool,
    printer: Option<Printer>,
    /// The layers met, where they are wanted.
    scopes: Option<Vec<(Key, String)>>,
}

impl<'f, 'a> Visitor<'f, 'a> {
    fn new(each: &'f mut dyn FnMut(&str, &'a Parameter)) -> Self {
        Visitor { path: String::new(), each, couples_batch: false, printer: None, scopes: None }
    }

    /// Goes into a field.
    pub fn field(&mut self, name: &str, module: &'a (impl Module + ?Sized)) {
        let outer = enter(&mut self.path, name);
        self.print(name, module);
        self.path.truncate(outer);
    }

    /// Visits a module, and prints it where that is wanted.
    fn print(&mut self, name: &str, module: &'a (impl Module + ?Sized)) {
        let description = self.printer.as_ref().and_then(|_| module.describe());
        let Some((printer, description)) = self.printer.as_mut().zip(description) else {
            return module.visit(self);
        };
        let opened = printer.open(name, &description);
        module.visit(self);
        if let Some(printer) = &mut self.printer {
            printer.close(opened);
        }
    }

    /// Shows a parameter; the path so far is its name.
    pub fn parameter(&mut self, parameter: &'a Parameter) {
        (self.each)(&self.path, parameter);
    }

    /// Shows a scope; the path without its last part, the scope's own field, is its layer's.
    pub(crate) fn scope(&mut self, scope: &Scope) {
        if let Some(scopes) = &mut self.scopes {
            let layer = self.path.rfind('.').map_or("", |dot| &self.path[..dot]);
            scopes.push((scope.key(), layer.to_owned()));
        }
    }

    /// Says that the module being visited makes one sample's output depend on the others of its
    /// batch, so that a training step must not split the batch.
    pub fn couples_batch(&mut self) {
        self.couples_batch = true;
    }
}

/// Walks over a module, writing.
pub struct VisitorMut<'f, 'a> {
    path: String,
    each: &'f mut dyn FnMut(&str, Item<'a>),
}

/// What a [`VisitorMut`] meets.
#[derive(Debug)]
pub enum Item<'a> {
    /// A parameter; the path is its name.
    Parameter(&'a mut Parameter),
    /// A layer's own name; the path is the layer's.
    Scope(&'a mut Scope),
}

impl<'a> VisitorMut<'_, 'a> {
    /// Goes into a field.
    pub fn field(&mut self, name: &str, module: &'a mut (impl Module + ?Sized)) {
        let outer = enter(&mut self.path, name);
        module.visit_mut(self);
        self.path.truncate(outer);
    }

    /// Shows a parameter; the path so far is its name.
    pub fn parameter(&mut self, parameter: &'a mut Parameter) {
        (self.each)(&self.path, Item::Parameter(parameter));
    }

    /// Shows a scope; the path without its last part, the scope's own field, is its layer's.
    pub(crate) fn scope(&mut self, scope: &'a mut Scope) {
        let layer = self.path.rfind('.').map_or("", |dot| &self.path[..dot]);
        (self.each)(layer, Item::Scope(scope));
    }
}

/// Appends a field's name; returns the length to cut back to.
fn enter(path: &mut String, name: &str) -> usize {
    let outer = path.len();
    if outer > 0 {
        path.push('.');
    }
    path.push_str(name);
    outer
}

impl fmt::Debug for Visitor<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Visitor").field("path", &self.path).finish_non_exhaustive()
    }
}

impl fmt::Debug for VisitorMut<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VisitorMut").field("path", &self.path).finish_non_exhaustive()
    }
}

/// What every [`Module`] can do.
pub trait ModuleExt: Module {
    /// The parameters with their names, in the order of the fields.
    fn parameters(&self) -> Vec<(String, &Parameter)> {
        let mut list = Vec::new();
        self.each_parameter(&mut |name, parameter| list.push((name.to_owned(), parameter)));
        list
    }

    /// Calls `each` with every parameter and its name, in the order of the fields.
    fn each_parameter<'a>(&'a self, each: &mut dyn FnMut(&str, &'a Parameter)) {
        self.visit(&mut Visitor::new(each));
    }

    /// As [`ModuleExt::each_parameter`], for writing.
    fn each_parameter_mut<'a>(&'a mut self, each: &mut dyn FnMut(&str, &'a mut Parameter)) {
        self.visit_mut(&mut VisitorMut {
            path: String::new(),
            each: &mut |name, item| {
                if let Item::Parameter(parameter) = item {
                    each(name, parameter);
                }
            },
        });
    }

    /// The number of trainable numbers.
    fn parameter_count(&self) -> usize {
        let mut count = 0;
        self.each_parameter(&mut |_, parameter| {
            count += if parameter.is_trainable() { parameter.shape().elements() } else { 0 };
        });
        count
    }

    /// Whether some layer makes one sample's output depend on the others of its batch.
    fn couples_batch(&self) -> bool {
        let each = &mut |_: &str, _: &Parameter| {};
        let mut visitor = Visitor::new(each);
        self.visit(&mut visitor);
        visitor.couples_batch
    }

    /// The named layers with their paths, by the keys under which a tape meets them: the
    /// [`layer`](autodiff::explain::Step::layer) of an explained step.
    fn layer_paths(&self) -> Vec<(Key, String)> {
        let each = &mut |_: &str, _: &Parameter| {};
        let mut visitor = Visitor::new(each);
        visitor.scopes = Some(Vec::new());
        self.visit(&mut visitor);
        visitor.scopes.unwrap_or_default()
    }

    /// Lets an [explained](Tape::explained) tape show the parameters under their names,
    /// `fc1.weight`; does nothing on any other tape.
    ///
    /// ```
    /// use layers::{Dense, Layer, ModuleExt, Tape};
    /// use tensor::Tensor;
    /// let mut fc = Dense::new(2, 1);
    /// fc.initialize(1)?;
    /// let tape = Tape::<f64>::inference().explained();
    /// fc.name_parameters_on(&tape);
    /// let _ = fc.forward(tape.constant(Tensor::zeros([1, 2])).named("x"))?;
    /// let explanation = tape.explanation()?;
    /// let formula = explanation.steps.last().unwrap().formula.as_deref();
    /// assert_eq!(formula, Some("x weightᵀ + bias"));
    /// # Ok::<(), layers::Error>(())
    /// ```
    fn name_parameters_on<T: Float>(&self, tape: &Tape<T>) {
        self.each_parameter(&mut |name, parameter| tape.name_parameter(parameter.key(), name));
    }

    /// The module and the modules in it, as nested text: what its `Display` prints.
    fn describe_all(&self) -> String {
        let each = &mut |_: &str, _: &Parameter| {};
        let mut visitor = Visitor::new(each);
        visitor.printer = Some(Printer::default());
        visitor.print("", self);
        visitor.printer.map(Printer::into_text).unwrap_or_default()
    }

    /// Tells every layer its path, for error messages and traces, and draws every parameter that
    /// has no value yet from the random stream *(seed, "init", its name)*. Parameters that have a
    /// value keep it.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) where an initialiser's arguments make no sense.
    fn initialize(&mut self, seed: u64) -> Result<()> {
        let mut result = Ok(());
        let each = &mut |path: &str, item: Item<'_>| match item {
            Item::Scope(scope) => scope.set_path(path),
            Item::Parameter(parameter) if result.is_ok() => {
                result = parameter.initialize(seed, path).map_err(|error| error.at(path));
            }
            Item::Parameter(_) => {}
        };
        self.visit_mut(&mut VisitorMut { path: String::new(), each });
        result
    }
}

impl<M: Module + ?Sized> ModuleExt for M {}

impl<M: Module> Module for Vec<M> {
    fn visit<'a>(&'a self, visitor: &mut Visitor<'_, 'a>) {
        for (i, module) in self.iter().enumerate() {
            visitor.field(&i.to_string(), module);
        }
    }

    fn visit_mut<'a>(&'a mut self, visitor: &mut VisitorMut<'_, 'a>) {
        for (i, module) in self.iter_mut().enumerate() {
            visitor.field(&i.to_string(), module);
        }
    }
}

impl<M: Module> Module for Option<M> {
    fn visit<'a>(&'a self, visitor: &mut Visitor<'_, 'a>) {
        if let Some(module) = self {
            module.visit(visitor);
        }
    }

    fn visit_mut<'a>(&'a mut self, visitor: &mut VisitorMut<'_, 'a>) {
        if let Some(module) = self {
            module.visit_mut(visitor);
        }
    }

    fn describe(&self) -> Option<Description> {
        self.as_ref().and_then(Module::describe)
    }
}

impl Module for Box<dyn Layer> {
    fn visit<'a>(&'a self, visitor: &mut Visitor<'_, 'a>) {
        (**self).visit(visitor);
    }

    fn visit_mut<'a>(&'a mut self, visitor: &mut VisitorMut<'_, 'a>) {
        (**self).visit_mut(visitor);
    }

    fn describe(&self) -> Option<Description> {
        (**self).describe()
    }
}
