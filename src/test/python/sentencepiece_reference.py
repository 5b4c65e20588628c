"""Compares the tokenizers of T5 and LLaMA with those of transformers 4.33.2 on generated texts and ids.

    mvn -q -DskipTests package
    python src/test/python/sentencepiece_reference.py [seed [count [class_path]]]

Makes a virtual environment of its own in a temporary folder and installs transformers 4.33.2, sentencepiece and tokenizers
there; REFERENCE_PYTHON may name a Python that has them. Folders: the two of golden/j_tokenizers, and two with larger
vocabularies, trained on this repository's documents; each with `tokenizer.json` and with SentencePiece's model alone,
LLaMA's also with LAVIS's special tokens, with BOS alone replaced, and with `legacy` off; and some with added tokens and
tokens that take spaces. Encodes `count` texts (default 2000) made from `seed` (default 1) with and without special tokens,
decodes the ids and as many random ids, with special tokens and without. Prints what differs; exit status 1 if anything
does.
"""

import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import venv

ROOT = pathlib.Path(__file__).resolve().parents[3]
GOLDEN = ROOT / "src/test/resources/golden/j_tokenizers"
PACKAGES = ["transformers==4.33.2", "tokenizers==0.13.3", "sentencepiece", "protobuf<4", "numpy"]
DOCUMENTS = ["README.md", "src/site/markdown", "src/main/java/io/lavis4j/tokenize", "src/main/java/io/lavis4j/model"]
PIECES = (
    "a an the photo of dog cats Question: Answer: is're don't 1 23,456 7.5% $ a/b\\c <a> </s> <s> <unk> <pad> [PAD] [MASK] "
    "<extra_id_0> <extra_id_7> <extra_id_99> <extra_id_100> </s </ s> <new> <0x41> ▁ ▁▁ ▁the é é ﬁ ｶﾞ Å ½ ² straße İ ß 東京 日本 "
    "한국 русский עברית عربي ไทย हिन्दी 😀 🐶👍🏽 👨‍👩‍👧 🇨🇭 𝔘 … “” – ⁇ \u00a0 \u00ad \u200b \u200d \u2028 \u3000 \ufeff \ufffd aaaa "
    "aaaaaaa -------- ======= *** //// ''' abababab tion ing"
).split(" ")
RANGES = [(1, 0x80), (0x20, 0x7F), (0x80, 0x800), (0x2000, 0x3100), (0x3100, 0xD800), (0xE000, 0x10000), (0x1F300, 0x1FB00)]
RANGES += [(0x10000, 0x110000)]
SPACES = [" "] * 12 + ["", "", "", "  ", "   ", "     ", "\n", "\n\n", "\t", "\r\n", "\x0b", "\x1c", "\x85"]

REFERENCE = """
import json, sys
from transformers import LlamaTokenizer, T5TokenizerFast
jobs, texts, ids, out = sys.argv[1:]
texts = json.load(open(texts)); ids = json.load(open(ids)); results = []
for name, kind, folder in json.load(open(jobs)):
    if kind == "t5":
        tokenizer = T5TokenizerFast.from_pretrained(folder)
        tokenizer._tokenizer = tokenizer._tokenizer.from_str(tokenizer._tokenizer.to_str())  # scores as decimals
    else:
        tokenizer = LlamaTokenizer.from_pretrained(folder)
        roles = {"pad": "[PAD]", "bos": "</s>", "eos": "</s>", "unk": "</s>"}
        for role in {"llama": [], "bos": ["bos"], "vicuna": roles}[kind]:
            tokenizer.add_special_tokens({role + "_token": roles[role]})
    size = len(tokenizer) + (28 if kind == "t5" else 0)
    rows = []
    for text in texts:
        row = tokenizer(text).input_ids
        rows.append([row, tokenizer(text, add_special_tokens=False).input_ids, tokenizer.decode(row),
            tokenizer.decode(row, skip_special_tokens=True)])
    for row in ids:
        row = [i % size for i in row]
        rows.append([row, tokenizer.decode(row), tokenizer.decode(row, skip_special_tokens=True)])
    results.append(rows)
json.dump(results, open(out, "w"))
"""

