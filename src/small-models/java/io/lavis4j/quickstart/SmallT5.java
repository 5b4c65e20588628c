package io.lavis4j.quickstart;

import static org.bytedeco.pytorch.global.torch.cross_entropy_loss;

import io.lavis4j.model.t5.T5;
import io.lavis4j.model.t5.T5Config;
import io.lavis4j.tensor.Libtorch;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tokenize.EncodeOptions;
import io.lavis4j.tokenize.Tokenizer;
import io.lavis4j.tokenize.WordVocabulary;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes {@code lavis4j/t5-small}: a T5 of 2 + 2 blocks and its tokenizer, in Hugging Face's files.
 *
 * <p>The encoder reads {@code <clue> <instruction></s>}, where the clue takes as many tokens as BLIP-2 puts query
 * outputs before the instruction, and the decoder learns to write {@code <inference></s>}.
 */
public final class SmallT5 {

    private static final Logger LOG = LoggerFactory.getLogger(SmallT5.class);
    private static final int PAD = 0;
    private static final int EOS = 1;
    private static final long MEAN = 1;

    private final Tokenizer tokenizer;
    private final ClueLessons lessons = new ClueLessons();
    private final List<String> instructions = ModelFolder.instructions();

    private SmallT5(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /**
     * Remakes the files.
     *
     * @param arguments the folder for them, {@code src/main/resources/io/lavis4j/zoo/t5-small}
     */
    public static void main(String[] arguments) {
        make(ModelFolder.of(arguments));
    }

    /** One thread computes, so that sums are added in one order; equal processors give equal files. */
    static void make(ModelFolder folder) {
        int vocabulary = WordVocabulary.t5(ModelFolder.words(), folder.path());
        var config = new T5Config(
                vocabulary, 64, 16, 128, 2, 2, 4, 32, 128, 0, 1e-6, T5Config.DenseActFn.GELU, false, PAD, EOS, PAD);
        write(folder, config);
        Libtorch.threads(1);
        RandomState.seed(ClueLessons.SEED);
        Path path = folder.path();
        try (var tokenizer = Tokenizer.t5(path);
                var t5 = new T5(config)) {
            t5.initialize();
            var small = new SmallT5(tokenizer);
            double loss = small.lessons.train(t5, batch -> small.loss(t5, batch));
            folder.writeWeights(
                    t5,
                    ScalarType.BFloat16, // as BLIP-2 stores T5
                    List.of("encoder.embed_tokens.weight", "decoder.embed_tokens.weight"));
            LOG.info("{}: {} tokens, {} parameters, loss {}", path, vocabulary, t5.numParameters(), loss);
        }
    }

    private static void write(ModelFolder folder, T5Config config) {
        var json = ModelFolder.config()
                .put("model_type", "t5")
                .put("feed_forward_proj", "gated-gelu")
                .put("dense_act_fn", "gelu")
                .put("is_gated_act", true)
                .put("vocab_size", config.vocabSize())
                .put("d_model", config.dModel())
                .put("d_kv", config.dKv())
                .put("d_ff", config.dFf())
                .put("num_layers", config.numLayers())
                .put("num_decoder_layers", config.numDecoderLayers())
                .put("num_heads", config.numHeads())
                .put("relative_attention_num_buckets", config.relativeAttentionNumBuckets())
                .put("relative_attention_max_distance", config.relativeAttentionMaxDistance())
                .put("dropout_rate", config.dropoutRate())
                .put("layer_norm_epsilon", config.layerNormEpsilon())
                .put("tie_word_embeddings", config.tieWordEmbeddings())
                .put("pad_token_id", config.padTokenId())
                .put("eos_token_id", config.eosTokenId())
                .put("decoder_start_token_id", config.decoderStartTokenId())
                .put("torch_dtype", "bfloat16");
        json.putArray("architectures").add("T5ForConditionalGeneration");
        folder.writeConfig(json);
    }

    private Tensor loss(T5 t5, List<ClueAndInference> batch) {
        var inputs = new ArrayList<long[]>();
        var outputs = new ArrayList<long[]>();
        for (var text : batch) {
            long[] clue = ids(text.clue(), false);
            inputs.add(LongStream.concat(
                            LongStream.of(lessons.prefix(clue, EOS)),
                            LongStream.of(ids(lessons.one(instructions), true)))
                    .toArray());
            outputs.add(ids(text.inference(), true));
        }
        var input = PaddedRows.of(inputs, PAD);
        var output = PaddedRows.of(outputs, PAD);
        var encoded = t5.encode(t5.embed(input.ids()), input.mask()); // (B, P, D)
        var hidden = t5.decode(t5.shiftRight(output.ids()), encoded, input.mask()); // (B, T, D)
        var logits = t5.logits(hidden).flatten(0, 1); // (B T, V)
        return cross_entropy_loss(logits, output.ids().flatten(), new TensorOptional(), MEAN, PAD, 0);
    }

    private long[] ids(String text, boolean withEnd) {
        return tokenizer
                .encode(text, EncodeOptions.plain().withSpecialTokens(withEnd))
                .ids();
    }
}
