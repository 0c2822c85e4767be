"""Writes `losses-pytorch.safetensors` or `losses-mindspore.safetensors`, by which of the two is asked
for: the losses, their values and gradients.

    python -m venv .venv && .venv/bin/pip install torch numpy safetensors
    .venv/bin/python crates/layers/tests/reference/losses.py pytorch

    python3.11 -m venv .venv && .venv/bin/pip install mindspore 'numpy<2' safetensors
    .venv/bin/python crates/layers/tests/reference/losses.py mindspore

For each case the file holds "LOSS, VARIANT/prediction", "NAME/loss" and "NAME/gradient" (of the loss, or of
the sum of the losses where they stay apart); labels, targets and options are in its JSON. PyTorch
computes in f64, MindSpore in f32. The same versions write the same bytes.
"""

import os
import sys

import numpy

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../../reference"))
from reference_file import exact, write  # noqa: E402

random = numpy.random.default_rng(21)
PLAIN = {"weight": None, "ignore_index": -100, "label_smoothing": 0.0}


def pytorch():
    import torch
    from torch import nn

    def tensor(values):
        return None if values is None else torch.tensor(values)

    def compute(loss, x, target):
        leaf = torch.tensor(x, requires_grad=True)
        value = loss(leaf, torch.tensor(target))
        value.sum().backward()
        return value.detach().numpy(), leaf.grad.numpy()

    def cross_entropy(reduction, **options):
        options = PLAIN | options
        weight = None if options["weight"] is None else exact(options["weight"])
        return nn.CrossEntropyLoss(**options | {"weight": tensor(weight)}, reduction=reduction)

    def bce(reduction, weight=None, pos_weight=None):
        weight, pos_weight = (tensor(w and exact(w)) for w in (weight, pos_weight))
        return nn.BCEWithLogitsLoss(weight, pos_weight=pos_weight, reduction=reduction)

    def half_squared_error(reduction):
        def loss(x, target):
            losses = 0.5 * (x - target).square().flatten(1).sum(1)
            return {"mean": losses.mean(), "sum": losses.sum(), "none": losses}[reduction]

        return loss

    losses = {
        "SoftmaxCrossEntropyWithLogits": lambda reduction: nn.CrossEntropyLoss(reduction=reduction),
        "CrossEntropyLoss": cross_entropy,
        "BceWithLogitsLoss": bce,
        "MseLoss": lambda reduction: nn.MSELoss(reduction=reduction),
        "HalfSquaredErrorLoss": half_squared_error,
        "L1Loss": lambda reduction: nn.L1Loss(reduction=reduction),
        "HuberLoss": lambda reduction, delta: nn.HuberLoss(reduction, delta),
    }
    return torch, losses, compute, "losses-pytorch.safetensors"


def mindspore():
    import mindspore
    from mindspore import Tensor, nn

    def tensor(values):
        return None if values is None else Tensor(numpy.asarray(values, numpy.float32))

    def compute(loss, x, target):
        labels = isinstance(target, list)
        target = Tensor(target, mindspore.int32) if labels else tensor(target)
        gradient = mindspore.grad(lambda x: loss(x, target).sum())(tensor(x))
        return loss(tensor(x), target).asnumpy(), gradient.asnumpy()

    def softmax_cross_entropy(reduction):
        def loss(x, target):
            sparse = target.dtype == mindspore.int32
            return nn.SoftmaxCrossEntropyWithLogits(sparse=sparse, reduction=reduction)(x, target)

        return loss

    def cross_entropy(reduction, **options):
        options = PLAIN | options
        return nn.CrossEntropyLoss(**options | {"weight": tensor(options["weight"])}, reduction=reduction)

    def bce(reduction, weight=None, pos_weight=None):
        return nn.BCEWithLogitsLoss(reduction, tensor(weight), tensor(pos_weight))

    losses = {
        "SoftmaxCrossEntropyWithLogits": softmax_cross_entropy,
        "CrossEntropyLoss": cross_entropy,
        "BceWithLogitsLoss": bce,
        "MseLoss": lambda reduction: nn.MSELoss(reduction),
        "L1Loss": lambda reduction: nn.L1Loss(reduction),
        "HuberLoss": lambda reduction, delta: nn.HuberLoss(reduction, delta),
    }
    return mindspore, losses, compute, "losses-mindspore.safetensors"


peer, losses, compute, file = {"pytorch": pytorch, "mindspore": mindspore}[sys.argv[1]]()
cases, tensors = [], {}


