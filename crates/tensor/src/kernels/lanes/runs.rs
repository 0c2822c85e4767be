//! Which taps of a kernel meet which pixels, along one axis.

use crate::WindowAxis;

/// Neighbouring outputs that sum over the same taps.
///
/// Output `first + i · step` is the sum over `t < taps` of the weight at tap
/// `tap + t · tap_step` times the source at `source + i · source_step + t · source_tap_step`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) first: usize,
    pub(super) count: usize,
    pub(super) step: usize,
    pub(super) source: usize,
    pub(super) source_step: usize,
    pub(super) tap: usize,
    pub(super) taps: usize,
    pub(super) tap_step: usize,
    pub(super) source_tap_step: isize,
}

/// What is summed: the image under each window, or the output gradients that an image's pixel
/// took part in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Forward,
    Backward,
}

/// The runs along an axis. Every output is in exactly one.
#[derive(Clone, Debug)]
pub(super) struct Runs<'a> {
    axis: &'a WindowAxis,
    direction: Direction,
    /// Next output; for [`Direction::Backward`] the next of its phase.
    next: usize,
    phase: usize,
}

impl<'a> Runs<'a> {
    pub(super) fn new(axis: &'a WindowAxis, direction: Direction) -> Self {
        Runs { axis, direction, next: 0, phase: 0 }
    }

    /// The run from the output at `position` on, or that output alone.
    fn single(&self, position: usize) -> Run {
        match self.direction {
            Direction::Forward => self.window(position),
            Direction::Backward => self.pixel(position),
        }
    }

    /// Output `o` reads pixel `o · stride + tap · dilation - pad`.
    fn window(&self, o: usize) -> Run {
        let WindowAxis { input, kernel, stride, dilation, pad_before, .. } = *self.axis;
        let start = o * stride;
        let tap = pad_before.saturating_sub(start).div_ceil(dilation).min(kernel);
        let end = (pad_before + input).saturating_sub(start).div_ceil(dilation).min(kernel);
        let taps = end.saturating_sub(tap);
        Run {
            first: o,
            count: 1,
            step: 1,
            source: if taps > 0 { start + tap * dilation - pad_before } else { 0 },
            source_step: stride,
            tap,
            taps,
            tap_step: 1,
            source_tap_step: dilation.cast_signed(),
        }
    }

    /// Pixel `i` was read by output `o` through `tap` where `o · stride = i + pad - tap · dilation`.
    fn pixel(&self, i: usize) -> Run {
        let WindowAxis { kernel, stride, dilation, pad_before, output, .. } = *self.axis;
        let padded = i + pad_before;
        let reads = |tap: usize| {
            let offset = padded.checked_sub(tap * dilation)?;
            (offset % stride == 0 && offset / stride < output).then_some(offset / stride)
        };
        let common = gcd(stride, dilation);
        let (tap_step, back) = (stride / common, (dilation / common).cast_signed());
        let mut run = Run {
            first: i,
            count: 1,
            step: stride,
            source_step: 1,
            tap_step,
            source_tap_step: -back,
            ..Run::default()
        };
        if stride == 1 {
            // Taps 0 to the last that does not begin before the output, but for those that end
            // behind it; and how far on these are the same.
            let (last, behind) = (padded / dilation, (padded + 1).saturating_sub(output));
            run.tap = behind.div_ceil(dilation);
            run.taps = (last + 1).min(kernel).saturating_sub(run.tap);
            run.source = if run.taps > 0 { padded - run.tap * dilation } else { 0 };
            let more = if last + 1 < kernel { (last + 1) * dilation } else { usize::MAX };
            run.count = (run.tap * dilation + output).min(more) - padded;
            return run;
        }
        // The taps that read form an arithmetic sequence: both ends are cut off by the borders.
        for tap in 0..kernel {
            if let Some(source) = reads(tap) {
                if run.taps == 0 {
                    (run.tap, run.source) = (tap, source);
                }
                run.taps += 1;
            }
        }
        run
    }
}

