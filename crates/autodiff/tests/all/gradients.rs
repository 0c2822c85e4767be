//! Every operation's derivative against central differences, in f64, and what the check catches.

use autodiff::ops::{BceOptions, CrossEntropyOptions};
use autodiff::{Backward, GradientCheckError, Result, Sink, Tape, Var, check_gradients};
use tensor::random::Stream;
use tensor::{Conv2dOptions, PadMode, Pool2dOptions, Shape, Tensor};

type Function = for<'t> fn(&'t Tape<f64>, &[Var<'t, f64>]) -> Result<Var<'t, f64>>;

/// A case: its name, which begins with the operation's, the inputs' shapes, and the function.
type Case = (&'static str, &'static [&'static [usize]], Function);

/// Distinct numbers in ±[0.3, 1.5], in random order: away from the kinks at 0 and from ties.
fn spread(shape: impl Into<Shape>, index: u64) -> Tensor<f64> {
    let shape = shape.into();
    let mut stream = Stream::new(1, "gradients", 0, index);
    let mut order: Vec<_> = (0..shape.elements()).collect();
    stream.shuffle(&mut order);
    let step = 1.2 / order.len() as f64;
    Tensor::from_fn(shape, |i| {
        let size = 0.3 + step * order[i] as f64;
        if stream.next_u32() & 1 == 0 { size } else { -size }
    })
}

/// A value that no gradient is wanted for.
fn fixed<const RANK: usize>(tape: &Tape<f64>, shape: [usize; RANK]) -> Var<'_, f64> {
    tape.constant(spread(shape, 99))
}

fn weighted() -> CrossEntropyOptions {
    let weight = Some(vec![0.5, 2.0, 0.25]);
    CrossEntropyOptions { weight, ignore_index: None, label_smoothing: 0.2 }
}

fn pool(kernel: [usize; 2], stride: [usize; 2], pad_mode: PadMode) -> Pool2dOptions {
    Pool2dOptions { kernel, stride, pad_mode, ..Default::default() }
}

/// A convolution of inputs 0 and 1 with the bias that is input 2, if there is one.
fn conv<'t>(v: &[Var<'t, f64>], options: Conv2dOptions) -> Result<Var<'t, f64>> {
    v[0].clone().conv2d(&v[1], v.get(2), &options)
}