def case(kind, variant, prediction, target, **options):
    """One case for each reduction; `target` is a list of labels or an array of numbers."""
    if kind not in losses:
        return
    labels = isinstance(target, list)
    said = {"labels": target} if labels else {"values": target.ravel().tolist()}
    tensors[f"{kind}, {variant}/prediction"] = prediction.astype(numpy.float32)
    for reduction in ["mean", "sum", "none"]:
        name = f"{kind}, {variant}, {reduction}"
        value, gradient = compute(losses[kind](reduction=reduction, **options), prediction, target)
        if not (numpy.isfinite(value).all() and numpy.isfinite(gradient).all()):
            print(f"left out, since it is not finite in {peer.__name__}: {name}")
            continue
        cases.append({"name": name, "variant": variant, "loss": kind, "reduction": reduction, "options": options} | said)
        tensors[f"{name}/loss"] = value
        tensors[f"{name}/gradient"] = gradient


def normal(*shape):
    return exact(random.normal(size=shape))


LOGITS = exact(3 * normal(6, 5))
LABELS = [3, 0, 4, 4, 2, 1]
PROBABILITIES = exact(random.dirichlet(numpy.ones(5), size=6))
HUGE, HUGE_LABELS = exact([[-1e4, 1e4, 0], [1e4, 9999.5, -1e4]]), [0, 1]
WEIGHT = [0.5, 2.0, 1.0, 0.25, 3.25]

for kind in ["SoftmaxCrossEntropyWithLogits", "CrossEntropyLoss"]:
    case(kind, "labels", LOGITS, LABELS)
    case(kind, "one sample", normal(1, 4), [2])
    case(kind, "huge logits", HUGE, HUGE_LABELS)
    case(kind, "probabilities", LOGITS, PROBABILITIES)
    case(kind, "one-hot", LOGITS, numpy.eye(5)[LABELS])
for variant, options in {
    "weight": dict(weight=WEIGHT),
    "ignored": dict(ignore_index=4),
    "smoothing": dict(label_smoothing=0.125),
    "smoothing 1": dict(label_smoothing=1.0),
    "weight, smoothing": dict(weight=WEIGHT, label_smoothing=0.125),
    "weight, ignored, smoothing": dict(weight=WEIGHT, ignore_index=4, label_smoothing=0.125),
}.items():
    case("CrossEntropyLoss", variant, LOGITS, LABELS, **options)
    if "ignore_index" not in options:
        case("CrossEntropyLoss", f"probabilities, {variant}", LOGITS, PROBABILITIES, **options)
case("CrossEntropyLoss", "ignored, no class", LOGITS, [3, 99, 0, 99, 2, 1], ignore_index=99)
case("CrossEntropyLoss", "huge logits, all", HUGE, HUGE_LABELS, weight=WEIGHT[:3], label_smoothing=0.125)

BITS = (random.uniform(size=(6, 5)) < 0.3).astype(numpy.float64)
FAR = exact([[-1e4, 1e4, -1e4, 1e4], [-100, 100, -100, 100], [-20, 20, -20, 20]])
for variant, options in {
    "plain": {},
    "weight": dict(weight=WEIGHT),
    "pos_weight": dict(pos_weight=WEIGHT),
    "both": dict(weight=WEIGHT, pos_weight=WEIGHT[::-1]),
    "one for all": dict(weight=[0.5], pos_weight=[3.0]),
}.items():
    case("BceWithLogitsLoss", variant, LOGITS, BITS, **options)
case("BceWithLogitsLoss", "soft targets", LOGITS, PROBABILITIES, pos_weight=WEIGHT)
case("BceWithLogitsLoss", "one axis", normal(7), BITS.ravel()[:7], pos_weight=[2.0])
case("BceWithLogitsLoss", "huge logits", FAR, exact([[1, 1, 0, 0]] * 3), pos_weight=[3.0])

for kind, options in [
    ("MseLoss", {}),
    ("HalfSquaredErrorLoss", {}),
    ("L1Loss", {}),
    ("HuberLoss", dict(delta=1.0)),
    ("HuberLoss", dict(delta=0.25)),
]:
    said = f"delta {options['delta']}, " if options else ""
    case(kind, f"{said}vectors", normal(4, 3), normal(4, 3), **options)
    case(kind, f"{said}images", normal(2, 3, 2, 2), normal(2, 3, 2, 2), **options)
    case(kind, f"{said}far out", exact([[-1e4, 1e4], [3, -1e4]]), exact([[1e4, 0], [3, -1e4]]), **options)

write(os.path.join(HERE, file), cases, tensors, 130_000, peer)
