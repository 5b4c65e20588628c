package io.lavis4j.quickstart;

import io.lavis4j.nn.Module;
import io.lavis4j.optim.AdamW;
import io.lavis4j.optim.LrSchedule;
import io.lavis4j.optim.ParameterGroup;
import io.lavis4j.optim.ScheduleType;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The training of a small language model: batches of {@link LanguageModelText} whose clues stand where BLIP-2's query
 * outputs will stand, so that the model has learned to speak about what is in these places before any image is.
 */
final class ClueLessons {

    /** Tokens of a clue; the query tokens of the models that use these language models, Q. */
    static final int PREFIX = 8;

    static final int SEED = 42;

    private static final Logger LOG = LoggerFactory.getLogger(ClueLessons.class);

    private static final int BATCH = 64;
    private static final int EPOCHS = 12;
    private static final int STEPS_PER_EPOCH = 50;
    private static final double FROM_PAIRS = 0.6;
    private static final double WEIGHT_DECAY = 0.01;

    private final List<List<ClueAndInference>> pairs = LanguageModelText.ofPairs();
    private final List<List<ClueAndInference>> others = LanguageModelText.ofOthers();
    private final Random random = new Random(SEED);

    /** All texts that there are, in their order. */
    static Stream<ClueAndInference> texts() {
        return Stream.concat(LanguageModelText.ofPairs().stream(), LanguageModelText.ofOthers().stream())
                .flatMap(List::stream);
    }

    /**
     * Trains a model.
     *
     * @param loss of a batch
     * @return the last epoch's mean loss
     */
    double train(Module model, Function<List<ClueAndInference>, Tensor> loss) {
        var schedule = new LrSchedule(ScheduleType.LINEAR_WARMUP_COSINE, EPOCHS, 2e-3, 2e-5, 0, STEPS_PER_EPOCH, 1);
        double mean = 0;
        try (var optimizer = new AdamW(ParameterGroup.of(model, null, WEIGHT_DECAY, 1), 0, 0.98)) {
            for (int epoch = 0; epoch < EPOCHS; epoch++) {
                double total = 0;
                for (int step = 0; step < STEPS_PER_EPOCH; step++) {
                    try (var scope = new PointerScope()) {
                        optimizer.lr(schedule.lr(epoch, step));
                        var value = loss.apply(draw());
                        value.backward();
                        optimizer.step();
                        optimizer.zeroGrad();
                        total += value.item_double();
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
            batch.add(one(one(groups)));
        }
        return batch;
    }

    /** One of a list, drawn by lot. */
    <T> T one(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    /**
     * The words of a clue, in order, in random places among {@link #PREFIX}.
     *
     * @param filler token of the other places
     */
    long[] prefix(long[] words, long filler) {
        if (words.length > PREFIX) {
            throw new IllegalStateException("expected at most %d tokens, got %d".formatted(PREFIX, words.length));
        }
        long[] prefix = new long[PREFIX];
        int used = 0;
        for (int i = 0; i < PREFIX; i++) {
            int left = words.length - used;
            boolean word = random.nextInt(PREFIX - i) < left;
            prefix[i] = word ? words[used++] : filler;
        }
        return prefix;
    }
}
