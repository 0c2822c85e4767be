//! A walk over all samples of a dataset.

use crate::{Dataset, Draw, Result, TargetKind, TargetMut};

/// Shows every sample once, in order and a few at a time: their indices, their inputs one after
/// another, and their labels, of which there are none where targets are not classes.
///
/// They are as epoch 0 of seed 0 draws them.
pub(crate) fn scan(
    dataset: &dyn Dataset,
    mut each: impl FnMut(&[usize], &[f32], &[u32]) -> Result<()>,
) -> Result<()> {
    let product = |shape: &[usize]| shape.iter().product::<usize>();
    let size = product(dataset.input_shape());
    let all: Vec<usize> = (0..dataset.len()).collect();
    let (mut input, mut labels, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for indices in all.chunks(64) {
        input.resize(indices.len() * size, 0.0);
        let target = match dataset.target() {
            TargetKind::Class { .. } => {
                labels.resize(indices.len(), 0);
                TargetMut::Class(&mut labels)
            }
            TargetKind::Values { shape } => {
                values.resize(indices.len() * product(shape), 0.0);
                TargetMut::Values(&mut values)
            }
        };
        dataset.fetch(Draw::default(), indices, &mut input, target)?;
        each(indices, &input, &labels)?;
    }
    Ok(())
}
