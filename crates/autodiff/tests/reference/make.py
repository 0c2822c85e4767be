"""Writes `reference.safetensors`: every operation of `autodiff`, computed by PyTorch.

    python -m venv .venv && .venv/bin/pip install torch numpy safetensors
    .venv/bin/python crates/autodiff/tests/reference/make.py

For each case the file holds "NAME/input.I", "NAME/cotangent", "NAME/output" and
"NAME/gradient.I": the gradient of <cotangent, output> with respect to each input. What else the
operation needs stands in the case itself. The same versions write the same bytes.
"""

import os
import sys

import numpy
import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../../reference"))
from reference_file import exact, write  # noqa: E402

random = numpy.random.default_rng(20)


def normal(*shape):
    return exact(random.normal(size=shape))


def away_from_zero(*shape):
    return exact(random.choice([-1.0, 1.0], size=shape) * random.uniform(0.4, 2.0, size=shape))


def positive(*shape):
    return exact(random.uniform(0.1, 3.0, size=shape))


def distinct(*shape):
    """No two values are equal, so that no maximum is a tie."""
    count = int(numpy.prod(shape))
    return exact((random.permutation(count) - count / 2) * 0.03125).reshape(shape)


def pads(options, size):
    """Padding as (left, right, top, bottom): the order of torch's `pad`."""
    mode = options["pad_mode"]
    if mode == "valid":
        return (0, 0, 0, 0)
    if mode != "same":
        top, bottom, left, right = mode
        return (left, right, top, bottom)
    # ceil(size / stride) windows; the bottom and the right get the larger half.
    result = []
    for axis in (1, 0):
        stride = options["stride"][axis]
        covered = (options["kernel"][axis] - 1) * options.get("dilation", [1, 1])[axis] + 1
        windows = -(-size[axis] // stride)
        total = max((windows - 1) * stride + covered - size[axis], 0)
        result += [total // 2, total - total // 2]
    return tuple(result)


def conv2d(o, x, weight, bias=None):
    o = dict(o, kernel=weight.shape[2:])
    x = F.pad(x, pads(o, x.shape[2:]))
    return F.conv2d(x, weight, bias, o["stride"], 0, o["dilation"], o["groups"])


def max_pool2d(o, x):
    x = F.pad(x, pads(o, x.shape[2:]), value=-numpy.inf)
    return F.max_pool2d(x, o["kernel"], o["stride"])


def avg_pool2d(o, x):
    around = pads(o, x.shape[2:])
    area = o["kernel"][0] * o["kernel"][1]
    sums = F.avg_pool2d(F.pad(x, around), o["kernel"], o["stride"]) * area
    if o["count_include_pad"] and o["pad_mode"] != "same":
        return sums / area
    inside = F.pad(torch.ones_like(x), around)
    return sums / (F.avg_pool2d(inside, o["kernel"], o["stride"]) * area)


def cross_entropy_dense(o, x):
    targets = torch.tensor(o["targets"], dtype=x.dtype).reshape(x.shape)
    return F.cross_entropy(x, targets, reduction="none")


OPERATIONS = {
    "add": lambda o, a, b: a + b,
    "sub": lambda o, a, b: a - b,
    "mul": lambda o, a, b: a * b,
    "div": lambda o, a, b: a / b,
    "affine": lambda o, x: o["factor"] * x + o["offset"],
    "scale": lambda o, x: o["factor"] * x,
    "neg": lambda o, x: -x,
    "exp": lambda o, x: torch.exp(x),
    "ln": lambda o, x: torch.log(x),
    "square": lambda o, x: torch.square(x),
    "relu": lambda o, x: F.relu(x),
    "sigmoid": lambda o, x: torch.sigmoid(x),
    "tanh": lambda o, x: torch.tanh(x),
    "sum": lambda o, x: x.sum(),
    "mean": lambda o, x: x.mean(),
    "sum_axis": lambda o, x: x.sum(o["axis"]),
    "mean_axis": lambda o, x: x.mean(o["axis"]),
    "reshape": lambda o, x: x.reshape(o["shape"]),
    "flatten": lambda o, x: x.flatten(o["start"], o["end"]),
    "permute": lambda o, x: x.permute(o["axes"]),
    "matmul": lambda o, a, b: a @ b,
    "linear": lambda o, x, weight, bias=None: F.linear(x, weight, bias),
    "conv2d": conv2d,
    "max_pool2d": max_pool2d,
    "avg_pool2d": avg_pool2d,
    "softmax": lambda o, x: F.softmax(x, o["axis"]),
    "log_softmax": lambda o, x: F.log_softmax(x, o["axis"]),
    "softmax_cross_entropy": lambda o, x: F.cross_entropy(
        x, torch.tensor(o["labels"]), reduction="none"
    ),
    "softmax_cross_entropy_dense": cross_entropy_dense,
}

cases, tensors = [], {}


def case(op, inputs, variant="", **options):
    """Computes one case: the result and the gradient of every input, in f64."""
    name = f"{op} {variant}".strip()
    cases.append({"name": name, "op": op, "inputs": len(inputs), "options": options})
    leaves = [torch.tensor(value, requires_grad=True) for value in inputs]
    output = OPERATIONS[op](options, *leaves)
    cotangent = torch.tensor(away_from_zero(*output.shape))
    output.backward(cotangent)
    for i, (value, leaf) in enumerate(zip(inputs, leaves)):
        tensors[f"{name}/input.{i}"] = value.astype(numpy.float32)
        tensors[f"{name}/gradient.{i}"] = leaf.grad.numpy()
    tensors[f"{name}/cotangent"] = cotangent.numpy().astype(numpy.float32)
    tensors[f"{name}/output"] = output.detach().numpy()


SHAPES = {
    "": ((2, 3), (2, 3)),
    "vector on the right": ((4, 2, 3), (3,)),
    "vector on the left": ((3,), (4, 2, 3)),
    "scalar on the right": ((2, 3), ()),
    "scalar on the left": ((), (2, 3)),
    "both sides stretch": ((2, 1, 4), (3, 1)),
}
for op in ["add", "sub", "mul", "div"]:
    for variant, (a, b) in SHAPES.items():
        case(op, [normal(*a), away_from_zero(*b)], variant)

case("affine", [normal(3, 4)], factor=-1.75, offset=0.5)
case("scale", [normal(3, 4)], factor=0.375)
case("neg", [normal(3, 4)])
case("exp", [normal(3, 4)])
case("exp", [exact([-90, -20, -1e-4, 0, 1e-4, 20, 80])], "far out")
case("ln", [positive(3, 4)])
case("square", [normal(3, 4)])
case("relu", [away_from_zero(3, 4)])
case("relu", [exact([-1.0, -0.0, 0.0, 1e-30, 2.0])], "at 0")
for op in ["sigmoid", "tanh"]:
    case(op, [normal(3, 4)])
    case(op, [exact([-80, -15, -3, -1e-3, -1e-6, 0, 1e-6, 1e-3, 3, 15, 80])], "far out")

case("sum", [normal(2, 3, 4)])
case("mean", [normal(2, 3, 4)])
for op in ["sum_axis", "mean_axis"]:
    for axis in range(3):
        case(op, [normal(2, 3, 4)], f"axis {axis} of three", axis=axis)
    case(op, [normal(3, 1)], "axis of size 1", axis=1)
    case(op, [normal(5)], "to a scalar", axis=0)

case("reshape", [normal(2, 3, 4)], shape=[4, 6])
case("flatten", [normal(2, 3, 4, 2)], start=1, end=3)
case("permute", [normal(2, 3, 4)], axes=[2, 0, 1])
case("permute", [normal(2, 3, 4, 2)], "four axes", axes=[3, 1, 0, 2])

case("matmul", [normal(5, 7), normal(7, 3)])
case("matmul", [normal(1, 4), normal(4, 1)], "row times column")
case("matmul", [normal(4, 1), normal(1, 5)], "column times row")
case("linear", [normal(5, 7), normal(3, 7), normal(3)])
case("linear", [normal(5, 7), normal(3, 7)], "no bias")
case("linear", [normal(7), normal(3, 7), normal(3)], "one sample without batch axis")
case("linear", [normal(2, 3, 4), normal(5, 4), normal(5)], "leading axes")


def convolution(variant, image, weight, bias=True, pad_mode="valid", **options):
    defaults = dict(stride=[1, 1], pad_mode=pad_mode, dilation=[1, 1], groups=1)
    inputs = [normal(*image), normal(*weight)] + ([normal(weight[0])] if bias else [])
    case("conv2d", inputs, variant, **dict(defaults, **options))


convolution("", (2, 2, 5, 6), (3, 2, 3, 2))
convolution("one pixel kernel", (2, 3, 4, 3), (2, 3, 1, 1))
convolution("kernel as large as the image", (2, 2, 3, 4), (3, 2, 3, 4))
convolution("no bias", (1, 2, 5, 5), (2, 2, 3, 3), bias=False)
convolution("stride 2 and 3", (2, 1, 7, 8), (2, 1, 3, 3), stride=[2, 3])
convolution("stride past the kernel", (1, 2, 7, 7), (2, 2, 2, 2), stride=[3, 3])
convolution("same", (2, 2, 5, 4), (2, 2, 3, 3), pad_mode="same")
convolution("same, even kernel", (1, 2, 5, 4), (2, 2, 2, 4), pad_mode="same")
convolution("same, stride 2", (1, 2, 5, 6), (2, 2, 3, 3), pad_mode="same", stride=[2, 2])
convolution("pad on four sides", (1, 2, 4, 3), (2, 2, 3, 3), pad_mode=[2, 1, 0, 3])
convolution("dilation", (1, 2, 7, 6), (2, 2, 3, 2), dilation=[2, 3])
convolution("groups", (2, 4, 4, 4), (6, 2, 3, 3), groups=2)
convolution("depthwise", (2, 3, 4, 5), (3, 1, 3, 3), groups=3, pad_mode=[1, 1, 1, 1])
convolution(
    "everything at once", (2, 4, 7, 6), (2, 2, 2, 3),
    groups=2, stride=[2, 1], dilation=[2, 2], pad_mode=[1, 2, 3, 0],
)
convolution("first of LeNet-5", (1, 1, 12, 12), (6, 1, 5, 5))
convolution("second of LeNet-5", (1, 6, 6, 6), (4, 6, 5, 5))

case("max_pool2d", [distinct(2, 3, 4, 6)], kernel=[2, 2], stride=[2, 2], pad_mode="valid")
case("max_pool2d", [distinct(1, 2, 5, 7)], "odd size", kernel=[2, 2], stride=[2, 2], pad_mode="valid")
case("max_pool2d", [distinct(1, 2, 6, 7)], "overlapping", kernel=[3, 2], stride=[1, 2], pad_mode="valid")
case("max_pool2d", [distinct(1, 2, 5, 4)], "same", kernel=[3, 3], stride=[2, 2], pad_mode="same")
case("max_pool2d", [distinct(1, 1, 4, 5)], "pad on four sides", kernel=[3, 3], stride=[2, 1], pad_mode=[1, 2, 0, 2])
ties = exact(random.integers(0, 3, size=(1, 2, 6, 6)))
case("max_pool2d", [ties], "ties", kernel=[2, 2], stride=[2, 2], pad_mode="valid")
case("max_pool2d", [ties], "ties, overlapping", kernel=[3, 3], stride=[1, 1], pad_mode="valid")

for variant, shape, options in [
    ("", (2, 3, 4, 6), dict(kernel=[2, 2], stride=[2, 2], pad_mode="valid")),
    ("odd size", (1, 2, 5, 7), dict(kernel=[2, 2], stride=[2, 2], pad_mode="valid")),
    ("overlapping", (1, 2, 6, 7), dict(kernel=[3, 2], stride=[1, 2], pad_mode="valid")),
    ("same", (1, 2, 5, 4), dict(kernel=[3, 3], stride=[2, 2], pad_mode="same")),
    ("pad counted", (1, 1, 4, 5), dict(kernel=[3, 3], stride=[2, 1], pad_mode=[1, 2, 0, 2])),
    ("pad not counted", (1, 1, 4, 5),
     dict(kernel=[3, 3], stride=[2, 1], pad_mode=[1, 2, 0, 2], count_include_pad=False)),
]:
    case("avg_pool2d", [normal(*shape)], variant, **dict(dict(count_include_pad=True), **options))

huge = exact([[-1e4, 0, 1e4, 9999], [-1e4, -1e4, -1e4, -1e4], [700, 710, 690, -700]])
for op in ["softmax", "log_softmax"]:
    for axis in range(3):
        case(op, [normal(2, 3, 4)], f"axis {axis} of three", axis=axis)
    case(op, [normal(2, 1)], "one class", axis=1)
    case(op, [huge], "huge logits", axis=1)
case("softmax_cross_entropy", [normal(4, 5)], labels=[0, 4, 2, 2])
case("softmax_cross_entropy", [normal(2, 1)], "one class", labels=[0, 0])
case("softmax_cross_entropy", [huge], "huge logits", labels=[0, 2, 3])
targets = exact(random.dirichlet(numpy.ones(5), size=4))
case("softmax_cross_entropy_dense", [normal(4, 5)], targets=targets.ravel().tolist())
weights = exact(random.normal(size=(4, 5)))
case("softmax_cross_entropy_dense", [normal(4, 5)], "targets that do not add up to 1", targets=weights.ravel().tolist())

unused = set(OPERATIONS) - {c["op"] for c in cases}
assert not unused, f"no case for {unused}"
write(os.path.join(HERE, "reference.safetensors"), cases, tensors, 250_000, torch)
