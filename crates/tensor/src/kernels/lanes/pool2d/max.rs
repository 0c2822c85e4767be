//! Maximum pooling.

use super::super::LANES;
use super::{NOWHERE, clear_rest, each_tile, input_plane, output_plane, window};
use crate::Pool2dGeometry;
use crate::kernels::vector::{Kernel, Vector};

pub(super) struct MaxForward<'a> {
    pub(super) g: &'a Pool2dGeometry,
    pub(super) planes: usize,
    pub(super) x: &'a [f32],
    pub(super) relu: bool,
    pub(super) y: &'a mut [f32],
    pub(super) argmax: &'a mut [u8],
}

impl Kernel for MaxForward<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let MaxForward { g, planes, x, relu, y, argmax } = self;
        let (x, y, argmax) = (x.as_ptr(), y.as_mut_ptr(), argmax.as_mut_ptr());
        let pitch = g.width().input * LANES;
        // SAFETY: the tiles and windows lie on the planes.
        unsafe {
            if g.is_halving() {
                each_tile!(V, g, planes, |from, to| {
                    let pixel = x.add(from);
                    let mut best = Best::<V>::new(V::load(pixel), V::splat(0.0));
                    best.meet(V::load(pixel.add(LANES)), V::splat(1.0));
                    best.meet(V::load(pixel.add(pitch)), V::splat(2.0));
                    best.meet(V::load(pixel.add(pitch + LANES)), V::splat(3.0));
                    best.store(relu, y.add(to), argmax.add(to));
                });
                return;
            }
            for plane in 0..planes {
                for output in 0..output_plane(g) {
                    let window = window(g, output);
                    let mut lane = 0;
                    while lane < LANES {
                        let x = x.add(plane * input_plane(g) * LANES + lane);
                        let first = window.rows.start * pitch + window.columns.start * LANES;
                        let index = window.index(g, window.rows.start, window.columns.start);
                        let mut best = Best::<V>::new(V::load(x.add(first)), V::splat(index));
                        for row in window.rows.clone() {
                            for column in window.columns.clone() {
                                let value = V::load(x.add(row * pitch + column * LANES));
                                best.meet(value, V::splat(window.index(g, row, column)));
                            }
                        }
                        let to = (plane * output_plane(g) + window.output) * LANES + lane;
                        best.store(relu, y.add(to), argmax.add(to));
                        lane += V::LEN;
                    }
                }
            }
        }
    }
}

/// The largest numbers so far and where they were.
struct Best<V> {
    value: V,
    index: V,
}

impl<V: Vector> Best<V> {
    #[inline(always)]
    fn new(value: V, index: V) -> Self {
        Best { value, index }
    }

    #[inline(always)]
    unsafe fn meet(&mut self, value: V, index: V) {
        // SAFETY: as `Vector`.
        unsafe {
            let wins = value.beats(self.value);
            self.value = V::select(wins, value, self.value);
            self.index = V::select(wins, index, self.index);
        }
    }

    #[inline(always)]
    unsafe fn store(mut self, relu: bool, y: *mut f32, argmax: *mut u8) {
        // SAFETY: as `Vector`.
        unsafe {
            if relu {
                let above = self.value.above_zero();
                self.value = V::select(above, self.value, V::splat(0.0));
                self.index = V::select(above, self.index, V::splat(f32::from(NOWHERE)));
            }
            self.value.store(y);
            self.index.store_u8(argmax);
        }
    }
}

pub(super) struct MaxBackward<'a> {
    pub(super) g: &'a Pool2dGeometry,
    pub(super) planes: usize,
    pub(super) argmax: &'a [u8],
    pub(super) dy: &'a [f32],
    pub(super) dx: &'a mut [f32],
}

impl Kernel for MaxBackward<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let MaxBackward { g, planes, argmax, dy, dx } = self;
        let pitch = g.width().input * LANES;
        if g.is_halving() {
            clear_rest(g, planes, dx);
        } else {
            dx.fill(0.0);
        }
        let (argmax, dy, dx) = (argmax.as_ptr(), dy.as_ptr(), dx.as_mut_ptr());
        // SAFETY: the tiles and windows lie on the planes.
        unsafe {
            if g.is_halving() {
                each_tile!(V, g, planes, |to, from| {
                    let (index, dy) = (V::load_u8(argmax.add(from)), V::load(dy.add(from)));
                    share::<V>(index, dy, 0.0).store(dx.add(to));
                    share::<V>(index, dy, 1.0).store(dx.add(to + LANES));
                    share::<V>(index, dy, 2.0).store(dx.add(to + pitch));
                    share::<V>(index, dy, 3.0).store(dx.add(to + pitch + LANES));
                });
                return;
            }
            for plane in 0..planes {
                for output in 0..output_plane(g) {
                    let window = window(g, output);
                    let mut lane = 0;
                    while lane < LANES {
                        let from = (plane * output_plane(g) + window.output) * LANES + lane;
                        let (index, dy) = (V::load_u8(argmax.add(from)), V::load(dy.add(from)));
                        let dx = dx.add(plane * input_plane(g) * LANES + lane);
                        for row in window.rows.clone() {
                            for column in window.columns.clone() {
                                let share = share::<V>(index, dy, window.index(g, row, column));
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

/// dy in the lanes whose maximum was at pixel `at` of the window, 0 in the others.
#[inline(always)]
unsafe fn share<V: Vector>(index: V, dy: V, at: f32) -> V {
    // SAFETY: as `Vector`.
    unsafe { V::select(index.equals(V::splat(at)), dy, V::splat(0.0)) }
}
