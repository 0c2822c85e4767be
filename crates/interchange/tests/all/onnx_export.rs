//! Networks written as ONNX models: read again they compute the same, and so they do in ONNX
//! Runtime, whose outputs `reference/make_onnx_export.py` keeps.

use autodiff::{Backward, Sink};
use interchange::onnx::{OnnxModel, OnnxNetwork};
use layers::*;
use reference::Comparison;
use serde_json::{Value, json};
use tensor::Tensor;

/// y = x³, by a rule of its own.
#[derive(Debug)]
struct Cube(Tensor);

impl Backward<f32> for Cube {
    fn name(&self) -> &'static str {
        "cube"
    }

    fn backward(self: Box<Self>, dy: Tensor, sink: &mut Sink<'_, f32>) {
        sink.give(
            0,
            Tensor::from_fn(dy.shape(), |i| 3.0 * self.0.as_slice()[i].powi(2) * dy.as_slice()[i]),
        );
    }
}

/// A layer that is a function.
struct Function<F> {
    scope: Scope,
    f: F,
}

impl<F: Send + Sync> Module for Function<F> {
    fn visit<'a>(&'a self, visitor: &mut Visitor<'_, 'a>) {
        visitor.field("scope", &self.scope);
    }

    fn visit_mut<'a>(&'a mut self, visitor: &mut VisitorMut<'_, 'a>) {
        visitor.field("scope", &mut self.scope);
    }
}

impl<F: for<'t> Fn(Var<'t>) -> Result<Var<'t>> + Send + Sync> Layer for Function<F> {
    fn forward<'t>(&self, x: Var<'t>) -> Result<Var<'t>> {
        self.scope.run("Function", x, &self.f)
    }
}

fn function<F: for<'t> Fn(Var<'t>) -> Result<Var<'t>> + Send + Sync>(f: F) -> Function<F> {
    Function { scope: Scope::default(), f }
}

fn images(samples: usize, sample: &[usize]) -> Tensor {
    Tensor::from_fn([&[samples], sample].concat(), |i| reference::formula(0, i) as f32)
}

fn run(network: &dyn Layer, input: Tensor) -> Tensor {
    network.forward(Tape::inference().constant(input)).unwrap().into_value()
}

