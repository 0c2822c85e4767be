//! What the callbacks print, save and write.

use crate::common::{Scripted, Shared, Small, batches};
use layers::{ModuleExt, SoftmaxCrossEntropyWithLogits};
use optim::{CosineDecayLr, Plateau, Sgd};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tensor::Tensor;
use train::{
    Accuracy, Callback, ConfusionMatrix, CsvLogger, EarlyStopping, JsonlLogger, LambdaCallback,
    LearningRateScheduler, Mode, Model, ModelCheckpoint, ReduceLrOnPlateau, StepHistory,
    TensorBoard, TimeMonitor, Validation, load_weights,
};

fn model() -> Model<Small> {
    let loss = SoftmaxCrossEntropyWithLogits::new();
    let rate = CosineDecayLr::new(0.0, 0.1, 100).unwrap();
    Model::new(Small::new(), loss, Sgd::new(rate).unwrap()).metric(Accuracy::new()).threads(1)
}

fn weights(network: &Small) -> Vec<Tensor> {
    network.parameters().into_iter().map(|(_, p)| p.value().unwrap().clone()).collect()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn times_are_those_of_the_history() {
    let (out, data) = (Shared::default(), batches(20, 5));
    let mut monitor = TimeMonitor::new().print_to(out.clone());
    let validation = Validation::new(&data).after_epochs([2]);
    let history = model().fit(2, &data, validation, &mut [&mut monitor]).unwrap();
    let line = |what: &str, seconds: f64| {
        let (epoch, step) = (1e3 * seconds, 1e3 * seconds / 4.0);
        format!("{what} epoch time: {epoch:5.3} ms, per step time: {step:5.3} ms\n")
    };
    let [first, second] = &history.epochs[..] else { panic!("two epochs") };
    let expected = line("Train", first.seconds)
        + &line("Eval", second.evaluation_seconds)
        + &line("Train", second.seconds);
    assert_eq!(out.text(), expected);
}

#[test]
fn closures_are_hooks() {
    let (out, data) = (Shared::default(), batches(10, 5));
    let note = |what: &'static str| {
        let mut out = out.clone();
        move |run: &mut train::RunContext<'_>| {
            use std::io::Write;
            write!(out, "{what} {}.{} ", run.epoch, run.step).unwrap();
            Ok(())
        }
    };
    let mut callback = LambdaCallback::new()
        .on_train_begin(note("begin"))
        .on_train_epoch_begin(note("epoch"))
        .on_train_step_begin(note("step"))
        .on_train_step_end(note("stepped"))
        .on_train_epoch_end(note("over"))
        .on_train_end(note("end"));
    model().fit(1, &data, Validation::none(), &mut [&mut callback]).unwrap();
    let expected =
        "begin 0.0 epoch 1.0 step 1.1 stepped 1.1 step 1.2 stepped 1.2 over 1.2 end 1.2 ";
    assert_eq!(out.text(), expected);
}

#[test]
fn a_scheduler_sets_the_rate_of_every_step() {
    let (data, rates) = (batches(20, 5), Shared::default());
    let mut scheduler =
        LearningRateScheduler::new(|rate, step| if step == 1 { 0.5 } else { rate / 2.0 });
    let mut out = rates.clone();
    let mut note = LambdaCallback::new().on_train_step_end(move |run| {
        use std::io::Write;
        write!(out, "{} ", run.learning_rate).unwrap();
        Ok(())
    });
    let history =
        model().fit(2, &data, Validation::none(), &mut [&mut scheduler, &mut note]).unwrap();
    assert_eq!(rates.text(), "0.5 0.25 0.125 0.0625 0.03125 0.015625 0.0078125 0.00390625 ");
    assert_eq!(history.epochs[1].learning_rate, 0.00390625);

    let mut bad = LearningRateScheduler::new(|_, _| -1.0);
    let error = model().fit(1, &data, Validation::none(), &mut [&mut bad]).unwrap_err();
    assert_eq!(error.to_string(), "sgd: learning rate is -1, expected a finite number, at least 0");
}

