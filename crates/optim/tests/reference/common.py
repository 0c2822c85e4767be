"""What the scripts that write trajectories and schedules have in common.

Three parameters start at known numbers and are given the same 50 gradients by every optimizer;
both are formulas, rounded to f32, that the test has too. A file has "NAME/PARAMETER", the values
after each step, [50, ..], and "NAME/rates", a schedule's learning rates from the first step on. A
case says in "options" how the test builds the same optimizer or schedule here.
"""

import os
import sys

import numpy

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../../reference"))
from reference_file import exact, formula, write  # noqa: E402,F401

STEPS = 50
SHAPES = {"weight": (2, 2), "bias": (1,), "gamma": (1,)}


def start():
    return {
        name: exact(2 * formula(1000 + i, int(numpy.prod(shape)))).reshape(shape)
        for i, (name, shape) in enumerate(SHAPES.items())
    }


def gradients(step):
    return {
        name: exact(formula(100 * i + step, int(numpy.prod(shape)))).reshape(shape)
        for i, (name, shape) in enumerate(SHAPES.items())
    }


class File:
    def __init__(self):
        self.cases, self.tensors = [], {}

    def trajectory(self, name, optimizer, values, **options):
        self.cases.append({"name": name, "kind": "trajectory", "piece": optimizer, "options": options})
        for parameter in SHAPES:
            self.tensors[f"{name}/{parameter}"] = numpy.stack([v[parameter] for v in values])

    def schedule(self, name, piece, rates, **options):
        self.cases.append({"name": name, "kind": "schedule", "piece": piece, "options": options})
        self.tensors[f"{name}/rates"] = numpy.array(rates, numpy.float64)

    def write(self, name, peer):
        write(os.path.join(HERE, name), self.cases, self.tensors, 100_000, peer)
