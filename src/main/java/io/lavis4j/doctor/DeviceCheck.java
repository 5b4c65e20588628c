package io.lavis4j.doctor;

import io.lavis4j.tensor.Cuda;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Driver and GPUs.
 *
 * @param device that must be usable
 * @param cuda {@code null} if libtorch cannot be loaded
 */
record DeviceCheck(String device, @Nullable Cuda cuda) {

    List<Finding> findings() {
        if (cuda == null) {
            return List.of();
        }
        var findings = new ArrayList<Finding>();
        findings.add(driver(cuda));
        cuda.gpus().forEach(gpu -> findings.add(gpu(cuda, gpu)));
        int asked = index(device);
        var problem = cuda.problem(asked);
        boolean shown = asked < cuda.gpus().size();
        if (problem != null && !shown) {
            findings.add(problem("gpu", problem, device.startsWith("cuda")));
        }
        return findings;
    }

    /** The N of {@code cuda:N}; 0 for other devices. */
    static int index(String device) {
        return device.startsWith("cuda:") ? Integer.parseInt(device.substring("cuda:".length())) : 0;
    }

    private static Finding driver(Cuda cuda) {
        var answers = cuda.answers();
        boolean known = answers != null && answers.driver() > 0;
        String release = cuda.driver() != null ? cuda.driver() : known ? "of a release that is not told" : "none";
        return Finding.ok(
                "driver",
                answers == null || !known
                        ? release
                        : "%s, for CUDA up to %s; runtime %s"
                                .formatted(release, Cuda.version(answers.driver()), Cuda.version(answers.runtime())));
    }

    private Finding gpu(Cuda cuda, Cuda.Gpu gpu) {
        String what = "cuda:" + gpu.index();
        var problem = cuda.problem(gpu.index());
        return problem == null
                ? Finding.ok(
                        what,
                        "%s, %d MiB, compute capability %d.%d"
                                .formatted(gpu.name(), gpu.memory() >> 20, gpu.major(), gpu.minor()))
                : problem(what, problem, device.startsWith("cuda") && index(device) == gpu.index());
    }

    private static Finding problem(String what, Cuda.Problem problem, boolean fault) {
        return fault
                ? Finding.fault(what, problem.found(), problem.advice())
                : Finding.note(what, problem.found(), problem.advice());
    }
}
