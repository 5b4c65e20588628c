package io.lavis4j.runner;

import io.lavis4j.golden.LibtorchFirst;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A run that is interrupted and goes on in its directory leaves the files of one that was not, bit for bit. */
@ExtendWith(LibtorchFirst.class)
class ExactResumeIT {

    @TempDir
    private Path outputs = Path.of("");

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 7, 8, 9, 15, 16})
    void anyStepCanBeTheLastBeforeAStop(int steps) {
        var runs = MiniRuns.in(outputs);
        var whole = runs.train();
        var stopped = runs.stopped(MiniRuns::training, steps);
        MiniRuns.assertSame(runs.resume(stopped.path()), whole);
    }
}
