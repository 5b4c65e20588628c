package io.lavis4j.doctor;

import io.lavis4j.doctor.Finding.Level;
import io.lavis4j.estimate.FeatureMemory;
import io.lavis4j.estimate.MemoryEstimate;
import io.lavis4j.runner.JobConfig;
import io.lavis4j.tensor.Cuda;
import io.lavis4j.zoo.WeightFiles;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a job needs beside its weights and its output folder: data, a checkpoint to go on with, memory.
 *
 * @param device that it is to run on
 * @param cuda {@code null} if libtorch cannot be loaded
 */
record JobCheck(
        JobConfig job,
        String device,
        WeightFiles files,
        @Nullable Cuda cuda) {

    List<Finding> findings() {
        var findings = new ArrayList<Finding>();
        findings.add(dataRoot());
        String resumed = job.run().resumeCkptPath();
        if (resumed != null) {
            findings.add(
                    Files.isRegularFile(Path.of(resumed))
                            ? Finding.ok("resumed run", resumed)
                            : Finding.fault(
                                    "resumed run",
                                    resumed + " is not there",
                                    "expected a checkpoint of a run, as RUN/checkpoint_2.pth"));
        }
        if (cuda != null) {
            var memory = memory(cuda);
            findings.add(memory);
            var features = memory.level() == Level.OK ? FeatureMemory.of(job, onGpu(cuda), files) : null;
            if (features != null) {
                findings.add(features(features));
            }
        }
        return findings;
    }

    private Finding dataRoot() {
        var root = job.source().dataRoot();
        if (root == null) {
            return Finding.note(
                    "data", "data_root is not set", "unless all paths are absolute, set --options data_root=DIR");
        }
        return Files.isDirectory(root)
                ? Finding.ok("data", root.toString())
                : Finding.fault("data", root + " is not a folder", "set --options data_root=DIR or LAVIS_DATA_ROOT");
    }

    private boolean onGpu(Cuda cuda) {
        boolean usable = cuda.problem(DeviceCheck.index(device)) == null;
        return device.startsWith("cuda") || (device.equals("auto") && usable);
    }

    /** How many images there are is known once the run has opened its data, and it looks then for room for them. */
    private static Finding features(FeatureMemory features) {
        long ofImage = features.bytes(1);
        return Finding.ok(
                "vision features",
                "%d bytes of memory for each image, %d images in all %d MiB of the machine"
                        .formatted(ofImage, MachineCheck.memory() / ofImage, MachineCheck.memory() >> 20));
    }

    private Finding memory(Cuda cuda) {
        int index = DeviceCheck.index(device);
        boolean usable = cuda.problem(index) == null, gpu = onGpu(cuda);
        long needed;
        try {
            needed = MemoryEstimate.of(job, gpu, files).needed();
        } catch (IllegalArgumentException e) {
            return Finding.note(
                    "memory", String.valueOf(e.getMessage()), "put the model's config.json where weights are found");
        } catch (UncheckedIOException e) {
            return Finding.fault("memory", String.valueOf(e.getMessage()), "fetch that file again");
        }
        if (gpu && !usable) {
            return Finding.ok("memory", "%d MiB needed on a GPU".formatted(needed >> 20));
        }
        long there = gpu ? cuda.gpus().get(index).memory() : MachineCheck.memory();
        String value = "%d MiB needed, %d MiB on the %s".formatted(needed >> 20, there >> 20, gpu ? "GPU" : "machine");
        return needed <= there
                ? Finding.ok("memory", value)
                : Finding.fault(
                        "memory", value, "estimate shows its parts, and with --gpu-memory settings that make it fit");
    }
}
