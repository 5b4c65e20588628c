package io.lavis4j.cli;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** {@code doctor} in a process of its own, on this machine as it is, or made wrong. */
final class DoctorProcess {

    private final List<String> java = new ArrayList<>(List.of("-Xmx1g", "-XX:TieredStopAtLevel=1"));
    private final Map<String, String> variables = new LinkedHashMap<>();
    private String classPath = System.getProperty("java.class.path");

    /**
     * What the process left.
     *
     * @param status of its exit
     * @param lines of its standard output
     */
    record Result(int status, List<String> lines) {

        /** The lines that are not ok, but for what the machine of the tests may lack anyway. */
        List<String> wrong() {
            return lines.stream()
                    .filter(line -> !line.startsWith("ok "))
                    .filter(line ->
                            !line.matches("note   gpu: this libtorch .*|note   weights: 0 of .*|note .* MiB free — .*"))
                    .toList();
        }
    }

    /** Sets a variable of the environment. */
    void variable(String name, String value) {
        variables.put(name, value);
    }

    /** Adds an option of Java. */
    void option(String option) {
        java.add(option);
    }

    /** Takes entries out of the class path, and out of that of the packaged jar. */
    void withoutJars(String pattern) {
        classPath = Arrays.stream(classPath.split(File.pathSeparator, -1))
                .map(entry -> entry.endsWith("lavis4j.jar")
                        ? Path.of("target", "classes").toString()
                        : entry)
                .filter(entry -> !entry.matches(pattern))
                .collect(Collectors.joining(File.pathSeparator));
    }

    Result doctor(List<String> arguments) throws IOException, InterruptedException {
        var command = new ArrayList<String>();
        command.add(ProcessHandle.current().info().command().orElse("java"));
        command.addAll(java);
        command.addAll(List.of("-cp", classPath, Main.class.getName(), "doctor"));
        command.addAll(arguments);
        var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().keySet().removeIf(name -> name.matches("LAVIS.*|OMP_NUM.*|OPENBLAS.*|PYTORCH.*"));
        builder.environment().putAll(variables);
        var process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(process.waitFor(), out.lines().toList());
    }

    Result doctor(String... arguments) throws IOException, InterruptedException {
        return doctor(Arrays.asList(arguments));
    }
}