impl Iterator for Runs<'_> {
    type Item = Run;

    fn next(&mut self) -> Option<Run> {
        let (outputs, step) = match self.direction {
            Direction::Forward => (self.axis.output, 1),
            Direction::Backward => (self.axis.input, self.axis.stride),
        };
        if self.next >= outputs {
            self.phase += 1;
            self.next = self.phase;
            if self.phase >= step.min(outputs) {
                return None;
            }
        }
        let mut run = self.single(self.next);
        if self.direction == Direction::Forward && self.axis.pad_before + self.axis.pad_after == 0 {
            // Every window is whole.
            run.count = outputs;
            self.next = outputs;
            return Some(run);
        }
        run.count = run.count.min((outputs - self.next).div_ceil(step));
        self.next += run.count * step;
        while self.next < outputs {
            let other = self.single(self.next);
            let follows = other.source == run.source + run.count * run.source_step;
            if (other.tap, other.taps) != (run.tap, run.taps) || (run.taps > 0 && !follows) {
                break;
            }
            run.count += 1;
            self.next += step;
        }
        Some(run)
    }
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Conv2dGeometry, Conv2dOptions, PadMode, Shape};

    /// All axes with sizes up to these, that exist.
    fn axes() -> Vec<WindowAxis> {
        let mut axes = Vec::new();
        for input in 1..=7 {
            for kernel in 1..=5 {
                for stride in 1..=4 {
                    for dilation in 1..=3 {
                        for [before, after] in [[0, 0], [1, 0], [0, 2], [2, 3], [5, 5]] {
                            let options = Conv2dOptions::default()
                                .stride([stride, 1])
                                .dilation([dilation, 1])
                                .pad_mode(PadMode::Pad([before, after, 0, 0]));
                            let shapes = [[1, 1, input, 1], [1, 1, kernel, 1]].map(Shape::from);
                            let geometry = Conv2dGeometry::new(&shapes[0], &shapes[1], &options);
                            axes.extend(geometry.ok().map(|g| *g.height()));
                        }
                    }
                }
            }
        }
        assert!(axes.len() > 800, "{}", axes.len());
        axes
    }

    /// Every (window, tap, pixel) that meets, as the definition of a convolution says.
    fn meetings(axis: &WindowAxis) -> Vec<[usize; 3]> {
        let mut all = Vec::new();
        for o in 0..axis.output {
            for tap in 0..axis.kernel {
                let padded = o * axis.stride + tap * axis.dilation;
                if (axis.pad_before..axis.pad_before + axis.input).contains(&padded) {
                    all.push([o, tap, padded - axis.pad_before]);
                }
            }
        }
        all.sort_unstable();
        all
    }

    #[test]
    fn runs_visit_every_meeting_once_and_every_output_once() {
        for axis in axes() {
            for direction in [Direction::Forward, Direction::Backward] {
                let (mut outputs, mut found) = (Vec::new(), Vec::new());
                for run in Runs::new(&axis, direction) {
                    for i in 0..run.count {
                        let output = run.first + i * run.step;
                        outputs.push(output);
                        for t in 0..run.taps {
                            let source = (run.source + i * run.source_step).cast_signed()
                                + t.cast_signed() * run.source_tap_step;
                            let (tap, source) =
                                (run.tap + t * run.tap_step, source.cast_unsigned());
                            found.push(match direction {
                                Direction::Forward => [output, tap, source],
                                Direction::Backward => [source, tap, output],
                            });
                        }
                    }
                }
                outputs.sort_unstable();
                found.sort_unstable();
                let len = match direction {
                    Direction::Forward => axis.output,
                    Direction::Backward => axis.input,
                };
                assert_eq!(outputs, (0..len).collect::<Vec<_>>(), "{axis:?} {direction:?}");
                assert_eq!(found, meetings(&axis), "{axis:?} {direction:?}");
            }
        }
    }

    #[test]
    fn without_padding_the_forward_pass_is_one_run() {
        for axis in axes().iter().filter(|axis| axis.pad_before + axis.pad_after == 0) {
            assert_eq!(Runs::new(axis, Direction::Forward).count(), 1, "{axis:?}");
        }
    }
}
