//! The register blocks of [`Gather`](super::Gather).

use super::super::{LANES, even_blocks};
use crate::kernels::vector::{Kernel, Vector};
use std::mem;

/// Most pixels in a block.
const MOST_PIXELS: usize = 8;

/// Sums that must be independent of each other to keep two multiply-adds a cycle busy.
const LATENCY: usize = 8;

/// What a tap of a block costs, roughly: it cannot be faster than its loads, nor than the latency
/// of its sums.
pub(super) const fn cost<V: Vector>(channels: usize, pixels: usize) -> usize {
    let loads = channels * V::SPLAT + pixels;
    let mut cycles = channels * pixels;
    if cycles < loads {
        cycles = loads;
    }
    if cycles < LATENCY {
        cycles = LATENCY;
    }
    4 * cycles + loads
}

/// Pixels of a block of that many channels: accumulators, the smaller of the two operands and
/// one vector of the other fit the registers. One register is left free, because the compiler
/// loads the next operand early and would spill an accumulator, at half the speed.
pub(super) const fn most_pixels<V: Vector>(channels: usize) -> usize {
    let mut pixels = MOST_PIXELS;
    while pixels > 1 {
        let operand = if channels < pixels { channels } else { pixels };
        if channels * pixels + operand + 1 < V::REGISTERS {
            break;
        }
        pixels -= 1;
    }
    pixels
}

const fn fits<V: Vector>(channels: usize, pixels: usize) -> bool {
    pixels <= most_pixels::<V>(channels)
}

/// A run of pixels in memory: numbers from one to the next.
#[derive(Clone, Copy)]
pub(super) struct Steps {
    pub(super) count: usize,
    pub(super) source: usize,
    pub(super) output: usize,
}

/// The taps of a rectangle of outputs.
#[derive(Clone, Copy)]
pub(super) struct Taps {
    pub(super) channels: usize,
    pub(super) rows: usize,
    pub(super) columns: usize,
    /// Numbers of the source from one channel, tap row or tap column to the next.
    pub(super) source: [isize; 3],
    /// The same of the weight.
    pub(super) weight: [usize; 3],
}

/// Pixels of a row or a column that share their taps, in several channels.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    pub(super) taps: &'a Taps,
    pub(super) steps: Steps,
    /// The first pixel's first tap.
    pub(super) source: *const f32,
    pub(super) weight: *const f32,
    /// Numbers of the weight from one block of pixels to the next.
    pub(super) weight_next: usize,
    /// From one channel to the next, of the weight and of the output.
    pub(super) weight_step: usize,
    pub(super) plane: usize,
    pub(super) bias: Option<*const f32>,
    pub(super) relu: bool,
    pub(super) output: *mut f32,
    /// Blocks that a kernel works through.
    pub(super) times: usize,
}

