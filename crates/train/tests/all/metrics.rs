//! Metrics: scikit-learn's values on the same data, and what wrong data is told.
//!
//! `reference/make.py` writes the file and says what is in it.

use crate::common::{Small, batches};
use layers::{SoftmaxCrossEntropyWithLogits, Target};
use optim::Sgd;
use reference::{Comparison, Reference, deviation};
use tensor::Tensor;
use train::{
    Accuracy, Average, ConfusionMatrix, Fbeta, MeanAbsoluteError, MeanSquaredError, Metric, Model,
    NormalizeBy, Outcome, Precision, Recall, RocAuc, RootMeanSquaredError, TopKCategoricalAccuracy,
    Value, metric_by_name,
};

const TOLERANCE: f64 = 1e-12;

/// The metric that the script calls so, and its name in the record of comparisons.
fn metric(name: &str) -> (Box<dyn Metric>, &'static str) {
    let (base, average) = match name.split_once('_') {
        Some((base, "micro")) => (base, Average::Micro),
        Some((base, "weighted")) => (base, Average::Weighted),
        Some((base, "per_class")) => (base, Average::PerClass),
        _ => (name, Average::Macro),
    };
    let fbeta = |beta| Box::new(Fbeta::new(beta).unwrap().average(average));
    let top = |k| Box::new(TopKCategoricalAccuracy::new(k).unwrap());
    let matrix = |normalize| Box::new(ConfusionMatrix::new().normalize(normalize));
    match base {
        "accuracy" => (Box::new(Accuracy::new()), "Accuracy"),
        "precision" => (Box::new(Precision::new().average(average)), "Precision"),
        "recall" => (Box::new(Recall::new().average(average)), "Recall"),
        "f1" => (fbeta(1.0), "Fbeta"),
        "f2" => (fbeta(2.0), "Fbeta"),
        "f0.5" => (fbeta(0.5), "Fbeta"),
        "auc" => (Box::new(RocAuc::new().average(average).unwrap()), "RocAuc"),
        "top_1_accuracy" => (top(1), "TopKCategoricalAccuracy"),
        "top_2_accuracy" => (top(2), "TopKCategoricalAccuracy"),
        "confusion_matrix_None" => (matrix(NormalizeBy::None), "ConfusionMatrix"),
        "confusion_matrix_true" => (matrix(NormalizeBy::Truth), "ConfusionMatrix"),
        "confusion_matrix_pred" => (matrix(NormalizeBy::Prediction), "ConfusionMatrix"),
        "confusion_matrix_all" => (matrix(NormalizeBy::All), "ConfusionMatrix"),
        "mae" => (Box::new(MeanAbsoluteError::new()), "MeanAbsoluteError"),
        "mse" => (Box::new(MeanSquaredError::new()), "MeanSquaredError"),
        "rmse" => (Box::new(RootMeanSquaredError::new()), "RootMeanSquaredError"),
        other => panic!("{other} is not tested"),
    }
}

/// What the record of comparisons says of a metric of the script.
fn what(name: &str) -> &str {
    match name {
        "confusion_matrix_None" => "counts",
        "confusion_matrix_true" => "by truth",
        "confusion_matrix_pred" => "by prediction",
        "confusion_matrix_all" => "by all",
        _ if name.ends_with("_micro") => "micro",
        _ if name.ends_with("_weighted") => "weighted",
        _ if name.ends_with("_per_class") => "per class",
        _ => "value",
    }
}

fn outcome<'a>(prediction: &'a Tensor, target: &'a Target) -> Outcome<'a> {
    Outcome { prediction, target, loss: 0.0, weight: target.samples() as f64 }
}

/// Feeds a metric in parts of different sizes.
fn feed(metric: &mut dyn Metric, prediction: &Tensor, target: &Target) {
    let (samples, mut start) = (target.samples(), 0);
    for size in [1, 7, 16, 2, samples] {
        let end = samples.min(start + size);
        if start < end {
            let (prediction, target) =
                (prediction.rows(start, end).unwrap(), target.rows(start, end).unwrap());
            metric.update(outcome(&prediction, &target)).unwrap();
        }
        start = end;
    }
}

fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Number(number) => vec![*number],
        Value::PerClass(numbers) => numbers.clone(),
        Value::Matrix(matrix) => matrix.rows.concat(),
    }
}

#[test]
fn metrics_agree_with_scikit_learn() {
    let file = Reference::open(include_bytes!("../reference/metrics.safetensors"));
    let mut compared = 0;
    for case in file.cases() {
        let name = case["name"].as_str().unwrap();
        let prediction = file.tensor::<f32>(&format!("{name}/scores"));
        let targets = file.tensor::<f32>(&format!("{name}/targets"));
        let target = if targets.shape().len() == 1 {
            let labels: Vec<u32> = targets.as_slice().iter().map(|&label| label as u32).collect();
            Target::Class(Tensor::from_vec([targets.len()], labels).unwrap())
        } else {
            Target::Values(targets)
        };
        for entry in case["metrics"].as_array().unwrap() {
            let entry = entry.as_str().unwrap();
            let (mut metric, piece) = metric(entry);
            if case["kind"] == "multilabel" {
                metric = Box::new(Accuracy::multilabel());
            }
            let expected = file.tensor::<f64>(&format!("{name}/{entry}"));
            // What came before a clear does not count.
            feed(&mut *metric, &prediction, &target);
            metric.clear();
            feed(&mut *metric, &prediction, &target);
            let found = numbers(&metric.eval().unwrap());
            let row = Comparison::new("metric", piece, &file.peer());
            row.check_numbers(what(entry), &found, expected.as_slice(), TOLERANCE);
            compared += 1;
        }
    }
    assert!(compared > 50, "{compared}");
}

/// 50 samples in batches of 36: shards of 16, 16 and 4, and a last batch of 14.
#[test]
fn metrics_are_the_same_for_any_number_of_threads() {
    let scores = |threads| {
        let loss = SoftmaxCrossEntropyWithLogits::new();
        let model = Model::new(Small::new(), loss, Sgd::new(0.1).unwrap()).threads(threads);
        let names = ["accuracy", "precision", "recall", "f1", "confusion_matrix", "auc"];
        let history = model.metrics(names).unwrap().train(2, &batches(50, 36)).unwrap();
        history.epochs.into_iter().map(|record| record.train).collect::<Vec<_>>()
    };
    let one = scores(1);
    assert!(one[1].get("auc").unwrap() > 0.0 && one[1].value("confusion_matrix").is_ok());
    for threads in [2, 4] {
        assert_eq!(scores(threads), one, "{threads} threads");
    }
}

#[test]
fn differences_from_mindspore() {
    // Three elements for each of two samples.
    let prediction = Tensor::from_vec([2, 3], vec![1.0, 0.0, 0.0, 0.0, 0.0, 2.0]).unwrap();
    let target = Target::Values(Tensor::zeros([2, 3]));
    let mut mae = MeanAbsoluteError::new();
    mae.update(outcome(&prediction, &target)).unwrap();
    assert_eq!(mae.eval().unwrap(), Value::Number(0.5));
    deviation(
        "metric",
        "MeanAbsoluteError, MeanSquaredError",
        "sum / number of samples, however many elements a sample has",
        "the mean over all elements",
        "as the losses of the same names, scikit-learn and PyTorch",
    );
    let mut loss = train::LossMetric::new();
    for (mean, samples) in [(1.0, 3.0), (5.0, 1.0)] {
        let outcome = Outcome { loss: mean, weight: samples, ..outcome(&prediction, &target) };
        loss.update(outcome).unwrap();
    }
    assert_eq!(loss.eval().unwrap(), Value::Number(2.0));
    deviation(
        "metric",
        "LossMetric",
        "the mean of the batches' means",
        "weighted by samples",
        "a small last batch counts no more than its samples",
    );
}

