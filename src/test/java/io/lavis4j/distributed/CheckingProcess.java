package io.lavis4j.distributed;

import io.lavis4j.model.blip2.JoinedBatchChecks;
import io.lavis4j.optim.ShardChecks;
import io.lavis4j.runner.GoldenTrainingChecks;
import io.lavis4j.runner.RunChecks;
import io.lavis4j.tensor.Libtorch;
import io.lavis4j.tensor.RandomState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;

/** A process that joins as its environment says and runs every {@link Check}. */
final class CheckingProcess {

    static final String PASSED = "passed: ";

    private CheckingProcess() {}

    /** The checks of so many processes; runs are those of two. */
    static Map<String, Check> checks(int world) {
        var checks = new LinkedHashMap<String, Check>();
        GradientChecks.addTo(checks);
        ShardChecks.addTo(checks);
        JoinedBatchChecks.addTo(checks);
        GoldenTrainingChecks.addTo(checks, world);
        if (world == 2) {
            RunChecks.addTo(checks);
        }
        return checks;
    }

    /** @param arguments a folder, and names of checks; none for all */
    public static void main(String[] arguments) throws Exception {
        Libtorch.load();
        Libtorch.threads(1);
        var names = List.of(arguments).subList(1, arguments.length);
        try (var processes = Processes.join(GroupConfig.defaults(), "cpu", System::getenv, CheckingProcess::end)) {
            for (var check : checks(processes.world()).entrySet()) {
                if (!names.isEmpty() && !names.contains(check.getKey())) {
                    continue;
                }
                RandomState.seed(processes.rank());
                var folder = Path.of(arguments[0], check.getKey().replace(' ', '_'));
                Files.createDirectories(folder);
                long start = System.nanoTime();
                try (var scope = new PointerScope()) {
                    check.getValue().run(processes, folder);
                } catch (Exception | Error e) {
                    processes.fail(check.getKey());
                    throw e;
                }
                System.err.println(check.getKey() + " " + (System.nanoTime() - start) / 1_000_000 + " ms");
                System.out.println(PASSED + check.getKey());
            }
        }
    }

    private static void end(String reason) {
        System.err.println("lost: " + reason);
        System.err.flush();
        Runtime.getRuntime().halt(3);
    }
}
