"""Writes what OmegaConf makes of small YAML documents and of interpolations, for OmegaConfParityTest.

Left out is where this library differs on purpose: see YamlScalars, YamlTokens and Resolution.

Run with OmegaConf 2.4.0 and PyYAML 6.0.4 (with libyaml):
  python config_cases.py src/test/resources/configs/omegaconf.json
"""

import json
import os
import random
import sys
import warnings
from importlib.metadata import version

import yaml
from omegaconf import OmegaConf
from omegaconf._yaml import get_yaml_loader

SCALARS = """1|.5|1e-5|a|a b|who?|what is this?|x ?|a?b|true|no|~|null||'q'|'it''s'|"d\\t\\u00e9"|'a\tb'|a\tb|http://h/?q=1
2020-01-01|1_000|0x1F|010|x:y|a#b|캡션|1.5e3|99999999999999999999|&n v|!!str 5|-1|+3|"a ? b"|-x|1e|.e3|08|on|off""".replace(
    "\n", "|"
).split("|")
KEYS = ["a", "b", "c?", "what is", "'k'", '"k 2"', "n_x", "k\t", "x? "]


class Documents:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def one(self, *choices):
        return self.random.choice(choices)

    def blank(self):
        return self.one(" ", " ", "\t", "  ", " \t", "\t\t")

    def inside(self):
        return self.one("", "", " ", "\t", "\n  ", "\n\t")

    def flow(self, depth):
        if depth == 0 or self.random.random() < 0.4:
            return self.one(*SCALARS)
        if self.random.random() < 0.5:
            elements = [self.inside() + self.flow(depth - 1) for _ in range(self.random.randint(0, 3))]
            return "[" + ("," + self.blank()).join(elements) + "]"
        keys = self.random.sample(KEYS, self.random.randint(0, 3))
        entries = [self.inside() + key + ":" + self.blank() + self.flow(depth - 1) for key in keys]
        return "{" + ("," + self.blank()).join(entries) + "}"

    def block(self, indent, depth):
        margin, text = " " * indent, ""
        if self.random.random() < 0.25:
            for _ in range(self.random.randint(1, 3)):
                text += margin + "-" + self.one(" ", "  ") + self.flow(2) + "\n"
            return text
        for key in self.random.sample(KEYS, self.random.randint(1, 3)):
            end, kind = self.one("", "", "\t", " # c", "\t# c", "  "), self.random.random()
            text += margin + key + ":"
            if depth and kind < 0.35:
                text += self.one("", " ", "\t") + end + "\n" + self.block(indent + self.one(1, 2, 4), depth - 1)
            elif kind < 0.45:
                text += self.blank() + self.one("|", ">", "|-", ">+") + "\n"
                text += margin + "  x?\ty\n" + margin + "   z\t\n"
            else:
                text += self.blank() + self.flow(2) + end + "\n"
        return text


