//! When early stopping stops, what it gives back, and what a wrong monitor is told.

use crate::common::{Scripted, Shared, Small, batches};
use layers::SoftmaxCrossEntropyWithLogits;
use optim::Sgd;
use tensor::Tensor;
use train::{Accuracy, Callback, EarlyStopping, Metric, Mode, Model, Outcome, Result, RunContext};
use train::{History, Validation, Value};

fn model() -> Model<Small> {
    let loss = SoftmaxCrossEntropyWithLogits::new();
    Model::new(Small::new(), loss, Sgd::new(0.1).unwrap()).threads(1)
}

/// Notes the weights after each epoch.
#[derive(Default)]
struct Weights(Vec<Tensor>);

impl Callback for Weights {
    fn on_train_epoch_end(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        use layers::ModuleExt;
        self.0.push(run.network().parameters()[3].1.value().unwrap().clone());
        Ok(())
    }
}

/// Runs at most `values.len()` epochs, whose validation gives these values.
fn run(mode: Mode, values: &[f64], stop: &mut EarlyStopping) -> (Model<Small>, History, Weights) {
    let (data, mut weights) = (batches(6, 6), Weights::default());
    let mut model = model().metric(Scripted::validation(mode, values));
    let callbacks: &mut [&mut dyn Callback] = &mut [stop, &mut weights];
    let history = model.fit(values.len(), &data, &data, callbacks).unwrap();
    (model, history, weights)
}

fn stopped(mode: Mode, values: &[f64], mut stop: EarlyStopping) -> (Option<usize>, Option<usize>) {
    let (_, history, _) = run(mode, values, &mut stop);
    let epochs = stop.stopped_epoch().unwrap_or(values.len());
    assert_eq!(history.epochs.len(), epochs);
    (stop.stopped_epoch(), stop.best_epoch())
}

#[test]
fn it_stops_after_so_many_bad_epochs_in_a_row() {
    let new = || EarlyStopping::new("eval_scripted");
    let values = [3.0, 2.0, 2.5, 1.0, 1.0, 1.5, 1.2, 0.5];
    // MindSpore's default would stop after epoch 1.
    assert_eq!(stopped(Mode::Min, &values, new()), (Some(3), Some(2)));
    assert_eq!(stopped(Mode::Min, &values, new().patience(1)), (Some(3), Some(2)));
    assert_eq!(stopped(Mode::Min, &values, new().patience(2)), (Some(6), Some(4)));
    assert_eq!(stopped(Mode::Min, &values, new().patience(3)), (Some(7), Some(4)));
    assert_eq!(stopped(Mode::Min, &values, new().patience(4)), (None, Some(8)));
    // The same score, where larger is better: by the metric's word, and against it.
    assert_eq!(stopped(Mode::Max, &values, new().patience(2)), (Some(3), Some(1)));
    assert_eq!(stopped(Mode::Min, &values, new().patience(2).mode(Mode::Max)), (Some(3), Some(1)));
}

#[test]
fn an_improvement_must_exceed_min_delta() {
    let new = || EarlyStopping::new("eval_scripted").patience(2).min_delta(0.5).unwrap();
    assert_eq!(stopped(Mode::Min, &[2.0, 1.75, 1.5, 0.9], new()), (Some(3), Some(1)));
    assert_eq!(stopped(Mode::Min, &[2.0, 1.75, 1.25, 1.0], new()), (None, Some(3)));
    assert_eq!(stopped(Mode::Max, &[2.0, 2.25, 2.5, 3.0], new()), (Some(3), Some(1)));
}

#[test]
fn a_baseline_must_be_beaten_too() {
    let new =
        |patience| EarlyStopping::new("eval_scripted").patience(patience).baseline(1.0).unwrap();
    // Ever better, but not good enough in time.
    assert_eq!(stopped(Mode::Min, &[4.0, 3.0, 2.0, 0.5], new(3)), (Some(3), Some(3)));
    assert_eq!(stopped(Mode::Min, &[4.0, 3.0, 0.5, 0.6, 0.4], new(3)), (None, Some(5)));
}

#[test]
fn zero_is_a_value_and_nan_is_no_improvement() {
    let new = || EarlyStopping::new("eval_scripted").patience(2);
    // MindSpore takes 0 for a missing value.
    assert_eq!(stopped(Mode::Min, &[1.0, 0.0, 0.5, 0.5], new()), (Some(4), Some(2)));
    assert_eq!(stopped(Mode::Max, &[-1.0, 0.0, 0.5, 1.0], new()), (None, Some(4)));
    let nan = f64::NAN;
    assert_eq!(stopped(Mode::Min, &[nan, 2.0, nan, nan, 1.0], new()), (Some(4), Some(2)));
    assert_eq!(stopped(Mode::Min, &[nan, nan, 1.0], new()), (Some(2), None));
}

