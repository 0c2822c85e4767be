//! Average pooling.

use super::super::LANES;
use super::{clear_rest, each_tile, input_plane, output_plane, window};
use crate::Pool2dGeometry;
use crate::kernels::vector::{Kernel, Vector};

pub(super) struct AverageForward<'a> {
    pub(super) g: &'a Pool2dGeometry,
    pub(super) planes: usize,
    pub(super) x: &'a [f32],
    pub(super) y: &'a mut [f32],
}

impl Kernel for AverageForward<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let AverageForward { g, planes, x, y } = self;
        let (x, y) = (x.as_ptr(), y.as_mut_ptr());
        let pitch = g.width().input * LANES;
        // SAFETY: the tiles and windows lie on the planes.
        unsafe {
            if g.is_halving() {
                each_tile!(V, g, planes, |from, to| {
                    let top = V::load(x.add(from)).add(V::load(x.add(from + LANES)));
                    let sum = top.add(V::load(x.add(from + pitch)));
                    let sum = sum.add(V::load(x.add(from + pitch + LANES)));
                    sum.div(V::splat(4.0)).store(y.add(to));
                });
                return;
            }
            for plane in 0..planes {
                for output in 0..output_plane(g) {
                    let window = window(g, output);
                    let mut lane = 0;
                    while lane < LANES {
                        let x = x.add(plane * input_plane(g) * LANES + lane);
                        let mut sum = V::splat(0.0);
                        for row in window.rows.clone() {
                            for column in window.columns.clone() {
                                sum = sum.add(V::load(x.add(row * pitch + column * LANES)));
                            }
                        }
                        let to = (plane * output_plane(g) + window.output) * LANES + lane;
                        sum.div(V::splat(window.divisor(g))).store(y.add(to));
                        lane += V::LEN;
                    }
                }
            }
        }
    }
}

pub(super) struct AverageBackward<'a> {
    pub(super) g: &'a Pool2dGeometry,
    pub(super) planes: usize,
    pub(super) dy: &'a [f32],
    pub(super) dx: &'a mut [f32],
}

impl Kernel for AverageBackward<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let AverageBackward { g, planes, dy, dx } = self;
        let pitch = g.width().input * LANES;
        if g.is_halving() {
            clear_rest(g, planes, dx);
        } else {
            dx.fill(0.0);
        }
        let (dy, dx) = (dy.as_ptr(), dx.as_mut_ptr());
        // SAFETY: the tiles and windows lie on the planes.
        unsafe {
            if g.is_halving() {
                each_tile!(V, g, planes, |to, from| {
                    let share = V::load(dy.add(from)).div(V::splat(4.0));
                    share.store(dx.add(to));
                    share.store(dx.add(to + LANES));
                    share.store(dx.add(to + pitch));
                    share.store(dx.add(to + pitch + LANES));
                });
                return;
            }
            for plane in 0..planes {
                for output in 0..output_plane(g) {
                    let window = window(g, output);
                    let mut lane = 0;
                    while lane < LANES {
                        let from = (plane * output_plane(g) + window.output) * LANES + lane;
                        let share = V::load(dy.add(from)).div(V::splat(window.divisor(g)));
                        let dx = dx.add(plane * input_plane(g) * LANES + lane);
                        for row in window.rows.clone() {
                            for column in window.columns.clone() {
                                let to = dx.add(row * pitch + column * LANES);
                                V::load(to).add(share).store(to);
                            }
                        }
                        lane += V::LEN;
                    }
                }
            }
        }
    }
}
