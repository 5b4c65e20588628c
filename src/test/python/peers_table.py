"""The results of bench_peers.py: a table for people, a line of JSON for programs."""

import collections
import json
import os
import pathlib
import statistics

import peers_limits
import peers_shapes as shapes

PEERS = {"lavis": "lavis", "hugging_face": "hf", "hugging_face_compiled": "hf_compiled"}
TITLES = {"lavis": "LAVIS", "hugging_face": "Hugging Face", "hugging_face_compiled": "Hugging Face, compiled"}
MEASURES = {  # what it is, in which unit, and how many of them in the seconds of an operation; None for seconds
    "caption_beam5": ("captions by beam search, 5 beams", "a second", shapes.BATCH),
    "caption_greedy": ("greedy captions", "a second", shapes.BATCH),
    "vit_forward": (f"vision encoder, batch {shapes.VIT_BATCH}", "images a second", shapes.VIT_BATCH),
    "train_frozen_vit": ("training with a frozen vision encoder", "samples a second", shapes.BATCH),
    "train_frozen_vit_in_backward": ("the same with `run.optimizer_in_backward`", "samples a second", shapes.BATCH),
    "train_frozen_vit_cached": ("the same with the encoder's output given, as `run.cache_vision_features` does from the second "
        "epoch", "samples a second", shapes.BATCH),
    "train_vit_checkpointed": ("training all with gradient checkpointing", "samples a second", shapes.BATCH),
    "train_vit_checkpointed_in_backward": ("the same with `run.optimizer_in_backward`", "samples a second", shapes.BATCH),
    "train_vit_selective_in_backward": ("the same with `run.optimizer_in_backward` and `model.recompute_granularity=selective`",
        "samples a second", shapes.BATCH),
    "decode_step_opt27b_width": ("a token through four layers of OPT-2.7b's width, fp32", "a second", 1),
    "decode_step_opt27b_width_bf16": ("the same in bf16", "a second", 1),
    "decode_step_opt27b_width_int8": ("the same with weights in int8, beside the others' bf16", "a second", 1),
    "load_to_first_caption": ("from the start of the process to a caption", "seconds", None),
    "checkpoint_load": ("of it, loading the weights", "seconds", None),
}
BESIDE = {  # the peers' measure that ours stands beside
    "train_frozen_vit_in_backward": "train_frozen_vit",
    "train_frozen_vit_cached": "train_frozen_vit",
    "train_vit_checkpointed_in_backward": "train_vit_checkpointed",
    "train_vit_selective_in_backward": "train_vit_checkpointed",
    "decode_step_opt27b_width_int8": "decode_step_opt27b_width_bf16",
}


class Results:
    """Answers by side and measure, in the order of the rounds."""

    def __init__(self, wanted):
        self.wanted = wanted
        self.seconds = collections.defaultdict(list)
        self.mebibytes = collections.defaultdict(list)
        self.gflops = collections.defaultdict(list)
        self.bandwidth = 0
        self.beside = collections.defaultdict(list)  # seconds of ours, and memory's rate right before
        self.versions = {}
        self.threads = {}

    def add(self, side, answer):
        self.versions[side] = answer["versions"]
        self.threads[side] = answer["threads"]
        if "limits" in answer:
            self.gflops[side].append(answer["limits"]["gflops"])
            self.bandwidth = max(self.bandwidth, answer["limits"]["bandwidth"])
        for name, seconds in answer.get("seconds", {}).items():
            self.seconds[side, name].append(seconds)
            self.mebibytes[side, name].append(answer["peak_mebibytes"])
        for name, bandwidths in answer.get("bandwidths", {}).items():
            self.beside[name] += zip(answer["each"][name], bandwidths)

    def share(self, side, name):
        """Of the limit by the best rates of the run that we reach, with a side's products; None where there is none. The median
        of shares of what memory gave right before, where that was measured."""
        if self.beside[name]:
            return statistics.median(peers_limits.seconds(name, 1, rate * 1e9) / seconds for seconds, rate in self.beside[name])
        limit = peers_limits.seconds(name, max(self.gflops[side]) * 1e9, self.bandwidth * 1e9)
        return limit and limit / statistics.median(self.seconds["ours", name])

    def theirs(self, numbers, peer, name):
        return numbers.get((peer, BESIDE.get(name, name)), [])

    def ratio(self, peer, name):
        """The median over rounds of the peer's seconds by ours, None without the peer."""
        ours = self.seconds.get(("ours_of_lavis" if peer == "lavis" else "ours", name)) or self.seconds["ours", name]
        theirs = self.theirs(self.seconds, peer, name)
        return statistics.median(b / a for a, b in zip(ours, theirs)) if theirs else None

    def peak_ratio(self, peer, name):
        theirs = self.theirs(self.mebibytes, peer, name)
        return statistics.median(a / b for a, b in zip(self.mebibytes["ours", name], theirs)) if theirs else None


