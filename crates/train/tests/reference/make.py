"""Writes `metrics.safetensors`: scikit-learn's metrics.

    python -m venv .venv && .venv/bin/pip install scikit-learn numpy safetensors
    .venv/bin/python crates/train/tests/reference/make.py

"NAME/scores" are predictions, "NAME/targets" what they should have been, and "NAME/METRIC" the
metric's value: a number, a number for each class, or a matrix. A class that occurs neither among
the truths nor among the predictions has the value NaN, and scikit-learn leaves it out of averages.
The same versions write the same bytes.
"""

import os
import sys

import numpy
import sklearn
from sklearn import metrics

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../../reference"))
from reference_file import exact, write  # noqa: E402

random = numpy.random.default_rng(31)
cases, tensors = [], {}


def record(name, kind, scores, targets, values):
    cases.append({"name": name, "kind": kind, "metrics": list(values)})
    tensors[f"{name}/scores"] = scores.astype(numpy.float32)
    tensors[f"{name}/targets"] = numpy.asarray(targets, numpy.float32)
    for metric, value in values.items():
        tensors[f"{name}/{metric}"] = numpy.atleast_1d(numpy.asarray(value, numpy.float64))


def classes(name, scores, truth):
    count = scores.shape[1]
    every = range(count)
    found = scores.argmax(axis=1)
    present = numpy.isin(numpy.arange(count), numpy.concatenate([truth, found]))
    values = {"accuracy": metrics.accuracy_score(truth, found)}
    for k in [1, 2]:
        values[f"top_{k}_accuracy"] = metrics.top_k_accuracy_score(truth, scores, k=k, labels=every)
    kinds = {
        "precision": metrics.precision_score,
        "recall": metrics.recall_score,
        "f1": metrics.f1_score,
        "f2": lambda *a, **k: metrics.fbeta_score(*a, beta=2, **k),
        "f0.5": lambda *a, **k: metrics.fbeta_score(*a, beta=0.5, **k),
    }
    for metric, score in kinds.items():
        for average, suffix in [("macro", ""), ("micro", "_micro"), ("weighted", "_weighted")]:
            values[metric + suffix] = score(truth, found, average=average, zero_division=0)
        each = score(truth, found, average=None, labels=every, zero_division=0)
        values[f"{metric}_per_class"] = numpy.where(present, each, numpy.nan)
    for normalize in [None, "true", "pred", "all"]:
        matrix = metrics.confusion_matrix(truth, found, labels=every, normalize=normalize)
        values[f"confusion_matrix_{normalize}"] = matrix
    odds = numpy.exp(scores - scores.max(axis=1, keepdims=True))
    shares = odds / odds.sum(axis=1, keepdims=True)
    each = [
        metrics.roc_auc_score(truth == c, shares[:, c]) if 0 < (truth == c).sum() else numpy.nan
        for c in every
    ]
    values["auc_per_class"] = each
    if not numpy.isnan(each).any():
        for average, suffix in [("macro", ""), ("weighted", "_weighted")]:
            values["auc" + suffix] = metrics.roc_auc_score(
                truth, shares, multi_class="ovr", average=average
            )
        # scikit-learn's own, class by class.
        assert numpy.allclose(
            each, metrics.roc_auc_score(truth, shares, multi_class="ovr", average=None), atol=1e-15
        )
    record(name, "classes", scores, truth, values)


scores = exact(random.normal(size=(60, 4)))
truth = numpy.where(random.random(60) < 0.6, scores.argmax(axis=1), random.integers(0, 4, 60))
classes("four classes", scores, truth)

# Class 3 never occurs, class 4 is predicted but never true, class 1 is true but never predicted.
scores = exact(random.normal(size=(30, 5)))
scores[:, 1] -= 8
scores[:, 3] -= 8
scores[:, 4] += 0.5
truth = random.choice([0, 1, 2], size=30)
assert set(scores.argmax(axis=1)) == {0, 2, 4} and set(truth) == {0, 1, 2}
classes("classes that never occur", scores, truth)

# One score for the second of two classes, with ties.
scores = exact(numpy.round(random.normal(size=50) * 4) / 4)
truth = (scores + random.normal(size=50) > 0.25).astype(int)
found = (scores > 0).astype(int)
record(
    "two classes",
    "binary",
    scores[:, None],
    truth,
    {
        "accuracy": metrics.accuracy_score(truth, found),
        "precision_per_class": metrics.precision_score(truth, found, average=None),
        "recall_per_class": metrics.recall_score(truth, found, average=None),
        "f1": metrics.f1_score(truth, found, average="macro"),
        "auc": metrics.roc_auc_score(truth, scores),
    },
)

scores = exact(random.normal(size=(40, 3)))
targets = numpy.where(random.random((40, 3)) < 0.8, scores > 0, random.random((40, 3)) < 0.5)
subset = metrics.accuracy_score(targets.astype(int), (scores > 0).astype(int))
record("labels", "multilabel", scores, targets, {"accuracy": subset})

scores, targets = exact(random.normal(size=(25, 3))), exact(random.normal(size=(25, 3)))
record(
    "numbers",
    "regression",
    scores,
    targets,
    {
        "mae": metrics.mean_absolute_error(targets, scores),
        "mse": metrics.mean_squared_error(targets, scores),
        "rmse": metrics.mean_squared_error(targets.ravel(), scores.ravel()) ** 0.5,
    },
)

write(os.path.join(HERE, "metrics.safetensors"), cases, tensors, 24_000, sklearn)
