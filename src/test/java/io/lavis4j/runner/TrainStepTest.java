package io.lavis4j.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.lavis4j.checkpoint.Checkpoints;
import io.lavis4j.dataset.Batch;
import io.lavis4j.distributed.Processes;
import io.lavis4j.golden.LibtorchFirst;
import io.lavis4j.optim.GradNorm;
import io.lavis4j.optim.GradScaler;
import io.lavis4j.runner.Accumulation.Normalization;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.Tensors;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Updates from several batches, and updates that are left out. */
@ExtendWith(LibtorchFirst.class)
class TrainStepTest {

    private static final double TOLERANCE = 1e-6;

    private static Batch few() {
        return Learner.batch(0, "1", "2");
    }

    private static Batch many() {
        return Learner.batch(2, "9", "4");
    }

    private static Batch broken() {
        return Learner.batch(4, CountingModel.SQRT, "3");
    }

    private static void assertSame(Map<String, float[]> actual, Map<String, float[]> expected) {
        assertThat(actual).containsOnlyKeys(expected.keySet());
        expected.forEach((name, values) -> assertThat(actual.get(name))
                .as(name)
                .usingComparatorWithPrecision(1e-6f)
                .containsExactly(values));
    }

    /** Norm of the gradients of one update. */
    private static double gradNorm(Normalization normalization, int iters, Batch... batches) {
        try (var learner = Learner.by(normalization, iters)) {
            for (int i = 0; i < batches.length; i++) {
                learner.learn(batches[i], i == batches.length - 1);
            }
            return learner.read().gradNorm();
        }
    }

    @Test
    void byTokensAWindowIsTheUpdateOfTheJoinedBatch() {
        try (var window = Learner.by(Normalization.TOKENS, 2);
                var joined = Learner.by(Normalization.MEAN, 1)) {
            for (int i = 0; i < 3; i++) {
                window.learn(few(), false);
                window.learn(many(), true);
                joined.learn(Learner.batch(0, "1", "2", "9", "4"), true);
                assertThat(window.read().gradNorm()).isCloseTo(joined.read().gradNorm(), within(TOLERANCE));
            }
            assertSame(window.parameters(), joined.parameters());
        }
        assertThat(gradNorm(Normalization.MEAN, 2, few(), many()))
                .as("where each batch counts as much")
                .isNotCloseTo(gradNorm(Normalization.MEAN, 1, Learner.batch(0, "1", "2", "9", "4")), within(0.01));
    }

    @ParameterizedTest
    @EnumSource
    void aShorterWindowIsTheMeanOfAsManyBatchesAsItHas(Normalization normalization) {
        assertThat(gradNorm(normalization, 5, few(), many()))
                .isCloseTo(gradNorm(normalization, 2, few(), many()), within(TOLERANCE));
    }

    @Test
    void theNextWindowStartsAnew() {
        try (var learner = Learner.by(Normalization.TOKENS, 2);
                var other = Learner.by(Normalization.TOKENS, 2)) {
            for (var one : List.of(learner, other)) {
                one.learn(few(), false);
                one.learn(many(), true);
            }
            learner.learn(many(), true);
            other.learn(many(), false);
            other.learn(many(), true);
            assertThat(learner.read().gradNorm()).isCloseTo(other.read().gradNorm(), within(TOLERANCE));
        }
    }

    /** Another process that has learned {@code tokens} with gradients of zero. */
    record Other(int tokens) implements Processes {

        @Override
        public int rank() {
            return 0;
        }

        @Override
        public int world() {
            return 2;
        }

        @Override
        public void barrier() {
            throw new AssertionError("nothing is waited for");
        }

        @Override
        public void broadcast(List<Tensor> tensors, int from) {
            throw new AssertionError("nothing is told");
        }

        @Override
        public void sum(Tensor tensor) {
            tensor.select(0, 1).add_(Tensors.scalar(tokens));
        }

        @Override
        public List<Tensor> gather(Tensor tensor) {
            throw new AssertionError("nothing is gathered");
        }

        @Override
        public Pending beginSum(Tensor tensor) {
            return () -> {};
        }

        @Override
        public List<byte[]> gather(byte[] bytes) {
            return List.of(bytes, bytes);
        }

        @Override
        public String device(String configured) {
            return configured;
        }

        @Override
        public void fail(String reason) {
            throw new AssertionError(reason);
        }

        @Override
        public void close() {}
    }

