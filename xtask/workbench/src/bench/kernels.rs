//! LeNet-5 layer by layer and direction by direction, on one thread.

use super::lenet::{self, CONVOLUTIONS, DENSE, Data, POOLS};
use super::measure::{Samples, repeat};
use super::report::{Job, Report};
use super::{Plan, flops};
use anyhow::Result;
use autodiff::Tape;
use datasets::{Dataset, Draw, TargetMut};
use layers::{Layer, LeNet5, Loss, ModuleExt, SoftmaxCrossEntropyWithLogits, Target};
use optim::{Adagrad, Adam, AdamW, Gradients, Momentum, Optimizer, RmsProp, Sgd};
use std::hint::black_box;
use tensor::kernels::elementwise;
use tensor::ops::{conv2d, linear, pool2d};
use tensor::{Layout, Shape, Tensor};

/// Measures what a thread does with a batch: a shard of a training step, or a single image.
pub(crate) fn run(report: &mut Report, plan: &Plan, data: &Data, batch: usize) -> Result<()> {
    let mut layers = Layers { report, plan, batch, titled: false, sum: 0.0 };
    layers.input(data)?;
    layers.convolutions()?;
    layers.dense()?;
    layers.between()?;
    layers.loss()?;
    layers.optimizer()?;
    layers.sum();
    if batch > 1 { layers.other_optimizers() } else { Ok(()) }
}

/// Reproducible numbers between -1 and 1.
pub(crate) fn numbers(shape: impl Into<Shape>) -> Tensor {
    Tensor::from_fn(shape, |i| (i * 37 % 101) as f32 / 50.0 - 1.0)
}

struct Layers<'a> {
    report: &'a mut Report,
    plan: &'a Plan,
    batch: usize,
    titled: bool,
    /// Seconds of all that was measured.
    sum: f64,
}

