"""Measures how fast images become training and evaluation samples, beside LAVIS's transforms.

    python src/test/python/bench_preprocess.py [--rounds N] [--count N] [--environment FOLDER] [--photos FOLDER]

Makes a Python environment of its own from PyPI (torch, torchvision, Pillow, and scikit-learn and scikit-image for their
photographs; several GB, kept in target/bench-preprocess or --environment), compiles the benchmarks, and times both
sides in alternation on the same files with the same crops and flips, one thread each:

- the reference: Pillow opens and decodes, regions are highlighted at full resolution as Sherlock's authors do it, then
  LAVIS's blip2_image_train (to 364) or blip_image_eval (to 224) by torchvision;
- ours: ImagePipelines.best() in one warm JVM, the same to the last bit, and again with fast_decode.

The images are 1920 x 1080 mosaics of photographs at their own resolution, 4:2:0 JPEG of 250 to 400 kB; --photos takes
a folder of your own JPEG files instead. Before anything is timed, ours is compared with the reference's tensors. The last
line is JSON: ratio_exact and ratio_fast (median of the rounds' ratios of wall time, the smaller of the two cases), and
ratio_workers (a loader with two workers over one with one, needs two idle cores).
"""

import argparse
import io
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
PACKAGES = ["torch", "torchvision", "pillow", "numpy", "scikit-learn", "scikit-image"]
TRAIN = {"name": "blip2_image_train", "image_size": 364}
EVAL = {"name": "blip_image_eval", "image_size": 224}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15, help="alternations per case")
    parser.add_argument("--count", type=int, default=16, help="images per round and side")
    parser.add_argument("--environment", type=pathlib.Path, default=ROOT / "target/bench-preprocess/venv")
    parser.add_argument("--photos", type=pathlib.Path, help="folder with JPEG files to use instead")
    return parser.parse_args()


def inside_environment(environment):
    """Runs this script again with the environment's Python, which is made first if need be."""
    python = environment / "bin/python"
    if pathlib.Path(sys.prefix).resolve() == environment.resolve():
        return
    if not python.exists():
        print(f"making {environment} from PyPI", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    missing = subprocess.run([python, "-c", "import torch, torchvision, PIL, numpy, sklearn, skimage"], capture_output=True)
    if missing.returncode != 0:
        subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES], check=True)
    os.environ["OMP_NUM_THREADS"] = "1"
    os.execv(python, [str(python), *sys.argv])


def photographs():
    """What the two packages ship as files, in colour."""
    import skimage
    import sklearn.datasets
    from PIL import Image

    images = [Image.fromarray(image) for image in sklearn.datasets.load_sample_images().images]
    for file in sorted((pathlib.Path(skimage.__file__).parent / "data").iterdir()):
        if file.stem in {"astronaut", "chelsea", "coffee", "rocket", "motorcycle_left", "hubble_deep_field"}:
            images.append(Image.open(file).convert("RGB"))
    return images


def write_mosaics(folder, how_many=8):
    """Photographs side by side, none enlarged; the quality is the highest that stays below 350 kB."""
    import random

    from PIL import Image

    photos = photographs()
    files = []
    for number in range(how_many):
        draw = random.Random(number)
        mosaic = Image.new("RGB", (1920, 1080))
        for top in range(0, 1080, 360):
            for left in range(0, 1920, 480):
                photo = draw.choice([p for p in photos if p.width >= 480 and p.height >= 360] or photos)
                x, y = draw.randint(0, max(photo.width - 480, 0)), draw.randint(0, max(photo.height - 360, 0))
                mosaic.paste(photo.crop((x, y, x + 480, y + 360)), (left, top))
        for quality in range(95, 20, -1):
            encoded = io.BytesIO()
            mosaic.save(encoded, "JPEG", quality=quality, subsampling="4:2:0")
            if encoded.tell() < 350_000:
                break
        file = folder / f"mosaic{number}.jpg"
        file.write_bytes(encoded.getvalue())
        files.append(file)
        print(f"{file.name}: {len(encoded.getvalue())} bytes, quality {quality}")
    return files


