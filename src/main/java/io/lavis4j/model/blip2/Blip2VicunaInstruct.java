package io.lavis4j.model.blip2;

import io.lavis4j.generate.EndTokens;
import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.model.AnswerLearner;
import io.lavis4j.model.AnswerPredictor;
import io.lavis4j.model.CaptionGenerator;
import io.lavis4j.model.ClassPredictor;
import io.lavis4j.model.Losses;
import io.lavis4j.model.Questions;
import io.lavis4j.model.Texts;
import io.lavis4j.model.VisionEncoder;
import io.lavis4j.model.llama.Llama;
import io.lavis4j.model.qformer.QFormer;
import io.lavis4j.nn.Autocast;
import io.lavis4j.nn.Linear;
import io.lavis4j.nn.Module;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tokenize.BatchEncoding;
import io.lavis4j.tokenize.EncodeOptions;
import io.lavis4j.tokenize.Padding;
import io.lavis4j.tokenize.Side;
import io.lavis4j.tokenize.SpecialToken;
import io.lavis4j.tokenize.Tokenizer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * InstructBLIP with Vicuna (arXiv:2305.06500): the Q-Former reads the instruction too, and its query outputs,
 * projected, stand before the instruction's word vectors. Vicuna is never trained.
 *
 * <p>An image is (B, 3, S, S), or several frames of each sample, (B, F, 3, S, S), wherever this class takes one.
 *
 * <p>Differences from LAVIS: the word that it adds for padding, whose row is random, is never generated. Candidates of
 * {@code predict_class} are ranked by the sum of their tokens' losses; LAVIS divides these sums by the length of the
 * longest row among the candidates of a segment, which does not change the order within one, but with several segments
 * makes candidates of different ones incomparable. Few-shot examples are left out.
 */
