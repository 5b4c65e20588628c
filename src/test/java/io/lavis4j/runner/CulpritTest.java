package io.lavis4j.runner;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Comparator.comparingDouble;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.lavis4j.dataset.Batch;
import io.lavis4j.dataset.BatchLoader;
import io.lavis4j.dataset.EpochBatches;
import io.lavis4j.distributed.Processes;
import io.lavis4j.features.VisionFeatures;
import io.lavis4j.golden.LibtorchFirst;
import io.lavis4j.nn.Init;
import io.lavis4j.runner.Accumulation.Normalization;
import io.lavis4j.runner.RunPlan.Position;
import io.lavis4j.task.RunListener;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.Tensors;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;

/** What a run says that ends because something is not finite. */
@ExtendWith(LibtorchFirst.class)
class CulpritTest {

    private static final int STEPS = 12, BROKEN = 5;
    private static final RunListener SILENT = new RunListener() {
        @Override
        public void step(Progress progress) {}

        @Override
        public void end(Progress progress) {}
    };

    /**
     * Batches of two samples, one of which has another text or image.
     *
     * @param text of both samples of batch {@link #BROKEN}
     * @param change of its images
     */
    private record Loader(String text, Consumer<Tensor> change) implements BatchLoader {

        @Override
        public int batchesPerEpoch() {
            return STEPS;
        }

        @Override
        public int brokenSamples() {
            return 0;
        }

        @Override
        public List<byte[]> tallies() {
            return List.of();
        }

        @Override
        public void countOn(List<byte[]> tallies) {}

        @Override
        public void keep(@Nullable VisionFeatures kept) {}

        @Override
        public boolean repeatsImages() {
            return true;
        }

        @Override
        public long views(int drawn) {
            return 2 * STEPS;
        }

        @Override
        public EpochBatches epoch(int epoch, int firstBatch) {
            var numbers = IntStream.range(firstBatch, STEPS).iterator();
            return new EpochBatches() {
                @Override
                public boolean hasNext() {
                    return numbers.hasNext();
                }

                @Override
                public Batch next() {
                    return batch(numbers.next());
                }

                @Override
                public void close() {}
            };
        }

        private Batch batch(int number) {
            if (number != BROKEN) {
                return Learner.batch(2 * number, "3", "2");
            }
            var batch = Learner.batch(2 * number, text, text);
            try (var scope = new PointerScope()) {
                change.accept(batch.image());
            }
            return batch;
        }

        @Override
        public void expect(int epoch) {}

        @Override
        public void close() {}
    }

    private static Consumer<Tensor> filled(double value) {
        return image -> image.select(0, 1).fill_(Tensors.scalar(value));
    }

    private static final Loader GRADIENT = new Loader(CountingModel.SQRT, image -> {});

    private static Learner learner(boolean inParts, OnNonFinite policy, Precision amp, int iters) {
        return new Learner(
                new CountingModel(inParts),
                new Accumulation(iters, Normalization.MEAN),
                policy,
                amp,
                Processes.alone());
    }

    private static void fill(Learner learner, String parameter, double value) {
        Init.constant(Objects.requireNonNull(learner.model.namedParameters().get(parameter)), value);
    }

    private static TrainLoop.Stats epoch(Learner learner, Loader loader) {
        return epoch(learner, loader, (at, raised, figures) -> {});
    }

    private static TrainLoop.Stats epoch(Learner learner, Loader loader, TrainLoop.SafePoint between) {
        return epoch(learner, loader, between, 50, (at, figures) -> {});
    }

    private static TrainLoop.Stats epoch(
            Learner learner, Loader loader, TrainLoop.SafePoint between, int logFreq, TrainLoop.Readings readings) {
        var plan = new RunPlan(RunPlan.Unit.EPOCH, STEPS, 3L * STEPS, STEPS, learner.step.accumGradIters());
        try (var batches = new TrainingBatches(loader, 2L * STEPS, plan.total())) {
            return new TrainLoop(learner.step, learner.schedule(), plan, logFreq, SILENT, readings)
                    .segment(new Position(2, 0), TrainLoop.Figures.NONE, batches, between)
                    .stats();
        }
    }

    private static void assertStops(Learner learner, Loader loader, String message) {
        try (learner) {
            assertThatThrownBy(() -> epoch(learner, loader))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(message);
        }
    }

