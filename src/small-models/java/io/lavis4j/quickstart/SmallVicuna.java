package io.lavis4j.quickstart;

import static org.bytedeco.pytorch.global.torch.cross_entropy_loss;

import io.lavis4j.model.llama.Llama;
import io.lavis4j.model.llama.LlamaConfig;
import io.lavis4j.nn.CrossEntropy;
import io.lavis4j.tensor.Libtorch;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tokenize.BpeTrainer;
import io.lavis4j.tokenize.EncodeOptions;
import io.lavis4j.tokenize.Tokenizer;
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
 * Makes {@code lavis4j/vicuna-small}: a LLaMA of 2 layers and its tokenizer, in Hugging Face's files.
 *
 * <p>A training text is {@code <clue> </s><instruction> <inference></s>}, where the clue takes as many tokens as BLIP-2
 * puts query outputs before {@code </s>}; the loss is on what comes after the instruction.
 */
public final class SmallVicuna {

    private static final Logger LOG = LoggerFactory.getLogger(SmallVicuna.class);
    private static final int PAD = 0;
    private static final int BOS = 1;
    private static final int EOS = 2; // which InstructBLIP begins texts with, too
    private static final long MEAN = 1;

    private final Tokenizer tokenizer;
    private final ClueLessons lessons = new ClueLessons();
    private final List<String> instructions = ModelFolder.instructions();

    private SmallVicuna(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /**
     * Remakes the files.
     *
     * @param arguments the folder for them, {@code src/main/resources/io/lavis4j/zoo/vicuna-small}
     */
    public static void main(String[] arguments) {
        make(ModelFolder.of(arguments));
    }

    /** One thread computes, so that sums are added in one order; equal processors give equal files. */
    static void make(ModelFolder folder) {
        Path path = folder.path();
        int vocabulary = BpeTrainer.trainLlama(
                ModelFolder.words().stream().map(text -> " " + text).toList(), path);
        var config = new LlamaConfig(vocabulary, 64, 172, 2, 4, 4, 16, 128, 1e-6, 10000, false, PAD, BOS, EOS);
        write(folder, config);
        Libtorch.threads(1);
        RandomState.seed(ClueLessons.SEED);
        try (var tokenizer = Tokenizer.vicuna(path);
                var llama = new Llama(config)) {
            llama.initialize();
            var small = new SmallVicuna(tokenizer);
            double loss = small.lessons.train(llama, batch -> small.loss(llama, batch));
            folder.writeWeights(llama, ScalarType.Half, List.of()); // as InstructBLIP stores Vicuna
            LOG.info("{}: {} tokens, {} parameters, loss {}", path, vocabulary, llama.numParameters(), loss);
        }
    }

    private static void write(ModelFolder folder, LlamaConfig config) {
        var json = ModelFolder.config()
                .put("model_type", "llama")
                .put("hidden_act", "silu")
                .put("vocab_size", config.vocabSize())
                .put("hidden_size", config.hiddenSize())
                .put("intermediate_size", config.intermediateSize())
                .put("num_hidden_layers", config.numHiddenLayers())
                .put("num_attention_heads", config.numAttentionHeads())
                .put("num_key_value_heads", config.numKeyValueHeads())
                .put("max_position_embeddings", config.maxPositionEmbeddings())
                .put("rms_norm_eps", config.rmsNormEps())
                .put("tie_word_embeddings", config.tieWordEmbeddings())
                .put("pad_token_id", config.padTokenId())
                .put("bos_token_id", config.bosTokenId())
                .put("eos_token_id", config.eosTokenId())
                .put("torch_dtype", "float16");
        json.putArray("architectures").add("LlamaForCausalLM");
        folder.writeConfig(json);
    }

    private Tensor loss(Llama llama, List<ClueAndInference> batch) {
        var rows = new ArrayList<long[]>();
        var targets = new ArrayList<long[]>();
        for (var text : batch) {
            long[] clue = ids(text.clue(), false);
            long[] instruction = ids(lessons.one(instructions), true);
            long[] inference = LongStream.concat(LongStream.of(ids(text.inference(), false)), LongStream.of(EOS))
                    .toArray();
            long[] read = LongStream.concat(LongStream.of(lessons.prefix(clue, EOS)), LongStream.of(instruction))
                    .toArray();
            rows.add(LongStream.concat(LongStream.of(read), LongStream.of(inference))
                    .toArray());
            var ignored = LongStream.generate(() -> CrossEntropy.IGNORE_INDEX).limit(read.length - 1L);
            targets.add(LongStream.concat(ignored, LongStream.of(inference)).toArray()); // of each token the next
        }
        var padded = PaddedRows.of(rows, PAD);
        var next = PaddedRows.of(targets, CrossEntropy.IGNORE_INDEX).ids(); // (B, T - 1)
        var hidden = llama.forward(llama.embed(padded.ids()), padded.mask()); // (B, T, D)
        var logits = llama.logits(hidden.narrow(1, 0, hidden.size(1) - 1)).flatten(0, 1); // (B (T - 1), V)
        return cross_entropy_loss(logits, next.flatten(), new TensorOptional(), MEAN, CrossEntropy.IGNORE_INDEX, 0);
    }

    private long[] ids(String text, boolean withStart) {
        return tokenizer
                .encode(text, EncodeOptions.plain().withSpecialTokens(withStart))
                .ids();
    }
}
