//! The loop: hooks, history, printed lines, stopping.

use crate::common::{Shared, Small, batches};
use layers::SoftmaxCrossEntropyWithLogits;
use optim::{CosineDecayLr, Sgd};
use train::{
    Accuracy, Callback, EpochRecord, Epochs, LossMonitor, Model, Result, RunContext, Validation,
};

fn model(rate: f64) -> Model<Small> {
    let loss = SoftmaxCrossEntropyWithLogits::new();
    Model::new(Small::new(), loss, Sgd::new(rate).unwrap()).metric(Accuracy::new()).threads(2)
}

/// Notes which hooks run.
#[derive(Default)]
struct Notes(Vec<String>);

impl Notes {
    fn note(&mut self, what: &str, run: &RunContext<'_>) -> Result<()> {
        self.0.push(format!("{what} {}.{}", run.epoch, run.step));
        Ok(())
    }
}

impl Callback for Notes {
    fn on_train_begin(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        assert!(run.loss.is_nan() && run.epochs == 2 && run.steps_per_epoch == 2);
        self.note("begin", run)
    }
    fn on_train_epoch_begin(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        self.note("epoch", run)
    }
    fn on_train_step_begin(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        self.note("step", run)
    }
    fn on_train_step_end(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        assert!(run.loss.is_finite() && run.scores()?.get("accuracy")?.is_finite());
        assert_eq!(run.samples, run.step * 10);
        self.note("stepped", run)
    }
    fn on_train_epoch_end(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        // Evaluation has run on the same metrics by now; the training scores are still there.
        let evaluation = run.evaluation.unwrap();
        assert_ne!(evaluation.get("loss")?, run.scores()?.get("loss")?);
        self.note("epoch over", run)
    }
    fn on_train_end(&mut self, run: &mut RunContext<'_>) -> Result<()> {
        self.note("end", run)
    }
}

#[test]
fn hooks_run_in_order() {
    let mut notes = Notes::default();
    let data = batches(20, 10);
    model(0.1).fit(2, &data, Some(&batches(15, 4)), &mut [&mut notes]).unwrap();
    let expected = "begin 0.0, epoch 1.0, step 1.1, stepped 1.1, step 1.2, stepped 1.2, \
                    epoch over 1.2, epoch 2.0, step 2.1, stepped 2.1, step 2.2, stepped 2.2, \
                    epoch over 2.2, end 2.2";
    assert_eq!(notes.0.join(", "), expected);
}

#[test]
fn a_callback_can_stop() {
    struct Stop;
    impl Callback for Stop {
        fn on_train_step_end(&mut self, run: &mut RunContext<'_>) -> Result<()> {
            if run.step == 2 {
                run.request_stop();
            }
            Ok(())
        }
    }
    let mut model = model(0.1);
    let history = model.fit(5, &batches(40, 10), Validation::none(), &mut [&mut Stop]).unwrap();
    assert_eq!(history.epochs.len(), 1);
    assert_eq!((history.epochs[0].steps, history.epochs[0].samples), (2, 20));
    assert_eq!(model.optimizer().steps(), 2);
}

#[test]
fn an_error_of_a_callback_ends_training() {
    struct Fail;
    impl Callback for Fail {
        fn on_train_epoch_end(&mut self, _: &mut RunContext<'_>) -> Result<()> {
            Err(train::Error::Callback("the log is full".into()))
        }
    }
    let error =
        model(0.1).fit(5, &batches(40, 10), Validation::none(), &mut [&mut Fail]).unwrap_err();
    assert_eq!(error.to_string(), "callback: the log is full");
}

#[test]
fn history_has_every_epoch() {
    let loss = SoftmaxCrossEntropyWithLogits::new();
    let rate = CosineDecayLr::new(0.0, 0.1, 12).unwrap();
    let mut model = Model::new(Small::new(), loss, Sgd::new(rate).unwrap()).metric(Accuracy::new());
    let history = model.fit(3, &batches(31, 8), Some(&batches(10, 10)), &mut []).unwrap();
    assert_eq!(history.epochs.len(), 3);
    for (i, record) in history.epochs.iter().enumerate() {
        assert_eq!((record.epoch, record.steps, record.samples), (i + 1, 4, 31));
        // The rate of the epoch's last step, the optimizer's (4 i + 3)rd from 0.
        let done = (4 * i + 3) as f64 / 12.0;
        let rate = 0.05 * (1.0 + (std::f64::consts::PI * done).cos());
        assert!((record.learning_rate - rate).abs() < 1e-12);
        assert!(record.evaluation.as_ref().unwrap().get("accuracy").is_ok());
    }
    let accuracies = history.series("eval_accuracy").unwrap();
    let of = |record: &EpochRecord| record.evaluation.as_ref().unwrap().get("accuracy").unwrap();
    assert_eq!(accuracies[1], (2, of(&history.epochs[1])));
    assert_eq!(accuracies.len(), 3);
    assert_eq!(
        history.series("acc").unwrap_err().to_string(),
        "no score is named `acc`; there are: loss, accuracy, eval_loss, eval_accuracy"
    );
    let json = serde_json::to_value(&history).unwrap();
    assert_eq!(json[2]["epoch"], 3);
    assert!(json[2]["train"]["accuracy"].is_f64() && json[2]["evaluation"]["loss"].is_f64());
}

