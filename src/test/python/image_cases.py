"""Writes the case g_image_processing@kinds: small files of every kind of JPEG and PNG, what Pillow makes of them, and
resizes in which one pass or the other comes first.

Run with Pillow 13.0.0 and NumPy 2.4.6:  python image_cases.py src/test/resources/golden/g_image_processing@kinds
"""

import io
import json
import os
import struct
import sys
import zlib

import numpy as np
import PIL
from PIL import Image

W, H = 37, 21
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
PNG_KINDS = [(0, 1, (1, 2, 4, 8, 16)), (2, 3, (8, 16)), (3, 1, (1, 2, 4, 8)), (4, 2, (8, 16)), (6, 4, (8, 16))]
NOISE = [(1, 1, 5), (2, 90, 16), (90, 2, 16), (20, 61, 24), (60, 80, 40), (60, 81, 50), (64, 64, 64), (100, 100, 1)]
rng = np.random.default_rng(5)


def smooth(w, h, channels):
    coarse = rng.integers(0, 256, (h // 9 + 2, w // 9 + 2, channels), dtype=np.uint8)
    planes = [np.asarray(Image.fromarray(coarse[..., c]).resize((w, h), Image.BICUBIC)) for c in range(channels)]
    return np.stack(planes, -1)


def jpeg(mode, **options):
    file = io.BytesIO()
    Image.fromarray(smooth(W, H, len(mode)), mode).save(file, "JPEG", quality=85, **options)
    return file.getvalue()


def with_adobe(data, transform):
    """The same coefficients without JFIF, and with Adobe's mark of the colour space if there is a transform."""
    at, kept = 2, b""
    while data[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        kept += data[at:end] if data[at + 1] not in (0xE0, 0xEE) else b""
        at = end
    adobe = b"" if transform is None else b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00" + bytes([transform])
    return b"\xff\xd8" + adobe + kept + data[at:]


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def packed(samples, depth):
    rows = b""
    for row in samples.reshape(samples.shape[0], -1) if samples.size else []:
        bits = "".join(format(int(v), f"0{depth}b") for v in row)
        bits += "0" * (-len(bits) % 8)
        rows += b"\0" + int(bits, 2).to_bytes(len(bits) // 8, "big")
    return rows


def png(colour, channels, depth, interlaced, transparent):
    samples = rng.integers(0, 1 << depth, (H, W, channels))
    samples[:2] = np.arange(2 * W * channels).reshape(2, W, channels) % (1 << depth)
    parts = [samples[y::dy, x::dx] for x, y, dx, dy in ADAM7] if interlaced else [samples]
    data = b"\x89PNG\r\n\x1a\n"
    data += chunk(b"IHDR", struct.pack(">IIBBBBB", W, H, depth, colour, 0, 0, interlaced))
    data += chunk(b"gAMA", struct.pack(">I", 30000))
    if colour == 3:
        data += chunk(b"PLTE", rng.integers(0, 256, 3 << depth, dtype=np.uint8).tobytes())
    if transparent:
        first = [int(v) for v in samples[0, 0]]
        data += chunk(b"tRNS", b"\x00\x80" if colour == 3 else struct.pack(f">{channels}H", *first))
    return data + chunk(b"IDAT", zlib.compress(b"".join(packed(p, depth) for p in parts))) + chunk(b"IEND", b"")


def files():
    for progressive in (False, True):
        for sampling in ("4:4:4", "4:2:2", "4:2:0", "4:1:1"):
            name = f"rgb_{sampling.replace(':', '')}_{'progressive' if progressive else 'baseline'}.jpg"
            yield name, jpeg("RGB", subsampling=sampling, progressive=progressive)
    yield "restart_markers.jpg", jpeg("RGB", restart_marker_blocks=2)
    yield "stored_as_rgb.jpg", jpeg("RGB", keep_rgb=True)
    yield "odd_profile.jpg", jpeg("RGB", icc_profile=b"no profile" * 9)
    for transform in (None, 0, 1, 2):
        yield f"three_adobe_{transform}.jpg", with_adobe(jpeg("RGB", subsampling=0), transform)
        yield f"four_adobe_{transform}.jpg", with_adobe(jpeg("CMYK"), transform)
    for colour, channels, depths in PNG_KINDS:
        for depth in depths:
            for interlaced in (0, 1):
                transparent = colour < 4 and interlaced == depth % 3 % 2
                yield f"png_{colour}_{depth}_{interlaced}.png", png(colour, channels, depth, interlaced, transparent)


def main(folder):
    os.makedirs(folder)
    images = []
    for name, data in files():
        images.append(case(folder, name, data, [11] if name.endswith("baseline.jpg") else []))
    for w, h, size in NOISE:
        file = io.BytesIO()
        Image.fromarray(rng.integers(0, 2, (h, w, 3), dtype=np.uint8) * 255).save(file, "PNG")
        images.append(case(folder, f"noise_{w}x{h}.png", file.getvalue(), [size]))
    provenance = f"image_cases.py, Pillow {PIL.__version__}, NumPy {np.__version__}"
    with open(f"{folder}/expected.json", "w") as out:
        json.dump({"provenance": provenance, "images": images}, out, indent=1)


def case(folder, name, data, sizes):
    with open(f"{folder}/{name}", "wb") as out:
        out.write(data)
    image = Image.open(f"{folder}/{name}")
    rgb = Image.fromarray(np.asarray(image.convert("RGB")))  # without what else the file says
    decoded = f"decoded_{name}.ref.png"
    rgb.save(f"{folder}/{decoded}")
    resized = []
    for size in sizes:
        file = f"resized_{name}_{size}.ref.png"
        rgb.resize((size, size), Image.BICUBIC).save(f"{folder}/{file}")
        resized.append({"size": size, "resized_rgb": file})
    return {"file": name, "mode": image.mode, "size_wh": image.size, "decoded_rgb": decoded, "sizes": resized}


if __name__ == "__main__":
    main(sys.argv[1])
