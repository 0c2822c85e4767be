"""MindSpore at its best here: TrainOneStepCell, jit level O1, data in memory, and oneDNN told to leave AVX-512 alone,
whose path takes ten times as long as that for AVX2."""

import os

os.environ.setdefault("GLOG_v", "3")
os.environ.setdefault("ONEDNN_MAX_CPU_ISA", "AVX2")
from common import LR, MOMENTUM, arguments, load, report, test, train

given = arguments()
import mindspore as ms
import numpy as np
from mindspore import nn

ms.set_context(mode=ms.GRAPH_MODE, jit_config={"jit_level": "O1"})
ms.set_device("CPU")
ms.set_seed(0)


class LeNet5(nn.Cell):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, pad_mode="valid", has_bias=True)
        self.conv2 = nn.Conv2d(6, 16, 5, pad_mode="valid", has_bias=True)
        self.fc1, self.fc2, self.fc3 = nn.Dense(400, 120), nn.Dense(120, 84), nn.Dense(84, 10)
        self.relu, self.max_pool2d, self.flatten = nn.ReLU(), nn.MaxPool2d(2, 2), nn.Flatten()

    def construct(self, x):
        x = self.max_pool2d(self.relu(self.conv1(x)))
        x = self.flatten(self.max_pool2d(self.relu(self.conv2(x))))
        return self.fc3(self.relu(self.fc2(self.relu(self.fc1(x)))))


train_x, train_y, test_x, test_y = load(given.data)
train_y = train_y.astype(np.int32)
network = LeNet5()
loss = nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")
optimizer = nn.Momentum(network.trainable_params(), LR, MOMENTUM)
cell = nn.TrainOneStepCell(nn.WithLossCell(network, loss), optimizer)
cell.set_train()
last = None


def step(indices):
    global last
    last = cell(ms.Tensor(train_x[indices]), ms.Tensor(train_y[indices]))


seconds = train(given, step, lambda: last.asnumpy())
network.set_train(False)
scores = test(test_x, test_y, lambda x: network(ms.Tensor(x)).asnumpy().argmax(1))
report(given, "mindspore", ms.__version__, seconds, *scores)
