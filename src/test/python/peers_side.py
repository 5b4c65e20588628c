"""A process of a peer, which bench_peers.py starts with the Python of that peer's environment.

    python peers_side.py PEER TASK WORK ANSWER [--threads N] [--seconds N] [--lavis PATH] [--compile]

PEER is hugging_face or lavis. WORK is the folder of the models; TASK is one of

    make                    random weights of the peer in its own form, and what goes in: images, texts, a tokenizer
    caption_outputs, training_outputs, decode_outputs
                            what must be equal: image tokens and captions; losses before and after a step of AdamW; logits
    captions                times of caption_beam5, caption_greedy, vit_forward
    train_frozen_vit, train_vit_checkpointed    times of a step
    decode                  times of a token through layers as wide as OPT-2.7b's, in fp32 and bf16
    first_caption           a caption of WORK/image.png, printed, and the time that the weights took
    limits                  the best rates of a float32 product and of reading memory, as MachineLimits.java has them
    profile                 where the time of a caption and of a step goes, printed as tables

The answer is a file of JSON; tensors that must be equal are beside it, with the suffix .safetensors. OurSide.java does the
same on the other side.
"""

import argparse
import json
import os
import pathlib
import platform
import statistics
import sys
import time

import torch

import peers_shapes as shapes

LEARNING_RATE = 1e-5
WEIGHT_DECAY = 0.05
WIDE_PREFIX = 32  # tokens before those that are timed
WIDE_STEPS = 10  # tokens of an operation
WIDE_WRITTEN = 60  # tokens; then the text begins again, as keys and values are no weights
SPREAD = 0.02  # standard deviation of word vectors and of what has one dimension
WIDE_SPREAD = 0.04  # of matrices: wide enough for captions that differ
PRODUCT_SIDES, PRODUCTS = (1024, 2048, 3072), 6
READ, READINGS = 512 << 20, 12  # bytes, times
OPT_TOKENIZER = pathlib.Path(__file__).resolve().parents[1] / "resources/golden/j_tokenizers/opt"


class Decoder:
    """One row through an OPT, a token at a time."""

    def __init__(self, folder, dtype):
        from transformers import OPTForCausalLM

        self.model = OPTForCausalLM.from_pretrained(folder).to(dtype).eval()
        self.start()

    def start(self):
        with torch.inference_mode():
            prefix = torch.arange(WIDE_PREFIX)[None] + 5
            self.cache = self.model(input_ids=prefix, use_cache=True).past_key_values
        self.written = 0

    def step(self):
        if self.written == WIDE_WRITTEN:
            self.start()
        self.written += 1
        with torch.inference_mode():
            found = self.model(input_ids=torch.tensor([[5]]), past_key_values=self.cache, use_cache=True)
        self.cache = found.past_key_values
        return found.logits[0, -1]

    def steps(self):
        for _ in range(WIDE_STEPS):
            self.step()


def scatter(model):
    """Random numbers for all weights, biases and norms too."""
    generator = torch.Generator().manual_seed(7)
    for name, weight in model.named_parameters():
        spread = SPREAD if weight.dim() == 1 or "embed" in name else WIDE_SPREAD
        noise = torch.randn(weight.shape, generator=generator) * spread
        is_norm = weight.dim() == 1 and name.endswith("weight")
        weight.data.copy_(1 + noise if is_norm else noise)


def write_tokenizer(folder):
    """OPT's kind with as many words as OPT's: the small one of the tests, filled up with words of one token."""
    folder.mkdir(parents=True, exist_ok=True)
    filled = {}
    for file in OPT_TOKENIZER.iterdir():
        if file.name == "expected.json":
            continue
        text = file.read_text("utf-8")
        if file.name in ("vocab.json", "tokenizer.json"):
            content = json.loads(text)
            words = content if file.name == "vocab.json" else content["model"]["vocab"]
            words.update({f"\u0120w{token}": token for token in range(len(words), shapes.WORDS)})
            filled[file.name] = len(words)
            text = json.dumps(content, ensure_ascii=False)
        (folder / file.name).write_text(text, "utf-8")
    if set(filled.values()) != {shapes.WORDS}:
        raise SystemExit(f"expected {shapes.WORDS} words in each file of {OPT_TOKENIZER}, got {filled}")


def write_inputs(work):
    """Images and texts of all sides, an image to open, and the wide layers."""
    import numpy
    import transformers
    from PIL import Image
    from safetensors.torch import save_file

    generator = torch.Generator().manual_seed(11)
    images = torch.randn(shapes.VIT_BATCH, 3, shapes.IMAGE, shapes.IMAGE, generator=generator)
    save_file({"image": images[:shapes.BATCH].clone(), "images": images}, work / "inputs.safetensors")
    pixels = torch.randint(0, 256, (shapes.IMAGE, shapes.IMAGE, 3), generator=generator, dtype=torch.uint8)
    Image.fromarray(numpy.asarray(pixels)).save(work / "image.png")
    wide = transformers.OPTForCausalLM(transformers.OPTConfig(**shapes.WIDE))
    scatter(wide)
    wide.save_pretrained(work / "wide")
    for file in (work / "wide").iterdir():
        forget(file)


def forget(file):
    """Has the system read a file again, as after it was restarted: one that has just been written may lie in smaller pages,
    from which mapped weights are read slower."""
    with open(file, "rb") as opened:
        os.fsync(opened.fileno())
        os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def texts():
    return ["a cat " * shapes.TEXT_TOKENS] * shapes.BATCH