BASE = {
    "a": {"x": 1, "y": [10, {"z": "q"}], "f": 1e-05, "t": True, "n": None, "s": "abc"},
    "k": "x",
    "list": [1, 2],
    "numbers": [1e22, 1e16, 1e15, 123456789012345678.0, 0.0001, 1.5, 100.0, 2e-3, -0.0],
}
ATOMS = r"""${a.x}|${k}|${.w}|${..k}|\|\\|$|{|}|x|/| |'|"|,|:|${oc.env:FIVE}|${oc.env:NONE,|[|]|${|a.|y[|1]|1|null|${a.y[1].z}
${oc.decode:|'1'|oc.select:|${a.${k}}|.|${a.f}|${a.t}|${a.n}|${oc.env:NONE,"a b"}|${oc.select:a.z,2}""".replace("\n", "|").split("|")
TEXTS = r"""${a.x}
${a.y.1.z}
${a[y][1][z]}
${a.y.-1}
${a.y.9}
${a[${k}]}
x/${a.x}/y
${a}
${list}
\${a.x}
\\${a.x}
\\\${a.x}
a\\b
${k}\\
\\
\${a.x
${...k}
${.l.1}
${.l[2]}
${.q.r}
${none}
${a.none}
${a.x.y}
${}
${
${ a.x }
${a. x}
${a.x}}
${oc.env:FIVE}
${oc.env:EMPTY}
${oc.env:NONE}
${oc.env:NONE,5}
${oc.env:NONE,null}
${oc.env:NONE, x y }
${oc.env:NONE,'x y '}
${oc.env:NONE,x/${a.s}/y}
${oc.env:NONE,${a.f}}
${oc.env:NONE,1.50}
${oc.env:NONE,true}
${oc.env:NONE,/a/b:c}
${oc.env:NONE,~/x}
${oc.env:NONE,a,b}
${oc.env:}
${oc.env: FIVE }
${oc.env:TEXT}
${oc.env:NONE,${oc.env:NONE2,z}}
${oc.env:NONE,a\,b\ }
${oc.env:NONE,'a\'b'}
${oc.env:NONE,'${a.x}'}
${oc.env:NONE,'\${a.x}'}
${env:FIVE}
${oc.none:1}
${oc.decode:${oc.env:FIVE}}
${oc.decode:'[1, a b, {c: d}, [], {}, 1_0.5, 007, -0, inf, Null, TRUE, yes]'}
${oc.decode:null}
${oc.decode:True}
${oc.decode:'1 2'}
${oc.decode:'a, b'}
${oc.decode:''}
${oc.create:[1,"b"]}
${oc.create:{a:1}}
${oc.create:5}
${oc.select:a.x}
${oc.select:none}
${oc.select:none,3}
${oc.select:a.n,3}
${oc.select:..k}
${oc.select:'list[0]'}
${oc.dict.keys:a}
${oc.dict.values:b}
${oc.dict.keys:list}
${numbers.0} ${numbers.1} ${numbers.2} ${numbers.3} ${numbers.4} ${numbers.5} ${numbers.6} ${numbers.7} ${numbers.8}""".split(
    "\n"
)
ENVIRONMENT = {"FIVE": "5", "EMPTY": "", "TEXT": "${a.x}"}


def plain(value):
    """The value with texts for keys; 1e400 is no JSON."""
    if isinstance(value, dict):
        return {str(key): plain(element) for key, element in value.items()}
    if isinstance(value, list):
        return [plain(element) for element in value]
    return str(value) if value in (float("inf"), float("-inf")) else value


def documents(count):
    generator, found = Documents(7), []
    while len(found) < count:
        text = generator.block(0, 2)
        try:
            found.append({"yaml": text, "value": plain(yaml.load(text, Loader=get_yaml_loader()))})
        except yaml.YAMLError:
            continue
    return found


def interpolations(count):
    generator, found = random.Random(7), []
    texts = TEXTS + ["".join(generator.choices(ATOMS, k=generator.randint(1, 6))) for _ in range(count)]
    for text in texts:
        tree = dict(BASE, b={"c": 3}, p={"v": text, "w": 7, "l": [1, "${..w}", "${.0}"], "q": {"r": "${..w}"}})
        try:
            value = OmegaConf.create(tree).p.v
            if OmegaConf.is_config(value):
                value = OmegaConf.to_container(value, resolve=True)
            found.append({"text": text, "value": plain(value)})
        except Exception:
            found.append({"text": text, "refused": True})
    return found


def lines(cases):
    """A line for each case."""
    for number, (name, value) in enumerate(cases.items()):
        text = json.dumps(value, ensure_ascii=False)
        if isinstance(value, list):
            text = "[\n" + ",\n".join(json.dumps(case, ensure_ascii=False) for case in value) + "\n]"
        yield ("{\n" if number == 0 else "") + json.dumps(name) + ": " + text


def main():
    warnings.simplefilter("ignore")
    os.environ.update(ENVIRONMENT)
    cases = {
        "versions": {name: version(name) for name in ["omegaconf", "PyYAML"]},
        "documents": documents(300),
        "base": dict(BASE, b={"c": 3}),
        "environment": ENVIRONMENT,
        "interpolations": interpolations(300),
    }
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        file.write(",\n".join(lines(cases)) + "\n}\n")


main()
