"""Writes `transforms_{scipy,pillow,mindspore}.safetensors`: images, transformed elsewhere.

    python -m venv .venv && .venv/bin/pip install mindspore scipy pillow safetensors "numpy<2"
    .venv/bin/python crates/datasets/tests/reference/transforms.py

For each case the files hold "NAME/input" and "NAME/output", [channels, rows, columns]; its settings
stand in the case. Angles are counter-clockwise and shears as in `transforms::Affine`: the matrices
here are multiplied from its formula. The same versions write the same bytes.
"""

import os
import sys

import mindspore
import mindspore.dataset.vision as vision
import numpy
import PIL
import PIL.Image
import scipy
import scipy.ndimage
from mindspore.dataset.vision import Border, Inter

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../../reference"))
from reference_file import exact, formula, write  # noqa: E402

FILL = 40.0


def rough(tensor, channels, rows, columns):
    """Bytes that have nothing to do with each other."""
    values = formula(tensor, channels * rows * columns)
    return numpy.floor(values * 128 + 128).reshape(channels, rows, columns)


def smooth(rows, columns):
    """A blob that ends at the background well before the border."""
    y, x = numpy.mgrid[0:rows, 0:columns]
    distance = ((y - rows * 0.4) / rows) ** 2 + ((x - columns * 0.55) / columns) ** 2
    return exact(numpy.round(FILL + 200 * numpy.exp(-40 * distance)))[None]


MOVES = {
    "quarter": {"degrees": 90.0},
    "half": {"degrees": 180.0},
    "three_quarters": {"degrees": -90.0},
    "rotate": {"degrees": 31.0},
    "rotate_back": {"degrees": -77.5},
    "translate": {"translate": [0.21, -0.13]},
    "shrink": {"scale": 0.6},
    "enlarge": {"scale": 1.7},
    "shear": {"shear": [20.0, 0.0]},
    "shear_both": {"shear": [-15.0, 25.0]},
    "all": {"degrees": -20.0, "translate": [-0.1, 0.23], "scale": 1.2, "shear": [10.0, -5.0]},
}


def forward(move):
    """The matrix that moves (x to the right, y up), from the formula in the documentation."""
    angle = numpy.radians(move.get("degrees", 0.0))
    alpha, beta = numpy.radians(move.get("shear", [0.0, 0.0]))
    rotation = [[numpy.cos(angle), -numpy.sin(angle)], [numpy.sin(angle), numpy.cos(angle)]]
    lean, rise = [[1, numpy.tan(alpha)], [0, 1]], [[1, 0], [numpy.tan(beta), 1]]
    return numpy.array(rotation) @ rise @ lean * move.get("scale", 1.0)


def backward(move, rows, columns):
    """The matrix and offset that give (row, column) of the original for those of the result."""
    # (row, column) = swap · (x, y), with rows downwards.
    swap = numpy.array([[0.0, -1.0], [1.0, 0.0]])
    inverse = numpy.linalg.inv(swap @ forward(move) @ numpy.linalg.inv(swap))
    right, down = move.get("translate", [0.0, 0.0])
    middle = (numpy.array([rows, columns]) - 1) / 2
    return inverse, middle - inverse @ (middle + [down * rows, right * columns])


class File:
    def __init__(self, module):
        self.module, self.cases, self.tensors = module, [], {}

    def add(self, name, image, result, **settings):
        self.cases.append({"name": name, **settings})
        self.tensors[f"{name}/input"] = numpy.asarray(image, numpy.float32)
        self.tensors[f"{name}/output"] = result

    def write(self, path):
        write(os.path.join(HERE, path), self.cases, self.tensors, 150_000, self.module)


def by_scipy():
    file = File(scipy)
    borders = {"value": "grid-constant", "edge": "nearest"}
    for number, (name, move) in enumerate(MOVES.items()):
        for border, mode in borders.items():
            for order, interpolation in [(1, "bilinear"), (0, "nearest")]:
                rows, columns = [(9, 9), (8, 11)][number % 2]
                if "arter" in name:
                    columns = rows
                image = rough(number, 1, rows, columns)
                matrix, offset = backward(move, rows, columns)
                moved = [
                    scipy.ndimage.affine_transform(
                        plane, matrix, offset, order=order, mode=mode, cval=FILL
                    )
                    for plane in image
                ]
                settings = {"border": border, "interpolation": interpolation, **move}
                name_ = f"affine_{name}_{border}_{interpolation}"
                file.add(name_, image, numpy.array(moved), kind="affine", **settings)
    for rows, columns in [(12, 5), (4, 4), (3, 20)]:
        image = rough(rows, 1, 7, 9)
        # Half-pixel centres, the edge outside.
        at = numpy.meshgrid(
            (numpy.arange(rows) + 0.5) * 7 / rows - 0.5,
            (numpy.arange(columns) + 0.5) * 9 / columns - 0.5,
            indexing="ij",
        )
        resized = [
            scipy.ndimage.map_coordinates(plane, at, order=1, mode="nearest") for plane in image
        ]
        file.add(f"resize_{rows}_{columns}", image, numpy.array(resized), kind="resize")
    file.write("transforms_scipy.safetensors")


