"""Compares the library's image readers with Pillow on damaged and odd files: what is read, and its pixels.

Small files of every kind of one format are made and damaged: bits and bytes changed, removed and inserted, files cut
off, and their chunks or segments removed, swapped, repeated and changed, with checksums that fit and that do not.
Pillow's answer is Image.open(file).convert("RGB"). Prints, for the native reader and the one in plain Java, how many
files are read alike, refused alike, and differ; and of those that differ, the first few with both answers.

  python fuzz_images.py png --seed 1 --count 10000 --java "java -cp target/test-classes:target/classes:..."

Run with Pillow 13.0.0 (libjpeg-turbo 3.2.0, libwebp 1.6.0, zlib-ng 2.3.3). Plain Java has no reader for WebP.
"""

import argparse
import random
import shlex
import subprocess
import sys
import tempfile
import warnings
import zlib
from collections import Counter
from pathlib import Path

from odd_images import FORMATS, jpeg_piece
from PIL import Image, __version__, features

READERS = "io.lavis4j.processor.DecodedImages"  # of the tests
LARGEST = 2_000_000  # pixels that a damaged header may claim; others take long in every reader


def damaged(rng, pieces, change, whole):
    """Pieces of a file in which some things are changed, as one."""
    pieces = list(pieces)
    kind = rng.randrange(9)
    if kind == 0:
        return b"".join(pieces)
    if kind < 5:
        for _ in range(rng.choice((1, 1, 2))):
            i, j = rng.randrange(1, len(pieces)), rng.randrange(1, len(pieces))
            action = rng.randrange(6)
            if action == 0 and len(pieces) > 2:
                del pieces[i]
            elif action == 1:
                pieces[i], pieces[j] = pieces[j], pieces[i]
            elif action == 2:
                pieces.insert(i, pieces[j])
            else:
                pieces[i] = change(rng, pieces[i]) if len(pieces[i]) > 11 or change is jpeg_piece else pieces[i]
        return whole(rng, b"".join(pieces))
    data = bytearray(b"".join(pieces))
    for _ in range(rng.choice((1, 1, 1, 3))):
        at = rng.randrange(min(len(data), rng.choice((60, len(data)))))
        action = rng.randrange(6)
        if action < 2:
            data[at] ^= 1 << rng.randrange(8)
        elif action == 2:
            data[at] = rng.randrange(256)
        elif action == 3:
            del data[at : at + rng.choice((1, 1, 2, 9))]
        elif action == 4:
            data[at:at] = rng.randbytes(rng.choice((1, 1, 2, 9)))
        else:
            del data[rng.randrange(len(data)) :]
        data = data or bytearray(1)
    return bytes(data)


def file_of(name, seed):
    make, change, whole, claims = FORMATS[name]
    rng = random.Random(f"{name} {seed}")
    while True:
        data = damaged(rng, make(rng), change, whole)
        if all(width * height <= LARGEST for width, height in claims(data)):
            return data


def pillow(path):
    """An answer in the form of the readers'."""
    try:
        image = Image.open(path).convert("RGB")
    except Exception as e:
        return f"refused {type(e).__name__}: {e}"
    return f"{image.width} x {image.height} {zlib.crc32(image.tobytes()):08x}"


def verdict(expected, actual):
    if expected.startswith("refused"):
        return "both refuse" if actual.startswith("refused") else "only Pillow refuses"
    if actual.startswith("refused"):
        return "only Pillow reads"
    return "agree" if actual == expected else "pixels differ"


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("format", choices=FORMATS)
    arguments.add_argument("--seed", type=int, default=1, help="of the first file; the next one's is one more")
    arguments.add_argument("--count", type=int, default=1000)
    arguments.add_argument("--java", required=True, help="command and class path, without the class")
    arguments.add_argument("--keep", type=Path, help="folder for the files, else a temporary one")
    arguments.add_argument("--show", type=int, default=10, help="files that differ, of each reader")
    options = arguments.parse_args()
    libraries = [f"{name} {features.version(name)}" for name in ("libjpeg_turbo", "webp", "zlib_ng")]
    print(f"Pillow {__version__}, {', '.join(libraries)}; {options.format}, {options.count} from seed {options.seed}")
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        compare(options, options.keep or Path(folder))


def compare(options, folder):
    folder.mkdir(parents=True, exist_ok=True)
    expected = {}
    for seed in range(options.seed, options.seed + options.count):
        path = folder / f"{seed}.{options.format}"
        path.write_bytes(file_of(options.format, seed))
        expected[path.name] = pillow(path)
    command = [*shlex.split(options.java), READERS, str(folder)]
    lines = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    answers = [line.split("\t") for line in lines]
    answers = [answer for answer in answers if answer[0] in expected]
    if len(answers) != len(expected):
        sys.exit(f"{READERS} answered for {len(answers)} of {len(expected)} files")
    for reader, column in (("native", 1), ("Java", 2)):
        if options.format == "webp" and reader == "Java":
            continue
        verdicts = [(verdict(expected[a[0]], a[column]), a) for a in answers]
        print(f"{reader}: {', '.join(f'{n} {v}' for v, n in sorted(Counter(v for v, _ in verdicts).items()))}")
        odd = [(v, a) for v, a in verdicts if v not in ("agree", "both refuse")]
        for v, a in odd[: options.show]:
            print(f"  {a[0]}: {v}; Pillow: {expected[a[0]]}; {reader}: {a[column]}")


if __name__ == "__main__":
    main()