#[test]
fn the_first_largest_counts() {
    let prediction = Tensor::from_vec([3, 2], vec![0.5, 0.5, -1.0, 2.0, 0.0, -0.5]).unwrap();
    let labels = Target::Class(Tensor::from_vec([3], vec![0, 1, 1]).unwrap());
    let one_hot = Target::Values(Tensor::from_vec([3, 2], vec![1., 0., 0., 1., 1., 0.]).unwrap());
    let mut metrics: [Box<dyn Metric>; 2] =
        [Box::new(Accuracy::new()), Box::new(TopKCategoricalAccuracy::new(1).unwrap())];
    for metric in &mut metrics {
        metric.update(outcome(&prediction, &labels)).unwrap();
        assert_eq!(metric.eval().unwrap(), Value::Number(2.0 / 3.0));
    }
    metrics[0].update(outcome(&prediction, &one_hot)).unwrap();
    assert_eq!(metrics[0].eval().unwrap(), Value::Number(5.0 / 6.0));
}

#[test]
fn the_area_needs_no_probabilities_that_differ() {
    // As f64 probabilities of the second class, the last three are all 1.
    let prediction = Tensor::from_vec([4, 2], vec![0., -1., 0., 90., 0., 95., 0., 99.]).unwrap();
    let target = Target::Class(Tensor::from_vec([4], vec![0, 0, 1, 1]).unwrap());
    let mut auc = RocAuc::new();
    auc.update(outcome(&prediction, &target)).unwrap();
    assert_eq!(auc.eval().unwrap(), Value::Number(1.0));
    // One class alone has no area.
    auc.clear();
    auc.update(outcome(&prediction, &Target::Class(Tensor::zeros([4])))).unwrap();
    let Value::Number(area) = auc.eval().unwrap() else { panic!("a number") };
    assert!(area.is_nan());
    // Probabilities are taken as they are.
    let mut auc = RocAuc::new().probabilities(true);
    let shares = Tensor::from_vec([2, 3], vec![0.5, 0.4, 0.1, 0.6, 0.1, 0.3]).unwrap();
    let target = Target::Class(Tensor::from_vec([2], vec![0, 1]).unwrap());
    auc.update(outcome(&shares, &target)).unwrap();
    assert_eq!(auc.eval().unwrap(), Value::Number(0.0));
}

#[test]
fn a_confusion_matrix_prints_as_a_table() {
    let prediction =
        Tensor::from_vec([4, 3], vec![2., 1., 0., 0., 3., 0., 1., 0., 0., 0., 0., 1.]).unwrap();
    let target = Target::Class(Tensor::from_vec([4], vec![0, 0, 1, 2]).unwrap());
    let print = |matrix: ConfusionMatrix| {
        let mut matrix = matrix;
        matrix.update(outcome(&prediction, &target)).unwrap();
        matrix.eval().unwrap().to_string()
    };
    assert_eq!(
        print(
            ConfusionMatrix::new().normalize(NormalizeBy::Truth).labels(["cat", "ox", "penguin"])
        ),
        "                predicted\n\
         \x20                 cat     ox  penguin\n\
         truth  cat      0.500  0.500    0.000\n\
         \x20      ox       1.000  0.000    0.000\n\
         \x20      penguin  0.000  0.000    1.000"
    );
    assert_eq!(
        print(ConfusionMatrix::new()),
        "          predicted\n\
         \x20         0  1  2\n\
         truth  0  1  1  0\n\
         \x20      1  1  0  0\n\
         \x20      2  0  0  1"
    );
}

#[test]
fn nothing_to_evaluate_is_an_error() {
    for name in ["accuracy", "loss", "precision", "f1", "confusion_matrix", "mae", "rmse", "auc"] {
        let error = metric_by_name(name).unwrap().eval().unwrap_err().to_string();
        assert!(
            error.contains(": no samples were given since the last clear; update it with"),
            "{name}: {error}"
        );
    }
    let error = Accuracy::new().eval().unwrap_err().to_string();
    assert_eq!(
        error,
        "accuracy: no samples were given since the last clear; update it with predictions first"
    );
}

