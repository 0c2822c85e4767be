//! Optimizers and schedules. One program: a second one would compile the generic kernels again.

mod accumulation;
mod arguments;
mod common;
mod decay_and_clipping;
mod groups;
mod recipes;
mod schedules;
mod state;
mod steps;
mod trajectories;