#[test]
fn the_best_weights_come_back() {
    let fc =
        |model: &Model<Small>| model.network().fc.bias.as_ref().unwrap().value().unwrap().clone();
    let new = || EarlyStopping::new("eval_scripted").patience(2);
    let values = [3.0, 2.0, 2.5, 2.6, 0.0];
    let (model, _, weights) = run(Mode::Min, &values, &mut new());
    assert_eq!(fc(&model), weights.0[3], "the last ones, where that was not asked for");
    let (model, _, weights) = run(Mode::Min, &values, &mut new().restore_best_weights(true));
    assert_eq!(fc(&model), weights.0[1]);
    assert_ne!(weights.0[1], weights.0[3]);
    // Also where the epochs ended before patience did.
    let (model, _, weights) = run(Mode::Min, &values[..3], &mut new().restore_best_weights(true));
    assert_eq!(weights.0.len(), 3);
    assert_eq!(fc(&model), weights.0[1]);
}

#[test]
fn epochs_without_validation_do_not_count() {
    let data = batches(6, 6);
    // Cleared for epochs 1 to 4, for the validation after 4, and so on.
    let nan = f64::NAN;
    let values = [nan, nan, nan, nan, 2.0, nan, nan, nan, nan, 3.0, nan, nan, nan, nan, 1.0];
    let script = Scripted::validation(Mode::Min, &[]).values(&values);
    let mut stop = EarlyStopping::new("eval_scripted");
    let validation = Validation::new(&data).frequency(4).unwrap();
    let history = model().metric(script).fit(12, &data, validation, &mut [&mut stop]).unwrap();
    assert_eq!((history.epochs.len(), stop.stopped_epoch()), (8, Some(8)));
    assert_eq!(stop.best_epoch(), Some(4));
}

#[test]
fn a_run_that_goes_on_goes_on_counting() {
    let data = batches(6, 6);
    let values = [1.0, 2.0, 3.0, 4.0, 5.0];
    let mut model = model().metric(Scripted::validation(Mode::Min, &values));
    let mut stop = EarlyStopping::new("eval_scripted").patience(3);
    model.fit(3, &data, &data, &mut [&mut stop]).unwrap();
    assert_eq!((stop.stopped_epoch(), stop.best_epoch()), (None, Some(1)));
    model.fit(3..9, &data, &data, &mut [&mut stop]).unwrap();
    assert_eq!((stop.stopped_epoch(), stop.best_epoch()), (Some(4), Some(1)));
    // A new run begins anew.
    model.fit(1, &data, &data, &mut [&mut stop]).unwrap();
    assert_eq!((stop.stopped_epoch(), stop.best(), stop.best_epoch()), (None, Some(5.0), Some(1)));
}

#[test]
fn it_prints_mindspores_lines() {
    let out = Shared::default();
    let stop = EarlyStopping::new("eval_scripted").restore_best_weights(true).verbose(true);
    run(Mode::Min, &[1.0, 2.0, 3.0], &mut stop.print_to(out.clone()));
    assert_eq!(
        out.text(),
        "Epoch 00002: early stopping\nRestoring model weights from the end of the best epoch.\n"
    );
}

/// It does not say which values are better.
struct Silent;

impl Metric for Silent {
    fn name(&self) -> &str {
        "silent"
    }
    fn clear(&mut self) {}
    fn update(&mut self, _: Outcome<'_>) -> Result<()> {
        Ok(())
    }
    fn eval(&self) -> Result<Value> {
        Ok(Value::Number(0.0))
    }
}

#[test]
fn mistakes_are_told_before_the_first_step() {
    let data = batches(6, 6);
    let fail = |validation: Validation<'_>, monitor: &str| {
        let mut model = model().metric(Accuracy::new()).metric(Silent);
        let mut stop = EarlyStopping::new(monitor);
        let error = model.fit(2, &data, validation, &mut [&mut stop]).unwrap_err();
        assert_eq!(model.optimizer().steps(), 0);
        error.to_string()
    };
    assert_eq!(
        fail(Validation::new(&data), "eval_acc"),
        "EarlyStopping: monitor is `eval_acc`, expected one of: loss, accuracy, silent, eval_loss, \
         eval_accuracy, eval_silent"
    );
    assert_eq!(
        fail(Validation::none(), "eval_loss"),
        "EarlyStopping: monitor is `eval_loss`, expected one of: loss, accuracy, silent (and eval_ \
         before each, where fit is given validation data)"
    );
    assert_eq!(
        fail(Validation::none(), "silent"),
        "EarlyStopping: mode is Mode::Auto, expected Mode::Min or Mode::Max: the metric silent \
         does not say which values are better"
    );
    for bad in [-0.1, f64::NAN, f64::INFINITY] {
        assert_eq!(
            EarlyStopping::new("loss").min_delta(bad).unwrap_err().to_string(),
            format!("EarlyStopping: min_delta is {bad}, expected a finite number, at least 0")
        );
    }
    assert_eq!(
        EarlyStopping::new("loss").baseline(f64::NAN).unwrap_err().to_string(),
        "EarlyStopping: baseline is NaN, expected a number"
    );
}
