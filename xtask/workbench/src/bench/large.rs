//! Larger layers, through the operations of `autodiff`, inside a thread pool.

use super::kernels::numbers;
use super::machine::pool;
use super::measure::{Samples, repeat};
use super::report::{Job, Report};
use super::{Plan, flops};
use anyhow::Result;
use autodiff::{Tape, Var};
use rayon::ThreadPool;
use std::hint::black_box;
use tensor::{Conv2dGeometry, Conv2dOptions, PadMode, Shape, Tensor};

/// A layer with one input and one weight.
enum Kind {
    Convolution(Conv2dOptions),
    Dense,
    Product,
}

/// A layer and its sizes.
struct Layer {
    name: &'static str,
    kind: Kind,
    input: Vec<usize>,
    weight: Vec<usize>,
}

fn convolution(
    name: &'static str,
    input: [usize; 4],
    [outputs, kernel, stride, pad, groups]: [usize; 5],
) -> Layer {
    let options = Conv2dOptions::default()
        .stride([stride; 2])
        .pad_mode(PadMode::all_sides(pad))
        .groups(groups);
    let weight = vec![outputs, input[1] / groups, kernel, kernel];
    Layer { name, kind: Kind::Convolution(options), input: input.to_vec(), weight }
}

/// Input `[N, C, H, W]`; output channels, kernel, stride, padding, groups.
fn layers() -> Vec<Layer> {
    let product = |name, kind, input: [usize; 2], weight: [usize; 2]| Layer {
        name,
        kind,
        input: input.to_vec(),
        weight: weight.to_vec(),
    };
    vec![
        convolution("conv64_56", [8, 64, 56, 56], [64, 3, 1, 1, 1]),
        convolution("conv128_28", [8, 128, 28, 28], [128, 3, 1, 1, 1]),
        convolution("conv1x1_256_28", [8, 256, 28, 28], [64, 1, 1, 0, 1]),
        convolution("conv_strided_64_56", [8, 64, 56, 56], [128, 3, 2, 1, 1]),
        convolution("conv_grouped_128_28", [8, 128, 28, 28], [128, 3, 1, 1, 4]),
        convolution("conv7x7s2_224", [4, 3, 224, 224], [64, 7, 2, 3, 1]),
        product("dense1024_b128", Kind::Dense, [128, 1024], [1024, 1024]),
        product("gemm_1024", Kind::Product, [1024, 1024], [1024, 1024]),
    ]
}

impl Layer {
    /// Floating-point operations of one pass.
    fn flops(&self) -> Result<f64> {
        Ok(match &self.kind {
            Kind::Convolution(options) => {
                let [input, weight] = [&self.input, &self.weight].map(|s| Shape::from(&s[..]));
                flops::conv2d(&Conv2dGeometry::new(&input, &weight, options)?)
            }
            Kind::Dense => flops::matmul([self.input[0], self.input[1], self.weight[0]]),
            Kind::Product => flops::matmul([self.input[0], self.input[1], self.weight[1]]),
        })
    }

    fn apply<'t>(&self, x: Var<'t>, w: &Var<'t>, b: &Var<'t>) -> tensor::Result<Var<'t>> {
        match &self.kind {
            Kind::Convolution(options) => x.conv2d(w, Some(b), options),
            Kind::Dense => x.linear(w, Some(b)),
            Kind::Product => x.matmul(w),
        }
    }

    /// The whole layer on a tape, with or without the gradients of everything.
    fn call(&self, [x, w, b]: [&Tensor; 3], dy: Option<&Tensor>) -> Result<()> {
        let tape = if dy.is_some() { Tape::new() } else { Tape::inference() };
        let [x, w, b] = [x, w, b].map(|tensor| tape.leaf(tensor.clone()));
        let y = self.apply(x, &w, &b)?;
        match dy {
            Some(dy) => drop(black_box(y.backward_from(dy.clone())?)),
            None => drop(black_box(y.into_value())),
        }
        Ok(())
    }
}

pub(crate) fn run(report: &mut Report, plan: &Plan) -> Result<()> {
    let (wanted, mut titled) = (report.wanted(), false);
    measure(plan, &|name| wanted.has(name), &mut |job, samples| {
        if !std::mem::replace(&mut titled, true) {
            report.heading("Larger layers: forward, and forward with all gradients");
        }
        report.time(job, samples);
    })
}

/// Measures every layer and pass whose name is wanted, on one thread and on all in turn.
pub(crate) fn measure(
    plan: &Plan,
    wants: &dyn Fn(&str) -> bool,
    done: &mut dyn FnMut(&Job<'_>, &Samples),
) -> Result<()> {
    let mut pools: Vec<(usize, ThreadPool)> = Vec::new();
    for threads in plan.thread_counts() {
        pools.push((threads, pool(threads)?));
    }
    for layer in layers() {
        let names = ["forward", "forward_backward"].map(|pass| format!("{}_{pass}", layer.name));
        if !names.iter().any(|name| wants(name)) {
            continue;
        }
        let (x, w) = (numbers(&layer.input[..]), numbers(&layer.weight[..]));
        let b = numbers([layer.weight[0]]);
        let tape = Tape::inference();
        let leaves = [&x, &w, &b].map(|tensor| tape.leaf(tensor.clone()));
        let [lx, lw, lb] = leaves;
        let dy = layer.apply(lx, &lw, &lb)?.into_value();
        let passes = [(None, 1.0), (Some(&dy), 3.0)];
        for ((dy, count), name) in passes.into_iter().zip(&names) {
            if !wants(name) {
                continue;
            }
            let mut samples: Vec<_> = pools.iter().map(|_| Samples::default()).collect();
            for _ in 0..plan.turns {
                for ((_, pool), samples) in pools.iter().zip(&mut samples) {
                    let budget = plan.layer / plan.turns;
                    let mut call = || layer.call([&x, &w, &b], dy);
                    samples.extend(pool.install(|| repeat(budget, &mut call))?);
                }
            }
            for ((threads, _), samples) in pools.iter().zip(&samples) {
                let passes = if dy.is_some() { " + grads" } else { "" };
                let label = format!("{}{passes}, {}", layer.name, super::threads_text(*threads));
                let job = Job {
                    name,
                    label: &label,
                    batch: layer.input[0],
                    threads: *threads,
                    flops: Some(count * layer.flops()?),
                    images: None,
                };
                done(&job, samples);
            }
        }
    }
    Ok(())
}
