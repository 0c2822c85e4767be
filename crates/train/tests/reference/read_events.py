"""Checks with TensorBoard itself that it reads what the callback `TensorBoard` wrote.

    python -m venv .venv && .venv/bin/pip install tensorboard
    .venv/bin/python crates/train/tests/reference/read_events.py

Runs the test `tensorboard_shows_what_the_history_has` with a folder that stays, and compares every
scalar that TensorBoard finds there with the JSON lines that the same run left beside it.
Last run with tensorboard 2.21.0.
"""

import json
import os
import subprocess
import tempfile

import numpy
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

test = "tensorboard_shows_what_the_history_has"
with tempfile.TemporaryDirectory() as folder:
    environment = {**os.environ, "SPORELET_EVENTS": folder}
    command = ["cargo", "test", "--quiet", "-p", "train", "--test", "callbacks", test]
    subprocess.run(command, env=environment, check=True)
    with open(os.path.join(folder, "epochs.jsonl")) as lines:
        epochs = [json.loads(line) for line in lines]
    compared = 0
    for run, key in [("train", "train"), ("validation", "evaluation")]:
        accumulator = EventAccumulator(os.path.join(folder, run)).Reload()
        expected = {}
        for epoch in epochs:
            for name, value in (epoch[key] or {}).items():
                expected.setdefault(f"epoch_{name}", []).append((epoch["epoch"], value))
            if run == "train":
                rate = (epoch["epoch"], epoch["learning_rate"])
                expected.setdefault("epoch_learning_rate", []).append(rate)
        found = set(accumulator.Tags()["scalars"])
        steps = {"batch_loss", "batch_learning_rate"} if run == "train" else set()
        assert found == set(expected) | steps, found
        for tag, values in expected.items():
            scalars = [(event.step, event.value) for event in accumulator.Scalars(tag)]
            assert scalars == [(step, numpy.float32(value)) for step, value in values], tag
            compared += len(scalars)
        for tag in steps:
            numbers = [event.step for event in accumulator.Scalars(tag)]
            assert numbers == list(range(2, 2 * len(numbers) + 1, 2)), numbers
            compared += len(numbers)
    print(f"TensorBoard reads {compared} scalars as they were written")