/// A network of every kind of layer, and the shape of a sample.
fn networks() -> Vec<(&'static str, Box<dyn Layer>, Vec<usize>)> {
    let image = vec![2, 7, 6];
    let mut list: Vec<(&'static str, Box<dyn Layer>, Vec<usize>)> = vec![
        ("dense", Box::new(Dense::new(5, 3)), vec![5]),
        ("dense_no_bias", Box::new(Dense::new(5, 3).has_bias(false)), vec![5]),
        ("dense_of_rows", Box::new(Dense::new(5, 3)), vec![4, 5]),
        ("conv2d", Box::new(Conv2d::new(2, 3, 3)), image.clone()),
        (
            "conv2d_options",
            Box::new(
                Conv2d::with_kernel(2, 4, [3, 2])
                    .stride(2)
                    .dilation(2)
                    .groups(2)
                    .has_bias(false)
                    .pad_mode(PadMode::Pad([1, 2, 0, 1])),
            ),
            image.clone(),
        ),
        ("conv2d_same", Box::new(Conv2d::new(2, 3, 4).pad_mode(PadMode::Same)), image.clone()),
        (
            "max_pool2d",
            Box::new(MaxPool2d::new(3).stride(2).pad_mode(PadMode::Same)),
            image.clone(),
        ),
        ("avg_pool2d", Box::new(AvgPool2d::new(2)), image.clone()),
        ("avg_pool2d_same", Box::new(AvgPool2d::new(3).pad_mode(PadMode::Same)), image.clone()),
        (
            "avg_pool2d_pad",
            Box::new(AvgPool2d::new(3).pad_mode(PadMode::all_sides(1))),
            image.clone(),
        ),
        ("batch_norm1d", Box::new(BatchNorm1d::new(5)), vec![5]),
        ("batch_norm2d", Box::new(BatchNorm2d::new(2).epsilon(0.01)), image.clone()),
        ("layer_norm", Box::new(LayerNorm::new([5])), vec![4, 5]),
        ("layer_norm_of_images", Box::new(LayerNorm::new([7, 6]).epsilon(0.1)), image.clone()),
        ("global_avg_pool2d", Box::new(GlobalAvgPool2d::new()), image.clone()),
        ("gelu_and_mean", Box::new(function(|x| x.gelu().mean_axis(1))), image.clone()),
        ("subsampling", Box::new(Subsampling::new(2, 2)), image.clone()),
        ("scaled_tanh", Box::new(ScaledTanh::new()), vec![5]),
        ("table_conv2d", Box::new(TableConv2d::new(ConnectionTable::lenet5(), 3)), vec![6, 5, 4]),
        ("flatten", Box::new(Flatten::new()), image),
        ("dropout", Box::new(Sequential::new().add(Dropout::new(0.5)).add(Relu::new())), vec![4]),
        ("empty", Box::new(Sequential::new()), vec![4]),
        ("perceptron", Box::new(Perceptron::new(3)), vec![3]),
        ("mlp", Box::new(Mlp::new(3).hidden(4, Activation::Tanh).output(2).unwrap()), vec![3]),
        ("gelu_exact", Box::new(Gelu::new().approximate(false)), vec![9]),
        ("lenet5", Box::new(LeNet5::new()), vec![1, 32, 32]),
        ("lenet5_classic", Box::new(LeNet5Classic::new()), vec![1, 32, 32]),
        ("operations", Box::new(function(|x| operations(&x))), vec![3, 4]),
    ];
    for &activation in Activation::ALL {
        let layer = function(move |x| activation.apply(x));
        list.push((activation.name(), Box::new(layer), vec![3, 4]));
    }
    for (_, network, _) in &mut list {
        network.initialize(3).unwrap();
        trained(&mut **network);
    }
    list
}

/// Gives normalisation weights and statistics that tell them apart, as training would.
fn trained(network: &mut dyn Layer) {
    network.each_parameter_mut(&mut |name, parameter| {
        let (least, spread) = match name.rsplit('.').next().unwrap() {
            "gamma" | "moving_variance" => (1.0, 0.7),
            "beta" | "moving_mean" => (0.0, 0.7),
            _ => return,
        };
        let seed = name.len();
        let value = Tensor::from_fn(parameter.shape(), |i| {
            least + spread * reference::formula(seed, i) as f32
        });
        parameter.set(value).unwrap();
    });
}

/// What no layer uses by itself.
fn operations<'t>(x: &Var<'t>) -> Result<Var<'t>> {
    let c = x.tape().constant(Tensor::from_fn([4], |i| i as f32 + 1.5)).named("shift");
    let y = x.clone().add(&c)?.mul(x)?.sub(&c)?.div(&c)?.affine(0.5, -1.0);
    let rows = (-y).square().affine(1.0, 1.0).ln().exp().detach().reshape([x.shape()[0] * 3, 4])?;
    let weight = x.tape().constant(Tensor::from_fn([4, 2], |i| i as f32 / 4.0));
    let y = rows.matmul(&weight)?.reshape([x.shape()[0], 3, 2])?.permute(&[0, 2, 1])?;
    let mean = y
        .clone()
        .mean_axis(2)?
        .add(&y.clone().sum_axis(1)?.sum_axis(1)?.reshape([x.shape()[0], 1])?)?;
    mean.add(&y.clone().mean())?.sub(&y.sum().scale(0.25))
}

