"""Writes what real MindSpore saves for a small network after one step of training.

    python -m venv .venv && .venv/bin/pip install mindspore "numpy<2"
    .venv/bin/python crates/interchange/tests/reference/make.py

"checked.ckpt" holds the network and its optimizer, appended numbers and a text, and a checksum;
"plain.ckpt" the network alone, without one; "network.safetensors" the same in MindSpore's flavour of
that format. "logits.json" has the network's output for the input of `formula(0, ..)`, and versions.
"""

import json
import os
import platform
import sys

import mindspore
import numpy
from mindspore import Tensor, nn

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../../reference"))
from reference_file import formula  # noqa: E402


class Net(nn.Cell):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 2, 3, pad_mode="valid", has_bias=True)
        self.fc1 = nn.Dense(8, 3)

    def construct(self, x):
        x = mindspore.ops.relu(self.conv1(x))
        return self.fc1(x.reshape(x.shape[0], -1))


mindspore.set_seed(1)
net = Net()
optimizer = nn.Momentum(net.trainable_params(), 0.1, 0.9)
step = nn.TrainOneStepCell(nn.WithLossCell(net, nn.MSELoss()), optimizer)
images = Tensor(formula(0, 2 * 16).astype(numpy.float32).reshape(2, 1, 4, 4))
step(images, Tensor(numpy.ones((2, 3), numpy.float32)))

path = lambda name: os.path.join(HERE, name)
for name in ["checked.ckpt", "plain.ckpt", "network.safetensors"]:
    if os.path.exists(path(name)):
        os.remove(path(name))
more = {"epoch_num": 3, "step_num": 17, "rate": 0.5, "flag": True, "note": "hi ü"}
mindspore.save_checkpoint(step, path("checked.ckpt"), append_dict=more, crc_check=True)
mindspore.save_checkpoint(net, path("plain.ckpt"))
mindspore.save_checkpoint(net, path("network.safetensors"), format="safetensors")
for name in ["checked.ckpt", "plain.ckpt", "network.safetensors"]:
    os.chmod(path(name), 0o644)
logits = net(images).asnumpy().astype(float).tolist()
versions = {"python": platform.python_version(), "mindspore": mindspore.__version__}
with open(path("logits.json"), "w") as file:
    json.dump({"versions": versions, "logits": logits}, file)
    file.write("\n")
