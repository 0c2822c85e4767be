"""Writes `mindspore.safetensors`: 50 steps of MindSpore's optimizers in f32, and its schedules.

    python -m venv .venv && .venv/bin/pip install mindspore "numpy<2" safetensors
    .venv/bin/python crates/optim/tests/reference/make_mindspore.py

Left out is what MindSpore gets wrong on a CPU: Momentum with use_nesterov, which it ignores. The
same versions write the same bytes.
"""

import mindspore
from mindspore import Parameter, Tensor, nn

from common import STEPS, File, gradients, start

mindspore.set_context(device_target="CPU", mode=mindspore.PYNATIVE_MODE)
file = File()


def trajectory(name, piece, optimizer, mindspore_options, **options):
    """`mindspore_options` are MindSpore's, `options` how the same is said here."""
    parameters = [Parameter(Tensor(v.astype("float32")), name=n) for n, v in start().items()]
    optimizer = optimizer(parameters, **mindspore_options)
    values = []
    for step in range(STEPS):
        optimizer(tuple(Tensor(g.astype("float32")) for g in gradients(step).values()))
        values.append({p.name: p.asnumpy().copy() for p in parameters})
    file.trajectory(name, piece, values, **options)


def plain(name, piece, optimizer, lr, **options):
    trajectory(name, piece, optimizer, {"learning_rate": lr, **options}, lr=lr, **options)


plain("sgd", "Sgd", nn.SGD, 0.1)
plain("sgd, weight decay", "Sgd", nn.SGD, 0.1, weight_decay=0.05)
plain("sgd, dampening", "Sgd", nn.SGD, 0.05, momentum=0.9, dampening=0.5)
plain("sgd, nesterov", "Sgd", nn.SGD, 0.05, momentum=0.9, nesterov=True)
plain("momentum", "Momentum", nn.Momentum, 0.05, momentum=0.9)
plain("momentum, weight decay", "Momentum", nn.Momentum, 0.05, momentum=0.9, weight_decay=0.05)
cosine = {"learning_rate": nn.CosineDecayLR(0.0, 0.05, STEPS), "momentum": 0.9}
trajectory("momentum, cosine", "Momentum", nn.Momentum, cosine, lr=0.05, momentum=0.9, cosine_steps=STEPS)
plain("adam", "Adam", nn.Adam, 0.02)
trajectory("adam, all options", "Adam", nn.Adam,
           {"learning_rate": 0.02, "beta1": 0.8, "beta2": 0.95, "eps": 0.01, "weight_decay": 0.05},
           lr=0.02, betas=[0.8, 0.95], eps=0.01, weight_decay=0.05)  # fmt: skip
# MindSpore subtracts 0.999 from 1 in f32, which has an error of 1.3e-5: hence another beta2.
trajectory("adamw", "AdamW", nn.AdamWeightDecay, {"learning_rate": 0.02, "beta2": 0.99},
           lr=0.02, betas=[0.9, 0.99], mindspore=True)  # fmt: skip
trajectory("adamw, all options", "AdamW", nn.AdamWeightDecay,
           {"learning_rate": 0.02, "beta1": 0.8, "beta2": 0.95, "eps": 0.01, "weight_decay": 0.5},
           lr=0.02, betas=[0.8, 0.95], eps=0.01, weight_decay=0.5, mindspore=True)  # fmt: skip
plain("rms_prop", "RmsProp", nn.RMSProp, 0.1)
trajectory("rms_prop, momentum", "RmsProp", nn.RMSProp,
           {"learning_rate": nn.CosineDecayLR(0.0, 0.01, STEPS), "momentum": 0.9, "decay": 0.8, "epsilon": 0.01,
            "weight_decay": 0.05},
           lr=0.01, momentum=0.9, decay=0.8, eps=0.01, weight_decay=0.05, cosine_steps=STEPS)  # fmt: skip
