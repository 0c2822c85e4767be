"""Weights and the state of optimizers as MindSpore saves them, and how it goes on with them.

    python -m venv .venv && .venv/bin/pip install mindspore "numpy<2"
    .venv/bin/python crates/interchange/tests/reference/make_mindspore.py
    SPORELET_INTERCHANGE_OUT=out cargo test -p interchange mindspore
    .venv/bin/python crates/interchange/tests/reference/make_mindspore.py out

The first run writes "momentum.ckpt" and "adam.ckpt", a small network and its optimizer after two steps,
"checked.safetensors", the network alone after a third step of Adam, with a checksum, and "mindspore.json": the weights after the third, the logits of LeNet-5 with the weights of `formula`, and the checksums of
the files that MindSpore writes for it. The last one loads what our tests wrote, after two steps of ours, takes the third
itself, and compares.
"""

import json
import os
import platform
import sys
import zlib

import mindspore
import numpy
from mindspore import Tensor, nn

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../../reference"))
from reference_file import formula  # noqa: E402


def numbers(tensor, *shape):
    return Tensor(formula(tensor, int(numpy.prod(shape))).astype(numpy.float32).reshape(shape))


class LeNet5(nn.Cell):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, pad_mode="valid", has_bias=True)
        self.conv2 = nn.Conv2d(6, 16, 5, pad_mode="valid", has_bias=True)
        self.relu = nn.ReLU()
        self.max_pool2d = nn.MaxPool2d(2, 2)
        self.flatten = nn.Flatten()
        self.fc1 = nn.Dense(16 * 5 * 5, 120)
        self.fc2 = nn.Dense(120, 84)
        self.fc3 = nn.Dense(84, 10)

    def construct(self, x):
        x = self.max_pool2d(self.relu(self.conv1(x)))
        x = self.max_pool2d(self.relu(self.conv2(x)))
        x = self.flatten(x)
        return self.fc3(self.relu(self.fc2(self.relu(self.fc1(x)))))


class Normed(nn.Cell):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 2, 3, pad_mode="valid")
        self.bn1 = nn.BatchNorm2d(2)
        self.flatten = nn.Flatten()
        self.fc1 = nn.Dense(8, 3)

    def construct(self, x):
        return self.fc1(self.flatten(mindspore.ops.tanh(self.bn1(self.conv1(x)))))


def with_formula(net):
    for tensor, parameter in enumerate(net.trainable_params()):
        parameter.set_data(numbers(tensor, *parameter.shape) / 8)
    return net


OPTIMIZERS = {"momentum": lambda p: nn.Momentum(p, 0.1, 0.9), "adam": lambda p: nn.Adam(p, 0.01)}


def training(name):
    net = with_formula(Normed())
    optimizer = OPTIMIZERS[name](net.trainable_params())
    step = nn.TrainOneStepCell(nn.WithLossCell(net, nn.MSELoss()), optimizer)
    return net, step.set_train()


def take_step(step, number):
    step(numbers(100 + number, 4, 1, 4, 4), numbers(200 + number, 4, 3))


def weights(net):
    return {p.name: p.asnumpy().astype(float).ravel().tolist() for p in net.get_parameters()}


path = lambda name: os.path.join(HERE, name)
if len(sys.argv) == 1:
    results = {"weights": {}, "lenet5_crc32": {}}
    for name in OPTIMIZERS:
        net, step = training(name)
        take_step(step, 0)
        take_step(step, 1)
        if os.path.exists(path(f"{name}.ckpt")):
            os.remove(path(f"{name}.ckpt"))
        mindspore.save_checkpoint(step, path(f"{name}.ckpt"), crc_check=True)
        os.chmod(path(f"{name}.ckpt"), 0o644)
        take_step(step, 2)
        results["weights"][name] = weights(net)
    file = path("checked.safetensors")
    if os.path.exists(file):
        os.remove(file)
    mindspore.save_checkpoint(net, file, crc_check=True, format="safetensors")
    os.chmod(file, 0o644)
    lenet = with_formula(LeNet5())
    for kind in ["ckpt", "safetensors"]:
        # With a checksum, the metadata of a safetensors file has two entries, in random order.
        mindspore.save_checkpoint(lenet, path(f"tmp.{kind}"), crc_check=kind == "ckpt", format=kind)
        with open(path(f"tmp.{kind}"), "rb") as file:
            results["lenet5_crc32"][kind] = zlib.crc32(file.read())
        os.remove(path(f"tmp.{kind}"))
    results["lenet5"] = lenet(numbers(100, 2, 1, 32, 32)).asnumpy().astype(float).ravel().tolist()
    results["versions"] = {"python": platform.python_version(), "mindspore": mindspore.__version__}
    with open(path("mindspore.json"), "w") as file:
        json.dump(results, file)
        file.write("\n")
else:
    folder = sys.argv[1]
    with open(os.path.join(folder, "mindspore.json")) as file:
        ours = json.load(file)
    for name in OPTIMIZERS:
        net, step = training(name)
        values = mindspore.load_checkpoint(os.path.join(folder, f"{name}.ckpt"), crc_check=True)
        missing = mindspore.load_param_into_net(step, values)
        take_step(step, 2)
        found = weights(net)
        assert found.keys() == ours[name].keys(), found.keys()
        difference = max(abs(numpy.array(found[key]) - ours[name][key]).max() for key in found)
        assert difference < 1e-6, (name, difference)
        print(f"{name}: ours loads, without {missing}; after another step the weights differ by {difference:.1e}")
    for kind in ["ckpt", "safetensors"]:
        lenet = LeNet5()
        file = os.path.join(folder, f"lenet5_mindspore.{kind}")
        values = mindspore.load_checkpoint(file, crc_check=kind == "ckpt", format=kind)
        assert mindspore.load_param_into_net(lenet, values) == ([], [])
        logits = lenet(numbers(100, 2, 1, 32, 32)).asnumpy().ravel()
        difference = abs(logits - numpy.array(ours["lenet5"])).max()
        assert difference < 1e-5, (kind, difference)
        print(f"lenet5.{kind}: ours loads, and the logits differ by {difference:.1e}")
