package io.lavis4j.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.dataset.BatchLoader;
import io.lavis4j.distributed.Processes;
import io.lavis4j.golden.LibtorchFirst;
import io.lavis4j.runner.RunPlan.Position;
import io.lavis4j.runner.TrainLoop.Figures;
import io.lavis4j.tensor.Precision;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LibtorchFirst.class)
class RunCheckpointTest {

    @TempDir
    private Path folder = Path.of("");

    private static <T> T made(Class<T> type, InvocationHandler calls) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, calls));
    }

    /** Whether the file was there each time the process waited for the others, and in the end. */
    private List<Boolean> written(Path file, boolean first) {
        var there = new ArrayList<Boolean>();
        var loader = made(BatchLoader.class, (proxy, method, arguments) -> List.of());
        var processes = made(Processes.class, (proxy, method, arguments) -> switch (method.getName()) {
            case "isFirst" -> first;
            case "barrier" -> {
                there.add(Files.exists(file));
                yield null;
            }
            default -> method.invoke(Processes.alone(), arguments);
        });
        try (var learner = Learner.with(Learner.STOP, Precision.FP32)) {
            var data = new RunData(loader, Map.of());
            var plan = new RunPlan(RunPlan.Unit.EPOCH, 2, 2, 2, 1);
            var state = new RunState(new Position(0, 1), Figures.NONE, RunState.Best.NONE);
            new RunCheckpoint(learner.model, learner.optimizer, null, data, processes)
                    .write(file, state, plan, Map.of(), Map.of());
        }
        there.add(Files.exists(file));
        return there;
    }

    /** One that ended before would have launch end the one that writes. */
    @Test
    void noProcessGoesOnBeforeTheFileIsThere() {
        assertThat(written(folder.resolve("first"), true)).containsExactly(true, true);
        assertThat(written(folder.resolve("other"), false)).containsExactly(false, false);
    }
}
