package io.lavis4j.model.blip2;

import io.lavis4j.generate.Candidates;
import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.model.AnswerLearner;
import io.lavis4j.model.AnswerPredictor;
import io.lavis4j.model.CaptionGenerator;
import io.lavis4j.model.Losses;
import io.lavis4j.model.TextScorer;
import io.lavis4j.model.Texts;
import io.lavis4j.model.VisionEncoder;
import io.lavis4j.model.qformer.QFormer;
import io.lavis4j.model.t5.T5;
import io.lavis4j.model.t5.T5Config;
import io.lavis4j.nn.Autocast;
import io.lavis4j.nn.Linear;
import io.lavis4j.nn.Module;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tokenize.BatchEncoding;
import io.lavis4j.tokenize.EncodeOptions;
import io.lavis4j.tokenize.Padding;
import io.lavis4j.tokenize.Side;
import io.lavis4j.tokenize.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * BLIP-2 with T5 (arXiv:2301.12597, section 3.2): T5's encoder reads query outputs, projected, and a text after them;
 * its decoder writes another text.
 *
 * <p>T5 is never trained. As in the reference its dropout is nevertheless active in train mode.
 *
 * <p>Difference from LAVIS: query outputs may be fp16, as mixed precision of a run makes them, which LAVIS's class
 * cannot join with T5's bf16 word vectors.
 */
public final class Blip2T5 extends Module implements AnswerLearner, CaptionGenerator, AnswerPredictor, TextScorer {

    private static final EncodeOptions PADDED = EncodeOptions.plain().padded(new Padding.Longest(), Side.RIGHT);

    private static final String WITHOUT_OUTPUT =
            "captions alone have no text_output: use the text processor blip_instruction, a data set whose samples have one, or blip2_opt, which learns captions";

    private final Blip2T5Config config;
    private final Tokenizer tokenizer;
    private final Blip2Bridge bridge;
    private final T5 t5Model;
    private final Linear t5Proj;
    private final T5Text text;

    /**
     * A model with unset parameters on a device, to be filled by {@link #load} or {@link #initialize()}.
     *
     * @param tokenizer of the T5 model, which this model closes
     * @throws IllegalArgumentException if it has more tokens than the T5 model
     */
    public Blip2T5(Blip2T5Config config, Tokenizer tokenizer, Device device) {
        requireFit(tokenizer, config.t5());
        this.config = config;
        this.tokenizer = tokenizer;
        bridge = child("", new Blip2Bridge(config.blip2(), QFormer.Parts.QUERIES, device));
        t5Model = child("t5_model", new T5(config.t5()));
        int width = config.blip2().qformer().hiddenSize();
        t5Proj = child("t5_proj", new Linear(width, config.t5().dModel(), true));
        to(device);
        t5Model.store(config.t5Precision().on(device).dtype());
        t5Model.requiresGrad(false);
        text = new T5Text(t5Model);
    }

    /** Refuses a tokenizer that has more tokens than the T5 model. */
    static void requireFit(Tokenizer tokenizer, T5Config t5) {
        if (tokenizer.vocabSize() > t5.vocabSize()) {
            throw new IllegalArgumentException(
                    "the tokenizer has %d tokens, T5's word table %d; expected a tokenizer.json and a config.json of one T5 model"
                            .formatted(tokenizer.vocabSize(), t5.vocabSize()));
        }
    }

    /** A model with the tokenizer in a folder, which it closes. */
    public static Blip2T5 open(Blip2T5Config config, Path folder, Device device) {
        return TokenizerOwner.of(Tokenizer.t5(folder), tokenizer -> new Blip2T5(config, tokenizer, device));
    }

    @Override
    public void close() {
        tokenizer.close();
        super.close();
    }

    /** The images as T5's encoder sees them, (B, Q, D). */
    Tensor queries(Tensor image) {
        return t5Proj.forward(bridge.query(bridge.encodeImage(image)));
    }

