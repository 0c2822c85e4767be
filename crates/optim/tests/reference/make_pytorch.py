"""Writes `pytorch.safetensors`: 50 steps of PyTorch's optimizers in f64, and its schedules.

    python -m venv .venv && .venv/bin/pip install torch numpy safetensors
    .venv/bin/python crates/optim/tests/reference/make_pytorch.py

The same versions write the same bytes.
"""

import torch
from torch.nn.utils import clip_grad_norm_, clip_grad_value_
from torch.optim import SGD, Adagrad, Adam, AdamW, RMSprop
from torch.optim.lr_scheduler import (
    ConstantLR,
    CosineAnnealingLR,
    ExponentialLR,
    LinearLR,
    MultiStepLR,
    OneCycleLR,
    PolynomialLR,
    SequentialLR,
    StepLR,
)

from common import STEPS, File, gradients, start

file = File()


def trajectory(name, piece, optimizer, torch_options, schedule=None, clip=None, every=1, **options):
    """`torch_options` are PyTorch's, `options` how the same is said here."""
    parameters = {n: torch.tensor(value, requires_grad=True) for n, value in start().items()}
    optimizer = optimizer(parameters.values(), **torch_options)
    schedule = schedule(optimizer) if schedule else None
    values = []
    for step in range(STEPS):
        for n, gradient in gradients(step).items():
            mean = torch.tensor(gradient) / every
            parameters[n].grad = mean if parameters[n].grad is None else parameters[n].grad + mean
        if (step + 1) % every == 0:
            if clip:
                clip(parameters.values())
            optimizer.step()
            if schedule:
                schedule.step()
            optimizer.zero_grad()
        values.append({n: p.detach().numpy().copy() for n, p in parameters.items()})
    if every > 1:
        options["accumulate"] = every
    file.trajectory(name, piece, values, **options)


def plain(name, piece, optimizer, lr, **options):
    trajectory(name, piece, optimizer, {"lr": lr, **options}, lr=lr, **options)


plain("sgd", "Sgd", SGD, 0.1)
plain("sgd, weight decay", "Sgd", SGD, 0.1, weight_decay=0.05)
plain("sgd, momentum", "Sgd", SGD, 0.05, momentum=0.9)
plain("sgd, dampening", "Sgd", SGD, 0.05, momentum=0.9, dampening=0.5)
plain("sgd, nesterov", "Sgd", SGD, 0.05, momentum=0.9, nesterov=True, weight_decay=0.05)
trajectory("sgd, clipped by norm", "Sgd", SGD, {"lr": 0.1},
           clip=lambda p: clip_grad_norm_(p, 1.5), lr=0.1, clip_norm=1.5)  # fmt: skip
trajectory("sgd, clipped by value", "Sgd", SGD, {"lr": 0.1},
           clip=lambda p: clip_grad_value_(p, 0.5), lr=0.1, clip_value=0.5)  # fmt: skip
trajectory("sgd, groups", "Sgd",
           lambda p, lr: SGD([{"params": list(p)[:1]}, {"params": list(p)[1:2], "lr": 0.3},
                              {"params": list(p)[2:], "weight_decay": 0.2}], lr=lr),
           {"lr": 0.1}, lr=0.1, groups=True)  # fmt: skip
trajectory("momentum", "Momentum", SGD, {"lr": 0.05, "momentum": 0.9}, lr=0.05, momentum=0.9)
trajectory("momentum, nesterov", "Momentum", SGD, {"lr": 0.05, "momentum": 0.9, "nesterov": True},
           lr=0.05, momentum=0.9, nesterov=True)  # fmt: skip
trajectory("momentum, weight decay", "Momentum", SGD,
           {"lr": 0.05, "momentum": 0.9, "weight_decay": 0.05},
           lr=0.05, momentum=0.9, weight_decay=0.05)  # fmt: skip
trajectory("momentum, accumulated and clipped", "Momentum", SGD, {"lr": 0.05, "momentum": 0.9},
           clip=lambda p: clip_grad_norm_(p, 0.5), every=5,
           lr=0.05, momentum=0.9, clip_norm=0.5)  # fmt: skip
cosine = lambda o: CosineAnnealingLR(o, T_max=STEPS)  # noqa: E731
trajectory("momentum, cosine", "Momentum", SGD, {"lr": 0.05, "momentum": 0.9}, cosine,
           lr=0.05, momentum=0.9, cosine_steps=STEPS)  # fmt: skip
pytorch = {"pytorch": True}
trajectory("adam", "Adam", Adam, {"lr": 0.02}, lr=0.02, **pytorch)
trajectory("adam, all options", "Adam", Adam,
           {"lr": 0.02, "betas": (0.8, 0.95), "eps": 0.01, "weight_decay": 0.05}, cosine,
           lr=0.02, betas=[0.8, 0.95], eps=0.01, weight_decay=0.05, cosine_steps=STEPS, **pytorch)  # fmt: skip
