//! How networks print, as MindSpore prints a `Cell`.

use layers::{
    Activation, AvgPool2d, BatchNorm2d, Conv2d, Dense, Dropout, Elu, Flatten, Gelu,
    GlobalAvgPool2d, Layer, LayerNorm, LeNet5, LeakyRelu, LogSoftmax, MaxPool2d, Mlp, PadMode,
    Perceptron, Relu, Sequential, Sigmoid, Silu, Softmax, Softplus, Tanh, module,
};

#[test]
fn lenet5() {
    let expected = "\
LeNet5(
  (conv1): Conv2d(input_channels=1, output_channels=6, kernel_size=(5, 5), stride=(1, 1), pad_mode=valid, padding=0, dilation=(1, 1), group=1, has_bias=True)
  (relu1): Relu()
  (pool1): MaxPool2d(kernel_size=2, stride=2, pad_mode=VALID)
  (conv2): Conv2d(input_channels=6, output_channels=16, kernel_size=(5, 5), stride=(1, 1), pad_mode=valid, padding=0, dilation=(1, 1), group=1, has_bias=True)
  (relu2): Relu()
  (pool2): MaxPool2d(kernel_size=2, stride=2, pad_mode=VALID)
  (flatten): Flatten()
  (fc1): Dense(input_channels=400, output_channels=120, has_bias=True)
  (relu3): Relu()
  (fc2): Dense(input_channels=120, output_channels=84, has_bias=True)
  (relu4): Relu()
  (fc3): Dense(input_channels=84, output_channels=10, has_bias=True)
)";
    assert_eq!(LeNet5::new().to_string(), expected);
}

#[test]
fn an_mlp() {
    let leaky = Activation::LeakyRelu { alpha: 0.1 };
    let mlp = Mlp::new(2).hidden(8, Activation::Tanh).hidden(4, leaky).output(3).unwrap();
    let expected = "\
Mlp(
  (hidden): Vec(
    (0): Dense(input_channels=2, output_channels=8, has_bias=True, activation=tanh)
    (1): Dense(input_channels=8, output_channels=4, has_bias=True, activation=leaky_relu(alpha=0.1))
  )
  (output): Dense(input_channels=4, output_channels=3, has_bias=True)
)";
    assert_eq!(mlp.to_string(), expected);
}

struct Net {
    features: Sequential,
    head: Option<Dense>,
    none: Option<Dense>,
    boxed: Box<dyn Layer>,
}

module!(Net { features, head, none, boxed });

#[test]
fn a_network_of_ones_own() {
    let features = Sequential::new()
        .add(Conv2d::new(3, 8, 3).stride(2).pad_mode(PadMode::Same).has_bias(false))
        .named("pool", AvgPool2d::new(3).stride(1).pad_mode(PadMode::Pad([1, 0, 1, 0])))
        .unwrap()
        .add(Dropout::new(0.3));
    let boxed: Box<dyn Layer> = Box::new(Sequential::new());
    let net = Net { features, head: Some(Dense::new(8, 2)), none: None, boxed };
    let expected = "\
Net(
  (features): Sequential(
    (0): Conv2d(input_channels=3, output_channels=8, kernel_size=(3, 3), stride=(2, 2), pad_mode=same, padding=0, dilation=(1, 1), group=1, has_bias=False)
    (pool): AvgPool2d(kernel_size=3, stride=1, pad_mode=PAD, padding=(1, 0, 1, 0))
    (2): Dropout(p=0.3)
  )
  (head): Dense(input_channels=8, output_channels=2, has_bias=True)
  (boxed): Sequential()
)";
    assert_eq!(net.to_string(), expected);
    assert_eq!(net.boxed.to_string(), "Sequential()");
}

#[test]
fn single_layers() {
    let layers: [(Box<dyn Layer>, &str); 16] = [
        (Box::new(Sigmoid::new()), "Sigmoid()"),
        (Box::new(Tanh::new()), "Tanh()"),
        (Box::new(Relu::new()), "Relu()"),
        (Box::new(LeakyRelu::new()), "LeakyRelu(alpha=0.2)"),
        (Box::new(Elu::new().alpha(0.5)), "Elu(alpha=0.5)"),
        (Box::new(Gelu::new()), "Gelu(approximate=True)"),
        (Box::new(Silu::new()), "Silu()"),
        (Box::new(Softplus::new()), "Softplus()"),
        (Box::new(Softmax::new().axis(1)), "Softmax(axis=1)"),
        (Box::new(LogSoftmax::new()), "LogSoftmax(axis=-1)"),
        (Box::new(Flatten::new()), "Flatten()"),
        (Box::new(MaxPool2d::new(2)), "MaxPool2d(kernel_size=2, stride=2, pad_mode=VALID)"),
        (Box::new(BatchNorm2d::new(3)), "BatchNorm2d(num_features=3, eps=1e-5, momentum=0.9)"),
        (Box::new(LayerNorm::new([4, 2])), "LayerNorm(normalized_shape=[4, 2], eps=1e-5)"),
        (Box::new(GlobalAvgPool2d::new()), "GlobalAvgPool2d()"),
        (Box::new(Perceptron::new(2)), "Perceptron(inputs=2, activation=step)"),
    ];
    for (layer, expected) in layers {
        assert_eq!(layer.to_string(), expected);
    }
}
