"""JAX: one jitted step per batch, NHWC, 5x5 windows gathered into a matrix product, its fastest form on a CPU."""

import os

from common import LR, MOMENTUM, arguments, load, report, test, train

given = arguments()
os.environ["JAX_PLATFORMS"] = "cpu"
import jax
import jax.numpy as jnp
import numpy as np

draw = np.random.default_rng(0)


def uniform(shape, fan_in):
    return jnp.asarray(draw.uniform(-1, 1, shape).astype(np.float32) / np.sqrt(fan_in))


layers = {"1": (25, 6), "2": (150, 16), "3": (400, 120), "4": (120, 84), "5": (84, 10)}
parameters = {"w" + name: uniform(shape, shape[0]) for name, shape in layers.items()}
parameters |= {"b" + name: uniform(shape[1], shape[0]) for name, shape in layers.items()}


def convolution(x, w, b):
    out = x.shape[1] - 4
    windows = [x[:, i : i + out, j : j + out] for i in range(5) for j in range(5)]
    return jnp.concatenate(windows, -1) @ w + b


def pool(x):
    n, h, w, c = x.shape
    return x.reshape(n, h // 2, 2, w // 2, 2, c).max((2, 4))


def logits(p, x):
    x = pool(jax.nn.relu(convolution(x, p["w1"], p["b1"])))
    x = pool(jax.nn.relu(convolution(x, p["w2"], p["b2"]))).reshape(x.shape[0], -1)
    x = jax.nn.relu(x @ p["w3"] + p["b3"])
    return jax.nn.relu(x @ p["w4"] + p["b4"]) @ p["w5"] + p["b5"]


def loss(p, x, y):
    z = logits(p, x)
    return (jax.nn.logsumexp(z, 1) - jnp.take_along_axis(z, y[:, None], 1)[:, 0]).mean()


def update(p, v, x, y):
    gradients = jax.grad(loss)(p, x, y)
    v = jax.tree.map(lambda v, g: MOMENTUM * v + g, v, gradients)
    return jax.tree.map(lambda p, v: p - LR * v, p, v), v


update = jax.jit(update, donate_argnums=(0, 1))
train_x, train_y, test_x, test_y = load(given.data)
train_x, test_x = train_x.reshape(-1, 32, 32, 1), test_x.reshape(-1, 32, 32, 1)
train_y = train_y.astype(np.int32)
velocities = jax.tree.map(jnp.zeros_like, parameters)


def step(indices):
    global parameters, velocities
    parameters, velocities = update(parameters, velocities, train_x[indices], train_y[indices])


seconds = train(given, step, lambda: jax.block_until_ready(parameters))
predict = jax.jit(lambda p, x: logits(p, x).argmax(1))
report(given, "jax", jax.__version__, seconds, *test(test_x, test_y, lambda x: predict(parameters, x)))
