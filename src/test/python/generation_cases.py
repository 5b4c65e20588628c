"""Prints the cases of GenerationReferenceTest: ids that transformers returns for a model whose logits are a formula.

Run with transformers 4.33.2 and torch 2.13.0 on a CPU:  python generation_cases.py
One line per case: seed | B | doSample numBeams maxLength minLength topP topK temperature repetitionPenalty lengthPenalty
numReturnSequences | rows of ids. Only cases whose ids survive relative noise of 1e-6 on the logits are printed.
"""

import random
import warnings

import torch
import transformers
from transformers import GenerationConfig, PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import CausalLMOutput

V, EOS, PAD, START = 12, 3, 1, 2


def table(batch, seed, noise=None):
    """Logits by sample, last token but one, last token (V: none yet); every value is a multiple of 1/512;
    the end token is likely with some seeds."""
    s, a, b, v = torch.meshgrid(
        torch.arange(batch), torch.arange(V + 1), torch.arange(V + 1), torch.arange(V), indexing="ij")
    h = (s * 1009 + a * 9176 + b * 6563 + v * 7919 + a * b * v * 31 + seed * 104729) * 1103515245 % 2**31
    logits = ((h // 256) % 4096 - 2048).float() / 512
    logits[..., EOS] += seed % 4
    return logits if noise is None else logits * (1 + 1e-6 * torch.randn(logits.shape, generator=noise))


class Config(PretrainedConfig):
    model_type = "formula"


class Formula(PreTrainedModel):
    config_class = Config

    def __init__(self, logits):
        super().__init__(Config())
        self.unused = torch.nn.Parameter(torch.zeros(1))
        self.logits = logits

    def can_generate(self):
        return True

    def prepare_inputs_for_generation(self, input_ids, sample=None, **kwargs):
        return {"input_ids": input_ids, "sample": sample}

    def forward(self, input_ids=None, sample=None, attention_mask=None, return_dict=None,
                output_attentions=None, output_hidden_states=None):
        new = input_ids[:, 1:]  # the start token is counted and not fed
        none = torch.full((len(new),), V)
        last_but_one = new[:, -2] if new.shape[1] > 1 else none
        last = new[:, -1] if new.shape[1] > 0 else none
        return CausalLMOutput(logits=self.logits[sample, last_but_one, last][:, None, :])


def generate(logits, seed, **kwargs):
    batch = logits.shape[0]
    config = GenerationConfig(eos_token_id=EOS, pad_token_id=PAD, bos_token_id=START, **kwargs)
    torch.manual_seed(seed)
    return Formula(logits).eval().generate(
        torch.full((batch, 1), START), generation_config=config, sample=torch.arange(batch)).tolist()


def main():
    warnings.filterwarnings("ignore")
    transformers.logging.set_verbosity_error()
    printed = 0
    for seed in range(1000):
        r = random.Random(seed)
        batch = r.randint(1, 3)
        do_sample = r.random() < 0.6
        beams = r.choice([1, 2, 3, 5])
        c = dict(
            do_sample=do_sample, num_beams=beams, max_length=r.randint(3, 10), min_length=r.choice([1, 3, 6]),
            top_p=r.choice([1.0, 0.9, 0.6]), top_k=r.choice([50, 0, 6, 2, 1]), temperature=r.choice([1.0, 0.7, 1.7]),
            repetition_penalty=r.choice([1.0, 1.15, 1.5]), length_penalty=r.choice([-1.0, 0.0, 1.0, 2.0]),
            num_return_sequences=r.randint(1, beams) if beams > 1 else r.randint(1, 3) if do_sample else 1)
        rows = generate(table(batch, seed), seed, **c)
        noise = torch.Generator().manual_seed(seed)
        if rows != generate(table(batch, seed, noise), seed, **c):
            continue
        config = " ".join(str(x).lower() for x in (
            c["do_sample"], c["num_beams"], c["max_length"], c["min_length"], c["top_p"], c["top_k"],
            c["temperature"], c["repetition_penalty"], c["length_penalty"], c["num_return_sequences"]))
        print(f"{seed} | {batch} | {config} | " + ", ".join(" ".join(map(str, row)) for row in rows))
        printed += 1
        if printed == 40:
            return


if __name__ == "__main__":
    main()