impl Layers<'_> {
    fn time(
        &mut self,
        layer: &str,
        direction: &str,
        flops: Option<f64>,
        work: &mut dyn FnMut() -> Result<()>,
    ) -> Result<()> {
        self.sum += self.time_alone(layer, direction, flops, work)?;
        Ok(())
    }

    /// As [`Layers::time`], for what is no part of the step: returns the seconds.
    fn time_alone(
        &mut self,
        layer: &str,
        direction: &str,
        flops: Option<f64>,
        work: &mut dyn FnMut() -> Result<()>,
    ) -> Result<f64> {
        let name = format!("lenet5_{layer}_{}", direction.replace(' ', "_"));
        if !self.report.wants(&name) {
            return Ok(0.0);
        }
        let batch = self.batch;
        if !self.titled {
            let what = if batch == 1 { "one image" } else { "a shard" };
            self.report
                .heading(&format!("LeNet-5 layer by layer: {what}, batch {batch}, 1 thread"));
            self.titled = true;
        }
        let samples = repeat(self.plan.kernel, work)?;
        let label = &format!("{layer} {direction}");
        let job = Job { name: &name, label, batch, threads: 1, flops, images: None };
        self.report.time(&job, &samples);
        Ok(samples.median())
    }

    /// Everything above together: what is left of a step's time is the tape's, the pool's and
    /// the loop's.
    fn sum(&mut self) {
        let (name, batch) = ("lenet5_layers_together", self.batch);
        if self.titled && self.report.wants(name) {
            let flops = lenet::passes(batch).ok().map(|passes| flops::training(&passes));
            let images = Some(batch);
            let job = Job { name, label: "all of these", batch, threads: 1, flops, images };
            self.report.time(&job, &Samples::from_iter([self.sum]));
        }
    }

    /// Drawing the images, and bringing them into the layout of the first layer.
    fn input(&mut self, data: &Data) -> Result<()> {
        let order = data.train.clone().batch(self.batch)?.epoch(1, 0);
        let mut batches = order.iter().cycle();
        let mut images = Tensor::zeros([self.batch, 1, 32, 32]);
        let mut labels = vec![0; self.batch];
        self.time("images", "drawn", None, &mut || {
            let Some(indices) = batches.next() else { return Ok(()) };
            let indices = &indices[..indices.len().min(labels.len())];
            let pixels = &mut images.as_mut_slice()[..indices.len() * 1024];
            let target = TargetMut::Class(&mut labels[..indices.len()]);
            Ok(data.train.fetch(Draw::default(), indices, pixels, target)?)
        })?;
        let (_, input, kernel) = CONVOLUTIONS[0];
        let g = lenet::convolution(self.batch, input, kernel)?;
        self.time("images", "arranged", None, &mut || {
            black_box(conv2d::arrange(&g, images.clone()));
            Ok(())
        })
    }

    fn convolutions(&mut self) -> Result<()> {
        for (i, (name, input, kernel)) in CONVOLUTIONS.into_iter().enumerate() {
            let g = lenet::convolution(self.batch, input, kernel)?;
            let flops = Some(flops::conv2d(&g));
            let x = conv2d::arrange(&g, numbers(g.input_shape()));
            let (w, b) = (numbers(g.weight_shape()), numbers([g.out_channels()]));
            let dy = numbers(g.output_shape()).into_layout(x.layout());
            self.time(name, "forward", flops, &mut || {
                black_box(conv2d::forward(&g, &x, &w, Some(&b)));
                Ok(())
            })?;
            self.time(name, "weight gradient", flops, &mut || {
                black_box(conv2d::backward_parameters(&g, &x, &dy, true));
                Ok(())
            })?;
            // Nobody wants the gradient of the images.
            if i > 0 {
                self.time(name, "input gradient", flops, &mut || {
                    black_box(conv2d::backward_input(&g, &w, &dy));
                    Ok(())
                })?;
            }
        }
        Ok(())
    }

    fn dense(&mut self) -> Result<()> {
        let (_, input, kernel) = CONVOLUTIONS[1];
        let g = lenet::convolution(self.batch, input, kernel)?;
        let layout = conv2d::arrange(&g, numbers(g.input_shape())).layout();
        for (name, [inputs, outputs]) in DENSE {
            let flops = Some(flops::matmul([self.batch, inputs, outputs]));
            let x = linear::arrange(numbers([self.batch, inputs]).into_layout(layout));
            let (w, b) = (numbers([outputs, inputs]), numbers([outputs]));
            let dy = numbers([self.batch, outputs]).into_layout(x.layout());
            self.time(name, "forward", flops, &mut || {
                black_box(linear::forward(&x, &w, Some(&b)));
                Ok(())
            })?;
            self.time(name, "weight gradient", flops, &mut || {
                black_box(linear::backward_parameters(&x, &w, &dy, true));
                Ok(())
            })?;
            self.time(name, "input gradient", flops, &mut || {
                black_box(linear::backward_input(&w, &dy));
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Pooling and the activations before it.
    fn between(&mut self) -> Result<()> {
        for ((pool, size), (conv, image, kernel)) in POOLS.into_iter().zip(CONVOLUTIONS) {
            let g = lenet::pool(self.batch, size)?;
            let before = lenet::convolution(self.batch, image, kernel)?;
            let layout = conv2d::arrange(&before, numbers(before.input_shape())).layout();
            let x = numbers(g.input_shape()).into_layout(layout);
            // Where pooling can apply the activation to the maxima alone, it does.
            let fused = layout == Layout::Lanes && pool2d::takes_relu(&g);
            if !fused {
                self.activation(&format!("relu_{conv}"), &x)?;
            }
            let name = if fused { &format!("relu_{pool}") } else { pool };
            self.time(name, "forward", None, &mut || {
                black_box(pool2d::max_forward(&g, x.clone(), fused));
                Ok(())
            })?;
            let (pooled, argmax) = pool2d::max_forward(&g, x.clone(), fused);
            self.time(name, "backward", None, &mut || {
                black_box(pool2d::max_backward(&g, &argmax, pooled.clone()));
                Ok(())
            })?;
        }
        for (name, [_, outputs]) in &DENSE[..2] {
            self.activation(&format!("relu_{name}"), &numbers([self.batch, *outputs]))?;
        }
        Ok(())
    }

    fn activation(&mut self, name: &str, x: &Tensor) -> Result<()> {
        let (mut y, mut dy) = (x.clone(), x.clone());
        self.time(name, "forward", None, &mut || {
            elementwise::relu(black_box(y.stored_mut()));
            Ok(())
        })?;
        self.time(name, "backward", None, &mut || {
            elementwise::relu_backward(black_box(dy.stored_mut()), y.stored());
            Ok(())
        })
    }

    fn loss(&mut self) -> Result<()> {
        let logits = numbers([self.batch, 10]);
        let labels: Vec<u32> = (0..self.batch as u32).map(|i| i % 10).collect();
        let target = Target::Class(Tensor::from_vec([self.batch], labels)?);
        let loss = SoftmaxCrossEntropyWithLogits::new();
        self.time("loss", "forward and gradient", None, &mut || {
            let tape = Tape::new();
            let logits = tape.leaf(logits.clone());
            black_box(loss.forward(logits, &target)?.backward()?);
            Ok(())
        })
    }

    /// The update of all parameters.
    fn optimizer(&mut self) -> Result<()> {
        let (mut network, gradients) = updatable()?;
        let mut optimizer = Momentum::new(1e-6, 0.9)?;
        self.time("momentum", "update", None, &mut || Ok(optimizer.step(&mut network, &gradients)?))
    }

    /// What the update would take by another rule.
    fn other_optimizers(&mut self) -> Result<()> {
        let rate = 1e-6;
        let optimizers: [(&str, Box<dyn Optimizer>); 6] = [
            ("sgd", Box::new(Sgd::new(rate)?)),
            ("momentum_clipped", Box::new(Momentum::new(rate, 0.9)?.clip_norm(1.0)?)),
            ("adam", Box::new(Adam::new(rate)?)),
            ("adamw", Box::new(AdamW::new(rate)?)),
            ("rms_prop", Box::new(RmsProp::new(rate)?)),
            ("adagrad", Box::new(Adagrad::new(rate)?)),
        ];
        let (mut network, gradients) = updatable()?;
        for (name, mut optimizer) in optimizers {
            let step = &mut || Ok(optimizer.step(&mut network, &gradients)?);
            self.time_alone(name, "update", None, step)?;
        }
        Ok(())
    }
}

/// A network and gradients for it, which a pass over made-up numbers gives.
fn updatable() -> Result<(LeNet5, Gradients)> {
    let mut network = LeNet5::new();
    network.initialize(1)?;
    let tape = Tape::new();
    let output = network.forward(tape.constant(numbers([1, 1, 32, 32])))?;
    let gradients = output.sum().backward()?;
    Ok((network, gradients))
}
