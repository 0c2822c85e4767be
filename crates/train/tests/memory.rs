//! Training does not grow. One test, because the count of fresh buffers is the process's.

#[path = "all/common.rs"]
mod common;

use common::{Small, batches};
use layers::SoftmaxCrossEntropyWithLogits;
use optim::Momentum;
use tensor::fresh_buffers;
use train::{Accuracy, Model};

#[test]
fn steps_reuse_the_buffers_of_the_steps_before() {
    let data = batches(150, 50);
    let model = |threads| {
        let loss = SoftmaxCrossEntropyWithLogits::new();
        let optimizer = Momentum::new(0.01, 0.9).unwrap();
        Model::new(Small::new(), loss, optimizer).metric(Accuracy::new()).threads(threads)
    };
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