#[test]
fn checkpoints_are_kept_by_age_and_by_score() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("runs/first");
    let data = batches(20, 5);
    let script = Scripted::validation(Mode::Max, &[0.1, 0.5, 0.5, 0.2]);
    let mut model = model().metric(script);
    let new = || ModelCheckpoint::new(&directory).unwrap().prefix("net").keep_last(2).unwrap();
    let mut checkpoint = new().keep_best("eval_scripted");
    let seen = Arc::new(Mutex::new(Vec::new()));
    let epochs = seen.clone();
    let mut note = LambdaCallback::new().on_train_epoch_end(move |run| {
        let parameters = run.network().parameters();
        let values = parameters.into_iter().map(|(_, p)| p.value().unwrap().clone());
        epochs.lock().unwrap().push(values.collect::<Vec<_>>());
        Ok(())
    });
    model.fit(4, &data, &data, &mut [&mut checkpoint, &mut note]).unwrap();
    let second = seen.lock().unwrap()[1].clone();
    let files = ["net-3_4.safetensors", "net-4_4.safetensors", "net-best.safetensors"];
    assert_eq!(names(&directory), files);
    assert_eq!(checkpoint.last_file(), Some(&*directory.join("net-4_4.safetensors")));
    let load = |path: &Path| {
        let mut network = Small::new();
        load_weights(&mut network, path).unwrap();
        weights(&network)
    };
    assert_eq!(load(&checkpoint.best_file()), second, "the first of the best epochs");
    assert_eq!(load(checkpoint.last_file().unwrap()), weights(model.network()));

    // A run that goes on in another process deletes what the first one left over, and knows its best.
    let script = Scripted::validation(Mode::Max, &[0.4, 0.6]);
    let mut model = self::model().metric(script);
    let mut after = new().keep_best("eval_scripted");
    after.load_state(&checkpoint.state()).unwrap();
    let before = load(&after.best_file());
    model.fit(4..5, &data, &data, &mut [&mut after]).unwrap();
    assert_eq!(names(&directory)[..2], ["net-4_4.safetensors", "net-5_4.safetensors"]);
    assert_eq!(load(&after.best_file()), before, "0.4 is not better than 0.5");
    model.fit(5..6, &data, &data, &mut [&mut after]).unwrap();
    assert_eq!(load(&after.best_file()), weights(model.network()));
}

#[test]
fn checkpoints_come_when_they_are_due() {
    let data = batches(20, 5);
    let saved = |options: fn(ModelCheckpoint) -> train::Result<ModelCheckpoint>| {
        let folder = tempfile::tempdir().unwrap();
        let checkpoint = ModelCheckpoint::new(folder.path()).unwrap().keep_last(99).unwrap();
        let mut checkpoint = options(checkpoint).unwrap();
        model().fit(3, &data, Validation::none(), &mut [&mut checkpoint]).unwrap();
        names(folder.path()).join(" ").replace(".safetensors", "").replace("CKP-", "")
    };
    assert_eq!(saved(Ok), "1_4 2_4 3_4");
    assert_eq!(saved(|c| c.every_epochs(2)), "2_4 3_4");
    assert_eq!(saved(|c| c.every_steps(3)), "1_3 2_2 3_1 3_4");
    assert_eq!(saved(|c| c.every_steps(5)?.every_epochs(2)), "2_1 2_4 3_2 3_4");
    assert_eq!(saved(|c| c.every_seconds(3600.0)), "3_4");
    assert_eq!(saved(|c| c.every_seconds(1e-9)).split(' ').count(), 12);
}

#[test]
fn checkpoints_that_cannot_be_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let new = || ModelCheckpoint::new(folder.path()).unwrap();
    let text = |error: train::Result<ModelCheckpoint>| error.unwrap_err().to_string();
    assert_eq!(
        text(new().every_steps(0)),
        "ModelCheckpoint: every_steps is 0, expected at least 1 step"
    );
    assert_eq!(
        text(new().every_epochs(0)),
        "ModelCheckpoint: every_epochs is 0, expected at least 1 epoch"
    );
    assert_eq!(
        text(new().keep_last(0)),
        "ModelCheckpoint: keep_last is 0, expected at least 1 file"
    );
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(
            text(new().every_seconds(bad)),
            format!("ModelCheckpoint: every_seconds is {bad}, expected a finite number above 0")
        );
    }
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = text(ModelCheckpoint::new(file.join("inside")));
    assert!(error.contains("the directory for checkpoints could not be made: "), "{error}");
}

