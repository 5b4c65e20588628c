"""LAVIS's Blip2OPT as its runner trains it; see peers_side.py.

Of the package only BLIP-2 with OPT is imported, not all models and data sets as by `import lavis`, and the parts are made
from sizes instead of the downloads of published models; both are in LAVIS's favour. Everything that computes is its own.
"""

import functools
import sys
import types

import torch

import peers_shapes as shapes
import peers_side as side


def import_blip2(path):
    """LAVIS's modules by path, without what its packages import in passing."""
    for name in ("lavis", "lavis.models", "lavis.models.blip2_models"):
        package = types.ModuleType(name)
        package.__path__ = [str(path.joinpath(*name.split(".")))]
        sys.modules[name] = package
    wrapper = types.ModuleType("fairscale.nn.checkpoint.checkpoint_activations")
    wrapper.checkpoint_wrapper = None  # of CLIP's encoder, which is not used
    sys.modules[wrapper.__name__] = wrapper
    from lavis.models.base_model import BaseModel

    sys.modules["lavis.models"].BaseModel = BaseModel  # what its registry asks the package for
    from lavis.models import eva_vit
    from lavis.models.blip2_models import blip2, blip2_opt

    # what torch did by itself when LAVIS was written
    eva_vit.checkpoint.checkpoint = functools.partial(eva_vit.checkpoint.checkpoint, use_reentrant=True)
    return eva_vit, blip2, blip2_opt.Blip2OPT


class Lavis:
    name = "lavis"

    def __init__(self, arguments):
        self.work = arguments.work
        self.checkpoint = arguments.work / "lavis.pth"
        self.language_model = arguments.work / "lavis_opt"
        self.eva_vit, self.blip2, self.opt = import_blip2(arguments.lavis)

    def make(self):
        import shutil

        import transformers

        config = transformers.OPTConfig(hidden_size=shapes.WIDTH, num_hidden_layers=shapes.LAYERS, ffn_dim=shapes.INNER,
            num_attention_heads=shapes.HEADS, word_embed_proj_dim=shapes.WIDTH, vocab_size=shapes.VOCABULARY)
        transformers.OPTForCausalLM(config).half().save_pretrained(self.language_model)
        for file in (self.work / "tokenizer").iterdir():
            shutil.copy(file, self.language_model)
        model = self.build("frozen")
        side.scatter(model)
        torch.save({"model": model.state_dict()}, self.checkpoint)

    def build(self, vit):
        """The model before its checkpoint, in fp32, in which a CPU computes."""
        eva_vit, blip2 = self.eva_vit, self.blip2

        class Sized(self.opt):
            @classmethod
            def init_tokenizer(cls, truncation_side="right"):
                return None  # of the Q-Former's texts, of which this model has none

            @classmethod
            def init_Qformer(cls, num_query_token, vision_width, cross_attention_freq=2):
                config = blip2.BertConfig(vocab_size=30523, hidden_size=shapes.WIDTH, num_hidden_layers=shapes.LAYERS,
                    num_attention_heads=shapes.HEADS, intermediate_size=shapes.INNER)
                config.encoder_width = vision_width
                config.add_cross_attention = True
                config.cross_attention_freq = cross_attention_freq
                config.query_length = num_query_token
                return blip2.BertLMHeadModel(config), torch.nn.Parameter(torch.zeros(1, num_query_token, shapes.WIDTH))

            def init_vision_encoder(self, model_name, img_size, drop_path_rate, use_grad_checkpoint, precision):
                encoder = eva_vit.VisionTransformer(img_size=img_size, patch_size=shapes.PATCH, use_mean_pooling=False,
                    embed_dim=shapes.WIDTH, depth=shapes.LAYERS, num_heads=shapes.HEADS, mlp_ratio=shapes.INNER / shapes.WIDTH,
                    qkv_bias=True, drop_path_rate=drop_path_rate,
                    norm_layer=functools.partial(torch.nn.LayerNorm, eps=1e-6), use_checkpoint=use_grad_checkpoint)
                return encoder, blip2.LayerNorm(encoder.num_features)

        model = Sized(img_size=shapes.IMAGE, use_grad_checkpoint=vit == "checkpointed", vit_precision="fp32",
            freeze_vit=vit == "frozen", num_query_token=shapes.QUERIES, opt_model=str(self.language_model),
            max_txt_len=shapes.TEXT_TOKENS)
        return model.float()

    def load(self, vit):
        self.model = self.build(vit)
        self.model.load_checkpoint(str(self.checkpoint))
        self.model.eval()

    def encode(self, images):
        return self.model.visual_encoder(images)

    def generate(self, images, beams):
        length = shapes.NEW_TOKENS + 1
        return self.model.generate({"image": images}, num_beams=beams, max_length=length, min_length=length)

    def caption(self, file):
        import numpy
        from PIL import Image

        # blip_image_eval of an image that has its size already; its module would import OpenCV
        mean = torch.tensor((0.48145466, 0.4578275, 0.40821073))[:, None, None]
        std = torch.tensor((0.26862954, 0.26130258, 0.27577711))[:, None, None]
        pixels = torch.from_numpy(numpy.array(Image.open(file).convert("RGB"))).permute(2, 0, 1) / 255
        return self.generate(((pixels - mean) / std)[None], 5)[0]

    def prepare_training(self, images, texts):
        """The samples, and the optimizer of LAVIS's runner."""
        self.samples = {"image": images, "text_input": texts}
        groups = self.model.get_optimizer_params(side.WEIGHT_DECAY)
        self.optimizer = torch.optim.AdamW(groups, lr=side.LEARNING_RATE, betas=(0.9, 0.999))

    def loss(self):
        return self.model(self.samples)["loss"]
