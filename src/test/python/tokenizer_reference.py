"""Compares PtbTokenizer with the tokenizer of pycocoevalcap 1.2 on generated strings.

    mvn -q -DskipTests compile
    python src/test/python/tokenizer_reference.py [seed [count]]

Makes a virtual environment of its own in a temporary folder, installs pycocoevalcap there and runs the program inside it
(Stanford CoreNLP 3.4.1, needs java) on `count` strings (default 30000) made from `seed` (default 1): words of the
reference texts, punctuation, numbers, contractions and characters of all kinds, spaced or not. Prints the strings whose
tokens differ; exit status 1 if there are any.
"""

import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import venv

ROOT = pathlib.Path(__file__).resolve().parents[3]
TEXTS = ROOT / "src/test/resources/metrics/tokenizer.json"
NEXT_LINE = "qqqq"  # the reference looks at the start of the next line
PIECES = (
    "a the man He It Mr Dr U.S. Inc etc no fig is can don't cannot gonna boy's café naïve 日本 I rock'n'roll o'neil ma'am "
    "T-shirt and/or AT&T www.example.com a@b.co report.txt 1 5 12 90 555 1,000 3.14 10:30 1/2 80s 1st ½ (555) 123-4567 "
    "! \" # $ % & ' ( ) * + , - . / : ; < = > ? @ [ ] ^ _ ` { | } ~ ... -- … – — ’ ‘ “ ” n't 's 'll &amp; &quot; :) <b>"
).split(" ")
SOURCE = """
import io.lavis4j.metric.PtbTokenizer;
import java.nio.charset.StandardCharsets;
public class Tokens {
    public static void main(String[] args) throws Exception {
        var tokenizer = new PtbTokenizer();
        var lines = new String(System.in.readAllBytes(), StandardCharsets.UTF_8).split("\\n", -1);
        var out = new StringBuilder();
        for (var line : lines) {
            out.append(String.join(" ", tokenizer.tokens(line))).append("\\n");
        }
        System.out.write(out.toString().getBytes(StandardCharsets.UTF_8));
        System.out.flush();
    }
}
"""


def strings(seed, count):
    draw = random.Random(seed)
    words = sorted({word for item in json.loads(TEXTS.read_text("utf-8"))["items"] for word in item["text"].split()})
    for _ in range(count):
        text = ""
        for _ in range(draw.randint(1, 8)):
            kind = draw.random()
            piece = draw.choice(PIECES) if kind < 0.6 else draw.choice(words)
            if kind > 0.95:
                piece = chr(draw.choice([draw.randrange(0x80, 0x250), draw.randrange(0x2000, 0x2C00)]))
            text += draw.choice([piece, piece, piece, piece.capitalize(), piece.upper()])
            text += " " * draw.randint(0, 1)
        yield re.sub("[\n\r\v\f\x85\u2028\u2029]", " ", text)


def run(command, text):
    return subprocess.run(command, input=text.encode(), stdout=subprocess.PIPE, check=True).stdout.decode().split("\n")


def main(seed=1, count=30000):
    texts = list(strings(seed, count))
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        venv.create(folder / "env", with_pip=True)
        python = folder / "env/bin/python"
        subprocess.run([python, "-m", "pip", "install", "-q", "--no-deps", "pycocoevalcap==1.2"], check=True)
        jar = next((folder / "env").rglob("stanford-corenlp-3.4.1.jar"))
        reference = run(
            ["java", "-Dfile.encoding=UTF-8", "-cp", jar, "edu.stanford.nlp.process.PTBTokenizer"]
            + ["-preserveLines", "-lowerCase"],
            "".join(f"{text}\n{NEXT_LINE}\n" for text in texts),
        )[::2]
        (folder / "Tokens.java").write_text(SOURCE)
        ours = run(["java", "-cp", ROOT / "target/classes", folder / "Tokens.java"], "\n".join(texts))
    different = [(a, b, c) for a, b, c in zip(texts, ours, reference) if b != c]
    for text, our, their in different:
        print(f"{text!r}\n  ours      {our}\n  reference {their}")
    print(f"{len(texts)} strings of seed {seed}: {len(different)} differ")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
