//! Whole programs, from start to exit: this one executes itself.

use super::Plan;
use super::measure::Samples;
use super::process::Process;
use super::report::{Job, Quantity, Report};
use anyhow::{Context, Result, ensure};
use autodiff::Tape;
use layers::{Layer, LeNet5, ModuleExt};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tensor::Tensor;
use train::{load_weights, save_weights};
use xtask::output::result;

/// Loads the weights in `folder` and says which digit the image there shows.
pub(crate) fn classify(folder: &Path) -> Result<()> {
    let mut network = LeNet5::new();
    load_weights(&mut network, folder.join(WEIGHTS))?;
    let bytes = std::fs::read(folder.join(IMAGE)).context(IMAGE)?;
    let pixels: Vec<f32> = bytes.iter().map(|&byte| f32::from(byte) / 255.0).collect();
    let tape = Tape::inference();
    let image = tape.constant(Tensor::from_vec([1, 1, 32, 32], pixels)?);
    let logits = network.forward(image)?.into_value();
    let digits = logits.as_slice().iter().enumerate();
    let best = digits.max_by(|a, b| a.1.total_cmp(b.1)).map(|(digit, _)| digit);
    result(format_args!("{}", best.context("no logits")?));
    Ok(())
}

const WEIGHTS: &str = "weights.safetensors";
const IMAGE: &str = "image.bytes";

/// Measures all of them.
pub(crate) fn run(report: &mut Report, plan: &Plan, data: Option<&Path>) -> Result<()> {
    if ["lenet5_cold_start", "lenet5_train_command"].iter().any(|name| report.wants(name)) {
        report.heading("Whole programs, from start to exit");
    }
    cold_start(report, plan)?;
    train_lenet(report, plan, data)
}

/// From the start of a program to its exit with one image classified.
fn cold_start(report: &mut Report, plan: &Plan) -> Result<()> {
    let name = "lenet5_cold_start";
    if !report.wants(name) {
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let mut network = LeNet5::new();
    network.initialize(1)?;
    save_weights(&network, folder.path().join(WEIGHTS))?;
    let image: Vec<u8> = (0..32 * 32).map(|i| (i * 7 % 256) as u8).collect();
    std::fs::write(folder.path().join(IMAGE), image)?;
    let mut samples = Samples::default();
    for _ in 0..plan.starts {
        let start = Instant::now();
        let mut child = this_program()?
            .args(["bench", "--classify"])
            .arg(folder.path())
            .stdout(Stdio::null())
            .spawn()?;
        let status = child.wait()?;
        samples.push(start.elapsed().as_secs_f64());
        ensure!(status.success(), "the program that classifies one image failed: {status}");
    }
    let label = "weights read, 1 image classified";
    let job = Job { name, label, batch: 1, threads: 1, flops: None, images: None };
    report.time(&job, &samples);
    Ok(())
}

/// The command `train-lenet`: how long it takes, and how much memory.
fn train_lenet(report: &mut Report, plan: &Plan, data: Option<&Path>) -> Result<()> {
    let name = "lenet5_train_command";
    if !report.wants(name) {
        return Ok(());
    }
    let (mut samples, mut memory) = (Samples::default(), None);
    for _ in 0..plan.runs {
        let out = tempfile::tempdir()?;
        let mut command = this_program()?;
        command.args(["train-lenet", "--epochs", "2", "--threads"]);
        command.arg(plan.threads.to_string()).arg("--out").arg(out.path());
        if let Some(folder) = data {
            command.arg("--data-dir").arg(folder);
        }
        let start = Instant::now();
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        watch(&mut child, &mut memory, Duration::from_millis(5))?;
        samples.push(start.elapsed().as_secs_f64());
    }
    let label = "train-lenet --epochs 2";
    let job = Job { name, label, batch: 32, threads: plan.threads, flops: None, images: None };
    report.time(&job, &samples);
    if let Some(bytes) = memory {
        let value = bytes as f64 / 1e6;
        let name = "lenet5_peak_memory".to_owned();
        let quantity = Quantity { name, batch: 32, threads: plan.threads, value, unit: "MB" };
        report.quantity("its peak memory", quantity);
    }
    Ok(())
}

pub(crate) fn this_program() -> Result<Command> {
    Ok(Command::new(std::env::current_exe().context("this program cannot be found")?))
}

/// Waits for the program's exit, and looks at its memory meanwhile: the peak, unless that came
/// within the last `pause`.
pub(crate) fn watch(child: &mut Child, peak: &mut Option<u64>, pause: Duration) -> Result<()> {
    let process = Process::of(child);
    loop {
        *peak = (*peak).max(process.peak_memory());
        if let Some(status) = child.try_wait()? {
            ensure!(status.success(), "a program that was started failed: {status}");
            return Ok(());
        }
        std::thread::sleep(pause);
    }
}
