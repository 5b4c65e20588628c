package io.lavis4j.model.blip2;

import static io.lavis4j.io.Arguments.require;

import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.model.AnswerPredictor;
import io.lavis4j.model.ClassPredictor;
import io.lavis4j.model.Losses;
import io.lavis4j.model.TextScorer;
import io.lavis4j.model.Texts;
import io.lavis4j.model.qformer.QFormer;
import io.lavis4j.nn.Linear;
import io.lavis4j.nn.Module;
import io.lavis4j.processor.Questions;
import io.lavis4j.tensor.Autocast;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import io.lavis4j.tokenize.BatchEncoding;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * BLIP-2's second stage (arXiv:2301.12597, section 3.2): query outputs, projected, are read by a language model before
 * a text. Where the Q-Former reads instructions too, it is InstructBLIP (arXiv:2305.06500).
 *
 * <p>An image is (B, 3, S, S), or several frames of each sample, (B, F, 3, S, S), wherever this class takes one; LAVIS
 * has (B, 3, F, S, S). The language model is never trained. As in the reference its dropout is nevertheless active in
 * train mode.
 *
 * <p>Dimensions: B samples, F frames, N image tokens, Q queries, D width of the Q-Former, W width of words.
 *
 * @param <C> shape and behaviour
 * @param <L> the language model
 */
