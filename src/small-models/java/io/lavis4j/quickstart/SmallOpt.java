package io.lavis4j.quickstart;

import static org.bytedeco.pytorch.global.torch.cross_entropy_loss;

import io.lavis4j.model.opt.Opt;
import io.lavis4j.model.opt.OptConfig;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Libtorch;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Tensors;
import io.lavis4j.tokenize.BpeTrainer;
import io.lavis4j.tokenize.EncodeOptions;
import io.lavis4j.tokenize.SpecialToken;
import io.lavis4j.tokenize.Tokenizer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the language model that is bundled for the quickstart: an OPT of 2 layers and its tokenizer, in Hugging Face's
 * files.
 *
 * <p>A training text is {@code <clue> </s>Inference: <inference>\n}. The clue takes as many tokens as BLIP-2 puts query
 * outputs before {@code </s>}, filled up by {@code </s>} in random places, and the loss is on what comes after
 * {@code </s>}: so the model has learned to speak about what stands in those places, before any image does.
 */
public final class SmallOpt {

    private static final Logger LOG = LoggerFactory.getLogger(SmallOpt.class);

    private static final long MEAN = 1;

    private final Tokenizer tokenizer;
    private final ClueLessons lessons = new ClueLessons();

    private SmallOpt(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /**
     * Remakes the files.
     *
     * @param arguments the folder for them, {@code src/main/resources/io/lavis4j/zoo/opt-small}
     */
    public static void main(String[] arguments) {
        make(ModelFolder.of(arguments));
    }

    /**
     * Writes tokenizer, configuration and weights. One thread computes, so that sums are added in one order; equal
     * processors give equal files.
     */
    static void make(ModelFolder folder) {
        Path path = folder.path();
        var texts = ClueLessons.texts()
                .flatMap(text -> Stream.of(" " + text.clue(), "Inference: " + text.inference() + "\n"))
                .toList();
        int vocabulary = BpeTrainer.train(texts, path);
        var config = new OptConfig(vocabulary, 64, 2, 4, 256, 128, 64, true, false, 0, 1, 2, 2);
        write(folder, config);
        Libtorch.threads(1);
        RandomState.seed(ClueLessons.SEED);
        try (var tokenizer = Tokenizer.opt(path);
                var opt = new Opt(config)) {
            opt.initialize();
            var small = new SmallOpt(tokenizer);
            double loss = small.lessons.train(opt, batch -> small.loss(opt, batch));
            folder.writeWeights(opt, ScalarType.Float, List.of("lm_head.weight"));
            LOG.info("{}: {} tokens, {} parameters, loss {}", path, vocabulary, opt.numParameters(), loss);
        }
    }

    private static void write(ModelFolder folder, OptConfig config) {
        var json = ModelFolder.config()
                .put("model_type", "opt")
                .put("activation_function", "relu")
                .put("vocab_size", config.vocabSize())
                .put("hidden_size", config.hiddenSize())
                .put("num_hidden_layers", config.numHiddenLayers())
                .put("num_attention_heads", config.numAttentionHeads())
                .put("ffn_dim", config.ffnDim())
                .put("max_position_embeddings", config.maxPositionEmbeddings())
                .put("word_embed_proj_dim", config.wordEmbedProjDim())
                .put("do_layer_norm_before", config.doLayerNormBefore())
                .put("dropout", config.dropout())
                .put("attention_dropout", 0.0)
                .put("pad_token_id", config.padTokenId())
                .put("bos_token_id", config.bosTokenId())
                .put("eos_token_id", config.eosTokenId())
                .put("torch_dtype", "float32");
        json.putArray("architectures").add("OPTForCausalLM");
        folder.writeConfig(json);
    }

    private Tensor loss(Opt opt, List<ClueAndInference> batch) {
        var lines = batch.stream()
                .map(text -> tokenizer
                        .encode("Inference: " + text.inference() + "\n", EncodeOptions.plain())
                        .ids())
                .toList();
        long pad = id(SpecialToken.PAD);
        int T = lines.stream().mapToInt(line -> line.length).max().orElseThrow();
        long[][] ids = new long[batch.size()][];
        long[][] mask = new long[batch.size()][];
        for (int b = 0; b < ids.length; b++) {
            long[] line = Arrays.copyOf(lines.get(b), T);
            Arrays.fill(line, lines.get(b).length, T, pad);
            ids[b] = LongStream.concat(Arrays.stream(prefix(batch.get(b).clue())), Arrays.stream(line))
                    .toArray();
            mask[b] = Arrays.stream(ids[b]).map(id -> id == pad ? 0 : 1).toArray();
        }
        var device = Devices.cpu();
        var all = Tensors.of(ids, device); // (B, Q + T)
        var hidden = opt.forward(opt.embed(all), Tensors.of(mask, device)); // (B, Q + T, D)
        var logits = opt.logits(hidden.narrow(1, ClueLessons.PREFIX, T - 1L)); // (B, T - 1, V)
        var targets = all.narrow(1, ClueLessons.PREFIX + 1L, T - 1L); // (B, T - 1)
        return cross_entropy_loss(
                logits.reshape(-1, logits.size(2)), targets.reshape(-1), new TensorOptional(), MEAN, pad, 0);
    }

    private long[] prefix(String clue) {
        long[] words = tokenizer
                .encode(" " + clue, EncodeOptions.plain().withSpecialTokens(false))
                .ids();
        return lessons.prefix(words, id(SpecialToken.EOS));
    }

    private long id(SpecialToken role) {
        return tokenizer.id(role);
    }
}
