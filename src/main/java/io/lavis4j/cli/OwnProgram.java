package io.lavis4j.cli;

import java.io.File;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** This program as a command that starts it again: the same virtual machine, its options and its class path. */
final class OwnProgram {

    private OwnProgram() {}

    /** Up to the arguments. */
    static List<String> commandLine() {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> !option.startsWith("-agentlib:jdwp")) // its port is taken
                .forEach(command::add);
        String classPath = classPath();
        if (classPath.endsWith(".jar") && !classPath.contains(File.pathSeparator)) {
            command.addAll(List.of("-jar", classPath));
        } else {
            command.addAll(List.of("-cp", classPath, Main.class.getName()));
        }
        return command;
    }

    /** Maven runs this program by a class loader of its own. */
    private static String classPath() {
        return Main.class.getClassLoader() instanceof URLClassLoader loader
                ? Stream.of(loader.getURLs()).map(OwnProgram::path).collect(Collectors.joining(File.pathSeparator))
                : System.getProperty("java.class.path");
    }

    private static String path(URL url) {
        try {
            return Path.of(url.toURI()).toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException("expected the class path to be of files, got " + url, e);
        }
    }
}
