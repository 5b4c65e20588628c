"""Times the caption metrics beside pycocoevalcap 1.2, in one run on the same texts, alternating.

    mvn -q -DskipTests package
    python src/test/python/bench_metrics.py [--venv DIR] [--class-path PATH] [--meteor-data FOLDER] [--items N] [--rounds N]

`--venv` is where pycocoevalcap is, or gets, installed (default: a temporary folder); `--class-path` is this project's (default:
target/lavis4j.jar); `--meteor-data` is the folder of fetch_meteor.py (default: the wheel's own). Makes N items (5000) of 5
references from a seed and takes the median of the rounds (3):

    ratio_warm    tokenizer, BLEU, ROUGE-L and CIDEr on texts in memory; ours in a virtual machine that has run them before
    ratio_cold    the same; ours is the command `score` from its start to its end, reading JSON included
    ratio_meteor  METEOR with loading, of which both do all each time; ours in a virtual machine that has run it before,
                  `ratio_meteor_first` in one that has not, `ratio_meteor_cold` with its start

The reference's time is that inside Python, without Python's start and imports. The scores of both must agree to 1e-9 (METEOR:
1e-6). Progress goes to stderr; the last line of the output is one JSON object.

    python src/test/python/bench_metrics.py --items 200000 --write FOLDER
    java -Xmx2g -jar target/lavis4j.jar score --gt FOLDER/gt.json --results FOLDER/results.json

only writes such texts, in COCO's form, and scores a corpus of a million references.
"""

import argparse
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time
import venv

ROOT = pathlib.Path(__file__).resolve().parents[3]
JAVA = """
import io.lavis4j.metric.*;
import java.nio.file.Path;
import java.util.*;
public class Bench {
    public static void main(String[] args) throws Exception {
        var items = CaptionItem.join(
                CaptionFile.read(Path.of(args[1])).hypotheses(), CaptionFile.read(Path.of(args[0])).references());
        var in = new Scanner(System.in);
        System.out.println("ready");
        while (in.hasNextLine()) {
            boolean meteor = in.nextLine().equals("meteor");
            var tokenised = meteor ? CaptionMetrics.tokenize(items) : null;
            var known = meteor ? CaptionMetrics.score(tokenised) : null;
            long start = System.nanoTime();
            var scores = meteor
                    ? Meteor.open(Path.of(args[2]), MeteorVariant.FULL).addTo(known, tokenised)
                    : CaptionMetrics.score(CaptionMetrics.tokenize(items));
            double seconds = (System.nanoTime() - start) / 1e9;
            System.out.println(seconds + " " + scores.corpus());
        }
    }
}
"""
REFERENCE = """
import json, sys, time
from pycocoevalcap.bleu.bleu import Bleu
from pycocoevalcap.cider.cider import Cider
from pycocoevalcap.meteor.meteor import Meteor
from pycocoevalcap.rouge.rouge import Rouge
from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer

out = sys.stdout
sys.stdout = sys.stderr
read = lambda path: json.load(open(path, encoding="utf-8"))
group = lambda texts: {key: [{"caption": text} for text in (t if isinstance(t, list) else [t])] for key, t in texts.items()}
references, results = group(read(sys.argv[1])), group(read(sys.argv[2]))
print("ready", file=out, flush=True)
for line in sys.stdin:
    if line.strip() == "meteor":
        tokenizer = PTBTokenizer()
        gts, res = tokenizer.tokenize(references), tokenizer.tokenize(results)
        start = time.perf_counter()
        scorer = Meteor()
        scores = {"METEOR": scorer.compute_score(gts, res)[0]}
    else:
        start = time.perf_counter()
        tokenizer = PTBTokenizer()
        gts, res = tokenizer.tokenize(references), tokenizer.tokenize(results)
        scores = {"Bleu_%d" % (n + 1): score for n, score in enumerate(Bleu(4).compute_score(gts, res)[0])}
        scores["ROUGE_L"] = float(Rouge().compute_score(gts, res)[0])
        scores["CIDEr"] = float(Cider().compute_score(gts, res)[0])
    print(time.perf_counter() - start, json.dumps(scores), file=out, flush=True)
"""
WORDS = {
    "D": "a the a the one two some several another this".split(),
    "A": "young old small large red blue white black green wooden tall happy busy empty colorful beautiful dirty brown quiet "
    "shiny little yellow striped crowded rusty sunny snowy fluffy orange modern".split(),
    "N": "man woman boy girl dog cat horse bird child player skateboarder couple people group crowd bus train truck bicycle "
    "motorcycle boat airplane table bench chair sofa pizza sandwich cake plate bowl bottle umbrella kite surfboard ball "
    "tennis racket laptop phone book clock tower building street sign light field park beach mountain river tree flower "
    "giraffe elephant zebra cow sheep bear kitchen bathroom toilet sink refrigerator oven window door television".split(),
    "V": "is sitting on|is standing near|is walking past|rides|holds|looks at|plays with|jumps over|is parked beside|is eating|"
    "is leaning against|runs toward|carries|watches|is covered by|flies above|waits for|is surrounded by|reaches for|"
    "lies on top of".split("|"),
    "P": "in|on|near|behind|in front of|under|next to|across from|by|with|at the edge of|on the side of".split("|"),
    "T": ".|.| .|!|, isn't it?|...|; it's 10:30 a.m.| (close-up).|, the photographer's favourite.".split("|"),
}
SHAPES = ["D A N V D N P D N T", "D N V D A N T", "D N P D A N V D N T", "D A A N P D N T", "D N and D N P D A N T",
          "D A N V D N P D A N and D N P D N T"]


