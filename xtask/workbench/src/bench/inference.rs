//! Inference: the latency of one image, and the throughput of the test set.

use super::kernels::numbers;
use super::lenet::{self, Data};
use super::measure::{Samples, repeat};
use super::report::{Job, Report};
use super::{Plan, flops};
use anyhow::Result;
use autodiff::Tape;
use datasets::Dataset;
use layers::{Layer, LeNet5, ModuleExt};
use std::hint::black_box;

/// Images that evaluation takes at a time.
const EVALUATION: usize = 1000;

pub(crate) fn run(report: &mut Report, plan: &Plan, data: &Data) -> Result<()> {
    let mut titled = false;
    let mut title = |report: &Report| {
        if !std::mem::replace(&mut titled, true) {
            report.heading("LeNet-5 inference");
        }
    };
    let image = numbers([1, 1, 32, 32]);
    let flops = Some(flops::inference(&lenet::passes(1)?));
    let job = |name, label| Job { name, label, batch: 1, threads: 1, flops, images: Some(1) };
    if report.wants("lenet5_inference") {
        title(report);
        let mut network = LeNet5::new();
        network.initialize(1)?;
        let samples = repeat(plan.kernel * 2, &mut || {
            let tape = Tape::inference();
            black_box(network.forward(tape.constant(image.clone()))?.into_value());
            Ok(())
        })?;
        report.time(&job("lenet5_inference", "batch 1, the network alone, 1 thread"), &samples);
    }
    if report.wants("lenet5_predict") {
        title(report);
        let mut model = lenet::model(1)?;
        let samples = repeat(plan.kernel * 2, &mut || {
            black_box(model.predict(&image)?);
            Ok(())
        })?;
        report.time(&job("lenet5_predict", "batch 1, Model::predict, 1 thread"), &samples);
    }
    let name = "lenet5_evaluation";
    if report.wants(name) {
        title(report);
        let data = data.test.clone().batch(EVALUATION)?;
        let mut contenders = Vec::new();
        for threads in plan.thread_counts() {
            contenders.push((threads, lenet::model(threads)?, Samples::default()));
        }
        for _ in 0..plan.turns {
            for (_, model, samples) in &mut contenders {
                samples.extend(repeat(plan.step / plan.turns, &mut || {
                    black_box(model.eval(&data)?);
                    Ok(())
                })?);
            }
        }
        let images = data.dataset().len();
        for (threads, _, samples) in &contenders {
            let job = Job {
                name,
                label: &format!("all test images, {}", super::threads_text(*threads)),
                batch: EVALUATION,
                threads: *threads,
                flops: Some(flops::inference(&lenet::passes(images)?)),
                images: Some(images),
            };
            report.time(&job, samples);
        }
    }
    Ok(())
}
