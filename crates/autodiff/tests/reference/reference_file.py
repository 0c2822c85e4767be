"""How a reference file is written; `make.py` of each crate uses it.

A reference file is a safetensors file whose metadata has one entry, "reference": JSON with the
list of cases and the versions of what computed them. Inputs are numbers that f32 holds exactly;
results are in f64, so that the Rust side can compare both precisions with the true value.
"""

import json
import os
import platform

import numpy
import torch
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


def write(path, cases, tensors, most_bytes):
    """Writes `cases` (JSON) and `tensors` (name to array) and says how large the file is."""
    names = [case["name"] for case in cases]
    assert cases and len(set(names)) == len(names), "every case needs a name of its own"
    versions = {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": numpy.__version__,
    }
    metadata = {"reference": json.dumps({"versions": versions, "cases": cases})}
    arrays = {name: numpy.array(array, order="C") for name, array in tensors.items()}
    save_file(arrays, path, metadata)
    size = os.path.getsize(path)
    print(f"{path}: {len(cases)} cases, {size} bytes")
    assert size < most_bytes, "keep reference files small"
