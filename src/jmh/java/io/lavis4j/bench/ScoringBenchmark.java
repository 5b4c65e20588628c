package io.lavis4j.bench;

import io.lavis4j.model.TextScorer;
import io.lavis4j.model.blip2.Blip2Opt;
import io.lavis4j.model.opt.Opt;
import io.lavis4j.nn.CrossEntropy;
import io.lavis4j.tensor.Autocast;
import io.lavis4j.tensor.Tensors;
import io.lavis4j.tokenize.EncodeOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * One image scored against 1,000 texts, as a region of a retrieval split is; beside it, in turns, the texts alone.
 *
 * <p>The texts alone are as many tokens in the same batches through the same language model with nothing in front of
 * them, and as many predicted words. At the end the ratio of the two is printed, the median over all turns.
 */
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init") // JMH calls the set-up method before any other
public class ScoringBenchmark {

    static final int TEXTS = 1000;

    private static final int BATCH = 64;
    private static final List<String> WORDS = List.of("a", "cat", "dog", "red", "house", "of", "the", "rain", "will");

    private Blip2Opt model;
    private TextScorer.Candidates candidates;
    private Tensor image;
    private List<Batch> batches;
    private final List<Double> ratios = new ArrayList<>();
    private long aloneNanos;

    /** Token ids (R, T) padded on the right, their mask, and which of the R T states predict which words. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Batch(long[][] ids, long[][] mask, long[] rows, long[] targets) {}

    /** Texts of 4 to 12 words, always the same. */
    static List<String> texts() {
        var random = new Random(11);
        return IntStream.range(0, TEXTS)
                .mapToObj(i -> IntStream.range(0, 4 + random.nextInt(9))
                        .mapToObj(word -> WORDS.get(random.nextInt(WORDS.size())))
                        .collect(Collectors.joining(" ")))
                .toList();
    }

    /** Rows of tokens after the one at the start, the last not among them: what the language model reads. */
    private static List<long[]> read() {
        try (var tokenizer = Blip2.tokenizer()) {
            return texts().stream()
                    .map(text -> tokenizer.encode(text + "\n", EncodeOptions.plain()))
                    .map(row -> Arrays.copyOfRange(row.ids(), 1, row.ids().length - 1))
                    .toList();
        }
    }

    /** Tokens that the language model reads of all texts. */
    static long tokens() {
        return read().stream().mapToLong(row -> row.length).sum();
    }

    /** Builds the model, and the texts in the two forms. */
    @Setup
    public void build(Setting setting) {
        model = Blip2.create(setting, TrainingBenchmark.Vit.FROZEN, TrainingBenchmark.TEXT_TOKENS);
        model.eval();
        long S = model.visualEncoder().imageSize();
        image = setting.random(1, 3, S, S);
        candidates = model.candidates(texts(), BATCH);
        var sorted = read().stream()
                .sorted(Comparator.comparingInt(row -> row.length))
                .toList();
        batches = IntStream.iterate(0, start -> start < TEXTS, start -> start + BATCH)
                .mapToObj(start -> batch(sorted.subList(start, Math.min(TEXTS, start + BATCH))))
                .toList();
    }

    private static Batch batch(List<long[]> rows) {
        int T = rows.get(rows.size() - 1).length;
        long[][] ids = new long[rows.size()][T], mask = new long[rows.size()][T];
        var states = new ArrayList<Long>();
        for (int r = 0; r < ids.length; r++) {
            Arrays.fill(ids[r], 1);
            System.arraycopy(rows.get(r), 0, ids[r], 0, rows.get(r).length);
            for (int t = 0; t < rows.get(r).length; t++) {
                mask[r][t] = 1;
                states.add((long) r * T + t);
            }
        }
        long[] predicting = states.stream().mapToLong(Long::longValue).toArray();
        long[] targets = Arrays.stream(predicting)
                .map(state -> ids[(int) (state / T)][(int) (state % T)])
                .toArray();
        return new Batch(ids, mask, predicting, targets);
    }

    /** The texts alone, timed, before each turn of {@link #imageAndTexts}. */
    @Setup(Level.Invocation)
    public void textsAlone() {
        long start = System.nanoTime();
        try (var noGrad = new NoGradGuard();
                var amp = new Autocast(image.device(), model.precision())) {
            for (var batch : batches) {
                run(model.languageModel(), batch);
            }
        }
        aloneNanos = System.nanoTime() - start;
    }

    private float[] run(Opt opt, Batch batch) {
        try (var scope = new PointerScope()) {
            var device = image.device();
            var hidden = opt.forward(opt.embed(Tensors.of(batch.ids(), device)), Tensors.of(batch.mask(), device));
            var states = hidden.view(hidden.size(0) * hidden.size(1), hidden.size(2));
            var logits = opt.logits(states.index_select(0, Tensors.of(batch.rows(), device)));
            return Tensors.floats(CrossEntropy.perRow(logits, Tensors.of(batch.targets(), device)));
        }
    }

    /** From the image to a score for each text. */
    @Benchmark
    public float[] imageAndTexts() {
        long start = System.nanoTime();
        float[] scores = candidates.score(image);
        ratios.add((double) (System.nanoTime() - start) / aloneNanos);
        return scores;
    }

    /** Prints the ratio and frees the model. */
    @TearDown
    @SuppressWarnings("SystemOut")
    public void close(Setting setting) {
        double[] sorted =
                ratios.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        System.out.printf(
                Locale.ROOT,
                "%nsize %s, %s, %s: an image and %d texts of %.1f tokens cost %.3f times the texts alone"
                        + " (median of %d turns, %.3f to %.3f)%n",
                setting.size,
                setting.precision(),
                setting.device,
                TEXTS,
                (double) tokens() / TEXTS,
                sorted[sorted.length / 2],
                sorted.length,
                sorted[0],
                sorted[sorted.length - 1]);
        candidates.close();
        model.close();
        image.close();
    }
}
