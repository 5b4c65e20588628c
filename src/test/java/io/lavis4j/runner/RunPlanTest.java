package io.lavis4j.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.runner.RunPlan.Position;
import io.lavis4j.runner.RunPlan.Unit;
import org.junit.jupiter.api.Test;

class RunPlanTest {

    /** 3 epochs of 8 batches, 3 batches an update. */
    private static final RunPlan EPOCHS = new RunPlan(Unit.EPOCH, 8, 24, 8, 3);

    /** 20 iterations, 6 to a segment, over data of 8 batches. */
    private static final RunPlan ITERATIONS = new RunPlan(Unit.ITERS, 6, 20, 8, 2);

    @Test
    void aSegmentsLastUpdateTakesWhatIsLeft() {
        assertThat(EPOCHS.isUpdate(new Position(0, 2))).isFalse();
        assertThat(EPOCHS.isUpdate(new Position(0, 3))).isTrue();
        assertThat(EPOCHS.isUpdate(new Position(0, 8))).isTrue();
        assertThat(EPOCHS.updates(new Position(0, 8))).isEqualTo(3);
        assertThat(EPOCHS.ofUpdate(8 + 3)).isEqualTo(3);
        assertThat(EPOCHS.ofUpdate(8 + 6)).isEqualTo(2);
        assertThat(EPOCHS.updates(new Position(2, 6))).isEqualTo(8);
    }

    @Test
    void epochsAreNumberedFromZeroAndIterationsByTheirEnd() {
        assertThat(EPOCHS.segments()).isEqualTo(3);
        assertThat(EPOCHS.number(2)).isEqualTo(2);
        assertThat(EPOCHS.label(2)).isEqualTo("2");
        assertThat(ITERATIONS.segments()).isEqualTo(4);
        assertThat(ITERATIONS.number(1)).isEqualTo(12);
        assertThat(ITERATIONS.number(3)).as("max_iters, which LAVIS oversteps").isEqualTo(20);
        assertThat(ITERATIONS.label(1)).isEqualTo("1_iters=12");
        assertThat(ITERATIONS.batches(3)).isEqualTo(2);
    }

    @Test
    void insideAnEpochLavisWouldBeginItAnew() {
        assertThat(EPOCHS.saved(new Position(0, 6))).isEqualTo(-1);
        assertThat(EPOCHS.saved(new Position(1, 8))).isEqualTo(1);
        assertThat(EPOCHS.after(1)).isEqualTo(new Position(2, 0));
        assertThat(ITERATIONS.saved(new Position(1, 4))).isEqualTo(10);
        assertThat(ITERATIONS.after(12)).isEqualTo(new Position(2, 0));
        assertThat(ITERATIONS.after(10)).isEqualTo(new Position(1, 4));
    }

    @Test
    void theEndIsThatOfTheLastSegment() {
        assertThat(EPOCHS.isEnd(new Position(2, 8))).isTrue();
        assertThat(EPOCHS.isEnd(new Position(2, 7))).isFalse();
        assertThat(ITERATIONS.isComplete(new Position(3, 2))).isTrue();
        assertThat(ITERATIONS.isEnd(new Position(3, 2))).isTrue();
        assertThat(ITERATIONS.iterationsAt(20)).isEqualTo(20);
        assertThat(EPOCHS.iterationsAt(1)).isEqualTo(16);
    }
}