    @Test
    void tokensOfAllProcessesAreWhatGradientsAreDividedBy() {
        var byTokens = new Accumulation(2, Normalization.TOKENS);
        int own = 16, other = 48;
        try (var learner = new Learner(new CountingModel(), byTokens, Learner.STOP, Precision.FP32, new Other(other))) {
            learner.learn(few(), false);
            learner.learn(many(), true);
            double alone = gradNorm(Normalization.TOKENS, 2, few(), many());
            assertThat(learner.read().gradNorm()).isCloseTo(alone * own / (own + other), within(TOLERANCE));
        }
    }

    /** Samples 0 to 3 have 2, 3, 4 and 5 tokens. */
    private static Batch weighted(int first, int end) {
        double[] weights = {0.5, 2, 1, 3};
        var texts =
                IntStream.range(first, end).mapToObj(i -> String.valueOf(2 + i)).toArray(String[]::new);
        var plain = Learner.batch(first, texts);
        var samples = IntStream.range(0, texts.length)
                .mapToObj(b -> plain.samples().get(b).withWeight(weights[first + b]))
                .toList();
        return new Batch(plain.image(), samples);
    }

    @Test
    void aTokenCountsAsMuchAsItsSamplesWeight() {
        double together = gradNorm(Normalization.MEAN, 1, weighted(0, 4));
        assertThat(gradNorm(Normalization.TOKENS, 2, weighted(0, 2), weighted(2, 4)))
                .isCloseTo(together, within(TOLERANCE));
        assertThat(gradNorm(Normalization.MEAN, 2, weighted(0, 2), weighted(2, 4)))
                .isNotCloseTo(together, within(TOLERANCE));
        assertThat(gradNorm(Normalization.MEAN, 1, Learner.batch(0, "2", "3", "4", "5")))
                .as("without weights")
                .isNotCloseTo(together, within(TOLERANCE));
    }

    @Test
    void tokensOfALargeBatchOverflowNoScaledGradient() {
        var large = Collections.nCopies(32, "30").toArray(String[]::new);
        var byTokens = new Accumulation(2, Normalization.TOKENS);
        try (var learner =
                new Learner(new CountingModel(), byTokens, Learner.STOP, Precision.FP16, Processes.alone())) {
            scaler(learner).loadStateDict(Map.of("scale", 64.0, "_growth_tracker", 0L));
            learner.learn(Learner.batch(0, large), false);
            learner.learn(Learner.batch(32, large), true);
            assertThat(learner.read().gradNorm())
                    .isCloseTo(
                            gradNorm(Normalization.TOKENS, 2, Learner.batch(0, large), Learner.batch(32, large)),
                            withinPercentage(1));
            assertThat(scaler(learner).stateDict()).as("no step was skipped").containsEntry("scale", 64.0);
        }
    }

    private static GradScaler scaler(Learner learner) {
        return Objects.requireNonNull(learner.scaler);
    }

