"""Compares PtbTokenizer with the tokenizer of pycocoevalcap 1.2 on the texts of tokenizer_cases.py.

    mvn -q -DskipTests compile
    python -m pip install --no-deps pycocoevalcap==1.2
    python src/test/python/tokenizer_reference.py [--seed N] [--count N] [--record FILE]

Runs the program inside pycocoevalcap (Stanford CoreNLP 3.4.1, needs java) with its wrapper's options, drops what the
wrapper drops, and prints for each kind how many texts there are and which differ; exit status 1 if any does. `--count` is
the number of random texts of each kind that is random. `--record` writes some texts of every kind, with the reference's
tokens, in the form of src/test/resources/metrics/tokenizer.json.
"""

import argparse
import importlib.util
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile

import tokenizer_cases

ROOT = pathlib.Path(__file__).resolve().parents[3]
TEXTS = ROOT / "src/test/resources/metrics/tokenizer.json"
RECORDED = 150  # texts of each kind
SHOWN = 20
NEXT_LINE = "qqqq"  # the reference looks at the start of the next line
SOURCE = """
import io.lavis4j.metric.ptb.PtbTokenizer;
import java.nio.charset.StandardCharsets;
public class Tokens {
    public static void main(String[] args) throws Exception {
        var tokenizer = new PtbTokenizer();
        var lines = new String(System.in.readAllBytes(), StandardCharsets.UTF_8).split("\\n", -1);
        var out = new StringBuilder();
        for (var line : lines) {
            out.append(String.join(" ", tokenizer.tokens(line))).append('\\n');
            out.append(tokenizer.tokenize(line)).append('\\n');
        }
        System.out.write(out.toString().getBytes(StandardCharsets.UTF_8));
        System.out.flush();
    }
}
"""


def wrapper():
    """The folder of pycocoevalcap's tokenizer, and what its wrapper drops."""
    if importlib.util.find_spec("pycocoevalcap") is None:
        sys.exit("pycocoevalcap is not installed: python -m pip install --no-deps pycocoevalcap==1.2")
    from pycocoevalcap.tokenizer import ptbtokenizer

    return pathlib.Path(ptbtokenizer.__file__).parent, ptbtokenizer.PUNCTUATIONS


def run(command, text):
    done = subprocess.run(command, input=text.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode:
        sys.exit(done.stderr.decode())
    return done.stdout.decode()


def reference(texts):
    """All tokens of each text and those that the wrapper keeps, joined by blanks. A line break counts as one."""
    folder, dropped = wrapper()
    output = run(
        ["java", "-Dfile.encoding=UTF-8", "-cp", folder / "stanford-corenlp-3.4.1.jar"]
        + ["edu.stanford.nlp.process.PTBTokenizer", "-preserveLines", "-lowerCase"],
        "".join(f"{text}\n{NEXT_LINE}\n" for text in texts),
    )
    lines = re.split(f"(?:^|(?<=\n)){NEXT_LINE}\n", output)[:-1]
    assert len(lines) == len(texts), f"{len(lines)} lines of {len(texts)} texts"
    tokens = [[token for token in re.split("[ \n]", line) if token] for line in lines]
    kept = ([token for token in " ".join(all_).rstrip().split(" ") if token not in dropped] for all_ in tokens)
    return [(" ".join(all_), " ".join(some)) for all_, some in zip(tokens, kept)]


def ours(texts):
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / "Tokens.java"
        source.write_text(SOURCE)
        lines = run(["java", "-cp", ROOT / "target/classes", source], "\n".join(texts)).split("\n")
    return list(zip(lines[0:-1:2], lines[1::2]))


def record(path, kinds, seed):
    draw = random.Random(seed)
    texts = [text for made in kinds.values() for text in draw.sample(made, min(RECORDED, len(made)))]
    items = [{"text": text, "ptb": all_, "tokens": some} for text, (all_, some) in zip(texts, reference(texts))]
    lines = ",\n".join("  " + json.dumps(item) for item in items)
    about = json.dumps(f"made by src/test/python/tokenizer_reference.py --seed {seed} with pycocoevalcap 1.2")
    path.write_text(f'{{\n "format": {about},\n "count": {len(items)},\n "items": [\n{lines}\n ]\n}}\n')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=60000)
    parser.add_argument("--record", type=pathlib.Path)
    arguments = parser.parse_args()
    words = sorted({word for item in json.loads(TEXTS.read_text("utf-8"))["items"] for word in item["text"].split()})
    kinds = tokenizer_cases.texts(arguments.seed, arguments.count, words)
    total = 0
    for kind, texts in kinds.items():
        different = [(a, b, c) for a, b, c in zip(texts, ours(texts), reference(texts)) if b != c]
        for text, our, their in different[:SHOWN]:
            print(f"{text!r}\n  ours      {our!r}\n  reference {their!r}")
        print(f"{kind}: {len(texts)} texts, {len(different)} differ", flush=True)
        total += len(different)
    if arguments.record:
        record(arguments.record, kinds, arguments.seed)
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
