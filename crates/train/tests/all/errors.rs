//! What is told of metrics and of kept states that do not fit, word for word. `mistakes.rs` has what
//! training is told, `metrics.rs` and `training_checkpoints.rs` the rest.

use crate::common::batches;
use layers::{Dense, Flatten, Sequential, SoftmaxCrossEntropyWithLogits, Target};
use optim::{Plateau, Sgd};
use tensor::Tensor;
use train::{
    Average, Callback, EarlyStopping, Metric, Model, ModelCheckpoint, Outcome, Precision,
    ReduceLrOnPlateau, Result, RocAuc, State, TopKCategoricalAccuracy, Value, metric_by_name,
};

/// A metric of a user who has not thought of checkpoints.
struct Worst(f64);

impl Metric for Worst {
    fn name(&self) -> &str {
        "worst"
    }

    fn clear(&mut self) {
        self.0 = 0.0;
    }

    fn update(&mut self, outcome: Outcome<'_>) -> Result<()> {
        self.0 = self.0.max(outcome.loss);
        Ok(())
    }

    fn eval(&self) -> Result<Value> {
        Ok(self.0.into())
    }
}

#[test]
fn a_metric_that_keeps_no_state() {
    let expected = "Checkpointing: metrics is worst, which cannot be carried on within an epoch, \
                    expected metrics that implement Metric::state and Metric::load_state";
    assert_eq!(Worst(0.0).state().unwrap_err().to_string(), expected);
    assert_eq!(Worst(0.0).load_state(&State::default()).unwrap_err().to_string(), expected);
}

#[test]
fn states_of_something_else() {
    let state = State::default().with("wait", 0.5);
    let cases = [
        (
            state.count("EarlyStopping", "wait").map(|_| ()),
            "EarlyStopping: the kept state has 0.5 as wait, expected a whole number from 0 to 9007199254740992; \
             load what this EarlyStopping has kept",
        ),
        (
            state.required("EarlyStopping", "best").map(|_| ()),
            "EarlyStopping: the kept state has no best; load what this EarlyStopping has kept",
        ),
        (
            EarlyStopping::new("loss").load_state(&state),
            "EarlyStopping: the kept state has no best_epoch; load what this EarlyStopping has kept",
        ),
        (
            metric_by_name("accuracy").unwrap().load_state(&state),
            "accuracy: the kept state has no correct; load what this accuracy has kept",
        ),
        (
            metric_by_name("confusion_matrix")
                .unwrap()
                .load_state(&State::default().with("classes", 2.0)),
            "confusion_matrix: the kept state has not a whole number for each pair of 2 classes; \
             load what this confusion_matrix has kept",
        ),
    ];
    for (result, expected) in cases {
        assert_eq!(result.unwrap_err().to_string(), expected);
    }
}

/// A `best` alone is also what other callbacks keep: it is not taken for one's own, and nothing of it
/// is loaded.
#[test]
fn a_best_score_of_another_callback() {
    let folder = tempfile::tempdir().unwrap();
    let mut reduce = ReduceLrOnPlateau::new("loss", Plateau::new(0.5).unwrap());
    let mut checkpoint = ModelCheckpoint::new(folder.path()).unwrap().keep_best("loss");
    let best = State::default().with("best", 0.25);
    let waited = best.clone().with("waited", 1.0);
    let stopping = best.clone().with("best_epoch", 2.0).with("wait", 1.0);
    let callbacks: [&mut dyn Callback; 2] = [&mut reduce, &mut checkpoint];
    let [reduce, checkpoint] = callbacks;
    refuses(reduce, &best, "has no waited");
    refuses(reduce, &waited, "has no cooling");
    refuses(
        reduce,
        &waited.clone().with("cooling", -1.0),
        "has -1.0 as cooling, expected a whole number from 0 to 9007199254740992",
    );
    refuses(checkpoint, &stopping, "has best_epoch, expected only best and written.*");
    let mut words = best.clone();
    words.texts.insert("words".to_owned(), String::new());
    refuses(checkpoint, &words, "has words, expected only best and written.*");

    let whole = waited.with("cooling", 0.0);
    reduce.load_state(&whole).unwrap();
    assert_eq!(reduce.state(), whole);
    checkpoint.load_state(&best).unwrap();
    assert_eq!(checkpoint.state(), best);
}

fn refuses(callback: &mut dyn Callback, state: &State, detail: &str) {
    let (name, before) = (callback.name().to_owned(), callback.state());
    assert_eq!(
        callback.load_state(state).unwrap_err().to_string(),
        format!("{name}: the kept state {detail}; load what this {name} has kept")
    );
    assert_eq!(callback.state(), before);
}

#[test]
fn predictions_of_another_shape() {
    let prediction = Tensor::zeros([3, 2, 2]);
    let target = Target::Class(Tensor::zeros([3]));
    let outcome = Outcome { prediction: &prediction, target: &target, loss: 0.0, weight: 3.0 };
    assert_eq!(
        RocAuc::new().update(outcome).unwrap_err().to_string(),
        "auc: predictions need the shape [samples, classes] with labels [samples], or [samples, 1] \
         with labels or 0 and 1 of the same shape (prediction [3, 2, 2], target [3])"
    );
    assert_eq!(
        TopKCategoricalAccuracy::new(1).unwrap().update(outcome).unwrap_err().to_string(),
        "top_k_accuracy: predictions need the shape [samples, classes], targets are labels [samples] \
         (prediction [3, 2, 2], target [3])"
    );
}

#[test]
fn a_score_that_is_no_number() {
    let network = Sequential::new().add(Flatten::new()).add(Dense::new(64, 3));
    let loss = SoftmaxCrossEntropyWithLogits::new();
    let mut model = Model::new(network, loss, Sgd::new(0.1).unwrap())
        .metric(Precision::new().average(Average::PerClass));
    let scores = model.eval(&batches(12, 4)).unwrap();
    assert_eq!(
        scores.get("precision_per_class").unwrap_err().to_string(),
        "the score `precision_per_class` is a number for each class, not a number; read it by \
         Scores::value"
    );
}