/// The rates after each epoch whose validation gives these values.
fn rates(values: &[f64], mut reduce: ReduceLrOnPlateau) -> Vec<f64> {
    let (data, rates) = (batches(6, 6), Arc::new(Mutex::new(Vec::new())));
    let epochs = rates.clone();
    let mut note = LambdaCallback::new().on_train_epoch_end(move |run| {
        epochs.lock().unwrap().push(run.optimizer().learning_rate());
        Ok(())
    });
    let loss = SoftmaxCrossEntropyWithLogits::new();
    let mut model = Model::new(Small::new(), loss, Sgd::new(0.5).unwrap()).threads(1);
    model = model.metric(Scripted::validation(Mode::Max, values));
    model.fit(values.len(), &data, &data, &mut [&mut reduce, &mut note]).unwrap();
    let rates = rates.lock().unwrap();
    rates.clone()
}

#[test]
fn the_rate_is_reduced_on_a_plateau() {
    let plateau = || Plateau::new(0.5).unwrap().patience(2).min_delta(0.0).unwrap();
    let out = Shared::default();
    let new = || ReduceLrOnPlateau::new("eval_scripted", plateau());
    let values = [0.1, 0.2, 0.2, 0.1, 0.0, 0.3, 0.0, 0.0];
    let reduce = new().verbose(true).print_to(out.clone());
    assert_eq!(rates(&values, reduce), [0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.125]);
    assert_eq!(
        out.text(),
        "Epoch 00004: ReduceLROnPlateau reducing learning rate to 0.25.\n\
         Epoch 00008: ReduceLROnPlateau reducing learning rate to 0.125.\n"
    );
    let least = rates(&values, new().min_lr(0.2).unwrap());
    assert!((least[7] - 0.2).abs() < 1e-12 && least[3] == 0.25, "{least:?}");
    let smaller = rates(&values, new().mode(Mode::Min));
    assert_eq!(smaller, [0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.125, 0.125]);

    // From its state, the second bad epoch in a row comes first.
    let data = batches(6, 6);
    let mut before = new();
    let mut first = model().metric(Scripted::validation(Mode::Max, &[0.5, 0.4]));
    first.fit(2, &data, &data, &mut [&mut before]).unwrap();
    let mut after = new();
    after.load_state(&before.state()).unwrap();
    let loss = SoftmaxCrossEntropyWithLogits::new();
    let mut second = Model::new(Small::new(), loss, Sgd::new(0.5).unwrap()).threads(1);
    second = second.metric(Scripted::validation(Mode::Max, &[0.4]));
    second.fit(2..3, &data, &data, &mut [&mut after]).unwrap();
    assert_eq!(second.optimizer().learning_rate(), 0.25);

    assert_eq!(
        new().min_lr(f64::NAN).unwrap_err().to_string(),
        "ReduceLrOnPlateau: min_lr is NaN, expected a finite number, at least 0"
    );
}

/// What early stopping remembers survives as data.
#[test]
fn early_stopping_goes_on_from_its_state() {
    let data = batches(6, 6);
    let new = || EarlyStopping::new("eval_scripted").patience(3).restore_best_weights(true);
    let mut before = new();
    let mut first = model().metric(Scripted::validation(Mode::Min, &[2.0, 1.0, 1.5]));
    first.fit(3, &data, &data, &mut [&mut before]).unwrap();
    let best = weights(first.network());

    let mut second = model().metric(Scripted::validation(Mode::Min, &[1.5, 1.5, 1.5]));
    let mut after = new();
    after.load_state(&before.state()).unwrap();
    second.fit(3..9, &data, &data, &mut [&mut after]).unwrap();
    assert_eq!((after.stopped_epoch(), after.best_epoch()), (Some(5), Some(2)));
    assert_eq!(weights(second.network()), best);
}