def corpus(items, references, seed=7):
    """Captions of random scenes: the references and the result of an item share some of their words."""
    draw = random.Random(seed)

    def caption(scene):
        words = []
        for symbol in draw.choice(SHAPES).split():
            if symbol not in WORDS:
                words.append(symbol)
            elif symbol in scene and draw.random() < 0.6:
                words.append(draw.choice(scene[symbol]))
            else:
                words.append(draw.choice(WORDS[symbol]))
        text = " ".join(words[:-1]) + words[-1]
        return text[0].upper() + text[1:]

    gts, res = {}, {}
    for item in range(items):
        scene = {kind: draw.sample(WORDS[kind], 3) for kind in "ANV"}
        gts[str(item)] = [caption(scene) for _ in range(references)]
        res[str(item)] = caption(scene)
    return gts, res


class Worker:
    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        if self.process.stdout.readline().strip() != "ready":
            sys.exit("cannot be run: " + " ".join(map(str, command))[:300])

    def ask(self, what):
        print(what, file=self.process.stdin, flush=True)
        seconds, scores = self.process.stdout.readline().split(" ", 1)
        if '"' in scores:
            return float(seconds), json.loads(scores)
        pairs = (pair.split("=") for pair in scores.strip()[1:-1].split(", "))
        return float(seconds), {metric: float(score) for metric, score in pairs}

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def environment(folder):
    python = pathlib.Path(folder) / "bin/python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    if subprocess.run([python, "-c", "import pycocoevalcap"], capture_output=True).returncode:
        subprocess.run([python, "-m", "pip", "install", "--quiet", "pycocoevalcap==1.2"], check=True)
    return str(python)


def write(items, folder):
    gts, res = corpus(items, 5)
    pairs = [(int(key), text) for key, texts in gts.items() for text in texts]
    truth = {
        "images": [{"id": int(key)} for key in gts],
        "annotations": [{"image_id": key, "id": number, "caption": text} for number, (key, text) in enumerate(pairs)],
    }
    results = [{"image_id": int(key), "caption": text} for key, text in res.items()]
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in (("gt.json", truth), ("results.json", results)):
        (folder / name).write_text(json.dumps(value), "utf-8")