#[test]
fn the_loss_monitor_prints_mindspores_lines() {
    let out = Shared::default();
    let mut monitor = LossMonitor::new(2).unwrap().print_to(out.clone());
    let data = batches(50, 10);
    let validation = Validation::new(&data).after_epochs([2]);
    let history = model(0.1).fit(2, &data, validation, &mut [&mut monitor]).unwrap();
    let text = out.text();
    let mut lines: Vec<_> = text.lines().collect();
    let [(2, loss)] = history.series("eval_loss").unwrap()[..] else { panic!("epoch 2 alone") };
    let [(2, accuracy)] = history.series("eval_accuracy").unwrap()[..] else { panic!() };
    assert_eq!(
        lines.pop().unwrap(),
        format!("Eval result: epoch 2, metrics: {{'loss': {loss:?}, 'accuracy': {accuracy:?}}}")
    );
    assert_eq!(lines.len(), 4, "{text}");
    for (line, place) in lines.iter().zip(["1 step: 2", "1 step: 4", "2 step: 2", "2 step: 4"]) {
        let loss = line.strip_prefix(&format!("epoch: {place}, loss is ")).unwrap();
        assert!(loss.parse::<f64>().unwrap() > 0.0, "{line}");
    }
    assert_eq!(
        LossMonitor::new(0).unwrap_err().to_string(),
        "LossMonitor: per_print_times is 0, expected at least 1 step"
    );
}

#[test]
fn epochs_go_on_over_calls() {
    let data = batches(40, 10);
    let mut once = model(0.1);
    once.train(4, &data).unwrap();
    let mut twice = model(0.1);
    twice.train(1, &data).unwrap();
    twice.train(3, &data).unwrap();
    let value = |model: &Model<Small>| model.network().fc.weight.value().unwrap().clone();
    assert_eq!(value(&once), value(&twice));
}

/// A run that is interrupted and carried on draws what it would have drawn.
#[test]
fn a_range_of_epochs_carries_a_run_on() {
    let data = batches(40, 10);
    let mut once = model(0.1);
    let whole = once.train(4, &data).unwrap();

    let mut before = model(0.1);
    before.train(2, &data).unwrap();
    // As from a checkpoint: another model with the same weights.
    let network = before.into_network();
    let loss = SoftmaxCrossEntropyWithLogits::new();
    let mut after = Model::new(network, loss, Sgd::new(0.1).unwrap()).metric(Accuracy::new());
    let history = after.train(2..4, &data).unwrap();
    let numbers: Vec<_> = history.epochs.iter().map(|record| record.epoch).collect();
    assert_eq!(numbers, [3, 4]);
    assert_eq!(history.series("loss").unwrap(), whole.series("loss").unwrap()[2..]);
    let value = |model: &Model<Small>| model.network().fc.weight.value().unwrap().clone();
    assert_eq!(value(&after), value(&once));
}

#[test]
fn validation_runs_when_it_is_asked_for() {
    let data = batches(20, 10);
    let after = |validation: Validation<'_>| {
        let history = model(0.1).fit(1..7, &data, validation, &mut []).unwrap();
        let evaluated = history.epochs.iter().filter(|record| record.evaluation.is_some());
        evaluated.map(|record| record.epoch).collect::<Vec<_>>()
    };
    assert_eq!(after(Validation::new(&data)), [2, 3, 4, 5, 6, 7]);
    assert_eq!(after(Validation::new(&data).frequency(3).unwrap()), [3, 6]);
    assert_eq!(after(Validation::new(&data).after_epochs([1, 2, 5, 9])), [2, 5]);
    assert!(after(Validation::none()).is_empty());
    assert_eq!(
        Validation::new(&data).frequency(0).unwrap_err().to_string(),
        "Validation: frequency is 0, expected at least 1 epoch"
    );
}

#[test]
fn epochs_that_are_none_are_refused() {
    let error = |epochs: Epochs| model(0.1).train(epochs, &batches(4, 4)).unwrap_err().to_string();
    assert_eq!(error(0.into()), "train: epochs is 0, expected at least 1");
    assert_eq!(
        error((5..5).into()),
        "train: epochs is 5..5, expected an end beyond the start, which is the number of epochs \
         trained before"
    );
}