const ARITHMETIC: &[Case] = &[
    ("add", &[&[2, 3], &[2, 3]], |_, v| v[0].clone().add(&v[1])),
    ("add a vector", &[&[4, 2, 3], &[3]], |_, v| v[0].clone().add(&v[1])),
    ("add to a vector", &[&[3], &[4, 2, 3]], |_, v| v[0].clone().add(&v[1])),
    ("add, both sides stretch", &[&[2, 1, 4], &[3, 1]], |_, v| v[0].clone().add(&v[1])),
    ("add a constant", &[&[2, 3]], |t, v| v[0].clone().add(&fixed(t, [3]))),
    ("add to a constant", &[&[2, 3]], |t, v| fixed(t, [3]).add(&v[0])),
    ("add to itself", &[&[2, 3]], |_, v| v[0].clone().add(&v[0])),
    ("sub", &[&[2, 3], &[2, 3]], |_, v| v[0].clone().sub(&v[1])),
    ("sub a scalar", &[&[2, 3], &[]], |_, v| v[0].clone().sub(&v[1])),
    ("sub from a scalar", &[&[], &[2, 3]], |_, v| v[0].clone().sub(&v[1])),
    ("sub, both sides stretch", &[&[2, 1, 4], &[3, 1]], |_, v| v[0].clone().sub(&v[1])),
    ("sub a constant", &[&[2, 3]], |t, v| v[0].clone().sub(&fixed(t, [2, 3]))),
    ("sub from a constant", &[&[2, 3]], |t, v| fixed(t, [2, 3]).sub(&v[0])),
    ("mul", &[&[2, 3], &[2, 3]], |_, v| v[0].clone().mul(&v[1])),
    ("mul by a vector", &[&[4, 2, 3], &[3]], |_, v| v[0].clone().mul(&v[1])),
    ("mul of a vector", &[&[3], &[4, 2, 3]], |_, v| v[0].clone().mul(&v[1])),
    ("mul, both sides stretch", &[&[2, 1, 4], &[3, 1]], |_, v| v[0].clone().mul(&v[1])),
    ("mul by a constant", &[&[2, 3]], |t, v| v[0].clone().mul(&fixed(t, [2, 3]))),
    ("mul of a constant", &[&[3]], |t, v| fixed(t, [2, 3]).mul(&v[0])),
    ("mul by itself", &[&[2, 3]], |_, v| v[0].clone().mul(&v[0])),
    ("div", &[&[2, 3], &[2, 3]], |_, v| v[0].clone().div(&v[1])),
    ("div by a vector", &[&[4, 2, 3], &[3]], |_, v| v[0].clone().div(&v[1])),
    ("div of a vector", &[&[3], &[4, 2, 3]], |_, v| v[0].clone().div(&v[1])),
    ("div, both sides stretch", &[&[2, 1, 4], &[3, 1]], |_, v| v[0].clone().div(&v[1])),
    ("div by a constant", &[&[3]], |t, v| v[0].clone().div(&fixed(t, [2, 3]))),
    ("div of a constant", &[&[2, 3]], |t, v| fixed(t, [3]).div(&v[0])),
    ("div by itself", &[&[2, 3]], |_, v| v[0].clone().div(&v[0])),
    ("affine", &[&[2, 3]], |_, v| Ok(v[0].clone().affine(-1.75, 0.5))),
    ("affine without a factor", &[&[2, 3]], |_, v| Ok(v[0].clone().affine(1.0, 0.5))),
    ("scale", &[&[2, 3]], |_, v| Ok(v[0].clone().scale(0.3))),
    ("neg", &[&[2, 3]], |_, v| Ok(-v[0].clone())),
    // Eq. (3.2): a value used in several places gets the sum of the gradients.
    ("mul, eq. (3.2)", &[&[2, 3]], |_, v| {
        let (x, y) = (v[0].clone().square(), v[0].clone().exp());
        x.mul(&y)?.add(&v[0])
    }),
];

const ELEMENTWISE: &[Case] = &[
    ("exp", &[&[2, 3]], |_, v| Ok(v[0].clone().exp())),
    ("scaled_tanh", &[&[2, 3]], |_, v| Ok(v[0].clone().scaled_tanh(1.7159, 2.0 / 3.0))),
    ("ln", &[&[2, 3]], |_, v| Ok(v[0].clone().mul(&v[0])?.ln())),
    ("abs", &[&[2, 3]], |_, v| Ok(v[0].clone().abs())),
    ("huber", &[&[4, 5]], |_, v| v[0].clone().huber(0.925)),
    ("square", &[&[2, 3]], |_, v| Ok(v[0].clone().square())),
    ("step", &[&[4, 5]], |_, v| v[0].clone().step().add(&v[0])),
    ("relu", &[&[4, 5]], |_, v| Ok(v[0].clone().relu())),
    ("sigmoid", &[&[4, 5]], |_, v| Ok(v[0].clone().sigmoid())),
    ("tanh", &[&[4, 5]], |_, v| Ok(v[0].clone().tanh())),
    ("leaky_relu", &[&[4, 5]], |_, v| v[0].clone().leaky_relu(0.2)),
    ("elu", &[&[4, 5]], |_, v| v[0].clone().elu(0.7)),
    ("softplus", &[&[4, 5]], |_, v| Ok(v[0].clone().softplus())),
    ("silu", &[&[4, 5]], |_, v| Ok(v[0].clone().silu())),
    ("gelu", &[&[4, 5]], |_, v| Ok(v[0].clone().gelu())),
    ("gelu_tanh", &[&[4, 5]], |_, v| Ok(v[0].clone().gelu_tanh())),
    // The step alone has no gradient.
    ("step", &[&[4, 5]], |_, v| v[0].clone().add(&v[0].clone().step())),
    ("dropout", &[&[4, 5]], |_, v| v[0].clone().dropout(0.4, "dropout")),
    ("dropout of a scalar", &[&[]], |_, v| v[0].clone().dropout(0.5, "dropout")),
];

