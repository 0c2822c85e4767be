"""Writes `golden.safetensors`: ten steps of training LeNet-5, by PyTorch.

    python -m venv .venv && .venv/bin/pip install torch numpy safetensors
    .venv/bin/python crates/train/tests/golden/make.py

Momentum 0.9, learning rate 0.02, batches of 32. Initial weights and images come from the formula
below, which the test has too, so that they need not be stored. Everything is computed in f64,
which gives the true values, and in f32, which shows how far rounding alone leads away from them.

The file holds "losses" (before each step) and for each parameter NAME its final "NAME/value": all
elements of the convolutions and the last layer, every 29th of the two large ones, with
"NAME/sum" and "NAME/norm" over all. The same versions write the same bytes.
"""

import os
import sys

import numpy
import torch
import torch.nn as nn
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../../reference"))
from reference_file import exact, formula, write  # noqa: E402

STEPS, BATCH, RATE, MOMENTUM = 10, 32, 0.02, 0.9


def batch(step):
    """Noise plus a pattern of the class, so that there is something to learn."""
    labels = [(7 * i + step) % 10 for i in range(BATCH)]
    noise = formula(100 + step, BATCH * 1024).reshape(BATCH, 1024)
    patterns = numpy.stack([formula(50 + label, 1024) for label in labels])
    images = exact(0.25 * noise + 0.75 * patterns)
    return torch.tensor(images).reshape(BATCH, 1, 32, 32), torch.tensor(labels)


class LeNet5(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(400, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)
        for number, (name, parameter) in enumerate(self.named_parameters()):
            layer = getattr(self, name.split(".")[0])
            bound = numpy.sqrt(6 / layer.weight[0].numel())
            values = exact(formula(number, parameter.numel()) * bound)
            parameter.data = torch.tensor(values).reshape(parameter.shape)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = F.relu(self.fc1(x.flatten(1)))
        return self.fc3(F.relu(self.fc2(x)))


def train(dtype):
    net = LeNet5().to(dtype)
    optimizer = torch.optim.SGD(net.parameters(), lr=RATE, momentum=MOMENTUM)
    losses = []
    for step in range(STEPS):
        images, labels = batch(step)
        optimizer.zero_grad()
        loss = F.cross_entropy(net(images.to(dtype)), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    values = {name: p.detach().double().numpy() for name, p in net.named_parameters()}
    return numpy.array(losses), values


torch.set_num_threads(1)
losses, values = train(torch.float64)
single_losses, single_values = train(torch.float32)
print("losses", losses)
furthest = {"losses": float(numpy.max(numpy.abs(single_losses / losses - 1)))}
tensors = {"losses": losses}
for name, value in values.items():
    difference = numpy.max(numpy.abs(single_values[name] - value))
    furthest[name] = float(difference / numpy.max(numpy.abs(value)))
    whole = not name.startswith(("fc1", "fc2"))
    tensors[f"{name}/value"] = value.ravel()[:: 1 if whole else 29]
    tensors[f"{name}/sum"] = value.sum()
    tensors[f"{name}/norm"] = numpy.linalg.norm(value)
print("PyTorch's f32 from f64:", furthest)
cases = [{
    "name": "LeNet-5", "steps": STEPS, "batch": BATCH, "rate": RATE, "momentum": MOMENTUM,
    "torch_f32": furthest,
}]
write(os.path.join(HERE, "golden.safetensors"), cases, tensors, 60_000, torch)