TRAIN = """
import sys, sentencepiece, json
text, llama, t5 = sys.argv[1:]
lines = [line for line in open(text, encoding="utf-8").read().split("\\n")]
common = dict(sentence_iterator=None, vocab_size=3000, max_sentence_length=100000, minloglevel=2)
def train(**settings):
    sentencepiece.SentencePieceTrainer.train(**{**common, "sentence_iterator": iter(lines), **settings})
train(model_prefix=llama + "/tokenizer", model_type="bpe", byte_fallback=True, split_digits=True,
    normalization_rule_name="identity", remove_extra_whitespaces=False, allow_whitespace_only_pieces=True)
train(model_prefix=t5 + "/spiece", model_type="unigram", pad_id=0, eos_id=1, unk_id=2, bos_id=-1, hard_vocab_limit=False)
from transformers import LlamaTokenizerFast, T5TokenizerFast
for folder, kind in ((llama, LlamaTokenizerFast), (t5, T5TokenizerFast)):
    kind.from_pretrained(folder)._tokenizer.save(folder + "/tokenizer.json")
"""

SOURCE = """
import com.fasterxml.jackson.databind.*;
import com.fasterxml.jackson.databind.node.*;
import io.lavis4j.tokenize.*;
import java.io.File;
import java.nio.file.Path;
import java.util.*;
public class Tokens {
    public static void main(String[] args) throws Exception {
        var json = new ObjectMapper();
        var results = json.createArrayNode();
        JsonNode texts = json.readTree(new File(args[1]));
        JsonNode idRows = json.readTree(new File(args[2]));
        for (JsonNode job : json.readTree(new File(args[0]))) {
            String kind = job.get(1).asText();
            Path folder = Path.of(job.get(2).asText());
            ArrayNode rows = results.addArray();
            try (var t = kind.equals("t5") ? Tokenizer.t5(folder)
                    : kind.equals("vicuna") ? Tokenizer.vicuna(folder)
                    : Tokenizer.llama(folder, kind.equals("bos") ? Map.of(SpecialToken.BOS, "</s>") : Map.of())) {
                int size = t.vocabSize() + (kind.equals("t5") ? 28 : 0);
                for (JsonNode text : texts) {
                    long[] ids = t.encode(text.asText(), EncodeOptions.plain()).ids();
                    long[] bare = t.encode(text.asText(), EncodeOptions.plain().withSpecialTokens(false)).ids();
                    rows.addArray().add(json.valueToTree(ids)).add(json.valueToTree(bare))
                            .add(t.decode(ids, new DecodeOptions(false, t.cleansUpSpaces()))).add(t.decode(ids));
                }
                for (JsonNode row : idRows) {
                    var ids = new long[row.size()];
                    for (int i = 0; i < ids.length; i++) {
                        ids[i] = row.get(i).asLong() % size;
                    }
                    rows.addArray().add(json.valueToTree(ids))
                            .add(t.decode(ids, new DecodeOptions(false, t.cleansUpSpaces()))).add(t.decode(ids));
                }
            }
        }
        json.writeValue(new File(args[3]), results);
    }
}
"""


def random_character(draw):
    return chr(draw.randrange(*draw.choice(RANGES)))


def texts(draw, count):
    words = (ROOT / "README.md").read_text("utf-8").split()
    made = ["", " ", "  ", "\n", "▁", "▁▁", "</s>", " </s>", "</s> ", "<s>", "a </s>  b"]
    made += ["word " * 3000, "x" * 5000, " " * 100]
    while len(made) < count:
        text = ""
        for _ in range(draw.choice([1, 2, 5, 20, 60])):
            kind = draw.random()
            text += draw.choice(PIECES) if kind < 0.45 else draw.choice(words) if kind < 0.85 else random_character(draw)
            text += draw.choice(SPACES)
        made.append(text)
    return made


def id_rows(draw, count):
    """Rows of ids, many of them of the lowest: special tokens and bytes."""
    return [[draw.randrange(draw.choice([4, 300, 10**6])) for _ in range(draw.randint(0, 12))] for _ in range(count)]