    @Test
    void aGradientHasTheNameOfItsParameterAndStep() {
        assertStops(
                learner(false, Learner.STOP, Precision.FP32, 1),
                GRADIENT,
                "step 6 of epoch 2 is not finite in a gradient: forward is finite, and the gradient of first.weight is the"
                        + " first in backward that is not, for the samples 10, 11. The update was left out and"
                        + " checkpoints are intact; lower run.init_lr, or raise run.warmup_steps, or set"
                        + " run.grad_norm_clip, or leave such updates out with run.on_non_finite=skip");
    }

    @Test
    void nothingIsSavedAfterABrokenUpdateThatWasNotReadYet() {
        var saved = new ArrayList<Integer>();
        try (var learner = learner(false, Learner.STOP, Precision.FP32, 1)) {
            assertThatThrownBy(() -> epoch(learner, GRADIENT, (at, raised, figures) -> {
                        assertThat(figures.get().rates()).isPositive();
                        saved.add(at.batch());
                    }))
                    .hasMessageStartingWith("step 6 of epoch 2 is not finite in a gradient");
        }
        assertThat(saved).containsExactly(1, 2, 3, 4, 5);
    }

    @Test
    void anOutputHasTheNameOfItsLayerAndParameter() {
        assertStops(
                learner(false, Learner.STOP, Precision.FP16, 1),
                new Loader("2", filled(1e38)),
                "step 6 of epoch 2 is not finite in loss: the output of first, whose parameter is first.weight, (4, 3), is"
                        + " the first that is not finite, for the samples 10, 11. The update was left out and"
                        + " checkpoints are intact; lower run.init_lr, or raise run.warmup_steps, or set"
                        + " run.grad_norm_clip, or set run.amp_dtype=bf16, whose range is fp32's, or leave such updates"
                        + " out with run.on_non_finite=skip");
    }

    @Test
    void anImageHasTheNameOfItsSample() {
        try (var learner = learner(false, Learner.STOP, Precision.FP32, 1)) {
            assertThatThrownBy(() -> epoch(learner, new Loader("2", filled(Double.NaN))))
                    .hasMessageStartingWith(
                            "step 6 of epoch 2 is not finite in loss: the images of the samples 11 are not finite. The");
        }
    }

    @Test
    void aPartOfTheLossIsNamed() {
        try (var learner = learner(true, Learner.STOP, Precision.FP32, 1)) {
            fill(learner, "second.weight", 0);
            fill(learner, "second.bias", 0);
            learner.rate = 0;
            var allRight = new Loader("1", image -> {}); // the logarithm of a loss of 0
            assertThatThrownBy(() -> epoch(learner, allRight))
                    .hasMessageStartingWith("step 6 of epoch 2 is not finite in loss_b, loss: every layer's output is"
                            + " finite, loss_b is the first that is not, for the samples 10, 11. The");
        }
    }

    @Test
    void aParameterIsNamedItself() {
        try (var learner = learner(false, Learner.STOP, Precision.FP32, 1)) {
            fill(learner, "second.bias", Double.NaN);
            assertThatThrownBy(() -> epoch(learner, GRADIENT))
                    .hasMessageStartingWith(
                            "step 1 of epoch 2 is not finite in loss: parameter second.bias is not finite");
        }
    }

    @Test
    void gradientsWhoseNormOverflowsAreSaidToBeFinite() {
        try (var learner = learner(false, Learner.STOP, Precision.FP32, 1)) {
            assertThatThrownBy(() -> epoch(learner, new Loader("2", filled(1e18))))
                    .hasMessageStartingWith("step 6 of epoch 2 is not finite in a gradient: forward and each gradient"
                            + " are finite, and the norm of all gradients is above 1e19, for the samples 10, 11. The");
        }
    }

    @Test
    void theFirstStepOfAWindowIsNamed() {
        try (var learner = learner(false, Learner.STOP, Precision.FP32, 4)) {
            assertThatThrownBy(() -> epoch(learner, GRADIENT))
                    .hasMessageStartingWith("step 5 of epoch 2 is not finite in a gradient: forward is finite")
                    .hasMessageContaining("samples 10, 11");
        }
    }

