"""Writes `norm-pytorch.safetensors` or `norm-mindspore.safetensors`, by which of the two is asked
for: batch and layer normalisation, their gradients and running statistics.

    python -m venv .venv && .venv/bin/pip install torch numpy safetensors
    .venv/bin/python crates/layers/tests/reference/norm.py pytorch

    python3.11 -m venv .venv && .venv/bin/pip install mindspore 'numpy<2' safetensors
    .venv/bin/python crates/layers/tests/reference/norm.py mindspore

PyTorch computes in f64, MindSpore in f32, since not all of its kernels know f64. The same versions
write the same bytes.
"""

import os
import sys

import numpy

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../../reference"))
from reference_file import exact, write  # noqa: E402

random = numpy.random.default_rng(2015)
cases, tensors = [], {}
STATISTICS = ["moving_mean", "moving_variance"]


def pytorch(kind, size, training, values, inputs, cotangent, epsilon, momentum):
    """What the second of two forward passes and its backward pass find, and the statistics then."""
    import torch
    from torch import nn

    names = {"gamma": "weight", "beta": "bias"}
    names |= {"moving_mean": "running_mean", "moving_variance": "running_var"}
    if kind == "LayerNorm":
        module = nn.LayerNorm(size, eps=epsilon)
    else:
        # PyTorch's momentum is the share of the new statistics.
        module = getattr(nn, kind)(size, eps=epsilon, momentum=1 - momentum)
    module = module.double().train(training)
    state = module.state_dict()
    for name, value in values.items():
        state[names[name]].copy_(torch.tensor(value))
    for x in inputs:
        x = torch.tensor(x, requires_grad=True)
        output = module(x)
    output.backward(torch.tensor(cotangent))
    gradients = {"x": x.grad, "gamma": module.weight.grad, "beta": module.bias.grad}
    gradients = {name: gradient.numpy() for name, gradient in gradients.items()}
    after = {name: state[names[name]].numpy() for name in STATISTICS if name in values}
    return output.detach().numpy(), gradients, after


def mindspore(kind, size, training, values, inputs, cotangent, epsilon, momentum):
    """As `pytorch`."""
    import mindspore
    from mindspore import Tensor, nn

    if kind == "LayerNorm":
        axis = cotangent.ndim - len(size)
        module = nn.LayerNorm(size, axis, axis, epsilon=epsilon)
    else:
        module = getattr(nn, kind)(size, eps=epsilon, momentum=momentum)
    module.set_train(training)
    for name, value in values.items():
        getattr(module, name).set_data(Tensor(value.astype(numpy.float32)))
    first, second, cotangent = (Tensor(a.astype(numpy.float32)) for a in [*inputs, cotangent])
    module(first)

    def forward(x):
        output = module(x)
        return (output * cotangent).sum(), output

    weights = [module.gamma, module.beta]
    run = mindspore.value_and_grad(forward, 0, weights, has_aux=True)
    (_, output), (x, (gamma, beta)) = run(second)
    gradients = {"x": x.asnumpy(), "gamma": gamma.asnumpy(), "beta": beta.asnumpy()}
    after = {name: getattr(module, name).asnumpy() for name in STATISTICS if name in values}
    return output.asnumpy(), gradients, after


compute = {"pytorch": pytorch, "mindspore": mindspore}[sys.argv[1]]


def case(name, kind, size, shape, training, epsilon=1e-5, momentum=0.9):
    """Two forward passes, so that the running statistics have moved."""
    options = {"epsilon": epsilon, "momentum": momentum}
    cases.append({"name": name, "layer": kind, "training": training, "options": options})
    values = {key: exact(random.normal(size=size)) for key in ["gamma", "beta"]}
    if kind != "LayerNorm":
        values["moving_mean"] = exact(random.normal(size=size))
        values["moving_variance"] = exact(numpy.abs(random.normal(size=size)) + 0.5)
    inputs = [exact(random.normal(2.0, 3.0, size=shape)) for _ in range(2)]
    cotangent = exact(random.normal(size=shape))
    output, gradients, after = compute(
        kind, size, training, values, inputs, cotangent, epsilon, momentum
    )
    given = {"input.0": inputs[0], "input.1": inputs[1], "cotangent": cotangent, **values}
    for key, value in given.items():
        tensors[f"{name}/{key}"] = value.astype(numpy.float32)
    tensors[f"{name}/output"] = output
    for key, value in gradients.items():
        tensors[f"{name}/gradient.{key}"] = value
    for key, value in after.items():
        tensors[f"{name}/{key}.after"] = value


for training in [True, False]:
    mode = "train" if training else "eval"
    case(f"1d, {mode}", "BatchNorm1d", 5, (7, 5), training)
    case(f"2d, {mode}", "BatchNorm2d", 3, (4, 3, 3, 2), training)
case("2d, options", "BatchNorm2d", 2, (18, 2, 2, 2), True, momentum=0.75, epsilon=0.125)
case("features", "LayerNorm", (6,), (4, 6), True)
case("images", "LayerNorm", (3, 4, 2), (2, 3, 4, 2), True)
case("leading axes", "LayerNorm", (21,), (2, 3, 21), True, epsilon=0.125)
if compute is pytorch:
    import torch as peer
else:
    import mindspore as peer
write(os.path.join(HERE, f"norm-{sys.argv[1]}.safetensors"), cases, tensors, 40_000, peer)
