"""Has TensorBoard read the event files of runs and compares its scalars with metrics.jsonl.

    python src/test/python/tensorboard_events.py RUN...

A Python without TensorBoard makes a virtual environment in a temporary folder and installs it there. Each RUN is a directory with `metrics.jsonl` and `tensorboard/`, resumed or not. Both readers are asked:
EventAccumulator, and the server that the command `tensorboard` starts. Prints what differs; exit status 1 if anything does.
"""

import importlib.util
import json
import math
import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
import venv

KEYS = {"step", "epoch", "iteration", "time"}


def expected(run):
    """Scalars of metrics.jsonl: {tag: {step: value}}, float32."""
    scalars = {}
    for line in (run / "metrics.jsonl").read_text().splitlines():
        entry = json.loads(line)
        group, values = "train", {name: value for name, value in entry.items() if name not in KEYS}
        if "split" in entry:
            group = entry["split"] + ("_best" if entry["label"] == "best" else "")
            values = entry["scores"]
        for name, value in values.items():
            single = math.nan if value is None else struct.unpack("f", struct.pack("f", value))[0]
            scalars.setdefault(f"{group}/{name}", {})[entry["step"]] = single
    return scalars


def accumulated(run):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(run / "tensorboard"), size_guidance={"scalars": 0, "tensors": 0}).Reload()
    return {tag: {e.step: e.value for e in events.Scalars(tag)} for tag in events.Tags()["scalars"]}


def served(run):
    command = [sys.executable, "-m", "tensorboard.main", "--port", "0", "--logdir", str(run / "tensorboard")]
    command += ["--samples_per_plugin", "scalars=1000000", "--load_fast", "true"]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        address = next(found[0] for line in server.stderr if (found := re.findall(r"http://\S+?/", line)))

        def ask(path):
            with urllib.request.urlopen(address + "data/plugin/scalars/" + path) as answer:
                return json.load(answer)

        tags = {}
        for _ in range(100):
            tags = ask("tags")
            if tags:
                break
        scalars = {}
        for name, found in tags.items():
            for tag in found:
                query = urllib.parse.urlencode({"run": name, "tag": tag})
                scalars[tag] = {step: float(value) for _, step, value in ask("scalars?" + query)}
        return scalars
    finally:
        server.terminate()
        server.wait()


def same(ours, theirs):
    return ours == theirs or isinstance(theirs, float) and math.isnan(ours) and not math.isfinite(theirs)


def compare(run):
    ours, problems = expected(run), 0
    for reader in accumulated, served:
        theirs = reader(run)
        for tag in sorted(ours.keys() | theirs.keys()):
            a, b = ours.get(tag, {}), theirs.get(tag, {})
            differing = [step for step in sorted(a.keys() | b.keys()) if not (step in a and step in b and same(a[step], b[step]))]
            if differing:
                problems += 1
                step = differing[0]
                print(f"{run}: {reader.__name__}: {tag} differs at {len(differing)} steps; at {step}: {a.get(step)}, {b.get(step)}")
        print(f"{run}: {reader.__name__}: {len(theirs)} names, {sum(map(len, theirs.values()))} scalars")
    return problems


def main(runs):
    if importlib.util.find_spec("tensorboard"):
        return 1 if sum([compare(pathlib.Path(run)) for run in runs]) else 0
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = os.path.join(folder, "bin", "python")
        subprocess.run([python, "-m", "pip", "install", "-q", "tensorboard"], check=True)
        return subprocess.run([python, __file__, *runs]).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
