package io.lavis4j.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.dataset.Batch;
import io.lavis4j.distributed.Processes;
import io.lavis4j.golden.LibtorchFirst;
import io.lavis4j.tensor.Precision;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Updates while backward goes on are those after it, and are left out and counted as those. */
@ExtendWith(LibtorchFirst.class)
class TrainStepInBackwardTest {

    private static Batch good() {
        return Learner.batch(0, "1", "2");
    }

    private static Batch broken() {
        return Learner.batch(4, CountingModel.SQRT, "3");
    }

    private static Batch infinite() {
        return Learner.batch(4, CountingModel.INFINITE, "3");
    }

    private static void assertSame(Map<String, float[]> actual, Map<String, float[]> expected) {
        assertThat(actual).containsOnlyKeys(expected.keySet());
        expected.forEach((name, values) -> assertThat(actual.get(name)).as(name).containsExactly(values));
    }

    private static void assertSameSteps(OnNonFinite onNonFinite, List<Supplier<Batch>> batches) {
        try (var learner = Learner.inBackward(onNonFinite, Processes.alone());
                var other = Learner.with(onNonFinite, Precision.FP32)) {
            for (var batch : batches) {
                learner.learn(batch.get(), true);
                other.learn(batch.get(), true);
                assertSame(learner.parameters(), other.parameters());
                assertThat(learner.step.unread()).isEqualTo(other.step.unread());
            }
            TrainStep.Reading ours = learner.read(), theirs = other.read();
            assertThat(ours.skipped()).isEqualTo(theirs.skipped());
            assertThat(ours.leftOut()).isEqualTo(theirs.leftOut());
            assertThat(ours.batchesPastLimit()).isEqualTo(theirs.batchesPastLimit());
        }
    }

    @Test
    void whatIsNotFiniteIsLeftOutAndTheNextUpdateIsTaken() {
        assertSameSteps(
                Learner.skip(2),
                List.of(
                        TrainStepInBackwardTest::good,
                        TrainStepInBackwardTest::broken,
                        TrainStepInBackwardTest::infinite,
                        TrainStepInBackwardTest::good,
                        TrainStepInBackwardTest::broken));
    }

    @Test
    void pastTheLimitNothingIsUpdated() {
        assertSameSteps(
                Learner.STOP,
                List.of(
                        TrainStepInBackwardTest::good,
                        TrainStepInBackwardTest::infinite,
                        TrainStepInBackwardTest::good,
                        TrainStepInBackwardTest::good));
    }

    @Test
    void severalProcessesAreRefused() {
        assertThatThrownBy(() -> Learner.inBackward(Learner.STOP, new TrainStepTest.Other(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("got 2 processes; set run.optimizer_in_backward=False");
    }
}