def boxes_of(files):
    """One to three boxes an image, where regions of Sherlock lie: anywhere, a tenth to a half of a side."""
    import random

    from PIL import Image

    images = []
    for number, file in enumerate(files):
        draw = random.Random(100 + number)
        width, height = Image.open(file).size
        boxes = []
        for _ in range(1 + number % 3):
            w, h = draw.randint(width // 10, width // 2), draw.randint(height // 10, height // 2)
            boxes.append([draw.randint(0, width - w), draw.randint(0, height - h), w, h])
        images.append({"file": str(file), "boxes": boxes})
    return images


class Reference:
    """LAVIS's transforms on Pillow and torchvision."""

    def __init__(self, images):
        import torch
        from torchvision import transforms
        from torchvision.transforms.functional import InterpolationMode

        torch.set_num_threads(1)
        self.torch, self.images = torch, images
        normalize = transforms.Normalize((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711))
        self.transforms = {
            "train": transforms.Compose([
                transforms.RandomResizedCrop(364, scale=(0.5, 1.0), interpolation=InterpolationMode.BICUBIC),
                transforms.RandomHorizontalFlip(),
                transforms.ToTensor(),
                normalize,
            ]),
            "eval": transforms.Compose([
                transforms.Resize((224, 224), interpolation=InterpolationMode.BICUBIC),
                transforms.ToTensor(),
                normalize,
            ]),
        }  # fmt: skip

    @staticmethod
    def highlight(image, boxes):
        from PIL import Image, ImageDraw

        overlay = Image.new("RGBA", image.size, (0, 0, 0, 0))
        draw = ImageDraw.Draw(overlay, "RGBA")
        for left, top, width, height in boxes:
            corners = [(left, top), (left + width, top + height)]
            draw.rectangle(corners, fill="#ff05cd3c", outline="#05ff37ff", width=3)
        return Image.alpha_composite(image.convert("RGBA"), overlay).convert("RGB")

    def one(self, case, number, seed):
        from PIL import Image

        image = self.images[number % len(self.images)]
        self.torch.manual_seed(seed)
        image = Image.open(image["file"]).convert("RGB")
        return self.transforms[case](self.highlight(image, image["boxes"]))

    def seconds(self, case, seed, count):
        start = time.perf_counter()
        for number in range(count):
            self.one(case, number, seed + number)
        return time.perf_counter() - start


class Ours:
    """The JVM that answers."""

    def __init__(self, folder, images):
        self.folder = folder
        listed = folder / "images.json"
        listed.write_text(json.dumps(images))
        path = ROOT / "target/jmh/bench-classpath"
        subprocess.run(
            ["mvn", "-q", "-B", "-Pjmh", "compile", "dependency:build-classpath", f"-Dmdep.outputFile={path}"],
            cwd=ROOT, check=True,
        )  # fmt: skip
        classes = f"{ROOT}/target/jmh/classes:{path.read_text().strip()}"
        log = f"-Dlogback.configurationFile={ROOT}/src/jmh/logback.xml"  # to standard error
        self.command = ["java", log, "-cp", classes, "io.lavis4j.bench.ImageRuns", str(listed)]
        self.jvm = self.start()

    def start(self, *options):
        command = [self.command[0], *options, *self.command[1:]]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, **command):
        return self.ask_of(self.jvm, **command)

    @staticmethod
    def ask_of(jvm, **command):
        jvm.stdin.write(json.dumps(command) + "\n")
        jvm.stdin.flush()
        answer = jvm.stdout.readline()
        if not answer:
            sys.exit("the JVM has stopped; its messages are above")
        return json.loads(answer)["nanoseconds"] / 1e9

    def seconds(self, settings, seed, count):
        return self.ask(processor=settings, seed=seed, count=count)

    def pixels(self, settings, number, seed):
        import numpy

        out = self.folder / "pixels"
        self.ask(processor=settings, seed=seed - number, count=number + 1, out=str(out))
        size = settings["image_size"]
        return numpy.fromfile(out, "<f4").reshape(3, size, size)

    def peak_memory(self, workers, settings, count):
        """Of a JVM of its own with a small heap, in MiB, after a loader with so many workers."""
        jvm = self.start("-Xmx64m")
        try:
            self.ask_of(jvm, processor=settings, seed=0, count=count, workers=workers)
            status = pathlib.Path(f"/proc/{jvm.pid}/status").read_text()
            return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))
        finally:
            jvm.stdin.close()
            jvm.wait()