impl Line<'_> {
    /// All pixels, in blocks of two sizes that differ by one, the larger first.
    ///
    /// # Safety
    /// As [`Vector`]; `C` channels of the output and the bias and all pixels are there, and all
    /// taps lie on the source and in the weight.
    pub(super) unsafe fn run<V: Vector, const C: usize>(mut self) {
        let [larger, smaller] = even_blocks(self.steps.count, most_pixels::<V>(C));
        // SAFETY: passed on.
        unsafe {
            for (pixels, times) in [larger, smaller] {
                if times > 0 {
                    self.times = times;
                    self.repeat::<V, C>(pixels);
                    self.source = self.source.wrapping_add(pixels * times * self.steps.source);
                    self.output = self.output.wrapping_add(pixels * times * self.steps.output);
                }
            }
        }
    }

    /// All pixels at so many points, which follow each other in memory and have a weight each.
    ///
    /// # Safety
    /// As [`Line::run`].
    pub(super) unsafe fn points<V: Vector, const C: usize>(mut self, points: usize) {
        let pixels = self.steps.count;
        // SAFETY: passed on.
        unsafe {
            if pixels <= most_pixels::<V>(C) {
                self.times = points;
                self.repeat::<V, C>(pixels);
                return;
            }
            let next = mem::take(&mut self.weight_next);
            for _ in 0..points {
                self.run::<V, C>();
                self.source = self.source.wrapping_add(pixels * self.steps.source);
                self.output = self.output.wrapping_add(pixels * self.steps.output);
                self.weight = self.weight.wrapping_add(next);
            }
        }
    }

    unsafe fn repeat<V: Vector, const C: usize>(&self, pixels: usize) {
        // SAFETY: passed on.
        unsafe {
            match pixels {
                1 => self.call::<V, C, 1>(),
                2 if const { fits::<V>(C, 2) } => self.call::<V, C, 2>(),
                3 if const { fits::<V>(C, 3) } => self.call::<V, C, 3>(),
                4 if const { fits::<V>(C, 4) } => self.call::<V, C, 4>(),
                5 if const { fits::<V>(C, 5) } => self.call::<V, C, 5>(),
                6 if const { fits::<V>(C, 6) } => self.call::<V, C, 6>(),
                7 if const { fits::<V>(C, 7) } => self.call::<V, C, 7>(),
                8 if const { fits::<V>(C, 8) } => self.call::<V, C, 8>(),
                _ => unreachable!("blocks are at most {MOST_PIXELS} pixels"),
            }
        }
    }

    unsafe fn call<V: Vector, const C: usize, const P: usize>(self) {
        // SAFETY: passed on.
        unsafe {
            if self.steps.source == LANES {
                V::call(Sum::<'_, C, P, true>(self));
            } else {
                V::call(Sum::<'_, C, P, false>(self));
            }
        }
    }
}

/// A register block: `C` channels of `P` pixels. Where `DENSE` the pixels are neighbours in
/// memory, so that none needs an address of its own.
struct Sum<'a, const C: usize, const P: usize, const DENSE: bool>(Line<'a>);

impl<const C: usize, const P: usize, const DENSE: bool> Kernel for Sum<'_, C, P, DENSE> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let Line { taps, steps, bias, relu, weight_step, weight_next, plane, times, .. } = self.0;
        let Line { mut source, mut output, mut weight, .. } = self.0;
        let Taps { channels, rows, columns, source: source_steps, weight: weight_steps } = *taps;
        let source_step = if DENSE { LANES } else { steps.source };
        // SAFETY: `C` channels and `P` pixels are there, and all taps lie on the source.
        unsafe {
            for _ in 0..times {
                let mut sums = [[V::splat(0.0); P]; C];
                if let Some(bias) = bias {
                    for c in 0..C {
                        sums[c] = [V::splat(*bias.add(c)); P];
                    }
                }
                for channel in 0..channels {
                    // Not `offset`, nor `add`: where a row has no taps, and after the last tap or
                    // block, these may point outside.
                    let source = source.wrapping_offset(channel.cast_signed() * source_steps[0]);
                    let weight = weight.wrapping_add(channel * weight_steps[0]);
                    for row in 0..rows {
                        let mut source =
                            source.wrapping_offset(row.cast_signed() * source_steps[1]);
                        let mut weight = weight.wrapping_add(row * weight_steps[1]);
                        for _ in 0..columns {
                            if C < P {
                                let mut factors = [V::splat(0.0); C];
                                for c in 0..C {
                                    factors[c] = V::splat(*weight.add(c * weight_step));
                                }
                                for p in 0..P {
                                    let pixel = V::load(source.add(p * source_step));
                                    for c in 0..C {
                                        sums[c][p] = pixel.mul_add(factors[c], sums[c][p]);
                                    }
                                }
                            } else {
                                let mut pixels = [V::splat(0.0); P];
                                for p in 0..P {
                                    pixels[p] = V::load(source.add(p * source_step));
                                }
                                for c in 0..C {
                                    let factor = V::splat(*weight.add(c * weight_step));
                                    for p in 0..P {
                                        sums[c][p] = pixels[p].mul_add(factor, sums[c][p]);
                                    }
                                }
                            }
                            source = source.wrapping_offset(source_steps[2]);
                            weight = weight.wrapping_add(weight_steps[2]);
                        }
                    }
                }
                for c in 0..C {
                    for p in 0..P {
                        let mut sum = sums[c][p];
                        if relu {
                            sum = V::select(sum.above_zero(), sum, V::splat(0.0));
                        }
                        sum.store(output.add(c * plane + p * steps.output));
                    }
                }
                source = source.wrapping_add(P * source_step);
                output = output.wrapping_add(P * steps.output);
                weight = weight.wrapping_add(weight_next);
            }
        }
    }
}