#[test]
fn what_is_written_is_read_and_computes_the_same() {
    for (name, network, sample) in networks() {
        let model =
            OnnxModel::of(&*network, &sample).unwrap_or_else(|error| panic!("{name}: {error}"));
        let again = OnnxNetwork::from_bytes(&model.to_bytes())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let open: Vec<_> = std::iter::once(None).chain(sample.iter().map(|&n| Some(n))).collect();
        assert_eq!(again.input_shape(), open, "{name}");
        for samples in [1, 4, 17] {
            let input = images(samples, &sample);
            let (ours, found) = (run(&*network, input.clone()), run(&again, input));
            let difference = reference::difference(&found, &ours.cast(), 1.0);
            assert!(difference < 1e-6, "{name}, {samples} samples: {difference}");
        }
    }
}

/// Where the environment variable names a folder, everything that the script needs is written
/// there first.
#[test]
fn onnx_runtime_computes_the_same() {
    let known: Value = serde_json::from_str(include_str!("../reference/exported.json")).unwrap();
    let peer = format!("onnxruntime {}", known["versions"]["onnxruntime"].as_str().unwrap());
    let folder = std::env::var_os("SPORELET_ONNX_OUT").map(std::path::PathBuf::from);
    for (name, network, sample) in networks() {
        let model = OnnxModel::of(&*network, &sample).unwrap();
        let outputs = [1, 4].map(|samples| run(&*network, images(samples, &sample)));
        if let Some(folder) = &folder {
            let ours: Vec<_> = outputs
                .iter()
                .map(|y| json!({ "shape": y.shape().to_vec(), "numbers": y.as_slice() }))
                .collect();
            std::fs::create_dir_all(folder).unwrap();
            model.write(folder.join(format!("{name}.onnx"))).unwrap();
            std::fs::write(folder.join(format!("{name}.json")), json!(ours).to_string()).unwrap();
            continue;
        }
        assert_eq!(
            known["crc32"][name],
            crc32fast::hash(&model.to_bytes()),
            "{name} is exported in another way than ONNX Runtime was given it: run check_export.py"
        );
        for (ours, numbers) in outputs.iter().zip(known["outputs"][name].as_array().unwrap()) {
            let numbers: Vec<_> =
                numbers.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect();
            let expected = Tensor::from_fn(ours.shape(), |i| numbers[i]);
            assert_eq!(numbers.len(), ours.len(), "{name}");
            let row = Comparison::new("file", ".onnx", &peer);
            row.check(&format!("outputs of an exported {name}"), ours, &expected, 1.0, 1e-5);
        }
    }
}

#[test]
fn initialisers_are_the_parameters() {
    for (name, network, sample) in networks() {
        let model = OnnxModel::of(&*network, &sample).unwrap();
        let again = OnnxNetwork::from_bytes(&model.to_bytes()).unwrap();
        let all = |network: &dyn Layer| -> Vec<(String, Tensor)> {
            let mut all: Vec<_> = network
                .parameters()
                .into_iter()
                .map(|(name, parameter)| (name, parameter.value().unwrap().clone()))
                .collect();
            all.sort_by(|a, b| a.0.cmp(&b.0));
            all
        };
        assert_eq!(all(&again), all(&*network), "{name}");
    }
}

/// The message for a network that is a function of samples of three numbers.
fn refusal<F: for<'t> Fn(Var<'t>) -> Result<Var<'t>> + Send + Sync + 'static>(f: F) -> String {
    let network = Sequential::new().add(Relu::new()).named("own", function(f)).unwrap();
    OnnxModel::of(&network, &[3]).unwrap_err().to_string()
}

fn cube<'t>(x: &Var<'t>) -> Result<Var<'t>> {
    let value = x.value().clone();
    let cubes = Tensor::from_fn(value.shape(), |i| value.as_slice()[i].powi(3));
    Var::custom(x.tape(), &[x], cubes, |_| Cube(value))
}