def compare(reference, ours, cases, number_of_pictures):
    """Exact must be exact; fast's error in levels of 8 bits."""
    import numpy

    for case, settings in cases.items():
        different, errors = 0, []
        for number in range(number_of_pictures):
            expected = reference.one(case, number, 7 + number).numpy()
            different += not numpy.array_equal(expected, ours.pixels(settings, number, 7 + number))
            fast = ours.pixels(settings | {"fast_decode": True}, number, 7 + number)
            errors.append(numpy.abs(fast - expected).mean() * 0.2690 * 255)
        print(f"{case}: {different} of {number_of_pictures} tensors differ; fast: mean error {max(errors):.2f} levels")
        if different:
            sys.exit("ours is not exact: nothing is measured")


def main():
    asked = arguments()
    inside_environment(asked.environment)
    folder = ROOT / "target/bench-preprocess"
    folder.mkdir(parents=True, exist_ok=True)
    files = sorted(asked.photos.resolve().glob("*.jp*g")) if asked.photos else write_mosaics(folder)
    images = boxes_of(files)
    reference, ours = Reference(images), Ours(folder, images)
    cases = {"train": TRAIN, "eval": EVAL}
    compare(reference, ours, cases, len(images))

    count, seed = asked.count, 0
    ratios = {"exact": {}, "fast": {}}
    for case, settings in cases.items():
        fast = settings | {"fast_decode": True}
        for mode in (settings, fast):
            ours.seconds(mode, 0, 100)  # the JVM compiles
        reference.seconds(case, 0, count)
        times = {"reference": [], "exact": [], "fast": []}
        for _ in range(asked.rounds):
            times["reference"].append(reference.seconds(case, seed, count) / count * 1e3)
            times["exact"].append(ours.seconds(settings, seed, count) / count * 1e3)
            times["fast"].append(ours.seconds(fast, seed, count) / count * 1e3)
            seed += count
        for mode, of in ratios.items():
            of[case] = statistics.median(r / t for r, t in zip(times["reference"], times[mode]))
        print(
            f"{case}, ms an image (median): "
            + ", ".join(f"{name} {statistics.median(t):.2f}" for name, t in times.items())
            + f"; ratios {ratios['exact'][case]:.2f} and {ratios['fast'][case]:.2f}"
        )

    one, two = [], []
    for _ in range(5):
        one.append(ours.ask(processor=TRAIN, seed=0, count=10 * count, workers=1))
        two.append(ours.ask(processor=TRAIN, seed=0, count=10 * count, workers=2))
    workers = statistics.median(a / b for a, b in zip(one, two))
    peaks = {n: ours.peak_memory(n, TRAIN, 10 * count) for n in (1, 8)}
    print(f"peak memory of the whole JVM: {peaks[1]:.0f} MiB with one worker, {peaks[8]:.0f} MiB with eight")
    print(
        json.dumps({
            "ratio_exact": round(min(ratios["exact"].values()), 2),
            "ratio_fast": round(min(ratios["fast"].values()), 2),
            "ratio_workers": round(workers, 2),
            "peak_mib_per_worker": round((peaks[8] - peaks[1]) / 7, 1),
        })
    )  # fmt: skip


if __name__ == "__main__":
    main()
