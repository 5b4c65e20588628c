package io.lavis4j.doctor;

import io.lavis4j.io.FileNames;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Settings that matter: environment variables, and properties of JavaCPP.
 *
 * @param variables of the environment
 * @param properties of Java
 * @param cores of this machine
 */
record SettingsCheck(Map<String, String> variables, Map<String, String> properties, int cores) {

    private static final String OURS = "LAVIS_";
    private static final List<String> FOLDERS = List.of("LAVIS_DATA_ROOT", "LAVIS_WEIGHTS");
    private static final Pattern SHOWN = Pattern.compile("MALLOC_.*|PYTORCH_.*|CUDA_.*|LAVIS4J_.*|LD_PRELOAD");
    private static final List<String> ALLOCATOR = List.of("PYTORCH_CUDA_ALLOC_CONF", "PYTORCH_ALLOC_CONF");
    private static final Pattern ALLOCATOR_SETTINGS = Pattern.compile("\\w+:[^,]+(,\\w+:[^,]+)*");
    private static final Pattern THREADS = Pattern.compile(" *[1-9]\\d{0,4} *(, *[1-9]\\d{0,4} *)*");
    private static final String JAVACPP = "org.bytedeco.javacpp.";

    static SettingsCheck ofThisProcess() {
        var properties = new TreeMap<String, String>();
        System.getProperties().stringPropertyNames().forEach(name -> properties.put(name, System.getProperty(name)));
        return new SettingsCheck(
                new TreeMap<>(System.getenv()), properties, Runtime.getRuntime().availableProcessors());
    }

    List<Finding> findings() {
        var findings = new ArrayList<Finding>();
        variables.forEach((name, value) -> {
            if (name.equals("OMP_NUM_THREADS") || name.equals("OPENBLAS_NUM_THREADS")) {
                findings.add(threads(name, value));
            } else if (name.equals("OMP_WAIT_POLICY")) {
                findings.add(waiting(name, value));
            } else if (ALLOCATOR.contains(name)) {
                findings.add(allocator(name, value));
            } else if (name.startsWith(OURS)) {
                findings.addAll(ours(name, value));
            } else if (SHOWN.matcher(name).matches()) {
                findings.add(Finding.ok(name, value));
            }
        });
        properties.forEach((name, value) -> {
            if (name.startsWith(JAVACPP) && !value.isEmpty()) {
                findings.add(Finding.ok(name, value));
            } else if (name.equals("lavis4j.weights")) {
                findings.addAll(folders(name, value));
            }
        });
        return findings;
    }

    /** Whether libtorch's CUDA build would end the process, with a message of its own, as soon as it is loaded. */
    boolean endsLibtorch() {
        return findings().stream().anyMatch(finding -> finding.isFault() && ALLOCATOR.contains(finding.what()));
    }

    private Finding threads(String name, String value) {
        if (!THREADS.matcher(value).matches()) {
            return Finding.note(
                    name,
                    "\"%s\" is not a number of threads, and ignored".formatted(value),
                    "set it to 1 to %d, the cores of this machine, or not at all".formatted(cores));
        }
        int threads = Integer.parseInt(value.split(",", -1)[0].strip());
        return threads <= cores
                ? Finding.ok(name, value)
                : Finding.note(
                        name,
                        "%d threads on %d cores wait for each other".formatted(threads, cores),
                        "set it to at most %d, or not at all".formatted(cores));
    }

    private static Finding waiting(String name, String value) {
        return value.strip().matches("(?i)active|passive")
                ? Finding.ok(name, value)
                : Finding.note(
                        name,
                        "\"%s\" is ignored".formatted(value),
                        "set passive where other programs compute too, active where none does");
    }

    private static Finding allocator(String name, String value) {
        return ALLOCATOR_SETTINGS.matcher(value.strip()).matches()
                ? Finding.ok(name, value)
                : Finding.fault(
                        name,
                        "\"%s\" is refused by libtorch's allocator".formatted(value),
                        "expected settings such as expandable_segments:True, separated by commas");
    }

    private static List<Finding> ours(String name, String value) {
        return FOLDERS.contains(name)
                ? folders(name, value)
                : List.of(Finding.note(name, "\"%s\" is read by nobody".formatted(value), "known are " + FOLDERS));
    }

    private static List<Finding> folders(String name, String value) {
        var findings = new ArrayList<Finding>();
        for (String folder : Arrays.stream(value.split(File.pathSeparator, -1))
                .filter(part -> !part.isBlank())
                .toList()) {
            findings.add(
                    isFolder(folder)
                            ? Finding.ok(name, folder)
                            : Finding.fault(name, folder + " is not a folder", "correct it, or make the folder"));
        }
        return findings;
    }

    private static boolean isFolder(String name) {
        try {
            return Files.isDirectory(FileNames.setting(name));
        } catch (InvalidPathException e) {
            return false;
        }
    }
}
