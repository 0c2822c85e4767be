"""Writes `classic.safetensors`: the 1998 LeNet-5 and its layers, computed by PyTorch.

    python -m venv .venv && .venv/bin/pip install torch numpy safetensors
    .venv/bin/python crates/layers/tests/reference/classic.py

PyTorch has none of these layers: subsampling is average-pooling times the window's pixels, a
convolution by a connection table one whose other kernels are 0. Of the whole network's gradients
those of C5's 48,000 weights are stored as their sums over the inputs and over the outputs. The
same versions write the same bytes.
"""

import os
import sys

import numpy
import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../../reference"))
from reference_file import exact, formula, write  # noqa: E402

random = numpy.random.default_rng(1998)
cases, tensors = [], {}


def scaled_tanh(x):
    return 1.7159 * torch.tanh(2 / 3 * x)


def subsampling(x, coefficient, bias, kernel, stride=None, pad=0):
    sums = F.avg_pool2d(F.pad(x, [pad] * 4), kernel, stride or kernel) * kernel**2
    return coefficient.view(1, -1, 1, 1) * sums + bias.view(1, -1, 1, 1)


def table_conv2d(x, weight, bias, table, **options):
    full = torch.zeros(len(table), x.shape[1], *weight.shape[1:], dtype=x.dtype)
    places = [(output, each) for output, row in enumerate(table) for each in row]
    full = full.index_put(tuple(torch.tensor(i) for i in zip(*places)), weight)
    return F.conv2d(x, full, bias, **options)


def case(name, layer, inputs, function, **options):
    cases.append({"name": name, "layer": layer, "inputs": len(inputs), "options": options})
    leaves = [torch.tensor(value, requires_grad=True) for value in inputs]
    output = function(*leaves, **options)
    cotangent = exact(random.normal(size=tuple(output.shape)))
    output.backward(torch.tensor(cotangent))
    for i, (value, leaf) in enumerate(zip(inputs, leaves)):
        tensors[f"{name}/input.{i}"] = value.astype(numpy.float32)
        tensors[f"{name}/gradient.{i}"] = leaf.grad.numpy()
    tensors[f"{name}/cotangent"] = cotangent.astype(numpy.float32)
    tensors[f"{name}/output"] = output.detach().numpy()


normal = lambda *shape: exact(random.normal(size=shape))
case("scaled tanh", "ScaledTanh", [normal(3, 4)], scaled_tanh)
far = exact([-80, -15, -3, -1e-3, -1e-6, 0, 1e-6, 1e-3, 3, 15, 80])
case("scaled tanh, far out", "ScaledTanh", [far], scaled_tanh)

images = [normal(2, 3, 4, 6), normal(3), normal(3)]
case("subsampling", "Subsampling", images, subsampling, kernel=2)
images = [normal(2, 2, 7, 9), normal(2), normal(2)]
case("subsampling, odd size", "Subsampling", images, subsampling, kernel=2)
case("subsampling, overlapping", "Subsampling", images, subsampling, kernel=3, stride=2, pad=1)

maps = [normal(2, 3, 5, 5), normal(4, 2, 2), normal(2)]
case("table", "TableConv2d", maps, table_conv2d, table=[[0, 2], [2, 1]])
maps = [normal(2, 2, 6, 6), normal(5, 3, 3), normal(4)]
table = [[1], [0], [1, 0], [1]]
case("table, strided", "TableConv2d", maps, table_conv2d, table=table, stride=2, padding=1)

LENET5 = (
    [sorted((i + k) % 6 for k in range(3)) for i in range(6)]
    + [sorted((i + k) % 6 for k in range(4)) for i in range(6)]
    + [[0, 1, 3, 4], [1, 2, 4, 5], [0, 2, 3, 5], [0, 1, 2, 3, 4, 5]]
)
PARAMETERS = [
    ("c1.weight", (6, 1, 5, 5), 25), ("c1.bias", (6,), 25),
    ("s2.coefficient", (6,), 4), ("s2.bias", (6,), 4),
    ("c3.weight", (60, 5, 5), 94), ("c3.bias", (16,), 94),
    ("s4.coefficient", (16,), 4), ("s4.bias", (16,), 4),
    ("c5.weight", (120, 16, 5, 5), 400), ("c5.bias", (120,), 400),
    ("f6.weight", (84, 120), 120), ("f6.bias", (84,), 120),
    ("output.weight", (10, 84), 84), ("output.bias", (10,), 84),
]  # fmt: skip

p = {}
for number, (name, shape, fan_in) in enumerate(PARAMETERS):
    values = exact(formula(number, int(numpy.prod(shape))) * (2 / fan_in**0.5))
    p[name] = torch.tensor(values).reshape(shape).requires_grad_()
images = torch.tensor(exact(formula(20, 2 * 32 * 32))).reshape(2, 1, 32, 32)
x = scaled_tanh(F.conv2d(images, p["c1.weight"], p["c1.bias"]))
x = scaled_tanh(subsampling(x, p["s2.coefficient"], p["s2.bias"], 2))
x = scaled_tanh(table_conv2d(x, p["c3.weight"], p["c3.bias"], LENET5))
x = scaled_tanh(subsampling(x, p["s4.coefficient"], p["s4.bias"], 2))
x = scaled_tanh(F.conv2d(x, p["c5.weight"], p["c5.bias"])).flatten(1)
x = scaled_tanh(F.linear(x, p["f6.weight"], p["f6.bias"]))
logits = F.linear(x, p["output.weight"], p["output.bias"])
labels = [7, 0]
loss = F.cross_entropy(logits, torch.tensor(labels))
loss.backward()

fan_ins = [fan_in for _, _, fan_in in PARAMETERS]
cases.append({"name": "network", "layer": "LeNet5Classic", "labels": labels, "fan_in": fan_ins})
tensors["network/logits"] = logits.detach().numpy()
tensors["network/loss"] = loss.detach().numpy()
for name, parameter in p.items():
    gradient = parameter.grad.numpy()
    if name == "c5.weight":
        tensors[f"network/{name}/by output"] = gradient.reshape(120, 400).sum(1)
        tensors[f"network/{name}/by input"] = gradient.reshape(120, 400).sum(0)
    else:
        tensors[f"network/{name}"] = gradient.astype(numpy.float32)
write(os.path.join(HERE, "classic.safetensors"), cases, tensors, 90_000, torch)