def timed(operation, seconds):
    """The median time of an operation that was done twice before, as the second step of training still takes new memory: at
    least two, and more while there is time."""
    operation()
    operation()
    found = []
    while len(found) < 2 or sum(found) < seconds:
        start = time.perf_counter()
        operation()
        found.append(time.perf_counter() - start)
    return statistics.median(found)


def fastest(operation, times):
    found = []
    for _ in range(times):
        start = time.perf_counter()
        operation()
        found.append(time.perf_counter() - start)
    return min(found)


def peak_mebibytes():
    status = pathlib.Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) // 1024


class Tasks:
    def __init__(self, peer, arguments):
        self.peer = peer
        self.work = arguments.work
        self.seconds = arguments.seconds
        self.tensors = arguments.answer.with_suffix(".safetensors")

    def input(self, name):
        from safetensors.torch import load_file

        return load_file(self.work / "inputs.safetensors")[name]

    def write(self, **tensors):
        from safetensors.torch import save_file

        save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, self.tensors)

    def make(self):
        torch.manual_seed(7)
        self.peer.make()
        return {}

    def caption_outputs(self):
        image = self.input("image")[:shapes.CHECKED]
        self.peer.load("frozen")
        with torch.inference_mode():
            self.write(tokens=self.peer.encode(image).clone())
        return {"captions": [self.peer.generate(image, beams) for beams in (1, 5)]}

    def training_outputs(self):
        """Losses without dropout; the image tokens of the whole batch are for the step that has them given."""
        image = self.input("image")
        self.peer.load("frozen")
        with torch.no_grad():
            tokens = self.peer.encode(image)
        self.peer.prepare_training(image[:shapes.CHECKED], texts()[:shapes.CHECKED])
        losses = [self.step() for _ in range(2)]
        self.write(tokens=tokens, losses=torch.tensor(losses))
        return {}

    def decode_outputs(self):
        self.write(logits=Decoder(self.work / "wide", torch.float32).step().clone())
        return {}

    def captions(self):
        image, images = self.input("image"), self.input("images")
        self.peer.load("frozen")
        with torch.inference_mode():
            return {"seconds": {
                "caption_beam5": timed(lambda: self.peer.generate(image, 5), self.seconds),
                "caption_greedy": timed(lambda: self.peer.generate(image, 1), self.seconds),
                "vit_forward": timed(lambda: self.peer.encode(images), self.seconds),
            }}

    def train_frozen_vit(self):
        return self.train("frozen", "train_frozen_vit")

    def train_vit_checkpointed(self):
        return self.train("checkpointed", "train_vit_checkpointed")

    def train(self, vit, name):
        self.start_training(vit)
        return {"seconds": {name: timed(self.step, self.seconds)}}

    def start_training(self, vit):
        self.peer.load(vit)
        self.peer.prepare_training(self.input("image"), texts())
        self.peer.model.train()

    def step(self):
        loss = self.peer.loss()
        loss.backward()
        self.peer.optimizer.step()
        self.peer.optimizer.zero_grad()
        return loss.item()

    def decode(self):
        seconds = {}
        for name, dtype in (("decode_step_opt27b_width", torch.float32), ("decode_step_opt27b_width_bf16", torch.bfloat16)):
            decoder = Decoder(self.work / "wide", dtype)
            seconds[name] = timed(decoder.steps, self.seconds) / WIDE_STEPS
        return {"seconds": seconds}

    def first_caption(self):
        start = time.perf_counter()
        self.peer.load("frozen")
        loaded = time.perf_counter() - start
        caption = self.peer.caption(self.work / "image.png")
        print("caption: " + caption, flush=True)
        return {"captions": [caption], "seconds": {"checkpoint_load": loaded}}

    def limits(self):
        with torch.inference_mode():
            rates = []
            for side in PRODUCT_SIDES:
                x = torch.randn(side, side)
                rates.append(2e-9 * side**3 / fastest(lambda: x @ x, PRODUCTS))
            numbers = torch.ones(READ // 4)
            return {"limits": {"gflops": max(rates), "bandwidth": 1e-9 * READ / fastest(numbers.sum, READINGS)}}

    def profile(self):
        image = self.input("image")
        self.peer.load("frozen")
        with torch.inference_mode():
            self.peer.encode(image)
            tables = {"caption_beam5": profiled(lambda: self.peer.generate(image, 5))}
        self.start_training("frozen")
        self.step()
        tables["train_frozen_vit"] = profiled(self.step)
        for name, table in tables.items():
            print(f"{name}\n{table}")
        return {}


def profiled(operation):
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profile:
        operation()
    return profile.key_averages().table(sort_by="self_cpu_time_total", row_limit=16, max_name_column_width=40)


def threads():
    return f"torch {torch.get_num_threads()}, interop {torch.get_num_interop_threads()}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peer", choices=("hugging_face", "lavis"))
    parser.add_argument("task")
    parser.add_argument("work", type=pathlib.Path)
    parser.add_argument("answer", type=pathlib.Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--lavis", type=pathlib.Path)
    parser.add_argument("--compile", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    if arguments.peer == "lavis":
        from peers_lavis import Lavis as Peer
    else:
        from peers_hugging_face import HuggingFace as Peer
    answer = getattr(Tasks(Peer(arguments), arguments), arguments.task)()
    import transformers

    answer["peak_mebibytes"] = peak_mebibytes()
    answer["threads"] = threads()
    answer["versions"] = f"transformers {transformers.__version__}, torch {torch.__version__}, Python {platform.python_version()}"
    arguments.answer.write_text(json.dumps(answer), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
