"""PyTorch: eager; with --fused and its fused optimizer; or, with --compile, the whole step as one compiled graph."""

from common import LR, MOMENTUM, arguments, load, report, test, train

given = arguments("--fused", "--compile")
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.set_num_threads(given.threads)
torch.manual_seed(0)


class LeNet5(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2).flatten(1)
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))


train_x, train_y, test_x, test_y = map(torch.from_numpy, load(given.data))
network = LeNet5()

if given.compile:
    parameters = {name: value.detach().clone() for name, value in network.named_parameters()}
    velocities = {name: torch.zeros_like(value) for name, value in parameters.items()}

    def loss_of(parameters, x, y):
        return F.cross_entropy(torch.func.functional_call(network, parameters, (x,)), y)

    @torch.compile
    def update(parameters, velocities, x, y):
        gradients = torch.func.grad(loss_of)(parameters, x, y)
        velocities = {name: MOMENTUM * v + gradients[name] for name, v in velocities.items()}
        return {name: p - LR * velocities[name] for name, p in parameters.items()}, velocities

    def step(indices):
        global parameters, velocities
        indices = torch.from_numpy(indices)
        with torch.no_grad():
            parameters, velocities = update(parameters, velocities, train_x[indices], train_y[indices])

else:
    optimizer = torch.optim.SGD(network.parameters(), lr=LR, momentum=MOMENTUM, fused=given.fused or None)

    def step(indices):
        indices = torch.from_numpy(indices)
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(network(train_x[indices]), train_y[indices]).backward()
        optimizer.step()


seconds = train(given, step)
if given.compile:
    network.load_state_dict(parameters)
forward = torch.compile(network) if given.compile else network
with torch.inference_mode():
    scores = test(test_x, test_y, lambda x: forward(x).argmax(1))
peer = "torch.compile" if given.compile else "torch-fused" if given.fused else "torch"
report(given, peer, torch.__version__, seconds, *scores)
