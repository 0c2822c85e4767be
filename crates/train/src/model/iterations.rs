//! Algorithm 3.1 as the chapter writes it: iterations, not epochs.

use super::Model;
use crate::batch::Drawn;
use crate::{Error, Result};
use datasets::{Dataset, Draw};
use layers::Layer;
use tensor::parallel::keep_awake;
use tensor::random::Stream;

impl<N: Layer> Model<N> {
    /// The chapter's Algorithm 3.1 (§3.2), line by line: T `iterations`, each on a mini-batch of
    /// b = `batch_size` samples that is drawn anew from the whole data, uniformly and without
    /// replacement. Returns the loss of each mini-batch, before its update.
    ///
    /// 1. w_0: the parameters, drawn from the model's seed where they have no value yet.
    /// 2. For t = 1..T:
    /// 3. draw b samples from the stream (seed, "mini-batch", t, 0);
    /// 4. forward, layer by layer;
    /// 5. the error from the loss, and the output layer's gradient;
    /// 6. backward, the hidden layers' gradients;
    /// 7. the parameters' gradients and the update, eq. (3.11):
    ///    w_t = w_(t-1) - (α/b) Σ ∂J^(i) with [`Sgd`](optim::Sgd) of rate α and a loss that is a
    ///    mean; another optimizer takes the same gradient in its own way.
    ///
    /// t counts the model's updates, so two calls of T/2 iterations do what one of T does.
    ///
    /// [`Model::train`] goes through the data instead: between two uses of a sample lie all the
    /// others, where here one may come in the next iteration again and another much later.
    ///
    /// ```
    /// use datasets::ArrayDataset;
    /// use layers::{Dense, MseLoss};
    /// use ndarray::{Array2, array};
    /// use optim::Sgd;
    /// use train::Model;
    ///
    /// // y = 3 x
    /// let x = Array2::from_shape_fn((20, 1), |(i, _)| i as f32 / 20.0);
    /// let data = ArrayDataset::with_values(x.clone(), 3.0 * x)?;
    /// let mut model = Model::new(Dense::new(1, 1), MseLoss::new(), Sgd::new(0.5)?);
    /// let losses = model.train_iterations(200, 4, &data)?;
    /// assert_eq!(losses.len(), 200);
    /// assert!(losses[199] < 1e-4);
    /// # Ok::<(), train::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] where the batch is empty or larger than the data; otherwise as
    /// [`Model::fit`]. The weights are those of the last good iteration.
    pub fn train_iterations<D: Dataset>(
        &mut self,
        iterations: usize,
        batch_size: usize,
        data: &D,
    ) -> Result<Vec<f64>> {
        let samples = data.len();
        if batch_size == 0 || batch_size > samples {
            return Err(Error::Argument {
                operation: "train_iterations",
                argument: "batch_size",
                found: batch_size.to_string(),
                expected: match samples {
                    0 => "data with at least one sample".to_owned(),
                    _ => format!("1 to {samples}, the number of samples to draw from"),
                },
            });
        }
        self.in_pool(batch_size, |model| {
            keep_awake(|| {
                let iteration = |_| {
                    let t = model.optimizer.steps() + 1;
                    let mut stream = Stream::new(model.seed, "mini-batch", t, 0);
                    let indices = stream.sample(samples, batch_size);
                    let draw = Draw { seed: model.seed, epoch: t };
                    let samples = Drawn { dataset: data, draw, indices: &indices };
                    Ok(model.step(&samples, 0, t as usize)?.loss)
                };
                (0..iterations).map(iteration).collect()
            })
        })
    }
}
