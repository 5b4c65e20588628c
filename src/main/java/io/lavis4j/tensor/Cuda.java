package io.lavis4j.tensor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * CUDA as this machine and this libtorch have it, and why a GPU cannot be used.
 *
 * @param libtorch the build
 * @param missing why libtorch's CUDA library is not in this process; {@code null} if it is, and of the CPU build
 * @param answers of CUDA's runtime; {@code null} without it
 * @param driver release of NVIDIA's driver, as 580.65.06; {@code null} if none is loaded, or in a system that hides it
 */
public record Cuda(
        Build libtorch,
        @Nullable String missing,
        @Nullable Answers answers,
        @Nullable String driver) {

    private static final Path DRIVER = Path.of("/proc/driver/nvidia/version");
    private static final Pattern RELEASE = Pattern.compile("\\b(\\d{3}\\.\\d+(?:\\.\\d+)?)\\b");
    private static final int NO_DEVICE = 100;
    private static final int INSUFFICIENT_DRIVER = 35;
    private static final String ON_CPU = "or set run.device=cpu";

    /**
     * A build of libtorch.
     *
     * @param version as 2.13.0
     * @param cuda version that it was made for, as 13.3; empty for the CPU build
     * @param code what its kernels are compiled for: {@code sm_80}, or {@code compute_90} for the driver to translate
     */
    public record Build(String version, String cuda, List<String> code) {

        private static final Pattern VERSION = Pattern.compile("\\bTORCH_VERSION=([^,\\s]+)");
        private static final Pattern CUDA = Pattern.compile("\\bCUDA_VERSION=([\\d.]+)");
        private static final Pattern CODE = Pattern.compile("code=((?:sm|compute)_\\d+)");

        public Build {
            code = List.copyOf(code);
        }

        /** Out of what libtorch says about itself. */
        public static Build of(String configuration) {
            var code = CODE.matcher(configuration)
                    .results()
                    .map(found -> found.group(1))
                    .distinct()
                    .toList();
            return new Build(first(VERSION, configuration), first(CUDA, configuration), code);
        }

        private static String first(Pattern pattern, String text) {
            var found = pattern.matcher(text);
            return found.find() ? found.group(1) : "";
        }

        /** Whether there is CUDA in it. */
        public boolean hasCuda() {
            return !cuda.isEmpty();
        }

        /** Compiled code runs on later capabilities of the same major version, code to translate on all later ones. */
        boolean runsOn(Gpu gpu) {
            return code.isEmpty()
                    || code.stream().anyMatch(each -> {
                        int capability = Integer.parseInt(each.substring(each.indexOf('_') + 1));
                        boolean compiled = each.startsWith("sm_");
                        return capability <= gpu.capability() && (!compiled || capability / 10 == gpu.major());
                    });
        }
    }

    /**
     * A reason why a GPU cannot be used.
     *
     * @param found as it is
     * @param advice on what to do
     */
    public record Problem(String found, String advice) {

        /** One line. */
        @Override
        public String toString() {
            return found + ": " + advice;
        }
    }

    /**
     * The answers of CUDA's runtime; versions are 1000 * major + 10 * minor.
     *
     * @param runtime its version
     * @param driver the newest CUDA that the driver knows; 0 without a driver
     * @param error of counting the GPUs; 0 for none
     * @param message the error in CUDA's words
     * @param gpus in the order of their indices
     */
    public record Answers(int runtime, int driver, int error, String message, List<Gpu> gpus) {
        public Answers {
            gpus = List.copyOf(gpus);
        }
    }

    /**
     * A GPU.
     *
     * @param index as in {@code cuda:N}
     * @param name as its maker calls it
     * @param memory in bytes
     * @param major of its compute capability
     * @param minor of its compute capability
     */
    public record Gpu(int index, String name, long memory, int major, int minor) {

        int capability() {
            return 10 * major + minor;
        }
    }

    /**
     * Asks libtorch, CUDA and the system.
     *
     * @throws IllegalStateException if libtorch cannot be loaded
     */
    public static Cuda found() {
        Libtorch.load();
        String missing = null;
        var answers = CudaRuntime.answers();
        if (answers == null) { // JavaCPP goes on without it
            var library = LoadedLibrary.libtorch().map(file -> file.resolveSibling("libtorch_cuda.so"));
            if (library.isPresent() && Files.exists(library.get())) {
                missing = refusal(library.get());
                answers = missing == null ? CudaRuntime.answers() : null;
            }
        }
        return new Cuda(Build.of(torch.show_config().getString()), missing, answers, driver(DRIVER));
    }

    /** Loads a library; why that is not possible, or {@code null} if it is. */
    private static @Nullable String refusal(Path library) {
        try {
            System.load(library.toString());
            return null;
        } catch (UnsatisfiedLinkError e) {
            return LinkerMessage.explained(String.valueOf(e.getMessage()));
        }
    }

    /** The release in what the driver says about itself. */
    static @Nullable String driver(Path file) {
        try {
            var release = RELEASE.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
            return release.find() ? release.group(1) : null;
        } catch (IOException e) {
            return null; // no driver, or another system
        }
    }

    /** The GPUs that CUDA sees, usable or not. */
    public List<Gpu> gpus() {
        return answers == null ? List.of() : answers.gpus();
    }

    /** Why no GPU can be used; {@code null} if CUDA sees one. */
    private @Nullable Problem problem() {
        if (!libtorch.hasCuda()) {
            return new Problem(
                    "this libtorch (%s) is a CPU build%s"
                            .formatted(
                                    libtorch.version(),
                                    driver == null ? "" : ", though there is NVIDIA's driver " + driver),
                    "start with pip's torch, or build with the profile cuda, " + ON_CPU);
        }
        if (answers == null) {
            return new Problem(
                    "libtorch %s for CUDA %s works without its CUDA library, which cannot be loaded"
                            .formatted(libtorch.version(), libtorch.cuda()),
                    "%s, %s".formatted(missing == null ? "take the whole of libtorch" : missing, ON_CPU));
        }
        if (answers.error() == INSUFFICIENT_DRIVER) {
            return answers.driver() == 0 ? noDriver(answers) : oldDriver(answers);
        }
        if (answers.error() == NO_DEVICE
                || (answers.error() == 0 && answers.gpus().isEmpty())) {
            return noDevice(answers);
        }
        return answers.error() == 0
                ? null
                : new Problem(
                        "CUDA does not start: error %d, \"%s\"%s"
                                .formatted(answers.error(), answers.message(), withDriver()),
                        "see whether nvidia-smi works, " + ON_CPU);
    }

    private Problem noDriver(Answers answers) {
        return new Problem(
                "no NVIDIA driver: CUDA says \"%s\"%s".formatted(answers.message(), withDriver()),
                "install driver %s or newer, in a container pass the GPU on (--gpus all), %s"
                        .formatted(needed(answers.runtime()), ON_CPU));
    }

    private Problem oldDriver(Answers answers) {
        return new Problem(
                "the NVIDIA driver%s is for CUDA up to %s and older than CUDA %s needs (\"%s\")"
                        .formatted(
                                driver == null ? "" : " " + driver,
                                version(answers.driver()),
                                version(answers.runtime()),
                                answers.message()),
                "install driver %s or newer, %s".formatted(needed(answers.runtime()), ON_CPU));
    }

    private Problem noDevice(Answers answers) {
        String visible = System.getenv("CUDA_VISIBLE_DEVICES");
        return new Problem(
                "no GPU: CUDA says \"%s\"%s%s"
                        .formatted(
                                answers.message().isEmpty() ? "0 devices" : answers.message(),
                                withDriver(),
                                visible == null ? "" : ", CUDA_VISIBLE_DEVICES is \"%s\"".formatted(visible)),
                "see whether nvidia-smi lists one%s, %s"
                        .formatted(
                                visible == null ? "" : ", and which ones CUDA_VISIBLE_DEVICES lets through", ON_CPU));
    }

    private String withDriver() {
        return driver == null ? " (/proc/driver/nvidia/version is not there)" : " (driver %s)".formatted(driver);
    }

    /** The first release of the driver for a major version of CUDA, with which all its minor versions work. */
    private static String needed(int runtime) {
        return switch (runtime / 1000) {
            case 12 -> "525";
            case 13 -> "580";
            default -> "for CUDA " + version(runtime);
        };
    }

    /** A version as people write it: 13.3 for 13030. */
    public static String version(int number) {
        return "%d.%d".formatted(number / 1000, number % 1000 / 10);
    }

    /** Why {@code cuda:index} cannot be used; {@code null} if it can. */
    public @Nullable Problem problem(int index) {
        var problem = problem();
        if (problem != null) {
            return problem;
        }
        int count = gpus().size();
        if (index >= count) {
            return count == 1
                    ? new Problem("there is one GPU", "take cuda:0")
                    : new Problem("there are %d GPUs".formatted(count), "take cuda:0 to cuda:" + (count - 1));
        }
        var gpu = gpus().get(index);
        return libtorch.runsOn(gpu)
                ? null
                : new Problem(
                        "%s has compute capability %d.%d, and libtorch %s has kernels for %s alone"
                                .formatted(
                                        gpu.name(),
                                        gpu.major(),
                                        gpu.minor(),
                                        libtorch.version(),
                                        String.join(", ", libtorch.code())),
                        "take a GPU that these fit, " + ON_CPU);
    }
}