public final class Blip2VicunaInstruct extends Module
        implements AnswerLearner, CaptionGenerator, AnswerPredictor, ClassPredictor {

    private static final EncodeOptions PLAIN = EncodeOptions.plain();
    private static final long UNKNOWN = 0;

    private final Blip2VicunaInstructConfig config;
    private final Tokenizer tokenizer;
    private final Blip2Bridge bridge;
    private final InstructQueries instructQueries;
    private final Llama llmModel;
    private final Linear llmProj;
    private final CausalText text;
    private final EndTokens end;

    /**
     * A model with unset parameters on a device, to be filled by {@link #load} or {@link #initialize()}.
     *
     * @param tokenizer {@linkplain Tokenizer#vicuna of Vicuna}, which this model closes
     * @param qformerTokenizer {@linkplain Tokenizer#qformer of the Q-Former}, which this model closes; {@code null}
     *     where the Q-Former reads no instructions
     * @throws IllegalArgumentException if a tokenizer does not belong to its model
     */
    public Blip2VicunaInstruct(
            Blip2VicunaInstructConfig config,
            Tokenizer tokenizer,
            @Nullable Tokenizer qformerTokenizer,
            Device device) {
        this.config = config;
        this.tokenizer = tokenizer;
        requireFit();
        var blip2 = config.blip2();
        InstructQueries.requireTokenizer(blip2.qformer(), config.qformerTextInput(), qformerTokenizer);
        bridge = child("", new Blip2Bridge(blip2, InstructQueries.parts(config.qformerTextInput()), device));
        instructQueries = new InstructQueries(bridge, qformerTokenizer, blip2.maxTxtLen());
        llmModel = child("llm_model", new Llama(config.llama()));
        llmProj = child(
                "llm_proj",
                new Linear(blip2.qformer().hiddenSize(), config.llama().hiddenSize(), true));
        to(device);
        llmModel.to(config.llmPrecision().on(device).dtype());
        llmModel.requiresGrad(false);
        text = new CausalText(llmModel);
        end = new EndTokens(config.llama().eosTokenId(), UNKNOWN);
    }

    private void requireFit() {
        var llama = config.llama();
        long pad = tokenizer.id(SpecialToken.PAD);
        if (tokenizer.vocabSize() != llama.vocabSize() || pad != llama.padTokenId()) {
            throw new IllegalArgumentException(
                    "the tokenizer has %d tokens, padding is %d; the language model's word table has %d and padding %d; expected a tokenizer.model and a config.json of one model"
                            .formatted(tokenizer.vocabSize(), pad, llama.vocabSize(), llama.padTokenId()));
        }
    }

    /**
     * A model with the tokenizers in two folders, which it closes.
     *
     * @param folder of Vicuna
     * @param qformerFolder of BERT; {@code null} where the Q-Former reads no instructions
     */
    public static Blip2VicunaInstruct open(
            Blip2VicunaInstructConfig config, Path folder, @Nullable Path qformerFolder, Device device) {
        var tokenizer = Tokenizer.vicuna(folder);
        Tokenizer qformer = null;
        try {
            qformer = InstructQueries.tokenizer(qformerFolder);
            return new Blip2VicunaInstruct(config, tokenizer, qformer, device);
        } catch (RuntimeException | Error e) {
            tokenizer.close();
            if (qformer != null) {
                qformer.close();
            }
            throw e;
        }
    }

    /** Images and instructions as Vicuna sees them, (B, F Q, W). */
    Tensor queries(Tensor image, @Nullable BatchEncoding instructions) {
        return llmProj.forward(instructQueries.forward(image, instructions));
    }

    /** Instructions as the Q-Former reads them. */
    @Nullable
    BatchEncoding instructions(List<String> texts) {
        return instructQueries.instructions(texts);
    }

    /**
     * Answers to learn: each stands directly after its instruction and ends with {@code </s>}; the loss is the mean
     * cross-entropy of the answers' tokens. Of instructions longer than {@code maxTxtLen} tokens the last stay, of
     * answers longer than {@code maxOutputTxtLen} the first.
     *
     * @param texts B inputs and as many outputs
     */
    @Override
    public Prepared prepare(Texts texts) {
        int inputs = texts.input().size(), outputs = texts.output().size();
        if (inputs == 0 || inputs != outputs) {
            throw new IllegalArgumentException(
                    "expected at least one text_input, and one text_output for each, got %d and %d"
                            .formatted(inputs, outputs));
        }
        var instructions = instructions(texts.input());
        var labelled = labelled(texts);
        return image -> {
            Blip2Bridge.requireSameCount(image, inputs);
            return Losses.of(Scopes.keep(() -> {
                var queries = queries(image, instructions); // (B, F Q, W)
                try (var amp = new Autocast(image.device(), ScalarType.Half)) {
                    return text.loss(queries, labelled);
                }
            }));
        };
    }

    CausalText.Labelled labelled(Texts texts) {
        String eos = tokenizer.token(SpecialToken.EOS);
        var inputs =
                tokenizer.encode(texts.input(), PLAIN.truncated(config.blip2().maxTxtLen(), Side.LEFT));
        var outputs = tokenizer.encode(
                texts.output().stream().map(line -> line + eos).toList(),
                PLAIN.truncated(config.maxOutputTxtLen(), Side.RIGHT));
        return CausalText.Labelled.answers(
                inputs.ids(), outputs.ids(), config.llama().padTokenId());
    }

    @Override
    public void backward(Tensor loss) {
        bridge.backward(loss);
    }

    /**
     * Texts that follow instructions.
     *
     * @param prompts B instructions, see {@link Questions#generatePrompts}; the Q-Former reads the last
     *     {@code maxTxtLen} tokens of each, Vicuna all
     * @param generation its lengths count one token before the first word, as the reference's do
     * @return {@code numReturnSequences} texts of each sample, adjacent, without special tokens and surrounding white
     *     space
     */
    @Override
    public List<String> generate(Tensor image, List<String> prompts, GenerationConfig generation) {
        return Arrays.stream(generateIds(image, prompts, generation))
                .map(this::decode)
                .toList();
    }

    /** Five beams, up to 255 tokens, repetition penalty 1.5. */
    @Override
    public GenerationConfig generateDefaults() {
        return GenerationConfig.lavis().withMaxLength(256).withRepetitionPenalty(1.5);
    }

    long[][] generateIds(Tensor image, List<String> prompts, GenerationConfig generation) {
        Blip2Bridge.requireSameCount(image, prompts.size());
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard()) {
            var queries = queries(image, instructions(prompts)); // (B, F Q, W)
            var tokens = tokenizer.encode(prompts, PLAIN.padded(new Padding.Longest(), Side.LEFT));
            try (var amp = new Autocast(image.device(), ScalarType.Half)) {
                return text.generate(queries, tokens, config.llama().bosTokenId(), withoutPadding(generation), end);
            }
        }
    }

    private GenerationConfig withoutPadding(GenerationConfig generation) {
        return generation.withSuppressTokens(Stream.concat(generation.suppressTokens().stream(), Stream.of((long)
                        config.llama().padTokenId()))
                .toList());
    }

    /** The unknown word, which also fills rows up, is read as the end. */
    private String decode(long[] ids) {
        long eos = tokenizer.id(SpecialToken.EOS);
        return tokenizer
                .decode(Arrays.stream(ids).map(id -> id == UNKNOWN ? eos : id).toArray())
                .strip();
    }

    @Override
    public List<String> predictAnswers(
            Tensor image, List<String> questions, String prompt, GenerationConfig generation) {
        return generate(image, Questions.of(questions).answerPrompts(prompt), generation);
    }

    /** Five beams, up to 9 tokens, no length penalty, repetition penalty 1.5. */
    @Override
    public GenerationConfig answerDefaults() {
        return generateDefaults().withMaxLength(10).withLengthPenalty(0);
    }

    @Override
    public int[][] predictOwnClass(Tensor image, List<String> prompts, List<List<String>> candidates, int segments) {
        return ClassRanks.of(candidateLosses(image, prompts, candidates, segments));
    }

    /** The summed loss of each candidate's tokens, after its image and prompt; a candidate does not end. */
    double[][] candidateLosses(Tensor image, List<String> prompts, List<List<String>> candidates, int segments) {
        Blip2Bridge.requireSameCount(image, prompts.size());
        ClassRanks.requireCandidates(prompts.size(), candidates, segments);
        double[][] losses = new double[prompts.size()][];
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard()) {
            var queries = queries(image, instructions(prompts)); // (B, F Q, W)
            try (var amp = new Autocast(image.device(), ScalarType.BFloat16)) {
                for (int b = 0; b < losses.length; b++) {
                    var rows = candidateRows(prompts.get(b), candidates.get(b), segments);
                    losses[b] = Arrays.stream(rows.sums(queries.narrow(0, b, 1)))
                            .map(sum -> -sum)
                            .toArray();
                }
            }
        }
        return losses;
    }

    private CausalRows candidateRows(String prompt, List<String> candidates, int segments) {
        long[] input = tokenizer.encode(prompt, PLAIN).ids();
        long[][] outputs =
                tokenizer.encode(candidates, PLAIN.withSpecialTokens(false)).ids();
        long[][] ids = new long[outputs.length][];
        for (int i = 0; i < ids.length; i++) {
            if (outputs[i].length == 0) {
                throw new IllegalArgumentException(
                        "candidate %d of %s is empty; expected at least one word".formatted(i, candidates));
            }
            ids[i] = Arrays.copyOf(input, input.length + outputs[i].length);
            System.arraycopy(outputs[i], 0, ids[i], input.length, outputs[i].length);
        }
        return new CausalRows(text, ids, input.length, ClassRanks.perSegment(ids.length, segments));
    }

    @Override
    public Module module() {
        return this;
    }

    @Override
    public String prompt() {
        return config.prompt();
    }

    @Override
    public VisionEncoder visualEncoder() {
        return bridge.visualEncoder();
    }

    /** The Q-Former. */
    public QFormer qformer() {
        return bridge.qformer();
    }

    /** The language model. */
    public Llama llm() {
        return llmModel;
    }

    /** Of Vicuna. */
    Tokenizer tokenizer() {
        return tokenizer;
    }

    /** Shape and behaviour. */
    public Blip2VicunaInstructConfig config() {
        return config;
    }

    /** Fills all parameters as the reference does before anything is loaded. */
    public void initialize() {
        try (var scope = new PointerScope()) {
            bridge.initialize();
            llmModel.initialize();
            llmProj.initialize();
        }
    }

    /** The language model is left alone: the reference takes it from a file. */
    @Override
    public void initializeUnset() {
        bridge.initializeUnset();
        fillUnset(llmProj::initialize);
    }

    @Override
    public void close() {
        tokenizer.close();
        instructQueries.close();
        super.close();
    }
}