const SHAPES: &[Case] = &[
    ("sum", &[&[2, 3, 4]], |_, v| Ok(v[0].clone().sum())),
    ("sum of a scalar", &[&[]], |_, v| Ok(v[0].clone().sum())),
    ("mean", &[&[2, 3, 4]], |_, v| Ok(v[0].clone().mean())),
    ("sum_axis first", &[&[2, 3, 4]], |_, v| v[0].clone().sum_axis(0)),
    ("sum_axis middle", &[&[2, 3, 4]], |_, v| v[0].clone().sum_axis(1)),
    ("sum_axis last", &[&[2, 3, 4]], |_, v| v[0].clone().sum_axis(2)),
    ("sum_axis of size 1", &[&[2, 1, 4]], |_, v| v[0].clone().sum_axis(1)),
    ("sum_axis to a scalar", &[&[5]], |_, v| v[0].clone().sum_axis(0)),
    ("mean_axis first", &[&[2, 3, 4]], |_, v| v[0].clone().mean_axis(0)),
    ("mean_axis middle", &[&[2, 3, 4]], |_, v| v[0].clone().mean_axis(1)),
    ("mean_axis last", &[&[2, 3, 4]], |_, v| v[0].clone().mean_axis(2)),
    ("mean_axis of size 1", &[&[2, 3, 1]], |_, v| v[0].clone().mean_axis(2)),
    ("reshape", &[&[2, 3, 4]], |_, v| v[0].clone().reshape([4, 6])),
    ("reshape to a scalar", &[&[1, 1]], |_, v| v[0].clone().reshape([])),
    ("flatten", &[&[2, 3, 4, 2]], |_, v| v[0].clone().flatten(1, 3)),
    ("flatten inner axes", &[&[2, 3, 4, 2]], |_, v| v[0].clone().flatten(1, 2)),
    ("permute", &[&[2, 3, 4]], |_, v| v[0].clone().permute(&[2, 0, 1])),
    ("permute, transposed", &[&[2, 3]], |_, v| v[0].clone().permute(&[1, 0])),
    ("permute four axes", &[&[2, 3, 4, 2]], |_, v| v[0].clone().permute(&[3, 1, 0, 2])),
    ("scatter_rows", &[&[2, 3]], |_, v| v[0].clone().scatter_rows([3, 1], 5)),
];

const PRODUCTS: &[Case] = &[
    ("matmul", &[&[4, 3], &[3, 5]], |_, v| v[0].clone().matmul(&v[1])),
    ("matmul by a constant", &[&[4, 3]], |t, v| v[0].clone().matmul(&fixed(t, [3, 2]))),
    ("matmul of a constant", &[&[3, 2]], |t, v| fixed(t, [4, 3]).matmul(&v[0])),
    ("matmul by itself", &[&[3, 3]], |_, v| v[0].clone().matmul(&v[0])),
    ("matmul, row by column", &[&[1, 4], &[4, 1]], |_, v| v[0].clone().matmul(&v[1])),
    ("matmul, column by row", &[&[4, 1], &[1, 3]], |_, v| v[0].clone().matmul(&v[1])),
    ("linear", &[&[4, 3], &[2, 3], &[2]], |_, v| v[0].clone().linear(&v[1], Some(&v[2]))),
    ("linear, no bias", &[&[4, 3], &[2, 3]], |_, v| v[0].clone().linear(&v[1], None)),
    ("linear, leading axes", &[&[2, 3, 4], &[5, 4], &[5]], |_, v| {
        v[0].clone().linear(&v[1], Some(&v[2]))
    }),
    ("linear, one sample", &[&[3], &[2, 3], &[2]], |_, v| v[0].clone().linear(&v[1], Some(&v[2]))),
    ("linear, only input", &[&[4, 3]], |t, v| {
        v[0].clone().linear(&fixed(t, [2, 3]), Some(&fixed(t, [2])))
    }),
    ("linear, only weight", &[&[2, 3]], |t, v| fixed(t, [4, 3]).linear(&v[0], None)),
    ("linear, only bias", &[&[2]], |t, v| fixed(t, [4, 3]).linear(&fixed(t, [2, 3]), Some(&v[0]))),
    ("linear, twice the same weight", &[&[4, 3], &[3, 3], &[3]], |_, v| {
        v[0].clone().linear(&v[1], Some(&v[2]))?.linear(&v[1], Some(&v[2]))
    }),
];

