package io.lavis4j.model.blip2;

import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.model.AnswerLearner;
import io.lavis4j.model.AnswerPredictor;
import io.lavis4j.model.CaptionGenerator;
import io.lavis4j.model.ClassPredictor;
import io.lavis4j.model.Losses;
import io.lavis4j.model.Questions;
import io.lavis4j.model.Texts;
import io.lavis4j.model.VisionEncoder;
import io.lavis4j.model.qformer.QFormer;
import io.lavis4j.model.t5.T5;
import io.lavis4j.nn.Autocast;
import io.lavis4j.nn.Linear;
import io.lavis4j.nn.Module;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tokenize.EncodeOptions;
import io.lavis4j.tokenize.Padding;
import io.lavis4j.tokenize.Side;
import io.lavis4j.tokenize.Tokenizer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * InstructBLIP with T5 (arXiv:2305.06500, section 2.3): the Q-Former reads an image with an instruction, T5's encoder
 * the query outputs with the same instruction, and its decoder writes the answer.
 *
 * <p>T5 is never trained. Differences from LAVIS: frames are (B, F, 3, S, S), and few-shot examples are texts alone.
 */
public final class Blip2T5Instruct extends Module
        implements AnswerLearner, CaptionGenerator, AnswerPredictor, ClassPredictor {

    private static final EncodeOptions PADDED = EncodeOptions.plain().padded(new Padding.Longest(), Side.RIGHT);

    private final Blip2T5InstructConfig config;
    private final Tokenizer tokenizer;
    private final Blip2Bridge bridge;
    private final InstructQueries instructQueries;
    private final T5 t5Model;
    private final Linear t5Proj;
    private final T5Text text;

    /**
     * A model with unset parameters on a device, to be filled by {@link #load} or {@link #initialize()}.
     *
     * @param tokenizer of the T5 model, which this model closes
     * @param qformerTokenizer {@linkplain Tokenizer#qformer of the Q-Former}, which this model closes; {@code null}
     *     where the Q-Former reads no instructions
     * @throws IllegalArgumentException if a tokenizer does not belong to its model
     */
    public Blip2T5Instruct(
            Blip2T5InstructConfig config, Tokenizer tokenizer, @Nullable Tokenizer qformerTokenizer, Device device) {
        Blip2T5.requireFit(tokenizer, config.t5());
        var blip2 = config.blip2();
        InstructQueries.requireTokenizer(blip2.qformer(), config.qformerTextInput(), qformerTokenizer);
        this.config = config;
        this.tokenizer = tokenizer;
        bridge = child("", new Blip2Bridge(blip2, InstructQueries.parts(config.qformerTextInput()), device));
        instructQueries = new InstructQueries(bridge, qformerTokenizer, blip2.maxTxtLen());
        t5Model = child("t5_model", new T5(config.t5()));
        t5Proj = child(
                "t5_proj", new Linear(blip2.qformer().hiddenSize(), config.t5().dModel(), true));
        to(device);
        t5Model.store(config.t5Precision().on(device).dtype());
        t5Model.requiresGrad(false);
        text = new T5Text(t5Model);
    }

    /**
     * A model with the tokenizers in two folders, which it closes.
     *
     * @param folder of T5
     * @param qformerFolder of BERT; {@code null} where the Q-Former reads no instructions
     */
    public static Blip2T5Instruct open(
            Blip2T5InstructConfig config, Path folder, @Nullable Path qformerFolder, Device device) {
        return TokenizerOwner.of(Tokenizer.t5(folder), tokenizer -> {
            if (qformerFolder == null) {
                return new Blip2T5Instruct(config, tokenizer, null, device);
            }
            return TokenizerOwner.of(
                    Tokenizer.qformer(qformerFolder),
                    qformer -> new Blip2T5Instruct(config, tokenizer, qformer, device));
        });
    }

    @Override
    public void close() {
        tokenizer.close();
        instructQueries.close();
        super.close();
    }

    /** Images and instructions as T5's encoder sees them, (B, F Q, D). */
    Tensor queries(Tensor image, List<String> instructions) {
        return t5Proj.forward(instructQueries.forward(image, instructQueries.instructions(instructions)));
    }

    /**
     * Answers to learn; the loss is the mean cross-entropy of their tokens and ends. Of instructions longer than
     * {@code maxTxtLen} tokens the last stay, of answers longer than {@code maxOutputTxtLen} the first, and the end.
     *
     * @param texts B inputs and as many outputs
     */
    @Override
    public Prepared prepare(Texts texts) {
        int inputs = texts.input().size(), outputs = texts.output().size();
        if (inputs == 0 || inputs != outputs) {
            throw new IllegalArgumentException(
                    "InstructBLIP learns text_output after text_input, expected at least one and as many of each, got %d and %d"
                            .formatted(outputs, inputs));
        }
        var labelled = labelled(texts);
        return image -> {
            Blip2Bridge.requireSameCount(image, inputs);
            return Losses.of(Scopes.keep(() -> {
                var queries = queries(image, texts.input()); // (B, F Q, D)
                try (var amp = new Autocast(image.device(), ScalarType.BFloat16)) {
                    return text.loss(queries, labelled);
                }
            }));
        };
    }

    T5Text.Labelled labelled(Texts texts) {
        var inputs =
                tokenizer.encode(texts.input(), PADDED.truncated(config.blip2().maxTxtLen(), Side.LEFT));
        var outputs = tokenizer.encode(texts.output(), PADDED.truncated(config.maxOutputTxtLen(), Side.RIGHT));
        return new T5Text.Labelled(inputs, text.targets(outputs));
    }

    @Override
    public void backward(Tensor loss) {
        bridge.backward(loss);
    }

    /**
     * Texts that follow instructions.
     *
     * @param prompts B instructions, see {@link Questions#generatePrompts}; the Q-Former reads the last
     *     {@code maxTxtLen} tokens of each, T5 all
     * @param generation its greatest length counts new tokens alone
     * @return {@code numReturnSequences} texts of each sample, adjacent, without special tokens; white space around
     *     them stays, as in the reference
     */
    @Override
    public List<String> generate(Tensor image, List<String> prompts, GenerationConfig generation) {
        return Arrays.stream(generateIds(image, prompts, generation))
                .map(tokenizer::decode)
                .toList();
    }

    /** Five beams, up to 256 tokens, repetition penalty 1.5. */
    @Override
    public GenerationConfig generateDefaults() {
        return GenerationConfig.lavis().withMaxLength(256).withRepetitionPenalty(1.5);
    }

    /** With the decoder's start at the beginning of each row. */
    long[][] generateIds(Tensor image, List<String> prompts, GenerationConfig generation) {
        Blip2Bridge.requireSameCount(image, prompts.size());
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard()) {
            var queries = queries(image, prompts); // (B, F Q, D)
            try (var amp = new Autocast(image.device(), ScalarType.BFloat16)) {
                var withStart = generation.withMaxLength(generation.maxLength() + 1);
                return text.generate(queries, tokenizer.encode(prompts, PADDED), withStart);
            }
        }
    }

    @Override
    public List<String> predictAnswers(
            Tensor image, List<String> questions, String prompt, GenerationConfig generation) {
        return generate(image, Questions.of(questions).answerPrompts(prompt), generation);
    }

    /** Five beams, up to 10 tokens, short answers before long ones, repetition penalty 1.5. */
    @Override
    public GenerationConfig answerDefaults() {
        return generateDefaults().withMaxLength(10).withLengthPenalty(-1);
    }

    @Override
    public int[][] predictOwnClass(Tensor image, List<String> prompts, List<List<String>> candidates, int segments) {
        return ClassRanks.of(candidateLosses(image, prompts, candidates, segments));
    }

    /** The summed loss of each candidate's tokens and its end, after its image and prompt. */
    double[][] candidateLosses(Tensor image, List<String> prompts, List<List<String>> candidates, int segments) {
        Blip2Bridge.requireSameCount(image, prompts.size());
        ClassRanks.requireCandidates(prompts.size(), candidates, segments);
        double[][] losses = new double[prompts.size()][];
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard()) {
            var queries = queries(image, prompts); // (B, F Q, D)
            try (var amp = new Autocast(image.device(), ScalarType.BFloat16)) {
                for (int b = 0; b < losses.length; b++) {
                    var input = tokenizer.encode(List.of(prompts.get(b)), PADDED);
                    losses[b] = losses(text.encode(queries.narrow(0, b, 1), input), candidates.get(b), segments);
                }
            }
        }
        return losses;
    }

    private double[] losses(T5Text.Encoded encoded, List<String> candidates, int segments) {
        if (candidates.isEmpty()) {
            throw new IllegalArgumentException("expected at least one candidate, got none");
        }
        var losses = DoubleStream.builder();
        int perSegment = ClassRanks.perSegment(candidates.size(), segments);
        for (int start = 0; start < candidates.size(); start += perSegment) {
            int end = Math.min(candidates.size(), start + perSegment);
            var outputs = tokenizer.encode(candidates.subList(start, end), PADDED);
            Arrays.stream(text.sums(encoded, text.targets(outputs))).forEach(losses::add);
        }
        return losses.build().toArray();
    }

    /** The language model. */
    public T5 t5() {
        return t5Model;
    }

    /** The Q-Former. */
    public QFormer qformer() {
        return bridge.qformer();
    }

    @Override
    public VisionEncoder visualEncoder() {
        return bridge.visualEncoder();
    }

    /** Shape and behaviour. */
    public Blip2T5InstructConfig config() {
        return config;
    }

    @Override
    public String prompt() {
        return config.prompt();
    }

    @Override
    public Module module() {
        return this;
    }

    /** Fills all parameters as the reference does before anything is loaded. */
    public void initialize() {
        try (var scope = new PointerScope()) {
            bridge.initialize();
            t5Model.initialize();
            t5Proj.initialize();
        }
    }

    /** The language model is left alone: the reference takes it from a file. */
    @Override
    public void initializeUnset() {
        bridge.initializeUnset();
        fillUnset(t5Proj::initialize);
    }
}
