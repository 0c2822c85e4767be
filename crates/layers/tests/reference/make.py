"""Writes `losses.safetensors` and `lenet5.safetensors`: losses and LeNet-5, computed by PyTorch.

    python -m venv .venv && .venv/bin/pip install torch numpy safetensors
    .venv/bin/python crates/layers/tests/reference/make.py

Losses: "NAME/prediction", "NAME/loss", "NAME/gradient" (of the loss, or of the sum of the losses
where they stay apart). LeNet-5: its state_dict's gradients for weights and images that both
sides compute by the formula in `formula`, so that they need not be stored. The same versions
write the same bytes.
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

random = numpy.random.default_rng(21)


def losses():
    cases, tensors = [], {}

    def case(name, loss, prediction, function, **options):
        prediction = exact(prediction)
        for reduction in ["mean", "sum", "none"]:
            full = f"{name}, {reduction}"
            options = dict(options, reduction=reduction)
            cases.append({"name": full, "loss": loss, "options": options})
            leaf = torch.tensor(prediction, requires_grad=True)
            value = function(leaf, reduction)
            value.sum().backward()
            tensors[f"{full}/prediction"] = prediction.astype(numpy.float32)
            tensors[f"{full}/loss"] = value.detach().numpy()
            tensors[f"{full}/gradient"] = leaf.grad.numpy()

    def sparse(name, logits, labels):
        target = torch.tensor(labels)
        function = lambda x, reduction: F.cross_entropy(x, target, reduction=reduction)
        case(name, "cross_entropy", logits, function, labels=labels)

    def dense(name, logits, values):
        target = torch.tensor(values)
        function = lambda x, reduction: F.cross_entropy(x, target, reduction=reduction)
        case(name, "cross_entropy", logits, function, values=values.ravel().tolist())

    def mse(name, prediction, values):
        target = torch.tensor(values)
        function = lambda x, reduction: F.mse_loss(x, target, reduction=reduction)
        case(name, "mse", prediction, function, values=values.ravel().tolist())

    normal = lambda *shape: exact(random.normal(size=shape))
    sparse("sparse", normal(6, 10) * 3, [3, 0, 9, 9, 5, 1])
    sparse("sparse, one sample", normal(1, 4), [2])
    sparse("sparse, huge logits", exact([[-1e4, 1e4, 0], [1e4, 9999.5, -1e4]]), [0, 1])
    dense("dense", normal(5, 4) * 2, exact(random.dirichlet(numpy.ones(4), size=5)))
    dense("dense, one-hot", normal(3, 4), numpy.eye(4)[[2, 0, 3]])
    mse("mse", normal(4, 3), normal(4, 3))
    mse("mse, images", normal(2, 3, 2, 2), normal(2, 3, 2, 2))
    write(os.path.join(HERE, "losses.safetensors"), cases, tensors, 30_000, torch)


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


losses()
lenet5()
