//! Training, saving and loading do not grow. Programs of their own, one test at a time, because what
//! is counted is the process's.

#[path = "all/common.rs"]
mod common;

use common::{Small, batches};
use layers::SoftmaxCrossEntropyWithLogits;
use optim::Momentum;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use tensor::fresh_buffers;
use train::{
    Accuracy, Checkpointing, Error, Model, TrainingCheckpoint, Validation, load_weights,
    save_weights,
};

/// Held while a test counts.
static ALONE: Mutex<()> = Mutex::new(());

fn model(threads: usize) -> Model<Small> {
    let loss = SoftmaxCrossEntropyWithLogits::new();
    let optimizer = Momentum::new(0.01, 0.9).unwrap();
    Model::new(Small::new(), loss, optimizer).metric(Accuracy::new()).threads(threads)
}

#[test]
fn steps_reuse_the_buffers_of_the_steps_before() {
    let _alone = ALONE.lock();
    let data = batches(150, 50);
    let mut one = model(1);
    one.train(2, &data).unwrap();
    let warm = fresh_buffers();
    one.train(100, &data).unwrap();
    assert_eq!(fresh_buffers(), warm, "300 steps on one thread take no fresh buffer");

    // Two threads keep some free buffers each, and which thread frees a shard's is chance; but one
    // more for every step would show.
    model(2).train(200, &data).unwrap();
    assert!(fresh_buffers() <= 5 * warm, "{} after {warm}", fresh_buffers());
}

/// A run that is interrupted after every step, so that each step is a save, a load and a new model.
/// SPORELET_CYCLES asks for more of them.
#[test]
fn cycles_of_saving_and_loading_end_with_the_same_bits() {
    let _alone = ALONE.lock();
    let cycles: usize = std::env::var("SPORELET_CYCLES").map_or(40, |text| text.parse().unwrap());
    // Long epochs, because a checkpoint grows with the history of those before it.
    let data = batches(100, 1);
    let epochs = cycles.div_ceil(data.len());
    let folder = tempfile::tempdir().unwrap();
    let (kept, weights) = (folder.path().join("kept"), folder.path().join("weights.safetensors"));
    let interrupted = Arc::new(AtomicBool::new(true));
    let checkpointing = Checkpointing::new(&kept).stop_when(interrupted);

    let mut warm = (0, None);
    let mut loaded = Small::new();
    for cycle in 0..epochs * data.len() {
        let mut model = model(1).checkpointing(checkpointing.clone());
        let end = match TrainingCheckpoint::newest(&kept).unwrap() {
            Some(checkpoint) => {
                assert_eq!(checkpoint.global_step(), cycle);
                model.resume(&checkpoint, &data, Validation::none(), &mut [])
            }
            None => model.fit(epochs, &data, Validation::none(), &mut []),
        };
        assert!(matches!(end, Err(Error::Interrupted { .. })), "{end:?}");
        save_weights(model.network(), &weights).unwrap();
        load_weights(&mut loaded, &weights).unwrap();
        assert!(std::fs::read_dir(&kept).unwrap().count() <= 2);
        if cycle == epochs * data.len() / 4 {
            warm = (fresh_buffers(), resident());
        }
    }
    let grown = resident().zip(warm.1).map(|(now, then)| now.saturating_sub(then));
    let buffers = fresh_buffers() - warm.0;
    let mut whole = model(1);
    whole.train(epochs, &data).unwrap();
    let expected = folder.path().join("whole.safetensors");
    save_weights(whole.network(), &expected).unwrap();
    assert!(std::fs::read(&weights).unwrap() == std::fs::read(&expected).unwrap());

    println!("{cycles} cycles; after the first quarter {buffers} fresh buffers, {grown:?} kB more");
    assert!(grown.is_none_or(|kilobytes| kilobytes < 2048), "{grown:?} kB");
    assert!(buffers < 64, "{buffers} fresh buffers");
}

/// Resident memory in kB, where the system tells it.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}
