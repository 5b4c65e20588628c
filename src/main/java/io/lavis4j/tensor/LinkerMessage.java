package io.lavis4j.tensor;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Explains why the dynamic linker refuses a library. libtorch's CUDA build cannot be loaded without each library of
 * CUDA's that it names, cuDNN, NCCL, cuFile and CUPTI among them, whether it is ever called or not.
 */
final class LinkerMessage {

    private static final Pattern NOT_FOUND = Pattern.compile("(lib[\\w.+-]+?\\.so[\\d.]*): cannot open shared object");
    private static final Pattern DAMAGED = Pattern.compile("(/\\S+?\\.so[\\d.]*): (file too short|invalid ELF header)");
    private static final Pattern NOWHERE = Pattern.compile(
            "(?:Could not find|no) (?:c10|\\w*torch\\w*) in (?:class, module, and library paths|java\\.library\\.path)");
    private static final String DRIVER = "libcuda.so";

    /** Packages of Python, by the beginning of a library's name; longer beginnings come first. */
    private static final Map<String, String> PACKAGES = packages();

    private LinkerMessage() {}

    private static Map<String, String> packages() {
        var packages = new LinkedHashMap<String, String>();
        packages.put("libcudart", "nvidia-cuda-runtime");
        packages.put("libcudnn", "nvidia-cudnn-cu13");
        packages.put("libcublas", "nvidia-cublas");
        packages.put("libcufft", "nvidia-cufft");
        packages.put("libcufile", "nvidia-cufile");
        packages.put("libcupti", "nvidia-cuda-cupti");
        packages.put("libcurand", "nvidia-curand");
        packages.put("libcusolver", "nvidia-cusolver"); // and cusolverMg
        packages.put("libcusparseLt", "nvidia-cusparselt-cu13");
        packages.put("libcusparse", "nvidia-cusparse");
        packages.put("libnccl", "nvidia-nccl-cu13");
        packages.put("libnvJitLink", "nvidia-nvjitlink");
        packages.put("libnvrtc", "nvidia-cuda-nvrtc");
        packages.put("libnvshmem", "nvidia-nvshmem-cu13");
        return packages;
    }

    /** A message with what to do: a library that is not there with what brings it, a damaged one with its place. */
    static String explained(String message) {
        var damaged = DAMAGED.matcher(message);
        if (damaged.find()) {
            return "%s is damaged (%s): remove it, so that it is taken out of its jar again"
                    .formatted(damaged.group(1), damaged.group(2));
        }
        if (NOWHERE.matcher(message).find()) {
            return "%s: the jar with its natives (org.bytedeco:pytorch, classifier linux-x86_64 or linux-x86_64-gpu) is not on the class path"
                    .formatted(message.replaceFirst("\\.$", ""));
        }
        var found = NOT_FOUND.matcher(message);
        return found.find() ? missing(found.group(1)) : message;
    }

    private static String missing(String library) {
        if (library.startsWith(DRIVER)) {
            return "%s is not on this machine: it comes with NVIDIA's driver".formatted(library);
        }
        return PACKAGES.entrySet().stream()
                .filter(entry -> library.startsWith(entry.getKey()))
                .findFirst()
                .map(entry ->
                        ("%s is not on the library path: pip's torch brings it (package %s), as do NVIDIA's packages for this"
                                        + " system, and the profile cuda-redist what the libtorch of the jars needs")
                                .formatted(library, entry.getValue()))
                .orElse("%s is not on the library path: install the system's package that has it".formatted(library));
    }
}
