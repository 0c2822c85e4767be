"""Shared by the peers in Python: arguments, the data, the clock, the line of results."""

import argparse
import gzip
import json
import os
import resource
import statistics
import time

import numpy as np

LR, MOMENTUM = 0.01, 0.9
clock = time.perf_counter


def arguments(*flags):
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", default="data/mnist", help="folder of the four IDX files, plain or .gz")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=1.5, help="how long to measure, in stretches of time")
    parser.add_argument("--steps", type=int, default=50, help="training steps in each")
    for flag in flags:
        parser.add_argument(flag, action="store_true")
    given = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        allowed = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, allowed[: given.threads])
    return given


def read_idx(folder, name):
    path = os.path.join(folder, name)
    packed = os.path.exists(path + ".gz")
    with gzip.open(path + ".gz") if packed else open(path, "rb") as file:
        raw = file.read()
    rank = raw[3]
    shape = [int.from_bytes(raw[4 + 4 * i : 8 + 4 * i], "big") for i in range(rank)]
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * rank).reshape(shape)


def resize(images, out=32):
    """Bilinear with half-pixel centres: [n, h, h] uint8 to [n, out, out] float32."""
    side = images.shape[1]
    centres = np.clip((np.arange(out) + 0.5) * side / out - 0.5, 0, side - 1)
    low = np.floor(centres).astype(int)
    high = np.minimum(low + 1, side - 1)
    along = (centres - low).astype(np.float32)
    matrix = np.zeros((out, side), np.float32)
    matrix[np.arange(out), low] += 1 - along
    matrix[np.arange(out), high] += along
    return matrix @ images.astype(np.float32) @ matrix.T


def load(folder):
    """Images [n, 1, 32, 32], resized and normalised, and labels: for training and for testing."""

    def part(name):
        images = (resize(read_idx(folder, name + "-images-idx3-ubyte")) / 255 - 0.1307) / 0.3081
        labels = read_idx(folder, name + "-labels-idx1-ubyte").astype(np.int64)
        return np.ascontiguousarray(images[:, None], np.float32), labels

    return *part("train"), *part("t10k")


def train(given, step, finish=lambda: None):
    """Runs step(indices) in stretches, three at least, after a short warm-up: seconds a stretch."""
    order = np.random.default_rng(0).permutation(60000)
    batches = [order[i : i + given.batch] for i in range(0, 60000 - given.batch + 1, given.batch)]
    at = 0

    def some(steps):
        nonlocal at
        for _ in range(steps):
            step(batches[at % len(batches)])
            at += 1
        finish()

    some(5)
    seconds = []
    while len(seconds) < 3 or sum(seconds) < given.seconds:
        start = clock()
        some(given.steps)
        seconds.append(clock() - start)
    return seconds


def test(images, labels, digits):
    """Images a second and accuracy of digits(images), a thousand at a time; once to warm up."""
    digits(images[:1000])
    start = clock()
    right = 0
    for i in range(0, len(images), 1000):
        right += int((np.asarray(digits(images[i : i + 1000])) == np.asarray(labels[i : i + 1000])).sum())
    return len(images) / (clock() - start), right / len(images)


def report(given, peer, version, seconds, inference, accuracy):
    us = [s / given.steps * 1e6 for s in seconds]
    print(
        json.dumps(
            {
                "peer": peer,
                "version": version,
                "threads": given.threads,
                "batch": given.batch,
                "us_per_step_median": round(statistics.median(us), 1),
                "us_per_step_min": round(min(us), 1),
                "inference_images_per_s": round(inference),
                "test_accuracy": round(accuracy, 4),
                "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6),
            }
        ),
        flush=True,
    )
