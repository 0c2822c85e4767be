"""Writes `optimizers.safetensors`: 50 steps of PyTorch's optimizers, and its schedules.

    python -m venv .venv && .venv/bin/pip install torch numpy safetensors
    .venv/bin/python crates/optim/tests/reference/make.py

The problem is J(w) = sum of c (w - t)^2 / 2 + tanh(k w) over two parameters. Each optimizer is
given the gradients rounded to f32, which the file records: "NAME/gradient/P" and
"NAME/value/P" are [50, ..], the values those after each step, in f64. "NAME/rates" are a
schedule's learning rates, from the first step on. The same versions write the same bytes.
"""

import os
import sys

import numpy
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, PolynomialLR

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../../reference"))
from reference_file import exact, write  # noqa: E402

STEPS = 50
SHAPES = {"weight": (2, 3), "bias": (4,)}

random = numpy.random.default_rng(22)
draw = lambda low, high: {
    name: torch.tensor(exact(random.uniform(low, high, size=shape)))
    for name, shape in SHAPES.items()
}
start, targets, curvatures, slopes = draw(-2, 2), draw(-1, 1), draw(0.2, 4), draw(-2, 2)

cases, tensors = [], {}
for name, value in start.items():
    tensors[f"start/{name}"] = value.numpy().astype(numpy.float32)


def loss(parameters):
    return sum(
        (curvatures[name] * (w - targets[name]) ** 2 / 2 + torch.tanh(slopes[name] * w)).sum()
        for name, w in parameters.items()
    )


def trajectory(name, scheduler=None, **options):
    """`options` are torch's; the test reads them from the case."""
    cases.append({"name": name, "kind": "trajectory", "steps": STEPS, "options": options})
    parameters = {n: value.clone().requires_grad_() for n, value in start.items()}
    optimizer = torch.optim.SGD(parameters.values(), **options)
    record = {f"{name}/{what}/{n}": [] for what in ["gradient", "value"] for n in parameters}
    schedule = scheduler(optimizer) if scheduler else None
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss(parameters).backward()
        for n, parameter in parameters.items():
            parameter.grad = parameter.grad.float().double()
            record[f"{name}/gradient/{n}"].append(parameter.grad.numpy().astype(numpy.float32))
        optimizer.step()
        if schedule:
            schedule.step()
        for n, parameter in parameters.items():
            record[f"{name}/value/{n}"].append(parameter.detach().numpy().copy())
    tensors.update({n: numpy.stack(values) for n, values in record.items()})


def schedule(name, count, scheduler, **options):
    cases.append({"name": name, "kind": "schedule", "steps": count, "options": options})
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=options["start"])
    scheduler = scheduler(optimizer)
    rates = []
    for _ in range(count):
        rates.append(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()
    tensors[f"{name}/rates"] = numpy.array(rates)


trajectory("sgd", lr=0.1)
trajectory("sgd, weight decay", lr=0.1, weight_decay=0.05)
trajectory("momentum", lr=0.05, momentum=0.9)
trajectory("momentum 0", lr=0.1, momentum=0.0)
trajectory("momentum, weight decay", lr=0.05, momentum=0.9, weight_decay=0.05)
trajectory("nesterov", lr=0.05, momentum=0.9, nesterov=True)
trajectory("nesterov, weight decay", lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.05)
trajectory(
    "momentum, cosine", lambda o: CosineAnnealingLR(o, T_max=STEPS), lr=0.05, momentum=0.9
)
cases[-1]["options"]["cosine_steps"] = STEPS

# PyTorch's cosine rises again after T_max, so it is compared up to there.
schedule("cosine", 41, lambda o: CosineAnnealingLR(o, T_max=40, eta_min=0.001), start=0.1, end=0.001, steps=40)
schedule("linear", 45, lambda o: LinearLR(o, 1.0, 0.2, total_iters=30), start=0.1, end=0.02, steps=30, power=1)
schedule("polynomial", 45, lambda o: PolynomialLR(o, total_iters=30, power=2.5), start=0.1, end=0, steps=30, power=2.5)

write(os.path.join(HERE, "optimizers.safetensors"), cases, tensors, 100_000, torch)
