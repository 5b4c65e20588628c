"""BLIP-2 with OPT as users of transformers run it; see peers_side.py."""

import torch

import peers_shapes as shapes
import peers_side as side


class HuggingFace:
    name = "hugging_face"

    def __init__(self, arguments):
        self.work = arguments.work
        self.folder = arguments.work / "hugging_face"
        self.compile = arguments.compile

    def make(self):
        import transformers as hf

        side.write_tokenizer(self.work / "tokenizer")
        side.write_inputs(self.work)
        words = hf.AutoTokenizer.from_pretrained(self.work / "tokenizer", padding_side="left")
        images = hf.BlipImageProcessor(size=dict(height=shapes.IMAGE, width=shapes.IMAGE))
        processor = hf.Blip2Processor(images, words, num_query_tokens=shapes.QUERIES)
        size = dict(hidden_size=shapes.WIDTH, num_hidden_layers=shapes.LAYERS, num_attention_heads=shapes.HEADS)
        end = words("\n", add_special_tokens=False).input_ids[0]
        config = hf.Blip2Config(
            vision_config=dict(size, intermediate_size=shapes.INNER, image_size=shapes.IMAGE, patch_size=shapes.PATCH),
            qformer_config=dict(size, intermediate_size=shapes.INNER, encoder_hidden_size=shapes.WIDTH),
            text_config=hf.OPTConfig(**size, word_embed_proj_dim=shapes.WIDTH, ffn_dim=shapes.INNER, vocab_size=shapes.VOCABULARY,
                eos_token_id=end).to_dict(),
            num_query_tokens=shapes.QUERIES,
            image_token_index=words.convert_tokens_to_ids("<image>"))
        model = hf.Blip2ForConditionalGeneration(config)
        side.scatter(model)
        model.save_pretrained(self.folder)
        processor.save_pretrained(self.folder)

    def load(self, vit):
        from transformers import AutoProcessor, Blip2ForConditionalGeneration

        self.processor = AutoProcessor.from_pretrained(self.folder)
        self.model = Blip2ForConditionalGeneration.from_pretrained(self.folder).eval()
        self.model.language_model.requires_grad_(False)
        if vit == "frozen":
            self.model.vision_model.requires_grad_(False)
        else:
            self.model.vision_model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})

    def encode(self, images):
        """The last block's output; what follows it there is a norm."""
        tokens = []
        hook = self.model.vision_model.post_layernorm.register_forward_pre_hook(lambda module, given: tokens.append(given[0]))
        self.model.vision_model(images)
        hook.remove()
        return tokens[0]

    @torch.inference_mode()
    def generate(self, images, beams):
        ids = self.model.generate(pixel_values=images, num_beams=beams, do_sample=False, max_new_tokens=shapes.NEW_TOKENS,
            min_new_tokens=shapes.NEW_TOKENS)
        return [text.strip() for text in self.processor.batch_decode(ids, skip_special_tokens=True)]

    def caption(self, file):
        from PIL import Image

        pixels = self.processor(images=Image.open(file), return_tensors="pt")["pixel_values"]
        return self.generate(pixels, 5)[0]

    def prepare_training(self, images, texts):
        """Images, ids and labels, as a data loader's collate function makes them, and the optimizer."""
        words = self.processor.tokenizer(texts, truncation=True, max_length=shapes.TEXT_TOKENS, return_tensors="pt").input_ids
        front = torch.full((len(texts), shapes.QUERIES), self.model.config.image_token_index)
        self.inputs = dict(
            pixel_values=images,
            input_ids=torch.cat([front, words], 1),
            attention_mask=torch.ones(len(texts), shapes.QUERIES + words.shape[1], dtype=torch.long),
            labels=torch.cat([torch.full_like(front, -100), words], 1))
        trained = [weight for weight in self.model.parameters() if weight.requires_grad]
        groups = [dict(params=[w for w in trained if w.dim() > 1], weight_decay=side.WEIGHT_DECAY),
            dict(params=[w for w in trained if w.dim() <= 1], weight_decay=0)]
        self.optimizer = torch.optim.AdamW(groups, lr=side.LEARNING_RATE, betas=(0.9, 0.999), fused=True)
        self.forward = torch.compile(self.model) if self.compile else self.model

    def loss(self):
        return self.forward(**self.inputs).loss
