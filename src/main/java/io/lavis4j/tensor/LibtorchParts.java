package io.lavis4j.tensor;

import java.net.URL;
import java.util.ArrayList;
import org.bytedeco.javacpp.ClassProperties;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shared libraries of libtorch, all of one build.
 *
 * <p>JavaCPP looks for each library on its own, first in the CUDA build's jar (or in {@code java.library.path}, where
 * {@code org.bytedeco.javacpp.pathsFirst} is set), and where one cannot be loaded it takes the CPU build's, or goes on
 * without. A machine that lacks a library of CUDA's would compute with parts of two builds, or on the CPU without a
 * word. Here the first that is found must load.
 */
final class LibtorchParts {
    private static final Logger LOG = LoggerFactory.getLogger(LibtorchParts.class);
    private static final String CPU = "torch_cpu";
    private static final String CUDA = "torch_cuda";

    private LibtorchParts() {}

    /**
     * Loads libtorch with the bindings.
     *
     * @throws IllegalStateException if a part cannot be loaded; says which, why, and what to do
     */
    static void load() {
        try {
            Loader.load(openblas.class);
            var properties = Loader.loadProperties(torch.class, Loader.loadProperties(), false);
            var cpu = first(properties, CPU);
            var cuda = first(properties, CUDA);
            if (cuda != null) {
                checkSameFolder(cuda, cpu);
                loadWhatThereIsOfCuda(properties);
                load(cuda, CUDA);
            }
            if (cpu != null) {
                load(cpu, CPU);
            }
            Loader.load(torch.class);
        } catch (UnsatisfiedLinkError e) {
            Throwable reason = e.getCause() == null ? e : e.getCause();
            throw new IllegalStateException(
                    "libtorch cannot be loaded: %s. %s".formatted(LinkerMessage.explained(String.valueOf(reason.getMessage())), whatToDo()),
                    e);
        }
    }

    /** The place that JavaCPP prefers for a library; {@code null} if there is none. */
    private static @Nullable URL first(ClassProperties properties, String library) {
        URL[] places = Loader.findLibrary(torch.class, properties, library);
        return places.length == 0 ? null : places[0];
    }

    private static void checkSameFolder(URL cuda, @Nullable URL cpu) {
        if (cpu == null || !folder(cuda).equals(folder(cpu))) {
            throw new UnsatisfiedLinkError(
                    "expected lib%s.so and lib%s.so of one build, got %s and %s".formatted(CPU, CUDA, cpu, cuda));
        }
    }

    private static String folder(URL file) {
        return file.toString().substring(0, file.toString().lastIndexOf('/'));
    }

    private static void load(URL place, String library) {
        Loader.loadLibrary(torch.class, new URL[] {place}, library);
    }

    /**
     * Libraries of CUDA from its jars, which the linker would not find; those that are nowhere are missed by libtorch.
     */
    private static void loadWhatThereIsOfCuda(ClassProperties properties) {
        var loaded = new ArrayList<String>();
        for (String library : properties.get("platform.preload")) {
            if (library.equals(CUDA)) {
                return;
            }
            try {
                URL[] places = Loader.findLibrary(torch.class, properties, library);
                loaded.add(Loader.loadLibrary(torch.class, places, library, loaded.toArray(String[]::new)));
            } catch (UnsatisfiedLinkError e) {
                LOG.debug("{} is in no jar: if it is needed, the linker looks for it", library, e);
            }
        }
    }

    private static String whatToDo() {
        if (Boolean.getBoolean("org.bytedeco.javacpp.pathsFirst")) {
            return ("It was looked for in java.library.path (%s) first: a libtorch there must have the version of the bindings,"
                            + " and the libraries that came with it; lavis4j --libtorch checks that.")
                    .formatted(System.getProperty("java.library.path"));
        }
        return "The CUDA build (profile cuda, or org.bytedeco:pytorch with the classifier linux-x86_64-gpu) needs CUDA 13.3 and"
                + " cuDNN 9.25 on the library path, or as jars (profile cuda-redist); the CPU build needs neither.";
    }
}