def agree(ours, reference, tolerance):
    for metric, score in reference.items():
        if abs(ours[metric] - score) > tolerance:
            sys.exit(f"{metric}: {ours[metric]} here, {score} in the reference")


def timed(command):
    start = time.perf_counter()
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return time.perf_counter() - start, json.loads(output)


def measure(arguments, folder):
    python = environment(arguments.venv or folder / "venv")
    meteor = arguments.meteor_data or subprocess.run(
        [python, "-c", "import pathlib, pycocoevalcap; print(pathlib.Path(pycocoevalcap.__path__[0]) / 'meteor')"],
        check=True, capture_output=True, text=True).stdout.strip()
    gts, res = corpus(arguments.items, 5)
    files = [str(folder / "gt.json"), str(folder / "results.json")]
    for file, texts in zip(files, (gts, res)):
        pathlib.Path(file).write_text(json.dumps(texts), "utf-8")
    (folder / "Bench.java").write_text(JAVA)
    (folder / "reference.py").write_text(REFERENCE)
    java = ["java", "-cp", arguments.class_path]
    command = [*java, "io.lavis4j.cli.Main", "score", "--gt", files[0], "--results", files[1], "--json"]
    reference = Worker([python, str(folder / "reference.py"), *files])
    ours = Worker([*java, str(folder / "Bench.java"), *files, meteor])
    for _ in range(8):
        ours.ask("captions")
    times = {name: [] for name in ("reference", "warm", "cold", "reference_meteor", "meteor", "meteor_first", "meteor_cold")}

    def note(name, answer):
        times[name].append(answer[0])
        print(f"{name:17} {answer[0]:8.3f} s", file=sys.stderr, flush=True)
        return answer[1]

    for _ in range(arguments.rounds):
        expected = note("reference", reference.ask("captions"))
        agree(note("warm", ours.ask("captions")), expected, 1e-9)
        agree(note("cold", timed(command)), expected, 1e-9)
    ours.close()
    for _ in range(arguments.meteor_rounds):
        fresh = Worker([*java, str(folder / "Bench.java"), *files, meteor])
        expected = note("reference_meteor", reference.ask("meteor"))
        agree(note("meteor_first", fresh.ask("meteor")), expected, 1e-6)
        fresh.ask("meteor")
        agree(note("meteor", fresh.ask("meteor")), expected, 1e-6)
        fresh.close()
        agree(note("meteor_cold", timed([*command, "--meteor-data", meteor])), expected, 1e-6)
    reference.close()
    seconds = {name: statistics.median(values) for name, values in times.items() if values}
    result = {"items": arguments.items, "references": 5, "rounds": arguments.rounds, "cores": os.cpu_count()}
    result["load"] = round(os.getloadavg()[0], 1)
    result["seconds"] = {name: round(value, 3) for name, value in seconds.items()}
    result["ratio_warm"] = round(seconds["reference"] / seconds["warm"], 1)
    result["ratio_cold"] = round(seconds["reference"] / seconds["cold"], 1)
    if arguments.meteor_rounds:
        result["ratio_meteor"] = round(seconds["reference_meteor"] / seconds["meteor"], 1)
        result["ratio_meteor_first"] = round(seconds["reference_meteor"] / seconds["meteor_first"], 1)
        result["ratio_meteor_cold"] = round(seconds["reference_meteor"] / seconds["meteor_cold"], 1)
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--venv")
    parser.add_argument("--class-path", default=str(ROOT / "target/lavis4j.jar"))
    parser.add_argument("--meteor-data")
    parser.add_argument("--write")
    parser.add_argument("--items", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--meteor-rounds", type=int, default=3)
    arguments = parser.parse_args()
    if arguments.write:
        write(arguments.items, pathlib.Path(arguments.write))
        return
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measure(arguments, pathlib.Path(folder))))


if __name__ == "__main__":
    main()
