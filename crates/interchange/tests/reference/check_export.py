"""Checks exported ONNX models with ONNX's own checker, and keeps what ONNX Runtime computes with them.

    python -m venv .venv && .venv/bin/pip install onnx onnxruntime numpy
    SPORELET_ONNX_OUT=out cargo test -p interchange --test all onnx_export
    .venv/bin/python crates/interchange/tests/reference/check_export.py out

The test writes a model of every kind of network, "NAME.onnx", and beside it the input and our output as
"NAME.json". The models are run on batches of two sizes. "exported.json" has the outputs, small as they are, which
the test compares with ours, and a checksum of each model.
"""

import json
import os
import platform
import sys
import zlib

import numpy
import onnx
import onnxruntime

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../../reference"))
from reference_file import formula  # noqa: E402

folder = sys.argv[1]
SAMPLES = [1, 4]
kept = {}
sums = {}
worst = 0.0
for file in sorted(os.listdir(folder)):
    if not file.endswith(".onnx"):
        continue
    name = file[: -len(".onnx")]
    path = os.path.join(folder, file)
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (info,) = session.get_inputs()
    assert [info.name, session.get_outputs()[0].name] == ["input", "output"], name
    assert info.shape[0] == "N", (name, info.shape)
    with open(os.path.join(folder, f"{name}.json")) as ours:
        ours = json.load(ours)
    with open(path, "rb") as bytes_of:
        sums[name] = zlib.crc32(bytes_of.read())
    kept[name] = []
    for samples, expected in zip(SAMPLES, ours, strict=True):
        shape = [samples, *info.shape[1:]]
        x = formula(0, int(numpy.prod(shape))).astype(numpy.float32).reshape(shape)
        y = session.run(None, {"input": x})[0]
        expected = numpy.array(expected["numbers"]).reshape(expected["shape"])
        assert y.shape == expected.shape, (name, y.shape, expected.shape)
        difference = abs(y - expected).max() / max(abs(y).max(), 1)
        assert difference < 1e-5, (name, difference)
        worst = max(worst, difference)
        kept[name].append([float(f"{number:.7g}") for number in y.ravel()])
    operators = sorted({node.op_type for node in model.graph.node})
    print(f"{name:18} opset {model.opset_import[0].version}  {difference:.1e}  {' '.join(operators)}")
print(f"{len(kept)} models, the largest difference is {worst:.1e}")
versions = {"python": platform.python_version(), "onnx": onnx.__version__, "onnxruntime": onnxruntime.__version__}
with open(os.path.join(HERE, "exported.json"), "w") as file:
    json.dump({"versions": versions, "crc32": sums, "outputs": kept}, file, separators=(",", ":"))
    file.write("\n")