const CONVOLUTIONS: &[Case] = &[
    ("conv2d", &[&[2, 2, 4, 5], &[3, 2, 3, 2], &[3]], |_, v| conv(v, Conv2dOptions::default())),
    ("conv2d, no bias", &[&[2, 2, 4, 5], &[3, 2, 3, 2]], |_, v| conv(v, Conv2dOptions::default())),
    ("conv2d, one pixel", &[&[2, 3, 4, 3], &[2, 3, 1, 1], &[2]], |_, v| {
        conv(v, Conv2dOptions::default())
    }),
    ("conv2d, stride", &[&[1, 2, 7, 8], &[2, 2, 3, 2], &[2]], |_, v| {
        conv(v, Conv2dOptions::default().stride([2, 3]))
    }),
    ("conv2d, stride past the kernel", &[&[1, 2, 7, 7], &[2, 2, 2, 2]], |_, v| {
        conv(v, Conv2dOptions::default().stride([3, 3]))
    }),
    ("conv2d, same", &[&[2, 1, 4, 3], &[2, 1, 3, 2], &[2]], |_, v| {
        conv(v, Conv2dOptions::default().pad_mode(PadMode::Same))
    }),
    ("conv2d, same, stride", &[&[1, 2, 5, 6], &[2, 2, 3, 3]], |_, v| {
        conv(v, Conv2dOptions::default().pad_mode(PadMode::Same).stride([2, 2]))
    }),
    ("conv2d, four-sided pad", &[&[1, 2, 4, 3], &[2, 2, 3, 3], &[2]], |_, v| {
        conv(v, Conv2dOptions::default().pad_mode(PadMode::Pad([2, 1, 0, 3])))
    }),
    ("conv2d, dilation", &[&[1, 2, 7, 6], &[2, 2, 3, 2], &[2]], |_, v| {
        conv(v, Conv2dOptions::default().dilation([2, 3]))
    }),
    ("conv2d, groups", &[&[2, 4, 3, 4], &[6, 2, 2, 3], &[6]], |_, v| {
        conv(v, Conv2dOptions::default().groups(2))
    }),
    ("conv2d, depthwise", &[&[2, 3, 3, 4], &[3, 1, 2, 2], &[3]], |_, v| {
        conv(v, Conv2dOptions::default().groups(3))
    }),
    ("conv2d, everything", &[&[2, 4, 7, 6], &[2, 2, 2, 3], &[2]], |_, v| {
        let pad = PadMode::Pad([1, 2, 3, 0]);
        conv(v, Conv2dOptions::default().stride([2, 1]).pad_mode(pad).dilation([2, 2]).groups(2))
    }),
    ("conv2d, only input", &[&[2, 2, 4, 4]], |t, v| {
        v[0].clone().conv2d(&fixed(t, [3, 2, 3, 3]), None, &Conv2dOptions::default())
    }),
    ("conv2d, only weight", &[&[3, 2, 3, 3]], |t, v| {
        fixed(t, [2, 2, 4, 4]).conv2d(&v[0], None, &Conv2dOptions::default())
    }),
    ("conv2d, only bias", &[&[3]], |t, v| {
        let (x, w) = (fixed(t, [2, 2, 4, 4]), fixed(t, [3, 2, 3, 3]));
        x.conv2d(&w, Some(&v[0]), &Conv2dOptions::default())
    }),
];

