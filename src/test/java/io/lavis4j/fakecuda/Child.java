package io.lavis4j.fakecuda;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A main class in a process of its own, with the class path and the fake runtime of this one. */
final class Child {

    private Child() {}

    /**
     * What a process left.
     *
     * @param status of its exit
     * @param output both streams
     */
    record Ended(int status, String output) {}

    static Ended run(Class<?> main) throws IOException, InterruptedException {
        return run(Map.of(), main);
    }

    /** Runs with further variables of the environment. */
    static Ended run(Map<String, String> environment, Class<?> main, String... arguments)
            throws IOException, InterruptedException {
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var command = new ArrayList<>(List.of(
                java,
                "-Dfake.cuda.dir=" + FakeCuda.directory(),
                "-XX:-CreateCoredumpOnCrash",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("LD_LIBRARY_PATH", FakeCuda.directory().toString());
        builder.environment().putAll(environment);
        var process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(process.waitFor(), output);
    }
}
