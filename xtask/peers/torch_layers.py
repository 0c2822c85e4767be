"""PyTorch: the larger layers of `cargo xtask bench`, forward and all gradients; one JSON line each."""

import json
import statistics

from common import arguments, clock

given = arguments()
import torch
import torch.nn.functional as F

torch.set_num_threads(given.threads)


def convolution(x, w, stride, padding, groups):
    shapes = x, [w[0], x[1] // groups, w[1], w[1]], [w[0]]
    return shapes, lambda x, w, b: F.conv2d(x, w, b, stride=stride, padding=padding, groups=groups)


LAYERS = {
    "conv64_56": convolution([8, 64, 56, 56], [64, 3], 1, 1, 1),
    "conv128_28": convolution([8, 128, 28, 28], [128, 3], 1, 1, 1),
    "conv1x1_256_28": convolution([8, 256, 28, 28], [64, 1], 1, 0, 1),
    "conv_strided_64_56": convolution([8, 64, 56, 56], [128, 3], 2, 1, 1),
    "conv_grouped_128_28": convolution([8, 128, 28, 28], [128, 3], 1, 1, 4),
    "conv7x7s2_224": convolution([4, 3, 224, 224], [64, 7], 2, 3, 1),
    "dense1024_b128": (([128, 1024], [1024, 1024], [1024]), F.linear),
    "gemm_1024": (([1024, 1024], [1024, 1024], [1]), lambda x, w, b: x @ w),
}
for name, (shapes, layer) in LAYERS.items():
    x, w, b = (torch.rand(shape, requires_grad=True) for shape in shapes)
    gradient = torch.rand_like(layer(x, w, b))

    def forward():
        with torch.inference_mode():
            layer(x, w, b)

    def forward_backward():
        for leaf in (x, w, b):
            leaf.grad = None
        layer(x, w, b).backward(gradient)

    for call in (forward, forward_backward):
        samples, end = [], clock() + given.seconds
        call(), call()
        while len(samples) < 5 or clock() < end:
            start = clock()
            call()
            samples.append((clock() - start) * 1e6)
        us = statistics.median(samples)
        line = {"name": f"{name}_{call.__name__}", "us_median": round(us, 1), "us_min": round(min(samples), 1)}
        print(json.dumps(line | {"threads": given.threads, "version": torch.__version__}), flush=True)
