"""Compares lavis4j with transformers on folders, both ways, and converts checkpoints there and back.

    mvn -q test-compile
    python src/test/python/hugging_face_round_trip.py [work_folder]

Makes a virtual environment of its own in the work folder (by default a temporary one) with the newest transformers and
torch; REFERENCE_PYTHON may name a Python that has them. For BLIP-2 with OPT and with T5, InstructBLIP with T5 and with
Vicuna, and image-text retrieval, a small random model (fp32) that transformers saves is read by lavis4j, and what lavis4j
saves of it by transformers: logits within 1e-4, tokens equal (greedy and 4 beams, rows of different lengths), the same ids
and pixels from the processors. Rows whose logits are compared have no padding, which transformers counts in LLaMA's
positions. The Q-Former's ids are padded on the right, as transformers' processor does if the language model's are.

Then for each a checkpoint with all of LAVIS's tensors (some in fp16, with those that Hugging Face's class has no place for)
becomes a folder and a checkpoint again: every tensor must have its bytes, transformers must open the folder, and its
processors, whose tokenizers are made of vocabularies alone, must give the same ids. No text begins with a space: LAVIS's
LLaMA puts another before it, which transformers 5 does not. Prints what was compared and the versions; exit status 1 if
anything differs.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import venv

ROOT = pathlib.Path(__file__).resolve().parents[3]
PACKAGES = ["transformers", "torch", "torchvision", "safetensors", "pillow", "numpy"]


def main():
    work = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(tempfile.mkdtemp())
    work.mkdir(parents=True, exist_ok=True)
    python = os.environ.get("REFERENCE_PYTHON")
    if not python:
        python = work / "venv/bin/python"
        if not python.exists():
            venv.create(work / "venv", with_pip=True)
            subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES], check=True)
    environment = dict(os.environ, TRANSFORMERS_VERBOSITY="error", HF_HUB_OFFLINE="1", INSIDE="1", TQDM_DISABLE="1")
    sys.exit(subprocess.run([python, __file__, str(work)], env=environment).returncode)


VISION = dict(hidden_size=64, intermediate_size=256, num_hidden_layers=2, num_attention_heads=4, image_size=42, patch_size=14)
WORDS = 234  # of the bundled vocabulary, with [DEC]
QFORMER = dict(hidden_size=64, num_hidden_layers=2, num_attention_heads=4, intermediate_size=256, vocab_size=WORDS)
T5 = dict(d_model=32, d_kv=8, d_ff=48, num_layers=2, num_decoder_layers=2, num_heads=4, feed_forward_proj="gated-gelu",
    tie_word_embeddings=False, decoder_start_token_id=0, vocab_size=448)
LLAMA = dict(hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
    max_position_embeddings=512, vocab_size=448)
OPT = dict(hidden_size=32, word_embed_proj_dim=32, num_hidden_layers=2, num_attention_heads=4, ffn_dim=64,
    max_position_embeddings=512, vocab_size=448)
QUERIES = 8
SHORT = ["a photo of a dog", "a photo of a cat"]
LONG = ["a photo of", "what is in the photo, and where is it?"]
ARCHITECTURES = {"opt": "blip2_opt small opt_model", "t5": "blip2_t5 pretrain_flant5xl t5_model",
    "instruct_t5": "blip2_t5_instruct flant5xl t5_model", "instruct_vicuna": "blip2_vicuna_instruct vicuna7b llm_model",
    "retrieval": "blip2 pretrain -"}
TABLES = {"opt": [("opt_model.model.decoder.embed_tokens.weight", "opt_model.lm_head.weight")],
    "t5": [("t5_model.shared.weight", "t5_model.encoder.embed_tokens.weight"), ("t5_model.lm_head.weight",)],
    "instruct_vicuna": [("llm_model.model.embed_tokens.weight",), ("llm_model.lm_head.weight",)]}
TABLE_SHAPES = {"opt": (420, 32), "t5": (440, 32), "instruct_vicuna": (421, 32)}


class RoundTrip:
    def __init__(self, work):
        import torch
        import transformers

        self.torch, self.hf = torch, transformers
        torch.set_num_threads(2)
        self.work = work / "models"
        shutil.rmtree(self.work, ignore_errors=True)
        self.work.mkdir()
        self.tokenizers = ROOT / "src/test/resources/golden/j_tokenizers"
        self.class_path = self.find_class_path(work / "class_path")
        self.failures = 0

    @staticmethod
    def find_class_path(file):
        command = ["mvn", "-q", "-B", "-o", "dependency:build-classpath", f"-Dmdep.outputFile={file}"]
        subprocess.run(command, cwd=ROOT, check=True)
        return f"{ROOT}/target/test-classes:{ROOT}/target/classes:{file.read_text()}"

    def java(self, *arguments, properties=()):
        command = ["java", *properties, "-cp", self.class_path, *map(str, arguments)]
        found = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=dict(os.environ, OMP_WAIT_POLICY="passive"))
        if found.returncode != 0:
            print(found.stdout[-2000:], found.stderr[-4000:])
            raise SystemExit(f"{' '.join(map(str, arguments))} failed")
        return found.stdout

    def check(self, what, holds, more=""):
        print(f"{'equal' if holds else 'DIFFERENT'}: {what} {more}".rstrip(), flush=True)
        self.failures += not holds

    def tokenizer(self, name, **options):
        return self.hf.AutoTokenizer.from_pretrained(self.tokenizers / name, **options)

    def words(self, kind):
        """The tokenizer of the language model, as LAVIS has it."""
        if kind == "instruct_vicuna":
            roles = dict(pad_token="[PAD]", bos_token="</s>", eos_token="</s>", unk_token="</s>")
            tokenizer = self.tokenizer("llama", padding_side="left", truncation_side="left", **roles)
            tokenizer.add_bos_token = True  # before a text, which its file has with <s>
            tokenizer.update_post_processor()
            return tokenizer
        return self.tokenizer("opt", padding_side="left") if kind == "opt" else self.tokenizer("t5")

    def bert(self):
        roles = dict(pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]")
        tokenizer = self.hf.AutoTokenizer.from_pretrained(ROOT / "src/main/resources/io/lavis4j/zoo/qformer-small", **roles)
        tokenizer.add_special_tokens({"bos_token": "[DEC]"})
        return tokenizer

    def make(self, kind, folder):
        hf, torch = self.hf, self.torch
        torch.manual_seed(7)
        images = hf.BlipImageProcessor(size=dict(height=42, width=42))
        words = self.bert() if kind == "retrieval" else self.words(kind)
        if kind.startswith("instruct"):
            processor = hf.InstructBlipProcessor(images, words, self.bert(), num_query_tokens=QUERIES)
        else:
            processor = hf.Blip2Processor(images, words, num_query_tokens=QUERIES)
        config = dict(vision_config=VISION, qformer_config=QFORMER, num_query_tokens=QUERIES,
            image_token_index=words.convert_tokens_to_ids("<image>"))
        if kind == "retrieval":
            config["qformer_config"] = dict(QFORMER, use_qformer_text_input=True)
            model = hf.Blip2ForImageTextRetrieval(hf.Blip2Config(**config))
        elif kind == "opt":
            end = words("\n", add_special_tokens=False).input_ids[0]
            config["text_config"] = hf.OPTConfig(**OPT, eos_token_id=end).to_dict()
            model = hf.Blip2ForConditionalGeneration(hf.Blip2Config(**config))
        elif kind == "t5":
            config["text_config"] = hf.T5Config(**T5).to_dict()
            model = hf.Blip2ForConditionalGeneration(hf.Blip2Config(**config))
        else:
            text = hf.T5Config(**T5) if kind == "instruct_t5" else hf.LlamaConfig(**LLAMA, pad_token_id=words.pad_token_id)
            config["text_config"] = text.to_dict()
            model = hf.InstructBlipForConditionalGeneration(hf.InstructBlipConfig(**config))
        if kind.endswith("t5"):  # as in published files
            model.language_model.lm_head.weight = torch.nn.Parameter(torch.empty(T5["vocab_size"], T5["d_model"]))
        with torch.no_grad():
            for parameter in model.parameters():
                if parameter.dim() < 2:
                    parameter.add_(0.1 * torch.randn_like(parameter))
                else:
                    parameter.normal_(0, 0.2)
        options = dict(max_shard_size="3MB") if kind == "instruct_t5" else {}
        model.save_pretrained(folder, **options)
        processor.save_pretrained(folder)

    def open(self, kind, folder):
        hf = self.hf
        name = dict(opt="Blip2ForConditionalGeneration", t5="Blip2ForConditionalGeneration",
            retrieval="Blip2ForImageTextRetrieval").get(kind, "InstructBlipForConditionalGeneration")
        model, info = getattr(hf, name).from_pretrained(folder, output_loading_info=True)
        wrong = {key: value for key, value in info.items() if value and key != "error_msgs"}
        self.check(f"{kind}: names that transformers finds in {folder.name}", not wrong, str(wrong) if wrong else "")
        return model.eval().float(), hf.AutoProcessor.from_pretrained(folder)

    def inputs(self, kind, processor):
        torch = self.torch
        torch.manual_seed(3)
        inputs = dict(pixel_values=torch.randn(2, 3, 42, 42))
        if kind == "retrieval":
            rows = processor.tokenizer(LONG, padding=True, return_tensors="pt")
            return dict(inputs, input_ids=rows.input_ids, attention_mask=rows.attention_mask)
        for prefix, texts in (("", SHORT), ("padded.", LONG)):
            rows = processor.tokenizer(texts, padding=True, return_tensors="pt")
            image = torch.full((2, QUERIES), processor.tokenizer.convert_tokens_to_ids("<image>"))
            inputs[prefix + "input_ids"] = torch.cat([image, rows.input_ids], 1)
            inputs[prefix + "attention_mask"] = torch.cat([torch.ones_like(image), rows.attention_mask], 1)
            if kind.startswith("instruct"):
                rows = processor.qformer_tokenizer(texts, padding=True, padding_side="right", return_tensors="pt")
                inputs[prefix + "qformer_input_ids"] = rows.input_ids
                inputs[prefix + "qformer_attention_mask"] = rows.attention_mask
        if inputs["attention_mask"].min() == 0:
            raise SystemExit(f"{kind}: {SHORT} do not have the same number of tokens")
        if kind.endswith("t5"):
            inputs["labels"] = processor.tokenizer(["a dog", "a cat"], return_tensors="pt").input_ids
        return inputs

    def outputs(self, kind, model, inputs):
        torch = self.torch
        plain = {name: value for name, value in inputs.items() if not name.startswith("padded.")}
        with torch.no_grad():
            if kind == "retrieval":
                heads = {}
                for head in ("itm", "itc"):
                    # placeholders for queries are cut off at the front of a text
                    front = torch.full((2, QUERIES), model.config.image_token_index)
                    ids = torch.cat([front, plain["input_ids"]], 1)
                    mask = torch.cat([torch.ones_like(front), plain["attention_mask"]], 1)
                    found = model(pixel_values=plain["pixel_values"], input_ids=ids, attention_mask=mask,
                        use_image_text_matching_head=head == "itm")
                    heads[head] = found.logits_per_image
                return dict(itm=heads["itm"], itc=heads["itc"].diagonal() if heads["itc"].dim() == 2 else heads["itc"])
            outputs = dict(logits=model(**plain).logits)
            padded = {name.removeprefix("padded."): value for name, value in inputs.items() if name.startswith("padded.")}
            padded["pixel_values"] = inputs["pixel_values"]
            for beams in (1, 4):
                rows = model.generate(**padded, max_new_tokens=12, num_beams=beams, do_sample=False)
                start = 1 if kind.endswith("t5") else padded["input_ids"].shape[1]
                outputs[f"tokens{beams}"] = rows[:, start:]
        return outputs

    def compare(self, kind, what, theirs, ours, end):
        torch = self.torch
        for name, expected in theirs.items():
            found = ours[name]
            if name.startswith("tokens"):
                same = [self.until(row, end) for row in expected.tolist()] == [self.until(row, end) for row in found.tolist()]
                self.check(f"{kind}: {what}: {name}", same, "" if same else f"{expected.tolist()} {found.tolist()}")
            else:
                found = found.reshape(expected.shape)
                worst = (found - expected).abs().max().item()
                self.check(f"{kind}: {what}: {name} {tuple(expected.shape)}", worst <= 1e-4, f"within {worst:.1e}")

    @staticmethod
    def until(row, end):
        return row[: row.index(end)] if end in row else row

    def both_ways(self, kind):
        from safetensors.torch import load_file, save_file

        folder = self.work / kind
        folder.mkdir()
        theirs, ours = folder / "of_transformers", folder / "of_lavis4j"
        self.make(kind, theirs)
        model, processor = self.open(kind, theirs)
        inputs = self.inputs(kind, processor)
        save_file({name: value.contiguous() for name, value in inputs.items()}, folder / "inputs.safetensors")
        self.java("io.lavis4j.zoo.huggingface.FolderOutputs", theirs, folder / "inputs.safetensors",
            folder / "outputs.safetensors", ours)
        found = load_file(folder / "outputs.safetensors")
        end = model.config.text_config.eos_token_id
        self.compare(kind, "transformers -> lavis4j", self.outputs(kind, model, inputs), found, end)
        again, again_processor = self.open(kind, ours)
        self.compare(kind, "lavis4j -> transformers", self.outputs(kind, again, inputs), found, end)
        self.processors(kind, processor, again_processor)

    def processors(self, kind, theirs, ours):
        from PIL import Image

        image = Image.linear_gradient("L").convert("RGB")
        texts = [*SHORT, *LONG, "Dogs & cats: 23,456 don't\n\nthe end.", "two  spaces"]
        a = theirs(images=[image] * len(texts), text=texts, padding=True, return_tensors="pt")
        b = ours(images=[image] * len(texts), text=texts, padding=True, return_tensors="pt")
        names = [name for name in a if name != "token_type_ids"]
        same = all(self.torch.equal(a[name], b[name]) for name in names)
        self.check(f"{kind}: processors: {', '.join(names)}", same,
            "" if same else str([(name, a[name].tolist(), b[name].tolist()) for name in names if name != "pixel_values"]))

    def convert(self, kind):
        torch = self.torch
        folder = self.work / kind
        arch, model_type, key = ARCHITECTURES[kind].split()
        weights = folder / "weights"
        self.language_model(kind, folder / "of_transformers", weights / "language_model")
        first, full, back = folder / "first.pth", folder / "full.pth", folder / "back.pth"
        main = "io.lavis4j.cli.Main"
        report = self.java(main, "convert", folder / "of_transformers", first)
        state = torch.load(first, weights_only=True)["model"]
        self.check(f"{kind}: the checkpoint of a folder", all(t.isfinite().all() for t in state.values()), f"{len(state)} tensors")

        torch.manual_seed(5)
        for name in list(state):
            state[name] = torch.randn_like(state[name])
            if name.startswith("visual_encoder.blocks") and name.endswith(".weight") and ".norm" not in name:
                state[name] = state[name].half()
        state = {name: value for name, value in state.items() if not name.endswith("k_bias")}
        state["Qformer.bert.embeddings.position_ids"] = torch.arange(512)[None]
        state["Qformer.cls.predictions.bias"] = torch.randn(WORDS)
        state["Qformer.cls.predictions.decoder.bias"] = state["Qformer.cls.predictions.bias"]
        state["temp"] = torch.tensor(0.05)
        state["something.else"] = torch.randn(3, 2).double()
        for first_name, *others in TABLES.get(kind, []):
            state[first_name] = torch.randn(*TABLE_SHAPES[kind]).half()
            state.update({name: state[first_name] for name in others})
        torch.save(dict(model=state, epoch=3), full)
        config = folder / "model.yaml"
        config.write_text(json.dumps(dict(model={"arch": arch, "model_type": model_type, "vit_model": "eva_small",
            "qformer_model": "small", "image_size": 42, "num_query_token": QUERIES, "load_pretrained": False,
            "load_finetuned": False, **({} if key == "-" else {key: str(weights / "language_model")})})))
        converted = folder / "converted"
        report += self.java(main, "convert", full, converted, "--cfg-path", config, properties=[f"-Dlavis4j.weights={weights}"])
        report += self.java(main, "convert", converted, back)
        again = torch.load(back, weights_only=True)["model"]
        same = list(again) == list(state) and all(
            a.dtype == b.dtype and a.shape == b.shape and bytes(self.raw(a)) == bytes(self.raw(b))
            for a, b in zip(again.values(), state.values()))
        self.check(f"{kind}: checkpoint -> folder -> checkpoint", same, f"{len(state)} tensors, bytes and order")
        model, processor = self.open(kind, converted)
        self.processors(f"{kind}, tokenizers of older files", self.open(kind, folder / "of_transformers")[1], processor)
        inputs = self.inputs(kind, processor)
        outputs = self.outputs(kind, model, inputs)
        self.check(f"{kind}: outputs of the converted folder are numbers",
            all(value.isfinite().all() for value in outputs.values()))
        if kind == "opt":
            print(report)

    def raw(self, tensor):
        return tensor.contiguous().reshape(-1).view(self.torch.uint8).numpy().tobytes()

    def language_model(self, kind, folder, to):
        """The language model alone, as LAVIS reads it: weights, configuration, and the older tokenizer files."""
        to.mkdir(parents=True)
        if kind == "retrieval":
            return
        model, _ = self.open(kind, folder)
        source = self.tokenizers / dict(opt="opt", instruct_vicuna="llama").get(kind, "t5")
        for file in source.iterdir():
            if file.name not in ("tokenizer.json", "expected.json"):
                shutil.copy(file, to)
        # as many rows as tokens: the one for the image must be added
        rows = len(self.tokenizer(source.name))
        model.language_model.resize_token_embeddings(rows)
        model.language_model.save_pretrained(to)


def inside(work):
    trip = RoundTrip(work)
    print(f"transformers {trip.hf.__version__}, torch {trip.torch.__version__}, tokenizers "
        f"{__import__('tokenizers').__version__}, safetensors {__import__('safetensors').__version__}")
    for kind in ARCHITECTURES:
        trip.both_ways(kind)
        trip.convert(kind)
    print(f"{trip.failures} differences")
    sys.exit(trip.failures != 0)


if __name__ == "__main__":
    inside(pathlib.Path(sys.argv[1])) if os.environ.get("INSIDE") else main()
