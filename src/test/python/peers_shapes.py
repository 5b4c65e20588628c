"""What all sides of bench_peers.py have in common: shapes, lengths, batches. Size.java and OurSide.java have the same."""

WIDTH, LAYERS, HEADS, INNER = 768, 12, 12, 3072  # of vision encoder, Q-Former and language model
IMAGE, PATCH = 224, 14  # pixels
QUERIES = 32
WORDS, VOCABULARY = 50265, 50272  # of OPT's tokenizer, of its word table
BATCH, VIT_BATCH = 4, 8
CHECKED = 2  # samples of the outputs that are compared
NEW_TOKENS, TEXT_TOKENS = 29, 32  # of a caption; of a text to learn
WIDE = dict(hidden_size=2560, word_embed_proj_dim=2560, num_hidden_layers=4, num_attention_heads=32, ffn_dim=10240, vocab_size=512)