    @Test
    void aLossOfPartsIsNotWeightedByTokens() {
        try (var learner = new Learner(
                new CountingModel(true),
                new Accumulation(2, Normalization.TOKENS),
                Learner.STOP,
                Precision.FP32,
                Processes.alone())) {
            assertThatThrownBy(() -> learner.learn(few(), false))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("run.accum_normalization is tokens, which is for losses that are means over tokens;"
                            + " this model's has the parts [loss_a, loss_b]; set run.accum_normalization=mean");
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsTrainedIsStoredInFp32WhateverItComputesIn(Precision amp) {
        try (var learner = Learner.with(Learner.STOP, amp);
                var scope = new PointerScope()) {
            learner.learn(few(), true);
            learner.model
                    .namedParameters()
                    .forEach((name, parameter) ->
                            assertThat(Tensors.dtype(parameter)).as(name).isEqualTo(ScalarType.Float));
        }
        try (var model = new CountingModel()) {
            model.to(ScalarType.BFloat16);
            assertThatThrownBy(
                            () -> new Learner(model, Accumulation.NONE, Learner.STOP, amp, Processes.alone()).close())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("parameter first.weight is trained and stored in BFloat16")
                    .hasMessageContaining("store it in fp32");
        }
    }

    @Test
    void afterABrokenUpdateParametersStayWhatTheyWereBefore() {
        try (var learner = Learner.with(Learner.STOP, Precision.FP32)) {
            learner.learn(few(), true);
            var before = learner.parameters();
            assertThat(learner.read().batchesPastLimit()).isZero();

            learner.learn(broken(), true);
            learner.learn(many(), true);
            learner.learn(few(), true);
            assertSame(learner.parameters(), before);
            var reading = learner.read();
            assertThat(reading.leftOut()).as("broken updates").isEqualTo(1);
            assertThat(reading.batchesPastLimit())
                    .as("updates from the broken one on")
                    .isEqualTo(3);
        }
    }

    @Test
    void aSkippedUpdateIsCountedAndTheNextIsTaken() {
        try (var learner = Learner.with(Learner.skip(2), Precision.FP32);
                var other = Learner.with(Learner.skip(2), Precision.FP32)) {
            learner.learn(few(), true);
            learner.learn(broken(), true);
            learner.learn(broken(), true);
            learner.learn(many(), true);
            learner.learn(broken(), true);
            other.learn(few(), true);
            other.learn(many(), true);
            assertSame(learner.parameters(), other.parameters());
            var reading = learner.read();
            assertThat(reading.leftOut()).isEqualTo(3);
            assertThat(reading.batchesPastLimit()).isZero();
            assertThat(learner.read().leftOut()).as("since then").isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void anInfiniteLossIsLeftOutThoughItsGradientsAreFinite(Precision amp) {
        var two = new Accumulation(2, Normalization.MEAN);
        try (var learner = new Learner(new CountingModel(), two, Learner.skip(2), amp, Processes.alone())) {
            var before = learner.parameters();
            learner.learn(Learner.batch(4, CountingModel.INFINITE, "3"), false);
            learner.learn(few(), true);
            assertSame(learner.parameters(), before);
            assertThat(learner.read().leftOut()).isEqualTo(1);
        }
    }

    @Test
    void gradientsAreClippedAfterTheirNormIsMeasured() {
        double bound = 1e-9; // where AdamW's epsilon counts
        try (var learner = Learner.clipped(bound);
                var other = Learner.with(Learner.STOP, Precision.FP32);
                var scope = new PointerScope()) {
            learner.learn(few(), true);
            other.learn(few(), true);
            assertThat(learner.read().gradNorm()).isEqualTo(other.read().gradNorm());
            Map<?, ?> states = Checkpoints.get(learner.optimizer.stateDict(), Map.class, "state");
            var moments = states.values().stream()
                    .map(state -> Checkpoints.get(state, Tensor.class, "exp_avg"))
                    .toList();
            assertThat(GradNorm.of(moments, Devices.cpu()).item_double())
                    .as("of a tenth of the gradients")
                    .isCloseTo(bound / 10, withinPercentage(0.1));
        }
    }

    @Test
    void anotherStepGoesOnFromWhatWasNotReadYet() {
        try (var learner = Learner.with(Learner.skip(2), Precision.FP32);
                var other = Learner.with(Learner.skip(2), Precision.FP32)) {
            learner.learn(few(), true);
            for (int i = 0; i < 2; i++) {
                learner.learn(broken(), true);
            }
            var unread = learner.step.unread();
            other.step.goOnFrom(unread);
            assertThat(other.step.unread()).isEqualTo(unread);
            var reading = other.read();
            assertThat(reading.gradNorm()).as("of the last one").isNaN();
            assertThat(reading.skipped()).isEqualTo(2);
            assertThat(reading.leftOut()).isEqualTo(2);
            other.learn(broken(), true);
            assertThat(other.read().batchesPastLimit()).as("the third in a row").isEqualTo(1);
        }
    }

    @Test
    void tooManySkippedUpdatesInARowAreTheEnd() {
        try (var learner = Learner.with(Learner.skip(1), Precision.FP32)) {
            learner.learn(broken(), true);
            learner.learn(broken(), true);
            learner.learn(many(), true);
            assertThat(learner.read().batchesPastLimit()).isEqualTo(2);
        }
    }

    @Test
    void aStepThatTheScalerSkipsIsNotBroken() {
        try (var learner = Learner.with(Learner.STOP, Precision.FP16)) {
            var scaler = scaler(learner);
            scaler.loadStateDict(Map.of("scale", 1e38, "_growth_tracker", 0L));
            var before = learner.parameters();
            learner.learn(few(), true);
            assertSame(learner.parameters(), before);
            assertThat(scaler.stateDict())
                    .hasEntrySatisfying(
                            "scale", scale -> assertThat((double) scale).isCloseTo(0.5e38, within(1e32)));
            var reading = learner.read();
            assertThat(reading.leftOut()).isZero();
            assertThat(reading.skipped()).isEqualTo(1);
            assertThat(learner.read().skipped()).as("since then").isZero();
        }
    }

    @Test
    void aScalerThatCannotGoLowerEndsTheRun() {
        try (var learner = Learner.with(Learner.STOP, Precision.FP16)) {
            int halvings = 17; // from 65536 to below 1
            for (int i = 0; i < halvings; i++) {
                learner.learn(broken(), true);
            }
            assertThat(learner.read().leftOut()).isZero();
            learner.learn(broken(), true);
            assertThat(learner.read().batchesPastLimit()).isEqualTo(1);
        }
    }
}
