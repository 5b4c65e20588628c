"""Measures captioning and training beside LAVIS and Hugging Face, on the same libtorch, in one run.

    mvn -q -DskipTests package    # for load_to_first_caption alone
    python src/test/python/bench_peers.py [--lavis PATH] [--quick] [--only NAME,...] [--rounds N] [--compile]

Makes environments of its own from PyPI (torch of the bindings' version, newest transformers; with --lavis PATH, a checkout
of LAVIS, also transformers 4.33.2 and what BLIP-2 needs of LAVIS's requirements, for which this Python must be 3.11 or
older). They are kept in target/bench-peers or --environments (6 GB, 4 GB of models beside them).

All sides have the same shapes (twelve layers of width 768 everywhere: ViT-B/14 at 224 pixels, BERT-base with 32 queries,
OPT-125m), random weights in fp32, batch 4 and two threads. A peer makes and saves its weights in its own form, ours loads
that file. Image tokens, captions, logits, and the loss before and after a step of AdamW must agree before anything is
timed. Then each round starts a fresh process of each side in turn for each of

    caption_beam5, caption_greedy   29 tokens each, none ends early
    vit_forward                     the vision encoder alone, batch 8
    train_frozen_vit                forward, backward and AdamW; Q-Former and projection are trained
    train_frozen_vit_cached         ours with the encoder's output given, beside the peers' step above
    train_vit_checkpointed          the encoder is trained and recomputed in backward
    ..._in_backward                 ours of both with `run.optimizer_in_backward`, beside the peers' steps; that of
                                    train_vit_selective with `model.recompute_granularity=selective`
    decode_step_opt27b_width        a token through four layers as wide as OPT-2.7b's, batch 1, after 32 to 92; with _bf16 in bf16,
                                    with _int8 the weights alone in int8, which the peers have not: beside their bf16
    load_to_first_caption           from the start of the process to a caption; checkpoint_load is the weights' part of it

A ratio is the median over rounds of the peer's time by ours in that round. Shares are of what peers_limits.py computes from
the memory bandwidth and the matmul rates that are measured in the same run, in a process of each side: with the peers' float32
product (PyPI's torch, MKL) and with ours, which may use other instructions; a token's share is of what memory gave right before
it, as that changes within seconds. What is printed is Markdown, to be pasted, up to the last line, which is JSON: by name the
ratios `lavis` and `hf` (with --compile also `hf_compiled`, training steps through torch.compile, after minutes) and `ours` in
the unit of the table; names with _mebibytes are peak resident memory, ours divided by the peer's.
"""

import argparse
import array
import hashlib
import json
import os
import pathlib
import struct
import subprocess
import sys
import time

import peers_table
from peers_environments import PACKAGES, ROOT, class_path, environments, say

HERE = pathlib.Path(__file__).resolve().parent
OURS = "io.lavis4j.bench.OurSide"
TOLERANCE = 1e-4  # of the greatest number
GROUPS = {  # measures by the tasks that give them; the tasks' outputs that are compared first
    "captions": (("caption_beam5", "caption_greedy", "vit_forward"), "caption_outputs"),
    "train_frozen_vit": (
        ("train_frozen_vit", "train_frozen_vit_in_backward", "train_frozen_vit_cached"), "training_outputs"),
    "train_vit_checkpointed": (
        ("train_vit_checkpointed", "train_vit_checkpointed_in_backward", "train_vit_selective_in_backward"), "training_outputs"),
    "decode": (("decode_step_opt27b_width", "decode_step_opt27b_width_bf16", "decode_step_opt27b_width_int8"), "decode_outputs"),
    "first_caption": (("load_to_first_caption", "checkpoint_load"), "caption_outputs"),
}
NAMES = [name for names, _ in GROUPS.values() for name in names]


