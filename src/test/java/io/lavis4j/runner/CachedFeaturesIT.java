package io.lavis4j.runner;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.lavis4j.features.VisionFeatures;
import io.lavis4j.fixture.SteadyRows;
import io.lavis4j.golden.LibtorchFirst;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Runs that keep vision features learn what others do, bit for bit, and go on bit for bit. */
@ExtendWith(LibtorchFirst.class)
class CachedFeaturesIT {

    private static final String WHOLE_IMAGES = "datasets.sherlock_caption.vis_processor.train.name=blip_image_eval";

    @TempDir
    Path outputs = Path.of("");

    private MiniRuns runs(String... options) {
        return MiniRuns.in(
                        outputs,
                        "model.freeze_vit=True",
                        "run.valid_splits=[]",
                        "run.accum_grad_iters=3",
                        "run.log_freq=1",
                        "run.max_epoch=3",
                        "run.save_freq=1")
                .with(options);
    }

    private Path kept() throws IOException {
        try (var folders = Files.list(outputs.resolve("vision_features"))) {
            return folders.findFirst().orElseThrow();
        }
    }

    @Test
    void keptFeaturesChangeNoNumber() throws IOException {
        SteadyRows.assume();
        var plain = runs(WHOLE_IMAGES).train();
        MiniRuns.assertSameNumbers(
                runs(WHOLE_IMAGES, "run.cache_vision_features=memory").train(), plain, 2);
        var onDisk = runs(WHOLE_IMAGES, "run.cache_vision_features=disk");
        MiniRuns.assertSameNumbers(onDisk.train(), plain, 2);
        try (var files = Files.list(kept())) {
            assertThat(files).as("about.txt and a segment").hasSize(2);
        }
        MiniRuns.assertSameNumbers(onDisk.train(), plain, 2);
        try (var files = Files.list(kept())) {
            assertThat(files).as("the second run writes nothing").hasSize(2);
        }
    }

    /** Also after a first epoch in which training and validation compute features of other images. */
    @Test
    void aSplitThatIsValidatedIsEncodedOnceAndItsScoresStay() throws IOException {
        SteadyRows.assume();
        var said = new ListAppender<ILoggingEvent>();
        var logger = (Logger) LoggerFactory.getLogger(VisionFeatures.class);
        var validated = runs(WHOLE_IMAGES, "run.valid_splits=[val]");
        var plain = validated.train();
        var level = logger.getLevel();
        said.start();
        logger.setLevel(Level.INFO);
        logger.addAppender(said);
        RunDirectory kept;
        try {
            kept = validated.with("run.cache_vision_features=memory").train();
        } finally {
            logger.detachAppender(said);
            logger.setLevel(level);
        }
        MiniRuns.assertSameNumbers(kept, plain, 2);
        for (int epoch = 0; epoch < 3; epoch++) {
            var name = "val_epoch%d.json".formatted(epoch);
            assertThat(kept.result().resolve(name))
                    .hasSameTextualContentAs(plain.result().resolve(name));
        }
        var messages =
                said.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
        assertThat(messages.get(0)).contains("80 views of ");
        var counts = Pattern.compile("Vision features: (\\d+) computed, (\\d+) read")
                .matcher(messages.get(messages.size() - 1));
        assertThat(counts.matches()).isTrue();
        int computed = Integer.parseInt(counts.group(1)), read = Integer.parseInt(counts.group(2));
        assertThat(computed + read).as("in three epochs").isEqualTo(3 * 80);
        assertThat(computed)
                .as("each once, but for what is loaded ahead before it is kept")
                .isBetween(80, 90);
    }

    @ParameterizedTest
    @CsvSource({
        "4, run.cache_vision_features=memory, run.cache_vision_views=2",
        "11, run.cache_vision_features=disk, run.cache_vision_dtype=int8",
        "10, run.cache_vision_features=disk, run.amp=True"
    })
    void aRunThatIsInterruptedGoesOnBitForBit(int steps, String first, String second) {
        if (first.endsWith("memory")) { // which is gone: features are made again, at other places
            SteadyRows.assume();
        }
        var runs = second.contains("views") ? runs(first, second) : runs(WHOLE_IMAGES, first, second);
        var stopped = runs.stopped(MiniRuns::training, steps);
        MiniRuns.assertSame(runs.resume(stopped.path()), runs.train());
    }

    @ParameterizedTest
    @ValueSource(ints = {7})
    void byIterationsToo(int steps) {
        SteadyRows.assume();
        var runs = runs(
                WHOLE_IMAGES,
                "run.cache_vision_features=memory",
                "run.runner=runner_iter",
                "run.max_epoch=null",
                "run.max_iters=20",
                "run.iters_per_inner_epoch=6");
        var stopped = runs.stopped(MiniRuns::training, steps);
        MiniRuns.assertSame(runs.resume(stopped.path()), runs.train());
    }
}