def documents():
    for name in DOCUMENTS:
        path = ROOT / name
        for file in [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file()):
            yield file.read_text("utf-8")


def write_folders(python, folder):
    """The jobs, each a name, a kind and a folder."""
    for kind in ("llama", "t5"):
        shutil.copytree(GOLDEN / kind, folder / kind)
        os.makedirs(folder / f"large_{kind}")
    text = folder / "documents.txt"
    runs = (f"\nx{' ' * n}{'=' * n}{'-' * n}" for n in range(1, 40))
    text.write_text("\n".join(documents()) + "".join(runs), "utf-8")
    subprocess.run([python, "-c", TRAIN, text, folder / "large_llama", folder / "large_t5"], check=True)
    for kind in ("llama", "t5", "large_llama", "large_t5"):
        shutil.copytree(folder / kind, folder / f"{kind}_model_only", ignore=shutil.ignore_patterns("tokenizer.json"))
    for kind in ("llama", "llama_model_only", "large_llama", "large_llama_model_only"):
        shutil.copytree(folder / kind, folder / f"{kind}_not_legacy")
        (folder / f"{kind}_not_legacy/tokenizer_config.json").write_text(json.dumps({"legacy": False}))
    shutil.copytree(folder / "llama", folder / "llama_map")
    flags = {"lstrip": True, "rstrip": False, "single_word": False, "normalized": False}
    roles = {"bos_token": "<s>", "eos_token": {"content": "</s>", **flags}}
    (folder / "llama_map/special_tokens_map.json").write_text(json.dumps(roles))
    shutil.copytree(folder / "llama_model_only", folder / "llama_added")
    (folder / "llama_added/added_tokens.json").write_text(json.dumps({"<new>": 420}))
    shutil.copytree(folder / "t5", folder / "t5_spaces")
    pipeline = json.loads((folder / "t5/tokenizer.json").read_text())
    for token in pipeline["added_tokens"][3:]:
        token.update(lstrip=True, rstrip=True)
    pipeline["added_tokens"].append({**pipeline["added_tokens"][0], "id": 440, "content": "<new>", "special": False})
    (folder / "t5_spaces/tokenizer.json").write_text(json.dumps(pipeline))
    for made in sorted(p for p in folder.iterdir() if p.is_dir() and p.name != "env"):
        for kind in ("t5",) if "t5" in made.name else ("llama", "vicuna", "bos"):
            yield f"{made.name} as {kind}", kind, str(made)


def main(seed=1, count=2000, class_path=str(ROOT / "target/lavis4j.jar")):
    draw = random.Random(int(seed))
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        python = os.environ.get("REFERENCE_PYTHON")
        if not python:
            venv.create(folder / "env", with_pip=True)
            python = folder / "env/bin/python"
            subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES], check=True)
        jobs = list(write_folders(python, folder))
        made = texts(draw, int(count)), id_rows(draw, int(count))
        for name, content in (("jobs", jobs), ("texts", made[0]), ("ids", made[1])):
            (folder / f"{name}.json").write_text(json.dumps(content))
        arguments = [folder / f"{name}.json" for name in ("jobs", "texts", "ids")]
        (folder / "Tokens.java").write_text(SOURCE)
        java = ["java", "-cp", class_path, folder / "Tokens.java"]
        subprocess.run([*java, *arguments, folder / "ours.json"], check=True)
        subprocess.run([python, "-c", REFERENCE, *arguments, folder / "theirs.json"], check=True)
        ours, theirs = (json.loads((folder / f"{name}.json").read_text()) for name in ("ours", "theirs"))
    failed = 0
    for (name, *_), our_rows, their_rows in zip(jobs, ours, theirs):
        different = [(a, b, c) for a, b, c in zip(made[0] + made[1], our_rows, their_rows) if b != c]
        failed += len(different)
        for given, our, their in different[:3]:
            parts = [(a, b) for a, b in zip(our, their) if a != b]
            print(f"  {str(given)[:300]!r}\n    ours      {str(parts[0][0])[:500]!r}\n    reference {str(parts[0][1])[:500]!r}")
        print(f"{name}: {len(our_rows)} cases, {len(different)} differ")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