const POOLING: &[Case] = &[
    ("max_pool2d", &[&[2, 2, 4, 6]], |_, v| {
        v[0].clone().max_pool2d(&pool([2, 2], [2, 2], PadMode::Valid))
    }),
    ("max_pool2d, odd size", &[&[1, 2, 5, 7]], |_, v| {
        v[0].clone().max_pool2d(&pool([2, 2], [2, 2], PadMode::Valid))
    }),
    ("max_pool2d, overlapping", &[&[1, 2, 5, 6]], |_, v| {
        v[0].clone().max_pool2d(&pool([3, 2], [1, 2], PadMode::Valid))
    }),
    ("max_pool2d, same", &[&[1, 2, 5, 4]], |_, v| {
        v[0].clone().max_pool2d(&pool([3, 3], [2, 2], PadMode::Same))
    }),
    ("max_pool2d, four-sided pad", &[&[1, 1, 4, 5]], |_, v| {
        v[0].clone().max_pool2d(&pool([3, 3], [2, 1], PadMode::Pad([1, 2, 0, 2])))
    }),
    ("subsampling", &[&[2, 2, 4, 6], &[2], &[2]], |_, v| {
        v[0].clone().subsampling(&v[1], &v[2], &pool([2, 2], [2, 2], PadMode::Valid))
    }),
    ("subsampling, overlapping", &[&[2, 2, 5, 6], &[2], &[2]], |_, v| {
        v[0].clone().subsampling(&v[1], &v[2], &pool([3, 2], [1, 2], PadMode::Valid))
    }),
    ("subsampling, with gaps", &[&[1, 2, 7, 8], &[2], &[2]], |_, v| {
        v[0].clone().subsampling(&v[1], &v[2], &pool([2, 2], [3, 3], PadMode::Valid))
    }),
    ("subsampling, four-sided pad", &[&[1, 1, 4, 5], &[1], &[1]], |_, v| {
        let options = pool([3, 3], [2, 1], PadMode::Pad([1, 2, 0, 2]));
        v[0].clone().subsampling(&v[1], &v[2], &options)
    }),
    ("avg_pool2d", &[&[2, 2, 4, 6]], |_, v| {
        v[0].clone().avg_pool2d(&pool([2, 2], [2, 2], PadMode::Valid))
    }),
    ("avg_pool2d, overlapping", &[&[1, 2, 5, 6]], |_, v| {
        v[0].clone().avg_pool2d(&pool([3, 2], [1, 2], PadMode::Valid))
    }),
    ("avg_pool2d, same", &[&[1, 2, 5, 4]], |_, v| {
        v[0].clone().avg_pool2d(&pool([3, 3], [2, 2], PadMode::Same))
    }),
    ("avg_pool2d, pad counted", &[&[1, 1, 4, 5]], |_, v| {
        v[0].clone().avg_pool2d(&pool([3, 3], [2, 1], PadMode::Pad([1, 2, 0, 2])))
    }),
    ("avg_pool2d, pad not counted", &[&[1, 1, 4, 5]], |_, v| {
        let pool = pool([3, 3], [2, 1], PadMode::Pad([1, 2, 0, 2]));
        v[0].clone().avg_pool2d(&Pool2dOptions { count_include_pad: false, ..pool })
    }),
];

const PROBABILITIES: &[Case] = &[
    ("softmax first axis", &[&[2, 3, 4]], |_, v| v[0].clone().softmax(0)),
    ("softmax middle axis", &[&[2, 3, 4]], |_, v| v[0].clone().softmax(1)),
    ("softmax last axis", &[&[2, 3, 4]], |_, v| v[0].clone().softmax(2)),
    ("softmax of one class", &[&[2, 1]], |_, v| v[0].clone().softmax(1)),
    ("log_softmax first axis", &[&[2, 3, 4]], |_, v| v[0].clone().log_softmax(0)),
    ("log_softmax middle axis", &[&[2, 3, 4]], |_, v| v[0].clone().log_softmax(1)),
    ("log_softmax last axis", &[&[2, 3, 4]], |_, v| v[0].clone().log_softmax(2)),
    ("softmax_cross_entropy", &[&[4, 5]], |_, v| {
        v[0].clone().softmax_cross_entropy(&Tensor::from_vec([4], [0, 4, 2, 2])?)
    }),
    ("cross_entropy, weighted and smoothed", &[&[4, 3]], |_, v| {
        let labels = Tensor::from_vec([4], [0, 9, 2, 1])?;
        v[0].clone()
            .cross_entropy(&labels, &CrossEntropyOptions { ignore_index: Some(9), ..weighted() })
    }),
    ("cross_entropy_dense, weighted and smoothed", &[&[4, 3]], |t, v| {
        let targets = fixed(t, [4, 3]).softmax(1)?.into_value();
        v[0].clone().cross_entropy_dense(&targets, &weighted())
    }),
    ("bce_with_logits", &[&[4, 3]], |t, v| {
        let targets = fixed(t, [4, 3]).sigmoid().into_value();
        v[0].clone().bce_with_logits(&targets, &BceOptions::default())
    }),
    ("bce_with_logits, weighted", &[&[4, 3]], |t, v| {
        let options = BceOptions { weight: Some(vec![0.5]), pos_weight: Some(vec![2.0, 0.0, 7.0]) };
        let targets = fixed(t, [4, 3]).sigmoid().into_value();
        v[0].clone().bce_with_logits(&targets, &options)
    }),
    ("softmax_cross_entropy_dense", &[&[3, 4]], |t, v| {
        let targets = fixed(t, [3, 4]).softmax(1)?.into_value();
        v[0].clone().softmax_cross_entropy_dense(&targets)
    }),
    ("softmax_cross_entropy_dense, targets of any sum", &[&[3, 4]], |t, v| {
        v[0].clone().softmax_cross_entropy_dense(fixed(t, [3, 4]).value())
    }),
];

