"""Writes `norm.safetensors`: batch and layer normalisation, computed by PyTorch.

    python -m venv .venv && .venv/bin/pip install torch numpy safetensors
    .venv/bin/python crates/layers/tests/reference/norm.py

The same versions write the same bytes.
"""

import os
import sys

import numpy
import torch
import torch.nn as nn

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../../reference"))
from reference_file import exact, write  # noqa: E402

random = numpy.random.default_rng(2015)
cases, tensors = [], {}


def case(name, kind, module, shape, training, **options):
    """Two forward passes, so that the running statistics have moved; the second's gradients."""
    cases.append({"name": name, "layer": kind, "training": training, "options": options})
    module = module.double().train(training)
    for key, parameter in module.state_dict().items():
        if parameter.dtype == torch.float64:
            value = exact(random.normal(size=tuple(parameter.shape)))
            value = numpy.abs(value) + 0.5 if key == "running_var" else value
            parameter.copy_(torch.tensor(exact(value)))
            tensors[f"{name}/{key}"] = exact(value).astype(numpy.float32)
    for turn in range(2):
        x = torch.tensor(exact(random.normal(2.0, 3.0, size=shape)), requires_grad=True)
        tensors[f"{name}/input.{turn}"] = x.detach().numpy().astype(numpy.float32)
        output = module(x)
    cotangent = exact(random.normal(size=tuple(output.shape)))
    output.backward(torch.tensor(cotangent))
    tensors[f"{name}/cotangent"] = cotangent.astype(numpy.float32)
    tensors[f"{name}/output"] = output.detach().numpy()
    tensors[f"{name}/gradient.x"] = x.grad.numpy()
    tensors[f"{name}/gradient.gamma"] = module.weight.grad.numpy()
    tensors[f"{name}/gradient.beta"] = module.bias.grad.numpy()
    for key in ["running_mean", "running_var"]:
        if hasattr(module, key):
            tensors[f"{name}/{key}.after"] = getattr(module, key).numpy()


for training in [True, False]:
    mode = "train" if training else "eval"
    case(f"1d, {mode}", "BatchNorm1d", nn.BatchNorm1d(5), (7, 5), training)
    case(f"2d, {mode}", "BatchNorm2d", nn.BatchNorm2d(3), (4, 3, 3, 2), training)
options = dict(momentum=0.75, epsilon=0.125)
module = nn.BatchNorm2d(2, eps=0.125, momentum=0.25)
case("2d, options", "BatchNorm2d", module, (18, 2, 2, 2), True, **options)
case("features", "LayerNorm", nn.LayerNorm(6), (4, 6), True)
case("images", "LayerNorm", nn.LayerNorm([3, 4, 2]), (2, 3, 4, 2), True)
module = nn.LayerNorm(21, eps=0.125)
case("leading axes", "LayerNorm", module, (2, 3, 21), True, epsilon=0.125)
write(os.path.join(HERE, "norm.safetensors"), cases, tensors, 40_000, torch)