    @Test
    void batchesOfTheNextWindowAreNotCounted() {
        try (var learner = learner(false, Learner.STOP, Precision.FP32, 4)) {
            assertThatThrownBy(() -> epoch(learner, GRADIENT, (at, raised, f) -> {}, 9, (at, f) -> {}))
                    .hasMessageStartingWith("step 5 of epoch 2 is not finite in a gradient");
        }
    }

    @Test
    void speedsAreOfTheBatchesSinceTheReadingBefore() {
        var tokensASample = new ArrayList<Double>();
        try (var learner = learner(false, Learner.STOP, Precision.FP32, 1)) {
            epoch(learner, new Loader("3", image -> {}), (at, raised, f) -> {}, 3, (at, figures) -> {
                double tokens = figures.getOrDefault("tokens_per_second", 0).doubleValue();
                tokensASample.add(
                        tokens / figures.getOrDefault("samples_per_second", 0).doubleValue());
            });
        }
        assertThat(tokensASample)
                .usingElementComparator(comparingDouble(t -> Math.rint(1e6 * t)))
                .containsExactly(2.5, 16 / 6.0, 2.5, 2.5);
    }

    @Test
    void anUpdateMayBeginInOneEpochOfTheDataAndBreakInTheNext() {
        try (var learner = learner(false, Learner.STOP, Precision.FP32, BROKEN + 3)) {
            assertThat(new Culprit(learner.step).error(List.of("loss"), GRADIENT, STEPS - 2, BROKEN + 3))
                    .hasMessageStartingWith("step 11 of epoch 0 is not finite in loss: forward is finite, and the"
                            + " gradient of first.weight is the first in backward that is not, for the samples 10, 11");
            assertThat(new Culprit(learner.step).error(List.of("loss"), GRADIENT, 0, BROKEN))
                    .as("of an update that ends before")
                    .hasMessageContaining("with other dropout its batches are finite");
        }
    }

    @Test
    void skippedUpdatesAreLoggedAndTheEpochHasTheMeanOfTheOthers() {
        var warnings = new ListAppender<ILoggingEvent>();
        var logger = (Logger) LoggerFactory.getLogger(TrainLoop.class);
        warnings.start();
        logger.addAppender(warnings);
        try (var learner = learner(false, Learner.skip(1), Precision.FP32, 1)) {
            assertThat(epoch(learner, new Loader("2", filled(Double.NaN))).loss())
                    .isFinite();
        } finally {
            logger.detachAppender(warnings);
        }
        assertThat(warnings.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly("1 updates before step 13 of epoch 2 were left out, as they were not finite: [loss]");
    }

    @Test
    void aRowOfSkippedUpdatesSaysHowManyMayCome() {
        try (var learner = learner(false, Learner.skip(1), Precision.FP32, 1)) {
            fill(learner, "first.bias", Double.POSITIVE_INFINITY);
            assertThatThrownBy(() -> epoch(learner, GRADIENT))
                    .hasMessageStartingWith(
                            "step 2 of epoch 2 is not finite in loss: parameter first.bias is not finite")
                    .hasMessageContaining("more than run.max_non_finite_steps=1 updates in a row")
                    .hasMessageNotContaining("on_non_finite=skip");
        }
    }

    /** As a process whose own batches are finite, beside one that has found something. */
    private static Processes beside(String found) {
        return (Processes) Proxy.newProxyInstance(
                Processes.class.getClassLoader(),
                new Class<?>[] {Processes.class},
                (proxy, method, arguments) -> arguments != null && arguments[0] instanceof byte[] own
                        ? List.of(own, found.getBytes(UTF_8))
                        : method.invoke(Processes.alone(), arguments));
    }

    @Test
    void whatAnyProcessFindsAllSay() {
        var processes = beside("the images of the samples 7 are not finite");
        try (var learner =
                new Learner(new CountingModel(false), Accumulation.NONE, Learner.STOP, Precision.FP32, processes)) {
            var error = new Culprit(learner.step).error(List.of("loss"), new Loader("2", image -> {}), 0, 3);
            assertThat(error).hasMessageContaining("in loss: the images of the samples 7 are not finite. The update");
        }
    }

    @Test
    void withoutACulpritItSaysSo() {
        try (var learner = learner(false, Learner.STOP, Precision.FP32, 1)) {
            var error = new Culprit(learner.step).error(List.of("loss"), new Loader("2", image -> {}), 3, 1);
            assertThat(error).hasMessageContaining("with other dropout its batches are finite");
        }
    }
}
