package example;

import io.lavis4j.tensor.Libtorch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;

/** Looks which libraries the class path brings, and loads libtorch. */
public final class Natives {

    private static final String CPU = "org/bytedeco/pytorch/linux-x86_64/libtorch_cpu.so";
    private static final String GPU = "org/bytedeco/pytorch/linux-x86_64-gpu/libtorch_cuda.so";
    private static final List<String> CUDA =
            List.of("org/bytedeco/cuda/presets/cudart.class", "org/bytedeco/cuda/linux-x86_64/libjnicudart.so");

    private Natives() {}

    public static void main(String[] arguments) {
        boolean gpu = arguments[0].equals("gpu");
        check("libtorch's CPU build", has(CPU), true);
        check("libtorch's CUDA build", has(GPU), gpu);
        if (gpu) {
            CUDA.forEach(file -> check(file, has(file), true));
        }
        for (String library : List.of("javacpp", "openblas", "pytorch")) {
            check("one version of " + library + " in " + versions(library), versions(library).size() == 1, true);
        }
        load(gpu);
    }

    /** With the CUDA build, on a machine without CUDA, an error that says so; never parts of two builds. */
    private static void load(boolean gpu) {
        try {
            Libtorch.load();
            System.out.println("libtorch is loaded; matrix products on CPU: " + Libtorch.blas());
        } catch (IllegalStateException e) {
            boolean clear = e.getMessage().matches("libtorch cannot be loaded: .*lib(cudart|cupti)\\.so.*");
            check("an error that names what is missing of CUDA: " + e.getMessage(), gpu && clear, true);
            System.out.println("the CUDA build is found, but not CUDA: " + e.getMessage());
        }
    }

    private static boolean has(String file) {
        return Natives.class.getClassLoader().getResource(file) != null;
    }

    private static Set<String> versions(String library) {
        var versions = new TreeSet<String>();
        try {
            var files = Natives.class
                    .getClassLoader()
                    .getResources("META-INF/maven/org.bytedeco/%s/pom.properties".formatted(library));
            for (var file : Collections.list(files)) {
                try (var stream = file.openStream()) {
                    var properties = new Properties();
                    properties.load(stream);
                    versions.add(properties.getProperty("version"));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the class path cannot be read", e);
        }
        return versions;
    }

    private static void check(String what, boolean found, boolean expected) {
        if (found != expected) {
            throw new IllegalStateException("%s: expected %s, got %s".formatted(what, expected, found));
        }
    }
}
