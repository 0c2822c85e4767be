"""Writes `activations-pytorch.safetensors` or `activations-mindspore.safetensors`, by which of the
two is asked for: the activation layers, their values and gradients.

    python -m venv .venv && .venv/bin/pip install torch numpy safetensors
    .venv/bin/python crates/layers/tests/reference/activations.py pytorch

    python3.11 -m venv .venv && .venv/bin/pip install mindspore 'numpy<2' safetensors
    .venv/bin/python crates/layers/tests/reference/activations.py mindspore

For each case the file holds "NAME/input", "NAME/cotangent", "NAME/output" and "NAME/gradient", the
gradient of <cotangent, output> with respect to the input. PyTorch computes in f64, MindSpore in
f32, since not all of its kernels know f64. The same versions write the same bytes.
"""

import os
import sys

import numpy

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../../reference"))
from reference_file import exact, write  # noqa: E402

random = numpy.random.default_rng(24)
FAR = exact([-1e4, -80, -15, -6, -3, -1, -1e-3, -1e-6, 1e-6, 1e-3, 1, 3, 6, 15, 80, 1e4])


def pytorch():
    import torch
    from torch import nn

    def compute(layer, x, cotangent):
        leaf = torch.tensor(x, requires_grad=True)
        output = layer(leaf)
        output.backward(torch.tensor(cotangent))
        return output.detach().numpy(), leaf.grad.numpy()

    layers = {
        "Sigmoid": lambda: nn.Sigmoid(),
        "Tanh": lambda: nn.Tanh(),
        "Relu": lambda: nn.ReLU(),
        "LeakyRelu": lambda alpha: nn.LeakyReLU(alpha),
        "Elu": lambda alpha: nn.ELU(alpha),
        "Gelu": lambda approximate: nn.GELU("tanh" if approximate else "none"),
        "Silu": lambda: nn.SiLU(),
        # Above its threshold PyTorch's softplus is x, which is right to 9 digits only.
        "Softplus": lambda: nn.Softplus(threshold=40),
        "Softmax": lambda axis: nn.Softmax(axis),
        "LogSoftmax": lambda axis: nn.LogSoftmax(axis),
    }
    return torch, layers, compute, "activations-pytorch.safetensors"


def mindspore():
    import mindspore
    from mindspore import Tensor, nn, ops

    def compute(layer, x, cotangent):
        x, cotangent = (Tensor(a.astype(numpy.float32)) for a in (x, cotangent))
        gradient = mindspore.grad(lambda x: (layer(x) * cotangent).sum())(x)
        return layer(x).asnumpy(), gradient.asnumpy()

    layers = {
        "Sigmoid": lambda: nn.Sigmoid(),
        "Tanh": lambda: nn.Tanh(),
        "Relu": lambda: nn.ReLU(),
        "LeakyRelu": lambda alpha: nn.LeakyReLU(alpha),
        "Elu": lambda alpha: nn.ELU(alpha),
        "Gelu": lambda approximate: nn.GELU(approximate),
        "Silu": lambda: nn.SiLU(),
        "Softplus": lambda: ops.softplus,
        "Softmax": lambda axis: nn.Softmax(axis),
        "LogSoftmax": lambda axis: nn.LogSoftmax(axis),
    }
    return mindspore, layers, compute, "activations-mindspore.safetensors"


peer, layers, compute, file = {"pytorch": pytorch, "mindspore": mindspore}[sys.argv[1]]()
cases, tensors = [], {}


def case(kind, variant, x, **options):
    name = f"{kind} {variant}".strip()
    cotangent = exact(random.choice([-1.0, 1.0], size=x.shape) * random.uniform(0.5, 1.5, size=x.shape))
    output, gradient = compute(layers[kind](**options), x, cotangent)
    cases.append({"name": name, "layer": kind, "options": options})
    tensors[f"{name}/input"] = x.astype(numpy.float32)
    tensors[f"{name}/cotangent"] = cotangent.astype(numpy.float32)
    tensors[f"{name}/output"] = output
    tensors[f"{name}/gradient"] = gradient


for kind, variants in {
    "Sigmoid": [{}],
    "Tanh": [{}],
    "Relu": [{}],
    "LeakyRelu": [dict(alpha=0.2), dict(alpha=0.01)],
    "Elu": [dict(alpha=1.0)],
    "Gelu": [dict(approximate=True), dict(approximate=False)],
    "Silu": [{}],
    "Softplus": [{}],
}.items():
    for options in variants:
        said = ", ".join(f"{key} {value}" for key, value in options.items())
        case(kind, said, exact(2 * random.normal(size=(3, 7))), **options)
        # 1e4 would hide what the small values are.
        case(kind, f"{said} far out".strip(), FAR[numpy.abs(FAR) < 100], **options)
        case(kind, f"{said} very far out".strip(), FAR, **options)
for kind in ["Softmax", "LogSoftmax"]:
    for axis in [-1, 0, 1]:
        case(kind, f"axis {axis}", exact(2 * random.normal(size=(2, 3, 4))), axis=axis)
write(os.path.join(HERE, file), cases, tensors, 40_000, peer)
