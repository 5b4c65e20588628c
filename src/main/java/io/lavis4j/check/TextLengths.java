package io.lavis4j.check;

import io.lavis4j.dataset.SampleTexts;
import io.lavis4j.tokenize.Tokenizer;
import io.lavis4j.zoo.ModelType;
import io.lavis4j.zoo.TextLimit;
import io.lavis4j.zoo.WeightFiles;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A model's tokenizers, which measure texts. {@link #measure} is safe for several threads. */
final class TextLengths implements AutoCloseable {

    /** Of a text that a sample does not have, or that is blank. */
    private static final int NONE = -1;

    private final List<TextLimit> limits;
    private final Map<String, Tokenizer> tokenizers;

    private TextLengths(List<TextLimit> limits, Map<String, Tokenizer> tokenizers) {
        this.limits = limits;
        this.tokenizers = tokenizers;
    }

    /** Measures nothing. */
    static TextLengths none() {
        return new TextLengths(List.of(), Map.of());
    }

    /**
     * The tokenizers of a model.
     *
     * @throws UncheckedIOException if one is nowhere or cannot be read
     * @throws IllegalArgumentException if one is not of its kind
     */
    static TextLengths of(ModelType<?> model, WeightFiles weights) {
        var lengths = new TextLengths(model.textLimits(), new HashMap<>());
        try {
            for (var limit : lengths.limits) {
                if (!lengths.tokenizers.containsKey(limit.reference())) {
                    var folder = weights.tokenizer(limit.reference());
                    lengths.tokenizers.put(limit.reference(), limit.tokenizer().apply(folder));
                }
            }
            return lengths;
        } catch (UncheckedIOException | IllegalArgumentException e) {
            lengths.close();
            throw e;
        }
    }

    /**
     * Tokens of a sample's texts as they are learned, by limit. Where a model learns answers, a text without one is the
     * answer to the model's prompt.
     */
    int[] measure(SampleTexts texts) {
        boolean answers = limits.stream().anyMatch(TextLimit::isOutput);
        String output = texts.textOutput() == null && answers ? texts.textInput() : texts.textOutput();
        String input = texts.textOutput() == null && answers ? null : texts.textInput();
        return limits.stream()
                .mapToInt(limit -> length(limit, limit.isOutput() ? output : input))
                .toArray();
    }

    private int length(TextLimit limit, @Nullable String text) {
        var tokenizer = tokenizers.get(limit.reference());
        return tokenizer == null || text == null || text.isBlank() ? NONE : limit.length(tokenizer, text);
    }

    @Override
    public void close() {
        tokenizers.values().forEach(Tokenizer::close);
    }

    /** Sums of the lengths of one split. */
    final class Sums {
        private final long[] texts = new long[limits.size()];
        private final long[] sums = new long[limits.size()];
        private final int[] longest = new int[limits.size()];
        private final long[] cut = new long[limits.size()];

        /**
         * Adds a sample.
         *
         * @param tokens of {@link #measure}
         * @return the limit that a text of it is longer than; {@code null} if there is none
         */
        @Nullable
        TextLimit add(int[] tokens) {
            TextLimit passed = null;
            for (int i = 0; i < tokens.length; i++) {
                if (tokens[i] == NONE) {
                    continue;
                }
                texts[i]++;
                sums[i] += tokens[i];
                longest[i] = Math.max(longest[i], tokens[i]);
                if (tokens[i] > limits.get(i).tokens()) {
                    cut[i]++;
                    passed = limits.get(i);
                }
            }
            return passed;
        }

        List<TextSummary> summaries() {
            var summaries = new ArrayList<TextSummary>();
            for (int i = 0; i < texts.length; i++) {
                if (texts[i] > 0) {
                    var limit = limits.get(i);
                    summaries.add(new TextSummary(
                            limit.isOutput() ? "text_output" : "text_input",
                            limit.key(),
                            limit.tokens(),
                            texts[i],
                            (double) sums[i] / texts[i],
                            longest[i],
                            cut[i]));
                }
            }
            return summaries;
        }
    }
}
