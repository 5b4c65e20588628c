package io.lavis4j.estimate;

import io.lavis4j.model.clipvit.ClipVitConfig;
import io.lavis4j.model.llama.LlamaConfig;
import io.lavis4j.model.opt.OptConfig;
import io.lavis4j.model.qformer.QFormer;
import io.lavis4j.model.t5.T5Config;
import io.lavis4j.nn.ChunkedCrossEntropy;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Precision;
import io.lavis4j.zoo.LanguageModelShape;
import io.lavis4j.zoo.ModelShape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a model computes, and what its parts then make of a batch.
 *
 * @param shape of the model
 * @param gpu whether it is on a GPU, where the vision encoder and the language model are autocast in any case
 * @param amp whether the rest is, too
 */
record Arithmetic(ModelShape shape, boolean gpu, boolean amp) {

    /** Pairs of an image and a text that the first stage matches, for each sample: its own, and two that are wrong. */
    static final int PAIRS = 3;

    /** Whether what is trained is copied in 16 bits. */
    boolean castsVision() {
        return gpu;
    }

    /** The same of Q-Former and projection. */
    boolean castsQFormer() {
        return gpu && amp;
    }

    /** Whether copies in 16 bits last while words are written: OPT's {@code generate} is autocast as a whole. */
    boolean castsWhileWriting() {
        return gpu && languageConfig() instanceof OptConfig;
    }

    private Numbers visionNumbers() {
        boolean clip = shape.blip2().vision() instanceof ClipVitConfig; // whose stream has the type of its results
        int result = gpu ? Numbers.HALF : bytes(shape.blip2().vitPrecision());
        int stream = clip ? result : Numbers.FLOAT;
        return gpu ? Numbers.halfOnGpu(stream) : Numbers.onCpu(result, stream);
    }

    private static int bytes(Precision precision) {
        return precision.on(Devices.cpu()) == Precision.FP32 ? Numbers.FLOAT : Numbers.HALF;
    }

    private Numbers qformerNumbers() {
        if (gpu) {
            return amp ? Numbers.halfOnGpu(Numbers.FLOAT) : Numbers.floatOnGpu();
        }
        return Numbers.onCpu(Numbers.FLOAT, Numbers.FLOAT).withDropout();
    }

    /** The stream of decoder-only models has the type of the query outputs, T5's is float32. */
    private Numbers languageNumbers(LanguageModelShape language, boolean ofQueries) {
        int stream = ofQueries && castsQFormer() ? Numbers.HALF : Numbers.FLOAT;
        return gpu ? Numbers.halfOnGpu(stream) : Numbers.onCpu(computed(language), stream);
    }

    /** Bytes of a number while a language model computes on a CPU. */
    private static int computed(LanguageModelShape language) {
        var storage = language.storage();
        return language.config() instanceof T5Config && !storage.in8Bits() ? bytes(storage.precision()) : Numbers.FLOAT;
    }

    VisionActivations vision(long images) {
        return VisionActivations.of(shape.blip2().vision(), visionNumbers(), images);
    }

    /** Image tokens as the Q-Former reads them. */
    long imageTokens(long images) {
        var vision = vision(images);
        return vision.tokens() * vision.width() * visionOutput();
    }

    /** Bytes of a number of the vision encoder's output. */
    int visionOutput() {
        return visionNumbers().stream();
    }

    /** Image tokens as {@code ln_vision} keeps them. */
    long normedTokens(long images) {
        var vision = vision(images);
        return vision.tokens() * vision.width() * Numbers.FLOAT;
    }

    /** Whether there is no language model. */
    boolean firstStage() {
        return shape.languageModel() == null;
    }

    /** Query tokens, Q. */
    int queries() {
        return shape.blip2().qformer().numQueries();
    }

    private int maxTextTokens() {
        return shape.blip2().maxTxtLen();
    }

    /** The Q-Former's passes over a batch: in the first stage queries, texts, pairs and captions after queries. */
    List<QFormerActivations> qformer(long rows) {
        int Q = queries(), T = maxTextTokens();
        long N = vision(1).tokens();
        if (firstStage()) {
            return List.of(
                    qformer(rows, Q, 0, N),
                    qformer(rows, 0, T, 0),
                    qformer(PAIRS * rows, Q, T, N),
                    qformer(rows, 0, T, 0));
        }
        return List.of(qformer(rows, Q, shape.parts() == QFormer.Parts.QUERIES ? 0 : T, N));
    }

    private QFormerActivations qformer(long rows, int queries, int words, long imageTokens) {
        return new QFormerActivations(shape.blip2().qformer(), qformerNumbers(), rows, queries, words, imageTokens);
    }

    /**
     * What writes words.
     *
     * @param read tokens that it reads of a row
     * @param written tokens that it writes in an encoder's answer, or predicts from those that it reads
     */
    CachedActivations language(long rows, long read, long written) {
        var language = shape.languageModel();
        if (language != null && language.config() instanceof OptConfig opt) {
            return new OptActivations(opt, languageNumbers(language, true), rows, read, written);
        }
        if (language != null && language.config() instanceof LlamaConfig llama) {
            return new LlamaActivations(llama, languageNumbers(language, true), rows, read, written);
        }
        if (language != null && language.config() instanceof T5Config t5) {
            return new T5Activations(t5, languageNumbers(language, false), rows, read, written);
        }
        return qformer(rows, queries(), 0, vision(1).tokens());
    }

    /** Whether a row is one text that the language model reads and continues. */
    boolean decoderOnly() {
        return !(languageConfig() instanceof T5Config);
    }

    private @Nullable Record languageConfig() {
        var language = shape.languageModel();
        return language == null ? null : language.config();
    }

    /** What the language model keeps of a batch that is learned, of texts as long as they may be. */
    CachedActivations learned(long rows) {
        long read = queries() + (long) maxTextTokens(), answer = shape.maxAnswerLen();
        return decoderOnly() ? language(rows, read + answer, targets(1)) : language(rows, read, answer);
    }

    /** Words that are predicted in a batch that is learned. */
    long targets(long rows) {
        return rows * (shape.maxAnswerLen() == 0 ? maxTextTokens() : shape.maxAnswerLen());
    }

    /** Of a batch that is learned: scores of words of as many rows as are scored at once, and gradients of all rows. */
    long learnedLogits(long targets) {
        var language = shape.languageModel();
        long width = shape.blip2().qformer().hiddenSize(), rows = Math.min(targets, ChunkedCrossEntropy.ROWS);
        long kept = 0;
        if (language == null) {
            rows = ChunkedCrossEntropy.rowsAtOnce(targets, width);
            kept = rows < targets ? (targets + shape.blip2().qformer().vocabSize()) * width * Numbers.FLOAT : 0;
        }
        return logits(rows) + kept;
    }

    /** Scores of words: as they come, in float32, and their logarithms or gradients. */
    long logits(long targets) {
        var language = shape.languageModel();
        if (language == null) {
            return targets
                    * shape.blip2().qformer().vocabSize()
                    * (qformerNumbers().result() + 2L * Numbers.FLOAT);
        }
        int result = gpu ? Numbers.HALF : language.config() instanceof T5Config ? Numbers.HALF : Numbers.FLOAT;
        return targets * language.vocabSize() * (result + 2L * Numbers.FLOAT);
    }
}