fn distances(x: Var<'_>) -> Result<Var<'_>> {
    let targets = Tensor::full(x.shape(), 0.5);
    x.softmax_cross_entropy_dense(&targets)
}

fn shifted(x: Var<'_>) -> Result<Var<'_>> {
    let shift = x.tape().constant(Tensor::zeros(x.shape())).named("shift");
    x.add(&shift)
}

fn scaled(x: Var<'_>) -> Result<Var<'_>> {
    let factor = 1.0 / x.shape()[0] as f32;
    Ok(x.scale(factor))
}

fn longer(x: Var<'_>) -> Result<Var<'_>> {
    Ok(if x.shape()[0] > 2 { x.relu().tanh() } else { x.relu() })
}

fn branching(x: Var<'_>) -> Result<Var<'_>> {
    Ok(if x.shape()[0] > 2 { x.relu() } else { x.tanh() })
}

#[test]
fn what_cannot_be_written_is_told() {
    let batches = "so that it cannot be written down for every batch; let the forward pass do the same for all";
    assert_eq!(
        refusal(|x| cube(&x)),
        "the operation cube in own is not supported: ONNX cannot know a rule of your own; compute \
         it by operations that can be exported"
    );
    assert_eq!(
        refusal(distances),
        "the operation softmax_cross_entropy in own is not supported: ONNX has no counterpart for \
         it; compute it by operations that can be exported"
    );
    assert_eq!(
        refusal(shifted),
        format!(
            "the constant shift in own is not supported: its value differs between batches, {batches}"
        )
    );
    assert_eq!(
        refusal(scaled),
        format!(
            "the operation affine in own is not supported: its factor differs between batches, {batches}"
        )
    );
    assert_eq!(
        refusal(branching),
        format!(
            "the operation tanh in own is not supported: another batch computes something else \
             here, {batches}"
        )
    );
    assert_eq!(
        refusal(longer),
        "a forward pass that depends on the batch's size is not supported: it takes 3 steps or 4; let it do \
         the same for all batches"
    );
    for size in [usize::MAX, 1 << 60] {
        assert_eq!(
            OnnxModel::of(&Dense::new(3, 2), &[size, 3]).unwrap_err().to_string(),
            format!("onnx: sample is [{size}, 3], expected a sample that fits in memory")
        );
    }
    assert_eq!(
        OnnxModel::of(&LeNet5::new(), &[1, 32, 32]).unwrap_err().to_string(),
        "forward: the parameters have no values yet; call initialize(seed) on the network, or load weights"
    );
}

/// Holds a parameter that its module does not show.
struct Hidden(Parameter);

impl Module for Hidden {
    fn visit<'a>(&'a self, _: &mut Visitor<'_, 'a>) {}

    fn visit_mut<'a>(&'a mut self, _: &mut VisitorMut<'_, 'a>) {}
}

impl Layer for Hidden {
    fn forward<'t>(&self, x: Var<'t>) -> Result<Var<'t>> {
        let factor = self.0.on(x.tape())?;
        x.mul(&factor)
    }
}

#[test]
fn a_parameter_without_a_name_is_told() {
    let mut network = Hidden(Parameter::new([3], Initializer::ZERO));
    network.0.set(Tensor::full([3], 2.0)).unwrap();
    assert_eq!(
        OnnxModel::of(&network, &[3]).unwrap_err().to_string(),
        "the parameter x1 is not supported: the network has no parameter of this key; let its \
         module! name the field"
    );
}

#[test]
fn a_frozen_parameter_stays_one() {
    let mut network = Dense::new(3, 2);
    network.initialize(1).unwrap();
    network.weight.set_trainable(false);
    let model = OnnxModel::of(&network, &[3]).unwrap();
    let again = OnnxNetwork::from_bytes(&model.to_bytes()).unwrap();
    let names: Vec<_> = again.parameters().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["weight", "bias"]);
}

#[test]
fn a_file_is_written_whole() {
    let mut network = Dense::new(3, 2);
    network.initialize(1).unwrap();
    let model = OnnxModel::of(&network, &[3]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dense.onnx");
    model.write(&path).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), model.to_bytes());
    OnnxNetwork::read(&path).unwrap();
    let error = model.write(folder.path().join("no").join("dense.onnx")).unwrap_err();
    assert!(matches!(error, interchange::Error::Write(_)), "{error}");
}