#[test]
fn a_csv_file_has_a_row_for_each_epoch() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.csv");
    let data = batches(20, 5);
    let mut model = model().metric(ConfusionMatrix::new());
    let validation = || Validation::new(&data).frequency(2).unwrap();
    let mut logger = CsvLogger::new(&path);
    let history = model.fit(3, &data, validation(), &mut [&mut logger]).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
    let head = "epoch,learning_rate,seconds,loss,accuracy,eval_loss,eval_accuracy";
    assert_eq!(rows[0].join(","), head);
    assert_eq!(rows.len(), 4);
    for (row, record) in rows[1..].iter().zip(&history.epochs) {
        assert_eq!(row[0], record.epoch.to_string());
        assert_eq!(row[3].parse::<f64>().unwrap(), record.train.get("loss").unwrap());
        match &record.evaluation {
            Some(scores) => {
                assert_eq!(row[6].parse::<f64>().unwrap(), scores.get("accuracy").unwrap());
            }
            None => assert_eq!(row[5..], ["", ""]),
        }
    }

    // Carried on from epoch 2: the third row is replaced.
    model.fit(2..4, &data, validation(), &mut [&mut CsvLogger::new(&path)]).unwrap();
    let after = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<_> = after.lines().collect();
    let kept: Vec<_> = text.lines().take(3).collect();
    assert_eq!(lines[..3], kept);
    assert!(
        lines.len() == 5 && lines[3].starts_with("3,") && lines[4].starts_with("4,"),
        "{after}"
    );

    let mut other = self::model();
    let error = other.fit(4..5, &data, Validation::none(), &mut [&mut CsvLogger::new(&path)]);
    assert_eq!(
        error.unwrap_err().to_string(),
        format!(
            "{}: the log has the columns {head}, but this run has \
             epoch,learning_rate,seconds,loss,accuracy; log to another file, or train with the \
             same metrics and validation",
            path.display()
        )
    );
    // A new run begins anew.
    other.fit(1, &data, Validation::none(), &mut [&mut CsvLogger::new(&path)]).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 2);
}

#[test]
fn json_lines_have_the_whole_record() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.jsonl");
    let data = batches(20, 5);
    let mut model = model().metric(ConfusionMatrix::new());
    let history = model.fit(3, &data, &data, &mut [&mut JsonlLogger::new(&path)]).unwrap();
    let read = || -> Vec<serde_json::Value> {
        let text = std::fs::read_to_string(&path).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    // As text, since parsing rounds the last bit.
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(format!("[{}]", lines.join(",")), serde_json::to_string(&history).unwrap());
    let matrix = &read()[0]["evaluation"]["confusion_matrix"];
    assert_eq!(matrix.as_array().unwrap().len(), 3);
    model.fit(1..2, &data, &data, &mut [&mut JsonlLogger::new(&path)]).unwrap();
    let epochs: Vec<_> = read().iter().map(|line| line["epoch"].as_u64().unwrap()).collect();
    assert_eq!(epochs, [1, 2]);
}

/// An event's step and scalars.
type Event = (u64, Vec<(String, f32)>);

