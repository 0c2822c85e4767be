"""Writes the ONNX models that other systems export, and what onnxruntime computes with them.

    python -m venv .venv && .venv/bin/pip install torch onnx onnxscript onnxruntime
    .venv/bin/python crates/interchange/tests/reference/make_onnx.py

"SMALL.onnx" are small networks by PyTorch's two exporters; "onnx.json" has the output of each for the
input of `formula(0, ..)`, computed by onnxruntime, and versions.
"""

import json
import os
import platform
import sys
import warnings

import numpy
import onnx
import onnxruntime
import torch
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../../reference"))
from reference_file import formula  # noqa: E402

warnings.filterwarnings("ignore")
torch.manual_seed(1)


class Small(nn.Module):
    """The operators of LeNet-5, with `view` as many tutorials write it."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 3, 3, stride=2, padding=1, bias=False)
        self.fc1 = nn.Linear(12, 5)

    def forward(self, x):
        x = torch.max_pool2d(torch.relu(self.conv1(x)), 2)
        return self.fc1(x.view(x.size(0), -1))


class Wide(nn.Module):
    """Normalisation, grouped convolution, average pooling, a residual, softmax."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(4)
        self.conv2 = nn.Conv2d(4, 4, 3, padding=1, groups=2)
        self.pool = nn.AvgPool2d(2, stride=1, padding=1)
        self.norm = nn.LayerNorm(4)
        self.fc1 = nn.Linear(4, 3)
        self.bn1.running_mean.uniform_(-1, 1)
        self.bn1.running_var.uniform_(0.5, 2)

    def forward(self, x):
        x = self.bn1(torch.sigmoid(self.conv1(x)))
        x = self.pool(x + torch.tanh(self.conv2(x)) / 2)
        x = nn.functional.adaptive_avg_pool2d(x, 1)
        return torch.log_softmax(self.fc1(self.norm(torch.flatten(x, 1))), 1)


models = {
    "small_dynamo": (Small, True),
    "small_script": (Small, False),
    "wide_dynamo": (Wide, True),
    "wide_script": (Wide, False),
}
logits = {}
for name, (kind, dynamo) in models.items():
    torch.manual_seed(2)
    net = kind().eval()
    images = torch.tensor(formula(0, 2 * 64).astype(numpy.float32)).reshape(2, 1, 8, 8)
    path = os.path.join(HERE, f"{name}.onnx")
    if dynamo:
        shapes = {"x": {0: torch.export.Dim("N")}}
        torch.onnx.export(net, (images,), path, dynamo=True, dynamic_shapes=shapes, external_data=False, verbose=False)
    else:
        names = {"input_names": ["x"], "dynamic_axes": {"x": {0: "N"}}}
        torch.onnx.export(net, (images,), path, dynamo=False, opset_version=17, **names)
    model = onnx.load(path)
    # What tells where in its source PyTorch found a node is most of such a small file.
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    del model.metadata_props[:]
    del model.graph.value_info[:]
    onnx.checker.check_model(model)
    onnx.save(model, path)
    session = onnxruntime.InferenceSession(path)
    logits[name] = session.run(None, {"x": images.numpy()})[0].astype(float).tolist()
    print(name, os.path.getsize(path), sorted({node.op_type for node in model.graph.node}))
versions = {
    "python": platform.python_version(),
    "torch": torch.__version__.split("+")[0],
    "onnx": onnx.__version__,
    "onnxruntime": onnxruntime.__version__,
}
with open(os.path.join(HERE, "onnx.json"), "w") as file:
    json.dump({"versions": versions, "logits": logits}, file)
    file.write("\n")
