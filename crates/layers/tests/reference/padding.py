"""Writes `padding.safetensors`: convolution and pooling with every treatment of the border, computed
by MindSpore. PyTorch's numbers for the same are those of `crates/autodiff/tests/reference`.

    python3.11 -m venv .venv && .venv/bin/pip install mindspore 'numpy<2' safetensors
    .venv/bin/python crates/layers/tests/reference/padding.py

Padding of a case is [top, bottom, left, right], for the mode "pad". MindSpore computes in f32. The
same versions write the same bytes.
"""

import os
import sys

import mindspore
import numpy
from mindspore import Tensor, nn

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../../reference"))
from reference_file import exact, write  # noqa: E402

random = numpy.random.default_rng(1998)
cases, tensors = [], {}


def case(name, kind, module, shape, kernel, stride, pad_mode, padding=(0, 0, 0, 0), **more):
    options = {"kernel": kernel, "stride": stride, "pad_mode": pad_mode, "padding": padding, **more}
    cases.append({"name": name, "layer": kind, "options": options})
    given = {"x": random.normal(size=shape)}
    if kind == "Conv2d":
        given["weight"] = random.normal(size=module.weight.shape)
        module.weight.set_data(Tensor(given["weight"].astype(numpy.float32)))
    x = Tensor(given["x"].astype(numpy.float32))
    given["cotangent"] = random.normal(size=module(x).shape)
    cotangent = Tensor(given["cotangent"].astype(numpy.float32))

    def forward(x):
        output = module(x)
        return (output * cotangent).sum(), output

    weights = [module.weight] if kind == "Conv2d" else None
    (_, output), gradients = mindspore.value_and_grad(forward, 0, weights, has_aux=True)(x)
    if kind == "Conv2d":
        gradients, (of_weight,) = gradients
        tensors[f"{name}/gradient.weight"] = of_weight.asnumpy()
    tensors[f"{name}/gradient.x"] = gradients.asnumpy()
    tensors[f"{name}/output"] = output.asnumpy()
    for key, value in given.items():
        tensors[f"{name}/{key}"] = exact(value).astype(numpy.float32)


def convolution(variant, shape, outputs, kernel, stride, pad_mode, padding=(0, 0, 0, 0)):
    module = nn.Conv2d(
        shape[1], outputs, kernel, stride, pad_mode, tuple(padding), has_bias=False
    )
    case(f"conv2d {variant}", "Conv2d", module, shape, kernel, stride, pad_mode, padding)


convolution("valid", (2, 2, 5, 6), 3, 3, 1, "valid")
convolution("valid, stride 2", (1, 2, 6, 7), 2, 3, 2, "valid")
convolution("same", (2, 2, 5, 4), 2, 3, 1, "same")
convolution("same, even kernel", (1, 2, 5, 4), 2, 2, 1, "same")
convolution("same, stride 2, odd excess", (1, 2, 6, 7), 2, 3, 2, "same")
convolution("pad on four sides", (1, 2, 4, 3), 2, 3, 1, "pad", (2, 1, 0, 3))
convolution("pad, stride 2", (1, 2, 6, 5), 2, 3, 2, "pad", (1, 1, 1, 1))

for kind in ["MaxPool2d", "AvgPool2d"]:
    pooling = getattr(nn, kind)
    case(f"{kind} valid", kind, pooling(2, 2), (2, 3, 5, 6), 2, 2, "valid")
    case(f"{kind} overlapping", kind, pooling(3, 1), (1, 2, 5, 6), 3, 1, "valid")
    case(f"{kind} same", kind, pooling(3, 2, "same"), (1, 2, 6, 5), 3, 2, "same")
    sides = (1, 1, 1, 1)
    case(f"{kind} pad", kind, pooling(3, 2, "pad", 1), (1, 2, 6, 5), 3, 2, "pad", sides)
module = nn.AvgPool2d(3, 2, "pad", 1, count_include_pad=False)
name = "AvgPool2d pad, not counted"
case(name, "AvgPool2d", module, (1, 2, 6, 5), 3, 2, "pad", sides, count_include_pad=False)
write(os.path.join(HERE, "padding.safetensors"), cases, tensors, 40_000, mindspore)
