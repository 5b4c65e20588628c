package io.lavis4j.quickstart;

import static org.bytedeco.pytorch.global.torch.cross_entropy_loss;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lavis4j.checkpoint.SafeTensors;
import io.lavis4j.model.opt.Opt;
import io.lavis4j.model.opt.OptConfig;
import io.lavis4j.optim.AdamW;
import io.lavis4j.optim.LrSchedule;
import io.lavis4j.optim.ParameterGroup;
import io.lavis4j.optim.ScheduleType;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Libtorch;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Tensors;
import io.lavis4j.tokenize.BpeTrainer;
import io.lavis4j.tokenize.EncodeOptions;
import io.lavis4j.tokenize.SpecialToken;
import io.lavis4j.tokenize.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
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
public final class SmallLanguageModel {

    /** Tokens of a clue; the query tokens of the model that uses this language model, Q. */
    static final int PREFIX = 8;

    private static final Logger LOG = LoggerFactory.getLogger(SmallLanguageModel.class);

    private static final int SEED = 42;
    private static final int BATCH = 64;
    private static final int EPOCHS = 12;
    private static final int STEPS_PER_EPOCH = 50;
    private static final double FROM_PAIRS = 0.6;
    private static final double WEIGHT_DECAY = 0.01;
    private static final long MEAN = 1;

    private final Tokenizer tokenizer;
    private final List<List<ClueAndInference>> pairs = LanguageModelText.ofPairs();
    private final List<List<ClueAndInference>> others = LanguageModelText.ofOthers();
    private final Random random = new Random(SEED);

    private SmallLanguageModel(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /**
     * Remakes the files.
     *
     * @param arguments the folder for them, {@code src/main/resources/io/lavis4j/zoo/opt-small}
     */
    public static void main(String[] arguments) {
        if (arguments.length != 1) {
            throw new IllegalArgumentException("expected one argument, the folder to write to, got %d: %s"
                    .formatted(arguments.length, Arrays.toString(arguments)));
        }
        make(Path.of(arguments[0]));
    }

    /**
     * Writes tokenizer, configuration and weights. One thread computes, so that sums are added in one order; equal
     * processors give equal files.
     */
    static void make(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(folder + " cannot be made: " + e.getMessage(), e);
        }
        var texts = Stream.concat(LanguageModelText.ofPairs().stream(), LanguageModelText.ofOthers().stream())
                .flatMap(List::stream)
                .flatMap(text -> Stream.of(" " + text.clue(), "Inference: " + text.inference() + "\n"))
                .toList();
        int vocabulary = BpeTrainer.train(texts, folder);
        var config = new OptConfig(vocabulary, 64, 2, 4, 256, 128, 64, true, false, 0, 1, 2, 2);
        write(folder.resolve("config.json"), config);
        Libtorch.threads(1);
        RandomState.seed(SEED);
        try (var tokenizer = Tokenizer.opt(folder);
                var opt = new Opt(config)) {
            opt.initialize();
            double loss = new SmallLanguageModel(tokenizer).train(opt);
            var state = new LinkedHashMap<>(opt.stateDict());
            state.remove("lm_head.weight"); // tied
            SafeTensors.write(folder.resolve("model.safetensors"), state, Map.of("format", "pt"));
            LOG.info("{}: {} tokens, {} parameters, loss {}", folder, vocabulary, opt.numParameters(), loss);
        }
    }

    private static void write(Path file, OptConfig config) {
        var json = new ObjectMapper()
                .createObjectNode()
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
        try {
            Files.writeString(file, json.toPrettyString() + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be written: " + e.getMessage(), e);
        }
    }

    /** @return the last epoch's mean loss */
    private double train(Opt opt) {
        var schedule = new LrSchedule(ScheduleType.LINEAR_WARMUP_COSINE, EPOCHS, 2e-3, 2e-5, 0, STEPS_PER_EPOCH, 1);
        double mean = 0;
        try (var optimizer = new AdamW(ParameterGroup.of(opt, null, WEIGHT_DECAY, 1), 0, 0.98)) {
            for (int epoch = 0; epoch < EPOCHS; epoch++) {
                double total = 0;
                for (int step = 0; step < STEPS_PER_EPOCH; step++) {
                    try (var scope = new PointerScope()) {
                        optimizer.lr(schedule.lr(epoch, step));
                        var loss = loss(opt, draw());
                        loss.backward();
                        optimizer.step();
                        optimizer.zeroGrad();
                        total += loss.item_double();
                    }
                }
                mean = total / STEPS_PER_EPOCH;
                LOG.info("epoch {}: loss {}", epoch, mean);
            }
        }
        return mean;
    }

    private List<ClueAndInference> draw() {
        var batch = new ArrayList<ClueAndInference>();
        for (int i = 0; i < BATCH; i++) {
            var groups = random.nextDouble() < FROM_PAIRS ? pairs : others;
            var group = groups.get(random.nextInt(groups.size()));
            batch.add(group.get(random.nextInt(group.size())));
        }
        return batch;
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
        var logits = opt.logits(hidden.narrow(1, PREFIX, T - 1L)); // (B, T - 1, V)
        var targets = all.narrow(1, PREFIX + 1L, T - 1L); // (B, T - 1)
        return cross_entropy_loss(
                logits.reshape(-1, logits.size(2)), targets.reshape(-1), new TensorOptional(), MEAN, pad, 0);
    }

    /** The words of a clue, in order, in random places among {@link #PREFIX}. */
    private long[] prefix(String clue) {
        long[] words = tokenizer
                .encode(" " + clue, EncodeOptions.plain().withSpecialTokens(false))
                .ids();
        if (words.length > PREFIX) {
            throw new IllegalStateException(
                    "expected at most %d tokens, got %d for \"%s\"".formatted(PREFIX, words.length, clue));
        }
        long[] prefix = new long[PREFIX];
        int used = 0;
        for (int i = 0; i < PREFIX; i++) {
            int left = words.length - used;
            boolean word = random.nextInt(PREFIX - i) < left;
            prefix[i] = word ? words[used++] : id(SpecialToken.EOS);
        }
        return prefix;
    }

    private long id(SpecialToken role) {
        return tokenizer.id(role);
    }
}