def by_pillow():
    """On a larger canvas, as Pillow does not mix pixels with what is outside the image."""
    file = File(PIL)
    rows, columns, canvas = 10, 12, 14
    image = rough(50, 1, rows, columns)
    framed = numpy.full((rows + 2 * canvas, columns + 2 * canvas), FILL, numpy.float32)
    framed[canvas:-canvas, canvas:-canvas] = image[0]
    for degrees in [12.0, -45.0, 155.0, 90.0]:
        rotated = PIL.Image.fromarray(framed).rotate(
            degrees, resample=PIL.Image.Resampling.BILINEAR, fillcolor=FILL
        )
        result = numpy.array(rotated)[None, canvas:-canvas, canvas:-canvas]
        file.add(f"rotate_{degrees}", image, result, kind="affine", degrees=degrees)
    mirrored = PIL.Image.fromarray(image[0].astype(numpy.float32)).transpose(
        PIL.Image.Transpose.FLIP_LEFT_RIGHT
    )
    file.add("flip", image, numpy.array(mirrored)[None], kind="flip")
    file.write("transforms_pillow.safetensors")


def by_mindspore():
    file = File(mindspore)

    def add(name, image, transform, **settings):
        result = transform(numpy.asarray(image, numpy.float32).transpose(1, 2, 0).copy())
        result = numpy.array(result)
        if result.ndim == 2:
            result = result[:, :, None]
        file.add(name, image, result.transpose(2, 0, 1), **settings)

    fill = int(FILL)
    blob = smooth(20, 24)
    square = smooth(20, 20)
    for name, move in MOVES.items():
        image = square if "arter" in name else blob
        affine = vision.Affine(
            # Clockwise, hence the sign.
            degrees=-move.get("degrees", 0.0),
            translate=move.get("translate", [0.0, 0.0]),
            scale=move.get("scale", 1.0),
            shear=move.get("shear", [0.0, 0.0]),
            resample=Inter.BILINEAR,
            fill_value=fill,
        )
        add(f"affine_{name}", image, affine, kind="affine", **move)
        if list(move) == ["degrees"]:
            rotate = vision.Rotate(move["degrees"], Inter.BILINEAR, fill_value=fill)
            add(f"rotate_{name}", image, rotate, kind="affine", **move)

    image = rough(70, 3, 5, 6)
    modes = {
        "constant": Border.CONSTANT,
        "edge": Border.EDGE,
        "reflect": Border.REFLECT,
        "symmetric": Border.SYMMETRIC,
    }
    for name, mode in modes.items():
        pad = vision.Pad((1, 2, 3, 4), fill_value=fill, padding_mode=mode)
        add(f"pad_{name}", image, pad, kind="pad", mode=name, pad=[1, 2, 3, 4])
    add("crop", image, vision.Crop((1, 2), (3, 4)), kind="crop", crop=[1, 2, 3, 4])
    add("center_crop", image, vision.CenterCrop((2, 3)), kind="center_crop", size=[2, 3])
    add("flip", image, vision.HorizontalFlip(), kind="flip")
    add("erase", image, vision.Erase(1, 2, 3, 2, fill), kind="erase", erase=[1, 2, 3, 2])
    add("rescale", image, vision.Rescale(1 / 255, -0.5), kind="rescale", to=[1 / 255, -0.5])
    mean, std = [100.0, 120.0, 140.0], [50.0, 60.0, 70.0]
    add("normalize", image, vision.Normalize(mean, std), kind="normalize", mean=mean, std=std)
    for rows, columns in [(9, 4), (3, 13)]:
        add(f"resize_{rows}_{columns}", image, vision.Resize((rows, columns)), kind="resize")
    file.write("transforms_mindspore.safetensors")


by_scipy()
by_pillow()
by_mindspore()
