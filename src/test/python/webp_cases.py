"""Writes the case g_image_processing@webp: small WebP files, lossy, lossless, with alpha and animated, and what Pillow
makes of them.

Run with Pillow 13.0.0 (libwebp 1.6.0) and NumPy 2.4.6:
  python webp_cases.py src/test/resources/golden/g_image_processing@webp
"""

import io
import json
import struct
import sys
from pathlib import Path

import numpy as np
import PIL
from PIL import Image, features


def image(width, height, channels, seed):
    """Waves with noise."""
    random = np.random.default_rng(seed)
    y, x, c = np.mgrid[0:height, 0:width, 0:channels]
    waves = 128 + 90 * np.sin(0.09 * (x * (c + 1) + y * (3 - c)))
    return Image.fromarray((waves + random.integers(-30, 30, waves.shape)).clip(0, 255).astype(np.uint8))


def encoded(image, **options):
    file = io.BytesIO()
    image.save(file, "webp", **options)
    return file.getvalue()


def chunk(name, content):
    return name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)


def chunks(file):
    at = 12
    while at + 8 <= len(file):
        length = struct.unpack("<I", file[at + 4 : at + 8])[0]
        yield file[at : at + 4], file[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def animation(width, height, left, top, image):
    """An animation, which Pillow does not write, whose first frame is smaller than the canvas."""
    word = lambda number: struct.pack("<I", number)[:3]
    frame = word(left // 2) + word(top // 2) + word(image.width - 1) + word(image.height - 1) + word(100) + b"\0"
    frame += b"".join(chunk(*c) for c in chunks(encoded(image, quality=70)) if c[0] in (b"ALPH", b"VP8 "))
    canvas = bytes([0x12, 0, 0, 0]) + word(width - 1) + word(height - 1)
    body = b"WEBP" + chunk(b"VP8X", canvas) + chunk(b"ANIM", bytes([10, 20, 30, 255, 0, 0]))
    body += chunk(b"ANMF", frame) + chunk(b"ANMF", frame)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def files():
    rgb = image(37, 21, 3, 1)
    rgba = image(33, 40, 4, 2)
    frames = [image(24, 18, 3, seed) for seed in (3, 4)]
    yield "lossy", encoded(rgb, quality=80)
    yield "lossy_low", encoded(image(61, 47, 3, 5), quality=5)
    yield "lossless", encoded(rgb, lossless=True)
    yield "lossy_alpha", encoded(rgba, quality=60)
    yield "lossless_alpha", encoded(rgba, lossless=True, exact=True)
    yield "grey", encoded(rgb.convert("L"), quality=90)
    yield "one_pixel", encoded(rgb.crop((3, 3, 4, 4)), lossless=True)
    yield "exif", encoded(rgb, quality=75, exif=b"Exif\0\0" + bytes(10))
    yield "animated", encoded(frames[0], save_all=True, append_images=frames[1:], duration=50)
    yield "animated_part", animation(42, 28, 10, 6, image(30, 20, 4, 7))


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    images = []
    for name, content in files():
        file = f"{name}.webp"
        (folder / file).write_bytes(content)
        decoded = Image.open(folder / file).convert("RGB")
        expected = f"decoded_{file}.ref.png"
        decoded.save(folder / expected)
        images.append({"file": file, "size_wh": list(decoded.size), "decoded_rgb": expected, "sizes": []})
    provenance = (
        f"webp_cases.py, Pillow {PIL.__version__}, libwebp {features.version('webp')}, NumPy {np.__version__}"
    )
    (folder / "expected.json").write_text(json.dumps({"provenance": provenance, "images": images}, indent=1) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
