package io.lavis4j.estimate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The formulas beside the resident memory of processes on a CPU, see {@link ActivationsProbe}. */
class ActivationsIT {

    private static final double TOLERANCE = 0.06;

    @ParameterizedTest
    @ValueSource(strings = {"eva", "clip", "opt", "llama", "t5", "qformer"})
    void aPartTakesWhatItsFormulaSays(String part) throws IOException, InterruptedException {
        var builder = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1", // the optimizing compiler takes and returns several MiB
                        "-cp",
                        System.getProperty("java.class.path"),
                        ActivationsProbe.class.getName(),
                        part)
                .redirectErrorStream(true);
        builder.environment().put("OMP_WAIT_POLICY", "passive");
        builder.environment().put("MALLOC_MMAP_THRESHOLD_", "262144"); // freed blocks go back to the system
        builder.environment().put("MALLOC_TRIM_THRESHOLD_", "262144");
        var process = builder.start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();

        var found = new HashMap<String, Double>();
        output.lines().filter(line -> line.matches("[a-z.]+=[\\d.E-]+")).forEach(line -> {
            var sides = List.of(line.split("="));
            found.put(sides.get(0), Double.valueOf(sides.get(1)));
        });
        for (String what : List.of("kept", "passing")) {
            double measured = Objects.requireNonNull(found.get(what), output);
            double formula = Objects.requireNonNull(found.get(what + ".formula"));
            assertThat(formula / measured)
                    .as("%s by the formula %.1f MiB, measured %.1f MiB", what, formula, measured)
                    .isCloseTo(1, within(TOLERANCE));
        }
    }
}