/// Takes a file apart, as its format is described in the TensorFlow sources.
fn events(path: &Path) -> Vec<Event> {
    let bytes = std::fs::read(path).unwrap();
    let (mut rest, mut events) = (&bytes[..], Vec::new());
    while !rest.is_empty() {
        let length = u64::from_le_bytes(rest[..8].try_into().unwrap()) as usize;
        let data = &rest[12..12 + length];
        for (checked, at) in [(&rest[..8], 8), (data, 12 + length)] {
            let sum = u32::from_le_bytes(rest[at..at + 4].try_into().unwrap());
            assert_eq!(sum.wrapping_sub(0xa282_ead8).rotate_left(15), crc32c(checked));
        }
        let (mut step, mut scalars) = (0, Vec::new());
        for (field, value) in fields(data) {
            match (field, value) {
                (1, Field::Eight(time)) => assert!(f64::from_bits(time) > 1e9),
                (2, Field::Varint(number)) => step = number,
                (3, Field::Bytes(version)) => assert_eq!(version, b"brain.Event:2"),
                (5, Field::Bytes(summary)) => {
                    for (field, value) in fields(summary) {
                        let (1, Field::Bytes(value)) = (field, value) else { panic!("{field}") };
                        match &fields(value)[..] {
                            [(1, Field::Bytes(tag)), (2, Field::Four(bits))] => {
                                let tag = String::from_utf8(tag.to_vec()).unwrap();
                                scalars.push((tag, f32::from_bits(*bits)));
                            }
                            other => panic!("{} fields", other.len()),
                        }
                    }
                }
                (other, _) => panic!("field {other}"),
            }
        }
        events.push((step, scalars));
        rest = &rest[16 + length..];
    }
    assert_eq!(events.remove(0), (0, Vec::new()), "the version comes first");
    events
}

enum Field<'a> {
    Varint(u64),
    Eight(u64),
    Four(u32),
    Bytes(&'a [u8]),
}

/// The fields of a Protocol Buffers message.
fn fields(mut data: &[u8]) -> Vec<(u64, Field<'_>)> {
    fn varint(data: &mut &[u8]) -> u64 {
        let (mut number, mut shift) = (0, 0);
        loop {
            let byte = data[0];
            *data = &data[1..];
            number |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                return number;
            }
        }
    }
    let mut fields = Vec::new();
    while !data.is_empty() {
        let key = varint(&mut data);
        let (value, rest) = match key & 7 {
            0 => (Field::Varint(varint(&mut data)), data),
            1 => (Field::Eight(u64::from_le_bytes(data[..8].try_into().unwrap())), &data[8..]),
            2 => {
                let length = varint(&mut data) as usize;
                (Field::Bytes(&data[..length]), &data[length..])
            }
            5 => (Field::Four(u32::from_le_bytes(data[..4].try_into().unwrap())), &data[4..]),
            other => panic!("wire type {other}"),
        };
        fields.push((key >> 3, value));
        data = rest;
    }
    fields
}

/// By polynomial division of the message as a number, unlike the code under test.
fn crc32c(data: &[u8]) -> u32 {
    let mut remainder = 0_u32;
    let bits = data.iter().flat_map(|byte| (0..8).map(move |bit| byte >> bit & 1));
    for (i, bit) in bits.chain([0; 32]).enumerate() {
        let bit = u32::from(bit) ^ u32::from(i < 32);
        let carry = remainder >> 31;
        remainder = (remainder << 1 | bit) ^ (0x1edc_6f41 * carry);
    }
    !remainder.reverse_bits()
}

