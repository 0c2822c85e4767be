"""Writes `lenet5.safetensors`: LeNet-5, computed by PyTorch.

    python -m venv .venv && .venv/bin/pip install torch numpy safetensors
    .venv/bin/python crates/layers/tests/reference/make.py

It has the logits, the loss and its state_dict's gradients for weights and images that both sides
compute by `formula`, so that they need not be stored. The same versions write the same bytes.
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


class LeNet5(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(400, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = F.relu(self.fc1(x.flatten(1)))
        return self.fc3(F.relu(self.fc2(x)))


def lenet5():
    net = LeNet5().double()
    for number, (name, parameter) in enumerate(net.named_parameters()):
        layer = getattr(net, name.split(".")[0])
        bound = 1 / numpy.sqrt(layer.weight[0].numel())
        values = exact(formula(number, parameter.numel()) * bound)
        parameter.data = torch.tensor(values).reshape(parameter.shape)
    images = torch.tensor(exact(formula(10, 4 * 32 * 32))).reshape(4, 1, 32, 32)
    labels = [7, 0, 9, 3]
    logits = net(images)
    loss = F.cross_entropy(logits, torch.tensor(labels))
    loss.backward()
    tensors = {"logits": logits.detach().numpy(), "loss": loss.detach().numpy()}
    for name, parameter in net.named_parameters():
        tensors[f"gradient/{name}"] = parameter.grad.numpy().astype(numpy.float32)
    cases = [{"name": "LeNet-5", "labels": labels}]
    write(os.path.join(HERE, "lenet5.safetensors"), cases, tensors, 260_000, torch)


lenet5()