#[test]
fn wrong_data_is_named() {
    let fail = |metric: &mut dyn Metric, prediction: Tensor, target: Target| {
        metric.update(outcome(&prediction, &target)).unwrap_err().to_string()
    };
    let labels = |labels: &[u32]| Target::Class(Tensor::from_vec([labels.len()], labels).unwrap());
    let zeros = |shape: &[usize]| Tensor::zeros(shape);
    let shapes = "predictions need the shape [samples, classes] or [samples, 1], targets [samples] \
                  or that of the predictions";
    for (prediction, target, operands) in [
        (zeros(&[3, 2]), labels(&[0; 4]), "prediction [3, 2], target [4]"),
        (zeros(&[3]), labels(&[0; 3]), "prediction [3], target [3]"),
        (zeros(&[0, 2]), labels(&[]), "prediction [0, 2], target [0]"),
        (zeros(&[3, 2]), Target::Values(zeros(&[3, 1])), "prediction [3, 2], target [3, 1]"),
    ] {
        let error = fail(&mut Accuracy::new(), prediction, target);
        assert_eq!(error, format!("accuracy: {shapes} ({operands})"));
    }
    for name in ["precision", "recall", "f1", "confusion_matrix", "auc", "top_1_accuracy", "mae"] {
        let error = fail(&mut *metric_by_name(name).unwrap(), zeros(&[3, 2, 2]), labels(&[0; 3]));
        assert!(error.ends_with("(prediction [3, 2, 2], target [3])"), "{error}");
    }
    let mut nan = zeros(&[2, 2]);
    nan.as_mut_slice()[3] = f32::NAN;
    for name in
        ["accuracy", "precision", "recall", "f1", "confusion_matrix", "auc", "top_1_accuracy"]
    {
        let error = fail(&mut *metric_by_name(name).unwrap(), nan.clone(), labels(&[0, 1]));
        let text = ": prediction is NaN, expected a number everywhere; the weights or the inputs \
                    hold NaN";
        assert!(error.ends_with(text), "{error}");
    }
    assert_eq!(
        fail(&mut MeanSquaredError::new(), nan.clone(), Target::Values(zeros(&[2, 2]))),
        "mse: prediction is NaN, expected a number everywhere; the weights or the inputs hold NaN"
    );
    assert_eq!(
        fail(&mut Accuracy::multilabel(), zeros(&[3, 2]), labels(&[0; 3])),
        "accuracy: predictions and targets need the same shape [samples, labels] (prediction \
         [3, 2], target [3])"
    );
    for name in ["accuracy", "precision", "auc", "top_1_accuracy"] {
        let error = fail(&mut *metric_by_name(name).unwrap(), zeros(&[2, 2]), labels(&[0, 2]));
        assert!(error.contains("label 2 at position 1 is out of range, expected 0..=1"), "{error}");
    }
    assert_eq!(
        fail(&mut TopKCategoricalAccuracy::new(5).unwrap(), zeros(&[1, 3]), labels(&[0])),
        "top_k_accuracy: k is 5, expected at most 3, the number of classes"
    );
    let mut recall = Recall::new();
    recall.update(outcome(&zeros(&[1, 3]), &labels(&[0]))).unwrap();
    assert_eq!(
        fail(&mut recall, zeros(&[1, 4]), labels(&[0])),
        "recall: number of classes is 4, expected 3, as of the samples before"
    );
    assert_eq!(
        fail(&mut ConfusionMatrix::new().labels(["a", "b"]), zeros(&[1, 3]), labels(&[0])),
        "confusion_matrix: labels is 2 names, expected one for each of the 3 classes"
    );
}

#[test]
fn wrong_arguments_are_named() {
    assert_eq!(
        TopKCategoricalAccuracy::new(0).unwrap_err().to_string(),
        "TopKCategoricalAccuracy: k is 0, expected at least 1"
    );
    for beta in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(
            Fbeta::new(beta).unwrap_err().to_string(),
            format!("Fbeta: beta is {beta}, expected a finite number above 0")
        );
    }
    assert_eq!(
        RocAuc::new().average(Average::Micro).unwrap_err().to_string(),
        "RocAuc: average is Micro, expected Macro, Weighted or PerClass"
    );
    assert_eq!(Fbeta::new(0.5).unwrap().average(Average::Weighted).name(), "f0.5_weighted");
}
