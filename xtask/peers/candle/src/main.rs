//! candle: LeNet-5 with its own operations and SGD with momentum written out, which its optimizers
//! do not have.
//!
//! candle 0.11's gradient of `max_pool2d` is wrong: for 2×2 windows it is a quarter of what it
//! should be. The time is what is compared here, and a quarter costs as much as the whole.

use candle_core::{DType, Device, Result, Tensor, Var};
use candle_nn::loss::cross_entropy;
use common::{Arguments, PIXELS, Samples, report, train, weights};
use std::time::Instant;

struct LeNet5 {
    parameters: Vec<Var>,
}

impl LeNet5 {
    fn new(device: &Device) -> Result<Self> {
        let shapes: [(&[usize], usize); 10] = [
            (&[6, 1, 5, 5], 25),
            (&[6], 25),
            (&[16, 6, 5, 5], 150),
            (&[16], 150),
            (&[120, 400], 400),
            (&[120], 400),
            (&[84, 120], 120),
            (&[84], 120),
            (&[10, 84], 84),
            (&[10], 84),
        ];
        let draw = |(seed, &(shape, fan_in)): (usize, &(&[usize], usize))| {
            let values = weights(shape.iter().product(), fan_in, seed as u64 + 1);
            Var::from_tensor(&Tensor::from_vec(values, shape, device)?)
        };
        Ok(LeNet5 { parameters: shapes.iter().enumerate().map(draw).collect::<Result<_>>()? })
    }

    /// The same numbers, of which nobody wants a gradient.
    fn detached(&self) -> Vec<Tensor> {
        self.parameters.iter().map(Var::as_detached_tensor).collect()
    }

    fn attached(&self) -> Vec<Tensor> {
        self.parameters.iter().map(|p| p.as_tensor().clone()).collect()
    }

    fn forward(p: &[Tensor], x: &Tensor) -> Result<Tensor> {
        let convolution = |x: &Tensor, w: &Tensor, b: &Tensor| -> Result<Tensor> {
            let y = x.conv2d(w, 0, 1, 1, 1)?.broadcast_add(&b.reshape((1, (), 1, 1))?)?;
            y.relu()?.max_pool2d(2)
        };
        let dense = |x: &Tensor, w: &Tensor, b: &Tensor| x.matmul(&w.t()?)?.broadcast_add(b);
        let x = convolution(x, &p[0], &p[1])?;
        let x = convolution(&x, &p[2], &p[3])?.flatten_from(1)?;
        let x = dense(&x, &p[4], &p[5])?.relu()?;
        let x = dense(&x, &p[6], &p[7])?.relu()?;
        dense(&x, &p[8], &p[9])
    }
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let (data, test) = (Samples::load(&arguments.data, "train"), Samples::load(&arguments.data, "t10k"));
    let device = Device::Cpu;
    let network = LeNet5::new(&device)?;
    let zeros = |parameter: &Var| Tensor::zeros(parameter.shape(), DType::F32, &device);
    let mut velocities: Vec<Tensor> = network.parameters.iter().map(zeros).collect::<Result<_>>()?;
    let mut step = |indices: &[usize]| -> Result<()> {
        let (pixels, labels) = data.gather(indices);
        let labels: Vec<u32> = labels.into_iter().map(u32::from).collect();
        let x = Tensor::from_vec(pixels, (indices.len(), 1, 32, 32), &device)?;
        let y = Tensor::from_vec(labels, indices.len(), &device)?;
        let gradients = cross_entropy(&LeNet5::forward(&network.attached(), &x)?, &y)?.backward()?;
        for (parameter, velocity) in network.parameters.iter().zip(&mut velocities) {
            let gradient = gradients.get(parameter).expect("every parameter has a gradient");
            *velocity = ((&*velocity * 0.9)? + gradient)?;
            parameter.set(&(parameter.as_tensor() - (&*velocity * 0.01)?)?)?;
        }
        Ok(())
    };
    let seconds = train(&arguments, data.labels.len(), |indices| {
        step(indices).expect("a step of this network");
    });

    let parameters = network.detached();
    let (start, mut right) = (Instant::now(), 0);
    for (pixels, labels) in test.images.chunks(1000 * PIXELS).zip(test.labels.chunks(1000)) {
        let x = Tensor::from_slice(pixels, (labels.len(), 1, 32, 32), &device)?;
        let digits = LeNet5::forward(&parameters, &x)?.argmax(1)?.to_vec1::<u32>()?;
        right += digits.iter().zip(labels).filter(|(d, l)| **d == u32::from(**l)).count();
    }
    let count = test.labels.len() as f64;
    let inference = count / start.elapsed().as_secs_f64();
    report(&arguments, ("candle", "0.11.1"), seconds, inference, right as f64 / count);
    Ok(())
}