class Sides:
    """Starts processes of all sides and reads their answers."""

    def __init__(self, arguments):
        self.arguments = arguments
        self.peers = ["hugging_face"] + (["lavis"] if arguments.lavis else [])
        folder = arguments.environments.resolve()
        folder.mkdir(parents=True, exist_ok=True)
        self.work = folder / "work"
        self.work.mkdir(exist_ok=True)
        self.pythons = environments(folder, self.peers)
        self.class_path = arguments.class_path or class_path(folder / "class_path")
        self.weights = {"hugging_face": self.work / "hugging_face", "lavis": self.work / "lavis.pth"}
        self.variables = dict(os.environ, OMP_NUM_THREADS=str(arguments.threads), HF_HUB_OFFLINE="1", PYTHONWARNINGS="ignore",
            TRANSFORMERS_VERBOSITY="error", HF_HUB_DISABLE_PROGRESS_BARS="1", TQDM_DISABLE="1",
            TORCHINDUCTOR_AUTOGRAD_CACHE="0")  # writing it down ended with a segmentation fault

    def peer(self, peer, task, *options):
        options = [*options, "--lavis", str(self.arguments.lavis.resolve())] if peer == "lavis" else options
        answer = self.work / f"{task}_{peer}.json"
        return self.run(answer, [self.pythons[peer], HERE / "peers_side.py", peer, task, self.work, answer,
            "--threads", self.arguments.threads, "--seconds", self.arguments.seconds, *options])

    def ours(self, task, peer):
        """A process of ours, with the launcher's heap; where its start counts, on the packaged program, with its archive of
        classes if it has one and without the optimizing compiler, as the launcher runs `caption`."""
        answer = self.work / f"{task}_ours_of_{peer}.json"
        start = self.packaged() if task == "first_caption" else ["-cp", self.class_path]
        return self.run(answer, ["java", "-Xms32m", *self.arguments.java_options.split(),
            f"-Dlogback.configurationFile={ROOT}/src/jmh/logback.xml", *start, OURS, task, self.weights[peer], self.work, answer,
            self.arguments.threads, self.arguments.seconds])

    def packaged(self):
        jar, archive = ROOT / "target/lavis4j.jar", ROOT / "target/lavis4j.jsa"
        if not jar.exists():
            raise SystemExit(f"expected {jar} for load_to_first_caption, which starts it; run mvn -q -DskipTests package")
        archives = [f"-XX:SharedArchiveFile={archive}"] if archive.exists() else []
        return ["-XX:TieredStopAtLevel=1", *archives, "-cp", f"{jar}:{self.class_path}"]

    def run(self, answer, command):
        """What the process answered, and in `first` the seconds from its start until it printed a caption, if it did."""
        answer.unlink(missing_ok=True)
        command = [str(part) for part in command]
        first = None
        with open(self.work / "stderr.txt", "w") as errors:
            start = time.perf_counter()
            process = subprocess.Popen(command, env=self.variables, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=ROOT)
            for line in process.stdout:
                if line.startswith("caption: "):
                    first = time.perf_counter() - start
            if process.wait() or not answer.exists():
                problem = (self.work / "stderr.txt").read_text()[-4000:]
                raise SystemExit(f"{problem}\n{' '.join(command)} ended with {process.returncode}")
        found = json.loads(answer.read_text("utf-8"))
        found["tensors"] = answer.with_suffix(".safetensors")
        if first is not None:
            found["seconds"]["load_to_first_caption"] = first
        return found

    def make(self, peer):
        """The peer's weights, unless they are there and what made them is the same."""
        sources = b"".join((HERE / name).read_bytes() for name in ("peers_side.py", f"peers_{peer}.py"))
        digest = hashlib.sha256(sources + str(PACKAGES[peer]).encode()).hexdigest()
        note = self.work / f"made_{peer}.txt"
        if not note.exists() or note.read_text() != digest:
            say(f"making the weights of {peer}")
            self.peer(peer, "make")
            note.write_text(digest)


def tensors(file):
    """The float32 tensors of a safetensors file, flat."""
    content = file.read_bytes()
    length = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + length])
    header.pop("__metadata__", None)
    found = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        found[name] = array.array("f", content[8 + length + begin : 8 + length + end])
    return found


def require_same_captions(task, peer, theirs, ours):
    if theirs.get("captions") != ours.get("captions"):
        raise SystemExit(f"{task}: captions of {peer}\n{theirs['captions']}\nare not ours\n{ours['captions']}")