public abstract sealed class Blip2ConditionalGeneration<C extends Blip2LanguageConfig, L extends Module>
        extends Blip2Base implements AnswerPredictor, ClassPredictor, TextScorer
        permits Blip2Opt, Blip2T5, Blip2T5Instruct, Blip2VicunaInstruct {

    /** The reference's search where instructions are followed. */
    static final GenerationConfig INSTRUCT_DEFAULTS =
            GenerationConfig.lavis().withMaxLength(256).withRepetitionPenalty(1.5);

    private final FrozenLanguageModel<L> language;
    private final @Nullable Instructions instructions;
    private final Linear proj;
    private final C config;

    /**
     * A model with unset parameters.
     *
     * @param instructions of the Q-Former; {@code null} where it reads images alone
     */
    Blip2ConditionalGeneration(
            C config, FrozenLanguageModel<L> language, @Nullable Instructions instructions, Device device) {
        super(
                config.blip2(),
                instructions == null ? QFormer.Parts.QUERIES : QFormer.Parts.QUERIES_AND_TEXT,
                config.precision(),
                instructions == null
                        ? List.of(language.tokenizer)
                        : List.of(language.tokenizer, instructions.tokenizer()),
                device);
        this.language = language;
        this.instructions = instructions;
        this.config = config;
        child(language.name + "_model", language.model).requiresGrad(false);
        int D = config.blip2().qformer().hiddenSize();
        proj = child(language.name + "_proj", new Linear(D, language.width, true));
        to(device);
        store(new LanguageStorage(config.precision(), false));
    }

    /** Stores the language model otherwise than its shape says, and so what is loaded into it later. */
    public final void store(LanguageStorage storage) {
        try (var scope = new PointerScope()) {
            storage.store(language.model, device());
        }
    }

    /**
     * Images as the language model sees them; frames are read one by one with the same instruction, and the outputs of
     * a sample's frames stand one after the other.
     *
     * @param image (B, 3, S, S) or (B, F, 3, S, S), float32
     * @param read B rows of instructions; {@code null} where the Q-Former reads images alone
     * @return (B, F Q, W)
     */
    Tensor queries(Tensor image, @Nullable BatchEncoding read) {
        boolean frames = image.dim() == 5;
        require(
                !frames || (image.size(1) > 0 && image.size(2) == 3),
                "expected frames (B, F, 3, S, S), got %s",
                Tensors.shape(image));
        long B = image.size(0), F = frames ? image.size(1) : 1;
        var text = read == null ? null : TextTokens.of(read, image.device());
        var embeds = bridge().imageTokens(frames ? image.flatten(0, 1) : image); // (B F, N, D)
        var outputs = text == null
                ? bridge().query(embeds)
                : bridge().query(
                                embeds,
                                Tensors.repeatRows(text.ids(), F),
                                Tensors.repeatRows(text.mask(), F)); // (B F, Q, D)
        return proj.forward(outputs.reshape(B, F * outputs.size(1), outputs.size(2))); // (B, F Q, W)
    }

    /** The same where nothing is learned. */
    Tensor queriesForInference(Tensor image, @Nullable BatchEncoding read) {
        return queries(image, read);
    }

    /** Instructions as the Q-Former reads them; {@code null} where it reads images alone. */
    final @Nullable BatchEncoding instructions(List<String> texts) {
        return instructions == null ? null : instructions.encode(texts);
    }

    @Override
    public final Prepared prepare(Texts texts) {
        var loss = language.loss(texts);
        var read = instructions(texts.input());
        return image -> {
            Blip2Bridge.requireSameCount(image, texts.input().size());
            var total = Scopes.keep(() -> {
                var text = loss.on().apply(image.device()); // its copy is not to wait for the vision encoder
                var queries = queries(image, read); // (B, F Q, W)
                try (var amp = Autocast.ofModel(image.device(), precision())) {
                    return text.apply(queries);
                }
            });
            return new Losses(total, Map.of(), loss.tokens(), loss.weight());
        };
    }

    /** Runs the language model without gradients on what it sees of images and prompts. */
    private <T> T infer(Tensor image, List<String> prompts, Function<Tensor, T> use) {
        Blip2Bridge.requireSameCount(image, prompts.size());
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard()) {
            var queries = queriesForInference(image, instructions(prompts)); // (B, F Q, W)
            try (var amp = Autocast.ofModel(image.device(), precision())) {
                return use.apply(queries);
            }
        }
    }

    /**
     * Texts that continue or follow prompts. Each image and prompt is read once, whatever the numbers of beams and
     * texts.
     *
     * @param prompts B texts; for instructions see {@link Questions#generatePrompts}
     * @return {@code numReturnSequences} texts of each sample, adjacent, without prompt and special tokens
     */
    @Override
    public final List<String> generate(Tensor image, List<String> prompts, GenerationConfig generation) {
        // a word table may have more rows than the vocabulary
        return Arrays.stream(generateIds(image, prompts, generation))
                .map(ids -> LongStream.of(ids).filter(id -> id < language.tokenizer.vocabSize()))
                .map(ids -> language.decode(ids.toArray()))
                .toList();
    }

    final long[][] generateIds(Tensor image, List<String> prompts, GenerationConfig generation) {
        return infer(image, prompts, queries -> language.generate(queries, prompts, generation));
    }

    @Override
    public List<String> predictAnswers(
            Tensor image, List<String> questions, String prompt, GenerationConfig generation) {
        return generate(image, Questions.of(questions).answerPrompts(prompt), generation);
    }

    @Override
    public final int[][] predictOwnClass(
            Tensor image, List<String> prompts, List<List<String>> candidates, int segments) {
        return Arrays.stream(candidateLosses(image, prompts, candidates, segments))
                .map(losses -> Order.by(i -> losses[i], losses.length))
                .toArray(int[][]::new);
    }

    /**
     * The loss of each candidate after its image and prompt: minus the sum of its tokens' log-likelihoods.
     *
     * @param segments parts that each list is scored in
     * @return B rows
     */
    final double[][] candidateLosses(Tensor image, List<String> prompts, List<List<String>> candidates, int segments) {
        require(
                candidates.size() == prompts.size() && segments > 0,
                "expected candidates of each of %d images and at least 1 segment, got %d and %d",
                prompts.size(),
                candidates.size(),
                segments);
        return infer(image, prompts, queries -> {
            double[][] losses = new double[prompts.size()][];
            for (int b = 0; b < losses.length; b++) {
                var own = candidates.get(b);
                int perSegment = Math.max(1, (own.size() + segments - 1) / segments);
                var likelihoods = language.candidates(prompts.get(b), own, perSegment);
                double[] sums = likelihoods.sums(queries.narrow(0, b, 1));
                losses[b] = Arrays.stream(sums).map(sum -> -sum).toArray();
            }
            return losses;
        });
    }

    /**
     * Texts to be scored by how likely this model is to write them after the configured prompt: the mean log-likelihood
     * of their tokens, the end included, which is the training loss with the sign changed. The model must be in eval
     * mode.
     *
     * @param texts as the model learns them, and cut as these are
     */
    @Override
    public final Candidates candidates(List<String> texts, int textsPerBatch) {
        var likelihoods = language.learned(prompt(), texts, textsPerBatch);
        int[] counts = likelihoods.counts();
        return new Candidates() {
            @Override
            public float[] score(Tensor image) {
                require(image.size(0) == 1, "expected one image (1, 3, S, S), got %s", Tensors.shape(image));
                double[] sums = infer(image, List.of(prompt()), likelihoods::sums);
                float[] scores = new float[sums.length];
                for (int i = 0; i < scores.length; i++) {
                    scores[i] = (float) (sums[i] / counts[i]);
                }
                return scores;
            }

            /** Nothing is kept but tokens. */
            @Override
            public void close() {}
        };
    }

    final FrozenLanguageModel<L> language() {
        return language;
    }

    /** The language model. */
    public final L languageModel() {
        return language.model;
    }

    @Override
    public final String prompt() {
        return config.prompt();
    }

    /** Shape and behaviour. */
    public final C config() {
        return config;
    }

    /** The language model is left alone: the reference takes it from a file. */
    @Override
    public final void initializeUnset() {
        bridge().initializeUnset();
        fillUnset(proj::initialize);
    }
}