const NORMALISATION: &[Case] = &[
    ("batch_norm of features", &[&[5, 3], &[3], &[3]], |_, v| {
        Ok(v[0].clone().batch_norm(&v[1], &v[2], 0.1)?.0)
    }),
    ("batch_norm of images", &[&[2, 2, 3, 3], &[2], &[2]], |_, v| {
        Ok(v[0].clone().batch_norm(&v[1], &v[2], 1e-5)?.0)
    }),
    ("batch_norm_with", &[&[2, 2, 3, 6], &[2], &[2], &[2], &[2]], |_, v| {
        let variance = v[4].clone().square().affine(1.0, 0.25);
        v[0].clone().batch_norm_with(&v[1], &v[2], [&v[3], &variance], 1e-5)
    }),
    ("layer_norm", &[&[3, 5], &[5], &[5]], |_, v| v[0].clone().layer_norm(&v[1], &v[2], 1e-5)),
    ("layer_norm of images", &[&[2, 3, 4, 3], &[4, 3], &[4, 3]], |_, v| {
        v[0].clone().layer_norm(&v[1], &v[2], 0.1)
    }),
];

const TABLES: &[&[Case]] = &[
    ARITHMETIC,
    ELEMENTWISE,
    SHAPES,
    PRODUCTS,
    CONVOLUTIONS,
    POOLING,
    PROBABILITIES,
    NORMALISATION,
];

#[test]
fn every_derivative_agrees_with_central_differences() {
    for &(name, shapes, function) in TABLES.iter().copied().flatten() {
        let inputs: Vec<_> =
            shapes.iter().enumerate().map(|(i, &shape)| spread(shape, i as u64)).collect();
        if let Err(error) = check_gradients(&inputs, function) {
            panic!("{name}: {error}");
        }
    }
}

/// Reads the sources, so that an operation without a case fails here.
#[test]
fn every_operation_has_a_case() {
    let mut operations = Vec::new();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ops");
    for entry in std::fs::read_dir(folder).unwrap() {
        let source = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        for line in source.lines().filter_map(|line| line.strip_prefix("    pub fn ")) {
            operations.push(line.split('(').next().unwrap().to_owned());
        }
    }
    assert!(operations.len() >= 27, "found {operations:?}");
    for operation in operations {
        let named = |&&(name, _, _): &&Case| {
            name.split(|c: char| c != '_' && !c.is_alphanumeric()).next() == Some(&operation)
        };
        assert!(
            TABLES.iter().copied().flatten().find(named).is_some(),
            "{operation} has no gradient check"
        );
    }
}

/// y = x³ with a derivative that is wrong in a way of choice.
#[derive(Debug)]
struct Cube {
    x: Tensor<f64>,
    fault: Fault,
}

#[derive(Clone, Copy, Debug)]
enum Fault {
    None,
    Factor(f64),
    Forgotten,
    Shape,
}

impl Backward<f64> for Cube {
    fn name(&self) -> &'static str {
        "cube"
    }

    fn backward(self: Box<Self>, dy: Tensor<f64>, sink: &mut Sink<'_, f64>) {
        let factor = match self.fault {
            Fault::Factor(factor) => factor,
            _ => 3.0,
        };
        let dx = Tensor::from_fn(self.x.shape(), |i| {
            dy.as_slice()[i] * factor * self.x.as_slice()[i].powi(2)
        });
        match self.fault {
            Fault::Forgotten => {}
            Fault::Shape => sink.give(0, dx.reshape([1, 4]).unwrap()),
            _ => sink.give(0, dx),
        }
    }
}

