"""Writes resize.txt: bilinear resizing by PyTorch, the reference of tests/all/resize.rs.

Run `python make.py` in this folder; the versions used are recorded in the first line of the file.
Each case is a line `rows columns -> rows columns`, then the input, then the output, row by row.
"""

import platform

import torch

CASES = [
    ((28, 28), (32, 32)),
    ((28, 28), (20, 14)),
    ((5, 7), (5, 7)),
    ((5, 7), (11, 3)),
    ((1, 1), (3, 2)),
    ((1, 6), (4, 13)),
    ((9, 4), (1, 1)),
    ((3, 5), (64, 64)),
    ((16, 17), (2, 3)),
]

torch.manual_seed(1998)
with open("resize.txt", "w") as file:
    print(f"# torch {torch.__version__}, Python {platform.python_version()}, torch.manual_seed(1998)", file=file)
    for (rows, columns), size in CASES:
        image = torch.randint(0, 256, (1, 1, rows, columns)).double()
        resized = torch.nn.functional.interpolate(
            image, size=size, mode="bilinear", align_corners=False, antialias=False
        )
        print(f"{rows} {columns} -> {size[0]} {size[1]}", file=file)
        print(*(int(value) for value in image.flatten()), file=file)
        print(*(f"{value:.9g}" for value in resized.flatten().tolist()), file=file)