    /**
     * Inputs and the outputs to learn for them, all cut at {@code maxTxtLen} tokens, the end included; the loss is the
     * mean cross-entropy of the outputs' tokens and ends.
     *
     * @param texts B inputs, which may be empty texts, and B outputs
     * @throws IllegalArgumentException if the batch does not have as many outputs as inputs
     */
    @Override
    public Prepared prepare(Texts texts) {
        int inputs = texts.input().size(), outputs = texts.output().size();
        if (inputs == 0 || outputs != inputs) {
            throw new IllegalArgumentException(
                    "BLIP-2 with T5 learns to write text_output after text_input, expected as many of each and at least one, got %d and %d%s"
                            .formatted(outputs, inputs, outputs == 0 ? "; " + WITHOUT_OUTPUT : ""));
        }
        var labelled = labelled(texts);
        return image -> loss(image, labelled);
    }

    @Override
    public void backward(Tensor loss) {
        bridge.backward(loss);
    }

    T5Text.Labelled labelled(Texts texts) {
        return new T5Text.Labelled(learned(texts.input()), text.targets(learned(texts.output())));
    }

    private BatchEncoding learned(List<String> texts) {
        return tokenizer.encode(texts, PADDED.truncated(config.blip2().maxTxtLen(), Side.RIGHT));
    }

    private Losses loss(Tensor image, T5Text.Labelled texts) {
        Blip2Bridge.requireSameCount(image, texts.input().ids().length);
        return Losses.of(Scopes.keep(() -> {
            var queries = queries(image); // (B, Q, D)
            try (var amp = new Autocast(image.device(), ScalarType.BFloat16)) {
                return text.loss(queries, texts);
            }
        }));
    }

    /**
     * Captions. Each image and prompt is encoded once, whatever the numbers of beams and captions.
     *
     * @param image (B, 3, S, S), float32, on the model's device
     * @param prompts B texts that the encoder reads, uncut
     * @param generation its greatest length counts new tokens alone; its least length counts one token before the first
     *     word, as the reference's does
     * @return {@code numReturnSequences} captions of each image, adjacent, without prompt and special tokens; white
     *     space around them stays, as in the reference
     */
    @Override
    public List<String> generate(Tensor image, List<String> prompts, GenerationConfig generation) {
        return Arrays.stream(generateIds(image, prompts, generation))
                .map(tokenizer::decode)
                .toList();
    }

    /** With the decoder's start at the beginning of each row. */
    long[][] generateIds(Tensor image, List<String> prompts, GenerationConfig generation) {
        Blip2Bridge.requireSameCount(image, prompts.size());
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard()) {
            var queries = queries(image); // (B, Q, D)
            try (var amp = new Autocast(image.device(), ScalarType.BFloat16)) {
                var withStart = generation.withMaxLength(generation.maxLength() + 1);
                return text.generate(queries, tokenizer.encode(prompts, PADDED), withStart);
            }
        }
    }

    @Override
    public List<String> predictAnswers(
            Tensor image, List<String> questions, String prompt, GenerationConfig generation) {
        String template = prompt.isEmpty() ? "{}" : prompt;
        return generate(
                image, questions.stream().map(q -> template.replace("{}", q)).toList(), generation);
    }

    /** Five beams, up to 10 tokens, short answers before long ones. */
    @Override
    public GenerationConfig answerDefaults() {
        return GenerationConfig.lavis().withMaxLength(10).withLengthPenalty(-1);
    }

    /**
     * Texts to be scored by how likely this model is to write them after the configured prompt: the mean log-likelihood
     * of their tokens, the end included, which is the training loss with the sign changed. The model must be in eval
     * mode.
     *
     * @param texts as the model learns them for outputs; cut at {@code maxTxtLen}
     */
    @Override
    public Candidates candidates(List<String> texts, int textsPerBatch) {
        if (texts.isEmpty() || textsPerBatch < 1) {
            throw new IllegalArgumentException("expected at least one text to score and 1 in a batch, got %d and %d"
                    .formatted(texts.size(), textsPerBatch));
        }
        var batches = new ArrayList<CausalText.Labelled>();
        for (int start = 0; start < texts.size(); start += textsPerBatch) {
            int end = Math.min(texts.size(), start + textsPerBatch);
            batches.add(text.targets(learned(texts.subList(start, end))));
        }
        return new T5Candidates(text, this::queries, learned(List.of(config.prompt())), batches);
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
    public Blip2T5Config config() {
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