def value(name, seconds):
    """In the unit of the measure."""
    count = MEASURES[name][2]
    return count / seconds if count else seconds


def cell(number):
    return "" if number is None else f"{number:.3g}" if number < 100 else f"{number:.0f}"


def percent(share):
    return "" if share is None else f"{share:.0%}".replace("%", " %")


def rounded(numbers):
    return {name: round(number, 3) for name, number in numbers.items() if number is not None}


def row(results, name, peers):
    """Cells of a measure, and its JSON."""
    ours = statistics.median(results.seconds["ours", name])
    cells = [", ".join(MEASURES[name][:2]), cell(value(name, ours))]
    for peer in peers:
        theirs = results.theirs(results.seconds, peer, name)
        cells.append(cell(value(name, statistics.median(theirs)) if theirs else None))
    ratios = {PEERS[peer]: results.ratio(peer, name) for peer in peers}
    cells += [cell(ratio) for ratio in ratios.values()]
    cells += [percent(results.share(side, name)) for side in ("hugging_face", "ours")]
    return cells, rounded(ratios) | {"ours": round(value(name, ours), 4)}


def peak_row(results, name, peers):
    ours = statistics.median(results.mebibytes["ours", name])
    cells = ["of it, peak memory, MiB", cell(ours)]
    for peer in peers:
        theirs = results.theirs(results.mebibytes, peer, name)
        cells.append(cell(statistics.median(theirs) if theirs else None))
    ratios = {PEERS[peer]: results.peak_ratio(peer, name) for peer in peers}
    return cells + [cell(ratio) for ratio in ratios.values()] + ["", ""], rounded(ratios) | {"ours": ours}


def processor():
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown processor")


def show(results, arguments):
    peers = [peer for peer in PEERS if any(side == peer and seconds for (side, _), seconds in results.seconds.items())]
    titles = [TITLES[peer] for peer in peers]
    head = ["measure", "ours", *titles, *(f"ours / {title}" for title in titles), "of the limit by torch's products", "by ours"]
    print("| " + " | ".join(head) + " |")
    print("| --- |" + " ---: |" * (len(head) - 1))
    found = {}
    for name in results.wanted:
        cells, found[name] = row(results, name, peers)
        print("| " + " | ".join(cells) + " |")
        if name.startswith("train"):
            cells, found[f"{name}_mebibytes"] = peak_row(results, name, peers)
            print("| " + " | ".join(cells) + " |")
    theirs, ours = max(results.gflops["hugging_face"]), max(results.gflops["ours"])
    rounds = f"{arguments.rounds} round" + ("s, the median" if arguments.rounds > 1 else "")
    print(f"\nA ratio above 1: ours is faster or, of memory, takes more. {processor()}, {os.cpu_count()} cores, load "
        f"{os.getloadavg()[0]:.1f}; float32 products of {theirs:.0f} GFLOP/s by torch's library and {ours:.0f} by ours, memory of "
        f"{results.bandwidth:.1f} GB/s; {rounds}.\n")
    for side in results.versions:
        print(f"- {side}: {results.versions[side]}; threads: {results.threads[side]}")
    print(json.dumps(found))
