"""How a reference file is written; the scripts beside the tests use it.

A reference file is a safetensors file whose metadata has one entry, "reference": JSON with the
list of cases, the peer (the system whose numbers they are) and the versions of what computed them.
Inputs are numbers that f32 holds exactly; results are in f64 where the peer can compute in it, so
that the Rust side can compare both precisions with the true value.
"""

import json
import os
import platform

import numpy
from safetensors.numpy import save_file


def exact(values):
    """`values` rounded to f32, as a float64 array."""
    return numpy.asarray(values, numpy.float32).astype(numpy.float64)


def formula(tensor, count):
    """Element i of tensor number `tensor`: a hash of both, as a number in [-1, 1)."""
    x = (numpy.arange(count, dtype=numpy.uint64) + tensor * 1_000_003) & 0xFFFFFFFF
    for shift, factor in [(16, 0x7FEB352D), (15, 0x846CA68B)]:
        x = ((x ^ (x >> shift)) * factor) & 0xFFFFFFFF
    x ^= x >> 16
    return x.astype(numpy.float64) / 2.0**31 - 1.0


NAMES = {
    "torch": "PyTorch",
    "torchvision": "torchvision",
    "mindspore": "MindSpore",
    "sklearn": "scikit-learn",
    "scipy": "SciPy",
    "PIL": "Pillow",
}


def write(path, cases, tensors, most_bytes, peer):
    """Writes `cases` (JSON) and `tensors` (name to array) and says how large the file is.

    `peer` is the module whose numbers they are: torch, mindspore, sklearn, ...
    """
    names = [case["name"] for case in cases]
    assert cases and len(set(names)) == len(names), "every case needs a name of its own"
    versions = {
        "python": platform.python_version(),
        peer.__name__: peer.__version__,
        "numpy": numpy.__version__,
    }
    name = f"{NAMES[peer.__name__]} {peer.__version__.split('+')[0]}"
    record = {"peer": name, "versions": versions, "cases": cases}
    metadata = {"reference": json.dumps(record)}
    arrays = {name: numpy.array(array, order="C") for name, array in tensors.items()}
    save_file(arrays, path, metadata)
    size = os.path.getsize(path)
    print(f"{path}: {len(cases)} cases, {size} bytes")
    assert size < most_bytes, "keep reference files small"