trajectory("adamw", "AdamW", AdamW, {"lr": 0.02}, lr=0.02, weight_decay=0.01)
trajectory("adamw, all options", "AdamW", AdamW,
           {"lr": 0.02, "betas": (0.8, 0.95), "eps": 0.01, "weight_decay": 0.5}, cosine,
           lr=0.02, betas=[0.8, 0.95], eps=0.01, weight_decay=0.5, cosine_steps=STEPS)  # fmt: skip
trajectory("rms_prop", "RmsProp", RMSprop, {"lr": 0.01}, lr=0.01, **pytorch)
trajectory("rms_prop, momentum", "RmsProp", RMSprop,
           {"lr": 0.01, "momentum": 0.9, "alpha": 0.9, "eps": 0.01, "weight_decay": 0.05}, cosine,
           lr=0.01, momentum=0.9, decay=0.9, eps=0.01, weight_decay=0.05, cosine_steps=STEPS, **pytorch)  # fmt: skip
trajectory("rms_prop, centred", "RmsProp", RMSprop, {"lr": 0.01, "centered": True},
           lr=0.01, centered=True, **pytorch)  # fmt: skip
trajectory("rms_prop, both", "RmsProp", RMSprop, {"lr": 0.01, "momentum": 0.5, "centered": True}, cosine,
           lr=0.01, momentum=0.5, centered=True, cosine_steps=STEPS, **pytorch)  # fmt: skip
trajectory("adagrad", "Adagrad", Adagrad, {"lr": 0.1}, lr=0.1, **pytorch)
trajectory("adagrad, all options", "Adagrad", Adagrad,
           {"lr": 0.1, "initial_accumulator_value": 0.3, "eps": 0.01, "weight_decay": 0.05},
           lr=0.1, initial_accumulator=0.3, eps=0.01, weight_decay=0.05, **pytorch)  # fmt: skip


def schedule(name, piece, count, lr, scheduler, **options):
    optimizer = SGD([torch.zeros(1)], lr=lr)
    scheduler = scheduler(optimizer)
    rates = []
    for step in range(count):
        rates.append(scheduler.get_last_lr()[0])
        optimizer.step()
        if step + 1 < count:
            scheduler.step()
    file.schedule(name, piece, rates, **options)


# PyTorch's cosine rises again after T_max, so it is compared up to there.
schedule("cosine", "CosineDecayLr", 41, 0.1,
         lambda o: CosineAnnealingLR(o, T_max=40, eta_min=0.001), numbers=[0.001, 0.1], steps=40)  # fmt: skip
schedule("linear", "PolynomialDecayLr", 45, 0.1,
         lambda o: LinearLR(o, 1.0, 0.2, total_iters=30), numbers=[0.1, 0.02, 1], steps=30)  # fmt: skip
schedule("polynomial", "PolynomialDecayLr", 45, 0.1,
         lambda o: PolynomialLR(o, total_iters=30, power=2.5), numbers=[0.1, 0, 2.5], steps=30)  # fmt: skip
schedule("exponential", "ExponentialDecayLr", 40, 0.1,
         lambda o: ExponentialLR(o, 0.5 ** (1 / 8)), numbers=[0.1, 0.5], steps=8)  # fmt: skip
schedule("exponential, stairs", "ExponentialDecayLr", 40, 0.1,
         lambda o: StepLR(o, 8, 0.5), numbers=[0.1, 0.5], steps=8, staircase=True)  # fmt: skip
schedule("milestones", "PiecewiseConstantLr", 20, 0.1, lambda o: MultiStepLR(o, [3, 10], 0.5),
         milestones=[3, 10, 20], numbers=[0.1, 0.05, 0.025])  # fmt: skip
for name, share in [("one cycle", 0.3), ("one cycle, another share", 0.45)]:
    schedule(name, "OneCycleLr", 47, 0.1,
             lambda o: OneCycleLR(o, 0.5, 47, pct_start=share, div_factor=10, final_div_factor=100,
                                  cycle_momentum=False),
             numbers=[0.5, share, 10, 100], steps=47)  # fmt: skip
schedule("warm-up", "WarmUpLr", 40, 0.1,
         lambda o: SequentialLR(o, [LinearLR(o, 0.1, total_iters=10), CosineAnnealingLR(o, T_max=30)], [10]),
         numbers=[0.1, 0.1], steps=10, cosine_steps=30)  # fmt: skip
schedule("constant", "ConstantLr", 5, 0.1, lambda o: ConstantLR(o, 1.0), numbers=[0.1])

file.write("pytorch.safetensors", torch)
