"""What no program can exceed with a matmul rate R (operations per second) and a memory bandwidth W (bytes per second): a phase
takes at least its operations by R, and at least its bytes by W. R is a library's: by other instructions of the same processor
another reaches more.

Operations are those of matrix products, 2mnk each, as in Cost.java; bytes are weights, once for each pass over them, keys
and values. Of the language model's last block keys and values are of all tokens, and the rest of those whose outputs predict
a word. An image is encoded by the ViT, read by the Q-Former and by the language model, which is all arithmetic; then each of the
further tokens of a caption, by K beams and B samples together, takes

    max(B (K layers + K words + attention) / R, (weights of layers and words + keys and values) / W)

A training step takes forward, backward (twice forward; once where only activations have gradients, as in a frozen language
model, or only weights, as of the keys and values of a frozen encoder's image tokens; nothing before the first trained weight, or
for words before they meet query outputs in the first block's attention) and recomputation (of all but a block's last layer, whose
output nothing reads, and, if it is selective, the MLP's first, whose output is kept) by R, and AdamW, which reads four numbers for
each trained one and writes three, by W. A text's last token predicts nothing.
"""

import peers_shapes as shapes

D, F, L = shapes.WIDTH, shapes.INNER, shapes.LAYERS
N = (shapes.IMAGE // shapes.PATCH) ** 2 + 1  # image tokens
Q = shapes.QUERIES
P = Q + 1  # tokens before a caption
T = shapes.TEXT_TOKENS
V = shapes.VOCABULARY
B = shapes.BATCH
LAYER = 4 * D * D + 2 * D * F  # weights of a layer
CROSSING = L // 2 * 4 * D * D  # those of the Q-Former's cross-attention, in every other layer
NUMBER = 4  # bytes


def attention(rows, keys):
    return 4 * rows * keys * D


def vit():
    return 2 * (N - 1) * 3 * shapes.PATCH**2 * D + L * (2 * N * LAYER + attention(N, N))


def image_keys_and_values():
    return L // 2 * 2 * N * 2 * D * D


def qformer():
    crossing = L // 2 * (2 * Q * 2 * D * D + attention(Q, N)) + image_keys_and_values()
    return L * (2 * Q * LAYER + attention(Q, Q)) + crossing + 2 * Q * D * D


def language_model(rows, keys, predicted):
    keys_and_values = 2 * D * D
    last = 2 * rows * keys_and_values + 2 * predicted * (LAYER - keys_and_values) + attention(predicted, keys)
    return (L - 1) * (2 * rows * LAYER + attention(rows, keys)) + last + 2 * predicted * D * V


def caption(beams, rate, bandwidth):
    """Seconds of a batch."""
    seconds = B * (vit() + qformer() + language_model(P, P, 1)) / rate
    for own in range(1, shapes.NEW_TOKENS):  # the first token comes from the prefix
        operations = B * language_model(beams, P + own, beams)
        numbers = L * LAYER + D * V + 2 * L * D * B * (P + beams * own)
        seconds += max(operations / rate, NUMBER * numbers / bandwidth)
    return seconds


def training(vit_operations, qformer_operations, trained, rate, bandwidth):
    """Seconds of a step on a batch, of which an image takes these operations."""
    read = Q + T - 1
    language = 2 * language_model(read, read, T) - 2 * (T - 1) * 3 * D * D
    operations = B * (vit_operations + qformer_operations + language)
    return operations / rate + 7 * NUMBER * trained / bandwidth


def seconds(name, rate, bandwidth):
    """The least seconds of an operation, None where there is no such limit. When parameters are updated changes nothing."""
    bridge = L * LAYER + CROSSING + D * D
    on_given = 3 * qformer() - image_keys_and_values()  # their inputs need no gradients
    product = L * 2 * N * D * F  # to or from the width of an MLP
    recomputed = vit() - product
    wide = shapes.WIDE
    wide_weights = wide["num_hidden_layers"] * (4 * wide["hidden_size"] ** 2 + 2 * wide["hidden_size"] * wide["ffn_dim"])
    return {
        "caption_beam5": lambda: caption(5, rate, bandwidth),
        "caption_greedy": lambda: caption(1, rate, bandwidth),
        "vit_forward": lambda: shapes.VIT_BATCH * vit() / rate,
        "train_frozen_vit": lambda: training(vit(), on_given, bridge, rate, bandwidth),
        "train_frozen_vit_cached": lambda: training(0, on_given, bridge, rate, bandwidth),
        "train_vit_checkpointed": lambda: training(
            3 * vit() + recomputed, 3 * qformer(), bridge + L * LAYER, rate, bandwidth),
        "train_vit_selective": lambda: training(
            3 * vit() + recomputed - product, 3 * qformer(), bridge + L * LAYER, rate, bandwidth),
        "decode_step_opt27b_width": lambda: wide_weights * NUMBER / bandwidth,
        "decode_step_opt27b_width_bf16": lambda: wide_weights * NUMBER / 2 / bandwidth,
        "decode_step_opt27b_width_int8": lambda: wide_weights * NUMBER / 4 / bandwidth,
    }.get(name.removesuffix("_in_backward"), lambda: None)()
