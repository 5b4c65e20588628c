package io.lavis4j.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.dataset.Share;
import io.lavis4j.distributed.Processes;
import io.lavis4j.runner.LossMeter.Amount;
import io.lavis4j.runner.LossMeter.Halves;
import io.lavis4j.runner.RunPlan.Position;
import io.lavis4j.runner.RunPlan.Unit;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SavedRunTest {

    private static final RunPlan PLAN = new RunPlan(Unit.EPOCH, 8, 24, 8, 1);

    private static SavedRun saved(@Nullable Map<String, Object> ours) {
        return new SavedRun(Path.of("checkpoint_1.pth"), Unit.EPOCH, 1, Map.of(), ours);
    }

    private static Map<String, Object> tree(RunState state) {
        var ours = new LinkedHashMap<String, Object>();
        SavedRun.tree(state, PLAN, Map.of())
                .forEach((name, value) ->
                        ours.put(name, value instanceof Integer whole ? (Object) whole.longValue() : value));
        ours.put(
                SavedRun.PROCESSES,
                SavedRun.ofProcesses(Processes.alone(), state.figures().losses(), List.of(), List.of()));
        return ours;
    }

    private static RunState state(TrainStep.Unread unread) {
        var losses = new LossMeter.Sums(
                6,
                1,
                new Halves(new Amount(12, 5), new Amount(3, 1)),
                Map.of("loss_itc", new Halves(new Amount(1, 5), new Amount(2, 1))));
        return new RunState(
                new Position(2, 7), new TrainLoop.Figures(losses, 0.5, unread), new RunState.Best(1.5, 0, 1));
    }

    @Test
    void aStateComesBackAsItWasSaved() {
        var state = state(new TrainStep.Unread(7, 3, 2, 1));
        assertThat(saved(tree(state)).state(PLAN, Share.WHOLE)).isEqualTo(state);
    }

    @Test
    void aCheckpointThatDoesNotSayWhatWasUnreadGoesOn() {
        var ours = tree(state(new TrainStep.Unread(7, 3, 2, 1)));
        ours.remove("unread_updates");
        assertThat(saved(ours).state(PLAN, Share.WHOLE)).isEqualTo(state(TrainStep.Unread.NONE));
    }

    @Test
    void whatIsDoneIsSaidInTheUnitOfWhoSavedIt() {
        assertThat(saved(null).done()).isEqualTo("epoch 1");
        assertThat(saved(tree(state(TrainStep.Unread.NONE))).done()).isEqualTo("23 iterations");
    }
}