#[test]
fn tensorboard_shows_what_the_history_has() {
    // `reference/read_events.py` has TensorBoard read what stays in this folder.
    let temporary = tempfile::tempdir().unwrap();
    let kept = std::env::var_os("SPORELET_EVENTS").map(PathBuf::from);
    let folder = kept.as_deref().unwrap_or(temporary.path());
    let data = batches(20, 5);
    let mut board = TensorBoard::new(folder).every_steps(2).unwrap();
    let mut lines = JsonlLogger::new(folder.join("epochs.jsonl"));
    let validation = Validation::new(&data).after_epochs([2, 3]);
    let callbacks: &mut [&mut dyn Callback] = &mut [&mut board, &mut lines];
    let history = model().fit(3, &data, validation, callbacks).unwrap();
    let only_file = |run: &str| {
        let [name] = &names(&folder.join(run))[..] else { panic!("one file") };
        assert!(name.starts_with("events.out.tfevents."), "{name}");
        events(&folder.join(run).join(name))
    };
    let scalar = |events: &[Event], tag: &str| -> Vec<(usize, f32)> {
        let of = |(step, scalars): &Event| {
            let value = scalars.iter().find(|(known, _)| known == tag)?.1;
            Some((*step as usize, value))
        };
        events.iter().filter_map(of).collect()
    };
    let expected = |name: &str| -> Vec<(usize, f32)> {
        history.series(name).unwrap().into_iter().map(|(step, x)| (step, x as f32)).collect()
    };
    let (train, validation) = (only_file("train"), only_file("validation"));
    for name in ["loss", "accuracy"] {
        assert_eq!(scalar(&train, &format!("epoch_{name}")), expected(name));
        assert_eq!(
            scalar(&validation, &format!("epoch_{name}")),
            expected(&format!("eval_{name}"))
        );
    }
    let rates: Vec<_> =
        history.epochs.iter().map(|epoch| (epoch.epoch, epoch.learning_rate as f32)).collect();
    assert_eq!(scalar(&train, "epoch_learning_rate"), rates);
    let steps: Vec<_> = scalar(&train, "batch_loss").into_iter().map(|(step, _)| step).collect();
    assert_eq!(steps, [2, 4, 6, 8, 10, 12]);

    assert_eq!(
        TensorBoard::new(folder).every_steps(0).unwrap_err().to_string(),
        "TensorBoard: every_steps is 0, expected at least 1 step"
    );
    let error = model().fit(
        1,
        &data,
        Validation::none(),
        &mut [&mut TensorBoard::new(folder.join("epochs.jsonl"))],
    );
    let error = error.unwrap_err().to_string();
    assert!(error.contains("epochs.jsonl/train: the event file could not be made: "), "{error}");
}

#[test]
fn every_step_is_kept_with_the_accuracy_of_its_batch() {
    let data = batches(22, 5);
    let mut steps = StepHistory::new().mean_score("accuracy").mean_score("loss");
    let history = model().fit(3, &data, Validation::none(), &mut [&mut steps]).unwrap();
    let [losses, accuracies, rates] =
        ["loss", "accuracy", "learning_rate"].map(|name| steps.series(name).unwrap());
    assert_eq!([losses.len(), accuracies.len(), rates.len()], [3 * data.len(); 3]);
    for (epoch, record) in history.epochs.iter().enumerate() {
        let of_epoch = |series: &[f32]| {
            let steps = &series[epoch * data.len()..][..data.len()];
            // Every batch is full but for the last, where one is left over.
            let sizes = (0..data.len()).map(|step| 5.min(record.samples - 5 * step) as f64);
            let sum: f64 = steps.iter().zip(sizes).map(|(x, size)| f64::from(*x) * size).sum();
            sum / record.samples as f64
        };
        assert!((of_epoch(losses) - record.train.get("loss").unwrap()).abs() < 1e-6);
        assert!((of_epoch(accuracies) - record.train.get("accuracy").unwrap()).abs() < 1e-6);
        let last = rates[(epoch + 1) * data.len() - 1];
        assert_eq!(last, record.learning_rate as f32);
    }
    assert!(accuracies.iter().all(|share| (share * 10.0).fract() == 0.0), "{accuracies:?}");
    let json = serde_json::to_value(&steps).unwrap();
    assert_eq!(json["loss"].as_array().unwrap().len(), 3 * data.len());
    assert_eq!(json.as_object().unwrap().len(), 3);

    model().fit(1, &data, Validation::none(), &mut [&mut steps]).unwrap();
    assert_eq!(steps.series("loss").unwrap().len(), data.len(), "another run begins anew");
    let error = steps.series("f1").unwrap_err().to_string();
    assert_eq!(error, "no score is named `f1`; there are: loss, learning_rate, accuracy");
    let mut wrong = StepHistory::new().mean_score("f1");
    let error = model().fit(1, &data, Validation::none(), &mut [&mut wrong]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no score is named `f1`; there are: loss, accuracy (and eval_ before each, where fit is given \
         validation data)"
    );
}

#[test]
fn what_is_no_state_of_a_step_history_is_told() {
    let state = StepHistory::new().state();
    let error = StepHistory::new().mean_score("accuracy").load_state(&state).unwrap_err();
    let told = "StepHistory: the kept state has no values of accuracy; load what this StepHistory \
                has kept";
    assert_eq!(error.to_string(), told);
}
