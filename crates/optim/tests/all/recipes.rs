//! How the reference files' cases are built here.

use optim::{
    Adagrad, Adam, AdamW, ConstantLr, CosineDecayLr, Descent, ExponentialDecayLr, InverseDecayLr,
    LearningRate, Momentum, NaturalExpDecayLr, OneCycleLr, PerEpochLr, PiecewiseConstantLr,
    PolynomialDecayLr, Result, RmsProp, Rule, Sgd, WarmUpLr,
};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeSet;

/// A case's options, none of which may go unread.
pub(crate) struct Options<'a> {
    json: &'a Value,
    read: RefCell<BTreeSet<String>>,
}

impl<'a> Options<'a> {
    pub(crate) fn new(json: &'a Value) -> Self {
        Options { json, read: RefCell::default() }
    }

    fn get(&self, name: &str) -> &'a Value {
        self.read.borrow_mut().insert(name.to_owned());
        &self.json[name]
    }

    pub(crate) fn number(&self, name: &str) -> Option<f64> {
        self.get(name).as_f64()
    }

    pub(crate) fn is(&self, name: &str) -> bool {
        self.get(name).as_bool().unwrap_or(false)
    }

    pub(crate) fn any(&self, names: &[&str]) -> bool {
        names.iter().any(|&name| !self.json[name].is_null())
    }

    fn numbers(&self, name: &str) -> Option<Vec<f64>> {
        let list = self.get(name).as_array()?;
        Some(list.iter().map(|number| number.as_f64().expect("a number")).collect())
    }

    pub(crate) fn all_were_read(&self) {
        for option in self.json.as_object().expect("options").keys() {
            assert!(self.read.borrow().contains(option), "unknown option {option}");
        }
    }
}

/// The learning rate of a trajectory: a number, or a cosine down to 0.
pub(crate) fn learning_rate(options: &Options<'_>) -> LearningRate {
    let lr = options.number("lr").expect("a learning rate");
    match options.number("cosine_steps") {
        Some(steps) => CosineDecayLr::new(0.0, lr, steps as u64).unwrap().into(),
        None => lr.into(),
    }
}

/// Takes optimizers of any rule.
pub(crate) trait Visitor {
    fn visit<R: Rule>(&mut self, piece: &str, optimizer: Descent<R>) -> Result<()>;
}

/// Shows `visitor` the optimizer called `piece`, with its own options.
pub(crate) fn visit(piece: &str, options: &Options<'_>, visitor: &mut impl Visitor) -> Result<()> {
    let lr = learning_rate(options);
    let pytorch = options.is("pytorch");
    let number = |name: &str| options.number(name);
    match piece {
        "Sgd" => {
            let optimizer = Sgd::new(lr)?.momentum(number("momentum").unwrap_or(0.0))?;
            let optimizer = optimizer.dampening(number("dampening").unwrap_or(0.0))?;
            visitor.visit(piece, optimizer.nesterov(options.is("nesterov")))
        }
        "Momentum" => {
            let optimizer = Momentum::new(lr, number("momentum").expect("momentum"))?;
            visitor.visit(piece, optimizer.nesterov(options.is("nesterov")))
        }
        "Adam" => {
            let mut optimizer = if pytorch { Adam::pytorch(lr)? } else { Adam::new(lr)? };
            if let Some(betas) = options.numbers("betas") {
                optimizer = optimizer.betas(betas[0], betas[1])?;
            }
            if let Some(eps) = number("eps") {
                optimizer = optimizer.eps(eps)?;
            }
            visitor.visit(piece, optimizer)
        }
        "AdamW" => {
            let mindspore = options.is("mindspore");
            let mut optimizer = if mindspore { AdamW::mindspore(lr)? } else { AdamW::new(lr)? };
            if let Some(betas) = options.numbers("betas") {
                optimizer = optimizer.betas(betas[0], betas[1])?;
            }
            if let Some(eps) = number("eps") {
                optimizer = optimizer.eps(eps)?;
            }
            visitor.visit(piece, optimizer)
        }
        "RmsProp" => {
            let mut optimizer = if pytorch { RmsProp::pytorch(lr)? } else { RmsProp::new(lr)? };
            if let Some(decay) = number("decay") {
                optimizer = optimizer.decay(decay)?;
            }
            if let Some(eps) = number("eps") {
                optimizer = optimizer.eps(eps)?;
            }
            optimizer = optimizer.momentum(number("momentum").unwrap_or(0.0))?;
            visitor.visit(piece, optimizer.centered(options.is("centered")))
        }
        "Adagrad" => {
            let mut optimizer = if pytorch { Adagrad::pytorch(lr)? } else { Adagrad::new(lr)? };
            if let Some(initial) = number("initial_accumulator") {
                optimizer = optimizer.initial_accumulator(initial)?;
            }
            if let Some(eps) = number("eps") {
                optimizer = optimizer.eps(eps)?;
            }
            visitor.visit(piece, optimizer)
        }
        unknown => panic!("the file has an optimizer that this test does not know: {unknown}"),
    }
}

/// The schedule called `piece`.
pub(crate) fn schedule(piece: &str, options: &Options<'_>) -> Result<LearningRate> {
    let numbers = options.numbers("numbers").expect("numbers");
    let steps = options.number("steps").unwrap_or(0.0) as u64;
    let (stairs, update) = (options.is("staircase"), options.is("update_decay_steps"));
    let schedule: LearningRate = match (piece, &numbers[..]) {
        ("ConstantLr", &[lr]) => ConstantLr(lr).into(),
        ("CosineDecayLr", &[min, max]) => CosineDecayLr::new(min, max, steps)?.into(),
        ("PolynomialDecayLr", &[lr, end, power]) => {
            PolynomialDecayLr::new(lr, end, steps, power)?.update_decay_steps(update).into()
        }
        ("ExponentialDecayLr", &[lr, decay]) => {
            ExponentialDecayLr::new(lr, decay, steps)?.staircase(stairs).into()
        }
        ("NaturalExpDecayLr", &[lr, decay]) => {
            NaturalExpDecayLr::new(lr, decay, steps)?.staircase(stairs).into()
        }
        ("InverseDecayLr", &[lr, decay]) => {
            InverseDecayLr::new(lr, decay, steps)?.staircase(stairs).into()
        }
        ("OneCycleLr", &[max, rising, div, last]) => {
            let schedule = OneCycleLr::new(max, steps)?.rising(rising)?;
            schedule.div_factor(div)?.final_div_factor(last)?.into()
        }
        ("WarmUpLr", &[lr, factor]) => {
            let then: LearningRate = match options.number("cosine_steps") {
                Some(steps) => CosineDecayLr::new(0.0, lr, steps as u64)?.into(),
                None => lr.into(),
            };
            WarmUpLr::new(steps, then)?.start_factor(factor)?.into()
        }
        ("PiecewiseConstantLr", rates) => {
            let milestones = options.numbers("milestones").expect("milestones");
            let milestones: Vec<u64> = milestones.iter().map(|&step| step as u64).collect();
            PiecewiseConstantLr::new(milestones, rates)?.into()
        }
        unknown => panic!("the file has a schedule that this test does not know: {unknown:?}"),
    };
    Ok(match options.number("steps_per_epoch") {
        Some(steps) => PerEpochLr::new(steps as u64, schedule)?.into(),
        None => schedule,
    })
}
