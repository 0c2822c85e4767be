"""Trains a small network on MNIST with PyTorch and writes `from_pytorch.safetensors`, which the
example `from_pytorch` goes on with.

    python -m venv .venv && .venv/bin/pip install torch numpy safetensors
    .venv/bin/python crates/train/examples/data/from_pytorch.py
"""

import gzip
import os

import numpy
import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import save_file

HERE = os.path.dirname(os.path.abspath(__file__))
MNIST = os.path.join(HERE, "../../../../data/mnist")


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5)
        self.conv2 = nn.Conv2d(6, 12, 5)
        self.fc = nn.Linear(12 * 4 * 4, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc(x.flatten(1))


def mnist(part):
    with gzip.open(os.path.join(MNIST, f"{part}-images-idx3-ubyte.gz")) as file:
        images = numpy.frombuffer(file.read()[16:], numpy.uint8).reshape(-1, 1, 28, 28)
    with gzip.open(os.path.join(MNIST, f"{part}-labels-idx1-ubyte.gz")) as file:
        labels = numpy.frombuffer(file.read()[8:], numpy.uint8)
    images = (torch.tensor(images.astype(numpy.float32)) / 255 - 0.1307) / 0.3081
    return images, torch.tensor(labels.astype(numpy.int64))


torch.manual_seed(1)
net = Net()
optimizer = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
images, labels = mnist("train")
for indices in torch.randperm(len(images)).split(64):
    optimizer.zero_grad()
    F.cross_entropy(net(images[indices]), labels[indices]).backward()
    optimizer.step()

with torch.no_grad():
    images, labels = mnist("t10k")
    right = (net(images).argmax(1) == labels).sum().item()
print(f"PyTorch {torch.__version__}: {right} of {len(labels)} test images are read right")
save_file(net.state_dict(), os.path.join(HERE, "from_pytorch.safetensors"))
