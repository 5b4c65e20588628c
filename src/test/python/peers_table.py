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
COUNTS = {  # what is done in the seconds of an operation, and its unit; without it seconds are shown
    "caption_beam5": (shapes.BATCH, "captions/s"),
    "caption_greedy": (shapes.BATCH, "captions/s"),
    "vit_forward": (shapes.VIT_BATCH, "images/s"),
    "train_frozen_vit": (shapes.BATCH, "samples/s"),
    "train_frozen_vit_cached": (shapes.BATCH, "samples/s"),
    "train_vit_checkpointed": (shapes.BATCH, "samples/s"),
    "decode_step_opt27b_width": (1, "tokens/s"),
    "decode_step_opt27b_width_bf16": (1, "tokens/s"),
}
BESIDE = {"train_frozen_vit_cached": "train_frozen_vit"}  # the peers' measure that ours stands beside


class Results:
    """Answers by side and measure, in the order of the rounds."""

    def __init__(self):
        self.seconds = collections.defaultdict(list)
        self.mebibytes = collections.defaultdict(list)
        self.limits = []
        self.versions = {}
        self.threads = {}

    def add(self, side, task, answer):
        self.versions[side] = answer["versions"]
        self.threads[side] = answer["threads"]
        if "limits" in answer:
            self.limits.append(answer["limits"])
        for name, seconds in answer.get("seconds", {}).items():
            self.seconds[side, name].append(seconds)
            self.mebibytes[side, name].append(answer["peak_mebibytes"])

    def limit(self, name):
        """Seconds at the best rates of the run."""
        rate = max(limit["gflops"] for limit in self.limits) * 1e9
        bandwidth = max(limit["bandwidth"] for limit in self.limits) * 1e9
        return peers_limits.seconds(name, rate, bandwidth)

    def ratio(self, peer, name):
        """The median over rounds of the peer's seconds by ours, None without the peer."""
        ours = self.seconds.get(("ours_of_lavis" if peer == "lavis" else "ours", name)) or self.seconds["ours", name]
        theirs = self.seconds.get((peer, BESIDE.get(name, name)), [])
        return statistics.median(b / a for a, b in zip(ours, theirs)) if theirs else None

    def peak_ratio(self, peer, name):
        ours, theirs = self.mebibytes["ours", name], self.mebibytes.get((peer, BESIDE.get(name, name)), [])
        return statistics.median(a / b for a, b in zip(ours, theirs)) if theirs else None


def value(name, seconds):
    """In the unit of the measure."""
    return COUNTS[name][0] / seconds if name in COUNTS else seconds


def cell(number):
    return "" if number is None else f"{number:.3g}" if number < 100 else f"{number:.0f}"


def row(results, name, peers):
    """Cells of a measure, and its JSON."""
    ours = statistics.median(results.seconds["ours", name])
    limit = results.limit(name)
    cells = [name, COUNTS[name][1] if name in COUNTS else "s", cell(value(name, ours))]
    for peer in peers:
        theirs = results.seconds.get((peer, BESIDE.get(name, name)))
        cells.append(cell(value(name, statistics.median(theirs)) if theirs else None))
    ratios = {peer: results.ratio(peer, name) for peer in peers}
    cells += [cell(ratio) for ratio in ratios.values()]
    cells += ["", ""] if limit is None else [cell(value(name, limit)), f"{limit / ours:.0%}"]
    found = {PEERS[peer]: round(ratio, 3) for peer, ratio in ratios.items() if ratio is not None}
    return cells, found | {"ours": round(value(name, ours), 4)}


def peak_row(results, name, peers):
    ours = statistics.median(results.mebibytes["ours", name])
    cells = [f"{name}, peak memory", "MiB", cell(ours)]
    for peer in peers:
        theirs = results.mebibytes.get((peer, BESIDE.get(name, name)))
        cells.append(cell(statistics.median(theirs) if theirs else None))
    ratios = {peer: results.peak_ratio(peer, name) for peer in peers}
    cells += [cell(ratio) for ratio in ratios.values()] + ["", ""]
    found = {PEERS[peer]: round(ratio, 3) for peer, ratio in ratios.items() if ratio is not None}
    return cells, found | {"ours": ours}


def processor():
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown processor")


def show(results, wanted, arguments):
    peers = [peer for peer in PEERS if any(side == peer for side, _ in results.seconds)]
    titles = [TITLES[peer] for peer in peers]
    head = ["measure", "unit", "ours", *titles, *(f"ours / {title}" for title in titles), "limit", "share of it"]
    print("| " + " | ".join(head) + " |")
    print("| --- | --- |" + " ---: |" * (len(head) - 2))
    found = {}
    for name in wanted:
        cells, found[name] = row(results, name, peers)
        print("| " + " | ".join(cells) + " |")
        if name.startswith("train"):
            cells, found[f"{name}_mebibytes"] = peak_row(results, name, peers)
            print("| " + " | ".join(cells) + " |")
    rate = max(limit["gflops"] for limit in results.limits)
    bandwidth = max(limit["bandwidth"] for limit in results.limits)
    print(f"\nRatios above 1: ours is faster, or, of memory, takes more. {processor()}, {os.cpu_count()} cores, load "
        f"{os.getloadavg()[0]:.1f}; matmul {rate:.0f} GFLOP/s, memory {bandwidth:.1f} GB/s; median of {arguments.rounds} rounds.")
    for side in results.versions:
        print(f"- {side}: {results.versions[side]}; threads: {results.threads[side]}")
    print(json.dumps(found))