trajectory("rms_prop, both", "RmsProp", nn.RMSProp,
           {"learning_rate": 0.01, "momentum": 0.5, "centered": True, "epsilon": 1e-3},
           lr=0.01, momentum=0.5, centered=True, eps=1e-3)  # fmt: skip
plain("adagrad", "Adagrad", nn.Adagrad, 0.1)
trajectory("adagrad, weight decay", "Adagrad", nn.Adagrad,
           {"learning_rate": 0.1, "accum": 0.3, "weight_decay": 0.05},
           lr=0.1, initial_accumulator=0.3, weight_decay=0.05)  # fmt: skip


def smooth(name, piece, schedule, count=40, **options):
    rates = [float(schedule(Tensor(step, mindspore.int32)).asnumpy()) for step in range(count)]
    file.schedule(name, piece, rates, **options)


for stairs in [False, True]:
    suffix = ", stairs" if stairs else ""
    options = {"numbers": [0.1, 0.3], "steps": 7, "staircase": stairs}
    smooth(f"exponential{suffix}", "ExponentialDecayLr", nn.ExponentialDecayLR(0.1, 0.3, 7, stairs), **options)
    smooth(f"natural{suffix}", "NaturalExpDecayLr", nn.NaturalExpDecayLR(0.1, 0.3, 7, stairs), **options)
    smooth(f"inverse{suffix}", "InverseDecayLr", nn.InverseDecayLR(0.1, 0.3, 7, stairs), **options)
smooth("cosine", "CosineDecayLr", nn.CosineDecayLR(0.01, 0.1, 30), numbers=[0.01, 0.1], steps=30)
for update in [False, True]:
    smooth(f"polynomial{', updated' if update else ''}", "PolynomialDecayLr",
           nn.PolynomialDecayLR(0.1, 0.01, 12, 1.5, update), numbers=[0.1, 0.01, 1.5], steps=12,
           update_decay_steps=update)  # fmt: skip
smooth("warm-up", "WarmUpLr", nn.WarmUpLR(0.1, 10), numbers=[0.1, 0.0], steps=10)

# The list functions: a staircase of epochs of 5 steps.
per_epoch = {"steps_per_epoch": 5}
for stairs in [False, True]:
    suffix = ", epoch stairs" if stairs else ", epochs"
    options = {"numbers": [0.1, 0.3], "steps": 3, "staircase": stairs, **per_epoch}
    for name, piece, function in [
        ("exponential", "ExponentialDecayLr", nn.exponential_decay_lr),
        ("natural", "NaturalExpDecayLr", nn.natural_exp_decay_lr),
        ("inverse", "InverseDecayLr", nn.inverse_decay_lr),
    ]:
        file.schedule(name + suffix, piece, function(0.1, 0.3, 40, 5, 3, stairs), **options)
file.schedule("cosine, epochs", "CosineDecayLr", nn.cosine_decay_lr(0.01, 0.1, 40, 5, 6),
              numbers=[0.01, 0.1], steps=6, **per_epoch)  # fmt: skip
for update in [False, True]:
    file.schedule(f"polynomial, epochs{', updated' if update else ''}", "PolynomialDecayLr",
                  nn.polynomial_decay_lr(0.1, 0.01, 40, 5, 3, 1.5, update), numbers=[0.1, 0.01, 1.5], steps=3,
                  update_decay_steps=update, **per_epoch)  # fmt: skip
file.schedule("warm-up, epochs", "WarmUpLr", nn.warmup_lr(0.1, 40, 5, 3), numbers=[0.1, 0.0], steps=3, **per_epoch)
file.schedule("piecewise", "PiecewiseConstantLr", nn.piecewise_constant_lr([3, 10, 20], [0.1, 0.05, 0.01]),
              milestones=[3, 10, 20], numbers=[0.1, 0.05, 0.01])  # fmt: skip

file.write("mindspore.safetensors", mindspore)