fn check_cube(fault: Fault) -> Result<(), GradientCheckError> {
    let x = Tensor::from_vec([4], [0.5, -1.0, 2.0, 0.25])?;
    check_gradients(&[x], |tape, v| {
        let x = v[0].value().clone();
        Var::custom(tape, &[&v[0]], x.map(|x| x * x * x), |_| Cube { x, fault })
    })
}

#[test]
fn a_right_rule_passes() {
    check_cube(Fault::None).unwrap();
}

#[test]
fn a_wrong_factor_is_caught() {
    for factor in [-3.0, 12.0, 0.75, 3.0 + 1e-4, f64::NAN] {
        let error = check_cube(Fault::Factor(factor)).unwrap_err();
        let GradientCheckError::Mismatch { input: 0, element: 0, backward, numeric, .. } = error
        else {
            panic!("{factor}: {error}");
        };
        let ratio = backward / numeric;
        assert!(ratio.is_nan() == factor.is_nan());
        assert!(factor.is_nan() || (ratio - factor / 3.0).abs() < 1e-6, "{factor}: {error}");
    }
    let (input, element, of) = (0, 3, "input 0".to_owned());
    let (backward, numeric, tolerance) = (48.0, 12.0, 1.2e-5);
    let error = GradientCheckError::Mismatch { input, of, element, backward, numeric, tolerance };
    assert_eq!(
        error.to_string(),
        "gradient of input 0 at element 3: the backward pass gives 4.8e1, central differences give \
         1.2e1 (tolerance 1.2e-5); mend the backward of the rules that it goes through, or keep \
         inputs away from kinks"
    );
}

#[test]
fn a_forgotten_gradient_is_caught() {
    let error = check_cube(Fault::Forgotten).unwrap_err();
    let GradientCheckError::Missing { input: 0, element: 0, numeric, .. } = error else {
        panic!("{error}");
    };
    assert_eq!(
        error.with_names(&["parameter weight".to_owned()]).to_string(),
        format!(
            "gradient of parameter weight: the backward pass gives none, central differences give \
             {numeric:e} at element 0; let every rule that it goes through give its input a \
             gradient, and compute with that input, not with a copy of its value"
        )
    );
}

#[test]
fn a_gradient_of_the_wrong_shape_is_caught() {
    assert_eq!(
        check_cube(Fault::Shape).unwrap_err().to_string(),
        "cube: the derivative rule's gradient of input 0 has another shape \
         (gradient [1, 4], input [4])"
    );
}

/// An input that does not matter has no gradient, and need not have one.
#[test]
fn an_unused_input_passes() {
    let x = spread([3], 0);
    check_gradients(&[x.clone(), x], |_, v| Ok(v[0].clone().square())).unwrap();
}

#[test]
fn relu_at_0_has_derivative_0() {
    let tape = Tape::new();
    let x = tape.leaf(Tensor::from_vec([4], [-1.0, -0.0, 0.0, 1.0]).unwrap());
    let gradients = x.clone().relu().sum().backward().unwrap();
    assert_eq!(gradients.of(&x).unwrap().as_slice(), [0.0, 0.0, 0.0, 1.0]);
}

#[test]
fn tied_maxima_give_the_gradient_to_the_first() {
    let tape = Tape::new();
    let x = tape.leaf(Tensor::full([1, 1, 3, 3], 7.0));
    let y = x.clone().max_pool2d(&pool([2, 2], [1, 1], PadMode::Valid)).unwrap();
    let dy = Tensor::from_vec([1, 1, 2, 2], [1.0, 10.0, 100.0, 1000.0]).unwrap();
    let gradients = y.backward_from(dy).unwrap();
    let expected = [1.0, 10.0, 0.0, 100.0, 1000.0, 0.0, 0.0, 0.0, 0.0];
    assert_eq!(gradients.of(&x).unwrap().as_slice(), expected);
}
