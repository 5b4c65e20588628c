package io.lavis4j.doctor;

import io.lavis4j.checkpoint.CheckpointException;
import io.lavis4j.checkpoint.Checkpoints;
import io.lavis4j.io.Listing;
import io.lavis4j.runner.JobConfig;
import io.lavis4j.zoo.ModelZoo;
import io.lavis4j.zoo.WeightFiles;
import io.lavis4j.zoo.WeightSource;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.jspecify.annotations.Nullable;

/**
 * Weights: those of a job, which must be there, or all that are published.
 *
 * @param files where they are looked for
 * @param job {@code null} for all that are published
 * @param readable whether libtorch is there to open them
 */
record WeightsCheck(WeightFiles files, @Nullable JobConfig job, boolean readable) {

    private static final int SHOWN = 5;

    List<Finding> findings() {
        return job == null ? published() : ofJob(job);
    }

    private List<Finding> ofJob(JobConfig job) {
        var findings = new ArrayList<Finding>();
        var sources = job.model().sources();
        boolean withCheckpoint = sources.stream().anyMatch(WeightSource::isCheckpoint);
        for (var source : sources) {
            boolean optional = withCheckpoint && source.lookup() == WeightSource.Lookup.MODEL_UNLESS_CHECKPOINT;
            try {
                findings.add(opened(source, find(source)));
            } catch (UncheckedIOException | IllegalArgumentException e) {
                var lines = String.valueOf(e.getMessage()).lines().toList();
                String value = lines.get(0).replace("; looked at:", ""), advice = lines.get(lines.size() - 1);
                findings.add(
                        optional
                                ? Finding.note(source.part(), value, "the checkpoint must have all of it, or " + advice)
                                : Finding.fault(source.part(), value, lines.size() == 1 ? "" : advice));
            }
        }
        return findings;
    }

    private Path find(WeightSource<?> source) {
        return switch (source.lookup()) {
            case FILE -> files.file(source.reference());
            case TOKENIZER -> files.tokenizer(source.reference());
            case MODEL, MODEL_UNLESS_CHECKPOINT -> files.model(source.reference());
        };
    }

    private Optional<Path> findIfThere(WeightSource<?> source) {
        try {
            return Optional.of(find(source));
        } catch (UncheckedIOException e) {
            return Optional.empty(); // not on this machine
        }
    }

    /** Reads the names and places of tensors, no weight. */
    private Finding opened(WeightSource<?> source, Path path) {
        if (readable && source.hasWeights()) {
            try (var scope = new PointerScope()) {
                int tensors = Checkpoints.stateDict(path).size();
                return Finding.ok(source.part(), "%s, %d tensors".formatted(path, tensors));
            } catch (CheckpointException e) {
                return Finding.fault(
                        source.part(),
                        String.valueOf(e.getMessage()),
                        "fetch it again, and compare its size with the original's");
            }
        }
        return Finding.ok(source.part(), path.toString());
    }

    private List<Finding> published() {
        var findings = new ArrayList<Finding>();
        var found = new ArrayList<String>();
        var all = all();
        all.forEach((reference, source) -> findIfThere(source).ifPresent(path -> {
            found.add("%s (%s)".formatted(reference, path));
            var opened = opened(source, path);
            if (opened.isFault()) {
                findings.add(Finding.fault("weights", opened.value(), opened.advice()));
            }
        }));
        String value = "%d of %d published files are found".formatted(found.size(), all.size());
        findings.add(
                0,
                found.isEmpty()
                        ? Finding.note(
                                "weights",
                                value,
                                "fetch them (download model ARCH TYPE), or put them into a folder that LAVIS_WEIGHTS names; small models need none")
                        : Finding.ok("weights", value + ": " + Listing.of(found, SHOWN)));
        return findings;
    }

    /** By reference; each one once. */
    private static Map<String, WeightSource<?>> all() {
        var all = new LinkedHashMap<String, WeightSource<?>>();
        for (var architecture : new ModelZoo()) {
            for (String type : architecture.published()) {
                architecture.type(type).sources().forEach(source -> all.putIfAbsent(source.reference(), source));
            }
        }
        return all;
    }
}
