"""Weights as PyTorch saves them, and what it computes with them.

    python -m venv .venv && .venv/bin/pip install torch safetensors numpy
    .venv/bin/python crates/interchange/tests/reference/make_pytorch.py
    SPORELET_INTERCHANGE_OUT=out cargo test -p interchange pytorch
    .venv/bin/python crates/interchange/tests/reference/make_pytorch.py out

The first run writes "norm_pytorch.safetensors", a small network with normalisation after a step of training, and
"pytorch.json": its logits, those of LeNet-5 with the weights of `formula`, and the checksum of the file that
`save_file` writes for it. The last one loads, strictly, what our tests wrote, and compares the logits.
"""

import json
import os
import platform
import sys
import zlib

import numpy
import torch
from safetensors.torch import load_file, save_file
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../../reference"))
from reference_file import formula  # noqa: E402


def numbers(tensor, *shape):
    return torch.tensor(formula(tensor, int(numpy.prod(shape))).astype(numpy.float32)).reshape(shape)


class LeNet5(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = torch.max_pool2d(torch.relu(self.conv1(x)), 2)
        x = torch.max_pool2d(torch.relu(self.conv2(x)), 2)
        x = torch.flatten(x, 1)
        return self.fc3(torch.relu(self.fc2(torch.relu(self.fc1(x)))))


class Normed(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 2, 3)
        self.bn1 = nn.BatchNorm2d(2)
        self.norm = nn.LayerNorm(8)
        self.fc1 = nn.Linear(8, 3)
        self.bn2 = nn.BatchNorm1d(3)

    def forward(self, x):
        x = torch.flatten(torch.relu(self.bn1(self.conv1(x))), 1)
        return self.bn2(self.fc1(self.norm(x)))


lenet = LeNet5().eval()
with torch.no_grad():
    for tensor, parameter in enumerate(lenet.parameters()):
        parameter.copy_(numbers(tensor, *parameter.shape) / 8)
networks = {"lenet5": (lenet, numbers(100, 2, 1, 32, 32)), "norm": (Normed(), numbers(100, 2, 1, 4, 4))}

if len(sys.argv) == 1:
    torch.manual_seed(1)
    net = Normed()
    optimizer = torch.optim.SGD(net.parameters(), 0.5)
    nn.functional.mse_loss(net(numbers(101, 4, 1, 4, 4)), numbers(102, 4, 3)).backward()
    optimizer.step()
    save_file(net.state_dict(), os.path.join(HERE, "norm_pytorch.safetensors"))
    networks["norm"] = (net.eval(), networks["norm"][1])
    file = os.path.join(HERE, "lenet5.tmp")
    save_file(lenet.state_dict(), file, metadata={"format": "pt"})
    with open(file, "rb") as bytes_of:
        checksum = zlib.crc32(bytes_of.read())
    os.remove(file)
    logits = {name: net(x).flatten().tolist() for name, (net, x) in networks.items()}
    versions = {"python": platform.python_version(), "torch": torch.__version__.split("+")[0]}
    with open(os.path.join(HERE, "pytorch.json"), "w") as file:
        json.dump({"versions": versions, "lenet5_crc32": checksum, "logits": logits}, file)
        file.write("\n")
else:
    for name, (net, x) in networks.items():
        state = load_file(os.path.join(sys.argv[1], f"{name}_pytorch.safetensors"))
        print(net.load_state_dict(state, strict=True), end=" ")
        with open(os.path.join(sys.argv[1], f"{name}_pytorch.json")) as ours:
            expected = torch.tensor(json.load(ours))
        difference = (net.eval()(x).flatten() - expected).abs().max().item()
        assert difference < 1e-5, (name, difference)
        print(f"{name}: ours loads, and the logits differ by {difference:.1e}")
