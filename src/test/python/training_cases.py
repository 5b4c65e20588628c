"""Makes the cases `<case>_train`: AdamW steps of LAVIS's models on the weights, images and texts of other cases.

Run on a CPU with transformers 4.33.2 and a clone of LAVIS:  python training_cases.py LAVIS GOLDEN
Batch k pairs image i of the case with text i + k. Of every parameter that is trained the value after three steps is
kept. Everything is float32 and in eval mode; negatives of the first stage are images and texts (b + 1) mod B.
"""

import importlib
import itertools
import json
import sys
import types
from functools import partial
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file, save_file

RUN = {"init_lr": 1e-3, "min_lr": 1e-5, "warmup_lr": 1e-4, "warmup_steps": 2, "max_epoch": 5, "weight_decay": 0.05,
       "beta2": 0.98, "lr_layer_decay": 1}
STEPS = 3


def without_init(root, *packages):
    """Packages of LAVIS whose modules are imported one by one: their own imports need more than the models do."""
    for name in packages:
        package = types.ModuleType(name)
        package.__path__ = [str(root.joinpath(*name.split(".")))]
        sys.modules[name] = package


def without_checkpointing():
    """fairscale, which is imported, but not used by these models."""
    for name in ("fairscale", "fairscale.nn", "fairscale.nn.checkpoint"):
        sys.modules[name] = types.ModuleType(name)
    module = sys.modules["fairscale.nn.checkpoint.checkpoint_activations"] = types.ModuleType("unused")
    module.checkpoint_wrapper = None