def compare(sides, peer, task):
    """Ends the run if outputs differ."""
    theirs, ours = sides.peer(peer, task), sides.ours(task, peer)
    require_same_captions(task, peer, theirs, ours)
    expected, found = tensors(theirs["tensors"]), tensors(ours["tensors"])
    for name, values in expected.items():
        if len(values) != len(found[name]):
            raise SystemExit(f"{task}: {peer} has {len(values)} numbers of {name}, ours {len(found[name])}")
        greatest = max(abs(value) for value in values)
        worst, a, b = max((abs(a - b), a, b) for a, b in zip(values, found[name]))
        if not worst <= TOLERANCE * greatest:
            raise SystemExit(f"{task}: {name} of {peer} is {a}, ours {b}; expected within {TOLERANCE:g} of {greatest}")
        say(f"equal: {task}, {name} of {peer}: within {worst:.1e} of {greatest:.3g}")


def one_round(sides, number, groups, results):
    """Each group in a fresh process of each side; the side that begins changes from round to round."""
    results.add("ours", sides.ours("limits", "hugging_face"))
    results.add("hugging_face", sides.peer("hugging_face", "limits"))
    for group, names in groups.items():
        runs = [("ours", lambda: sides.ours(group, "hugging_face"))]
        for name in names:
            if peers_table.BESIDE.get(name) == group and name in results.wanted:  # a step that ours alone has
                runs.append(("ours", lambda name=name: sides.ours(name, "hugging_face")))
        if group == "first_caption" and "lavis" in sides.peers:
            runs.append(("ours_of_lavis", lambda: sides.ours(group, "lavis")))
        for peer in sides.peers:
            runs.append((peer, lambda peer=peer: sides.peer(peer, group)))
        if sides.arguments.compile and group.startswith("train"):
            runs.append(("hugging_face_compiled", lambda: sides.peer("hugging_face", group, "--compile")))
        start = number % len(runs)
        answers, seen = {}, set()
        for side, run in runs[start:] + runs[:start]:
            answer = answers[side] = run()
            if side == "ours":
                seen |= answer["seconds"].keys()
            results.add(side, answer)
            times = ", ".join(f"{name} {seconds:.3f} s" for name, seconds in answer["seconds"].items())
            say(f"round {number + 1}: {side}: {times}; {answer['peak_mebibytes']} MiB")
        missing = [name for name in names if name in results.wanted and name not in seen]
        if missing:
            raise SystemExit(f"{group}: expected {OURS} to measure {', '.join(missing)}, it measured {', '.join(sorted(seen))}")
        if group == "first_caption":
            for peer, ours in zip(sides.peers, ("ours", "ours_of_lavis")):
                require_same_captions(group, peer, answers[peer], answers[ours])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lavis", type=pathlib.Path, help="a checkout of LAVIS; without it that peer is left out")
    parser.add_argument("--quick", action="store_true", help="one round of few operations, under 20 minutes once all is made")
    parser.add_argument("--only", default=",".join(NAMES), help="names of measures, with commas")
    parser.add_argument("--rounds", type=int, help="5, with --quick 1")
    parser.add_argument("--seconds", type=float, help="that each measure takes at least: 10, with --quick 3")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--compile", action="store_true", help="training steps of Hugging Face also through torch.compile")
    parser.add_argument("--environments", type=pathlib.Path, default=ROOT / "target/bench-peers")
    parser.add_argument("--class-path", help="of this project's benchmarks; compiled and asked of Maven by default")
    parser.add_argument("--java-options", default="", help="of every process of ours")
    arguments = parser.parse_args()
    arguments.rounds = arguments.rounds or (1 if arguments.quick else 5)
    if arguments.seconds is None:
        arguments.seconds = 3 if arguments.quick else 10
    wanted = arguments.only.split(",")
    if not set(wanted) <= set(NAMES):
        raise SystemExit(f"--only {arguments.only}: expected some of {', '.join(NAMES)}")
    groups = {group: names for group, (names, _) in GROUPS.items() if set(names) & set(wanted)}
    sides = Sides(arguments)
    if not arguments.lavis:
        say("LAVIS is left out; --lavis PATH, a checkout, takes it in")
    if "first_caption" in groups:
        sides.packaged()
    for peer in sides.peers:
        sides.make(peer)
        for task in dict.fromkeys(GROUPS[group][1] for group in groups):
            compare(sides, peer, task)
    results = peers_table.Results(wanted)
    for number in range(arguments.rounds):
        one_round(sides, number, groups, results)
    peers_table.show(results, arguments)


if __name__ == "__main__":
    sys.exit(main())
