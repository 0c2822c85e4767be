"""Writes `images/colour.png`, `images/colour.jpg` and prints what Pillow makes of them in grey.

    python -m venv .venv && .venv/bin/pip install pillow
    .venv/bin/python crates/datasets/tests/reference/images.py
"""

import os

import PIL
import PIL.Image

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "images")

colours = [(x * 60, y * 100, (x * 97 + y * 53) % 256) for y in range(3) for x in range(4)]
png = PIL.Image.new("RGB", (4, 3))
png.putdata(colours)
png.save(os.path.join(HERE, "colour.png"), optimize=True)
flat = PIL.Image.new("RGB", (8, 8), (200, 30, 90))
flat.save(os.path.join(HERE, "colour.jpg"), quality=95)
print(f"Pillow {PIL.__version__}")
print(list(png.convert("L").tobytes()))