class Cases:
    def __init__(self, lavis, golden):
        self.golden = golden
        self.tokenizers = golden / "j_tokenizers"
        sys.path.insert(0, str(lavis))
        without_init(lavis, "lavis", "lavis.common", "lavis.models", "lavis.models.blip2_models", "lavis.processors",
                     "lavis.datasets", "lavis.datasets.datasets", "lavis.datasets.builders")
        without_checkpointing()
        sys.modules["lavis.models"].BaseModel = importlib.import_module("lavis.models.base_model").BaseModel

    def blip2(self, module, name, case):
        """A model of a class of LAVIS with the parts that every model has, by the sizes of a case."""
        config = case["config"]
        base = importlib.import_module("lavis.models.blip2_models.blip2")
        qformer = importlib.import_module("lavis.models.blip2_models.Qformer")
        eva = importlib.import_module("lavis.models.eva_vit")
        kind = getattr(importlib.import_module("lavis.models.blip2_models." + module), name)
        model = kind.__new__(kind)
        torch.nn.Module.__init__(model)
        vit = config["vit"]
        model.visual_encoder = eva.VisionTransformer(
            img_size=config["image_size"], patch_size=config["patch_size"], use_mean_pooling=False,
            embed_dim=vit["embed_dim"], depth=vit["depth"], num_heads=vit["num_heads"], mlp_ratio=vit["mlp_ratio"],
            qkv_bias=vit["qkv_bias"], norm_layer=partial(torch.nn.LayerNorm, eps=vit["layer_norm_eps"]))
        model.ln_vision = base.LayerNorm(vit["embed_dim"], eps=config["ln_vision_eps"])
        side = "left" if config.get("qformer_text_input") else "right"
        model.tokenizer = transformers.BertTokenizer.from_pretrained(self.tokenizers / "bert", truncation_side=side)
        model.tokenizer.add_special_tokens({"bos_token": "[DEC]"})
        shape = transformers.BertConfig(
            vocab_size=len(model.tokenizer), encoder_width=vit["embed_dim"], add_cross_attention=True,
            query_length=config["num_query_token"], **config["qformer"])
        model.Qformer = qformer.BertLMHeadModel(shape)
        model.query_tokens = torch.nn.Parameter(torch.zeros(1, config["num_query_token"], shape.hidden_size))
        model.max_txt_len = config["max_txt_len"]
        model.max_output_txt_len = config.get("max_output_txt_len")
        model.prompt = config["prompt"]
        model.qformer_text_input = config.get("qformer_text_input", False)
        model.few_shot_prob = 0
        return model

    def without_text(self, model, texts):
        """Parts of the Q-Former that LAVIS's constructors throw away."""
        model.Qformer.cls = None
        if not texts:
            model.Qformer.bert.embeddings.word_embeddings = None
            model.Qformer.bert.embeddings.position_embeddings = None
            for layer in model.Qformer.bert.encoder.layer:
                layer.output = None
                layer.intermediate = None

    def t5(self, name, case):
        module = "blip2_t5_instruct" if name == "Blip2T5Instruct" else "blip2_t5"
        model = self.blip2(module, name, case)
        self.without_text(model, model.qformer_text_input)
        own = importlib.import_module("lavis.models.blip2_models.modeling_t5")
        config = transformers.T5Config(**case["config"]["t5"])
        config.dense_act_fn = case["config"]["t5"]["dense_act_fn"]
        model.t5_model = own.T5ForConditionalGeneration(config)
        model.t5_tokenizer, model.t5_output_tokenizer = (
            transformers.T5TokenizerFast.from_pretrained(self.tokenizers / "t5", truncation_side=side)
            for side in ("left" if name == "Blip2T5Instruct" else "right", "right"))
        model.t5_proj = torch.nn.Linear(model.Qformer.config.hidden_size, config.d_model)
        return model, [model.t5_model, model.visual_encoder]

    def vicuna(self, case):
        model = self.blip2("blip2_vicuna_instruct", "Blip2VicunaInstruct", case)
        self.without_text(model, True)
        own = importlib.import_module("lavis.models.blip2_models.modeling_llama")
        model.llm_model = own.LlamaForCausalLM(transformers.LlamaConfig(**case["config"]["llama"]))
        model.llm_tokenizer = transformers.LlamaTokenizer.from_pretrained(
            self.tokenizers / "llama", use_fast=False, truncation_side="left")
        model.llm_tokenizer.add_special_tokens({"pad_token": "[PAD]"})
        for role in ("bos_token", "eos_token", "unk_token"):
            model.llm_tokenizer.add_special_tokens({role: "</s>"})
        model.llm_proj = torch.nn.Linear(model.Qformer.config.hidden_size, model.llm_model.config.hidden_size)
        return model, [model.llm_model, model.visual_encoder]

    def stage1(self, case):
        model = self.blip2("blip2_qformer", "Blip2Qformer", case)
        width, embed = model.Qformer.config.hidden_size, case["config"]["embed_dim"]
        model.vision_proj = torch.nn.Linear(width, embed)
        model.text_proj = torch.nn.Linear(width, embed)
        model.itm_head = torch.nn.Linear(width, 2)
        model.temp = torch.nn.Parameter(torch.ones([]))
        return model, []

    def train(self, name, make):
        folder = self.golden / name
        case = json.loads((folder / "expected.json").read_text())
        model, frozen = make(case)
        state = load_file(folder / "weights.safetensors")
        wrong = model.load_state_dict(state, strict=False)
        assert not wrong.unexpected_keys and all("position_ids" in key for key in wrong.missing_keys), wrong
        for part in frozen:
            part.requires_grad_(False)
        model.eval()
        image = load_file(folder / "inputs.safetensors")["image"]
        texts = case["forward"][0]
        inputs, outputs = texts.get("text_input", case.get("texts")), texts.get("text_output")

        def loss(batch):
            def turned(values):
                return [values[(i + batch) % len(values)] for i in range(len(values))]

            samples = {"image": image, "text_input": turned(inputs)}
            if outputs:
                samples["text_output"] = turned(outputs)
            return model(samples)

        groups = model.get_optimizer_params(RUN["weight_decay"], RUN["lr_layer_decay"])
        optimizer = torch.optim.AdamW(groups, lr=RUN["init_lr"], betas=(0.9, RUN["beta2"]))
        schedule = importlib.import_module("lavis.common.optims").LinearWarmupCosineLRScheduler(
            optimizer, RUN["max_epoch"], RUN["min_lr"], RUN["init_lr"], warmup_steps=RUN["warmup_steps"],
            warmup_start_lr=RUN["warmup_lr"])
        steps = []
        for step in range(STEPS):
            schedule.step(cur_epoch=0, cur_step=step)
            output = loss(step)
            steps.append({"cur_epoch": 0, "cur_step": step, "batch": step, "lr": optimizer.param_groups[0]["lr"],
                          **{key: value.item() for key, value in output.items()}})
            output["loss"].backward()
            optimizer.step()
            optimizer.zero_grad()
        trained = {key: value.detach().clone() for key, value in model.named_parameters() if value.requires_grad}
        with torch.no_grad():
            after = float(loss(0)["loss"])
        self.write(name, {"case": name, "run_cfg": RUN, "steps": steps, "loss_batch0_after3": after}, trained)

    def write(self, name, expected, trained):
        folder = self.golden / (name + "_train")
        folder.mkdir(exist_ok=True)
        provenance = "LAVIS main + transformers %s + torch %s CPU float32, 1 thread" % (
            transformers.__version__, torch.__version__)
        text = json.dumps({"provenance": provenance, **expected}, indent=1)
        (folder / "expected.json").write_text(text + "\n")
        save_file(trained, folder / "expected_params_after3.safetensors")
        print(name, expected["steps"], expected["loss_batch0_after3"])


def main():
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    cases = Cases(Path(sys.argv[1]), Path(sys.argv[2]))
    cases.train("d_blip2_t5", partial(cases.t5, "Blip2T5"))
    cases.train("d_blip2_t5_instruct", partial(cases.t5, "Blip2T5Instruct"))
    cases.train("d_blip2_vicuna_instruct", cases.vicuna)
    draws = itertools.count(1)
    torch.multinomial = lambda weights, count: torch.tensor([next(draws) % len(weights)])  # one for each b in turn
    torch.distributed.init_process_group("gloo", store=torch.distributed.HashStore(), rank=0, world_size=1)
    cases.train("e_blip2_qformer_stage1", cases.stage1)


if __name__ == "__main__":
    main()
