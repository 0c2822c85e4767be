//! Two datasets as one.

use crate::{Dataset, Draw, Error, Result, TargetKind, TargetMut};

/// One dataset's samples and then another's, made by [`Dataset::concat`].
///
/// In what they draw at random, the samples of the second keep the numbers that they have there.
#[derive(Clone, Debug)]
pub struct Concat<A, B> {
    first: A,
    second: B,
}

impl<A: Dataset, B: Dataset> Concat<A, B> {
    pub(crate) fn new(first: A, second: B) -> Result<Self> {
        if first.input_shape() != second.input_shape() {
            return Err(Error::Shape {
                name: "the second dataset's input",
                found: second.input_shape().to_vec(),
                expected: format!("{:?} as in the first", first.input_shape()),
            });
        }
        if first.target() != second.target() {
            return Err(Error::argument(
                "concat",
                "the second dataset's target",
                second.target(),
                format!("{} as in the first", first.target()),
            ));
        }
        Ok(Concat { first, second })
    }
}

impl<A: Dataset, B: Dataset> Dataset for Concat<A, B> {
    fn len(&self) -> usize {
        self.first.len() + self.second.len()
    }

    fn input_shape(&self) -> &[usize] {
        self.first.input_shape()
    }

    fn target(&self) -> TargetKind<'_> {
        self.first.target()
    }

    fn background(&self) -> Vec<f32> {
        self.first.background()
    }

    fn fetch(
        &self,
        draw: Draw,
        indices: &[usize],
        input: &mut [f32],
        mut target: TargetMut<'_>,
    ) -> Result<()> {
        self.check(indices, input, &target)?;
        let first = self.first.len();
        let size = self.input_shape().iter().product::<usize>();
        // Runs of samples from one of the two go there in one call.
        let mut done = 0;
        for run in indices.chunk_by(|a, b| (*a < first) == (*b < first)) {
            let input = &mut input[done * size..][..run.len() * size];
            let target = target.part(done, run.len(), indices.len());
            if run[0] < first {
                self.first.fetch(draw, run, input, target)?;
            } else {
                let run: Vec<usize> = run.iter().map(|index| index - first).collect();
                self.second.fetch(draw, &run, input, target)?;
            }
            done += run.len();
        }
        Ok(())
    }
}
