package io.lavis4j.tensor;

import java.net.URL;
import java.util.ArrayList;
import org.bytedeco.javacpp.ClassProperties;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.pytorch.global.torch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shared libraries of libtorch, all of one build.
 *
 * <p>JavaCPP looks for each library on its own: in the jar of the CUDA build, then in that of the CPU build, and before
 * both in {@code java.library.path} if {@code org.bytedeco.javacpp.pathsFirst} is set. Where one cannot be loaded it
 * takes the next. So a machine that lacks a library of CUDA's would compute with parts of two builds, which abort the
 * process as soon as both halves of one are there. Here each part is the first that is found, or none.
 */
final class LibtorchParts {
    private static final Logger LOG = LoggerFactory.getLogger(LibtorchParts.class);
    private static final String CORE = "c10"; // which all others need
    private static final String CPU = "torch_cpu";
    private static final String CUDA = "torch_cuda";
    private static final String OPENMP = "gomp"; // which libtorch_cpu.so needs beside it
    static final String PATHS_FIRST = "org.bytedeco.javacpp.pathsFirst";
    private static final String EXTENSION = "org.bytedeco.javacpp.platform.extension";

    private LibtorchParts() {}

    /**
     * Loads libtorch with the bindings. The part for CUDA may be missing, where CUDA is.
     *
     * @throws UnsatisfiedLinkError if the others cannot be loaded
     */
    static void load() {
        seekNoCudaWithoutItsBuild();
        Loader.load(openblas.class);
        var properties = Loader.loadProperties(torch.class, Loader.loadProperties(), false);
        URL[] cpu = first(properties, CPU);
        URL[] cuda = first(properties, CUDA);
        if (cuda.length > 0 && (cpu.length == 0 || !folder(cuda[0]).equals(folder(cpu[0])))) {
            throw new UnsatisfiedLinkError("expected libtorch_cpu.so and libtorch_cuda.so of one build, got %s and %s"
                    .formatted(cpu.length == 0 ? "none" : cpu[0], cuda[0]));
        }
        // loading takes a library out of its jar: on the first run it is not yet beside those that need it
        Loader.loadLibrary(torch.class, first(properties, CORE), CORE);
        preload(properties, cuda.length > 0);
        Loader.loadLibrary(torch.class, cpu, CPU);
        Loader.load(torch.class);
    }

    /**
     * The bindings' class looks for thirty libraries of CUDA's when it is initialised, in every jar of the class path,
     * which took 0.4 of the 0.9 seconds until libtorch was there. Without an extension of the platform JavaCPP knows of
     * no builds for CUDA. So this is where a jar with such a build cannot be missed: there is none, no folder goes
     * before the jars, and the user has set no extension.
     */
    private static void seekNoCudaWithoutItsBuild() {
        var build = "/org/bytedeco/pytorch/%s-gpu/%s".formatted(Loader.getPlatform(), System.mapLibraryName(CUDA));
        if (System.getProperty(EXTENSION) == null
                && System.getProperties().stringPropertyNames().stream().noneMatch(PATHS_FIRST::equalsIgnoreCase)
                && torch.class.getResource(build) == null) {
            System.setProperty(EXTENSION, "");
            Loader.loadProperties(true);
        }
    }

    /** The place that JavaCPP prefers for a library, alone; empty if there is none. */
    private static URL[] first(ClassProperties properties, String library) {
        URL[] places = Loader.findLibrary(torch.class, properties, library);
        return places.length == 0 ? places : new URL[] {places[0]};
    }

    private static String folder(URL file) {
        return file.toString().substring(0, file.toString().lastIndexOf('/'));
    }

    /**
     * OpenMP, and CUDA's libraries out of their jars, where the linker does not look, and then libtorch's part for it.
     * To look for each of these takes JavaCPP some 10 ms, so it is done where there is such a part alone.
     */
    private static void preload(ClassProperties properties, boolean forCuda) {
        var loaded = new ArrayList<String>();
        for (String library : properties.get("platform.preload")) {
            if (!forCuda && !library.startsWith(OPENMP)) {
                continue;
            }
            try {
                loaded.add(Loader.loadLibrary(
                        torch.class, first(properties, library), library, loaded.toArray(String[]::new)));
            } catch (UnsatisfiedLinkError e) {
                LOG.debug("{} is left to the linker", library, e);
            }
        }
    }
}
